"""Ensembles of boosted trees as plain arrays: grown, into a file, and out of it.

Trees are kept level by level, so that the left child of the k-th inner node of a tree is
node 2k + 1 and need not be stored. LightGBM grows them (Ke et al., NIPS 2017) and is needed
for nothing else: what judges is the core, on what a file has.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from kaname._native import NativeError, TreeEnsemble
from kaname.hardware.netlist.lent import lent, taken
from kaname.model.errors import IntegrityError, UnavailableError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

__all__ = ["Growth", "Lesson", "Packed", "Trees", "gains", "grow", "grower"]

_LEAF = 0xFFFF
_MOST = float(np.finfo(np.float32).max)
_SUREST = np.float32(80)  # logarithms of odds, either way
_THREADS = 2
_LEAVES = 31  # of the 32 that the core takes
_SPAN, _FASTEST = 30.0, 0.2  # what all trees together learn, and one at most
_ROWS_OF_LEAF, _SHARE_OF_LEAF = 20, 500  # rows in a leaf: so many, fewer of few rows
#: So few columns that most of those that say the same come to say it in some tree.
_SHARE_OF_COLUMNS = 0.08
_FEW = 20_000  # rows up to which one thread is done before two have met
_FITTING = {
    "objective": "binary",
    "num_leaves": _LEAVES,
    "feature_fraction": 0.3,
    "bagging_fraction": 0.6,
    "bagging_freq": 1,
    "lambda_l2": 5.0,
    "max_bin": 127,  # places where a column is cut, and a byte holds them
    "use_missing": False,
    "deterministic": True,
    "force_row_wise": True,
    "verbosity": -1,
}


@dataclass(frozen=True, slots=True)
class Growth:
    """How many trees are grown, and from which chance."""

    trees: int
    seed: int


@dataclass(frozen=True, slots=True)
class Packed:
    """An ensemble as a file has it: nodes of all trees, thresholds of the inner ones.

    ``value`` is what a tree would add to the logarithm of the odds if it ended at a node.
    """

    sizes: NDArray[np.uint32]
    feature: NDArray[np.uint16]  # `_LEAF` for a leaf
    threshold: NDArray[np.float32]
    value: NDArray[np.float32]

    def arrays(self, prefix: str) -> dict[str, NDArray[Any]]:
        """By name, for `numpy.savez`."""
        return {f"{prefix}_{name}": getattr(self, name) for name in _FIELDS}

    @classmethod
    def of(cls, stored: Any, prefix: str) -> Packed:
        """Out of `numpy.load`.

        Raises:
            KeyError, ValueError: an array is missing, or of another kind.
        """
        found = [stored[f"{prefix}_{name}"] for name in _FIELDS]
        for array, kind in zip(found, _KINDS, strict=True):
            if array.dtype != kind or array.ndim != 1:
                raise ValueError(prefix)
        return cls(*found)


_FIELDS = ("sizes", "feature", "threshold", "value")
_KINDS = (np.uint32, np.uint16, np.float32, np.float32)


class Trees:
    """An ensemble that judges rows of ``columns`` numbers.

    Raises:
        IntegrityError: the arrays describe no trees; ``origin`` is named.
    """

    def __init__(self, packed: Packed, columns: int, origin: str = "-") -> None:
        try:
            arrays = [lent(array) for array in _unpacked(packed)]
            self._core = TreeEnsemble(columns, arrays)
        except (NativeError, ValueError, IndexError, TypeError) as error:
            raise IntegrityError("hardware.error.model", path=origin, reason=error) from None
        self.columns = columns

    def score(self, blocks: Sequence[NDArray[np.float32]]) -> NDArray[np.float32]:
        """The score by row, 0 to 1; ``blocks`` of columns lie beside each other."""
        rows = len(blocks[0])
        given = [_flat(block) for block in blocks]
        # A file may hold odds that no float32 has the exponential of.
        odds = np.clip(taken(self._core.score(rows, given, _THREADS)), -_SUREST, _SUREST)
        scores: NDArray[np.float32] = 1 / (1 + np.exp(-odds))
        return scores

    def contributions(self, row: NDArray[np.float32]) -> NDArray[np.float64]:
        """What each column adds to the logarithm of the odds for one row."""
        added, _base = self._core.contributions(lent(row.astype(np.float32, copy=False)))
        parts: NDArray[np.float64] = taken(added)
        return parts


def _flat(block: NDArray[np.float32]) -> tuple[Any, bool]:
    """An Arrow array over the numbers as they lie, and whether that is column by column."""
    by_column = block.flags.f_contiguous and not block.flags.c_contiguous
    return lent((block.T if by_column else block).astype(np.float32, copy=False)), by_column


def _unpacked(packed: Packed) -> tuple[NDArray[Any], ...]:
    inner = packed.feature != _LEAF
    if inner.sum() != len(packed.threshold) or packed.sizes.sum(dtype=np.uint64) != len(inner):
        raise ValueError(len(packed.threshold))
    threshold = np.zeros(len(inner), np.float32)
    threshold[inner] = packed.threshold
    before = np.cumsum(inner) - inner  # inner nodes before each
    ends = np.cumsum(packed.sizes.astype(np.int64))
    firsts = ends - packed.sizes
    own = before - np.repeat(before[firsts], packed.sizes)
    left = np.where(inner, 2 * own + 1, 0).astype(np.uint32)
    feature = np.where(inner, packed.feature, 0).astype(np.uint16)
    return (packed.sizes, feature, threshold, left, packed.value)


@dataclass(frozen=True, slots=True)
class Lesson:
    """Rows to learn from, whether each is what is looked for, and their weights."""

    values: NDArray[np.float32]
    truth: NDArray[np.bool_]
    weight: NDArray[np.float64]


def grow(lesson: Lesson, growth: Growth) -> Packed:
    """Boosted trees; the same rows give the same trees.

    Raises:
        UnavailableError: as `grower`.
    """
    trees = _grown(lesson, growth, {}).dump_model()["tree_info"]
    return _packed(tree["tree_structure"] for tree in trees)


def gains(lesson: Lesson, growth: Growth) -> NDArray[np.float64]:
    """By column, by how much its cuts lower the loss in trees that see few columns each.

    Raises:
        UnavailableError: as `grower`.
    """
    few = {"feature_fraction": _SHARE_OF_COLUMNS}
    found: NDArray[np.float64] = _grown(lesson, growth, few).feature_importance("gain")
    return found


def grower() -> Any:
    """The library that grows trees.

    Raises:
        UnavailableError: LightGBM is not installed, or cannot be loaded.
    """
    try:
        import lightgbm
    except (ModuleNotFoundError, OSError) as error:  # OSError: there is no OpenMP
        raise UnavailableError("hardware.error.train_extra", reason=error) from error
    return lightgbm


def _grown(lesson: Lesson, growth: Growth, other: dict[str, float]) -> Any:
    lightgbm = grower()
    fitting = _FITTING | {
        "learning_rate": min(_FASTEST, _SPAN / growth.trees),
        "min_data_in_leaf": max(1, min(_ROWS_OF_LEAF, len(lesson.truth) // _SHARE_OF_LEAF)),
        "num_threads": _THREADS if len(lesson.truth) > _FEW else 1,
        "seed": growth.seed,
        **other,
    }
    # What is no number is more than every threshold, as it is where the core judges.
    known = np.nan_to_num(lesson.values, nan=_MOST, posinf=_MOST, neginf=-_MOST)
    given = lightgbm.Dataset(known, lesson.truth.astype(np.float32), weight=lesson.weight)
    return lightgbm.train(fitting, given, num_boost_round=growth.trees)


def _packed(trees: Iterable[dict[str, Any]]) -> Packed:
    """Trees of LightGBM, level by level."""
    sizes, feature, threshold, value = [], [], [], []
    for root in trees:
        count, level = 0, [root]
        while level:
            count += len(level)
            inner = [node for node in level if "split_feature" in node]
            feature += [node.get("split_feature", _LEAF) for node in level]
            value += [node.get("internal_value", node.get("leaf_value")) for node in level]
            threshold += [node["threshold"] for node in inner]
            level = [node[side] for node in inner for side in ("left_child", "right_child")]
        sizes.append(count)
    return Packed(
        np.array(sizes, np.uint32),
        np.array(feature, np.uint16),
        _down(np.array(threshold, np.float64)),
        np.array(value, np.float32),
    )


def _down(threshold: NDArray[np.float64]) -> NDArray[np.float32]:
    """The highest float32 that is not above: it parts values of that kind as the other does."""
    near = threshold.clip(-_MOST, _MOST).astype(np.float32)
    found: NDArray[np.float32] = np.where(near > threshold, np.nextafter(near, -np.inf), near)
    return found.astype(np.float32)
