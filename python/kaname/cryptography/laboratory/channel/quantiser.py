"""Samples to bits: by sign, or by quartile in Gray code, with guard bands between cells."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["QUARTILE", "THRESHOLDS", "bits_of", "cells", "outside_guard"]

QUARTILE = 0.6744897501960817  # of the normal law
# by bits a sample: thresholds that make all cells equally likely
THRESHOLDS = {1: (0.0,), 2: (-QUARTILE, 0.0, QUARTILE)}
_GRAY = {1: np.array([[0], [1]]), 2: np.array([[0, 0], [0, 1], [1, 1], [1, 0]])}


def cells(samples: NDArray[np.float64], bits: int) -> NDArray[np.intp]:
    """The cell of each sample, the lowest first."""
    return np.searchsorted(np.array(THRESHOLDS[bits]), samples, side="right")


def bits_of(cell: NDArray[np.intp], bits: int) -> NDArray[np.uint8]:
    """The bits of cells in Gray code: neighbours differ in one."""
    return _GRAY[bits].astype(np.uint8)[cell].reshape(-1)


def outside_guard(samples: NDArray[np.float64], bits: int, guard: float) -> NDArray[np.bool_]:
    """Which samples are at least ``guard`` deviations away from all thresholds."""
    away = np.abs(samples[..., None] - np.array(THRESHOLDS[bits])).min(axis=-1)
    return np.asarray(away >= guard)
