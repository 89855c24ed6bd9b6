"""Looking at what was committed to the lake, and keeping alerts of it, as it comes.

Only rows of the new sources are searched for registered hosts; only those hosts' rows of
the last hours are then judged. Alerts, notices and the list of sources that were looked
at are written together, so that a kill at any moment loses nothing and repeats nothing.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from kaname.knowledge.organisation_records import Alert, AlertKind, AlertState
from kaname.knowledge.organisations import Organisations, Revised
from kaname.model.instant import DAY, HOUR, MINUTE, SECOND, format_us
from kaname.model.marking import Tlp, join
from kaname.telescope.analyses.organisations import condition
from kaname.telescope.families import BY_NAME
from kaname.telescope.organisations import lifecycle
from kaname.telescope.organisations.lifecycle import Gain, Seen, Told
from kaname.telescope.organisations.notices import notices
from kaname.telescope.organisations.observing import (
    EXTERNAL,
    INTERNAL,
    Ints,
    Observed,
    nearby,
    observe,
    registered,
    size,
)
from kaname.telescope.organisations.registry import Period, Registry
from kaname.telescope.organisations.samples import samples
from kaname.telescope.organisations.snapshot import refresh
from kaname.telescope.organisations.verdicts import Verdict, verdicts

if TYPE_CHECKING:
    from kaname.knowledge import Knowledge
    from kaname.lake import Lake, Source

__all__ = ["OrganisationWatch", "Span", "seen_of"]

LOOKBACK = 6 * HOUR  # rows of a host that a verdict rests on
_STATE = "telescope.organisations.looked"
_SLACK = 10 * MINUTE  # sources that were begun before others may be committed after them
_PAGE = 200
_SIZE_S = 600.0  # the telescope's size is reckoned so often
_SAMPLED = 20  # new alerts of one look that get samples
_CLASSES = {AlertKind.INTERNAL: INTERNAL, AlertKind.EXTERNAL: EXTERNAL}


class _Looked(msgspec.Struct):
    """How far the lake was looked through, and for which registry."""

    version: int
    since: int  # microseconds; of the latest source that was looked at, when it was taken in
    seen: list[int]  # batches from shortly before then on


@dataclass(frozen=True, slots=True)
class Span:
    """Rows to look at: of one batch, or of all of them."""

    start: int
    end: int
    sensor: str
    tlp: Tlp
    batch: int | None = None


class OrganisationWatch:
    """Keeps alerts up to date with a lake; used by one thread at a time."""

    def __init__(
        self,
        lake: Lake,
        knowledge: Knowledge,
        data: Path,
        *,
        addresses: int = 0,
        fresh: int = lifecycle.FRESH,
        digest: int = lifecycle.DIGEST,
    ) -> None:
        self._lake = lake
        self._knowledge = knowledge
        self._part = knowledge.part(Organisations)
        self._data = data
        self._addresses = addresses
        self._fresh = fresh
        self._digest = digest
        self._registry: Registry | None = None
        self._generation = -1
        self._size = (0, -_SIZE_S)

    @property
    def registry(self) -> Registry:
        """The organisations as they are registered now."""
        version = self._part.version()
        if self._registry is None or self._registry.version != version:
            self._registry = refresh(self._knowledge, self._data)
            self._generation = -1
        return self._registry

    def look(self, now: int) -> list[Alert]:
        """Take in what the lake got since the last look; alerts that changed."""
        registry = self.registry
        generation = self._lake.generation
        if not registry or generation == self._generation:
            return []
        looked = self._looked()
        if looked is None or looked.version != registry.version:
            found = self._again(registry, now)
        else:
            found = [
                alert
                for source in self._new(looked)
                for alert in self._source(registry, looked, source, now)
            ]
        self._generation = generation
        return found

    def tend(self, now: int) -> list[Alert]:
        """Close what has been silent for a day, and tell of what has grown."""
        standing = self._part.standing()
        if not standing:
            return []
        watermark = min(now, self._newest() or now)
        organisations = self.registry.organisations

        def revision(known: Mapping[str, Alert]) -> Revised:
            gone = lifecycle.closed(known.values(), watermark, now)
            kept = set(known) - {alert.id for alert in gone}
            told = lifecycle.grown((known[key] for key in sorted(kept)), now, self._digest)
            changed = [*gone, *(one.alert for one in told)]
            return Revised(changed, notices(told, organisations, now))

        return self._part.revise([alert.id for alert in standing], revision)[0]

    # --- what is new ---

    def _looked(self) -> _Looked | None:
        found = self._part.progress(_STATE)
        return None if found is None else msgspec.convert(found, _Looked)

    def _new(self, looked: _Looked) -> list[Source]:
        """Sources that were not looked at, the first first."""
        edge, seen = looked.since - _SLACK, set(looked.seen)
        return [s for s in reversed(list(self._latest(edge))) if s.batch not in seen]

    def _latest(self, edge: int) -> Iterator[Source]:
        """Sources that were taken in from an instant on, the last first."""
        after: int | None = None
        while page := self._lake.sources(limit=_PAGE, after=after):
            for source in page:
                if source.ingested < edge:
                    return
                yield source
            after = page[-1].batch

    def _newest(self) -> int | None:
        status = next(t for t in self._lake.tables() if t.name == "flowtuples")
        return status.last_us

    def _again(self, registry: Registry, now: int) -> list[Alert]:
        """After a change of the registry: the last day, for hosts that have no alert yet."""
        newest = self._newest()
        latest = next(iter(self._lake.sources(limit=1)), None)
        since = latest.ingested if latest else 0
        batches = [source.batch for source in self._latest(since - _SLACK)]
        state = _Looked(registry.version, since, batches)
        if newest is None:
            return self._keep([], state, now, registry)
        spans = self._spans(newest - DAY, newest + 1)
        seen = [one for span in spans for one in self._hosts(registry, span)]
        known = {alert.id for alert in self._part.alerts_of(key for s in seen for key in s.ids())}
        fresh = [one for one in seen if not known & set(one.ids())]
        return self._keep(fresh, state, now, registry)

    def _spans(self, start: int, end: int) -> list[Span]:
        """The rows of a time, sensor by sensor."""
        files = self._lake.files("flowtuples", since=start, until=end)
        markings: dict[str, list[Tlp]] = {}
        for file in files:
            markings.setdefault(file.sensor, []).append(file.tlp)
        return [Span(start, end, name, join(tlps)) for name, tlps in sorted(markings.items())]

    def _source(self, registry: Registry, looked: _Looked, source: Source, now: int) -> list[Alert]:
        """Look at one source, a day at a time; the last step notes that it is done."""
        found: list[Alert] = []
        spans = list(_days(source))
        looked.since = max(looked.since, source.ingested)
        looked.seen = [*looked.seen, source.batch][-5 * _PAGE :]
        for number, span in enumerate(spans, 1):
            done = number == len(spans)
            seen = self._hosts(registry, span)
            if seen or done:
                found += self._keep(seen, looked if done else None, now, registry)
        if not spans:
            self._keep([], looked, now, registry)
        return found

    # --- judging ---

    def _hosts(self, registry: Registry, span: Span) -> list[Seen]:
        """Registered hosts in the rows of a span, with verdicts and what they sent."""
        period = registry.at(span.end - 1)
        if not period.organisations:
            return []
        hosts = self._registered(period, span)
        if not len(hosts):
            return []
        since = span.start - LOOKBACK
        with self._lake.expression(("flowtuples",), since=since, until=span.end) as tables:
            rows = tables["flowtuples"]
            addresses = self._addresses or self._reckoned(rows)
            with nearby(rows, hosts) as near:
                fresh = observe(_new_rows(near, span), period, hosts)
                judged = verdicts(rows, observe(near, period, hosts), addresses)
        return list(seen_of(judged, fresh, period, span, since))

    def _registered(self, period: Period, span: Span) -> Ints:
        with self._lake.expression(("flowtuples",), since=span.start, until=span.end) as tables:
            return registered(_new_rows(tables["flowtuples"], span), period)

    def _reckoned(self, rows: Any) -> int:
        found, at = self._size
        if time.monotonic() - at >= _SIZE_S:
            found = max(found, size(rows))
            self._size = (found, time.monotonic())
        return found

    # --- keeping ---

    def keep(self, seen: list[Seen], now: int) -> list[Alert]:
        """Keep what is known of hosts, and put the notices of it into the outbox."""
        return self._keep(seen, None, now, self.registry)

    def _keep(
        self, seen: list[Seen], state: _Looked | None, now: int, registry: Registry
    ) -> list[Alert]:
        def revision(known: Mapping[str, Alert]) -> Revised:
            told = lifecycle.advance(known, seen, now, fresh=self._fresh)
            told = self._sampled(told)
            put = notices(told, registry.organisations, now)
            kept = None if state is None else (_STATE, msgspec.to_builtins(state))
            return Revised([one.alert for one in told], put, kept)

        return self._part.revise([key for one in seen for key in one.ids()], revision)[0]

    def _sampled(self, told: list[Told]) -> list[Told]:
        """New alerts with the rows that show what their host sends."""
        room = _SAMPLED
        for one in told:
            if one.reason is not None and room and one.alert.state is AlertState.OPEN:
                room -= 1
                rows = one.alert.samples or samples(self._lake, one.alert)
                one.alert = msgspec.structs.replace(one.alert, samples=rows)
        return told


def _new_rows(rows: Any, span: Span) -> Any:
    own = rows.filter((rows.sensor == span.sensor) & (rows.ts >= _stamp(span.start)))
    return own if span.batch is None else own.filter(own.batch == span.batch)


def _stamp(instant: int) -> Any:
    import ibis

    return ibis.timestamp(format_us(instant).replace("Z", "+00:00"))


def _days(source: Source) -> Iterator[Span]:
    """The time of a source in pieces of a day, the first first."""
    if source.first_us is None or source.last_us is None or not source.rows:
        return
    start = source.first_us - source.first_us % MINUTE  # rows bear the start of their minute
    while start <= source.last_us:
        end = min(start + DAY, source.last_us + 1)
        yield Span(start, end, source.sensor, source.tlp, source.batch)
        start = end


def seen_of(
    judged: Iterable[Verdict], fresh: Observed, period: Period, span: Span, since: int
) -> Iterator[Seen]:
    """Hosts with their verdicts, and with what they sent in ``fresh`` rows."""
    by_host: dict[tuple[int, str], dict[AlertKind, Verdict]] = {}
    for verdict in judged:
        by_host.setdefault((verdict.place, str(verdict.host)), {})[verdict.kind] = verdict
    for (place, host), found in by_host.items():
        gains = {kind: gain for kind, v in found.items() if (gain := _gain(fresh, v)) is not None}
        yield Seen(
            organisation=period.organisations[place],
            host=host,
            sensor=span.sensor,
            tlp=span.tlp,
            since=since,
            verdicts=found,
            gains=gains,
            queries={kind: condition(v, since, span.end) for kind, v in found.items()},
        )


def _gain(fresh: Observed, verdict: Verdict) -> Gain | None:
    """What a host sent of one kind in rows that are new."""
    families = [BY_NAME[name] for name in verdict.families]
    own = (fresh["host_hi"] == verdict.host.hi) & (fresh["host_lo"] == verdict.host.lo)
    own &= np.isin(fresh["family"], families)
    if verdict.kind in _CLASSES:
        own &= fresh["kind"] == _CLASSES[verdict.kind]
    if not own.any():
        return None
    at = fresh["at"][own]
    return Gain(int(fresh["packets"][own].sum()), int(at.min()) * SECOND, int(at.max()) * SECOND)
