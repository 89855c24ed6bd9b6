"""The sources of the telescope: the list, and everything on one."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from litestar import Request, get
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter, SkipValidation

from kaname.model.address import from_text
from kaname.model.errors import NotFoundError
from kaname.model.instant import parse_us
from kaname.model.messages import text
from kaname.telescope.catalogue import MOST, SourcePage, SourceQuery, listed
from kaname.telescope.dossier import Asked, Dossier, dossier

__all__ = ["ROUTES"]

_Services = NamedDependency[SkipValidation[Any]]
_Time = Annotated[str | None, QueryParameter(description="ISO 8601, or how long ago: 1h")]
_At = Annotated[str, QueryParameter(description="an instant of the day")]
_Label = Annotated[
    str | None, QueryParameter(max_length=100, description="sources with this label")
]
_Sensor = Annotated[str | None, QueryParameter(max_length=200, description="of one sensor only")]
_Network = Annotated[
    str | None, QueryParameter(max_length=100, description="an address, or a prefix")
]
_Unsure = Annotated[bool, QueryParameter(description="only those of which something is not sure")]
_Order = Annotated[
    Literal["packets", "last", "ports", "confidence"],
    QueryParameter(description="what comes first"),
]
_Limit = Annotated[int, QueryParameter(ge=1, le=MOST, description="sources of a page")]
_Offset = Annotated[int, QueryParameter(ge=0, le=10_000_000, description="`next` of a page before")]


class Named(msgspec.Struct, frozen=True):
    """A finding that names the source, with its title in both languages."""

    id: str
    label: str
    analysis: str
    severity: str
    last_seen: int
    title: dict[str, str]


class SourceOut(msgspec.Struct, frozen=True):
    """A dossier, the findings that name the source, and whom to name for its place."""

    dossier: Dossier
    findings: list[Named]
    attributions: list[str]


@get("/telescope/sources", sync_to_thread=True)
def telescope_sources(
    request: Request[Any, Any, Any],
    services: _Services,
    since: _Time = None,
    until: _Time = None,
    label: _Label = None,
    sensor: _Sensor = None,
    network: _Network = None,
    order: _Order = "packets",
    limit: _Limit = 50,
    offset: _Offset = 0,
    *,
    unsure: _Unsure = False,
) -> SourcePage:
    """Sources with their labels, probabilities, tools and sessions."""
    query = SourceQuery(
        since=parse_us(since) if since else None,
        until=parse_us(until) if until else None,
        label=label,
        sensor=sensor,
        network=network,
        unsure=unsure,
        order=order,
        limit=limit,
        offset=offset,
    )
    return listed(services.lake, query, request.user.clearance)


@get("/telescope/sources/{address:str}", sync_to_thread=True)
def telescope_source(
    request: Request[Any, Any, Any],
    services: _Services,
    address: FromPath[str],
    since: _Time = None,
    until: _Time = None,
) -> SourceOut:
    """Everything that the telescope knows of one source."""
    from kaname.knowledge import FindingQuery
    from kaname.lake.networks import Networks

    clearance = request.user.clearance
    networks = Networks.open(services.settings.data)
    asked = Asked(
        address=address,
        since=parse_us(since) if since else None,
        until=parse_us(until) if until else None,
    )
    found = dossier(services.lake, networks, asked, clearance)
    if found is None:
        raise NotFoundError("telescope.error.no_source", address=address)
    query = FindingQuery(artifact=found.address, limit=50, clearance=clearance)
    return SourceOut(
        found,
        [
            Named(
                one.id,
                one.label,
                one.analysis,
                one.severity.value,
                one.last_seen,
                {language: one.title(language) for language in ("ja", "en")},
            )
            for one in services.knowledge.findings(query).items
        ],
        [one.text for one in networks.attributions],
    )


@get("/telescope/sources/{address:str}/reasons", sync_to_thread=True)
def telescope_source_reasons(
    request: Request[Any, Any, Any], services: _Services, address: FromPath[str], at: _At
) -> dict[str, list[dict[str, str]]]:
    """Why a source has its labels on a day, by ``label/family``; both languages."""
    from kaname.telescope.rejudging import reasons

    params = services.settings.analyses.get("telescope.sources", {})
    instant = parse_us(at)
    found = reasons(services.lake, request.user.clearance, from_text(address), instant, params)
    return {
        f"{label}/{family}": [_both(key, values) for key, values in why]
        for (label, family), why in found.items()
    }


def _both(key: str, values: dict[str, Any]) -> dict[str, str]:
    return {language: text(key, language, **values) for language in ("ja", "en")}


ROUTES = (telescope_sources, telescope_source, telescope_source_reasons)
