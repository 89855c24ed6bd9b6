"""Statistics that some anomalies among the learnt data do not spoil, and tails of them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import msgspec
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = ["Spread", "normal_tail", "upper", "usual"]

_FREEDOM = 6.0
"""Degrees of freedom of the tail of a robust score: behaviour has heavier tails than noise."""


class Spread(msgspec.Struct, frozen=True):
    """Centre and scale (of a standard deviation)."""

    centre: float
    scale: float

    def off(self, values: Floats) -> Floats:
        """How many scales from the centre, as a normal score with a heavy tail taken out."""
        return tamed((values - self.centre) / self.scale)

    def over(self, values: Floats) -> Floats:
        """The same for what only matters upwards, whose logarithm is near to normal."""
        return np.asarray((values - self.centre) / self.scale)


def usual(values: Floats, floor: float) -> Spread:
    """Median and median absolute deviation."""
    if not len(values):
        return Spread(0.0, max(floor, 1.0))
    centre = float(np.median(values))
    return Spread(centre, max(1.4826 * float(np.median(np.abs(values - centre))), floor))


def upper(values: Floats, floor: float) -> Spread:
    """Median and the way from it to the 84 % quantile: one sigma, upwards."""
    if not len(values):
        return Spread(0.0, max(floor, 1.0))
    centre, high = np.quantile(values, [0.5, 0.8413])
    return Spread(float(centre), max(float(high - centre), floor))


def tamed(scores: Floats) -> Floats:
    """Normal scores of the same tail as Student's t (Wallace, 1959); the sign is kept."""
    size = np.sqrt(_FREEDOM * np.log1p(scores**2 / _FREEDOM))
    return np.asarray(np.sign(scores) * size * (8 * _FREEDOM + 1) / (8 * _FREEDOM + 3))


def normal_tail(score: float) -> float:
    """Probability that a normal variable lies so far from 0, on either side."""
    return math.erfc(abs(score) / math.sqrt(2))
