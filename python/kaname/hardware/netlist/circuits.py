"""Pieces of a design to draw: what is around a cell, and what a region looks like.

Nodes are cells by their place in the design, edges go from driver to load. A drawing is for
eyes, so it is capped; a node says how many of its neighbours were left out (`more`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from kaname.hardware.netlist.graph import Graph

__all__ = ["Circuit", "Drawn", "around", "edges", "region"]

_STEPS = 2
_BESIDE = 6  # neighbours of one cell on one side
_NODES = 60
_REGION = 90


class Drawn(msgspec.Struct, frozen=True):
    """A cell in a drawing: its depth counts cells from the middle, drivers negative."""

    id: int
    name: str  # the net it drives
    cell: str
    family: str
    probability: float
    depth: int
    flagged: bool = False
    more: int = 0
    inverting: bool = False


class Circuit(msgspec.Struct, frozen=True):
    """What is drawn; edges by `Drawn.id`."""

    nodes: list[Drawn]
    edges: list[tuple[int, int]]


def around(
    cell: int, graph: Graph, probability: NDArray[np.float32]
) -> tuple[dict[int, int], dict[int, int]]:
    """Depth by cell within two steps of ``cell``, and how many neighbours were left out."""
    depth, more, ring = {cell: 0}, {}, [cell]
    for _ in range(_STEPS):
        following: list[int] = []
        for at in ring:
            left = 0
            for links, step in ((graph.drivers, -1), (graph.loads, 1)):
                near = [int(one) for one in dict.fromkeys(links.of(at).tolist())]
                near.sort(key=lambda one: -float(probability[one]))
                for place, one in enumerate(near):
                    if one in depth:
                        continue
                    if place >= _BESIDE or len(depth) >= _NODES:
                        left += 1
                        continue
                    depth[one] = depth[at] + step
                    following.append(one)
            more[at] = left
        ring = following
    return depth, more


def region(
    cells: Sequence[int], graph: Graph, probability: NDArray[np.float32]
) -> tuple[dict[int, int], dict[int, int]]:
    """The same for a region: its surest cells, and what touches them; depth by longest path."""
    chosen = dict.fromkeys(int(cell) for cell in cells[:_REGION])
    more = {}
    for cell in list(chosen):
        near = [int(one) for one in graph.neighbours(cell)]
        near = [one for one in near if one not in chosen]
        near.sort(key=lambda one: -float(probability[one]))
        room = max(0, min(2, int(1.5 * _REGION) - len(chosen)))
        chosen.update(dict.fromkeys(near[:room]))
        more[cell] = max(0, len(near) - room)
    return _levels(list(chosen), graph), more


def _levels(cells: Sequence[int], graph: Graph) -> dict[int, int]:
    """Depths such that loads come after drivers, as far as loops allow; 0 in the middle."""
    inside = set(cells)
    depth = dict.fromkeys(cells, 0)
    for _ in range(min(24, len(cells))):
        changed = False
        for cell in cells:
            for load in graph.loads.of(cell).tolist():
                if load in inside and load != cell and depth[load] <= depth[cell] < 24:
                    depth[load] = depth[cell] + 1
                    changed = True
        if not changed:
            break
    middle = sorted(depth.values())[len(depth) // 2] if depth else 0
    return {cell: level - middle for cell, level in depth.items()}


def edges(cells: Iterable[int], graph: Graph) -> list[tuple[int, int]]:
    """Edges among ``cells``, each once."""
    inside = set(cells)
    return sorted(
        {
            (cell, load)
            for cell in inside
            for load in graph.loads.of(cell).tolist()
            if load in inside
        }
    )
