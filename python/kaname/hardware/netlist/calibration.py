"""From scores to probabilities, and from probabilities to what is called suspicious.

- `Curve`: isotonic regression of labels on held-out scores, straight between its steps.
- `operating`: the thresholds for a goal, on held-out scores of whole designs.
- `DesignVerdict`: how likely a design holds a Trojan, by logistic regression on what its
  most suspicious components look like; and how many clean designs look as bad, which is
  what a false-alarm rate is set by.

Sources: Zadrozny and Elkan, KDD 2002 (isotonic calibration); Vovk, Gammerman and Shafer,
Algorithmic Learning in a Random World, 2005 (the conformal p-value of a design).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Curve", "DesignVerdict", "fit_curve", "fit_design", "isotonic", "logistic"]

_KNOTS = 64
_STEPS = 60


class Curve(msgspec.Struct, frozen=True):
    """A rising line through ``(at, says)``; flat outside."""

    at: tuple[float, ...]
    says: tuple[float, ...]

    def __call__(self, score: NDArray[Any]) -> NDArray[np.float32]:
        """Probabilities for scores, float32, strictly rising with the score within a step."""
        found: NDArray[np.float32] = np.interp(score, self.at, self.says).astype(np.float32)
        return found


class DesignVerdict(msgspec.Struct, frozen=True):
    """Weights of a design's features, and the verdicts of clean designs, ascending."""

    means: tuple[float, ...]
    spreads: tuple[float, ...]
    weights: tuple[float, ...]
    bias: float
    clean: tuple[float, ...]

    def probability(self, features: Sequence[float]) -> float:
        """How likely a design with these features holds a Trojan, 0 to 1."""
        scaled = (np.asarray(features) - self.means) / self.spreads
        return float(1 / (1 + np.exp(-(scaled @ np.asarray(self.weights) + self.bias))))

    def as_clean(self, probability: float) -> float:
        """The share of clean designs that look as bad or worse (conformal, never 0)."""
        worse = len(self.clean) - int(np.searchsorted(self.clean, probability, "left"))
        return (worse + 1) / (len(self.clean) + 1)

    def threshold(self, false_alarms: float) -> float:
        """The probability from which on at most ``false_alarms`` of clean designs alarm."""
        if not self.clean:
            return 0.5
        allowed = int(false_alarms * (len(self.clean) + 1))
        if allowed < 1:  # fewer clean designs than the rate needs: above all of them
            return float(np.nextafter(self.clean[-1], 2))
        if allowed > len(self.clean):
            return 0.0
        return float(np.nextafter(self.clean[-allowed], 2))


def isotonic(
    score: NDArray[Any], truth: NDArray[Any], weight: NDArray[Any]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The best rising step function (pool adjacent violators): steps' mean score and value."""
    order = np.argsort(score, kind="stable")
    pools: list[list[float]] = []  # weight, weighted truth, weighted score
    for s, t, w in zip(score[order], truth[order], weight[order], strict=True):
        pools.append([w, w * t, w * s])
        while len(pools) > 1 and pools[-2][1] * pools[-1][0] >= pools[-1][1] * pools[-2][0]:
            last = pools.pop()
            pools[-1] = [a + b for a, b in zip(pools[-1], last, strict=True)]
    table = np.array(pools)
    return table[:, 2] / table[:, 0], table[:, 1] / table[:, 0]


def fit_curve(score: NDArray[Any], truth: NDArray[Any], weight: NDArray[Any]) -> Curve:
    """The curve from held-out scores to how often they are right.

    Scores are put into bins first, since a step function of a million cells is a waste.
    The ends are drawn out to 0 and 1, so that the order of scores is kept.
    """
    edges = np.unique(np.concatenate((np.linspace(0, 1, 513), np.quantile(score, _fine()))))
    bins = np.searchsorted(edges, score, "right")
    mass = np.bincount(bins, weight, len(edges) + 1)
    some = mass > 0
    mean = np.bincount(bins, weight * score, len(edges) + 1)[some] / mass[some]
    right = np.bincount(bins, weight * truth, len(edges) + 1)[some] / mass[some]
    at, says = isotonic(mean, right, mass[some])
    pick = np.unique(np.linspace(0, len(at) - 1, min(_KNOTS, len(at))).astype(int))
    pick = pick[(at[pick] > 1e-6) & (at[pick] < 1 - 1e-6)]
    at = np.concatenate(([0.0], at[pick], [1.0]))
    # A step is drawn as a slope, so that two cells of different score never become equal.
    says = np.concatenate(([0.0], np.clip(says[pick], 0, 1), [1.0])) * (1 - 1e-4) + 1e-4 * at
    return Curve(tuple(np.round(at, 7).tolist()), tuple(np.round(says, 7).tolist()))


def _fine() -> NDArray[np.float64]:
    return np.concatenate((np.linspace(0, 0.99, 100), np.linspace(0.99, 1, 101)))


def logistic(
    rows: NDArray[np.float64], truth: NDArray[np.float64], weight: NDArray[np.float64], ridge: float
) -> NDArray[np.float64]:
    """Weights of the columns and, last, the bias; Newton's method with a ridge penalty."""
    design = np.column_stack((rows, np.ones(len(rows))))
    penalty = np.diag([ridge] * rows.shape[1] + [1e-9])
    found = np.zeros(design.shape[1])
    for _ in range(_STEPS):
        said = 1 / (1 + np.exp(-np.clip(design @ found, -30, 30)))
        slope = design.T @ (weight * (said - truth)) + penalty @ found
        curve = (design * (weight * said * (1 - said))[:, None]).T @ design + penalty
        step = np.linalg.solve(curve + 1e-9 * np.eye(len(found)), slope)
        found = found - step
        if np.abs(step).max() < 1e-8:
            break
    return found


def fit_design(
    rows: NDArray[np.float64], truth: NDArray[np.bool_], clean: NDArray[np.bool_]
) -> DesignVerdict:
    """The verdict from held-out features of designs; ``clean`` rows set the false alarms.

    Both kinds weigh the same in all, however many of each were given, so that 0.5 is where
    the two are as likely.
    """
    means, spreads = rows.mean(axis=0), rows.std(axis=0) + 1e-6
    share = np.where(truth, 0.5 / max(1, truth.sum()), 0.5 / max(1, (~truth).sum())) * len(rows)
    found = logistic((rows - means) / spreads, truth.astype(np.float64), share, ridge=1.0)
    verdict = DesignVerdict(
        tuple(means.tolist()), tuple(spreads.tolist()), tuple(found[:-1].tolist()),
        float(found[-1]), (),
    )  # fmt: skip
    said = sorted(verdict.probability(row) for row in rows[clean])
    return msgspec.structs.replace(verdict, clean=tuple(round(one, 6) for one in said))
