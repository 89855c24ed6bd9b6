"""Pieces of circuit that are suspicious together.

Flagged cells that drive each other, directly or through one other cell, are one component:
a trigger, what it drives and what is between. A component is what a person looks at, and
what the verdict on a design rests on: one lone cell with a high score is an accident far
more often than ten that hang together.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from kaname.hardware.netlist.graph import Graph

__all__ = ["Component", "components", "joined"]

_HUB = 32  # neighbours above which a cell that is not flagged joins nothing


@dataclass(frozen=True, slots=True)
class Component:
    """Cells that hang together, the most suspicious first; probabilities of the cells."""

    cells: NDArray[np.int32]
    highest: float
    mean: float
    weight: float  # the sum: how many Trojan cells are expected

    @property
    def size(self) -> int:
        """How many cells there are."""
        return len(self.cells)


def components(
    flagged: NDArray[np.int32], probability: NDArray[np.float32], graph: Graph
) -> list[Component]:
    """The components of ``flagged``, the one with the greatest weight first."""
    if not len(flagged):
        return []
    label = joined(flagged, graph)
    found = []
    for members in _groups(label):
        cells = flagged[members]
        sure = probability[cells].astype(np.float64)
        cells = cells[np.argsort(-sure, kind="stable")]
        found.append(Component(cells, float(sure.max()), float(sure.mean()), float(sure.sum())))
    return sorted(found, key=lambda one: (-one.weight, -one.highest))


def joined(flagged: NDArray[np.int32], graph: Graph) -> NDArray[np.int64]:
    """By flagged cell, the number of its component: joined directly or by one other cell."""
    place = np.full(graph.cells, -1, np.int64)
    place[flagged] = np.arange(len(flagged))
    pairs = [links.of_all(flagged) for links in (graph.drivers, graph.loads)]
    at, to = (np.concatenate(side) for side in zip(*pairs, strict=True))
    # A quiet hub (a clock gate, a bus enable) would join what has nothing to do with it.
    joins = (place[to] >= 0) | (graph.fan_in[to] + graph.fan_out[to] <= _HUB)
    at, to = at[joins], to[joins]
    touched = np.zeros(graph.cells, np.bool_)
    touched[to] = True
    between = np.flatnonzero(touched & (place < 0))
    place[between] = len(flagged) + np.arange(len(between))
    return _least(at, place[to], len(flagged) + len(between))[: len(flagged)]


def _least(a: NDArray[np.int64], b: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    """By node, the least node that it is connected with (label spreading and jumping)."""
    label = np.arange(count)
    while True:
        low = np.minimum(label[a], label[b])
        new = label.copy()
        np.minimum.at(new, a, low)
        np.minimum.at(new, b, low)
        np.minimum.at(new, label[a], low)
        np.minimum.at(new, label[b], low)
        new = new[new]
        if np.array_equal(new, label):
            return label
        label = new


def _groups(label: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    order = np.argsort(label, kind="stable")
    return np.split(order, np.flatnonzero(np.diff(label[order])) + 1)
