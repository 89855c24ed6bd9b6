"""Choosing the curve, the verdict on designs and the lines, on held-out scores."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from kaname.hardware.netlist.calibration import Curve, DesignVerdict, fit_curve, fit_design
from kaname.hardware.netlist.judging import FALSE_ALARMS, Decision, Lines, design_features, surest

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from kaname.hardware.netlist.examples import Example

__all__ = ["decide"]

_GRID = np.concatenate((np.linspace(0.02, 0.95, 94), [0.97, 0.98, 0.99, 0.995, 0.999]))
_ENOUGH = 20  # Trojaned designs of a user, from which on lines are for these alone
_SHARES = (0.0, 0.5, 0.6, 0.7, 0.8)
_WEIGHTS = (0.85, 0.15)  # of Trojaned designs, and of clean ones
_NEAR = 0.003  # of what could be reached, that counts as nothing
_CLEAN_SHARE = 2e-4  # of the cells of clean designs, that may be flagged


def decide(
    examples: Sequence[Example], scores: Sequence[Any], false_alarms: float = FALSE_ALARMS
) -> Decision:
    """The decision that fits held-out ``scores`` best; rewritten copies have no say.

    Lines are for designs that are called suspicious at ``false_alarms``, and for others.
    """
    own = [at for at, one in enumerate(examples) if one.origin != "rewritten"]
    given = [at for at in own if examples[at].origin == "given"]
    if sum(examples[at].trojan for at in given) >= _ENOUGH:
        own = given  # what a user's designs are like is told by these, not by ours
    examples, scores = [examples[at] for at in own], [scores[at] for at in own]
    curve = _curve(examples, scores)
    sure = [curve(score) for score in scores]
    design = _design(examples, sure)
    limit = design.threshold(false_alarms)
    alarm = [
        design.probability(design_features(p, one.graph)) >= limit
        for one, p in zip(examples, sure, strict=True)
    ]
    return Decision(curve, design, _lines(examples, sure, alarm))


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


def _lines(
    examples: Sequence[Example], sure: Sequence[Any], alarm: Sequence[bool]
) -> dict[str, Lines]:
    """Lines by goal; each is chosen as a mean over designs."""
    told = [(one.truth, p) for one, p in zip(examples, sure, strict=True)]
    struck = [pair for pair, said in zip(told, alarm, strict=True) if said] or told
    quiet = [pair for pair, said in zip(told, alarm, strict=True) if not said] or told
    clean = [p for truth, p in told if not truth.any()] or [p[~truth] for truth, p in told]
    strict = float(np.quantile(np.concatenate(clean), 1 - _CLEAN_SHARE, method="higher"))
    weights = _weights(told)
    line, share = _best(told, weights)
    loud = [at for at, said in enumerate(alarm) if said]
    lower = _best([told[at] for at in loud], [weights[at] for at in loud], (share,))[0]
    return {
        # Where a Trojan is likely anyway, more of its cells are worth a false one.
        "f1": Lines(min(line, lower) if loud else line, line, share),
        "tnr_99": Lines(_passed(struck, 0.99), max(line, _passed(quiet, 0.99))),
        "tnr_95": Lines(_passed(struck, 0.95), max(line, _passed(quiet, 0.95))),
        "tpr_95": Lines(_found(struck, 0.95), _found(quiet, 0.95)),
        "clean": Lines(max(line, strict), max(line, strict), share),
    }


def _weights(told: Sequence[tuple[Any, Any]]) -> list[float]:
    """What each design counts: most goes to Trojaned ones together, some to clean ones."""
    trojaned = sum(bool(truth.any()) for truth, _ in told)
    each = _WEIGHTS[0] / max(1, trojaned), _WEIGHTS[1] / max(1, len(told) - trojaned)
    return [each[0] if truth.any() else each[1] for truth, _ in told]


def _best(
    told: Sequence[tuple[Any, Any]],
    weights: Sequence[float],
    shares: tuple[float, ...] = _SHARES,
) -> tuple[float, float]:
    """The line and the share of the surest cells with the best F1.

    A clean design in which nothing is flagged is right, any other is wrong.
    """
    worth = np.zeros((len(shares), len(_GRID)))
    for at, share in enumerate(shares):
        for pair, weight in zip(told, weights, strict=True):
            worth[at] += weight * _f_scores(*pair, share)
    at = int(np.argmax(worth.max(axis=1)))
    # The middle of what is nearly best: the very best of one sample is luck.
    near = worth[at] >= worth[at].max() - _NEAR * sum(weights)
    return float(np.median(_GRID[near])), shares[at]


def _f_scores(truth: Any, probability: Any, share: float) -> NDArray[np.float64]:
    """F1 of one design at each line of the grid; 1 where nothing is true or said."""
    lines = np.maximum(_GRID, share * surest(probability)).astype(np.float32)
    right, said = (
        len(some) - np.searchsorted(np.sort(some), lines)
        for some in (probability[truth], probability)
    )
    whole = said + int(truth.sum())
    return np.where(whole > 0, 2 * right / np.maximum(whole, 1), 1.0)


def _passed(told: Sequence[tuple[Any, Any]], share: float) -> float:
    """The line below which ``share`` of the clean cells are, in the median design."""
    return float(np.median([np.quantile(p[~t], share) for t, p in told]))


def _found(told: Sequence[tuple[Any, Any]], share: float) -> float:
    """The highest line at which ``share`` of a Trojan's cells are flagged, on average."""
    trojaned = [(t, p) for t, p in told if t.any()]
    for line in _GRID[::-1].tolist():
        if trojaned and np.mean([(p[t] >= line).mean() for t, p in trojaned]) >= share:
            return float(line)
    return 0.0
