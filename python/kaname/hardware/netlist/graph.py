"""The graph of a design as arrays: who drives whom, both ways.

Edges go from the instance that drives a net to each instance that the net is data of.
Everything is by place, never by name, so that a design may be renamed or shuffled.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from kaname.hardware.netlist.design import Netlist

__all__ = ["Graph", "Links", "graph_of"]

_CROWD = 64  # pins of a net
Floats = Any  # NDArray of float32 or float64: numpy promotes between them


@dataclass(frozen=True, slots=True)
class Links:
    """Neighbours by cell: those of ``i`` are ``to[starts[i]:starts[i + 1]]``."""

    starts: NDArray[np.int64]
    to: NDArray[np.int32]

    def of(self, cell: int) -> NDArray[np.int32]:
        """The neighbours of one cell."""
        return self.to[self.starts[cell] : self.starts[cell + 1]]


class Graph:
    """Edges ``driver -> load`` between ``cells`` cells, without edges to oneself.

    ``pins`` are cells and the nets that they are on, clocks and resets among them: cells
    that share a reset belong together although none drives the other.
    """

    def __init__(
        self,
        cells: int,
        driver: NDArray[np.int32],
        load: NDArray[np.int32],
        pins: tuple[NDArray[np.int32], NDArray[np.int32]] | None = None,
    ) -> None:
        others = driver != load
        self.cells = cells
        self.driver = driver if others.all() else driver[others]
        self.load = load if others.all() else load[others]
        self._pins = pins

    @functools.cached_property
    def loads(self) -> Links:
        """What each cell drives."""
        return _links(self.cells, self.driver, self.load)

    @functools.cached_property
    def drivers(self) -> Links:
        """What drives each cell."""
        return _links(self.cells, self.load, self.driver)

    @functools.cached_property
    def fan_in(self) -> NDArray[np.float64]:
        """How many edges end at each cell."""
        return np.bincount(self.load, minlength=self.cells).astype(np.float64)

    @functools.cached_property
    def fan_out(self) -> NDArray[np.float64]:
        """How many edges begin at each cell."""
        return np.bincount(self.driver, minlength=self.cells).astype(np.float64)

    def from_drivers(self, values: Floats, share: Floats | None = None) -> Floats:
        """By cell, the sum of its drivers' ``values``, each times ``share`` of that driver."""
        sent = values if share is None else values * share
        return np.bincount(self.load, sent[self.driver], self.cells)

    def from_loads(self, values: Floats, share: Floats | None = None) -> Floats:
        """By cell, the sum of its loads' ``values``, each times ``share`` of that load."""
        sent = values if share is None else values * share
        return np.bincount(self.driver, sent[self.load], self.cells)

    def highest_driver(self, values: Floats) -> Floats:
        """By cell, the highest value among its drivers; 0 where there is none."""
        return _highest(self.drivers, values)

    def highest_load(self, values: Floats) -> Floats:
        """By cell, the highest value among its loads; 0 where there is none."""
        return _highest(self.loads, values)

    @functools.cached_property
    def _sharing(self) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
        """Cells, their nets, and on how many pins each of these nets is; shared ones only."""
        if self._pins is None:
            none = np.zeros(0, np.int64)
            return none, none, none
        cell, net = self._pins
        count = np.bincount(net) if len(net) else np.zeros(0, np.int64)
        shared = count[net] > 1
        return cell[shared], net[shared], count[net[shared]]

    def on_same_nets(self, values: Floats) -> tuple[Floats, Floats]:
        """By cell, the mean value of the other cells on its nets, and the highest such mean.

        Nets of few pins weigh more (by the root of their number) and nets of more than
        `_CROWD` are left out of the highest: what all have says nothing.
        """
        cell, net, count = self._sharing
        found = np.zeros(self.cells), np.zeros(self.cells)
        if not len(cell):
            return found
        own = values[cell]
        others = (np.bincount(net, own)[net] - own) / (count - 1)
        weight = 1 / np.sqrt(count)
        whole = np.maximum(np.bincount(cell, weight, self.cells), 1e-12)
        few = np.flatnonzero(count <= _CROWD)
        few = few[np.argsort(cell[few], kind="stable")]
        highest = found[1]
        if len(few):
            starts = np.flatnonzero(np.diff(cell[few], prepend=-1))
            highest[cell[few][starts]] = np.maximum.reduceat(others[few], starts)
        return np.bincount(cell, weight * others, self.cells) / whole, highest

    def neighbours(self, cell: int) -> NDArray[np.int32]:
        """Drivers and loads of one cell, each once, ascending."""
        return np.unique(np.concatenate((self.drivers.of(cell), self.loads.of(cell))))


def graph_of(netlist: Netlist) -> Graph:
    """The graph of a design; supply pins join nothing."""
    from kaname._native import PIN_ROLES

    driver, load = netlist.edges()
    pins = netlist.pins()
    instance, net = pins["instance"].to_numpy(), pins["net"].to_numpy()
    used = pins["role"].to_numpy() != PIN_ROLES.index("power")
    if not used.all():
        instance, net = instance[used], net[used]
    return Graph(netlist.cells, driver, load, (instance, net))


def _links(cells: int, at: NDArray[np.int32], to: NDArray[np.int32]) -> Links:
    starts = np.zeros(cells + 1, np.int64)
    np.cumsum(np.bincount(at, minlength=cells), out=starts[1:])
    return Links(starts, to[np.argsort(at, kind="stable")])


def _highest(links: Links, values: Floats) -> Floats:
    found = np.zeros(len(values), np.float64)
    some = np.flatnonzero(np.diff(links.starts))
    if len(some):
        found[some] = np.maximum.reduceat(values[links.to], links.starts[some])
    return found
