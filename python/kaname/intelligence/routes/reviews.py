"""Questions to analysts: the queue, one of them, and what was decided."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter, SkipValidation

from kaname.intelligence.sharing.deciding import decide
from kaname.knowledge.review_records import Decision, Review, ReviewQuery, ReviewState, Step
from kaname.knowledge.reviews import Reviews
from kaname.model.errors import UsageError
from kaname.model.marking import Tlp
from kaname.model.messages import LANGUAGES, text

__all__ = ["ROUTES"]

_Services = NamedDependency[SkipValidation[Any]]
_Asking = Request[Any, Any, Any]
_Limit = Annotated[int, QueryParameter(ge=1, le=1000, description="items per page")]
_Cursor = Annotated[
    str | None, QueryParameter(max_length=1024, description="`next` of the page before")
]
_State = Annotated[
    str | None,
    QueryParameter(
        name="state",
        description="draft, review, approved, rejected, published or withdrawn",
    ),
]
_Kind = Annotated[str | None, QueryParameter(max_length=32, description="publish, campaign...")]


class ReviewOut(msgspec.Struct, frozen=True, kw_only=True):
    """A question; ``reason`` says in each language why somebody should look."""

    id: str
    kind: str
    subject: str
    title: str
    state: ReviewState
    priority: int
    created: int
    changed: int
    tlp: Tlp
    groups: tuple[str, ...]
    by: str
    reason: dict[str, str]
    details: dict[str, Any]
    decisions: tuple[Decision, ...]


class ReviewsOut(msgspec.Struct, frozen=True):
    """A page of questions."""

    items: list[ReviewOut]
    next: str | None
    total: int


class DecisionIn(msgspec.Struct, frozen=True):
    """approve, reject, later, withdraw, or submit (ask again)."""

    decision: Step
    note: Annotated[str, msgspec.Meta(max_length=4_000)] = ""


@get("/reviews", sync_to_thread=True)
def list_reviews(
    request: _Asking,
    services: _Services,
    standing: _State = None,
    kind: _Kind = None,
    limit: _Limit = 100,
    cursor: _Cursor = None,
) -> ReviewsOut:
    """Questions, the most urgent first."""
    query = ReviewQuery(
        kind=kind or None,
        state=_state(standing),
        limit=limit,
        cursor=cursor,
        clearance=request.user.clearance,
    )
    page = services.knowledge.part(Reviews).reviews(query)
    return ReviewsOut([_out(one) for one in page.items], page.next_cursor, page.total)


@get("/reviews/{review:str}", sync_to_thread=True)
def show_review(request: _Asking, services: _Services, review: FromPath[str]) -> ReviewOut:
    """One question with all that was decided."""
    reviews = services.knowledge.part(Reviews)
    return _out(reviews.review(review, clearance=request.user.clearance))


@post("/reviews/{review:str}", opt={"role": "analyst"}, status_code=200, sync_to_thread=True)
def decide_review(
    request: _Asking, services: _Services, review: FromPath[str], data: JSONBody[DecisionIn]
) -> ReviewOut:
    """Decide on a question."""
    if data.decision is Step.PUBLISH:
        raise UsageError("intelligence.sharing.error.publish_step")
    decided = decide(services.knowledge, review, data.decision, request.user, data.note)
    if decided.kind == "campaign":
        services.part("intelligence").campaigns_decided()
    return _out(decided)


def _state(given: str | None) -> ReviewState | None:
    if not given:
        return None
    try:
        return ReviewState(given)
    except ValueError:
        known = ", ".join(ReviewState)
        raise UsageError("knowledge.error.choice", name="state", found=given, known=known) from None


def _out(review: Review) -> ReviewOut:
    said = {name: getattr(review, name) for name in ReviewOut.__struct_fields__}
    return ReviewOut(**said | {"reason": {one: _reason(review, one) for one in LANGUAGES}})


def _reason(review: Review, language: str) -> str:
    """Why, in words; the key itself when its catalogue does not know it."""
    if not review.reason:
        return ""
    try:
        return text(review.reason, language, **review.values)
    except (KeyError, ModuleNotFoundError):
        return review.reason


ROUTES = (list_reviews, show_review, decide_review)
