"""The traffic of a window in cells of ten seconds and one flow key, as columns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from kaname.model.instant import SECOND
from kaname.traffic.flows import columns, directed, within

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from kaname.analysis.frame import Window

__all__ = ["SLOT", "Cells", "Subject", "cells"]

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

SLOT = 10 * SECOND
_KEY = ("src_hi", "src_lo", "dst_hi", "dst_lo", "proto", "sport", "dport")
_MOST = 0.5  # share of a host that is blamed for what others are part of


@dataclass(frozen=True, slots=True, order=True)
class Subject:
    """What is blamed: a source, a destination, or a port with its protocol."""

    side: str  # src, dst, sport or dport
    hi: int
    lo: int


@dataclass(frozen=True, slots=True)
class Cells:
    """Columns of equal length: slot (since the window's start), the key, and volumes.

    ``source`` and ``destination`` number the addresses, ``addresses`` tells them.
    """

    slot: Ints
    source: Ints
    destination: Ints
    proto: Ints
    sport: Ints
    dport: Ints
    packets: Ints
    octets: Ints
    addresses: Ints

    def __len__(self) -> int:
        return len(self.slot)

    def blamed(self, chosen: Bools, before: Bools | None = None) -> Subject | None:
        """The host that is part of most of the packets ``chosen``, else the port.

        With ``before`` it is the growth since those cells that is explained.
        """
        signs = chosen.astype(np.int64) - (0 if before is None else before)
        for side, column in (("dst", self.destination), ("src", self.source)):
            number, share = _top(column, signs * self.packets)
            if share >= _MOST:
                hi, lo = self.addresses[number].tolist()
                return Subject(side, hi, lo)
        for side, column in (("dport", self.dport), ("sport", self.sport)):
            number, share = _top(self.proto << 16 | column, signs * self.packets)
            if share >= _MOST:
                return Subject(side, number >> 16, number & 0xFFFF)
        return None


def _top(values: Ints, weights: Ints) -> tuple[int, float]:
    """The value with the greatest sum, and its share of the sums above zero."""
    present = weights != 0
    distinct, place = np.unique(values[present], return_inverse=True)
    if not len(distinct):
        return 0, 0.0
    sums = np.bincount(place.ravel(), weights[present])
    best = int(sums.argmax())
    return int(distinct[best]), float(sums[best] / max(1.0, sums[sums > 0].sum()))


def cells(table: ir.Table, window: Window) -> Cells:
    """The cells of ``window``, in the order of slot and key."""
    rows = directed(within(table, window.start, window.end))
    slotted = rows.mutate(slot=(rows.us - window.start) // SLOT)
    summed = slotted.group_by("slot", *_KEY).aggregate(
        packets=slotted.packets.sum().cast("int64"), octets=slotted.octets.sum().cast("int64")
    )
    found = columns(summed.order_by("slot", *_KEY))
    n = len(found["slot"])
    both = np.stack([np.r_[found[f"src_{w}"], found[f"dst_{w}"]] for w in ("hi", "lo")], 1).astype(
        np.int64
    )
    addresses, number = np.unique(both, axis=0, return_inverse=True)
    number = number.ravel()
    names = ("slot", "proto", "sport", "dport", "packets", "octets")
    return Cells(
        source=number[:n],
        destination=number[n:],
        addresses=addresses,
        **{name: found[name] for name in names},
    )
