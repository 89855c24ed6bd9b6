"""Proposing campaigns from a store: for the book, and for the scores of each audience.

What an audience's scores are told of campaigns is proposed from what that audience may
see, and from nothing else: the same data without what is above its clearance give the
same ties, byte for byte.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from typing import TYPE_CHECKING

from kaname.intelligence.fusion.book import Book
from kaname.intelligence.fusion.campaign_records import Campaign, CampaignState, node_of
from kaname.intelligence.fusion.campaigns import Proposal, propose
from kaname.intelligence.fusion.links import Node
from kaname.intelligence.fusion.policy import Policy
from kaname.intelligence.fusion.stored import graph_of, shown
from kaname.intelligence.fusion.suppression import Known, blocked
from kaname.intelligence.score.context import Tie
from kaname.intelligence.score.evidence import digest_of
from kaname.knowledge.review_records import Review, review_id
from kaname.knowledge.reviews import Reviews
from kaname.model.instant import now_us
from kaname.model.marking import Tlp
from kaname.model.records import ArtifactKind

if TYPE_CHECKING:
    from kaname.intelligence.store import FusionStore
    from kaname.knowledge import Knowledge

__all__ = ["Proposing"]

_STRENGTH = {CampaignState.CONFIRMED: 1.0, CampaignState.PROPOSED: 0.5}
_MOST_EVIDENCE = 16
_MOST_COUNTED = 100_000


class Proposing:
    """Keeps the book of campaigns in step with a store, and answers for ties.

    `run` looks at the whole store; it is meant for a schedule, not for every observation.
    """

    def __init__(
        self, store: FusionStore, knowledge: Knowledge, lists: Known | None = None
    ) -> None:
        self._store = store
        self._lists = lists
        self._knowledge = knowledge
        self.book = Book(knowledge)
        self._ties: dict[Node, tuple[Tie, ...]] = {}
        self._lock = threading.Lock()

    def run(self, *, at: int | None = None) -> list[Campaign]:
        """Propose anew; the campaigns that are new or changed. New ones await a review."""
        instant = now_us() if at is None else at
        changed = self.book.renew(self._proposed(Tlp.RED), at=instant)
        reviews = self._knowledge.part(Reviews)
        for campaign in changed:
            if campaign.state is CampaignState.PROPOSED:
                reviews.ask(_question(campaign))
        self.renew_ties()
        return changed

    def renew_ties(self) -> set[Node]:
        """Learn the ties of all campaigns; the artifacts whose ties changed."""
        fresh: dict[Node, dict[str, Tie]] = {}
        states = self._states()
        for level in Tlp:
            for proposal in self._proposed(level):
                self._tie(fresh, proposal, level, states)
        with self._lock:
            before, self._ties = (
                self._ties,
                {node: tuple(one.values()) for node, one in fresh.items()},
            )
            nodes = before.keys() | self._ties.keys()
            return {node for node in nodes if before.get(node) != self._ties.get(node)}

    def ties(self, kind: ArtifactKind, value: str) -> tuple[Tie, ...]:
        """What is known of an artifact's campaigns, as of the last run."""
        return self._ties.get(Node(kind, value), ())

    def _proposed(self, clearance: Tlp) -> list[Proposal]:
        graph = graph_of(self._store, Policy(), clearance=clearance)
        off = blocked(graph.profiles, self._lists)
        found = propose(graph, Policy(), blocked=off, apart=self.book.apart())
        return shown(self._store, found, clearance)

    def _states(self) -> dict[Node, CampaignState]:
        return {
            node_of(f"{member.kind}:{member.value}"): campaign.state
            for campaign in self.book.campaigns()
            for member in campaign.members
        }

    def _tie(
        self,
        ties: dict[Node, dict[str, Tie]],
        proposal: Proposal,
        level: Tlp,
        states: dict[Node, CampaignState],
    ) -> None:
        ids = sorted({key for merge in proposal.merges for key in merge.link.evidence})
        state = _state(proposal.nodes, states)
        strength = _STRENGTH.get(state, 0.0)
        if not ids or strength == 0:
            return
        tie = Tie(
            kind="campaign",
            id=proposal.id,
            name=proposal.id,
            strength=strength,
            observed=proposal.last_seen,
            evidence=tuple(ids[:_MOST_EVIDENCE]),
            count=len(ids),
            digest=digest_of(ids),
            tlp=level,
        )
        for node in proposal.nodes:
            known = ties.setdefault(node, {})
            if all(one.digest != tie.digest for one in known.values()):
                known[level.value] = tie


def _state(nodes: Iterable[Node], states: dict[Node, CampaignState]) -> CampaignState:
    """How the campaign that most of ``nodes`` are in stands."""
    votes: dict[CampaignState, int] = {}
    for node in nodes:
        state = states.get(node, CampaignState.PROPOSED)
        votes[state] = votes.get(state, 0) + 1
    return max(sorted(votes), key=lambda state: votes[state])


def _question(campaign: Campaign) -> Review:
    return Review(
        id=review_id("campaign", campaign.id),
        kind="campaign",
        subject=campaign.id,
        title=campaign.name,
        tlp=campaign.tlp,
        reason="intelligence.campaign.proposed",
        values={"artifacts": len(campaign.members), "merges": len(campaign.merges)},
    )
