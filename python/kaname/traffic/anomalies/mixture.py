"""Mixtures of services and packet sizes that change from one minute to the next.

The divergence of Kullback and Leibler between the histograms of a minute and of the one
before, in bits, is held against its own median over the window; what is blamed is the
value with the greatest part in it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kaname.traffic.anomalies.cells import SLOT, Cells

__all__ = ["Shift", "shifts"]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

_PER_MINUTE = 60_000_000 // SLOT
_FEWEST_MINUTES = 8
_TO_SIGMA = 1.4826
_LEAST = 0.1  # bits; smaller changes are no change
_SIZES = np.array([64, 128, 256, 512, 1024, 1400])


@dataclass(frozen=True, slots=True)
class Shift:
    """A minute (of the window) whose mixture changed.

    With the cells that made it so, and those of the same kind in the minute before.
    """

    minute: int
    of: str  # dport, sport or size
    bits: float
    limit: float
    cells: NDArray[np.bool_]
    before: NDArray[np.bool_]


def shifts(cells: Cells, deviations: float) -> Iterator[Shift]:
    """Changes of the mixtures of destination ports, source ports and sizes."""
    minute = cells.slot // _PER_MINUTE
    mean = cells.octets // np.maximum(1, cells.packets)
    mixtures = {
        "dport": cells.proto << 16 | cells.dport,
        "sport": cells.proto << 16 | cells.sport,
        "size": np.searchsorted(_SIZES, mean),
    }
    for name, values in mixtures.items():
        yield from _of(name, values, minute, cells.packets, deviations)


def _of(name: str, values: Ints, minute: Ints, packets: Ints, deviations: float) -> Iterator[Shift]:
    if not len(values):
        return
    distinct, place = np.unique(values, return_inverse=True)
    table = np.zeros((int(minute.max()) + 1, len(distinct)))
    np.add.at(table, (minute, place.ravel()), packets)
    present = np.flatnonzero(table.sum(1) > 0)
    if len(present) < _FEWEST_MINUTES:
        return
    parts = _divergence(table[present])
    bits = parts.sum(1)
    middle = float(np.median(bits))
    spread = _TO_SIGMA * float(np.median(np.abs(bits - middle)))
    limit = max(_LEAST, middle + deviations * max(spread, 0.01))
    for number in np.flatnonzero(bits > limit).tolist():
        at, top = int(present[number + 1]), int(parts[number].argmax())
        kind = place.ravel() == top
        chosen, before = kind & (minute == at), kind & (minute == present[number])
        yield Shift(at, name, round(float(bits[number]), 3), round(limit, 3), chosen, before)


def _divergence(table: Floats) -> Floats:
    """Parts of the divergence of each row from the one before, smoothed by one packet."""
    smooth = table + 1.0 / table.shape[1]
    shares = smooth / smooth.sum(1, keepdims=True)
    parts: Floats = shares[1:] * np.log2(shares[1:] / shares[:-1])
    return parts
