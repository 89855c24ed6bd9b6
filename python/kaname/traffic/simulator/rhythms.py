"""Times of contacts in a day: people, machines without a rhythm, and beacons.

The mixture of the reference of the lake, 3.8: bursts of a person, a Poisson process, and
one that follows the hours of the day; a beacon has a period, jitter, loss, and ordinary
contacts of the same pair mixed in.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["DAY", "Beacon", "background", "beacon", "human"]

Floats = NDArray[np.float64]

DAY = 86_400.0


@dataclass(frozen=True, slots=True)
class Beacon:
    """Period in seconds; jitter, loss and ``mixed`` as shares (1: as many human contacts)."""

    period: float
    jitter: float
    loss: float
    mixed: float


def human(rng: np.random.Generator, n: int) -> Floats:
    """About ``n`` contacts of a person: sessions of bursts by day, seconds."""
    sessions = max(1, n // 25)
    starts = rng.normal(13 * 3600, 3.5 * 3600, sessions)
    times = []
    for start in starts:
        gaps = rng.lognormal(1.5, 1.6, max(2, rng.poisson(n / sessions)))
        times.append(start + np.cumsum(gaps))
    whole = np.concatenate(times)
    return np.sort(whole[(whole >= 0) & (whole < DAY)])


def _poisson(rng: np.random.Generator, n: int) -> Floats:
    return np.sort(rng.random(n) * DAY)


def _diurnal(rng: np.random.Generator, n: int) -> Floats:
    times = rng.random(4 * n) * DAY
    rate = 0.5 - 0.45 * np.cos(2 * np.pi * (times - 4 * 3600) / DAY)
    return np.sort(times[rng.random(4 * n) < rate][:n])


def background(rng: np.random.Generator, pairs: int = 566) -> Iterator[Floats]:
    """Contacts of ``pairs`` ordinary pairs, a third of each kind."""
    makers = (human, _poisson, _diurnal)
    for number in range(pairs):
        n = int(np.clip(rng.lognormal(4.6, 1.1), 12, 5000))
        yield makers[number % 3](rng, n)


def beacon(rng: np.random.Generator, shape: Beacon) -> Floats:
    """Contacts of one beacon in a day, ordinary contacts of its pair mixed in; seconds."""
    n = int(DAY / shape.period)
    waits = shape.period * (1 + rng.uniform(-shape.jitter, shape.jitter, n))
    times = rng.random() * shape.period + np.cumsum(waits)
    times = times[(times < DAY) & (rng.random(n) >= shape.loss)]
    ordinary = human(rng, int(len(times) * shape.mixed)) if shape.mixed else times[:0]
    return np.sort(np.concatenate([times, ordinary]))
