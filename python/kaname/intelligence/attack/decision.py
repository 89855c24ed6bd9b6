"""From the values of sentences to what a report shows: features and a logistic decision.

One sentence that speaks clearly is enough, several that hint at it are, and a report in
which everything is hinted at proves little. So a class is decided on from its best
sentences, how many there are, how it stands beside the other classes of the report, and
how common it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["NAMES", "Decision", "features"]

NAMES = (
    "best",
    "second",
    "third",
    "mean_of_five",
    "hinting",
    "clear",
    "length",
    "classes_clear",
    "classes_hinted",
    "mean_best",
    "mean",
)
_LOW, _HIGH = -2.5, 3.0
_HINT, _CLEAR, _HINTED = -0.5, 0.0, -0.3
_TOP = 5


def features(values: NDArray[np.float32]) -> NDArray[np.float64]:
    """The features of each class: (classes, len(NAMES)), from (sentences, classes) values."""
    clipped = np.clip(np.asarray(values, np.float64), _LOW, _HIGH)
    count, classes = clipped.shape
    best = np.full((max(_TOP, count), classes), _LOW)
    best[:count] = -np.sort(-clipped, axis=0)
    top = best[0]
    whole = np.ones(classes)
    return np.stack(
        [
            top,
            best[1],
            best[2],
            best[:_TOP].mean(axis=0),
            (clipped > _HINT).sum(axis=0) / np.sqrt(max(count, 1)),
            (clipped > _CLEAR).sum(axis=0),
            np.log(max(count, 1)) * whole,
            (top > _CLEAR).sum() * whole,
            (top > _HINTED).sum() * whole,
            top.mean() * whole,
            clipped.mean(axis=0) if count else _LOW * whole,
        ],
        axis=1,
    )


class Decision(msgspec.Struct, frozen=True):
    """Coefficients over standardised features, an offset for each class, and a threshold."""

    means: tuple[float, ...]
    spreads: tuple[float, ...]
    coefficients: tuple[float, ...]
    offsets: tuple[float, ...]
    threshold: float

    def probabilities(self, values: NDArray[np.float32]) -> NDArray[np.float64]:
        """How probable it is that the report shows each class."""
        if not len(values):
            return np.zeros(len(self.offsets))
        standard = (features(values) - np.array(self.means)) / np.array(self.spreads)
        logits = standard @ np.array(self.coefficients) + np.array(self.offsets)
        return np.asarray(1.0 / (1.0 + np.exp(-logits)), np.float64)
