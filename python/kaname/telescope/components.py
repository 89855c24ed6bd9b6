"""Connected components of the graph of sources and targets along time."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["components"]

Ints = NDArray[np.int64]

_PAUSE = 3  # bins after which the same target is another event


def components(slot: Ints, source: Ints, target: Ints, blocks: Ints) -> list[Ints]:
    """Positions of edges, component by component.

    An edge is a source that reached a target (by number) in a bin of time, ``slot``;
    ``blocks`` has the block of each target. Nodes are targets in a bin. Two are joined
    when a source reached both in it, when they lie in one block in the same bin, and when
    they are the same target a few bins apart.
    """
    if not len(slot):
        return []
    width = len(blocks)
    nodes, node = np.unique(slot * width + target, return_inverse=True)
    by_source = np.lexsort((node, source, slot))
    by_source_links = _neighbours(node[by_source], (slot[by_source], source[by_source]))
    slot, target = nodes // width, nodes % width
    block = np.unique(blocks, return_inverse=True)[1][target]
    links = [
        by_source_links,
        _neighbours(np.lexsort((block, slot)), _ordered(slot, block)),
        _paused(target, slot),
    ]
    root = _joined(len(nodes), np.concatenate(links))
    order = np.argsort(root[node], kind="stable")
    cuts = np.flatnonzero(np.diff(root[node][order])) + 1
    return np.split(order, cuts)


def _ordered(slot: Ints, block: Ints) -> tuple[Ints, Ints]:
    order = np.lexsort((block, slot))
    return slot[order], block[order]


def _neighbours(values: Ints, same: tuple[Ints, Ints]) -> Ints:
    """Distinct pairs of neighbours in ``values`` where both columns of ``same`` agree."""
    equal = (np.diff(same[0]) == 0) & (np.diff(same[1]) == 0)
    pairs = np.stack([values[:-1][equal], values[1:][equal]], axis=1)
    return np.unique(pairs, axis=0)


def _paused(target: Ints, slot: Ints) -> Ints:
    order = np.lexsort((slot, target))
    close = (np.diff(target[order]) == 0) & (np.diff(slot[order]) <= _PAUSE)
    return np.stack([order[:-1][close], order[1:][close]], axis=1)


def _joined(count: int, links: Ints) -> Ints:
    """The root of every node once all ``links`` are made (union by the smaller number)."""
    root = list(range(count))

    def find(node: int) -> int:
        while root[node] != node:
            root[node] = root[root[node]]
            node = root[node]
        return node

    for one, other in links.tolist():
        low, high = sorted((find(one), find(other)))
        root[high] = low
    return np.array([find(node) for node in range(count)], dtype=np.int64)
