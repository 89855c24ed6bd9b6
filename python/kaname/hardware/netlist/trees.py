"""Ensembles of trees as plain arrays: grown by the core, into a file, and out of it.

Trees are kept level by level, so that the left child of the k-th inner node of a tree is
node 2k + 1 and need not be stored. Values have 16 bits. What is kept is what judges: a
forest is packed before it is measured.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from kaname._native import NativeError, TreeEnsemble
from kaname.hardware.netlist.lent import lent, taken
from kaname.model.errors import IntegrityError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

__all__ = ["Growth", "Packed", "Trees", "grow"]

_LEAF = 0xFFFF
_FULL = 65_535
_THREADS = 2
_EDGES = 126  # of Trojan cells, and of clean ones
_SAMPLE = 8000


@dataclass(frozen=True, slots=True)
class Growth:
    """How trees are grown: features that a node tries, rows in a leaf."""

    trees: int
    tries: int
    leaf: int
    seed: int


@dataclass(frozen=True, slots=True)
class Packed:
    """A forest as a file has it: nodes of all trees, thresholds of the inner ones."""

    sizes: NDArray[np.uint32]
    feature: NDArray[np.uint16]  # `_LEAF` for a leaf
    threshold: NDArray[np.float32]
    value: NDArray[np.uint16]

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
_KINDS = (np.uint32, np.uint16, np.float32, np.uint16)


class Trees:
    """A forest that judges rows of ``columns`` numbers.

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

    def score(
        self, blocks: Sequence[NDArray[np.float32]], early: tuple[int, float] | None = None
    ) -> NDArray[np.float32]:
        """The average answer by row; ``blocks`` of columns lie beside each other."""
        rows = len(blocks[0])
        given = [_flat(block) for block in blocks]
        scores: NDArray[np.float32] = taken(self._core.score(rows, given, early, _THREADS))
        return scores

    def contributions(self, row: NDArray[np.float32]) -> NDArray[np.float64]:
        """What each column adds to the answer for one row."""
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
    return (packed.sizes, feature, threshold, left, packed.value.astype(np.float32) / _FULL)


def grow(
    blocks: Sequence[NDArray[np.float32]],
    truth: NDArray[np.bool_],
    weight: NDArray[np.float64],
    growth: Growth,
) -> Packed:
    """Extremely randomised trees over rows of some weight (Geurts et al., 2006)."""
    from kaname._native import grow_trees

    signed = np.where(truth, weight, -weight).astype(np.float32)
    edges = [lent(_edges(block[:, at], truth)) for block in blocks for at in _range(block)]
    found = grow_trees(
        len(truth),
        [_flat(block) for block in blocks],
        lent(signed),
        edges,
        (growth.trees, growth.tries, growth.leaf, growth.seed),
        _THREADS,
    )
    return Packed(*(taken(column) for column in found))


def _range(block: NDArray[np.float32]) -> range:
    return range(block.shape[1])


def _edges(column: NDArray[np.float32], truth: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Where a column may be cut: as many places among Trojan cells as among clean ones.

    Trojan cells are few and often where a column has its extremes, which quantiles of all
    cells would put into one bin.
    """
    parts = []
    for some in (truth, ~truth):
        values = column[some]
        values = values[np.isfinite(values)]
        if len(values) > _SAMPLE:
            values = values[:: len(values) // _SAMPLE + 1]
        if len(values):
            parts.append(np.sort(values)[np.linspace(0, len(values) - 1, _EDGES).astype(int)])
    found = np.unique(np.concatenate([np.zeros(0), *parts]).astype(np.float32))
    # Half way to the next value, so that what is a little different falls on the same side.
    return (found[:-1] / 2 + found[1:] / 2).astype(np.float32)
