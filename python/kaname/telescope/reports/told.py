"""What analyses, registries and organisations said in a period, as a report passes it on.

A report is for others to read: addresses of the telescope are pseudonyms in it, as in all
that is handed out (`kaname.writers.shield`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from kaname.model.instant import format_us
from kaname.model.marking import Tlp, join
from kaname.model.records import Finding, Role
from kaname.model.sensors import Monitored
from kaname.telescope.board import ANALYSES, Campaign, board
from kaname.telescope.reports.period import Period
from kaname.writers.report.document import Query

if TYPE_CHECKING:
    from kaname.knowledge import Knowledge
    from kaname.knowledge.sensor_records import Gap
    from kaname.writers.shield import Shield

__all__ = ["CAMPAIGNS", "DOS", "REFLECTIONS", "Said", "gather", "survey_sources"]

CAMPAIGNS, DOS, REFLECTIONS, SOURCES = "campaigns", "dos", "reflections", "sources"
_ANALYSES = {
    CAMPAIGNS: ANALYSES,
    DOS: ("telescope.dos",),
    REFLECTIONS: ("telescope.reflection", "telescope.floods"),
    SOURCES: ("telescope.sources",),
}
_VICTIMS = frozenset({"backscatter_tcp", "backscatter_udp", "backscatter_icmp"})
_PAGE = 1000


@dataclass(slots=True)
class Said:
    """Findings by what they are about, the first seen first; counts of labels and alerts.

    ``labels`` are packets and sources by label as the findings of single days sum up to: a
    source that was there on two days counts twice.
    """

    findings: dict[str, list[Finding]] = field(default_factory=dict)
    campaigns: list[Campaign] = field(default_factory=list)
    labels: dict[str, tuple[int, int]] = field(default_factory=dict)
    alerts: dict[tuple[str, str], int] = field(default_factory=dict)  # (kind, state)
    organisations: int = 0
    monitored: dict[str, tuple[Monitored, ...]] = field(default_factory=dict)
    gaps: list[Gap] = field(default_factory=list)
    tlp: Tlp = Tlp.CLEAR
    queries: dict[str, Query] = field(default_factory=dict)


def gather(
    knowledge: Knowledge,
    period: Period,
    shield: Shield,
    sensor: str,
    clearance: Tlp,
    *,
    first: int,
    observed: int,
) -> Said:
    """Everything that was said of ``period``.

    ``first`` is the number of the first query, ``observed`` the instant up to which packets
    were seen: of what is later nobody can say whether a campaign has ended.
    """
    said = Said()
    marked = []
    for name, analyses in _ANALYSES.items():
        found = [
            shield.finding(one)
            for analysis in analyses
            for one in _findings(knowledge, period, analysis, sensor, clearance)
        ]
        found.sort(key=lambda one: (one.first_seen, one.id))
        marked += [one.tlp for one in found]
        said.findings[name] = found
        commands = "\n".join(_command(period, analysis, sensor) for analysis in analyses)
        said.queries[name] = Query(f"Q{first + len(said.queries)}", name, commands)
    wide = replace(period, start=period.before)
    known = (one for a in ANALYSES for one in _findings(knowledge, wide, a, sensor, clearance))
    said.campaigns = [
        one
        for one in board(map(shield.finding, known), min(observed, period.end))
        if one.last_seen >= period.start
    ]
    _take_labels(said)
    _take_registry(knowledge, period, sensor, clearance, said)
    _take_alerts(knowledge, period, clearance, said)
    said.tlp = join(marked) if marked else Tlp.CLEAR
    return said


def survey_sources(
    knowledge: Knowledge, period: Period, sensor: str, clearance: Tlp
) -> tuple[str, ...]:
    """Sources that findings of the period, and of the one before, call surveys."""
    found: set[str] = set()
    wide = replace(period, start=period.before)
    for one in _findings(knowledge, wide, "telescope.sources", sensor, clearance):
        if one.label == "survey":
            found.update(a.value for a in one.artifacts if a.role is not Role.TARGET)
    return tuple(sorted(found))


def _findings(
    knowledge: Knowledge, period: Period, analysis: str, sensor: str, clearance: Tlp
) -> Iterator[Finding]:
    from kaname.knowledge import FindingQuery

    return knowledge.every_finding(
        FindingQuery(
            since=period.start,
            until=period.end,
            analysis=analysis,
            sensor=sensor or None,
            clearance=clearance,
        )
    )


def _command(period: Period, analysis: str, sensor: str) -> str:
    since, until = (format_us(instant)[:19] + "Z" for instant in (period.start, period.end))
    own = f"  # sensor {sensor}" if sensor else ""
    return f"kaname findings --analysis {analysis} --since {since} --until {until} --json{own}"


def _take_labels(said: Said) -> None:
    packets: Counter[str] = Counter()
    sources: Counter[str] = Counter()
    for one in said.findings[SOURCES]:
        if one.label != "few_packets":
            packets[one.label] += _number(one.values.get("packets"))
            sources[one.label] += _number(one.values.get("n", 1))
    said.labels = {name: (packets[name], sources[name]) for name in sorted(packets)}
    singles = [one for one in said.findings[SOURCES] if one.label in _VICTIMS]
    said.findings[DOS] = said.findings[DOS] or [one for one in singles if "source" in one.values]


def _number(value: Any) -> int:
    return int(value) if isinstance(value, int | float) else 0


def _take_registry(
    knowledge: Knowledge, period: Period, sensor: str, clearance: Tlp, said: Said
) -> None:
    from kaname.knowledge.sensors import Sensors

    sensors = knowledge.part(Sensors)
    known = {one.name: one.prefixes for one in sensors.sensors(clearance=clearance)}
    names = [name for name in sorted(known) if sensor in ("", name)]
    said.monitored = {
        name: tuple(
            one
            for one in known[name]
            if one.since < period.end and (one.until is None or one.until > period.start)
        )
        for name in names
    }
    said.gaps = sorted(
        sensors.gaps(names, period.start, period.end), key=lambda one: (one.since, one.sensor)
    )


def _take_alerts(knowledge: Knowledge, period: Period, clearance: Tlp, said: Said) -> None:
    from kaname.knowledge.organisations import Organisations

    organisations = knowledge.part(Organisations)
    told: Counter[tuple[str, str]] = Counter()
    concerned: set[str] = set()
    cursor: str | None = None
    while True:
        page = organisations.alerts(limit=_PAGE, cursor=cursor, clearance=clearance)
        for one in page.items:
            if one.opened < period.end and one.last >= period.start:
                told[one.kind.value, one.state.value] += 1
                concerned.add(one.organisation)
        cursor = page.next_cursor
        if cursor is None:
            break
    said.alerts = dict(sorted(told.items()))
    said.organisations = len(concerned)
