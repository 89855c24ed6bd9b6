"""What is usual: a moving level and a robust spread of minutes, and what exceeds them.

The level is an exponentially weighted mean that forgets half within two hours, the spread
the median distance of minutes from the level before them. A minute above the limit moves
the level only as far as the limit, so that an attack does not become usual at once, while
a lasting change does. Minutes in which the sensor saw nothing at all do not count.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["ENOUGH", "Limits", "limits"]

Floats = NDArray[np.float64]

ENOUGH = 30  # minutes of history below which only static thresholds hold
_HALF_LIFE = 120.0  # minutes
_TO_SIGMA = 1.4826  # of a normal distribution
_LEAST_SPREAD = 0.05  # of the level
_RENEWED = 16  # minutes after which the spread is computed again


@dataclass(frozen=True, slots=True)
class Limits:
    """For each minute: the level before it, its limit, and how many minutes were known."""

    level: Floats
    limit: Floats
    history: NDArray[np.int64]


def limits(values: Sequence[float] | Floats, deviations: float) -> Limits:
    """Limits of consecutive minutes, each from the minutes before it."""
    n = len(values)
    level, limit = np.zeros(n), np.full(n, np.inf)
    mean, keep = 0.0, 0.5 ** (1 / _HALF_LIFE)
    distances: list[float] = []
    middle = 0.0
    for place, value in enumerate(values):
        level[place] = mean
        bound = np.inf
        if place >= ENOUGH:
            if (place - ENOUGH) % _RENEWED == 0:
                middle = _middle(distances)
            bound = limit[place] = mean + deviations * _spread(middle, mean)
        taken = float(min(value, bound))
        distances.append(abs(taken - mean))
        weight = max(1 - keep, 1 / (place + 1))
        mean += weight * (taken - mean)
    return Limits(level, limit, np.arange(n))


def _middle(distances: list[float]) -> float:
    return _TO_SIGMA * float(np.median(distances[ENOUGH // 2 :]))


def _spread(middle: float, level: float) -> float:
    """Not less than that of counts (Poisson), nor than a twentieth of the level."""
    return float(max(middle, level**0.5, _LEAST_SPREAD * level, 1.0))
