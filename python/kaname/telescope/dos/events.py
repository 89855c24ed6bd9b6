"""Attacks: stretches of a victim's answers, with no silence that would end them.

All protocols of a victim are one attack, since floods change ports and flags while they
last. An attack ends when its victim has been silent for as long as a telescope of this
size needs to be sure (`Extent.expiry`), so that a small one does not see one attack as many.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kaname.telescope.dos.answers import Minutes
from kaname.telescope.dos.rates import Rate, estimate
from kaname.telescope.traffic import Extent

__all__ = ["REPEATED", "Event", "events"]

REPEATED = 6
"""SYN-ACKs that a system sends for one SYN, at most by default (Linux, tcp(7))."""

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Event:
    """An attack on ``victim`` (high, low); times in seconds."""

    victim: tuple[int, int]
    first: int
    last: int
    packets: int
    octets: int
    protocols: dict[int, int]  # IP protocol of the attack -> packets
    several: bool  # whether more than one monitored address was answered
    samples: int  # answers that forged packets of their own led to, as far as can be told
    peak: int  # most packets in a minute
    rate: Rate

    @property
    def seconds(self) -> int:
        """From the first to the last packet."""
        return self.last - self.first


def events(minutes: Minutes, extent: Extent) -> list[Event]:
    """The attacks in ``minutes``, by victim and time."""
    if not len(minutes):
        return []
    return list(_cut(minutes, _starts(minutes, extent.expiry), extent))


def _starts(minutes: Minutes, expiry: int) -> Ints:
    """Positions at which an attack begins."""
    same = (np.diff(minutes["hi"]) == 0) & (np.diff(minutes["lo"]) == 0)
    silent = minutes["first"][1:] - minutes["last"][:-1] > expiry
    found: Ints = np.concatenate([[0], np.flatnonzero(~same | silent) + 1]).astype(np.int64)
    return found


def _cut(minutes: Minutes, starts: Ints, extent: Extent) -> Iterator[Event]:
    sums = {
        name: np.add.reduceat(minutes[name], starts).tolist()
        for name in ("packets", "octets", "tcp", "udp", "icmp")
    }
    highs = {
        name: np.maximum.reduceat(minutes[name], starts).tolist()
        for name in ("last", "high", "widest")
    }
    peaks = np.maximum.reduceat(minutes["packets"], starts).tolist()
    lows = np.minimum.reduceat(minutes["low"], starts).tolist()
    for n, at in enumerate(starts.tolist()):
        first, last = int(minutes["first"][at]), highs["last"][n]
        protocols = {6: sums["tcp"][n], 17: sums["udp"][n], 1: sums["icmp"][n]}
        several = highs["widest"][n] > 1 or highs["high"][n] != lows[n]
        samples = sums["packets"][n] if several else 1
        yield Event(
            victim=(int(minutes["hi"][at]), int(minutes["lo"][at])),
            first=first,
            last=last,
            packets=sums["packets"][n],
            octets=sums["octets"][n],
            protocols={proto: packets for proto, packets in protocols.items() if packets},
            several=several,
            samples=samples,
            peak=peaks[n],
            rate=estimate(samples, last - first, extent.addresses),
        )
