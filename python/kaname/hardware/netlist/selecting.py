"""Which features a model keeps: those that trees cut by, near their roots and to effect.

All features of a million cells are more than the memory of a small machine, and most say
what others say too. A forest is grown on all of them; a feature is worth what its cuts
move, each weighing half of one a level higher.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from kaname.hardware.netlist.stages import Effort, fit_first

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from kaname.hardware.netlist.examples import Example
    from kaname.hardware.netlist.trees import Packed

__all__ = ["KEPT", "importance", "kept", "selected"]

KEPT = 160
_TREES = 24
_LEAF = 0xFFFF


def selected(examples: Sequence[Example], effort: Effort, count: int = KEPT) -> list[str]:
    """The names of the most useful features of these examples, in their order."""
    names = examples[0].features
    if len(names) <= count:
        return list(names)
    few = dataclasses.replace(effort, trees=min(_TREES, effort.trees), seed=0)
    forest = fit_first(examples, few)
    worth = importance(forest, len(names))
    best = np.sort(np.argsort(-worth, kind="stable")[:count])
    return [names[at] for at in best]


def kept(examples: Sequence[Example], names: Sequence[str]) -> list[Example]:
    """The examples with these features alone."""
    place = {name: at for at, name in enumerate(examples[0].features)}
    columns = [place[name] for name in names if name in place]
    chosen = tuple(examples[0].features[at] for at in columns)
    return [
        dataclasses.replace(one, features=chosen, values=np.asfortranarray(one.values[:, columns]))
        for one in examples
    ]


def importance(forest: Packed, columns: int) -> NDArray[np.float64]:
    """What each column is worth to a forest."""
    found = np.zeros(columns)
    first = 0
    for size in forest.sizes.tolist():
        feature = forest.feature[first : first + size]
        value = forest.value[first : first + size].astype(np.float64)
        inner = np.flatnonzero(feature != _LEAF)
        left = 2 * np.arange(len(inner)) + 1
        depth = np.zeros(size, np.int64)
        for at, child in zip(inner.tolist(), left.tolist(), strict=True):
            depth[child] = depth[child + 1] = depth[at] + 1
        moved = np.abs(value[left] - value[left + 1]) * 0.5 ** depth[inner]
        found += np.bincount(feature[inner], moved, columns)
        first += size
    return found
