"""Cases: an analyst's folders of artifacts, entities and notes."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter, SkipValidation

from kaname.knowledge.cases import Case, Cases, CaseState
from kaname.model.artifact import canonical
from kaname.model.errors import UsageError
from kaname.model.marking import Tlp
from kaname.model.records import ArtifactKind

__all__ = ["ROUTES"]

_Services = NamedDependency[SkipValidation[Any]]
_Asking = Request[Any, Any, Any]
_Limit = Annotated[int, QueryParameter(ge=1, le=1000, description="items per page")]
_Cursor = Annotated[
    str | None, QueryParameter(max_length=1024, description="`next` of the page before")
]
_State = Annotated[str | None, QueryParameter(name="state", description="open, watching or closed")]
_ANALYST = {"role": "analyst"}


class CaseIn(msgspec.Struct, frozen=True):
    """A case to open."""

    title: str
    tlp: Tlp = Tlp.AMBER


class ItemIn(msgspec.Struct, frozen=True):
    """Something to put into a case; kind "entity" with an id as value, or an artifact."""

    kind: str
    value: str
    note: str = ""


class NoteIn(msgspec.Struct, frozen=True):
    """What to write down."""

    text: Annotated[str, msgspec.Meta(min_length=1, max_length=20_000)]


class StateIn(msgspec.Struct, frozen=True):
    """How the case stands."""

    state: CaseState
    note: str = ""


class CasesOut(msgspec.Struct, frozen=True):
    """A page of cases."""

    items: list[Case]
    next: str | None
    total: int


@get("/cases", sync_to_thread=True)
def list_cases(
    request: _Asking,
    services: _Services,
    standing: _State = None,
    limit: _Limit = 100,
    cursor: _Cursor = None,
) -> CasesOut:
    """Cases, the last changed first."""
    page = _cases(services).cases(
        state=standing, limit=limit, cursor=cursor, clearance=request.user.clearance
    )
    return CasesOut(page.items, page.next_cursor, page.total)


@post("/cases", opt=_ANALYST, sync_to_thread=True)
def open_case(request: _Asking, services: _Services, data: JSONBody[CaseIn]) -> Case:
    """Open a case."""
    _visible(request, data.tlp)
    return _cases(services).open_case(data.title, by=request.user.name, tlp=data.tlp)


@get("/cases/{case:str}", sync_to_thread=True)
def show_case(request: _Asking, services: _Services, case: FromPath[str]) -> Case:
    """One case with all that was done to it."""
    return _cases(services).case(case, clearance=request.user.clearance)


@post("/cases/{case:str}/items", opt=_ANALYST, status_code=200, sync_to_thread=True)
def add_case_item(
    request: _Asking, services: _Services, case: FromPath[str], data: JSONBody[ItemIn]
) -> Case:
    """Put an artifact or an entity into a case."""
    asking = request.user
    value = data.value if data.kind == "entity" else _spelt(data)
    return _cases(services).add_item(
        case,
        data.kind,
        value,
        note=data.note,
        by=asking.name,
        tlp=_marking(services, data.kind, value, asking.clearance),
        clearance=asking.clearance,
    )


@post("/cases/{case:str}/notes", opt=_ANALYST, status_code=200, sync_to_thread=True)
def add_case_note(
    request: _Asking, services: _Services, case: FromPath[str], data: JSONBody[NoteIn]
) -> Case:
    """Write something down in a case."""
    asking = request.user
    return _cases(services).add_note(case, data.text, by=asking.name, clearance=asking.clearance)


@post("/cases/{case:str}/state", opt=_ANALYST, status_code=200, sync_to_thread=True)
def set_case_state(
    request: _Asking, services: _Services, case: FromPath[str], data: JSONBody[StateIn]
) -> Case:
    """Say how a case stands."""
    asking = request.user
    cases = _cases(services)
    changed = cases.set_case_state(case, data.state, by=asking.name, clearance=asking.clearance)
    if data.note:
        return cases.add_note(case, data.note, by=asking.name, clearance=asking.clearance)
    return changed


def _cases(services: Any) -> Cases:
    found: Cases = services.knowledge.part(Cases)
    return found


def _marking(services: Any, kind: str, value: str, clearance: Tlp) -> Tlp:
    """The most open marking under which the artifact is known, of those that may be seen."""
    if kind == "entity" or "intelligence" not in services.parts:
        return Tlp.CLEAR
    store = services.part("intelligence").store
    facts = store.known(ArtifactKind(kind), value, clearance=clearance)
    return Tlp.CLEAR if facts is None else Tlp(facts.tlp_min)


def _visible(request: _Asking, tlp: Tlp) -> None:
    if not tlp.visible_to(request.user.clearance):
        raise UsageError("intelligence.error.above", tlp=tlp.label)


def _spelt(data: JSONBody[ItemIn]) -> str:
    try:
        value = canonical(ArtifactKind(data.kind), data.value)
    except ValueError:
        value = None
    if value is None:
        raise UsageError("intelligence.reject.value", kind=data.kind, found=data.value[:100])
    return value


ROUTES = (list_cases, open_case, show_case, add_case_item, add_case_note, set_case_state)
