"""Bursts as columns of numbers: what applications are learnt from and bursts are judged by."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from kaname.hardware.power.segments import SHAPE_POINTS, Segment

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = ["Bursts"]

_LEAST = 1e-12  # J, W: so that a logarithm exists


@dataclass(frozen=True, slots=True)
class Bursts:
    """Active segments: start [s], ln duration [ln s], ln mean power [ln W], shapes [n, 64]."""

    start: Floats
    duration: Floats
    power: Floats
    shape: Floats

    @classmethod
    def of(cls, segments: Iterable[Segment]) -> Bursts:
        """The bursts among segments."""
        bursts = [one for one in segments if one.mode == "active"]
        seconds = np.array([max(one.duration, 1e-6) for one in bursts], float)
        energy = np.array([max(one.energy, _LEAST) for one in bursts], float)
        return cls(
            np.array([one.start for one in bursts], float),
            np.log(seconds),
            np.log(energy / seconds),
            np.array([one.shape for one in bursts], float).reshape(-1, SHAPE_POINTS),
        )

    def __len__(self) -> int:
        return len(self.start)

    def of_rows(self, rows: NDArray[np.intp]) -> Bursts:
        """Some of them."""
        return Bursts(self.start[rows], self.duration[rows], self.power[rows], self.shape[rows])
