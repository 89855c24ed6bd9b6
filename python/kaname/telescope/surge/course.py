"""The course of an episode on a port: how far over its past, since when, how fast."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kaname.telescope.surge.detection import Rise
from kaname.telescope.surge.grid import Grid

__all__ = ["Course", "course", "doubling"]

Floats = NDArray[np.float64]

DAY = 144  # bins
HOUR = 6
OVER = 1.1  # times the level of before, above which an episode goes on
SURE = 3.0  # standard deviations of the same


@dataclass(frozen=True, slots=True)
class Course:
    """An episode as it was in one day (``begin`` to ``end``, bins).

    ``before`` and ``level`` are sources per bin, before it and in the day; ``hours`` are
    the mean sources per bin by hour; ``doubling`` is in hours, 0 where it does not grow.
    """

    series: int
    since: int
    at: int
    before: float
    level: float
    peak: int
    packets: int
    spread: float
    hours: tuple[float, ...]
    doubling: float
    rises: tuple[Rise, ...]


def course(grid: Grid, rises: list[Rise], begin: int) -> Course | None:
    """The course of one series from bin ``begin`` to the end, or None when it is over.

    ``rises`` are all of that series, by time.
    """
    opening = _opening(grid, rises, begin)
    if opening is None:
        return None
    first, before = opening
    own = grid.sources[begin:, first.series]
    level = float(own.mean())
    new = tuple(rise for rise in rises if rise.at >= begin)
    if not new and not _goes_on(level, before, len(own)):
        return None
    sources = float(own.sum())
    since = max(first.since, 0)
    hours = [float(own[at : at + HOUR].mean()) for at in range(0, len(own), HOUR)]
    return Course(
        series=first.series,
        since=since,
        at=first.at,
        before=round(before, 3),
        level=round(level, 3),
        peak=int(own.max()),
        packets=int(grid.packets[begin:, first.series].sum()),
        spread=round(float(grid.networks[begin:, first.series].sum()) / max(1.0, sources), 3),
        hours=tuple(round(value, 2) for value in hours),
        doubling=doubling(grid.sources[since:, first.series], before),
        rises=new,
    )


def _opening(grid: Grid, rises: list[Rise], begin: int) -> tuple[Rise, float] | None:
    """The rise that began what goes on at ``begin``, and the level before it.

    An episode is over after a whole day near the level of before; the next rise opens
    another.
    """
    found: tuple[Rise, float] | None = None
    for rise in rises:
        if found is not None and not _over(grid, found, rise.since, begin):
            continue
        past = grid.sources[max(0, rise.since - 3 * DAY) : max(1, rise.since), rise.series]
        found = rise, float(past.mean())
    return found


def _over(grid: Grid, found: tuple[Rise, float], until: int, begin: int) -> bool:
    rise, before = found
    for start in range(rise.at, min(until, begin) - DAY + 1, HOUR):
        level = float(grid.sources[start : start + DAY, rise.series].mean())
        if not _goes_on(level, before, DAY):
            return True
    return False


def _goes_on(level: float, before: float, bins: int) -> bool:
    scatter = math.sqrt((before + 0.06 * before**2 + 0.01) / max(1, bins))
    return level > max(OVER * before, before + SURE * scatter)


def doubling(sources: Floats, before: float) -> float:
    """Hours in which what exceeds ``before`` doubles; 0 where it does not grow.

    By a straight line through the logarithms of the means of 6 hours, the last 3 days.
    """
    width = 6 * HOUR
    own = sources[-3 * DAY :]
    parts = [own[at : at + width] for at in range(0, len(own) - width + 1, width)]
    excess = np.array([float(part.mean()) - before for part in parts])
    good = excess > max(0.05, 0.05 * before)
    if good.sum() < 3:
        return 0.0
    slope = float(np.polyfit(np.flatnonzero(good), np.log2(excess[good]), 1)[0])
    grown = excess[good][-1] > 1.3 * excess[good][0]
    return round(6 / slope, 1) if grown and slope > 6 / (14 * 24) else 0.0
