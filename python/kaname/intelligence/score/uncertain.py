"""Questions to analysts about indicators whose score is near the threshold.

Their answer teaches most (uncertainty sampling: Lewis and Gale, 1994). Only so many wait at
a time, the nearest first; one that somebody judged is not asked about.
"""

from __future__ import annotations

from collections.abc import Iterable

from kaname.intelligence.score.verdicts import Opinion
from kaname.intelligence.score.wording import summary
from kaname.knowledge import Knowledge
from kaname.knowledge.review_records import Review, Step, review_id
from kaname.knowledge.reviews import Reviews
from kaname.model.errors import ConflictError, NotFoundError
from kaname.model.records import Indicator, Role

__all__ = ["KIND", "answered", "ask", "nearest"]

KIND = "verdict"
_MARGIN = 8.0  # points
_MOST = 100
_STEPS = {
    Opinion.MALICIOUS: Step.APPROVE,
    Opinion.BENIGN: Step.REJECT,
    Opinion.UNSURE: Step.LATER,
}
_VERDICTS = "intelligence.term.verdict."


def nearest(indicators: Iterable[Indicator], at: int, most: int = _MOST) -> list[Indicator]:
    """Those within some points of their threshold that nobody judged, the nearest first."""
    open_ones = [
        one
        for one in indicators
        if one.artifact.role is Role.ATTACKER
        and not one.revoked
        and abs(one.score(at) - one.threshold) <= _MARGIN
        and not any(term.name.startswith(_VERDICTS) for term in one.terms)
    ]
    return sorted(open_ones, key=lambda one: (abs(one.score(at) - one.threshold), one.id))[:most]


def ask(knowledge: Knowledge, indicators: Iterable[Indicator], at: int) -> int:
    """Put a question about each of the `nearest`; how many."""
    reviews = knowledge.part(Reviews)
    asked = nearest(indicators, at)
    for one in asked:
        score = one.score(at)
        reviews.ask(
            Review(
                id=review_id(KIND, one.id), kind=KIND, subject=one.id, title=one.artifact.value,
                tlp=one.tlp, groups=one.groups, reason="intelligence.review.uncertain",
                values={"score": score, "threshold": round(one.threshold)},
                details={"text": {lang: summary(one, score, at, lang) for lang in ("en", "ja")}},
                priority=round(_MARGIN - abs(score - one.threshold)),
            )
        )  # fmt: skip
    return len(asked)


def answered(knowledge: Knowledge, indicator: str, opinion: Opinion, *, by: str) -> None:
    """Close the question about ``indicator``, if one waits."""
    try:
        knowledge.part(Reviews).step(review_id(KIND, indicator), _STEPS[opinion], by=by)
    except (NotFoundError, ConflictError):
        return  # nobody asked, or it was decided before
