"""The life of an alert: what a verdict makes of it, and whether its organisation is told.

One alert for each organisation, host and kind. It is opened by the first packet, grows,
and is closed after a day of silence; then the next packet begins a new episode. A host
whose packets turn out to be of another kind keeps one alert: the old one is closed and
says what replaced it. Who acknowledged an episode is not written to about it again, and
what was rejected as a false positive is never spoken of until somebody says otherwise.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from kaname.knowledge.organisation_records import (
    Alert,
    AlertKind,
    AlertState,
    NoticeReason,
    Organisation,
    alert_id,
)
from kaname.model.instant import DAY, HOUR
from kaname.model.marking import Tlp, join
from kaname.telescope.organisations.registry import suppressed
from kaname.telescope.organisations.verdicts import ANSWERED, ASKED, Verdict

__all__ = ["DIGEST", "FRESH", "SILENCE", "Gain", "Seen", "Told", "advance", "closed", "grown"]

SILENCE = DAY  # after which an alert is closed
FRESH = DAY  # what is older when it is learnt of is shown, and not written about
DIGEST = 6 * HOUR  # between two notices of the same alert

_ALIVE = (AlertState.OPEN, AlertState.ACKNOWLEDGED)


@dataclass(frozen=True, slots=True)
class Gain:
    """Rows that came just now: packets, first and last instant."""

    packets: int
    first: int
    last: int


@dataclass(frozen=True)
class Seen:
    """What is known of one host: a verdict for each kind, and what came just now."""

    organisation: Organisation
    host: str
    sensor: str
    tlp: Tlp
    since: int  # the verdicts rest on rows from here on
    verdicts: Mapping[AlertKind, Verdict]
    gains: Mapping[AlertKind, Gain]
    queries: Mapping[AlertKind, str]
    samples: tuple[dict[str, Any], ...] = ()
    early: bool = False  # from packets whose rows are yet to come

    def id(self, kind: AlertKind) -> str:
        """The id of its alert of that kind."""
        return alert_id(self.organisation.id, self.host, kind)

    def ids(self) -> list[str]:
        """The ids of all alerts that there may be of it."""
        return [self.id(kind) for kind in AlertKind]


@dataclass
class Told:
    """An alert as it is now, and why its organisation is to be written to, if it is."""

    alert: Alert
    reason: NoticeReason | None = None
    growth: int = 0
    samples: Sequence[dict[str, Any]] = field(default=())


def advance(
    known: Mapping[str, Alert], seen: Iterable[Seen], now: int, *, fresh: int = FRESH
) -> list[Told]:
    """What becomes of the alerts of hosts that were seen; ``known`` are those there are."""
    found: list[Told] = []
    for host in seen:
        replaced = [] if host.early else list(_replaced(known, host, now))
        found += (Told(alert) for alert in replaced)
        gone = {alert.kind for alert in replaced}
        for kind, gain in sorted(host.gains.items()):
            if not _unwanted(host, kind) and not _known_early(known, host, kind):
                found.append(_one(known.get(host.id(kind)), host, kind, gain, gone, now, fresh))
    return found


def _unwanted(host: Seen, kind: AlertKind) -> bool:
    verdict = host.verdicts[kind]
    return suppressed(host.organisation, verdict.host, verdict.ports, kind, verdict.last)


def _known_early(known: Mapping[str, Alert], host: Seen, kind: AlertKind) -> bool:
    """Whether packets that just arrived say nothing that is not known: rows will count them."""
    before = known.get(host.id(kind))
    return host.early and before is not None and before.state is not AlertState.CLOSED


def _replaced(known: Mapping[str, Alert], host: Seen, now: int) -> Iterator[Alert]:
    """Alerts whose packets are all of another kind than was thought."""
    for kinds in (ASKED, ANSWERED):
        present = [kind for kind in kinds if kind in host.verdicts]
        if not present:
            continue
        for kind in set(kinds) - set(present):
            alert = known.get(host.id(kind))
            if alert is not None and alert.state in _ALIVE and alert.opened >= host.since:
                yield msgspec.structs.replace(
                    alert, state=AlertState.CLOSED, replaced_by=present[0], changed=now
                )


def _one(
    before: Alert | None,
    host: Seen,
    kind: AlertKind,
    gain: Gain,
    gone: set[AlertKind],
    now: int,
    fresh: int,
) -> Told:
    alert, begins = _grown(before, host, kind, gain, now)
    if alert.state is not AlertState.OPEN or not begins:
        return Told(alert)
    # One that was spoken of not long ago and comes back is no news.
    recent = alert.told_at is not None and now - alert.told_at < SILENCE
    late = now - gain.last > fresh
    alert = msgspec.structs.replace(alert, late=late)
    if recent:
        return Told(alert)
    changed = _turned(kind, gone)
    return Told(_spoken(alert, now), NoticeReason.CHANGE if changed else NoticeReason.FIRST)


def _turned(kind: AlertKind, gone: set[AlertKind]) -> bool:
    """Whether an alert of that kind takes the place of one that was closed just now."""
    return any(kind in kinds and gone & set(kinds) for kinds in (ASKED, ANSWERED))


def _spoken(alert: Alert, now: int) -> Alert:
    return msgspec.structs.replace(
        alert, told=alert.packets, told_at=now, notices=alert.notices + 1
    )


def _grown(
    before: Alert | None, host: Seen, kind: AlertKind, gain: Gain, now: int
) -> tuple[Alert, bool]:
    """The alert with what came just now, and whether an episode begins with it."""
    verdict = host.verdicts[kind]
    judged: dict[str, Any] = {
        "services": verdict.services,
        "label": verdict.label,
        "confidence": verdict.confidence,
        "reasons": verdict.reasons,
        "destinations": verdict.destinations,
        "query": host.queries[kind],
        "changed": now,
        "early": gain.packets if host.early else 0,
    }
    if host.samples:
        judged["samples"] = host.samples
    if before is None:
        return _new(host, kind, gain, now, judged), True
    judged["tlp"] = join((before.tlp, host.tlp, host.organisation.tlp))
    judged["last"] = max(before.last, gain.last)
    if before.state is not AlertState.CLOSED:
        judged["packets"] = before.packets - before.early + gain.packets
        judged["opened"] = min(before.opened, gain.first)
        judged["destinations"] = max(before.destinations, verdict.destinations)
        return msgspec.structs.replace(before, **judged), False
    reopened = msgspec.structs.replace(
        before, state=AlertState.OPEN, opened=gain.first, packets=gain.packets, noticed=now,
        episode=before.episode + 1, notices=0, told=0, by="", note="", replaced_by="", **judged,
    )  # fmt: skip
    return reopened, True


def _new(host: Seen, kind: AlertKind, gain: Gain, now: int, judged: dict[str, Any]) -> Alert:
    return Alert(
        id=host.id(kind),
        organisation=host.organisation.id,
        host=host.host,
        kind=kind,
        state=AlertState.OPEN,
        sensor=host.sensor,
        opened=gain.first,
        last=gain.last,
        noticed=now,
        packets=gain.packets,
        tlp=join((host.tlp, host.organisation.tlp)),
        **judged,
    )


def closed(known: Iterable[Alert], watermark: int, now: int) -> list[Alert]:
    """Those that have been silent for a day, by the clock of the packets or by ours."""
    return [
        msgspec.structs.replace(alert, state=AlertState.CLOSED, changed=now)
        for alert in known
        if alert.state in _ALIVE
        and (alert.last < watermark - SILENCE or now - max(alert.last, alert.changed) > SILENCE)
    ]


def grown(known: Iterable[Alert], now: int, every: int = DIGEST) -> list[Told]:
    """Open alerts that have grown since they were last spoken of, not long ago."""
    return [
        Told(_spoken(alert, now), NoticeReason.DIGEST, growth=alert.packets - alert.told)
        for alert in known
        if alert.state is AlertState.OPEN
        and not alert.late
        and alert.packets > alert.told
        and (alert.told_at is None or now - alert.told_at >= every)
    ]
