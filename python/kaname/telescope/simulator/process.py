"""How sources send along time: at random, by the clock, or at given instants.

A population is asked for one slice of time after another and holds nothing in between but
what it drew at the start, so that a month costs no more memory than an hour. The random
numbers of a slice depend on seed, population and slice only.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from kaname.telescope.simulator.records import Packets, blank

__all__ = ["Dress", "Periodic", "Population", "Random", "Timed", "lifetimes"]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Dress = Callable[[np.random.Generator, Packets, Ints], None]
"""Fills the fields of packets; the third argument says which source sent each."""

SECOND = 1_000_000


class Population(Protocol):
    """Sources of one kind. ``sources`` are IPv4 addresses as numbers."""

    label: str
    event: str
    sources: NDArray[np.uint32]

    def slice(self, rng: np.random.Generator, start: int, end: int) -> Packets:
        """The packets of [start, end), in no order; repetitions may come later than that."""
        ...


@dataclass(slots=True)
class Random:
    """Poisson sources: each sends at ``rate`` (per second) from ``start`` to ``end``.

    Every packet is sent again after each of ``again`` seconds, as a TCP stack does. Where
    ``noon`` is given (hours UTC, one each) sources send by day more than by night.
    """

    label: str
    event: str
    sources: NDArray[np.uint32]
    start: Ints
    end: Ints
    rate: Floats
    dress: Dress
    again: tuple[float, ...] = ()
    noon: Floats | None = None

    def slice(self, rng: np.random.Generator, start: int, end: int) -> Packets:
        """See `Population`."""
        low, high = np.maximum(self.start, start), np.minimum(self.end, end)
        rate = self.rate * self._daylight((start + end) / 2)
        counts = rng.poisson(rate * np.maximum(0, high - low) / SECOND)
        who = np.repeat(np.arange(len(self.sources)), counts)
        rows = blank(len(who))
        rows["ts"] = low[who] + (rng.random(len(who)) * (high - low)[who]).astype(np.int64)
        rows["src"] = self.sources[who]
        self.dress(rng, rows, who)
        return np.concatenate([rows, *(_later(rng, rows, delay) for delay in self.again)])

    def _daylight(self, at: float) -> Floats | float:
        """How much of its rate each source sends at an instant: 0.4 at night, 1.6 at noon."""
        if self.noon is None:
            return 1.0
        hour = at / (3600 * SECOND) % 24
        light: Floats = 1 + 0.6 * np.cos((hour - self.noon) / 12 * np.pi)
        return light


def _later(rng: np.random.Generator, rows: Packets, delay: float) -> Packets:
    repeated = rows.copy()
    repeated["ts"] += int(delay * SECOND) + rng.integers(0, 2000, len(rows))
    repeated["ip_id"] += 1
    return repeated


@dataclass(slots=True)
class Periodic:
    """Sources that send every ``period`` (microseconds), up to ``late`` of it later."""

    label: str
    event: str
    sources: NDArray[np.uint32]
    start: int
    period: Ints
    dress: Dress
    again: tuple[float, ...] = ()
    late: float = 0.0

    def slice(self, rng: np.random.Generator, start: int, end: int) -> Packets:
        """See `Population`."""
        first = -(-(start - self.start) // self.period)
        counts = np.maximum(0, -(-(end - self.start) // self.period) - first)
        who = np.repeat(np.arange(len(self.sources)), counts)
        number = np.arange(len(who)) - np.repeat(np.cumsum(counts) - counts, counts)
        rows = blank(len(who))
        rows["ts"] = self.start + (first[who] + number) * self.period[who]
        rows["ts"] += rng.integers(0, SECOND // 2, len(who))
        rows["ts"] += (rng.random(len(who)) * self.late * self.period[who]).astype(np.int64)
        rows["src"] = self.sources[who]
        self.dress(rng, rows, who)
        return np.concatenate([rows, *(_later(rng, rows, delay) for delay in self.again)])


@dataclass(slots=True)
class Timed:
    """Packets at given instants; ``who`` says which of ``sources`` sends each."""

    label: str
    event: str
    sources: NDArray[np.uint32]
    at: Ints
    who: Ints
    dress: Dress
    again: tuple[float, ...] = field(default=())

    def slice(self, rng: np.random.Generator, start: int, end: int) -> Packets:
        """See `Population`."""
        now = np.flatnonzero((self.at >= start) & (self.at < end))
        rows = blank(len(now))
        rows["ts"], rows["src"] = self.at[now], self.sources[self.who[now]]
        self.dress(rng, rows, self.who[now])
        return np.concatenate([rows, *(_later(rng, rows, delay) for delay in self.again)])


def lifetimes(
    rng: np.random.Generator, count: int, start: int, end: int, mean: float
) -> tuple[Ints, Ints]:
    """Starts uniform in [start - mean, end), exponential lives of ``mean`` seconds."""
    begin = start + (rng.random(count) * (end - start + mean * SECOND) - mean * SECOND)
    life = rng.exponential(mean * SECOND, count) + 60 * SECOND
    return begin.astype(np.int64), (begin + life).astype(np.int64)
