"""The page of an artifact: everything about it in one answer."""

from __future__ import annotations

from typing import Any

import msgspec

from kaname.intelligence.answers.lookups import Sources, groups_of
from kaname.intelligence.lists import Match
from kaname.intelligence.records import Observation
from kaname.intelligence.store import Facts, Relation, SourceFacts
from kaname.intelligence.store.store import GATE
from kaname.knowledge import IndicatorQuery
from kaname.model.instant import now_us
from kaname.model.marking import Tlp
from kaname.model.messages import text
from kaname.model.records import ArtifactKind, Indicator, Term
from kaname.model.score import decayed

__all__ = ["ArtifactOut", "ObservationOut", "ObservationPage", "artifact_page", "observations_page"]

_RELATIONS = 200


class Named(msgspec.Struct, frozen=True):
    """A thing with an id and a name."""

    id: str
    type: str
    name: str


class CaseName(msgspec.Struct, frozen=True):
    """A case that an artifact was put into."""

    id: str
    title: str
    state: str


class ReportName(msgspec.Struct, frozen=True):
    """A report that mentions an artifact."""

    id: str
    title: str


class Counted(msgspec.Struct, frozen=True):
    """Observations in a role."""

    role: str
    count: int


class Day(msgspec.Struct, frozen=True):
    """Observations of a day (UTC); ``at`` is its begin."""

    at: int
    count: int


class Related(msgspec.Struct, frozen=True):
    """What is mentioned beside it: its role there, how often, and in how many in all."""

    kind: ArtifactKind
    value: str
    how: str
    observations: int
    df: int
    weight: float


class Withheld(msgspec.Struct, frozen=True):
    """A hub beside it; pivots do not pass through it, and miss so many mentions."""

    kind: ArtifactKind
    value: str
    neighbours: int


class ArtifactOut(msgspec.Struct, frozen=True, kw_only=True):
    """GET /artifact."""

    kind: ArtifactKind
    value: str
    known: bool
    first_seen: int | None = None
    last_seen: int | None = None
    observations: int = 0
    days: int = 0
    sources: tuple[SourceFacts, ...] = ()
    roles: tuple[Counted, ...] = ()
    timeline: tuple[Day, ...] = ()
    relations: tuple[Related, ...] = ()
    withheld: tuple[Withheld, ...] = ()
    suppressions: list[Match]
    lists_checked: int
    lists_version: str
    indicator: dict[str, Any] | None
    entities: list[Named]
    cases: list[CaseName]
    reports: list[ReportName]


class MentionOut(msgspec.Struct, frozen=True):
    """An artifact in an observation."""

    kind: ArtifactKind
    value: str
    role: str


class ObservationOut(msgspec.Struct, frozen=True):
    """An observation that mentions an artifact, and its role there."""

    id: str
    source: str
    kind: str
    at: int
    org: str
    tlp: Tlp
    role: str
    weight: float
    behaviours: tuple[str, ...]
    finding: str
    mentions: list[MentionOut]
    body: dict[str, Any]


class ObservationPage(msgspec.Struct, frozen=True):
    """GET /artifact/observations, the latest first."""

    items: list[ObservationOut]
    next: str | None
    total: int


def artifact_page(sources: Sources, kind: ArtifactKind, value: str, clearance: Tlp) -> ArtifactOut:
    """Everything about an artifact that somebody with ``clearance`` may see."""
    groups = groups_of(clearance)
    facts = sources.store.known(kind, value, clearance=clearance, groups=groups)
    beside = sources.store.relations(kind, value, _RELATIONS, clearance=clearance, groups=groups)
    return ArtifactOut(
        kind=kind,
        value=value,
        known=facts is not None,
        **({} if facts is None else _countable(facts)),
        relations=tuple(Related(*relation[:6]) for relation in beside),
        withheld=_withheld(beside),
        suppressions=sources.lists.match(kind, value),
        lists_checked=sources.lists.count,
        lists_version=sources.lists.version,
        indicator=_indicator(sources, kind, value, clearance),
        entities=_entities(sources, kind, value, clearance),
        cases=_cases(sources, kind, value, clearance),
        reports=_reports(sources, kind, value, clearance),
    )


