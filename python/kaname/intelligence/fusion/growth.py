"""How campaigns grow: from what is malicious by itself, outwards, in rounds.

Each round looks at a fixed partition and only then changes it, and all choices are made
in the order of weight and then of spelling; so the outcome depends on what was observed
and never on the order in which it came.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable

import msgspec

from kaname.intelligence.fusion.links import Graph, Link, Node
from kaname.intelligence.fusion.partition import Partition
from kaname.intelligence.fusion.policy import (
    ADVERSE_KINDS,
    LEAF_ROLES,
    STRUCTURE,
    Policy,
    role_weight,
)
from kaname.model.instant import DAY

__all__ = ["Growth"]

_ROUNDS = 12  # each takes in one step of neighbours; campaigns are not deeper


class _Pull(msgspec.Struct):
    """What draws one artifact to one part."""

    weight: float = 0.0
    observations: int = 0
    first: int = 2**63 - 1
    last: int = 0
    caused: bool = False  # the part did it: its process connected, its URL names it
    adverse: bool = False  # they were seen together in an attack
    best: Link | None = None
    strength: float = 0.0

    def take(self, link: Link, weight: float, *, caused: bool) -> None:
        self.weight += weight
        self.observations += link.observations
        self.first, self.last = min(self.first, link.first), max(self.last, link.last)
        self.caused = self.caused or caused
        self.adverse = self.adverse or link.kind in ADVERSE_KINDS
        if self.best is None or (-weight, link.key) < (-self.strength, self.best.key):
            self.best, self.strength = link, weight

    @property
    def repeated(self) -> bool:
        return self.observations > 1 and self.last > self.first


class Growth:
    """Joins the artifacts of ``graph`` that belong to one campaign.

    ``blocked`` artifacts (suppressed ones, of the own network) join nothing; the pairs of
    ``apart`` were separated by an analyst and stay so.
    """

    def __init__(
        self,
        graph: Graph,
        policy: Policy,
        *,
        blocked: Collection[Node] = (),
        apart: Iterable[tuple[Node, Node]] = (),
        at: int,
    ) -> None:
        self._graph = graph
        self._policy = policy
        self._at = at
        self.blocked = set(blocked)
        self.partition = Partition(apart)
        self._incident = graph.incident()
        self.hubs = self._find_hubs()
        self._weights = {id(link): self._weigh(link) for link in graph.links}

    def run(self) -> Partition:
        """The partition when nothing more joins."""
        self._seed()
        for _ in range(_ROUNDS):
            joined = self._absorb()
            if not joined and not self._merge():
                break
        return self.partition

    def weight(self, link: Link) -> float:
        """How strongly ``link`` binds, 0 to 1."""
        return self._weights[id(link)]

    def _find_hubs(self) -> set[Node]:
        """Artifacts with more innocent neighbours than the gate: a CDN, a public resolver."""
        profiles, policy = self._graph.profiles, self._policy
        hubs = set(self._graph.hubs)
        for node, links in self._incident.items():
            if len(links) <= policy.gate:
                continue
            neighbours = {link.other(node) for link in links if link.kind != STRUCTURE}
            innocent = sum(not profiles[one].adverse for one in neighbours)
            if innocent > policy.gate or len(neighbours) > policy.crowd:
                hubs.add(node)
        return hubs

    def _weigh(self, link: Link) -> float:
        if not {link.a, link.b}.isdisjoint(self.blocked | self.hubs):
            return 0.0
        profiles, total = self._graph.profiles, self._graph.total
        rarity = min(
            self._policy.rarity(profiles[node].documents, total) for node in (link.a, link.b)
        )
        age = max(0, self._at - link.last) // DAY * DAY
        fading: float = 0.5 ** (age / self._policy.half_life)
        return role_weight(link.role_a) * role_weight(link.role_b) * rarity * fading

    def _ordered(self, links: Iterable[Link]) -> list[Link]:
        return sorted(links, key=lambda link: (-self.weight(link), link.key))

    def _seed(self) -> None:
        """Join what was delivered, mailed or reported together."""
        strong = [
            link
            for link in self._graph.links
            if link.kind in ADVERSE_KINDS
            and self.weight(link) >= self._policy.weight
            and LEAF_ROLES.isdisjoint((link.role_a, link.role_b))
        ]
        self.partition.join_all(self._ordered(strong))

    def _absorb(self) -> bool:
        """Take in the neighbours that belong to exactly one part; whether there were any."""
        pulls = self._pulls()
        chosen = [pull.best for node in sorted(pulls) if (pull := self._choose(node, pulls[node]))]
        links = self._ordered(link for link in chosen if link is not None)
        return self.partition.join_all(links) > 0

    def _pulls(self) -> dict[Node, dict[Node, _Pull]]:
        """For each artifact outside: what draws it to each part, by the part's root."""
        pulls: dict[Node, dict[Node, _Pull]] = defaultdict(lambda: defaultdict(_Pull))
        for link in self._graph.links:
            weight = self.weight(link)
            inside = [node for node in (link.a, link.b) if node in self.partition]
            if weight <= 0 or len(inside) != 1:
                continue
            (member,) = inside
            caused = link.role(member) in {"process", "payload"}
            root = self.partition.root(member)
            pulls[link.other(member)][root].take(link, weight, caused=caused)
        return pulls

    def _choose(self, node: Node, pulls: dict[Node, _Pull]) -> _Pull | None:
        root = max(pulls, key=lambda one: (pulls[one].weight, one))
        pull = pulls[root]
        if pull.strength < self._policy.weight:
            return None
        whole = sum(one.weight for one in pulls.values())
        if pull.weight < self._policy.dominance * whole:
            return None  # of several campaigns, so of none
        if pull.adverse:
            return pull
        known = self._graph.profiles[node].adverse or pull.repeated or pull.caused
        return pull if known and self._share(node, {root}) >= self._policy.share else None

    def _share(self, node: Node, roots: set[Node]) -> float:
        """How much of what is seen of ``node`` beside others is with these parts.

        What was seen beside something suspicious that is of no part yet speaks neither way:
        two artifacts of a campaign would keep each other out.
        """
        within = elsewhere = 0
        for link in self._incident[node]:
            if self.weight(link) <= 0:
                continue
            other = link.other(node)
            if other not in self.partition:
                elsewhere += 0 if self._graph.profiles[other].adverse else link.observations
            elif self.partition.root(other) in roots:
                within += link.observations
            else:
                elsewhere += link.observations
        return within / (within + elsewhere) if within + elsewhere else 1.0

    def _merge(self) -> bool:
        """Join parts that are linked by more than borrowed artifacts; whether any were."""
        bridges = [link for link in self._between() if self._binds(link)]
        bridges += self._overlaps()
        return self.partition.join_all(self._ordered(bridges)) > 0

    def _between(self) -> list[Link]:
        return [
            link
            for link in self._graph.links
            if self.weight(link) >= self._policy.weight
            and link.a in self.partition
            and link.b in self.partition
            and self.partition.root(link.a) != self.partition.root(link.b)
        ]

    def _binds(self, link: Link) -> bool:
        if not LEAF_ROLES.isdisjoint((link.role_a, link.role_b)):
            return False
        roots = {self.partition.root(link.a), self.partition.root(link.b)}
        return all(self._share(node, roots) >= self._policy.share for node in (link.a, link.b))

    def _overlaps(self) -> list[Link]:
        """The links of borrowed artifacts, where two parts have enough of them in common."""
        common: dict[tuple[Node, Node], dict[Node, Link]] = defaultdict(dict)
        for link in self._ordered(self._between()):
            a, b = sorted((self.partition.root(link.a), self.partition.root(link.b)))
            borrowed = link.a if link.role_a in LEAF_ROLES else link.b
            common[a, b].setdefault(borrowed, link)
        least = self._policy.overlap
        return [
            min(found.values(), key=lambda link: (-self.weight(link), link.key))
            for found in common.values()
            if len(found) >= least
        ]
