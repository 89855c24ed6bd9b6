"""ChangeFinder: a score of change for a series of counts, learnt while it goes on.

J. Takeuchi and K. Yamanishi, A Unifying Framework for Detecting Outliers and Change Points
from Time Series, IEEE TKDE 2006; with the parameters of NICT's Dark-TRACER, whose alerts on
a real sensor this gives bin for bin. A sequentially discounting autoregression (SDAR) of
order 2 gives how badly each value was foretold; the mean of that loss over some bins is
itself a series, whose loss by a second SDAR is high where the course has changed.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["ORDER", "PACE", "SKIPPED", "SMOOTH", "THRESHOLD", "alerts", "scores"]

ORDER = 2
PACE = 0.005  # share by which a new value counts
SMOOTH = (10, 5)  # bins over which the first and the second loss are averaged
THRESHOLD = 3.0
SKIPPED = 15  # bins at the begin of which nothing is said

Floats = NDArray[np.float64]
_TOLERANCE = float(np.sqrt(np.finfo(np.float64).eps))


def scores(values: NDArray[np.generic]) -> Floats:
    """The score of every value of a series [bin]; 0 where there is none yet."""
    first = _mean(_losses(np.asarray(values, np.float64)), SMOOTH[0])
    return _mean(_losses(first), SMOOTH[1])


def alerts(score: Floats) -> NDArray[np.bool_]:
    """Bins whose score is an alert."""
    over = score > THRESHOLD
    over[:SKIPPED] = False
    return over


def _losses(values: Floats) -> Floats:
    """Logarithmic loss of every value under what the SDAR foretold; 0 for the first ones."""
    mean, spread = 0.0, 0.0
    lags = np.zeros(ORDER + 1)
    loss = np.zeros(len(values))
    for now in range(ORDER, len(values)):
        value = values[now]
        mean = (1 - PACE) * mean + PACE * value
        back = values[now - ORDER : now + 1][::-1] - mean
        lags = (1 - PACE) * lags + PACE * back[0] * back
        told = float(_weights(lags) @ back[1:]) + mean
        spread = (1 - PACE) * spread + PACE * (value - told) ** 2
        if spread > 0:
            loss[now] = (np.log(2 * np.pi * spread) + (value - told) ** 2 / spread) / 2
    return loss


def _weights(lags: Floats) -> Floats:
    """The autoregression that the autocovariances ``lags`` (0 to ORDER) belong to."""
    matrix = lags[np.abs(np.subtract.outer(np.arange(ORDER), np.arange(ORDER)))]
    return np.asarray(np.linalg.pinv(matrix, rcond=_TOLERANCE) @ lags[1:], np.float64)


def _mean(values: Floats, width: int) -> Floats:
    """The mean of each value and the ``width`` - 1 before it; of fewer at the begin."""
    total = np.concatenate([[0.0], np.cumsum(values)])
    ends = np.arange(1, len(values) + 1)
    begins = np.maximum(0, ends - width)
    return np.asarray((total[ends] - total[begins]) / (ends - begins), np.float64)
