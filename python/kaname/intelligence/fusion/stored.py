"""The part of a fusion store in which campaigns can lie, as a graph.

Most of a store is everyday traffic that no campaign reaches. It is left out by columns,
before anything becomes an object: kept is what lies within a few steps of an attack, not
counting steps through artifacts that are everybody's.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from kaname.intelligence.fusion.links import Graph, Link, Node, Profile, adverse, structure
from kaname.intelligence.fusion.policy import (
    ADVERSE_KINDS,
    LEAF_ROLES,
    STRUCTURE,
    Policy,
    role_weight,
)
from kaname.model.marking import Tlp
from kaname.model.records import ArtifactKind

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from kaname.intelligence.fusion.campaigns import Proposal
    from kaname.intelligence.store import FusionStore
    from kaname.intelligence.store.facts import Edges, Mentions

    Mask = NDArray[np.bool_]
    Numbers = NDArray[Any]

__all__ = ["graph_of", "shown"]

_STEPS = 6
_MOST_EVIDENCE = 8
_MOST_ITEMS = 2_000


def graph_of(
    store: FusionStore, policy: Policy | None = None, *, clearance: Tlp = Tlp.RED
) -> Graph:
    """What somebody with ``clearance`` may see of the surroundings of attacks in ``store``."""
    policy = policy or Policy()
    edges, mentions = store.edges(clearance=clearance), store.mentions(clearance=clearance)
    size = 1 + max(
        (int(c.max()) for c in (edges.a, edges.b, mentions.artifact) if len(c)), default=0
    )
    bad = _adverse(mentions, size)
    binding = _binding(edges)
    hubs = _hubs(edges, binding, bad, policy, size)
    near = _near(edges, binding, hubs, size)
    kept = binding & (near[edges.a] | near[edges.b])
    numbers = np.unique(np.concatenate([edges.a[kept], edges.b[kept], np.flatnonzero(near)]))
    nodes = {int(n): Node(*store.name(int(n))) for n in numbers}
    profiles = _profiles(store, mentions, nodes, bad, clearance)
    links = [_link(edges, int(row), nodes) for row in np.flatnonzero(kept)]
    links += structure(profiles)
    return Graph(
        sorted(links, key=lambda link: link.key),
        profiles,
        int(mentions.observations.sum()),  # mentions: only what may be seen counts
        frozenset(nodes[int(n)] for n in np.flatnonzero(hubs) if int(n) in nodes),
    )


def shown(
    store: FusionStore, proposals: Iterable[Proposal], clearance: Tlp = Tlp.RED
) -> list[Proposal]:
    """``proposals`` with the observations that show each merge, and its marking."""
    return [_shown(store, one, clearance) for one in proposals]


def _adverse(mentions: Mentions, size: int) -> Mask:
    """The artifacts that something speaks against by itself."""
    speaks = _table(mentions.words, mentions.words, adverse)
    bad = np.zeros(size, bool)
    bad[mentions.artifact[speaks[mentions.kind, mentions.role]]] = True
    return bad


def _table(kinds: Sequence[str], roles: Sequence[str], holds: Any) -> Mask:
    """``holds(kind, role)`` for all pairs of words that are there."""
    found = [holds(kind, role) for kind in kinds for role in roles]
    return np.array(found, bool).reshape(len(kinds), len(roles))


def _words(words: Sequence[str], holds: Any) -> Mask:
    return np.array([holds(word) for word in words], bool)


def _binding(edges: Edges) -> Mask:
    weighs = _words(edges.words, lambda role: role_weight(role) > 0)
    if not len(weighs):
        return np.zeros(0, bool)
    return weighs[edges.role_a] & weighs[edges.role_b]


def _hubs(edges: Edges, binding: Mask, bad: Mask, policy: Policy, size: int) -> Mask:
    """Artifacts with too many neighbours, innocent ones or of any kind."""
    pairs = np.unique(edges.a[binding].astype(np.uint64) << np.uint64(32) | edges.b[binding])
    a, b = (
        (pairs >> np.uint64(32)).astype(np.int64),
        (pairs & np.uint64(0xFFFFFFFF)).astype(np.int64),
    )
    innocent = np.bincount(a[~bad[b]], minlength=size) + np.bincount(b[~bad[a]], minlength=size)
    everybody = np.bincount(a, minlength=size) + np.bincount(b, minlength=size)
    return (innocent > policy.gate) | (everybody > policy.crowd)


def _near(edges: Edges, binding: Mask, hubs: Mask, size: int) -> Mask:
    """What lies within a few steps of things that were delivered together."""
    attacks = _words(edges.words, lambda kind: kind in ADVERSE_KINDS)
    leaves = _words(edges.words, lambda role: role in LEAF_ROLES)
    near = np.zeros(size, bool)
    if not len(attacks):
        return near
    strong = binding & attacks[edges.kind] & ~leaves[edges.role_a] & ~leaves[edges.role_b]
    near[edges.a[strong]] = near[edges.b[strong]] = True
    near &= ~hubs
    for _ in range(_STEPS):
        before = int(near.sum())
        near[edges.b[binding & near[edges.a]]] = True
        near[edges.a[binding & near[edges.b]]] = True
        near &= ~hubs
        if int(near.sum()) == before:
            break
    return near


def _profiles(
    store: FusionStore, mentions: Mentions, nodes: dict[int, Node], bad: Mask, clearance: Tlp
) -> dict[Node, Profile]:
    ordered = sorted(nodes)
    found = store.lookup([nodes[n] for n in ordered], clearance=clearance)
    profiles = {
        nodes[n]: Profile(
            documents=found.observations[place],
            first=found.first_seen[place],
            last=found.last_seen[place],
            adverse=bool(bad[n]),
            tlp=Tlp.CLEAR,
        )
        for place, n in enumerate(ordered)
    }
    wanted = np.isin(mentions.artifact, np.array(ordered, np.uint32))
    for row in np.flatnonzero(wanted):
        profile = profiles[nodes[int(mentions.artifact[row])]]
        role, count = mentions.words[mentions.role[row]], int(mentions.observations[row])
        profile.sources = profile.sources | {mentions.words[mentions.source[row]]}
        profile.roles = profile.roles | {role: profile.roles.get(role, 0) + count}
    return profiles


def _link(edges: Edges, row: int, nodes: dict[int, Node]) -> Link:
    words = edges.words
    ends = [
        (nodes[int(edges.a[row])], words[edges.role_a[row]]),
        (nodes[int(edges.b[row])], words[edges.role_b[row]]),
    ]
    (a, role_a), (b, role_b) = sorted(ends)
    return Link(
        a=a,
        b=b,
        kind=words[edges.kind[row]],
        role_a=role_a,
        role_b=role_b,
        observations=int(edges.observations[row]),
        first=int(edges.first[row]),
        last=int(edges.last[row]),
    )


def _shown(store: FusionStore, proposal: Proposal, clearance: Tlp) -> Proposal:
    from kaname.model.marking import join

    merges = tuple(
        msgspec.structs.replace(merge, link=_with_evidence(store, merge.link, clearance))
        for merge in proposal.merges
    )
    tlp = join(merge.link.tlp for merge in merges)
    return msgspec.structs.replace(proposal, merges=merges, tlp=tlp)


def _with_evidence(store: FusionStore, link: Link, clearance: Tlp) -> Link:
    """The link with the ids of observations that show it, and the most open marking of one."""

    def items(node: Node) -> dict[str, Tlp]:
        kind: ArtifactKind = node.kind
        found = store.items(kind, node.value, limit=_MOST_ITEMS, clearance=clearance)
        return {one.id: one.tlp for one in found if link.kind in (one.kind, STRUCTURE)}

    a, b = items(link.a), items(link.b)
    if link.kind == STRUCTURE:
        tlp = max((min(side.values(), key=_rank, default=clearance) for side in (a, b)), key=_rank)
        return msgspec.structs.replace(link, tlp=tlp)
    both = sorted(a.keys() & b.keys())
    tlp = min((a[key] for key in both), key=_rank, default=clearance)
    return msgspec.structs.replace(link, evidence=tuple(both[:_MOST_EVIDENCE]), tlp=tlp)


def _rank(level: Tlp) -> int:
    return level.rank
