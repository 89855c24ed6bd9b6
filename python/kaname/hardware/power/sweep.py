"""Going through a whole trace piece by piece: its segments, and what a picture of it needs."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from kaname.hardware.power.segments import Cutting, Segment
from kaname.hardware.power.stream import Cutter

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from kaname.hardware.power.source import Source

__all__ = ["Outline", "segments_of"]

_CHUNK = 1 << 20
_POINTS = 1 << 14  # columns of an outline, at most


class Outline:
    """Lowest and highest power over time, in at most 16,384 columns however long a trace is."""

    def __init__(self, fs: float) -> None:
        self.fs = fs
        self.width = 1  # readings a column
        self.low = np.empty(0, np.float32)
        self.high = np.empty(0, np.float32)
        self._rest = np.empty(0, np.float32)

    @property
    def seconds(self) -> NDArray[np.float64]:
        """Start of each column."""
        return np.asarray(np.arange(len(self.low)) * (self.width / self.fs))

    def skip(self, seconds: float) -> None:
        """Readings are missing: columns without any."""
        missing = round(seconds * self.fs)
        while missing > _POINTS * self.width:
            self._halve()
        self.add(np.full(missing, np.nan, np.float32))

    def add(self, values: NDArray[np.float32]) -> None:
        """More readings [W]."""
        values = np.concatenate([self._rest, values])
        whole = len(values) // self.width * self.width
        table = values[:whole].reshape(-1, self.width)
        self._rest = values[whole:]
        # fmin and fmax pass over NaN, and a column of nothing else stays NaN.
        self.low = np.concatenate([self.low, np.fmin.reduce(table, axis=1)])
        self.high = np.concatenate([self.high, np.fmax.reduce(table, axis=1)])
        while len(self.low) > _POINTS:
            self._halve()

    def _halve(self) -> None:
        """Two columns become one."""
        odd = len(self.low) % 2
        pad = np.full(odd, np.nan, np.float32)
        self.low = np.fmin.reduce(np.concatenate([self.low, pad]).reshape(-1, 2), axis=1)
        self.high = np.fmax.reduce(np.concatenate([self.high, pad]).reshape(-1, 2), axis=1)
        self.width *= 2


def segments_of(
    source: Source,
    cutting: Cutting | None = None,
    *,
    outline: Outline | None = None,
    progress: Callable[[float], None] | None = None,
) -> list[Segment]:
    """All segments of a source, in constant memory beside them.

    Args:
        source: it is gone through.
        cutting: how to cut.
        outline: drawn on the way.
        progress: told the second that was reached.
    """
    cutter = Cutter(source.fs, cutting)
    found: list[Segment] = []
    for piece in source.pieces():
        if piece.missing:
            found += cutter.gap(piece.missing)
            if outline is not None:
                outline.skip(piece.missing)
        for at in range(0, len(piece.values), _CHUNK):
            values = piece.values[at : at + _CHUNK]
            found += cutter.push(values)
            if outline is not None:
                outline.add(values)
        if progress is not None:
            progress(cutter.second)
    return found + cutter.finish()
