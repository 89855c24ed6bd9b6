"""The graph of a design as arrays: who drives whom, both ways.

Edges go from the instance that drives a net to each instance that the net is data of.
Everything is by place, never by name, so that a design may be renamed or shuffled.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

import numpy as np

from kaname.hardware.netlist.lent import lent, taken

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from kaname.hardware.netlist.design import Netlist

__all__ = ["Graph", "Links", "graph_of", "ranks"]

_THREADS = 2
Floats = Any  # NDArray of float32 or float64: numpy promotes between them


class Links:
    """Neighbours by cell: those of ``i`` are ``to[starts[i]:starts[i + 1]]``.

    They stand in the order in which links from ``at`` were given.
    """

    def __init__(self, cells: int, at: NDArray[np.int32], to: NDArray[np.int32]) -> None:
        from kaname._native import NeighbourLinks

        self._core = NeighbourLinks(cells, lent(_ints(at)), lent(_ints(to)))
        self.starts: NDArray[np.int64] = taken(self._core.starts())
        self.to: NDArray[np.int32] = taken(self._core.to())

    def of(self, cell: int) -> NDArray[np.int32]:
        """The neighbours of one cell."""
        return self.to[self.starts[cell] : self.starts[cell + 1]]

    def of_all(self, cells: NDArray[np.int32]) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
        """The neighbours of some cells, and for each of them the place among ``cells``."""
        counts = self.starts[cells + 1] - self.starts[cells]
        place = np.repeat(np.arange(len(cells)), counts)
        begins = np.repeat(self.starts[cells] - np.cumsum(counts) + counts, counts)
        return place, self.to[begins + np.arange(len(begins))]

    def sums(self, values: Floats) -> Floats:
        """By cell, the sum of ``values`` over its neighbours."""
        return taken(self._core.sums(lent(_floats(values)), _THREADS))

    def highest(self, values: Floats) -> Floats:
        """By cell, the highest of ``values`` among its neighbours; 0 where there is none."""
        return taken(self._core.highest(lent(_floats(values)), _THREADS))


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
        return Links(self.cells, self.driver, self.load)

    @functools.cached_property
    def drivers(self) -> Links:
        """What drives each cell."""
        return Links(self.cells, self.load, self.driver)

    @functools.cached_property
    def fan_in(self) -> NDArray[np.float64]:
        """How many edges end at each cell."""
        return np.diff(self.drivers.starts).astype(np.float64)

    @functools.cached_property
    def fan_out(self) -> NDArray[np.float64]:
        """How many edges begin at each cell."""
        return np.diff(self.loads.starts).astype(np.float64)

    def from_drivers(self, values: Floats, share: Floats | None = None) -> Floats:
        """By cell, the sum of its drivers' ``values``, each times ``share`` of that driver."""
        return self.drivers.sums(values if share is None else values * share)

    def from_loads(self, values: Floats, share: Floats | None = None) -> Floats:
        """By cell, the sum of its loads' ``values``, each times ``share`` of that load."""
        return self.loads.sums(values if share is None else values * share)

    def highest_driver(self, values: Floats) -> Floats:
        """By cell, the highest value among its drivers; 0 where there is none."""
        return self.drivers.highest(values)

    def highest_load(self, values: Floats) -> Floats:
        """By cell, the highest value among its loads; 0 where there is none."""
        return self.loads.highest(values)

    def on_same_nets(self, values: Floats) -> tuple[Floats, Floats]:
        """By cell, the mean value of the other cells on its nets, and the highest such mean.

        Nets of few pins weigh more (by the root of their number) and nets of more than
        64 are left out of the highest: what all have says nothing.
        """
        from kaname._native import around_on_nets

        none = np.zeros(0, np.int32)
        cell, net = (none, none) if self._pins is None else self._pins
        found = around_on_nets(lent(_ints(cell)), lent(_ints(net)), lent(_floats(values)))
        return taken(found[0]), taken(found[1])

    def neighbours(self, cell: int) -> NDArray[np.int32]:
        """Drivers and loads of one cell, each once, ascending."""
        return np.unique(np.concatenate((self.drivers.of(cell), self.loads.of(cell))))


def graph_of(netlist: Netlist) -> Graph:
    """The graph of a design; supply pins join nothing."""
    from kaname._native import PIN_ROLES

    driver, load = netlist.edges()
    pins = netlist.pins()
    instance, net = taken(pins["instance"]), taken(pins["net"])
    used = taken(pins["role"]) != PIN_ROLES.index("power")
    if not used.all():
        instance, net = instance[used], net[used]
    return Graph(netlist.cells, driver, load, (instance, net))


def ranks(values: Floats) -> Floats:
    """The share of values below each, equal ones in the middle."""
    from kaname._native import middle_ranks

    return taken(middle_ranks(lent(_floats(values))))


def _floats(values: Floats) -> NDArray[np.float64]:
    return np.asarray(values).astype(np.float64, copy=False)


def _ints(places: NDArray[Any]) -> NDArray[np.int32]:
    return places.astype(np.int32, copy=False)
