"""Sharing as it goes: questions put by themselves, and what is decided handed out."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from kaname.intelligence.sharing.publishing import publish
from kaname.intelligence.sharing.workflow import Workflow
from kaname.knowledge.review_records import ReviewState

if TYPE_CHECKING:
    from kaname.intelligence.service import Intelligence

__all__ = ["share"]


def share(fusion: Intelligence, now: int) -> int:
    """Ask about what scores enough, tell the bus, and publish; how many were newly asked.

    Without a rule and without an approval there is nothing to hand out, and what was never
    handed out needs no revoking, so that nothing is done then.
    """
    workflow = Workflow(fusion.knowledge)
    fresh = workflow.queue(now)
    if fusion.bus is not None:
        for tlp, count in sorted(Counter(review.tlp for review in fresh).items()):
            fusion.bus.publish("review.new", {"kind": "publish", "count": count, "tlp": tlp.value})
    folder = fusion.folder / "misp-feed"
    if folder.exists() or workflow.policy.rules or workflow.standing(ReviewState.APPROVED):
        publish(fusion, folder, now, by="kaname")
    return len(fresh)
