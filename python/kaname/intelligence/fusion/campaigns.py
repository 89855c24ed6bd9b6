"""Proposals of campaigns: which artifacts belong together, and the links that say so.

What exact matching makes of a week of observations is one heap (everything meets at a
content network); what is proposed here starts from what was delivered in attacks and
grows only over artifacts that are not everybody's. See `kaname.intelligence.fusion.policy`
for the weights, `.growth` for the rounds.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

import msgspec

from kaname.intelligence.fusion.growth import Growth
from kaname.intelligence.fusion.links import Graph, Link, Node
from kaname.intelligence.fusion.partition import Partition
from kaname.intelligence.fusion.policy import ADVERSE_KINDS, Policy
from kaname.model.ids import stable_id
from kaname.model.marking import Tlp, join

__all__ = ["Member", "Merge", "Proposal", "propose"]


class Member(msgspec.Struct, frozen=True):
    """An artifact of a campaign and what it mostly does."""

    node: Node
    role: str


class Merge(msgspec.Struct, frozen=True):
    """The link that brought two parts of a campaign together, and what it weighed."""

    link: Link
    weight: float
    rarity: float


class Proposal(msgspec.Struct, frozen=True, kw_only=True):
    """Artifacts that look like one campaign; ``merges`` are a tree over the members."""

    id: str
    members: tuple[Member, ...]
    merges: tuple[Merge, ...]
    first_seen: int
    last_seen: int
    sources: tuple[str, ...]
    tlp: Tlp

    @property
    def nodes(self) -> frozenset[Node]:
        """The artifacts alone."""
        return frozenset(member.node for member in self.members)


def propose(
    graph: Graph,
    policy: Policy | None = None,
    *,
    blocked: Collection[Node] = (),
    apart: Iterable[tuple[Node, Node]] = (),
    at: int | None = None,
) -> list[Proposal]:
    """The campaigns in ``graph``, the largest first.

    ``blocked`` artifacts never link; the two of each pair in ``apart`` never come into one
    campaign. Weights fade towards ``at`` (microseconds; the newest observation unless said).
    """
    policy = policy or Policy()
    newest = max((one.last for one in graph.profiles.values()), default=0)
    growth = Growth(graph, policy, blocked=blocked, apart=apart, at=newest if at is None else at)
    partition = growth.run()
    decided = _by_part(partition)
    found = [
        _proposal(graph, policy, growth, members, decided[root])
        for root, members in partition.parts().items()
        if len(members) >= policy.least and _attacks(graph, members, decided[root])
    ]
    return sorted(found, key=lambda one: (-len(one.members), one.id))


def _by_part(partition: Partition) -> dict[Node, list[Link]]:
    found: dict[Node, list[Link]] = {}
    for link in partition.decided:
        found.setdefault(partition.root(link.a), []).append(link)
    return found


def _attacks(graph: Graph, members: Sequence[Node], links: Sequence[Link]) -> bool:
    """Whether more than one observation shows an attack: one mail is no campaign."""
    adverse = [link for link in links if link.kind in ADVERSE_KINDS]
    return bool(adverse) and any(graph.profiles[node].documents > 1 for node in members)


def _proposal(
    graph: Graph, policy: Policy, growth: Growth, members: Sequence[Node], links: Sequence[Link]
) -> Proposal:
    profiles = [graph.profiles[node] for node in members]
    merges = tuple(
        Merge(link, round(growth.weight(link), 6), _rarity(graph, policy, link)) for link in links
    )
    return Proposal(
        id=stable_id("campaign", [str(node) for node in _anchors(graph, members)]),
        members=tuple(Member(node, graph.profiles[node].main_role) for node in members),
        merges=merges,
        first_seen=min(one.first for one in profiles),
        last_seen=max(one.last for one in profiles),
        sources=tuple(sorted(set().union(*(one.sources for one in profiles)))),
        tlp=join(link.tlp for link in links),
    )


def _rarity(graph: Graph, policy: Policy, link: Link) -> float:
    documents = max(graph.profiles[node].documents for node in (link.a, link.b))
    return round(policy.rarity(documents, graph.total), 6)


def _anchors(graph: Graph, members: Sequence[Node]) -> list[Node]:
    """What a campaign is called by: the artifact that was seen first."""
    return [min(members, key=lambda node: (graph.profiles[node].first, node))]
