"""What part of a Trojan a cell looks like, from where it stands among suspicious cells.

- oscillator: it lies on a loop without a flip-flop, as rings that heat or wear a chip do;
- counter: it keeps state on a loop, or feeds what does: counters, state machines;
- payload: it takes something from the suspicious part and something from the rest, and
  gives to the rest: the place where a Trojan reaches into what was a direct path;
- trigger: it only watches; a tree of ANDs and ORs over nets of the host, mostly;
- other: none of these.

A guess from the drawing, not a proof: the sub-circuit is shown beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from kaname.hardware.netlist.graph import Graph

__all__ = ["KEEPING", "ROLES", "role_of_region", "roles"]

ROLES = ("trigger", "counter", "payload", "oscillator", "other")
KEEPING = ("flip_flop", "latch")
_JOINING = ("and", "or", "xor", "mux", "and_or", "or_and")
_MOST = 20_000  # cells of a region beyond which loops are not looked for


def roles(members: NDArray[np.int32], family: Sequence[str], graph: Graph) -> list[str]:
    """A role for each of ``members``, suspicious cells that hang together."""
    inside = _Inside(members, graph)
    keeps = np.array([name in KEEPING for name in family], np.bool_)
    rings = inside.on_loops(~keeps)
    state = inside.on_loops(np.ones(len(members), np.bool_)) & ~rings
    found = []
    for place, name in enumerate(family):
        if rings[place]:
            found.append("oscillator")
        elif inside.reaches_out(place) and inside.fed(place) and name in _JOINING:
            found.append("payload")
        elif keeps[place] or state[place]:
            found.append("counter")
        elif name in _JOINING:
            found.append("trigger")
        else:
            found.append("other")
    return found


def role_of_region(each: Sequence[str]) -> str:
    """What a region as a whole looks like: its surest part first."""
    counts = {role: each.count(role) for role in ROLES}
    if counts["oscillator"] >= 2:
        return "oscillator"
    if counts["counter"] >= max(3, len(each) // 4):
        return "counter"
    if counts["trigger"] >= counts["payload"] and counts["trigger"]:
        return "trigger"
    return "payload" if counts["payload"] else "other"


class _Inside:
    """Edges among the members of a region, by their place in it, and those across its rim."""

    def __init__(self, members: NDArray[np.int32], graph: Graph) -> None:
        self._members, self._graph = members, graph
        self._place = {int(cell): at for at, cell in enumerate(members)}
        pairs = [
            (at, self._place[int(load)])
            for at, cell in enumerate(members)
            for load in graph.loads.of(int(cell))
            if int(load) in self._place
        ]
        table = np.array(pairs, np.int64).reshape(-1, 2)
        self._from, self._to = table[:, 0], table[:, 1]

    def reaches_out(self, place: int) -> bool:
        """Whether it drives a cell outside."""
        loads = self._graph.loads.of(int(self._members[place]))
        return any(int(load) not in self._place for load in loads)

    def fed(self, place: int) -> bool:
        """Whether it is driven from inside and from outside."""
        own = [int(cell) in self._place for cell in self._drivers(place)]
        return any(own) and not all(own)

    def _drivers(self, place: int) -> NDArray[np.int32]:
        return self._graph.drivers.of(int(self._members[place]))

    def on_loops(self, allowed: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Members that lie on loops of ``allowed`` ones, or between two such loops."""
        left = allowed.copy()
        if len(left) > _MOST:
            return np.zeros(len(left), np.bool_)
        while True:
            edges = left[self._from] & left[self._to]
            gets = np.bincount(self._to[edges], minlength=len(left)) > 0
            gives = np.bincount(self._from[edges], minlength=len(left)) > 0
            kept = left & gets & gives
            if np.array_equal(kept, left):
                return kept
            left = kept
