"""Slow meters: a reading a second shows no bursts, but windows of readings show behaviour.

A window is described by the mean, the variance and the range of every column, as
CICEVSE2024's users do for the supply of a charging station. What is normal is learnt from
windows; a window lies as far from it as from its fifth nearest neighbour among them (Ramaswamy,
Rastogi and Shim, SIGMOD 2000), in logarithms that are scaled robustly. How often a normal
window lies so far is taken from the learnt windows, each measured without itself.

Windows that share readings are near to one another by themselves. Learn from windows that
do not overlap, and never measure on windows that overlap with learnt ones.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

import msgspec
import numpy as np

from kaname.model.errors import InputError, UsageError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = ["Windows", "describe"]

_NEIGHBOUR = 5
_MOST = 2000  # windows that are kept
_FEWEST = 20
_ROWS = 256  # compared with the learnt ones at a time
_KNEE = 0.01  # of the usual size of a column: below it the logarithm is a straight line


def describe(values: Floats, size: int, *, step: int | None = None) -> Floats:
    """Windows of ``size`` readings as rows of (mean, variance, range) of each column.

    Args:
        values: readings [n] or [n, columns]; a window with a missing one is left out.
        size: readings a window.
        step: readings from one window to the next; ``size``, so that none overlap.
    """
    if size < 2:
        raise UsageError("hardware.power.error.window", found=size)
    table = values.reshape(len(values), -1)
    if len(table) < size:
        return np.empty((0, 3 * table.shape[1]))
    windows = np.lib.stride_tricks.sliding_window_view(table, size, axis=0)[:: step or size]
    parts = np.stack([windows.mean(-1), windows.var(-1), np.ptp(windows, axis=-1)], axis=-1)
    rows = parts.reshape(len(windows), -1)
    return np.asarray(rows[np.isfinite(rows).all(axis=1)])


class Windows(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Normal windows.

    Attributes:
        size: of each column, its usual size.
        centre: median of its logarithm.
        scale: robust deviation of that.
        learnt: scaled windows, 2,000 at most.
        distances: of each from its fifth neighbour, in order.
    """

    size: tuple[float, ...]
    centre: tuple[float, ...]
    scale: tuple[float, ...]
    learnt: tuple[tuple[float, ...], ...]
    distances: tuple[float, ...]

    @classmethod
    def learn(cls, rows: Floats) -> Self:
        """Learn from rows of described windows [n, columns]; n is 20 or more.

        Raises:
            InputError: too few windows.
        """
        rows = rows[np.isfinite(rows).all(axis=1)]
        if len(rows) < _FEWEST:
            raise InputError("hardware.power.error.windows", found=len(rows), least=_FEWEST)
        size = np.maximum(np.median(np.abs(rows), axis=0), 1e-12)
        logs = _logs(rows, size)
        centre = np.median(logs, axis=0)
        scale = np.maximum(1.4826 * np.median(np.abs(logs - centre), axis=0), 1e-3)
        kept = np.unique(np.linspace(0, len(rows) - 1, _MOST).astype(int))
        learnt = (logs[kept] - centre) / scale
        own = np.sort(_fifth(learnt, learnt, itself=True))
        return cls(
            size=tuple(size.tolist()), centre=tuple(centre.tolist()), scale=tuple(scale.tolist()),
            learnt=tuple(map(tuple, np.round(learnt, 4).tolist())),
            distances=tuple(np.round(own, 5).tolist()),
        )  # fmt: skip

    def score(self, rows: Floats) -> Floats:
        """Distance of each window from the learnt ones; larger is odder."""
        if rows.shape[1:] != (len(self.size),):
            raise UsageError(
                "hardware.power.error.window_columns", found=rows.shape[-1], known=len(self.size)
            )
        scaled = (_logs(rows, np.array(self.size)) - np.array(self.centre)) / np.array(self.scale)
        return _fifth(scaled, np.array(self.learnt), itself=False)

    def p(self, scores: Floats) -> Floats:
        """Share of normal windows that lie at least so far; never below 1 / (n + 1)."""
        known = np.array(self.distances)
        farther = len(known) - np.searchsorted(known, scores, "left")
        return np.asarray((farther + 1) / (len(known) + 1))


def _logs(rows: Floats, size: Floats) -> Floats:
    return np.asarray(np.sign(rows) * np.log1p(np.abs(rows) / (_KNEE * size)))


def _fifth(rows: Floats, learnt: Floats, *, itself: bool) -> Floats:
    """Distance from the fifth nearest of ``learnt``; not counting a row itself."""
    at = min(_NEIGHBOUR - 1 + itself, len(learnt) - 1)
    squares = (learnt**2).sum(axis=1)
    found = np.empty(len(rows))
    for first in range(0, len(rows), _ROWS):
        part = rows[first : first + _ROWS]
        away = (part**2).sum(axis=1)[:, None] + squares - 2 * part @ learnt.T
        found[first : first + _ROWS] = np.partition(away, at, axis=1)[:, at]
    return np.sqrt(np.maximum(found, 0.0))