def observations_page(
    sources: Sources,
    kind: ArtifactKind,
    value: str,
    clearance: Tlp,
    limit: int,
    before: tuple[int, int] | None,
) -> ObservationPage:
    """Observations of an artifact; a page ends where ``next`` begins."""
    groups = groups_of(clearance)
    brief = sources.store.brief(kind, value, clearance=clearance, groups=groups)
    rows = sources.store.observations(
        kind, value, before=before, limit=limit + 1, clearance=clearance, groups=groups
    )
    more = len(rows) > limit
    return ObservationPage(
        items=[_shown(one, kind, value) for _, one in rows[:limit]],
        next="{}.{}".format(*rows[limit - 1][0]) if more else None,
        total=0 if brief is None else brief[2],
    )


def _countable(facts: Facts) -> dict[str, Any]:
    return {
        "first_seen": facts.first_seen,
        "last_seen": facts.last_seen,
        "observations": facts.observations,
        "days": facts.days,
        "sources": facts.sources,
        "roles": tuple(Counted(*role) for role in facts.roles),
        "timeline": tuple(Day(*day) for day in facts.timeline),
    }


def _withheld(beside: list[Relation]) -> tuple[Withheld, ...]:
    return tuple(Withheld(r.kind, r.value, r.degree) for r in beside if r.degree > GATE)


def _shown(one: Observation, kind: ArtifactKind, value: str) -> ObservationOut:
    role = next((m.role for m in one.mentions if (m.kind, m.value) == (kind, value)), "")
    return ObservationOut(
        id=one.id,
        source=one.source,
        kind=one.kind,
        at=one.at,
        org=one.org,
        tlp=one.tlp,
        role=role,
        weight=one.weight,
        behaviours=one.behaviours,
        finding=one.finding,
        mentions=[MentionOut(m.kind, m.value, m.role) for m in one.mentions],
        body=one.body,
    )


def _indicator(
    sources: Sources, kind: ArtifactKind, value: str, clearance: Tlp
) -> dict[str, Any] | None:
    """The indicator of the artifact with its score of now."""
    query = IndicatorQuery(kind=kind, artifact=value, clearance=clearance, limit=10)
    found = sources.knowledge.indicators(query).items
    exact = (one for one in found if one.artifact.value == value)
    record = next(exact, None)
    return None if record is None else _as_of_now(record, now_us())


def _as_of_now(record: Indicator, at: int) -> dict[str, Any]:
    shown: dict[str, Any] = msgspec.to_builtins(record)
    shown["score"] = record.score(at)
    shown["active"] = not record.revoked and record.valid_from <= at < record.valid_until
    shown["terms"] = [_term(term, at) for term in record.terms]
    return shown


def _term(term: Term, at: int) -> dict[str, Any]:
    shown: dict[str, Any] = msgspec.to_builtins(term)
    shown["now"] = round(decayed(term, at), 6)
    shown["text"] = {language: _said(term, language) for language in ("en", "ja")}
    return shown


def _said(term: Term, language: str) -> str:
    try:
        return text(term.name, language, **term.values)
    except (KeyError, ModuleNotFoundError, FileNotFoundError):
        return term.name


def _entities(sources: Sources, kind: ArtifactKind, value: str, clearance: Tlp) -> list[Named]:
    from kaname.intelligence.fusion.book import Book

    return [
        Named(campaign.id, "campaign", campaign.name)
        for campaign in Book(sources.knowledge).campaigns(clearance=clearance)
        if any((member.kind, member.value) == (kind, value) for member in campaign.members)
    ]


def _cases(sources: Sources, kind: ArtifactKind, value: str, clearance: Tlp) -> list[CaseName]:
    from kaname.knowledge.cases import Cases

    held = sources.knowledge.part(Cases).holding(kind, value, clearance=clearance)
    return [CaseName(case.id, case.title, case.state) for case in held]


def _reports(sources: Sources, kind: ArtifactKind, value: str, clearance: Tlp) -> list[ReportName]:
    """Reports are observations of their own kind; their body says which one it is."""
    rows = sources.store.observations(
        kind, value, limit=_RELATIONS, clearance=clearance, groups=groups_of(clearance)
    )
    found: dict[str, str] = {}
    for _, one in rows:
        report = one.body.get("report")
        if one.kind == "report" and isinstance(report, str):
            found.setdefault(report, str(one.body.get("title", report)))
    return [ReportName(key, title) for key, title in found.items()]
