"""How far the count of a window is from what was expected, in standard deviations.

Counts of sources are few and scatter more than chance (negative binomial), so a distance
is the signed root of twice the log likelihood ratio, which keeps its meaning in the tail
where the plain quotient does not.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["SCALES", "distance", "log_tail"]

SCALES = (1, 3, 9, 27, 72, 144, 288)
"""Windows in bins of 10 minutes: from 10 minutes to two days."""

Floats = NDArray[np.float64]


def distance(count: Floats, mean: Floats, variance: Floats) -> Floats:
    """Signed distance of ``count`` from a negative binomial of ``mean`` and ``variance``.

    Half a count is taken off a rise, since counts are whole (as in the approximation of
    Peizer and Pratt, 1968).
    """
    mean = np.maximum(mean, 1e-9)
    extra = np.maximum(variance - mean, 1e-9 * mean + 1e-12)
    size = mean * mean / extra
    y = np.maximum(np.where(count > mean, np.maximum(count - 0.5, mean), count + 0.5), 0)
    y = np.where((count <= mean) & (y > mean), mean, y)
    with np.errstate(divide="ignore", invalid="ignore"):
        first = np.where(y > 0, y * np.log(y / mean), 0.0)
        second = (y + size) * np.log1p((y - mean) / (mean + size))
    return np.asarray(np.sign(y - mean) * np.sqrt(2 * np.maximum(first - second, 0)))


def log_tail(z: Floats) -> Floats:
    """Natural logarithm of the probability that a standard normal exceeds ``z`` (>= 0).

    Abramowitz and Stegun 26.2.17 below 5, the asymptotic series above.
    """
    z = np.maximum(np.asarray(z, np.float64), 0.0)
    t = 1 / (1 + 0.2316419 * z)
    poly = t * (
        0.319381530 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429)))
    )
    density = -z * z / 2 - np.log(np.sqrt(2 * np.pi))
    near = density + np.log(poly)
    square = 1 / np.maximum(z, 2) ** 2
    far = density - np.log(np.maximum(z, 1)) + np.log1p(-square + 3 * square**2)
    return np.asarray(np.where(z < 5, near, far), np.float64)
