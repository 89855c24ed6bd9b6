"""A verdict with all that a person asks of it: regions, roles, pictures, a document.

Whatever touches names is asked for the few cells that are told of, so that a verdict on a
million cells costs no million names.
"""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from kaname.hardware.netlist.circuits import Circuit, Drawn, around, edges, region
from kaname.hardware.netlist.judging import Judged, design_features
from kaname.hardware.netlist.naming import Told, told
from kaname.hardware.netlist.roles import role_of_region, roles

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from kaname.hardware.netlist.components import Component
    from kaname.hardware.netlist.design import Netlist
    from kaname.hardware.netlist.graph import Graph
    from kaname.hardware.netlist.model import Head
    from kaname.hardware.netlist.values import Values

__all__ = ["Region", "Verdict"]

_REGIONS = 50  # that are told with a picture
_NETS = 12


class Region(msgspec.Struct, frozen=True, kw_only=True):
    """Suspicious cells that hang together; ``number`` counts from 1, the heaviest first.

    ``probability`` is what the verdict on the design would be if this were all there was.
    ``cells`` are places in the design, the surest first.
    """

    number: int
    size: int
    probability: float
    mean: float
    peak: float
    role: str
    families: dict[str, int]
    nets: list[str]
    cells: list[int]
    circuit: Circuit


class Verdict:
    """What a model says of a design. Arrays are by cell, in the order of the netlist.

    But for ``values`` and ``around``, where gates that change nothing were left out: `row`
    says which row a cell is judged by.
    """

    def __init__(
        self,
        netlist: Netlist,
        values: Values,
        around: NDArray[np.float32],
        graph: Graph,
        goal: str,
        head: Head,
        found: Judged,
        rows: Callable[[int], int] | None = None,
    ) -> None:
        self.netlist = netlist
        self.values, self.around, self.graph = values, around, graph
        self.goal, self.head, self.judged = goal, head, found
        self._rows = rows

    def row(self, cell: int) -> int:
        """The row of ``values`` and ``around`` that a cell is judged by."""
        return cell if self._rows is None else self._rows(cell)

    @property
    def probability(self) -> NDArray[np.float32]:
        """How likely each cell is a Trojan's, calibrated."""
        return self.judged.probability

    @property
    def threshold(self) -> float:
        """The probability from which on a cell is flagged."""
        return self.judged.threshold

    @property
    def flagged(self) -> NDArray[np.int32]:
        """Places of flagged cells, the surest first."""
        return self.judged.flagged

    @property
    def components(self) -> list[Component]:
        """Flagged cells that hang together."""
        return self.judged.components

    @property
    def design_probability(self) -> float:
        """How likely the design holds a Trojan."""
        return self.judged.design_probability

    @property
    def suspicious(self) -> bool:
        """Whether it is said to."""
        return self.judged.suspicious

    def ranked(self, limit: int) -> NDArray[np.int32]:
        """Places of the most suspicious cells, flagged or not, the surest first."""
        count = min(limit, len(self.probability))
        if not count:
            return np.zeros(0, np.int32)
        some = np.sort(np.argpartition(-self.probability, count - 1)[:count]).astype(np.int32)
        found: NDArray[np.int32] = some[np.argsort(-self.probability[some], kind="stable")]
        return found

    def told(self, netlist: Netlist, cells: Sequence[int]) -> list[Told]:
        """Names and kinds of cells."""
        return told(netlist, cells)

    @functools.cached_property
    def _region_by_cell(self) -> dict[int, int]:
        return {
            int(cell): number for number, one in enumerate(self.components, 1) for cell in one.cells
        }

    def region_of(self, cell: int) -> int:
        """The number of a cell's region; 0 where it is in none."""
        return self._region_by_cell.get(cell, 0)

    def role_of(self, netlist: Netlist, cell: int) -> str:
        """The role of a cell, among the region it is in or touches."""
        number = self.region_of(cell)
        if number:
            return self._roles(number)[cell]
        near = {self.region_of(int(one)) for one in self.graph.neighbours(cell)} - {0}
        members = self.components[min(near) - 1].cells if near else np.zeros(0, np.int32)
        every = np.append(members, np.int32(cell))
        family = [one.family for one in told(netlist, every.tolist())]
        return roles(every, family, self.graph)[-1]

    @functools.lru_cache(maxsize=256)  # noqa: B019 - a verdict lives as long as it is asked
    def _roles(self, number: int) -> dict[int, str]:
        cells = self.components[number - 1].cells
        family = [one.family for one in told(self.netlist, cells.tolist())]
        return dict(zip(cells.tolist(), roles(cells, family, self.graph), strict=True))

    def circuit(self, netlist: Netlist, cell: int) -> Circuit:
        """What is within two steps of a cell."""
        return self._drawn(netlist, *around(cell, self.graph, self.probability))

    def _drawn(self, netlist: Netlist, depth: dict[int, int], more: dict[int, int]) -> Circuit:
        cells = list(depth)
        nodes = [
            Drawn(
                id=cell,
                name=about.net,
                cell=about.cell,
                family=about.family,
                probability=round(float(self.probability[cell]), 4),
                depth=depth[cell],
                flagged=bool(self.probability[cell] >= self.threshold),
                more=more.get(cell, 0),
                inverting=about.inverting,
            )
            for cell, about in zip(cells, told(netlist, cells), strict=True)
        ]
        return Circuit(nodes, edges(cells, self.graph))

    @functools.cached_property
    def regions(self) -> list[Region]:
        """The heaviest regions, with pictures."""
        return [self._region(number) for number in range(1, 1 + len(self.components[:_REGIONS]))]

    def _region(self, number: int) -> Region:
        one = self.components[number - 1]
        cells = one.cells.tolist()
        each = self._roles(number)
        about = told(self.netlist, cells)
        alone = design_features(self.probability, self.graph, one.cells)
        verdict = self.head.decision.design.probability(alone)
        return Region(
            number=number,
            size=one.size,
            probability=round(min(verdict, self.design_probability), 4),
            mean=round(one.mean, 4),
            peak=round(one.highest, 4),
            role=role_of_region(list(each.values())),
            families=dict(Counter(each.family for each in about).most_common()),
            nets=[each.net for each in about[:_NETS]],
            cells=cells,
            circuit=self._drawn(self.netlist, *region(cells, self.graph, self.probability)),
        )

    def as_json(self, *, cells: Sequence[Any] = ()) -> dict[str, Any]:
        """All that is told of a verdict; ``cells`` are explanations to go with it."""
        found = self.judged
        counts, _ = np.histogram(self.probability, bins=10, range=(0, 1))
        return {
            "name": self.netlist.name,
            "digest": self.netlist.digest,
            "format": self.netlist.format,
            "model": self.head.name,
            "cells": len(self.probability),
            "nets": self.netlist.nets,
            "verdict": "suspicious" if self.suspicious else "clean",
            "probability": round(found.design_probability, 4),
            "threshold": round(found.design_threshold, 4),
            "as_clean": round(found.as_clean, 4),
            "goal": self.goal,
            "cell_threshold": round(self.threshold, 4),
            "flagged": len(self.flagged),
            "regions": [msgspec.to_builtins(one) for one in self.regions],
            "regions_total": len(self.components),
            "histogram": counts.tolist(),
            "ranked": [msgspec.to_builtins(one) for one in cells],
        }
