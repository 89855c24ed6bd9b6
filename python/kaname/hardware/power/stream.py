"""Cutting a live stream of power readings into segments, in constant memory.

Readings are averaged over *cells* (20 ms), cells are gathered in *blocks* (0.5 s), and a
block is looked at when it is full. So how the stream was cut into pieces can never show in
the result, the verdict on a burst is there less than a second after its end, and a whole
trace goes through the same code as arrays of many blocks.
"""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING

import numpy as np

from kaname.hardware.power.level import BLOCK_CELLS, WARM_UP, Level
from kaname.hardware.power.runs import Runs
from kaname.hardware.power.segments import Cutting, Segment
from kaname.model.errors import UsageError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

__all__ = ["Cutter"]

_CELLS_IN_SHORTEST = 7.5
_FEW = 16  # so few readings a cell are added up faster as columns


class Cutter:
    """Readings in, segments out.

    ``push`` takes readings [W] as they come, in pieces of any size, and gives the segments
    that are complete. ``gap`` says that readings are missing, ``finish`` that no more will
    come. Whatever the pieces, the segments are the same.
    """

    def __init__(self, fs: float, cutting: Cutting | None = None, *, start: float = 0.0) -> None:
        """A stream of ``fs`` readings per second whose first reading is at ``start`` [s]."""
        self.cutting = cutting or Cutting()
        if not (math.isfinite(fs) and fs > 0):
            raise UsageError("hardware.power.error.rate", found=fs)
        self.fs = fs
        self._width = max(1, round(fs * self.cutting.shortest / _CELLS_IN_SHORTEST))
        self._cell = self._width / fs
        self._level = Level(self.cutting, self._cell)
        self._runs = Runs(self.cutting, self._cell, start)
        self._raw: list[Floats] = []  # readings of a block that is not full
        self._raw_size = 0
        self._held: list[Floats] = []  # blocks from before the level was known
        self._held_size = 0

    @property
    def second(self) -> float:
        """Time of the next reading, in seconds."""
        return self._runs.second + self._held_size * self._cell + self._raw_size / self.fs

    @property
    def sleep_level(self) -> float:
        """The sleep level now [W]; NaN in the first 2 s."""
        return self._level.watts

    @property
    def delay(self) -> float:
        """A burst is told at most so long [s] after its end, but for the first 2 s."""
        return self._cell * (BLOCK_CELLS + self._runs.close + 1)

    def push(self, values: Floats) -> list[Segment]:
        """Take readings [W]; give the segments that they complete. NaN is a missing reading."""
        taken = np.array(values, np.float32, ndmin=1)
        if not np.isfinite(taken).all():
            return self._holed(taken)
        return self._pushed(taken)

    def _holed(self, values: Floats) -> list[Segment]:
        """Readings of which some are missing: each run of those is a gap."""
        known = np.isfinite(values)
        edges = np.flatnonzero(np.diff(known, prepend=not known[0], append=not known[-1]))
        found: list[Segment] = []
        for first, last in itertools.pairwise(edges.tolist()):
            if known[first]:
                found += self._pushed(values[first:last])
            else:
                found += self.gap((last - first) / self.fs)
        return found

    def _pushed(self, values: Floats) -> list[Segment]:
        self._raw.append(values)
        self._raw_size += len(self._raw[-1])
        block = self._width * BLOCK_CELLS
        if self._raw_size < block:
            return []
        readings = np.concatenate(self._raw) if len(self._raw) > 1 else self._raw[0]
        whole = len(readings) // block * block
        self._raw, self._raw_size = [readings[whole:].copy()], len(readings) - whole
        return self._take(_cells(readings[:whole], self._width))

    def gap(self, seconds: float) -> list[Segment]:
        """Readings are missing for so long: what is open ends here, not whole."""
        found = self._end()
        self._runs = Runs(self.cutting, self._cell, self.second + seconds)
        self._raw, self._raw_size = [], 0
        return found

    def finish(self) -> list[Segment]:
        """No more will come: give what is left."""
        return self.gap(0.0)

    def _take(self, cells: Floats) -> list[Segment]:
        if not self._level.known:
            self._held.append(cells)
            self._held_size += len(cells)
            if self._held_size < WARM_UP * BLOCK_CELLS:
                return []
            cells = np.concatenate(self._held)
            self._held, self._held_size = [], 0
            self._level.begin(cells[: WARM_UP * BLOCK_CELLS])
        return self._runs.take(cells, *self._level.walk(cells.reshape(-1, BLOCK_CELLS)))

    def _end(self) -> list[Segment]:
        """The last block, which is not full: under the last sleep level."""
        rest = np.concatenate(self._raw) if self._raw else np.empty(0, np.float32)
        whole = len(rest) // self._width * self._width
        cells = _cells(rest[:whole], self._width)
        found: list[Segment] = []
        if not self._level.known and self._held_size + len(cells):
            held = np.concatenate([*self._held, np.empty(0, np.float32)])
            self._level.begin(np.concatenate([held, cells]))
            self._held, self._held_size = [], 0
            if len(held):
                found = self._runs.take(held, *self._level.walk(held.reshape(-1, BLOCK_CELLS)))
        level = np.full(len(cells), self._level.watts, np.float32)
        threshold = np.full(len(cells), self._level.threshold, np.float32)
        found += self._runs.finish(cells, level, threshold)
        self._raw_size = len(rest) - whole
        return found


def _cells(readings: Floats, width: int) -> Floats:
    """Means over ``width`` readings; the same whatever else is in the array."""
    if width == 1:
        return readings
    if width <= _FEW:
        total = readings[::width].copy()
        for at in range(1, width):
            total += readings[at::width]
    else:
        total = readings.reshape(-1, width).sum(axis=1)
    return total / np.float32(width)
