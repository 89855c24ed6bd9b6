"""Choosing the curve, the verdict on designs and the lines, on held-out scores."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from kaname.hardware.netlist.calibration import Curve, DesignVerdict, fit_curve, fit_design
from kaname.hardware.netlist.judging import Decision, Lines, design_features
from kaname.hardware.netlist.metrics import f_score

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from kaname.hardware.netlist.examples import Example

__all__ = ["decide"]

_GRID = np.concatenate((np.linspace(0.02, 0.95, 94), [0.97, 0.98, 0.99, 0.995, 0.999]))
_CLEAN_SHARE = 2e-4  # of the cells of clean designs, that may be flagged


def decide(examples: Sequence[Example], scores: Sequence[Any]) -> Decision:
    """The decision that fits held-out ``scores`` best; rewritten copies have no say."""
    own = [at for at, one in enumerate(examples) if one.origin != "rewritten"]
    examples, scores = [examples[at] for at in own], [scores[at] for at in own]
    curve = _curve(examples, scores)
    sure = [curve(score) for score in scores]
    design = _design(examples, sure)
    return Decision(curve, design, _lines(examples, sure))


def _curve(examples: Sequence[Example], scores: Sequence[Any]) -> Curve:
    """Every design weighs alike, so that the largest does not speak for all."""
    weight = [np.full(len(one.truth), 1000 / len(one.truth)) for one in examples]
    truth = np.concatenate([one.truth for one in examples]).astype(np.float64)
    return fit_curve(np.concatenate(scores).astype(np.float64), truth, np.concatenate(weight))


def _design(examples: Sequence[Example], sure: Sequence[NDArray[np.float32]]) -> DesignVerdict:
    """Designs as they are, and Trojaned ones with what the Trojan says silenced.

    There are few clean designs to learn from. A Trojaned one without its Trojan's cells is
    nearly one; it helps to fit the weights, but false alarms are counted on clean ones if
    there are enough.
    """
    rows, truth, whole = [], [], []
    for one, probability in zip(examples, sure, strict=True):
        rows.append(design_features(probability, one.graph))
        truth.append(one.trojan)
        whole.append(True)
        if one.trojan and one.truth.mean() < 0.2:
            rows.append(design_features(_silenced(one, probability), one.graph))
            truth.append(False)
            whole.append(False)
    said, real = np.array(truth), np.array(whole)
    clean = ~said & real
    return fit_design(np.array(rows), said, clean if clean.sum() >= 20 else ~said)


def _silenced(one: Example, probability: NDArray[np.float32]) -> NDArray[np.float32]:
    """Probabilities without those of Trojan cells and of what touches them."""
    mark = one.truth.astype(np.float64)
    near = one.truth | (one.graph.from_drivers(mark) + one.graph.from_loads(mark) > 0)
    quiet = np.where(near, 0, probability)
    return quiet.astype(np.float32)


def _lines(examples: Sequence[Example], sure: Sequence[Any]) -> dict[str, Lines]:
    """Lines by goal; each is chosen as a mean over designs."""
    trojaned = [(o.truth, p) for o, p in zip(examples, sure, strict=True) if o.trojan]
    clean = [p[~o.truth] for o, p in zip(examples, sure, strict=True)]
    whole = [p for o, p in zip(examples, sure, strict=True) if not o.trojan] or clean

    def best(value: Callable[[float], float]) -> float:
        found = np.array([value(line) for line in _GRID.tolist()])
        # The middle of what is nearly best: the very best of one sample is luck.
        return float(np.median(_GRID[found >= found.max() - 0.003]))

    def passed(share: float) -> float:
        return float(np.median([np.quantile(p, share) for p in clean]))

    quiet = float(np.quantile(np.concatenate(whole), 1 - _CLEAN_SHARE, method="higher"))
    f1 = best(lambda line: float(np.mean([f_score(t, p >= line) for t, p in trojaned])))
    found = float(np.mean([0.0])) if not trojaned else _found(trojaned, 0.95)
    return {
        "f1": Lines(f1, max(f1, quiet)),
        "tnr_99": Lines(passed(0.99), max(f1, quiet)),
        "tnr_95": Lines(passed(0.95), max(f1, quiet)),
        "tpr_95": Lines(found, max(f1, quiet)),
        "clean": Lines(max(f1, quiet), max(f1, quiet)),
    }


def _found(trojaned: Sequence[tuple[Any, Any]], share: float) -> float:
    """The highest line at which ``share`` of a Trojan's cells are flagged, on average."""
    for line in _GRID[::-1].tolist():
        if np.mean([(p[t] >= line).mean() for t, p in trojaned]) >= share:
            return float(line)
    return 0.0
