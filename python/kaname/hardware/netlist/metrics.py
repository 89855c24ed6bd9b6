"""How well a ranking of cells finds the labelled ones; ties count in the middle.

Every figure is of one design. Accuracy is not among them: of a design with 12 Trojan cells
in 5,400, "all is well" is 99.8 % accurate.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["average_precision", "f_score", "roc_area", "sensitivity"]


def average_precision(truth: NDArray[np.bool_], score: NDArray[np.float32]) -> float:
    """The mean precision at each Trojan cell found; cells of equal score are found at once."""
    hits, said = _steps(truth, score)
    gained = np.diff(hits, prepend=0)
    return float((gained * hits / said).sum() / max(1, truth.sum()))


def roc_area(truth: NDArray[np.bool_], score: NDArray[np.float32]) -> float:
    """The chance that a Trojan cell scores above a clean one; half of it where they tie."""
    positive, negative = int(truth.sum()), int((~truth).sum())
    if not positive or not negative:
        return float("nan")
    hits, said = _steps(truth, score)
    false = said - hits
    rise = np.concatenate(([0], hits)) / positive
    run = np.concatenate(([0], false)) / negative
    return float(np.trapezoid(rise, run))


def sensitivity(truth: NDArray[np.bool_], score: NDArray[np.float32], specificity: float) -> float:
    """The share of Trojan cells found where ``specificity`` of the clean ones are passed."""
    hits, said = _steps(truth, score)
    allowed = (1 - specificity) * (~truth).sum()
    fits = np.flatnonzero(said - hits <= allowed + 1e-9)
    return float(hits[fits[-1]] / max(1, truth.sum())) if len(fits) else 0.0


def f_score(truth: NDArray[np.bool_], said: NDArray[np.bool_]) -> float:
    """F1: twice the agreement over what is true and what is said; 1 where both are empty."""
    whole = int(truth.sum() + said.sum())
    return 2 * int((truth & said).sum()) / whole if whole else 1.0


def _steps(
    truth: NDArray[np.bool_], score: NDArray[np.float32]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Trojan cells, and all, at or above each distinct score, from the highest down."""
    order = np.argsort(-score, kind="stable")
    last = np.flatnonzero(np.diff(score[order], append=-np.inf))
    return np.cumsum(truth[order], dtype=np.int64)[last], last + 1
