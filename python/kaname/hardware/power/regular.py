"""Readings with times, brought onto an even grid without inventing any.

A reading belongs to the slot that its time is nearest to, counted from the reading before.
Up to five missing slots in a row are bridged by a straight line; more are a gap, where the
trace is split. Readings of the same time are duplicates; a clock that goes back either
means one reading out of order, which is left out, or a clock that was set, where the trace
is split as well.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from kaname.hardware.power.trace import MAX_BRIDGED, Gap, Problem
from kaname.model.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Lines = NDArray[np.int64]

__all__ = ["Grid", "Tally", "rate_of"]

_KEPT_LINES = 5
_COARSE = 0.2  # share of equal times from which the clock is coarser than the sampling
_NEAR = 2e-3  # a rate so near to a whole number is that number
_HIGHEST = 1e9


class Tally:
    """Problems by kind, with the first lines of each."""

    def __init__(self) -> None:
        self._count: dict[str, int] = {}
        self._lines: dict[str, list[int]] = {}

    def add(self, kind: str, lines: Lines | list[int]) -> None:
        """So many more of a kind; lines are 1-based."""
        if not len(lines):
            return
        self._count[kind] = self._count.get(kind, 0) + len(lines)
        kept = self._lines.setdefault(kind, [])
        kept += [int(line) for line in lines[: _KEPT_LINES - len(kept)]]

    @property
    def problems(self) -> tuple[Problem, ...]:
        """All of them."""
        return tuple(
            Problem(kind, count, tuple(self._lines[kind])) for kind, count in self._count.items()
        )


def rate_of(times: Floats) -> float:
    """Sampling rate [Hz] of readings at these times [s].

    Raises:
        InputError: the times don't say.
    """
    steps = np.diff(times[np.isfinite(times)])
    forward = steps[steps > 0]
    if not len(forward):
        raise InputError("hardware.power.error.rate_unknown")
    step = float(np.median(forward))
    if np.mean(steps == 0) > _COARSE:
        # Several readings share a time: count those between one change of time and the next.
        changes = np.flatnonzero(steps > 0)
        counts = np.diff(changes)
        usual = steps[changes[1:]] <= 10 * step
        if counts[usual].sum():
            step = float(steps[changes[1:]][usual].sum() / counts[usual].sum())
    else:
        near = forward[np.abs(forward - step) <= 0.5 * step]
        step = float(near.mean())
    rate = 1 / step
    if not 0 < rate <= _HIGHEST:
        raise InputError("hardware.power.error.rate_unknown")
    whole = round(rate)
    return float(whole) if whole and abs(rate - whole) <= _NEAR * rate else rate


class Grid:
    """Takes readings piece by piece and gives even ones; gaps as they are found."""

    def __init__(self, fs: float, tally: Tally) -> None:
        self.fs = fs
        self._tally = tally
        self._time: float | None = None  # of the last reading
        self._value = 0.0  # the last one that was good
        self._missing = 0  # slots since then
        self._begun = False
        self._coarse = False  # the clock is coarser than the sampling

    def even(self, values: Floats, lines: Lines) -> tuple[NDArray[np.float32], list[Gap]]:
        """Readings without times: only missing values leave slots open."""
        return self._place(values, np.ones(len(values), np.int64), lines)

    def timed(
        self, times: Floats, values: Floats, lines: Lines
    ) -> tuple[NDArray[np.float32], list[Gap]]:
        """Readings with times [s]: even readings [W], and gaps by their place in those."""
        fine = np.isfinite(times)
        self._tally.add("time", lines[~fine])
        times, values, lines = times[fine], values[fine], lines[fine]
        if not len(times):
            return np.empty(0, np.float32), []
        first = self._time if self._time is not None else float(times[0]) - 1 / self.fs
        steps = np.diff(times, prepend=first)
        coarse = self._coarse or (len(steps) > 10 and float(np.mean(steps == 0)) > _COARSE)
        self._coarse = coarse
        kept = self._kept(times, steps, lines, coarse=coarse)
        times, values, lines = times[kept], values[kept], lines[kept]
        if not len(times):
            return np.empty(0, np.float32), []
        steps = np.diff(times, prepend=first)
        self._tally.add("clock_back", lines[steps < 0])
        slots = np.minimum(np.maximum(np.rint(steps * self.fs), 1), 2**53).astype(np.int64)
        if coarse:
            # Only a pause that is long beside the clock's steps says that readings are missing.
            forward = steps[steps > 0]
            pause = 3 * float(np.median(forward)) if len(forward) else 0.0
            slots[steps <= max(pause, (MAX_BRIDGED + 1) / self.fs)] = 1
        slots[steps < 0] = MAX_BRIDGED + 2  # a clock that was set: nobody knows how long
        self._time = float(times[-1])
        return self._place(values, slots, lines)

    def _kept(
        self, times: Floats, steps: Floats, lines: Lines, *, coarse: bool
    ) -> NDArray[np.bool_]:
        """All but duplicates and single readings out of order."""
        kept = np.ones(len(times), bool)
        if not coarse:
            same = steps == 0
            self._tally.add("duplicate", lines[same])
            kept &= ~same
        back = np.flatnonzero(steps < 0)
        back = back[back + 1 < len(times)]
        before = times[back] - steps[back]
        alone = back[times[back + 1] > before]
        self._tally.add("disorder", lines[alone])
        kept[alone] = False
        return kept

    def _place(
        self, values: Floats, slots: Lines, lines: Lines
    ) -> tuple[NDArray[np.float32], list[Gap]]:
        good = np.isfinite(values)
        if self._begun and not self._missing and good.all() and len(slots) == slots.sum():
            self._value = float(values[-1]) if len(values) else self._value
            return values.astype(np.float32), []
        self._tally.add("value", lines[~good])
        places = np.cumsum(slots)[good]
        end = int(slots.sum())
        if not len(places):
            self._missing += end
            return np.empty(0, np.float32), []
        values = values[good]
        missing = np.diff(places, prepend=-self._missing) - 1
        if not self._begun:
            missing[0] = 0  # nothing is missing before the first
        self._tally.add("bridged", lines[good][(missing > 0) & (missing <= MAX_BRIDGED)])
        self._tally.add("gap", lines[good][missing > MAX_BRIDGED])
        wide = missing > MAX_BRIDGED
        counts = np.where(wide, 0, missing) + 1
        at = np.cumsum(counts) - 1
        value = self._value if self._begun else float(values[0])
        known_at, known = np.concatenate([[-1], at]), np.concatenate([[value], values])
        even = np.interp(np.arange(int(counts.sum())), known_at, known).astype(np.float32)
        gaps = [Gap(int(at[row]), float(missing[row] / self.fs)) for row in np.flatnonzero(wide)]
        self._value, self._begun = float(values[-1]), True
        self._missing = end - int(places[-1])
        return even, gaps
