"""What populations are set on: place, time, size, mix, and the random numbers of the start."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kaname.telescope.simulator.mix import Mix
from kaname.telescope.simulator.place import Place

__all__ = ["Scene"]


@dataclass(frozen=True, slots=True)
class Scene:
    """The run that populations are made for; instants in microseconds."""

    rng: np.random.Generator
    place: Place
    start: int
    end: int
    scale: float
    mix: Mix

    def many(self, count: int) -> int:
        """``count`` sources at the scale of the run, at least one."""
        return max(1, round(count * self.scale))

    @property
    def seconds(self) -> float:
        """Length of the run."""
        return (self.end - self.start) / 1e6

    def when(self, share: float) -> int:
        """The instant after ``share`` of the run."""
        return self.start + int(share * (self.end - self.start))

    def always(self, count: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Starts and ends of ``count`` sources that are there all the time."""
        return np.full(count, self.start), np.full(count, self.end)

    def runs(self, count: int, seconds: float) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Starts and ends of ``count`` runs of about ``seconds`` that lie in the time."""
        length = np.minimum(seconds, self.seconds) * self.rng.uniform(0.6, 1.0, count)
        begin = self.start + self.rng.random(count) * (self.seconds - length) * 1e6
        return begin.astype(np.int64), (begin + length * 1e6).astype(np.int64)

    @property
    def peers_target(self) -> np.uint32:
        """The address of the darknet that misled peers look for."""
        number = np.array([int(self.mix.peers_place * (self.place.size - 1))])
        target: np.uint32 = self.place.at(number)[0]
        return target
