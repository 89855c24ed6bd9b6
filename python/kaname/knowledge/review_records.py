"""A question to an analyst, the steps that it can take, and how to ask for several."""

from __future__ import annotations

import enum
from typing import Any

import msgspec

from kaname.knowledge.queries import check_limit
from kaname.model.errors import ConflictError
from kaname.model.ids import stable_id
from kaname.model.marking import Tlp

__all__ = ["Decision", "Review", "ReviewQuery", "ReviewState", "Step", "after", "review_id"]


class ReviewState(enum.StrEnum):
    """Where a question stands."""

    DRAFT = "draft"  # prepared, nobody asked yet
    REVIEW = "review"  # waits for an analyst
    APPROVED = "approved"
    REJECTED = "rejected"
    PUBLISHED = "published"  # it left
    WITHDRAWN = "withdrawn"  # it left or was to leave, and was taken back


class Step(enum.StrEnum):
    """What is done to a question."""

    SUBMIT = "submit"
    APPROVE = "approve"
    REJECT = "reject"
    LATER = "later"
    PUBLISH = "publish"
    WITHDRAW = "withdraw"


_MOVES = {
    (ReviewState.DRAFT, Step.SUBMIT): ReviewState.REVIEW,
    (ReviewState.DRAFT, Step.WITHDRAW): ReviewState.WITHDRAWN,
    (ReviewState.REVIEW, Step.APPROVE): ReviewState.APPROVED,
    (ReviewState.REVIEW, Step.REJECT): ReviewState.REJECTED,
    (ReviewState.REVIEW, Step.LATER): ReviewState.REVIEW,
    (ReviewState.REVIEW, Step.WITHDRAW): ReviewState.WITHDRAWN,
    (ReviewState.APPROVED, Step.PUBLISH): ReviewState.PUBLISHED,
    (ReviewState.APPROVED, Step.REJECT): ReviewState.REJECTED,
    (ReviewState.APPROVED, Step.WITHDRAW): ReviewState.WITHDRAWN,
    (ReviewState.PUBLISHED, Step.PUBLISH): ReviewState.PUBLISHED,
    (ReviewState.PUBLISHED, Step.WITHDRAW): ReviewState.WITHDRAWN,
    (ReviewState.REJECTED, Step.SUBMIT): ReviewState.REVIEW,
    (ReviewState.WITHDRAWN, Step.SUBMIT): ReviewState.REVIEW,
}


class Decision(msgspec.Struct, frozen=True):
    """A step that was taken: when (microseconds, UTC), by whom, and why."""

    at: int
    by: str
    step: Step
    note: str = ""


class Review(msgspec.Struct, frozen=True, kw_only=True):
    """A question about ``subject``: publish this, keep this campaign, accept this report.

    ``kind`` is publish, campaign, report...; ``title`` one line that names the subject.
    ``reason`` is a catalogue key (why somebody should look), filled from ``values``. A
    higher ``priority`` is asked first. ``by`` asked, an account or "kaname".
    ``details`` is whatever the kind needs, ready for JSON; ``groups`` are sharing groups
    that the subject is limited to.
    """

    id: str
    kind: str
    subject: str
    title: str
    state: ReviewState = ReviewState.REVIEW
    priority: int = 0
    created: int = 0
    changed: int = 0
    tlp: Tlp = Tlp.CLEAR
    groups: tuple[str, ...] = ()
    reason: str = ""
    values: dict[str, Any] = {}
    by: str = "kaname"
    details: dict[str, Any] = {}
    decisions: tuple[Decision, ...] = ()

    def approvers(self) -> tuple[str, ...]:
        """Who approved it since it was last submitted, each once, in order."""
        found: dict[str, None] = {}
        for decision in self.decisions:
            if decision.step is Step.SUBMIT:
                found.clear()
            elif decision.step is Step.APPROVE:
                found[decision.by] = None
        return tuple(found)


class ReviewQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Which questions, the most urgent first; a filter that is None lets all pass."""

    kind: str | None = None
    state: ReviewState | None = None
    subject: str | None = None
    limit: int = 100
    cursor: str | None = None
    clearance: Tlp = Tlp.RED

    def __post_init__(self) -> None:
        check_limit(self.limit)


def review_id(kind: str, subject: str) -> str:
    """The id of the one question of that kind about ``subject``."""
    return stable_id("review", kind, subject)


def after(review: Review, step: Step) -> ReviewState:
    """The state that ``step`` leads to.

    Raises:
        ConflictError: the step cannot be taken from where the question stands.
    """
    state = _MOVES.get((review.state, step))
    if state is None:
        raise ConflictError(
            "knowledge.error.review_step", step=step.value, id=review.id, state=review.state.value
        )
    return state
