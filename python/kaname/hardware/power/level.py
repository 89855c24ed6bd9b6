"""The sleep level of a device and the noise on it, followed block by block.

The level follows the 20 % quantile of a block's cells: bursts and ticks of the system stand
above it, drift of temperature is slow. A block in which nothing lies at the level changes
nothing until that has gone on for long, measured by how long the bursts of the device last:
then the device sleeps at a new level. A level that lies lower is believed sooner.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from kaname.hardware.power.segments import Cutting

    Floats = NDArray[np.float32]

__all__ = ["BLOCK_CELLS", "WARM_UP", "Level"]

BLOCK_CELLS = 25
WARM_UP = 4  # blocks (2 s) from which the first level is taken

_LOW, _HIGH = 5, 19  # of 25 ordered cells: the 20 % and the 80 % quantile
_LOW_SIGMAS = 0.8416  # the 20 % quantile of noise lies so many sigma below its mean
_TENTH_SIGMAS = 1.2816  # the 10 % quantile
_MEDIAN_STEP = 1 / (0.6745 * math.sqrt(2))  # median |difference| of white noise -> sigma
_QUARTER_STEP = 1 / (0.3186 * math.sqrt(2))  # its 25 % quantile -> sigma
_FOLLOW = 0.2  # share of the way to a block's level that the level goes
_FOLLOW_NOISE = 0.05
_RECENT = 20  # blocks (10 s) of which a new level is the lowest fifth
_FALL = 2  # blocks that lie lower before the level falls at once
_KNOWN = 20  # bursts after which a device's usual ones are known
_LONGER = 4  # times as long as they, and it is no burst
_LEAST_PATIENCE = 40  # blocks (20 s)
_BETWEEN = 10  # blocks that a weak burst lasts at most before the level goes after it
_FORGET = 0.98  # of the longest burst, at each burst
_FLOOR = 1e-9  # W; below what meters resolve
_LEAST = 0.01  # of the sleep level: less is wander of the supply, however quiet the meter


class Level:
    """Sleep level [W] and noise [W] of the means over cells."""

    def __init__(self, cutting: Cutting, cell: float) -> None:
        """For cells of ``cell`` seconds."""
        self._sigmas, self._share = cutting.sigmas, cutting.share
        self._patience = max(_RECENT, math.ceil(cutting.longest / (cell * BLOCK_CELLS)))
        self.watts = math.nan
        self._sigma = self._height = 0.0
        self._above = self._below = 0
        self._recent: tuple[float, ...] = ()  # levels of the last blocks above
        self._before = math.inf  # the level of the block before
        self._hold = 0  # blocks for which a little too high is still a burst
        self._bursts = self._tall = 0
        self._stay = 0.0  # blocks that bursts lasted at most

    @property
    def known(self) -> bool:
        """Whether there is a level yet."""
        return not math.isnan(self.watts)

    @property
    def threshold(self) -> float:
        """A burst rises so far above the level [W]."""
        least = max(_FLOOR, _LEAST * abs(self.watts))
        return max(self._sigmas * self._sigma, self._share * self._height, least)

    def begin(self, cells: Floats) -> None:
        """Take the first level from some seconds, of which a tenth or more is sleep."""
        ordered = np.sort(cells)
        steps = np.sort(np.abs(np.diff(cells)))
        # Bursts make the large steps; the small ones are noise.
        self._sigma = float(steps[len(steps) // 4]) * _QUARTER_STEP if len(steps) else 0.0
        self.watts = float(ordered[len(ordered) // 10]) + _TENTH_SIGMAS * self._sigma

    def walk(self, blocks: Floats) -> tuple[Floats, Floats]:
        """Level and threshold of every cell: a step a block, the rest as arrays."""
        parted = np.partition(blocks, (_LOW, _HIGH), axis=1)
        steps = np.partition(np.abs(blocks[:, 1:] - blocks[:, :-1]), 12, axis=1)[:, 12]
        level = np.empty(len(blocks), np.float32)
        threshold = np.empty(len(blocks), np.float32)
        columns = (parted[:, _LOW], parted[:, _HIGH], steps * np.float32(_MEDIAN_STEP))
        for at, block in enumerate(zip(*(column.tolist() for column in columns), strict=True)):
            self._step(*block)
            level[at] = self.watts
            threshold[at] = self.threshold
        return np.repeat(level, BLOCK_CELLS), np.repeat(threshold, BLOCK_CELLS)

    def _step(self, low: float, high: float, noise: float) -> None:
        limit = self.threshold
        level = low + _LOW_SIGMAS * self._sigma
        off = level - self.watts
        tall = high - self.watts
        if tall > limit:
            self._grow(tall)
        held = off > limit or (off > limit / 2 and self._holds(level, limit))
        self._hold = _BETWEEN if off > limit else self._hold if off > limit / 2 else 0
        self._before = level
        if held:
            self._wait(level)
            return
        if self._above:
            self._return()
        if off < -limit / 2:
            self._fall(level)
            return
        self._below = 0
        self.watts += _FOLLOW * off
        if tall <= limit:
            self._sigma += _FOLLOW_NOISE * (min(noise, 4 * self._sigma + _FLOOR) - self._sigma)

    def _holds(self, level: float, limit: float) -> bool:
        """Whether a level that is a little too high is that of a weak burst, not of drift.

        A burst comes at once, and does not last; drift comes little by little.
        """
        if self._above == 0 and level - self._before > limit / 4:
            self._hold = _BETWEEN
        self._hold -= 1
        return self._hold >= 0

    def _wait(self, level: float) -> None:
        self._below = 0
        self._above += 1
        self._recent = (*self._recent[1 - _RECENT :], level)
        patience: float = self._patience
        if self._bursts >= _KNOWN:
            patience = min(patience, max(_LEAST_PATIENCE, _LONGER * self._stay))
        if self._above >= patience:
            self.watts = sorted(self._recent)[len(self._recent) // 5]
            self._above, self._recent = 0, ()

    def _return(self) -> None:
        """A burst of some blocks is over: remember how long bursts last."""
        self._bursts += 1
        self._stay = max(_FORGET * self._stay, self._above)
        self._above, self._recent = 0, ()

    def _fall(self, level: float) -> None:
        self._below += 1
        if self._below >= _FALL:
            self.watts, self._below = level, 0

    def _grow(self, tall: float) -> None:
        """Follow the usual height of bursts: their mean at first, then no faster than twofold."""
        self._tall += 1
        if self._tall <= _KNOWN:
            self._height += (tall - self._height) / self._tall
        else:
            self._height += _FOLLOW_NOISE * (min(tall, 2 * self._height) - self._height)
