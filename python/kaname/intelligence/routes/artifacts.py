"""Routes about artifacts: look-ups, the page of one, what is near it, the two layers."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import JSONBody, QueryParameter, SkipValidation

from kaname.intelligence.answers.artifact import (
    ArtifactOut,
    ObservationPage,
    artifact_page,
    observations_page,
)
from kaname.intelligence.answers.lookups import (
    LookupColumns,
    LookupOut,
    Sources,
    groups_of,
    look_up,
    look_up_one,
)
from kaname.intelligence.answers.scene import scene
from kaname.intelligence.store.store import CAP, GATE
from kaname.model.artifact import canonical
from kaname.model.errors import UsageError
from kaname.model.records import ArtifactKind

__all__ = ["ROUTES"]

_MOST_VALUES = 100_000
_MOST_NODES = 100_000

_Services = NamedDependency[SkipValidation[Any]]
_Asking = Request[Any, Any, Any]
_Text = Annotated[str, QueryParameter(max_length=4096, description="any string, defanged or not")]
_MOST_BODY = 64 << 20  # 100,000 long values
_Kind = Annotated[str, QueryParameter(description="kind of the artifact")]
_Value = Annotated[str, QueryParameter(max_length=65_536, description="its value")]
_Seeds = Annotated[
    list[str] | None,
    QueryParameter(name="seed", description="kind:value, repeatable"),
]
_Hops = Annotated[int, QueryParameter(ge=1, le=3, description="how far")]
_Gate = Annotated[
    int, QueryParameter(ge=1, le=10_000_000, description="neighbours from which on it is a hub")
]
_Cap = Annotated[int, QueryParameter(ge=1, le=_MOST_NODES, description="most artifacts")]
_Limit = Annotated[int, QueryParameter(ge=1, le=1000, description="items per page")]
_Cursor = Annotated[
    str | None, QueryParameter(max_length=64, description="`next` of the page before")
]
_From = Annotated[int, QueryParameter(name="from", ge=0, description="first position")]
_To = Annotated[int | None, QueryParameter(name="to", ge=0, description="position behind the last")]


class LookupIn(msgspec.Struct, frozen=True):
    """POST /lookup."""

    values: list[str]


class LabelsOut(msgspec.Struct, frozen=True):
    """GET /layers/labels."""

    labels: list[str]


def _sources(services: Any) -> Sources:
    fusion = services.part("intelligence")
    return Sources(fusion.store, fusion.knowledge, fusion.lists)


def _artifact(kind: str, value: str) -> tuple[ArtifactKind, str]:
    """The artifact meant, in its stored spelling.

    Raises:
        UsageError: no such kind, or no value of it.
    """
    if kind not in list(ArtifactKind):
        known = ", ".join(ArtifactKind)
        raise UsageError("intelligence.error.kind", found=kind, known=known)
    meant = ArtifactKind(kind)
    spelt = canonical(meant, value)
    if spelt is None:
        raise UsageError("intelligence.error.value", kind=kind, found=value)
    return meant, spelt


def _seeds(texts: list[str] | None) -> list[tuple[ArtifactKind, str]]:
    parts = (text.partition(":") for text in texts or ())
    return [_artifact(kind, value) for kind, _, value in parts]


def _place(cursor: str | None) -> tuple[int, int] | None:
    if cursor is None:
        return None
    at, _, number = cursor.partition(".")
    try:
        return int(at), int(number)
    except ValueError:
        raise UsageError("intelligence.error.cursor", found=cursor) from None


@get("/lookup", sync_to_thread=True)
def show_lookup(request: _Asking, services: _Services, q: _Text) -> LookupOut:
    """What a value is and what is known of it."""
    return look_up_one(_sources(services), q, request.user.clearance)


@post("/lookup", sync_to_thread=True, status_code=200, request_max_body_size=_MOST_BODY)
def look_up_many(request: _Asking, services: _Services, data: JSONBody[LookupIn]) -> LookupColumns:
    """What is known of up to 100,000 values, by column, in the order that was asked."""
    if len(data.values) > _MOST_VALUES:
        raise UsageError("intelligence.error.values", found=len(data.values), most=_MOST_VALUES)
    return look_up(_sources(services), data.values, request.user.clearance)


@get("/artifact", sync_to_thread=True)
def show_artifact(request: _Asking, services: _Services, kind: _Kind, value: _Value) -> ArtifactOut:
    """Everything about an artifact: who saw it when, what is beside it, lists, indicator."""
    return artifact_page(_sources(services), *_artifact(kind, value), request.user.clearance)


@get("/artifact/observations", sync_to_thread=True)
def show_artifact_observations(
    request: _Asking,
    services: _Services,
    kind: _Kind,
    value: _Value,
    limit: _Limit = 100,
    cursor: _Cursor = None,
) -> ObservationPage:
    """Observations that mention an artifact, the latest first."""
    meant = _artifact(kind, value)
    return observations_page(
        _sources(services), *meant, request.user.clearance, limit, _place(cursor)
    )


@get("/artifacts/pivot", sync_to_thread=True)
def pivot_artifacts(
    request: _Asking,
    services: _Services,
    seed: _Seeds = None,
    hops: _Hops = 1,
    gate: _Gate = GATE,
    cap: _Cap = CAP,
) -> Response[bytes]:
    """What is near artifacts through observations; hubs are named and not passed through."""
    clearance = request.user.clearance
    found = _sources(services).store.pivot_json(
        _seeds(seed),
        hops=hops,
        gate=gate,
        cap=cap,
        clearance=clearance,
        groups=groups_of(clearance),
    )
    return Response(found, media_type="application/json")


@get("/layers", sync_to_thread=True)
def show_layers(
    request: _Asking, services: _Services, seed: _Seeds = None, cap: _Cap = _MOST_NODES
) -> Response[bytes]:
    """The two-layer view as arrays (``KNL1``): positions, layers, kinds, edges."""
    found = scene(_sources(services), _seeds(seed), cap, request.user.clearance)
    return Response(found.encode(), media_type="application/octet-stream")


@get("/layers/labels", sync_to_thread=True)
def show_layer_labels(
    request: _Asking,
    services: _Services,
    seed: _Seeds = None,
    cap: _Cap = _MOST_NODES,
    first: _From = 0,
    last: _To = None,
) -> LabelsOut:
    """Names of the nodes of the same view, in their order, or a part of them."""
    found = scene(_sources(services), _seeds(seed), cap, request.user.clearance)
    return LabelsOut(found.labels()[first:last])


ROUTES = (
    show_lookup,
    look_up_many,
    show_artifact,
    show_artifact_observations,
    pivot_artifacts,
    show_layers,
    show_layer_labels,
)
