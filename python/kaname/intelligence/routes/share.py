"""Sharing: the policy, what is handed out, and publication; the MISP feed lies outside."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import msgspec
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter, SkipValidation

from kaname.intelligence.routes.misp import failed, signed_in
from kaname.intelligence.sharing import policy as policies
from kaname.intelligence.sharing.audience import audience_of
from kaname.intelligence.sharing.policy import Policy
from kaname.intelligence.sharing.publishing import files_for, publish, selected
from kaname.intelligence.sharing.workflow import published_for
from kaname.model.errors import KanameError, NotFoundError
from kaname.model.instant import now_us
from kaname.model.records import Indicator
from kaname.writers import writer

__all__ = ["OUTSIDE", "ROUTES"]

_Services = NamedDependency[SkipValidation[Any]]
_Asking = Request[Any, Any, Any]
_Limit = Annotated[int, QueryParameter(ge=1, le=1000, description="items per page")]
_After = Annotated[str | None, QueryParameter(name="cursor", max_length=600, description="`next`")]
_Language = Annotated[str, QueryParameter(name="lang", pattern="^(en|ja)$", description="en or ja")]


class SharedOut(msgspec.Struct, frozen=True):
    """An indicator that is handed out, as whoever asks gets it."""

    kind: str
    value: str
    label: str
    score: int
    tlp: str
    groups: tuple[str, ...]
    valid_until: int


class SharedPageOut(msgspec.Struct, frozen=True):
    """A page of what is handed out."""

    items: list[SharedOut]
    next: str | None
    total: int


class PublishedOut(msgspec.Struct, frozen=True):
    """How many indicators each clearance gets, and how many left for the first time."""

    counts: dict[str, int]
    first: int


@get("/share/policy", opt={"role": "analyst"}, sync_to_thread=True)
def show_share_policy(services: _Services) -> Policy:
    """What the operator decided about sharing."""
    return policies.load(services.knowledge)


@post("/share/policy", opt={"role": "admin"}, status_code=200, sync_to_thread=True)
def set_share_policy(
    request: _Asking, services: _Services, data: JSONBody[dict[str, Any]]
) -> Policy:
    """Set the policy."""
    return policies.save(services.knowledge, data, by=request.user.name)


@get("/share/indicators", sync_to_thread=True)
def list_shared(
    request: _Asking, services: _Services, limit: _Limit = 100, after: _After = None
) -> SharedPageOut:
    """What whoever asks is handed out, in the order of artifacts."""
    now = now_us()
    fusion = services.part("intelligence")
    audience = audience_of(request.user, policies.load(services.knowledge))
    found = [(_key(one), one) for one in published_for(fusion, audience, now)]
    rest = [pair for pair in found if after is None or pair[0] > after]
    items = [_shared(one, now) for _, one in rest[:limit]]
    more = rest[limit - 1][0] if len(rest) > limit else None
    return SharedPageOut(items, more, len(found))


@post("/share/publish", opt={"role": "publisher"}, status_code=200, sync_to_thread=True)
def publish_shared(request: _Asking, services: _Services) -> PublishedOut:
    """Hand out what is decided: to the TAXII collection and the MISP feeds."""
    fusion = services.part("intelligence")
    counts = publish(fusion, fusion.folder / "misp-feed", now_us(), by=request.user.name)
    services.knowledge.audit(request.user.name, "share.publish", "indicators", counts)
    first = counts.pop("first")
    return PublishedOut(counts, first)


@get("/share/export/{form:str}", opt={"role": "publisher"}, sync_to_thread=True)
def export_shared(
    request: _Asking, services: _Services, form: FromPath[str], language: _Language = "en"
) -> Response[bytes]:
    """What whoever asks is handed out, as a file in one format."""
    now = now_us()
    fusion = services.part("intelligence")
    chosen = writer(form)
    audience = audience_of(request.user, policies.load(services.knowledge))
    handed = selected(fusion, audience, form, now)
    files = files_for(fusion, audience, form, handed, now, language)
    name = f"kaname-{form}{chosen.suffix}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(files[name], media_type=chosen.media_type, headers=headers)


@get(
    "/misp-feed/{rest:path}",
    opt={"public": True, "foreign": True},
    include_in_schema=False,
    sync_to_thread=True,
    exception_handlers={KanameError: failed},
)
def misp_feed(request: _Asking, services: _Services, rest: FromPath[str]) -> Response[bytes]:
    """A file of the feed of whoever asks."""
    account = signed_in(request, services)
    folder: Path = services.part("intelligence").folder / "misp-feed" / account.clearance.value
    name = rest.strip("/") or "manifest.json"
    # Only what a listing of the folder itself shows: a path can name nothing else.
    known = {path.name: path for path in folder.iterdir()} if folder.is_dir() else {}
    if name not in known:
        raise NotFoundError("intelligence.misp.error.path", path=name)
    kind = "text/csv" if name.endswith(".csv") else "application/json"
    return Response(known[name].read_bytes(), media_type=kind)


def _key(indicator: Indicator) -> str:
    return f"{indicator.artifact.kind.value}:{indicator.artifact.value}"


def _shared(indicator: Indicator, now: int) -> SharedOut:
    return SharedOut(
        indicator.artifact.kind.value,
        indicator.artifact.value,
        indicator.label,
        indicator.score(now),
        indicator.tlp.value,
        indicator.groups,
        indicator.valid_until,
    )


ROUTES = (show_share_policy, set_share_policy, list_shared, publish_shared, export_shared)
OUTSIDE = (misp_feed,)
