"""Runs of cells above the sleep level, made into bursts, and sleep between them.

A run is held above half of the threshold and exceeds the whole of it once (hysteresis).
Runs as short as a tick of the system are sleep; a dip joins two runs when both are longer
than it. What no later reading can change is told at once and forgotten.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from kaname.hardware.power.segments import SHAPE_POINTS, Cutting, Segment

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

__all__ = ["Runs"]


class _Run(NamedTuple):
    """Cells ``first`` to ``last``, exclusive."""

    first: int
    last: int

    @property
    def size(self) -> int:
        return self.last - self.first


class Runs:
    """The cells of a piece without gaps that are not resolved yet."""

    def __init__(self, cutting: Cutting, cell: float, start: float) -> None:
        """Cells of ``cell`` seconds, the first at ``start``."""
        self._cell = cell
        self.close = max(1, round(cutting.close / cell))
        self._shortest = max(1, round(cutting.shortest / cell) - 1)  # its edges are in parts
        self._tiny = self._shortest // 2
        self._start = start
        self._dropped = 0  # cells that came and are forgotten
        self._cells = np.empty(0, np.float32)
        self._level = np.empty(0, np.float32)
        self._threshold = np.empty(0, np.float32)
        # Running sums of power and of power above the level, up to before each held cell.
        self._sums = np.zeros((2, 1))
        self._asleep = start  # since when
        self._asleep_sum = 0.0
        self._asleep_peak = 0.0
        self._fresh = True  # nothing was told of this piece yet

    @property
    def second(self) -> float:
        """Time of the next cell."""
        return self._time(len(self._cells))

    def take(self, cells: Floats, level: Floats, threshold: Floats) -> list[Segment]:
        """More cells; give the segments that are complete."""
        self._add(cells, level, threshold)
        return self._resolve(final=False)

    def finish(self, cells: Floats, level: Floats, threshold: Floats) -> list[Segment]:
        """The last cells; give all that is left."""
        self._add(cells, level, threshold)
        found = self._resolve(final=True)
        size = len(self._cells)
        if self._time(size) - self._asleep > self._cell / 2:
            found.append(self._sleep(self._time(size), size, whole=False))
        return found

    def _time(self, cell: float) -> float:
        return self._start + (self._dropped + cell) * self._cell

    def _add(self, cells: Floats, level: Floats, threshold: Floats) -> None:
        self._cells = np.concatenate([self._cells, cells])
        self._level = np.concatenate([self._level, level])
        self._threshold = np.concatenate([self._threshold, threshold])
        carried = self._sums[:, -1:]
        more = np.stack([cells, cells - level]).astype(np.float64)
        more = np.cumsum(np.concatenate([carried, more], axis=1), axis=1)
        self._sums = np.concatenate([self._sums[:, :-1], more], axis=1)

    def _resolve(self, *, final: bool) -> list[Segment]:
        above = self._cells - self._level
        runs, tail = self._above(above, final=final)
        groups: list[_Run] = []
        for run in runs:
            if groups and self._joins(groups[-1], run):
                groups[-1] = _Run(groups[-1].first, run.last)
            else:
                groups.append(run)
        keep = tail
        if groups and not final and tail - groups[-1].last <= self.close:
            keep = groups.pop().first  # a later run may yet join it
        found: list[Segment] = []
        for group in groups:
            if group.size >= self._shortest:
                found += self._tell(group, above)
        self._forget(keep)
        return found

    def _above(self, above: Floats, *, final: bool) -> tuple[list[_Run], int]:
        """Runs that have ended, but for tiny ones, and where one begins that has not."""
        size = len(above)
        warm = above > self._threshold / 2
        edges = np.flatnonzero(np.diff(warm, prepend=False, append=False))
        first, last = edges[::2], edges[1::2]
        if not len(first):
            return [], size
        tail = size
        if last[-1] == size and not final:
            tail = int(first[-1])
            first, last = first[:-1], last[:-1]
        hot = np.concatenate([[0], np.cumsum(above > self._threshold)])
        kept = (hot[last] > hot[first]) & (last - first > self._tiny)
        pairs = zip(first[kept].tolist(), last[kept].tolist(), strict=True)
        return [_Run(*pair) for pair in pairs], tail

    def _joins(self, group: _Run, run: _Run) -> bool:
        return run.first - group.last <= min(self.close, group.size, run.size)

    def _tell(self, run: _Run, above: Floats) -> list[Segment]:
        """The sleep before a burst, and the burst."""
        size = len(self._cells)
        opened = self._fresh and self._dropped + run.first == 0
        cut = opened or run.last == size
        begin, end = self._edges(run, above)
        found = []
        if self._time(begin) - self._asleep > self._cell / 2:
            found.append(self._sleep(self._time(begin), run.first, whole=not self._fresh))
        heights = above[run.first : run.last]
        energy = float(self._sums[1, run.last] - self._sums[1, run.first]) * self._cell
        found.append(
            Segment(
                start=self._time(begin),
                end=self._time(end),
                mode="active",
                energy=energy,
                mean=float(self._sums[0, run.last] - self._sums[0, run.first]) / run.size,
                peak=float(self._cells[run.first : run.last].max()),
                baseline=float(self._level[run.first]),
                level=float(np.median(heights)),
                shape=_shape(heights, begin - run.first, end - run.first),
                whole=not cut,
            )
        )
        self._fresh = False
        self._asleep = self._time(end)
        self._asleep_sum = float(self._sums[0, run.last])
        self._asleep_peak = 0.0
        return found

    def _edges(self, run: _Run, above: Floats) -> tuple[float, float]:
        """Where in its first and last cell a burst begins and ends."""
        if run.size < 3:
            return float(run.first), float(run.last)
        first = float(above[run.first] / max(above[run.first + 1], above[run.first]))
        last = float(above[run.last - 1] / max(above[run.last - 2], above[run.last - 1]))
        return run.first + 1 - first, run.last - 1 + last

    def _sleep(self, until: float, cell: int, *, whole: bool) -> Segment:
        """Sleep since the last burst, up to before ``cell``."""
        total = float(self._sums[0, cell]) - self._asleep_sum
        seconds = until - self._asleep
        first = self._held(self._asleep)
        peak = max(self._asleep_peak, float(self._cells[first:cell].max(initial=0.0)))
        counted = max(1, round((self._time(cell) - self._asleep) / self._cell))
        mean = total / counted
        level = float(self._level[max(0, cell - 1)]) if len(self._level) else mean
        return Segment(
            start=self._asleep, end=until, mode="sleep", energy=mean * seconds, mean=mean,
            peak=max(peak, mean), baseline=level, level=mean - level, whole=whole,
        )  # fmt: skip

    def _held(self, second: float) -> int:
        """The held cell at ``second``."""
        return max(0, round((second - self._start) / self._cell) - self._dropped)

    def _forget(self, keep: int) -> None:
        first = min(self._held(self._asleep), keep)
        peak = float(self._cells[first:keep].max(initial=0.0))
        self._asleep_peak = max(self._asleep_peak, peak)
        self._dropped += keep
        self._cells, self._level = self._cells[keep:], self._level[keep:]
        self._threshold, self._sums = self._threshold[keep:], self._sums[:, keep:]


def _shape(heights: Floats, begin: float, end: float) -> tuple[float, ...]:
    """Means over 64 equal parts of a burst, in units of the mean over all of it."""
    total = np.concatenate([[0.0], np.cumsum(heights, dtype=np.float64)])
    edges = np.linspace(begin, end, SHAPE_POINTS + 1)
    parts = np.diff(np.interp(edges, np.arange(len(total)), total))
    mean = parts.mean()
    if mean <= 0:
        return (1.0,) * SHAPE_POINTS
    return tuple(np.round(parts / mean, 3).tolist())
