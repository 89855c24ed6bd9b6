"""How well a Trojan is hidden from a detector: what an attack lowers and a defence raises."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from kaname.hardware.netlist.design import Netlist
    from kaname.hardware.netlist.model import Model

__all__ = ["LINE", "Score", "concealment_degree", "exposure", "margins", "score_of"]

LINE = 0.5
Score = Callable[["Netlist"], "NDArray[np.float32]"]
"""A score for each cell, 0 to 1; from `LINE` on a cell is flagged."""

_LEAST = 1e-4
_FARTHEST = 6.0  # a margin beyond which nothing is gained
_SLOPE = 0.02


def score_of(model: Model) -> Score:
    """The scores of a model, moved so that its own threshold lies at `LINE`."""

    def score(netlist: Netlist) -> NDArray[np.float32]:
        verdict = model.judge(netlist)
        line = float(np.clip(verdict.threshold, _LEAST, 1 - _LEAST))
        odds = _logit(verdict.probability) - np.log(line / (1 - line))
        moved = 1 / (1 + np.exp(-odds))
        # The line itself is flagged: rounding must not move a cell across it.
        said = verdict.probability >= verdict.threshold
        return np.asarray(np.where(said, np.maximum(moved, LINE), moved), np.float32)

    return score


def _logit(score: NDArray[np.float32]) -> NDArray[np.float64]:
    kept = np.clip(score.astype(np.float64), _LEAST, 1 - _LEAST)
    return np.asarray(np.log(kept / (1 - kept)))


def margins(score: NDArray[np.float32]) -> NDArray[np.float64]:
    """How far each cell lies above the line (below zero: not flagged), in log odds."""
    return np.clip(_logit(score), -_FARTHEST, _FARTHEST)


def exposure(margin: NDArray[np.float64]) -> NDArray[np.float64]:
    """What an attack lowers: near 1 for a cell flagged surely, near 0 for one that is hidden.

    A smooth form of "is flagged", with a little slope where that is flat, so that a cell
    which cannot be hidden in one step is still moved towards the line.
    """
    return np.asarray(1 / (1 + np.exp(-2 * margin)) + _SLOPE * margin)


def concealment_degree(score: NDArray[np.float32], trojan: NDArray[np.bool_]) -> float:
    """TCD of Nozawa et al.: the mean loss of the detector on the Trojan's cells, in nats.

    They train a network on the cross entropy, of which this is the Trojan's part:
    the mean of -ln(score).
    """
    if not trojan.any():
        return 0.0
    return float(-np.log(np.clip(score[trojan].astype(np.float64), _LEAST, 1.0)).mean())
