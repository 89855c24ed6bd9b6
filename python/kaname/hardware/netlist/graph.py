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

__all__ = ["Graph", "Links"]

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
    """Edges ``driver -> load`` between ``cells`` cells, without edges to oneself."""

    def __init__(self, cells: int, driver: NDArray[np.int32], load: NDArray[np.int32]) -> None:
        others = driver != load
        self.cells = cells
        self.driver = driver if others.all() else driver[others]
        self.load = load if others.all() else load[others]

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

    def neighbours(self, cell: int) -> NDArray[np.int32]:
        """Drivers and loads of one cell, each once, ascending."""
        return np.unique(np.concatenate((self.drivers.of(cell), self.loads.of(cell))))


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
