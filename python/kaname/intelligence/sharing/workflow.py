"""The way of an indicator out: asked, approved or not, published, withdrawn.

A decision is about an artifact. An analyst's holds for every audience; a rule is held
against what each audience gets, so that what is above its marking never opens a door.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from kaname.intelligence.sharing import policy as policies
from kaname.intelligence.sharing.audience import Audience, Fusion, indicators_for
from kaname.intelligence.sharing.policy import Policy
from kaname.knowledge import Account, AccountRole, IndicatorQuery
from kaname.knowledge.assertions import subject_of
from kaname.knowledge.review_records import Review, ReviewQuery, ReviewState, Step, review_id
from kaname.knowledge.reviews import Reviews
from kaname.model.errors import ForbiddenError
from kaname.model.records import Artifact, Indicator, Role

if TYPE_CHECKING:
    from kaname.knowledge import Knowledge

__all__ = ["KIND", "Workflow", "published_for"]

KIND = "publish"
_OPEN = (ReviewState.APPROVED, ReviewState.PUBLISHED)
_SHUT = (ReviewState.REJECTED, ReviewState.WITHDRAWN)


class Workflow:
    """Questions of publication, each step with an assertion and a line in the audit log."""

    def __init__(self, knowledge: Knowledge) -> None:
        self._knowledge = knowledge
        self.reviews = knowledge.part(Reviews)

    @property
    def policy(self) -> Policy:
        """The policy that holds now."""
        return policies.load(self._knowledge)

    def ask(self, indicator: Indicator, *, by: str, at: int, again: bool = False) -> Review:
        """Put ``indicator`` to review, or bring the question about it up to date."""
        score = indicator.score(at)
        artifact = indicator.artifact
        subject = subject_of(artifact.kind, artifact.value)
        review = Review(
            id=review_id(KIND, subject),
            kind=KIND,
            subject=subject,
            title=artifact.value[:200],
            priority=score,
            created=at,
            tlp=indicator.tlp,
            groups=indicator.groups,
            reason="intelligence.sharing.reason.score",
            values={"score": score, "label": indicator.label},
            by=by,
            details={"kind": artifact.kind.value, "value": artifact.value},
        )
        return self.reviews.ask(review, again=again)

    def queue(self, at: int) -> list[Review]:
        """Put to review what scores enough and no rule publishes; the questions that are new."""
        policy = self.policy
        query = IndicatorQuery(min_score=policy.review_from, active_at=at)
        fresh: list[Review] = []
        for indicator in self._knowledge.every_indicator(query):
            ruled = any(rule.holds(indicator, at) for rule in policy.rules)
            if indicator.artifact.role is Role.ATTACKER and not ruled:
                asked = self.ask(indicator, by="kaname", at=at)
                if asked.created == at:
                    fresh.append(asked)
        return fresh

    def decide(self, key: str, step: Step, account: Account, *, note: str = "") -> Review:
        """Take a step in the name of ``account``.

        Raises:
            NotFoundError: there is no such question, or it is above the account's clearance.
            ForbiddenError: the role is too low, or another account has to approve.
            ConflictError: it cannot be done from where the question stands.
        """
        policy = self.policy
        asked = self.reviews.review(key, clearance=account.clearance)
        publishing = asked.kind == KIND
        least = policy.approver if publishing else AccountRole.ANALYST
        if not account.role.includes(least):
            raise ForbiddenError(
                "intelligence.sharing.error.role", needed=least.value, role=account.role.value
            )
        needed = policy.needed if publishing else 1
        moved = self.reviews.step(key, step, by=account.name, note=note, needed=needed)
        self._knowledge.audit(
            account.name, f"review.{step.value}", moved.subject, {"review": key, "note": note}
        )
        return moved

    def mark_published(self, indicators: list[Indicator], *, by: str) -> int:
        """Note of approved questions that their indicators left; how many."""
        count = 0
        approved = self.standing(ReviewState.APPROVED)
        for indicator in indicators:
            key = review_id(KIND, _subject(indicator.artifact))
            if key in approved:
                self.reviews.step(key, Step.PUBLISH, by=by)
                self._knowledge.audit(by, "review.publish", _subject(indicator.artifact))
                count += 1
        return count

    def standing(self, *states: ReviewState) -> set[str]:
        """The ids of the questions of publication in ``states``."""
        return {
            review.id
            for state in states
            for review in self.reviews.every_review(ReviewQuery(kind=KIND, state=state))
        }


def published_for(fusion: Fusion, audience: Audience, now: int) -> Iterator[Indicator]:
    """What ``audience`` is handed: approved by an analyst, or by a rule for this audience."""
    workflow = Workflow(fusion.knowledge)
    opened, shut = workflow.standing(*_OPEN), workflow.standing(*_SHUT)
    rules = workflow.policy.rules
    for indicator in indicators_for(fusion, audience, now):
        if indicator.revoked or indicator.artifact.role is not Role.ATTACKER:
            continue
        key = review_id(KIND, _subject(indicator.artifact))
        ruled = any(rule.holds(indicator, now) for rule in rules)
        if key not in shut and (key in opened or ruled):
            yield indicator


def _subject(artifact: Artifact) -> str:
    return subject_of(artifact.kind, artifact.value)
