"""Reports: taking them in, what was found in them, and what analysts decided."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import msgspec
from litestar import Request, get, post
from litestar.concurrency import sync_to_thread
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter, SkipValidation

from kaname.intelligence.reports.desk import Desk
from kaname.intelligence.reports.document import MOST_BYTES
from kaname.knowledge.report_records import Choice, Report, ReportDecision, What
from kaname.knowledge.reports import Reports
from kaname.model.errors import ForbiddenError, UsageError
from kaname.model.instant import now_us
from kaname.model.marking import Tlp

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["ROUTES"]

_Services = NamedDependency[SkipValidation[Any]]
_Asking = Request[Any, Any, Any]
_Limit = Annotated[int, QueryParameter(ge=1, le=1000, description="items per page")]
_Cursor = Annotated[
    str | None, QueryParameter(max_length=1024, description="`next` of the page before")
]
_State = Annotated[
    str | None, QueryParameter(name="state", description="open, accepted or declined")
]
_Name = Annotated[str, QueryParameter(max_length=200, description="name of the file")]
_Marking = Annotated[str, QueryParameter(description="marking of the report (TLP)")]
_ANALYST = {"role": "analyst"}


class ReportRowOut(msgspec.Struct, frozen=True):
    """A report in a list; the numbers are of different things."""

    id: str
    title: str
    at: int
    language: str
    tlp: str
    state: str
    artifacts: int
    techniques: int


class ReportsOut(msgspec.Struct, frozen=True):
    """A page of reports."""

    items: list[ReportRowOut]
    next: str | None
    total: int


class ArtifactOut(msgspec.Struct, frozen=True):
    """An artifact and its place in the text, in characters."""

    kind: str
    value: str
    start: int
    end: int
    shown: str
    role: str
    state: str


class EntityMark(msgspec.Struct, frozen=True):
    """An actor, malware or tool and its place; without an id nobody knew it before."""

    id: str
    type: str
    name: str
    by: str
    start: int
    end: int
    state: str


class TechniqueMark(msgspec.Struct, frozen=True):
    """A technique, the sentence that speaks of it, and why that is thought."""

    id: str
    name: str
    score: float
    sentence: str
    start: int
    end: int
    reasons: list[str]
    state: str


class RelationMark(msgspec.Struct, frozen=True):
    """Two things and the sentence that relates them."""

    a: str
    how: str
    b: str
    sentence: str
    start: int
    end: int
    state: str


class ReportOut(msgspec.Struct, frozen=True):
    """A report with its text and all that was found in it."""

    id: str
    title: str
    name: str
    at: int
    language: str
    tlp: str
    state: str
    source: str
    text: str
    artifacts: list[ArtifactOut]
    entities: list[EntityMark]
    techniques: list[TechniqueMark]
    relations: list[RelationMark]


class DecisionIn(msgspec.Struct, frozen=True):
    """What an analyst says of the thing number ``index`` of its list."""

    what: What
    index: int
    decision: Choice


class DecisionsIn(msgspec.Struct, frozen=True):
    """Decisions, kept together or not at all."""

    items: Annotated[list[DecisionIn], msgspec.Meta(min_length=1, max_length=10_000)]


@get("/reports", sync_to_thread=True)
def list_reports(
    request: _Asking,
    services: _Services,
    standing: _State = None,
    limit: _Limit = 100,
    cursor: _Cursor = None,
) -> ReportsOut:
    """Reports, the last received first."""
    page = _reports(services).reports(
        state=standing, limit=limit, cursor=cursor, clearance=request.user.clearance
    )
    return ReportsOut([_row(one) for one in page.items], page.next_cursor, page.total)


@post("/reports", opt=_ANALYST, request_max_body_size=MOST_BYTES + (1 << 20))
async def take_report(
    request: _Asking, services: _Services, name: _Name = "report.txt", tlp: _Marking = "amber"
) -> ReportOut:
    """Take a report in: a file of a form, or its bytes or text as the body."""
    marking = Tlp.parse(tlp)
    if marking.rank > request.user.clearance.rank:
        raise ForbiddenError("intelligence.error.above", tlp=marking.value)
    data, given = await _body(request, name)
    desk = Desk(services.knowledge, services.part("intelligence"))
    source = f"report:{request.user.name}"
    report, _ = await sync_to_thread(desk.take, data, given, tlp=marking, source=source)
    if report.tlp.rank > request.user.clearance.rank:
        raise ForbiddenError("intelligence.error.above", tlp=report.tlp.value)
    return _whole(report)


@get("/reports/{report:str}", sync_to_thread=True)
def show_report(request: _Asking, services: _Services, report: FromPath[str]) -> ReportOut:
    """One report, its text, and what was found in it."""
    return _whole(_reports(services).report(report, clearance=request.user.clearance))


@post("/reports/{report:str}/decisions", opt=_ANALYST, status_code=200, sync_to_thread=True)
def decide_report(
    request: _Asking, services: _Services, report: FromPath[str], data: JSONBody[DecisionsIn]
) -> ReportOut:
    """Accept or decline what was found; kept as data that models are trained from."""
    asking, now = request.user, now_us()
    made = [
        ReportDecision(what=one.what, index=one.index, choice=one.decision, by=asking.name, at=now)
        for one in data.items
    ]
    desk = Desk(services.knowledge, services.part("intelligence"))
    return _whole(desk.decide(report, made, clearance=asking.clearance))


async def _body(request: _Asking, name: str) -> tuple[bytes, str]:
    """(bytes, name) of what was sent: the first file or field of a form, or the body."""
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        return await request.body(), name
    for value in (await request.form()).values():
        if isinstance(value, UploadFile):
            return await value.read(), value.filename or name
        if isinstance(value, str) and value:
            return value.encode(), name
    raise UsageError("intelligence.error.report_empty", name=name)


def _reports(services: Any) -> Reports:
    found: Reports = services.knowledge.part(Reports)
    return found


def _row(report: Report) -> ReportRowOut:
    reading = report.reading
    return ReportRowOut(
        id=report.id,
        title=report.title,
        at=report.received,
        language=report.language,
        tlp=report.tlp.value,
        state=report.state,
        artifacts=_different((one.kind, one.value) for one in reading.artifacts),
        techniques=_different(one.id for one in reading.techniques),
    )


def _different(things: Any) -> int:
    return len(set(things))


def _whole(report: Report) -> ReportOut:
    reading, text = report.reading, report.text
    return ReportOut(
        id=report.id,
        title=report.title,
        name=report.name,
        at=report.received,
        language=report.language,
        tlp=report.tlp.value,
        state=report.state,
        source=report.source,
        text=text,
        artifacts=[
            ArtifactOut(a.kind, a.value, a.start, a.end, a.shown, a.role, a.state)
            for a in reading.artifacts
        ],
        entities=[
            EntityMark(e.id, e.type, e.name, e.by, e.start, e.end, e.state)
            for e in reading.entities
        ],
        techniques=_techniques(reading.techniques, text),
        relations=[
            RelationMark(r.a, r.how, r.b, text[r.start : r.end], r.start, r.end, r.state)
            for r in reading.relations
        ],
    )


def _techniques(claims: Sequence[Any], text: str) -> list[TechniqueMark]:
    return [
        TechniqueMark(
            id=one.id,
            name=one.name,
            score=one.score,
            sentence=text[one.start : one.end],
            start=one.start,
            end=one.end,
            reasons=list(one.reasons),
            state=one.state,
        )
        for one in claims
    ]


ROUTES = (list_reports, take_report, show_report, decide_report)
