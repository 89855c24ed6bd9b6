"""Port counts as a grid of bins and ports, however they were stored."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["BIN", "Grid", "gridded"]

BIN = 600_000_000  # microseconds: 10 minutes

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Grid:
    """Counts [bin, series]; a series is one (``kinds``, ``ports``). Absent rows are 0.

    ``start`` is the instant of the first bin (microseconds, UTC). ``sources`` are distinct
    sources, ``networks`` distinct /16 (IPv6: /32), ``packets`` packets.
    """

    start: int
    kinds: tuple[str, ...]
    ports: Ints
    sources: Floats
    networks: Floats
    packets: Floats

    def instant(self, position: int) -> int:
        """When bin ``position`` begins."""
        return self.start + position * BIN

    def only(self, series: NDArray[np.bool_]) -> Grid:
        """The series for which ``series`` holds."""
        kinds = tuple(kind for kind, kept in zip(self.kinds, series, strict=True) if kept)
        return Grid(
            self.start,
            kinds,
            self.ports[series],
            self.sources[:, series],
            self.networks[:, series],
            self.packets[:, series],
        )


def gridded(rows: pa.Table, start: int, end: int) -> Grid:
    """Rows ``ts`` (microseconds), ``ptype``, ``port`` and counts in [start, end) as a grid."""
    ts = rows["ts"].to_numpy().astype(np.int64)
    kinds, kind = np.unique(rows["ptype"].to_numpy(zero_copy_only=False), return_inverse=True)
    port = rows["port"].to_numpy().astype(np.int64)
    inside = (ts >= start) & (ts < end)
    keys, series = np.unique(kind[inside] * (1 << 20) + port[inside], return_inverse=True)
    place = ((ts[inside] - start) // BIN, series)
    shape = (-((start - end) // BIN), len(keys))

    def spread(name: str) -> Floats:
        grid = np.zeros(shape)
        np.add.at(grid, place, rows[name].to_numpy().astype(np.float64)[inside])
        return grid

    named = tuple(str(kinds[key >> 20]) for key in keys.tolist())
    sources, networks, packets = (spread(n) for n in ("uniq_src", "uniq_src16", "packets"))
    if "wide_src" in rows.column_names:  # who asks for everything is no sign of this service
        sources = np.maximum(sources - spread("wide_src"), 0)
    ports = (keys & 0xFFFFF).astype(np.int64)
    return Grid(start, named, ports, sources, networks, packets)
