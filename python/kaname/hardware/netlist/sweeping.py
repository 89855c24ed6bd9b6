"""A design without the gates that change nothing, and scores of it taken back to all gates.

Who hides a Trojan puts such gates around it: buffers, pairs of inverters, `x & (x | y)`.
What is learnt of cells and their surroundings does not fit any more then. So a design is
judged without them (`rust/netfeatures/src/sweeping.rs`), and they are as suspicious as what
is around them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from kaname.hardware.netlist.design import Netlist
from kaname.hardware.netlist.graph import graph_of
from kaname.hardware.netlist.lent import taken

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from kaname.hardware.netlist.graph import Graph

__all__ = ["Swept", "swept"]

_FARTHEST = 12  # gates that change nothing in a row, through which scores are taken back


@dataclass(frozen=True, slots=True)
class Swept:
    """What is left of a design.

    ``place`` is by cell of the whole design its place in ``netlist``: of its twin where two
    said the same, -1 for one that only handed on, or that nothing reads now.
    ``buffer`` are those of the latter that are buffers or inverters, which honest designs
    have as well.
    """

    netlist: Netlist
    graph: Graph
    place: NDArray[np.int32]
    buffer: NDArray[np.int32]

    def marks(self, truth: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Which of the cells that are left are a Trojan's, out of which of all are."""
        found = np.zeros(self.netlist.cells, np.bool_)
        found[self.place[truth & (self.place >= 0)]] = True
        return found

    def whole(self, score: NDArray[np.float32], graph: Graph) -> NDArray[np.float32]:
        """Scores of all cells out of those of the cells that are left.

        A gate that changes nothing has the highest score around it. A buffer has the mean
        of its driver's and its readers': a Trojan's is between cells of the Trojan.
        """
        found = np.zeros(graph.cells)
        stays = self.place >= 0
        found[stays] = score[self.place[stays]]
        gone = np.flatnonzero(~stays)
        for _ in range(_FARTHEST):
            near = np.maximum(graph.highest_driver(found)[gone], graph.highest_load(found)[gone])
            if (near <= found[gone]).all():
                break
            found[gone] = np.maximum(found[gone], near)
        driver = graph.highest_driver(found)[self.buffer]
        readers = (graph.from_loads(found) / np.maximum(graph.fan_out, 1))[self.buffer]
        found[self.buffer] = (driver + readers) / 2
        return found.astype(np.float32)

    def row(self, cell: int, score: NDArray[np.float32], graph: Graph) -> int:
        """The place in ``netlist`` of the cell by which a cell of the whole design is judged."""
        seen, front = {cell}, [cell]
        while front:
            kept = [int(self.place[at]) for at in front if self.place[at] >= 0]
            if kept:
                return max(kept, key=lambda at: (float(score[at]), -at))
            front = [int(to) for at in front for to in graph.neighbours(at)]
            front = [at for at in dict.fromkeys(front) if at not in seen]
            seen.update(front)
        return 0


def swept(netlist: Netlist) -> Swept | None:
    """A design without gates that change nothing; None where it has none."""
    from kaname._native import swept_netlist

    found = swept_netlist(netlist.native)
    if found is None or not found[0].cells:
        return None
    rest, place = Netlist(found[0], digest=netlist.digest), taken(found[1])
    gone = np.flatnonzero(place < 0).astype(np.int32)
    kinds = np.array([one["family"] == "buffer" for one in netlist.types], np.bool_)
    kind = taken(netlist.table()["kind"])
    return Swept(rest, graph_of(rest), place, gone[kinds[kind[gone]]])
