"""How long sources stay: counts of neighbouring bins that share sources vary together.

A host that scans for hours counts in every bin of these hours, so that the sum of a window
scatters more than its bins by themselves would have it. How much more at nine bins is
measured; at other scales it is that of an autoregression of order 1 with the same excess.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from kaname.telescope.surge.scales import SCALES

__all__ = ["NEAR", "excess", "persistence"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

NEAR = 9  # bins over which it is measured
DOUBT = 2.0  # standard deviations of that measure that are given away


def persistence(residuals: Floats, seen: Floats, begins: Ints) -> Floats:
    """Variance of sums of `NEAR` residuals over that of independent ones, at least 1.

    ``residuals`` [bin, series] are counts less what was expected of each bin before; the
    result [bin + 1, series] is that of the past from ``begins`` on to each bin.
    """
    bins, width = residuals.shape
    run = np.concatenate([np.zeros((1, width)), np.cumsum(residuals, axis=0)])
    ends = np.arange(bins + 1)
    sums = run - run[np.maximum(0, ends - NEAR)]
    near = np.cumsum(np.concatenate([np.zeros((1, width)), sums[1:] ** 2]), axis=0)
    each = np.cumsum(np.concatenate([np.zeros((1, width)), residuals**2]), axis=0)
    known = np.concatenate([[0.0], np.cumsum(seen)])
    count = np.maximum(known - known[begins], 1.0)[:, None]
    single = (each - each[begins]) / count
    wide = (near - near[begins]) / (NEAR * count)
    ratio = wide / np.maximum(single, 1e-9)
    error = np.sqrt(2 * NEAR / count)
    return np.asarray(np.clip(ratio / (1 + DOUBT * error), 1.0, float(NEAR)), np.float64)


def _ratio(rho: Floats, width: int) -> Floats:
    """Variance of a sum of ``width`` values of an autoregression, over independent ones."""
    lags = np.arange(1, width)
    return np.asarray(1 + 2 * ((1 - lags / width) * rho[:, None] ** lags).sum(1), np.float64)


_RHO = 1 - np.geomspace(1, 1e-3, 200)
_AT_NEAR = _ratio(_RHO, NEAR)
_AT = {scale: _ratio(_RHO, scale) for scale in (*SCALES, 1440)}


def excess(near: Floats, scale: int) -> Floats:
    """The same at ``scale`` bins (of `SCALES`, or 1,440) as ``near`` is at `NEAR`."""
    return np.asarray(np.interp(near, _AT_NEAR, _AT[scale]), np.float64)
