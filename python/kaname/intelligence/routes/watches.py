"""Watches, what they met, suppressions, and lists of known things.

Where notices go besides the bus and the console is not set here: an account that may add
watches must not make this machine speak to addresses of its choice. The command line does.
"""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from litestar import Request, delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter, SkipValidation

from kaname.intelligence.lists import Lists
from kaname.intelligence.lists.compiled import ListInfo, Match
from kaname.intelligence.watches import define
from kaname.knowledge.watch_records import Purpose, Watch, WatchHit, WatchKind
from kaname.knowledge.watches import Watches
from kaname.model.errors import ForbiddenError
from kaname.model.marking import Tlp

__all__ = ["ROUTES"]

_Services = NamedDependency[SkipValidation[Any]]
_Limit = Annotated[int, QueryParameter(ge=1, le=1000, description="how many")]
_Cursor = Annotated[str | None, QueryParameter(description="from where a page ended")]
_Watch = Annotated[str | None, QueryParameter(description="of one watch only")]
_Unseen = Annotated[bool, QueryParameter(description="only what nobody has looked at")]
_ANALYST = {"role": "analyst"}


class WatchIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What to watch; ``own``: it is an asset of ours."""

    kind: WatchKind
    value: Annotated[str, msgspec.Meta(min_length=1, max_length=2000)]
    note: Annotated[str, msgspec.Meta(max_length=2000)] = ""
    own: bool = False
    tlp: Tlp = Tlp.GREEN


class SuppressionIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is harmless, and why."""

    kind: WatchKind
    value: Annotated[str, msgspec.Meta(min_length=1, max_length=2000)]
    note: Annotated[str, msgspec.Meta(max_length=2000)] = ""


class WatchOut(msgspec.Struct, frozen=True):
    """A watch or a suppression, without where its notices go."""

    id: str
    owner: str
    kind: str
    value: str
    purpose: str
    note: str
    created: int
    tlp: str
    delivers: bool

    @classmethod
    def of(cls, watch: Watch) -> WatchOut:
        """What a reader sees of ``watch``."""
        delivers = bool(watch.delivery.webhook or watch.delivery.mail)
        return cls(
            watch.id,
            watch.owner,
            watch.kind,
            watch.value,
            watch.purpose,
            watch.note,
            watch.created,
            watch.tlp,
            delivers,
        )


class WatchPage(msgspec.Struct, frozen=True):
    """All watches that the account may see."""

    items: list[WatchOut]
    next: str | None
    total: int


class HitPage(msgspec.Struct, frozen=True):
    """A page of hits."""

    items: list[WatchHit]
    next: str | None
    total: int


class ListsOut(msgspec.Struct, frozen=True):
    """The lists in use, and what could not be used of them."""

    version: str
    lists: list[ListInfo]
    problems: list[dict[str, Any]]


class CheckIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Values to ask all lists about."""

    values: Annotated[list[str], msgspec.Meta(max_length=100_000)]


class CheckOut(msgspec.Struct, frozen=True):
    """The lists that each value is on, in the order asked."""

    version: str
    checked: int
    matches: list[list[Match]]


def _part(services: Any) -> Watches:
    found: Watches = services.knowledge.part(Watches)
    return found


def _page(watches: list[Watch]) -> WatchPage:
    return WatchPage([WatchOut.of(watch) for watch in watches], None, len(watches))


def _add(request: Request[Any, Any, Any], services: Any, watch: Watch) -> WatchOut:
    """Keep it, unless it is marked above what its owner may see."""
    if not watch.tlp.visible_to(request.user.clearance):
        raise ForbiddenError("intelligence.error.watch_clearance", tlp=watch.tlp.label)
    if _part(services).add_watch(watch):
        action = f"watch.{watch.purpose}"
        services.knowledge.audit(request.user.name, action, watch.id, {"value": watch.value})
    return WatchOut.of(watch)


def _end(request: Request[Any, Any, Any], services: Any, key: str) -> None:
    part = _part(services)
    found = part.watch(key, clearance=request.user.clearance)
    part.remove_watch(key)
    services.knowledge.audit(request.user.name, "watch.remove", key, {"value": found.value})


def _lists(services: Any) -> Lists:
    """The lists in use, with the suppressions as they are now."""
    library = services.part("intelligence").library
    library.refresh()
    found: Lists = library.current
    return found


@get("/watches", sync_to_thread=True)
def watches(request: Request[Any, Any, Any], services: _Services) -> WatchPage:
    """List what is watched."""
    purposes = (Purpose.WATCH, Purpose.OWN)
    return _page(_part(services).watches(purposes, clearance=request.user.clearance))


@post("/watches", sync_to_thread=True, opt=_ANALYST)
def add_watch(
    request: Request[Any, Any, Any], services: _Services, data: JSONBody[WatchIn]
) -> WatchOut:
    """Watch something."""
    purpose = Purpose.OWN if data.own else Purpose.WATCH
    made = define(
        data.kind, data.value, owner=request.user.name, purpose=purpose, note=data.note,
        tlp=data.tlp,
    )  # fmt: skip
    return _add(request, services, made)


@delete("/watches/{watch:str}", sync_to_thread=True, opt=_ANALYST)
def remove_watch(
    request: Request[Any, Any, Any], services: _Services, watch: FromPath[str]
) -> None:
    """End a watch; what it met stays."""
    _end(request, services, watch)


@get("/watches/hits", sync_to_thread=True)
def watch_hits(
    request: Request[Any, Any, Any],
    services: _Services,
    watch: _Watch = None,
    unseen: _Unseen = False,
    limit: _Limit = 100,
    cursor: _Cursor = None,
) -> HitPage:
    """List what watches met, the last first."""
    page = _part(services).hits(
        watch=watch, unseen=unseen, limit=limit, cursor=cursor, clearance=request.user.clearance
    )
    return HitPage(page.items, page.next_cursor, page.total)


@post("/watches/hits/{hit:str}/seen", sync_to_thread=True, opt=_ANALYST, status_code=204)
def see_watch_hit(request: Request[Any, Any, Any], services: _Services, hit: FromPath[str]) -> None:
    """Mark a hit as looked at."""
    _part(services).mark_seen(hit, clearance=request.user.clearance)


@get("/suppressions", sync_to_thread=True)
def suppressions(request: Request[Any, Any, Any], services: _Services) -> WatchPage:
    """List what is suppressed here."""
    return _page(_part(services).watches([Purpose.SUPPRESS], clearance=request.user.clearance))


@post("/suppressions", sync_to_thread=True, opt=_ANALYST)
def add_suppression(
    request: Request[Any, Any, Any], services: _Services, data: JSONBody[SuppressionIn]
) -> WatchOut:
    """Say that something is harmless."""
    made = define(
        data.kind, data.value, owner=request.user.name, purpose=Purpose.SUPPRESS, note=data.note
    )
    found = _add(request, services, made)
    _lists(services)
    return found


@delete("/suppressions/{suppression:str}", sync_to_thread=True, opt=_ANALYST)
def remove_suppression(
    request: Request[Any, Any, Any], services: _Services, suppression: FromPath[str]
) -> None:
    """End a suppression."""
    _end(request, services, suppression)
    _lists(services)


@get("/lists", sync_to_thread=True)
def known_lists(services: _Services) -> ListsOut:
    """List the lists of known things in use."""
    found = _lists(services)
    problems = [msgspec.to_builtins(problem) for problem in found.problems]
    return ListsOut(found.version, list(found.infos), problems)


@post("/lists/check", sync_to_thread=True, status_code=200)
def check_lists(services: _Services, data: JSONBody[CheckIn]) -> CheckOut:
    """Say which lists each value is on."""
    from kaname.model.artifact import guess_many

    found = _lists(services)
    guessed = guess_many(data.values)
    matches = [
        found.match(*(guess or (None, value)))
        for guess, value in zip(guessed, data.values, strict=True)
    ]
    return CheckOut(found.version, found.count, matches)


ROUTES = (
    watches,
    add_watch,
    remove_watch,
    watch_hits,
    see_watch_hit,
    suppressions,
    add_suppression,
    remove_suppression,
    known_lists,
    check_lists,
)
