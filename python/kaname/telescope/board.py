"""The campaign board: what many findings of many days say of one campaign.

An analysis says each day what it saw. A campaign is what those findings have in common:
the same service with packets of one family, or a third of the same sources, with no more
than a day between. It is a fold over the findings in the order of their windows, never of
their arrival, so whoever has the same findings has the same campaigns, with the same ids.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import msgspec

from kaname.model.ids import stable_id
from kaname.model.instant import DAY
from kaname.model.messages import LANGUAGES
from kaname.model.records import ArtifactKind, Role

if TYPE_CHECKING:
    from kaname.model.records import Finding

__all__ = ["ANALYSES", "Campaign", "Member", "Moment", "Similar", "board", "similar"]

ANALYSES = ("telescope.campaigns", "telescope.growth")
"""The analyses whose findings a campaign is made of."""

APART = DAY  # between two findings of one campaign
SHARED = 0.3  # of the sources of the smaller that two have in common
GROWING = 1.25  # times the level of the day before
FRESH = DAY  # since it was first seen, in which a campaign is new
MEMBERS = 2000  # that a campaign names

State = Literal["new", "growing", "steady", "ended"]


class Moment(msgspec.Struct, frozen=True):
    """What one finding says, its title by language.

    ``level`` is active sources, ``course`` the same by hour.
    """

    finding: str
    analysis: str
    title: dict[str, str]
    window_start: int
    window_end: int
    level: float
    course: tuple[float, ...]


class Member(msgspec.Struct, frozen=True):
    """A source, with its share of the packets that the findings counted."""

    source: str
    share: float


class Similar(msgspec.Struct, frozen=True):
    """Another campaign that began earlier, and how alike it is (cosine, 0 to 1)."""

    id: str
    services: tuple[str, ...]
    first_seen: int
    likeness: float


class Campaign(msgspec.Struct, frozen=True):
    """One campaign. ``doubling`` is in hours, 0 where it does not grow.

    ``finding`` is the newest that has evidence to show; ``detectors`` are the analyses that
    saw it; ``sources`` counts distinct members that findings name.
    """

    id: str
    state: State
    services: tuple[str, ...]
    families: tuple[str, ...]
    sensors: tuple[str, ...]
    first_seen: int
    last_seen: int
    sources: int
    packets: int
    peak: float
    doubling: float
    detectors: tuple[str, ...]
    finding: str
    tlp: str
    moments: tuple[Moment, ...]
    members: tuple[Member, ...]
    features: tuple[float, ...]


@dataclass
class _Group:
    """Findings that are of one campaign, in the order of their windows."""

    findings: list[Finding] = field(default_factory=list)
    sources: set[str] = field(default_factory=set)
    keys: set[tuple[str, str, str]] = field(default_factory=set)
    last: int = 0


def board(findings: Iterable[Finding], now: int) -> list[Campaign]:
    """All campaigns in ``findings`` (of `ANALYSES`), those that act first, then by time.

    ``now`` is the end of what was observed (microseconds): a campaign of which nothing was
    said for a day before it has ended.
    """
    ordered = sorted(
        (f for f in findings if f.analysis in ANALYSES),
        key=lambda f: (f.window_start, f.analysis, f.id),
    )
    groups: list[_Group] = []
    for finding in ordered:
        _place(groups, finding)
    made = [_campaign(group, now) for group in groups]
    order = {"growing": 0, "new": 1, "steady": 2, "ended": 3}
    return sorted(made, key=lambda c: (order[c.state], -c.last_seen, c.id))


def _place(groups: list[_Group], finding: Finding) -> None:
    """Add ``finding`` to the campaign it is of, joining those that it links."""
    keys, sources = _keys(finding), _sources(finding)
    linked = [group for group in groups if _linked(group, finding, keys, sources)]
    if len(linked) > 1 and not finding.values.get("family"):
        # A service as a whole is told of the largest campaign on it, and joins none.
        linked = [max(linked, key=lambda group: len(group.sources))]
    home = linked[0] if linked else _Group()
    if not linked:
        groups.append(home)
    for other in linked[1:]:
        home.findings += other.findings
        home.sources |= other.sources
        home.keys |= other.keys
        home.last = max(home.last, other.last)
        groups.remove(other)
    home.findings.append(finding)
    home.sources |= sources
    home.keys |= keys
    home.last = max(home.last, finding.window_end)


def _keys(finding: Finding) -> set[tuple[str, str, str]]:
    """Sensor, service and family ("" where the analysis does not tell it)."""
    family = str(finding.values.get("family", ""))
    return {(finding.sensor, service, family) for service in _services(finding)}


def _services(finding: Finding) -> list[str]:
    return [a.value for a in finding.artifacts if a.kind == ArtifactKind.PORT]


def _sources(finding: Finding) -> set[str]:
    wanted = (ArtifactKind.IP, Role.ATTACKER)
    return {a.value for a in finding.artifacts if (a.kind, a.role) == wanted}


def _linked(
    group: _Group, finding: Finding, keys: set[tuple[str, str, str]], sources: set[str]
) -> bool:
    if finding.window_start - group.last > APART:
        return False
    if keys & group.keys or _of_one_service(group.keys, keys):
        return True
    least = min(len(sources), len(group.sources))
    return bool(least) and len(sources & group.sources) >= SHARED * least


def _of_one_service(known: set[tuple[str, str, str]], keys: set[tuple[str, str, str]]) -> bool:
    """Whether one side counts a service as a whole, of which the other tells no other family."""
    for sensor, service, family in keys:
        there = {kind for where, what, kind in known if (where, what) == (sensor, service)}
        if there and (not family or there == {""}):
            return True
    return False


def _campaign(group: _Group, now: int) -> Campaign:
    findings = sorted(group.findings, key=lambda f: (f.window_start, f.analysis, f.id))
    first, newest = findings[0], findings[-1]
    moments = tuple(_moment(finding) for finding in findings)
    first_seen = min(min(f.first_seen, int(f.values.get("since", f.first_seen))) for f in findings)
    last_seen = max(finding.last_seen for finding in findings)
    members = _members(findings)
    doubling = _doubling(findings)
    return Campaign(
        id=stable_id("scan-campaign", first.id),
        state=_state(moments, (first_seen, last_seen, now), doubling),
        services=tuple(sorted({s for f in findings for s in _services(f)})),
        families=tuple(sorted({f.values["family"] for f in findings if f.values.get("family")})),
        sensors=tuple(sorted({finding.sensor for finding in findings})),
        first_seen=first_seen,
        last_seen=last_seen,
        sources=len(group.sources),
        packets=max(sum(_packets(findings, name)) for name in ANALYSES),
        peak=max(float(f.values.get("peak", f.values.get("n", 0))) for f in findings),
        doubling=doubling,
        detectors=tuple(sorted({finding.analysis for finding in findings})),
        finding=_told_best(findings) or newest.id,
        tlp=max((f.tlp for f in findings), key=lambda tlp: tlp.rank).value,
        moments=moments,
        members=members,
        features=_features(findings, moments, len(group.sources)),
    )


def _packets(findings: list[Finding], analysis: str) -> list[int]:
    return [int(f.values.get("packets", 0)) for f in findings if f.analysis == analysis]


def _told_best(findings: list[Finding]) -> str:
    """The newest finding that names members; empty without any."""
    named = [finding.id for finding in findings if _sources(finding)]
    return named[-1] if named else ""


def _moment(finding: Finding) -> Moment:
    values = finding.values
    return Moment(
        finding=finding.id,
        analysis=finding.analysis,
        title={language: finding.title(language) for language in LANGUAGES},
        window_start=finding.window_start,
        window_end=finding.window_end,
        level=float(values.get("level", values.get("n", 0))),
        course=tuple(float(value) for value in values.get("course", ())),
    )


def _doubling(findings: list[Finding]) -> float:
    """As the newest findings of a day say; what names members knows best."""
    newest = findings[-1].window_start
    told = [f for f in findings if f.window_start == newest and f.values.get("doubling")]
    best = sorted(told, key=lambda f: f.analysis != "telescope.campaigns")
    return float(best[0].values["doubling"]) if best else 0.0


def _state(moments: tuple[Moment, ...], times: tuple[int, int, int], doubling: float) -> State:
    first, last, now = times
    if now - last > APART:
        return "ended"
    if doubling and now - first > FRESH:
        return "growing"
    if now - first <= FRESH:
        return "new"
    growth = [m for m in moments if m.analysis == "telescope.growth"]
    if len(growth) > 1 and growth[-1].level > GROWING * growth[-2].level:
        return "growing"
    return "steady"


def _members(findings: list[Finding]) -> tuple[Member, ...]:
    """Members by their share of the packets of the findings that name them."""
    weight: Counter[str] = Counter()
    for finding in findings:
        named = [a.value for a in finding.artifacts if a.kind == ArtifactKind.IP]
        shares = finding.values.get("shares") or [1 / max(1, len(named))] * len(named)
        packets = max(1, int(finding.values.get("packets", 1)))
        for source, share in zip(named, shares, strict=False):
            weight[source] += int(packets * float(share) * 1_000_000)
    total = max(1, weight.total())
    ordered = sorted(weight.items(), key=lambda item: (-item[1], item[0]))
    return tuple(Member(source, round(n / total, 6)) for source, n in ordered[:MEMBERS])


_FAMILIES = ("mirai", "masscan", "zmap2", "zmap4", "probe", "stack", "dressed", "bare")


def _features(
    findings: list[Finding], moments: tuple[Moment, ...], sources: int
) -> tuple[float, ...]:
    """What a campaign is like: kind of packets, size, pace, rhythm, purity, services."""
    named = [f.values for f in findings if f.analysis == "telescope.campaigns"]
    families = Counter(str(values.get("family", "")) for values in named)
    most = max(1, families.total())
    peak = max((moment.level for moment in moments), default=0.0)
    doubling = max((float(f.values.get("doubling") or 0) for f in findings), default=0.0)
    ports = {service.partition("/")[0] for f in findings for service in _services(f)}
    numbers = [int(port) for port in ports if port.isdigit()]
    return (
        *(round(families[name] / most, 4) for name in _FAMILIES),
        round(math.log1p(sources) / 10, 4),
        round(math.log1p(peak) / 8, 4),
        round(1 / (1 + doubling / 6), 4) if doubling else 0.0,
        round(max((float(v.get("synchrony", 0)) for v in named), default=0.0), 4),
        round(max((float(v.get("purity", 0)) for v in named), default=0.0), 4),
        round(0.4 * sum(n < 1024 for n in numbers) / max(1, len(numbers)), 4),
        round(math.log1p(len(moments)) / 4, 4),
    )


def similar(campaign: Campaign, others: Iterable[Campaign], most: int = 5) -> list[Similar]:
    """The campaigns that began before ``campaign`` and are most like it."""
    found = [
        Similar(other.id, other.services, other.first_seen, _cosine(campaign, other))
        for other in others
        if other.id != campaign.id and other.first_seen < campaign.first_seen
    ]
    return sorted(found, key=lambda one: (-one.likeness, one.id))[:most]


def _cosine(one: Campaign, other: Campaign) -> float:
    product = sum(a * b for a, b in zip(one.features, other.features, strict=True))
    size = math.sqrt(sum(a * a for a in one.features) * sum(b * b for b in other.features))
    return round(product / size, 4) if size else 0.0
