"""Ways to correlate that others use, to measure ours against."""

from __future__ import annotations

from collections import defaultdict

from kaname.intelligence.fusion.links import Graph, Node
from kaname.intelligence.fusion.partition import Partition

__all__ = ["exact", "gated"]


def exact(graph: Graph) -> list[frozenset[Node]]:
    """Whatever was ever seen together is one: correlation by exact match."""
    return _components(graph, hubs=set())


def gated(graph: Graph, degree: int = 20) -> list[frozenset[Node]]:
    """The same without artifacts that have more than ``degree`` neighbours."""
    neighbours: dict[Node, set[Node]] = defaultdict(set)
    for link in graph.links:
        neighbours[link.a].add(link.b)
        neighbours[link.b].add(link.a)
    return _components(graph, {node for node, found in neighbours.items() if len(found) > degree})


def _components(graph: Graph, hubs: set[Node]) -> list[frozenset[Node]]:
    partition = Partition()
    partition.join_all(link for link in graph.links if link.a not in hubs and link.b not in hubs)
    return sorted((frozenset(part) for part in partition.parts().values()), key=len, reverse=True)
