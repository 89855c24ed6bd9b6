"""Designs with their verdicts: the list, one design, its nets, and one net; models."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from litestar import Request, get
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter, SkipValidation

from kaname.hardware.routes.shapes import (
    DesignDetail,
    DesignPage,
    ModelPage,
    NetDetail,
    NetPage,
)
from kaname.model.errors import NotFoundError
from kaname.model.page import Page

__all__ = ["ROUTES"]

_Services = NamedDependency[SkipValidation[Any]]
_Asking = Request[Any, Any, Any]
_MOST = 1000  # items of a page
_Limit = Annotated[int, QueryParameter(ge=1, le=_MOST, description="items of a page")]
_Cursor = Annotated[str | None, QueryParameter(description="`next` of the page before")]
_Verdict = Annotated[
    Literal["suspicious", "clean"] | None, QueryParameter(description="with this verdict only")
]
_Order = Annotated[
    Literal[
        "ts",
        "-ts",
        "name",
        "-name",
        "cells",
        "-cells",
        "probability",
        "-probability",
        "flagged",
        "-flagged",
    ],
    QueryParameter(description="by this column; `-`: the greatest first"),
]
_Text = Annotated[
    str | None,
    QueryParameter(max_length=200, description="a part of the name, or how the digest begins"),
]
_Least = Annotated[
    float, QueryParameter(name="min", ge=0, le=1, description="probability of a net, at least")
]
_Component = Annotated[
    int | None,
    QueryParameter(ge=0, le=1_000_000, description="nets of this region only; 0: of none"),
]


@get("/hardware/designs", sync_to_thread=True)
def hardware_designs(
    request: _Asking,
    services: _Services,
    verdict: _Verdict = None,
    q: _Text = None,
    sort: _Order = "-ts",
    limit: _Limit = 50,
    cursor: _Cursor = None,
) -> DesignPage:
    """List designs, the latest first."""
    from kaname.hardware.designs import Chosen, designs

    page, chosen = Page.after(cursor, limit), Chosen(verdict, q, sort)
    return designs(services.lake, page, request.user.clearance, chosen)


@get("/hardware/designs/{digest:str}", sync_to_thread=True)
def hardware_design(request: _Asking, services: _Services, digest: FromPath[str]) -> DesignDetail:
    """One design with its suspicious regions."""
    from kaname.hardware.designs import design

    return design(services.lake, services.knowledge, digest, request.user.clearance)


@get("/hardware/designs/{digest:str}/nets", sync_to_thread=True)
def hardware_nets(
    request: _Asking,
    services: _Services,
    digest: FromPath[str],
    least: _Least = 0.0,
    component: _Component = None,
    limit: _Limit = 100,
    cursor: _Cursor = None,
) -> NetPage:
    """List the ranked nets of a design, the most suspicious first."""
    from kaname.hardware.designs import nets

    page = Page.after(cursor, limit)
    clearance = request.user.clearance
    return nets(services.lake, digest, page, clearance, least=least, region=component)


@get("/hardware/designs/{digest:str}/nets/{place:str}", sync_to_thread=True)
def hardware_net(
    request: _Asking, services: _Services, digest: FromPath[str], place: FromPath[str]
) -> NetDetail:
    """Why a net is suspicious, with the sub-circuit around it."""
    from kaname.hardware.designs import net

    if not (place.isascii() and place.isdigit() and len(place) < 12):
        raise NotFoundError("hardware.error.no_net", place=place)
    return net(services.lake, digest, int(place), request.user.clearance)


@get("/hardware/models", sync_to_thread=True)
def hardware_models() -> ModelPage:
    """List the models of hardware with what their cards state."""
    from kaname.hardware.models import models

    return models()


ROUTES = (hardware_designs, hardware_design, hardware_nets, hardware_net, hardware_models)
