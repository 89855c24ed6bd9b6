"""Fitting the name model: logistic regression by AdaGrad, in numpy alone.

Every family weighs the same, however many names of it there are, and all families
together weigh as much as the benign names: a model must not learn the biggest list.
The order of the mini-batches comes from a fixed seed, so a fit can be repeated.

Source: J. Duchi et al., Adaptive Subgradient Methods, JMLR 2011.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kaname.traffic.dga.names import FORMAT, LENGTHS, NameModel
from kaname.traffic.dga.ngrams import BUCKETS, Grams, grams

__all__ = ["Effort", "fit"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Effort:
    """How long and how hard to fit."""

    epochs: int = 12
    batch: int = 2048
    rate: float = 0.4
    decay: float = 2e-6  # of weights, a step
    seed: int = 20_260_101


def fit(
    generated: Mapping[str, Sequence[str]],
    benign: Sequence[str],
    card: dict[str, Any],
    effort: Effort = Effort(),
) -> NameModel:
    """A model of labels: ``generated`` by family, and ``benign``."""
    labels = [label for family in generated.values() for label in family]
    shares = [1 / len(generated) / len(family) for family in generated.values() for _ in family]
    weights = np.array(shares + [1 / len(benign)] * len(benign)) * (len(labels) + len(benign)) / 2
    truth = np.repeat([1.0, 0.0], [len(labels), len(benign)])
    fitting = _Fitting([*labels, *benign], truth, weights, effort)
    for _ in range(effort.epochs):
        fitting.epoch()
    return NameModel(fitting.w.astype(np.float32), fitting.b.astype(np.float32),
                     {"format": FORMAT, **card})  # fmt: skip


class _Fitting:
    """The state of a fit: weights ``w``, biases ``b``, and their summed squared gradients."""

    def __init__(self, texts: Sequence[str], truth: Floats, share: Floats, effort: Effort) -> None:
        self.texts, self.truth, self.share, self.effort = texts, truth, share, effort
        self.found: Grams = grams(texts)
        self.lengths = np.minimum([len(text) for text in texts], LENGTHS - 1)
        self.w, self.b = np.zeros(BUCKETS), np.zeros(LENGTHS)
        self._w2, self._b2 = np.full(BUCKETS, 1e-6), np.full(LENGTHS, 1e-6)
        self._random = np.random.default_rng(effort.seed)

    def epoch(self) -> None:
        """Every text once."""
        order = self._random.permutation(len(self.texts))
        for at in range(0, len(order), self.effort.batch):
            self._step(order[at : at + self.effort.batch])

    def _step(self, chosen: NDArray[np.int64]) -> None:
        starts, counts = self.found.starts[chosen], np.diff(self.found.starts)[chosen]
        owner = np.repeat(np.arange(len(chosen)), counts)
        within = np.arange(len(owner)) - np.repeat(np.cumsum(counts) - counts, counts)
        buckets = self.found.buckets[np.repeat(starts, counts) + within]
        scale = 1 / np.sqrt(counts)
        sums = np.bincount(owner, self.w[buckets], len(chosen))
        logits = sums * scale + self.b[self.lengths[chosen]]
        error = (1 / (1 + np.exp(-logits)) - self.truth[chosen]) * self.share[chosen]
        error /= len(chosen)
        slope = np.bincount(buckets, (error * scale)[owner], BUCKETS) + self.effort.decay * self.w
        self._move(self.w, self._w2, slope)
        self._move(
            self.b, self._b2, np.bincount(self.lengths[chosen], error, LENGTHS).astype(np.float64)
        )

    def _move(self, values: Floats, squares: Floats, slope: Floats) -> None:
        squares += slope * slope
        values -= self.effort.rate * slope / np.sqrt(squares)
