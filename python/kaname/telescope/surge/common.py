"""What happens to all ports at once: gaps of the sensor, and surveys that touch them all."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Common", "common"]

Floats = NDArray[np.float64]

DAY = 144  # bins
QUIET = 4.0  # sources per bin, below which a port shows what touches all
TRIM = 0.06  # share of ports that may have a cause of their own
SILENT = 0.35  # share of the usual traffic below which the sensor had a gap
SMOOTH = 3  # bins over which the upper third of quiet ports is looked at
ALIKE = 1.8  # rise of the upper third, per rise of all, when all are touched alike
SURE = 4.0  # standard deviations over the usual from which a survey is one


@dataclass(frozen=True)
class Common:
    """By bin: whether the sensor was seeing, and what surveys added.

    ``extra`` went to every port, ``partly`` to some, of which nobody knows which.
    """

    seeing: NDArray[np.bool_]
    extra: Floats
    partly: Floats


def common(sources: Floats) -> Common:
    """The common mode of ``sources`` [bin, series]; a bin is judged by earlier ones only."""
    bins, _ = sources.shape
    found = Common(np.ones(bins, np.bool_), np.zeros(bins), np.zeros(bins))
    if not sources.size:
        return found
    total = sources.sum(1)
    all_ports, some_ports = _quiet(sources)
    for now in range(bins):
        past = slice(max(0, now - DAY), now)
        known = found.seeing[past]
        if known.sum() < 6:  # nothing to compare with: only silence is told
            found.seeing[now] = total[now] > 0
            continue
        usual = float(np.median(total[past][known]))
        found.seeing[now] = total[now] > 0 and total[now] >= SILENT * usual
        calm = known & (found.extra[past] == 0) & (found.partly[past] == 0)
        if found.seeing[now] and calm.sum() >= 6:
            found.extra[now] = _excess(float(all_ports[now]), all_ports[past][calm])
            partly = _excess(float(some_ports[now]), some_ports[past][calm])
            found.partly[now] = max(0.0, partly - ALIKE * float(found.extra[now]))
    return found


def _quiet(sources: Floats) -> tuple[Floats, Floats]:
    """By bin, the mean over all quiet ports but those that lead, and over the upper third.

    The second is of three bins, since single counts of quiet ports are mostly 0.
    """
    low = sources[:, np.median(sources, axis=0) < QUIET]
    width = low.shape[1]
    if width < 20:
        return np.zeros(len(sources)), np.zeros(len(sources))  # too few to know what all do
    kept, third = max(1, int(width * (1 - TRIM))), int(width * 0.7)
    whole = np.partition(low, kept - 1, axis=1)[:, :kept].mean(1)
    run = np.cumsum(np.concatenate([np.zeros((1, width)), low]), axis=0)
    ends = np.arange(1, len(low) + 1)
    begins = np.maximum(0, ends - SMOOTH)
    sums = (run[ends] - run[begins]) / (ends - begins)[:, None]
    upper = np.sort(sums, axis=1)[:, third:kept].mean(1)
    return np.asarray(whole, np.float64), np.asarray(upper, np.float64)


def _excess(now: float, calm: Floats) -> float:
    middle = float(np.median(calm))
    scatter = 1.4826 * float(np.median(np.abs(calm - middle)))
    excess = now - middle
    return excess if excess > SURE * max(scatter, 0.01) else 0.0
