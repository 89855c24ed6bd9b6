"""ASTUTE: flows that change together, where independent ones would not.

F. Silveira et al., ASTUTE: Detecting a Different Class of Traffic Anomalies, SIGCOMM 2010.
Between two slots the changes of independent flows cancel out; their mean, over its own
standard error, is a normal variable. The test is made at six levels of aggregation. It is
repeated in parts of the traffic, chosen by hashing sources and destinations with several
seeds (hashdoop), so that what is small on the link is large in its part; a cell is kept
when its part was flagged with at least half of the seeds.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from kaname.traffic.anomalies.cells import Cells

__all__ = ["BUCKETS", "SEEDS", "changed", "scores"]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

SEEDS, BUCKETS = 4, 32
_FEWEST = 30  # flows in a change, below which its mean is no normal variable
_PRIME = (1 << 31) - 1  # Mersenne; products of two residues fit 64 bits


def changed(cells: Cells, deviations: float) -> Bools:
    """Cells in parts of the traffic that grew together, by at least half of the seeds."""
    votes = np.zeros(len(cells), np.int64)
    levels = list(_levels(cells))
    for seed in range(SEEDS):
        flagged = np.zeros(len(cells), np.bool_)
        for side in (cells.source, cells.destination):
            part = _bucket(side, seed)
            flagged |= _flagged(cells, levels, part, deviations)
        votes += flagged
    kept: Bools = votes >= SEEDS // 2
    return kept


def _levels(cells: Cells) -> Iterator[Ints]:
    """Numbers of the six keys: flow, pair, source, destination, and both ports."""
    pair = _numbered(cells.source * (len(cells.addresses) + 1) + cells.destination)
    sport = cells.proto << 16 | cells.sport
    dport = cells.proto << 16 | cells.dport
    service = _numbered(sport << 24 ^ dport)
    yield _numbered(pair * (service.max(initial=0) + 1) + service)
    yield pair
    yield cells.source
    yield cells.destination
    yield _numbered(sport)
    yield _numbered(dport)


def _numbered(keys: Ints) -> Ints:
    return np.unique(keys, return_inverse=True)[1].ravel().astype(np.int64)


def _bucket(numbers: Ints, seed: int) -> Ints:
    """A part for each address: a linear hash with constants of the seed."""
    factor = 1_103_515_245 * (2 * seed + 1) % _PRIME
    spread = (numbers + 12_345 * (seed + 1)) % _PRIME * factor % _PRIME
    return (spread >> 7) % BUCKETS


def _flagged(cells: Cells, levels: list[Ints], part: Ints, deviations: float) -> Bools:
    """Cells whose part grew, at some level, in packets or octets."""
    slots = int(cells.slot.max(initial=0)) + 1
    grown = np.zeros((BUCKETS, slots), np.bool_)
    for level in levels:
        for volume in (cells.packets, cells.octets):
            grown |= scores(level, cells.slot, part, volume, slots) > deviations
    flagged: Bools = grown[part, cells.slot]
    return flagged


def scores(level: Ints, slot: Ints, part: Ints, volume: Ints, slots: int) -> Floats:
    """The score of each part's change into each slot, shape (`BUCKETS`, ``slots``).

    The change of a key is its volume in a slot less that in the slot before; keys count
    that have any volume in one of both. The first slot has no change.
    """
    key = (level * BUCKETS + part) * (slots + 1)
    moments = np.concatenate([key + slot, key + slot + 1])
    signed = np.concatenate([volume, -volume]).astype(np.float64)
    order = np.argsort(moments, kind="stable")
    ordered = moments[order]
    first = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]][: len(ordered)])
    delta: Floats = np.add.reduceat(signed[order], first) if len(first) else signed
    moment = ordered[first]
    place = moment // (slots + 1) % BUCKETS * (slots + 1) + moment % (slots + 1)
    size = BUCKETS * (slots + 1)
    count = np.bincount(place, minlength=size)
    total = np.bincount(place, delta, size).astype(np.float64)
    squares = np.bincount(place, delta * delta, size).astype(np.float64)
    found = _standardised(count, total, squares).reshape(BUCKETS, slots + 1)[:, :slots]
    found[:, 0] = 0
    return found


def _standardised(count: Ints, total: Floats, squares: Floats) -> Floats:
    """Mean over standard error, 0 where there are few."""
    enough = count >= _FEWEST
    n = np.maximum(count, 1)
    mean = total / n
    deviation = np.sqrt(np.maximum(squares / n - mean**2, 1e-12))
    found: Floats = np.where(enough, mean * np.sqrt(n) / deviation, 0.0)
    return found
