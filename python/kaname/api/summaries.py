"""The first page's answer: what changed since the period before."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

from kaname.api import present
from kaname.api.changes import Observed, changes
from kaname.api.health import sensors
from kaname.api.shapes import Count, SummaryOut
from kaname.knowledge import FindingQuery, IndicatorQuery
from kaname.model.errors import UsageError
from kaname.model.instant import DAY, MINUTE, floor, now_us
from kaname.model.marking import Tlp
from kaname.model.records import Severity

if TYPE_CHECKING:
    from kaname.api.services import Services
    from kaname.knowledge import Knowledge

__all__ = ["period", "summarise"]

_TOP = 10


def period(
    newest: int | None, since: int | None, until: int | None, now: int
) -> tuple[int, int, bool]:
    """(since, until, whether that is the present).

    Without ``until`` the period ends at the present, or behind the newest observation
    when that is more than a day old; whole minutes, so that answers can be remembered.

    Raises:
        UsageError: it ends before it begins.
    """
    recent = newest is None or newest > now - DAY
    end = now if recent or newest is None else newest
    if until is None:
        until = floor(end, MINUTE) + MINUTE
    if since is None:
        since = until - DAY
    if since >= until:
        raise UsageError("api.error.period", since=since, until=until)
    return since, until, recent and until > now - DAY


def summarise(
    services: Services, clearance: Tlp, since: int | None, until: int | None
) -> SummaryOut:
    """The summary of [since, until), or of the newest day that has observations.

    Raises:
        UsageError: the period ends before it begins.
        LimitError: there is too much to count.
    """
    stock = services.inventory.of(services.lake, clearance)
    since, until, live = period(stock.newest, since, until, now_us())
    of = (since, until)
    known = services.knowledge
    seen = services.traffic.of(services.lake, services.knowledge, clearance, of)
    labels = _counts(known, "label", of, clearance)
    health = sensors(stock.sources, now_us())
    damaged = sum(
        source.damaged and source.last_us is not None and since <= source.last_us < until
        for source in stock.sources
    )
    observed = Observed(
        since, until, seen, labels, _severity_of(known, of, clearance), health, damaged
    )
    top = known.findings(
        FindingQuery(since=since, until=until, sort="-severity", limit=_TOP, clearance=clearance)
    )
    return SummaryOut(
        since=since,
        until=until,
        live=live,
        changes=changes(observed),
        severities=_counts(known, "severity", of, clearance),
        labels=labels,
        packets=Count("packets", seen.packets, seen.packets_before),
        hosts=Count("hosts", seen.hosts, seen.hosts_before),
        ports=seen.ports,
        series=seen.bars,
        findings=[present.finding_row(record) for record in top.items],
        indicators=_indicators(known, of, clearance),
        sensors=health,
    )


def _counts(
    known: Knowledge, by: Literal["label", "severity"], of: tuple[int, int], clearance: Tlp
) -> list[Count]:
    """Findings by last event, now and in the period before; the most frequent first."""
    since, until = of
    now = dict(known.count_findings(by, since=since, until=until, clearance=clearance))
    before = dict(
        known.count_findings(by, since=2 * since - until, until=since, clearance=clearance)
    )
    keys = sorted(now.keys() | before.keys(), key=lambda key: (-now.get(key, 0), key))
    return [Count(key, now.get(key, 0), before.get(key, 0)) for key in keys]


def _severity_of(
    known: Knowledge, of: tuple[int, int], clearance: Tlp
) -> Callable[[str], Severity]:
    """The highest severity among a label's findings of the period."""

    def severity(label: str) -> Severity:
        query = FindingQuery(
            since=of[0], until=of[1], label=label, sort="-severity", limit=1, clearance=clearance
        )
        page = known.findings(query)
        return page.items[0].severity if page.items else Severity.INFO

    return severity


def _indicators(known: Knowledge, of: tuple[int, int], clearance: Tlp) -> Count:
    """Indicators that were valid at the end of the period, and at its start."""

    def valid(at: int) -> int:
        return known.indicators(IndicatorQuery(active_at=at, limit=1, clearance=clearance)).total

    return Count("indicators", valid(of[1] - 1), valid(of[0] - 1))
