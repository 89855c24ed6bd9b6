"""Calibration: from what a rule believes to how often it is right.

The confidence of a rule grows with the packets behind it, but is a number that somebody
chose. Held against labelled traffic it becomes a probability: for each label a rising
curve (isotonic regression, drawn towards the curve of all labels where there are few
cases), kept as points of a small table. The table that is shipped was made from simulated
days; ``kaname telescope evaluate --calibrate`` makes one from labelled traffic of one's
own, which ``telescope.sources`` takes with ``calibration``.

R. Barlow et al., Statistical Inference under Order Restrictions, 1972 (pool adjacent
violators); B. Zadrozny, C. Elkan, Transforming Classifier Scores into Accurate Multiclass
Probability Estimates, KDD 2002.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable
from importlib.resources import files
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from kaname.model.errors import InputError

__all__ = ["MOST", "Calibration", "Judgement", "calibration_error", "fit", "load", "shipped"]

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

MOST = 0.999  # nothing is surer than this
_WEIGHT = 4.0  # cases that the curve of all labels counts for
_BINS = 10
_ALL = "*"


class Judgement(msgspec.Struct, frozen=True):
    """What was said of activities with one label: beliefs, and whether they were right."""

    label: str
    believed: Floats
    right: Bools


class Calibration(msgspec.Struct, frozen=True):
    """``curves``: label -> points (believed, probability), both rising; "*" is for all.

    ``provenance`` says what it was made from, ``scores`` how good it is on what it was not
    made from.
    """

    curves: dict[str, list[tuple[float, float]]]
    provenance: dict[str, Any] = {}
    scores: dict[str, Any] = {}

    def probability(self, label: str, believed: Floats) -> Floats:
        """The probability that a label with such beliefs is right; 0.5 if nothing is known."""
        points = self.curves.get(label) or self.curves.get(_ALL)
        if not points:
            return believed
        xs, ys = np.array(points, np.float64).T
        found: Floats = np.interp(believed, xs, ys)
        return found


@functools.cache
def shipped() -> Calibration:
    """The table that belongs to the package."""
    data = files("kaname.telescope").joinpath("calibration.json").read_bytes()
    return msgspec.json.decode(data, type=Calibration)


def load(path: str) -> Calibration:
    """The table in a file; an empty path gives the one that is shipped.

    Raises:
        InputError: the file cannot be read, or is not such a table.
    """
    if not path:
        return shipped()
    try:
        found = msgspec.json.decode(Path(path).expanduser().read_bytes(), type=Calibration)
    except (OSError, msgspec.MsgspecError) as error:
        raise InputError("telescope.error.calibration", path=path, reason=error) from None
    if any(not _rising(points) for points in found.curves.values()):
        raise InputError("telescope.error.calibration", path=path, reason="0 <= x, y <= 1")
    return found


def _rising(points: list[tuple[float, float]]) -> bool:
    values = np.array(points, np.float64)
    return bool(
        values.ndim == 2
        and np.all((values >= 0) & (values <= 1))
        and np.all(np.diff(values, axis=0) >= 0)
    )


def fit(judgements: Iterable[Judgement], provenance: dict[str, Any]) -> Calibration:
    """A calibration that says of each belief how often such beliefs were right."""
    gathered: dict[str, list[Judgement]] = {}
    for each in judgements:
        gathered.setdefault(each.label, []).append(each)
    joined = {name: _joined(parts) for name, parts in sorted(gathered.items())}
    whole = _joined([part for parts in gathered.values() for part in parts])
    common = _curve(*whole, None)
    curves = {name: _points(_curve(*pair, common)) for name, pair in joined.items()}
    return Calibration({_ALL: _points(common), **curves}, provenance)


def _joined(parts: list[Judgement]) -> tuple[Floats, Floats]:
    believed = np.concatenate([part.believed for part in parts])
    return believed, np.concatenate([part.right for part in parts]).astype(np.float64)


_Curve = tuple[Floats, Floats]


def _curve(believed: Floats, right: Floats, prior: _Curve | None) -> _Curve:
    """Isotonic regression of ``right`` on ``believed``, drawn towards ``prior``."""
    values, place = np.unique(np.round(believed, 3), return_inverse=True)
    weight = np.bincount(place).astype(np.float64)
    hits: Floats = np.bincount(place, weights=right).astype(np.float64)
    if prior is not None:
        hits = hits + _WEIGHT * np.interp(values, *prior)
        weight += _WEIGHT
    else:
        hits, weight = hits + 1, weight + 2  # Laplace: no proportion is 0 or 1
    return values, np.minimum(MOST, _pooled(hits / weight, weight))


def _pooled(level: Floats, weight: Floats) -> Floats:
    """Pool adjacent violators: the closest rising sequence, least squares."""
    blocks: list[list[float]] = []  # level, weight, length
    for value, count in zip(level.tolist(), weight.tolist(), strict=True):
        blocks.append([value, count, 1])
        while len(blocks) > 1 and blocks[-2][0] > blocks[-1][0]:
            last = blocks.pop()
            total = blocks[-1][1] + last[1]
            blocks[-1][0] = (blocks[-1][0] * blocks[-1][1] + last[0] * last[1]) / total
            blocks[-1][1], blocks[-1][2] = total, blocks[-1][2] + last[2]
    return np.concatenate([np.full(int(length), value) for value, _, length in blocks])


def _points(curve: _Curve) -> list[tuple[float, float]]:
    """The corners of a curve, which say all of it.

    Below the least belief that was seen nothing is known: there it falls to nothing.
    """
    xs, ys = (np.concatenate([[0.0], values]) for values in curve)
    inner = np.zeros(len(xs), np.bool_)
    inner[1:-1] = (ys[1:-1] == ys[:-2]) & (ys[1:-1] == ys[2:])
    kept = ~inner
    return [
        (round(float(x), 3), round(float(y), 4)) for x, y in zip(xs[kept], ys[kept], strict=True)
    ]


def calibration_error(probability: Floats, right: Bools) -> float:
    """Expected calibration error: mean distance of belief and truth over ten equal bins."""
    if not len(probability):
        return 0.0
    bins = np.minimum(_BINS - 1, (probability * _BINS).astype(np.int64))
    count = np.bincount(bins, minlength=_BINS)
    believed = np.bincount(bins, weights=probability, minlength=_BINS)
    hit = np.bincount(bins, weights=right.astype(np.float64), minlength=_BINS)
    return float(np.abs(believed - hit).sum() / count.sum())
