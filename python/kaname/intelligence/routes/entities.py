"""Entities with the names that others give them, and the ATT&CK matrix."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Annotated, Any

import msgspec
from litestar import Request, get
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter, SkipValidation

from kaname.intelligence.fusion.attack_catalogue import Tactic, Technique, matrix
from kaname.intelligence.fusion.reported import Mentioned, Reported, reported
from kaname.knowledge import IndicatorQuery
from kaname.knowledge.assertions import Assertions
from kaname.knowledge.entities import Entities, Entity, Name
from kaname.knowledge.reports import Reports
from kaname.model.errors import NotFoundError
from kaname.model.instant import now_us, parse_us

__all__ = ["ROUTES"]

_MOST = 100
_Services = NamedDependency[SkipValidation[Any]]
_Asking = Request[Any, Any, Any]
_Type = Annotated[str | None, QueryParameter(name="type", description="actor, malware, tool...")]
_Text = Annotated[str | None, QueryParameter(max_length=200, description="how a name begins")]
_Limit = Annotated[int, QueryParameter(ge=1, le=1000, description="items per page")]
_Cursor = Annotated[
    str | None, QueryParameter(max_length=1024, description="`next` of the page before")
]
_Since = Annotated[str | None, QueryParameter(description="only what was updated since then")]


class EntityOut(msgspec.Struct, frozen=True):
    """An entity in a list: members of a campaign, and reports that name it."""

    id: str
    type: str
    name: str
    authority: str
    names: list[Name]
    tlp: str
    artifacts: int
    reports: int


class EntityDetail(EntityOut, frozen=True):
    """An entity with what belongs to it; ``may_be`` are entities that it may be the same as."""

    properties: dict[str, Any]
    may_be: list[str]


class EntitiesOut(msgspec.Struct, frozen=True):
    """A page of entities."""

    items: list[EntityOut]
    next: str | None
    total: int


class TechniqueOut(msgspec.Struct, frozen=True):
    """A technique: how many indicators and reports name it, and (``count``) it or a part of it.

    Reports of which an analyst declined it do not count.
    """

    id: str
    name: str
    count: int
    indicators: int
    reports: int
    sub: list[TechniqueOut]


class TacticOut(msgspec.Struct, frozen=True):
    """A column of the matrix."""

    id: str
    name: str
    techniques: list[TechniqueOut]


class MatrixOut(msgspec.Struct, frozen=True):
    """The matrix; ``total`` counts what names a technique at all."""

    tactics: list[TacticOut]
    version: str
    total: int


class ReportOut(msgspec.Struct, frozen=True):
    """A report that names a technique, and the sentence in which it does first."""

    id: str
    title: str
    sentence: str


class TechniqueDetail(msgspec.Struct, frozen=True):
    """A technique, who uses it, and the newest indicators that name it."""

    id: str
    name: str
    description: str
    tactics: list[str]
    users: list[EntityOut]
    reports: list[ReportOut]
    indicators: list[dict[str, Any]]


@get("/entities", sync_to_thread=True)
def list_entities(
    request: _Asking,
    services: _Services,
    type_: _Type = None,
    q: _Text = None,
    limit: _Limit = 100,
    cursor: _Cursor = None,
) -> EntitiesOut:
    """Entities by name."""
    page = services.knowledge.part(Entities).entities(
        type_=type_, query=q, limit=limit, cursor=cursor, clearance=request.user.clearance
    )
    said = reported(services.knowledge, clearance=request.user.clearance)
    rows = [EntityOut(**_row(one, said)) for one in page.items]
    return EntitiesOut(rows, page.next_cursor, page.total)


@get("/entities/{entity:str}", sync_to_thread=True)
def show_entity(request: _Asking, services: _Services, entity: FromPath[str]) -> EntityDetail:
    """One entity."""
    clearance = request.user.clearance
    found = services.knowledge.part(Entities).entity(entity, clearance=clearance)
    said = services.knowledge.part(Assertions).about(
        entity, predicate="may-be", clearance=clearance
    )
    may_be = sorted({key for one in said for key in one.value})
    properties = {} if found.type == "campaign" else found.properties
    row = _row(found, reported(services.knowledge, clearance=clearance))
    return EntityDetail(**row, properties=properties, may_be=may_be)


@get("/attack/matrix", sync_to_thread=True)
def show_matrix(request: _Asking, services: _Services, since: _Since = None) -> MatrixOut:
    """The ATT&CK matrix with how often each technique was named."""
    clearance, start = request.user.clearance, parse_us(since) if since else 0
    indicators = _named(services, clearance, start)
    said = reported(services.knowledge, clearance=clearance, since=start)
    reports = Counter({key: len(found) for key, found in said.techniques.items()})
    found = matrix(services.knowledge.part(Entities))
    tactics = [_tactic(one, indicators, reports) for one in found.tactics]
    return MatrixOut(tactics, found.version, sum((indicators + reports).values()))


@get("/attack/techniques/{technique:str}", sync_to_thread=True)
def show_technique(
    request: _Asking, services: _Services, technique: FromPath[str]
) -> TechniqueDetail:
    """One technique: what it is, who uses it, and where it was met."""
    clearance = request.user.clearance
    entities: Entities = services.knowledge.part(Entities)
    found = entities.entity(technique, clearance=clearance)
    if found.type != "technique":
        raise NotFoundError("knowledge.error.no_entity", id=technique)
    said = reported(services.knowledge, clearance=clearance)
    users = [
        EntityOut(**_row(one, said))
        for type_ in ("actor", "malware", "tool", "operation")
        for one in entities.every(type_, clearance=clearance)
        if technique in one.properties.get("uses", ())
    ]
    now = now_us()
    met = [
        {
            "id": one.id,
            "kind": one.artifact.kind.value,
            "value": one.artifact.value,
            "score": one.score(now),
        }
        for one in _indicators(services, clearance, 0)
        if technique in one.techniques
    ]
    return TechniqueDetail(
        found.id,
        found.name,
        str(found.properties.get("description", "")),
        list(found.properties.get("tactics", ())),
        users,
        [_report(services, one, clearance) for one in said.techniques.get(technique, ())[:_MOST]],
        met[:_MOST],
    )


def _report(services: Any, one: Mentioned, clearance: Any) -> ReportOut:
    text = services.knowledge.part(Reports).report(one.id, clearance=clearance).text
    return ReportOut(one.id, one.title, text[one.start : one.end])


def _indicators(services: Any, clearance: Any, since: int) -> Iterator[Any]:
    query = IndicatorQuery(sort="-updated", clearance=clearance)
    for one in services.knowledge.every_indicator(query):
        if one.updated < since:
            return
        if one.techniques and not one.revoked:
            yield one


def _named(services: Any, clearance: Any, since: int) -> Counter[str]:
    return Counter(
        technique
        for one in _indicators(services, clearance, since)
        for technique in set(one.techniques)
    )


def _tactic(one: Tactic, indicators: Counter[str], reports: Counter[str]) -> TacticOut:
    techniques = [_technique(each, indicators, reports) for each in one.techniques]
    return TacticOut(one.id, one.name, techniques)


def _technique(one: Technique, indicators: Counter[str], reports: Counter[str]) -> TechniqueOut:
    sub = [_technique(part, indicators, reports) for part in one.sub]
    own, told = indicators[one.id], reports[one.id]
    return TechniqueOut(one.id, one.name, own + told + sum(p.count for p in sub), own, told, sub)


def _row(one: Entity, said: Reported) -> dict[str, Any]:
    return {
        "id": one.id,
        "type": one.type,
        "name": one.name,
        "authority": one.authority,
        "names": list(one.names),
        "tlp": one.tlp.value,
        "artifacts": len(one.properties.get("members", ())),
        "reports": len(said.entities.get(one.id, ())),
    }


ROUTES = (list_entities, show_entity, show_matrix, show_technique)
