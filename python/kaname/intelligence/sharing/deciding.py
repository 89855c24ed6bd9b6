"""What an analyst's decision on a question does, by the kind of the question."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kaname.intelligence.sharing.workflow import Workflow
from kaname.knowledge.review_records import Review, ReviewState, Step

if TYPE_CHECKING:
    from kaname.knowledge import Account, Knowledge

__all__ = ["decide"]


def decide(knowledge: Knowledge, key: str, step: Step, account: Account, note: str = "") -> Review:
    """Take ``step`` on the question ``key``, with what follows from it.

    A campaign that is approved is confirmed, one that is rejected is rejected; an
    indicator of a question of publication waits for the next publication.

    Raises:
        NotFoundError: there is no such question, or it is above the account's clearance.
        ForbiddenError: another account has to approve.
        ConflictError: it cannot be done from where the question stands.
    """
    moved = Workflow(knowledge).decide(key, step, account, note=note)
    if moved.kind == "campaign" and step in (Step.APPROVE, Step.REJECT):
        _decide_campaign(knowledge, moved, step, account, note)
    return moved


def _decide_campaign(
    knowledge: Knowledge, review: Review, step: Step, account: Account, note: str
) -> None:
    from kaname.intelligence.fusion.book import Book

    if review.state in (ReviewState.APPROVED, ReviewState.REJECTED):
        Book(knowledge).decide(
            review.subject,
            "confirm" if step is Step.APPROVE else "reject",
            by=account.name,
            note=note,
            clearance=account.clearance,
        )
