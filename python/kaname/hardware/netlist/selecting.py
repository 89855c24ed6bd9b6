"""Which features a model keeps: those that trees gain most by.

All features of a million cells are more than the memory of a small machine, and most say
what others say too. So trees are grown on all of them for some designs, and what these cut
by is kept of all.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np

from kaname.hardware.netlist.stages import Effort, lesson
from kaname.hardware.netlist.trees import Growth, gains

if TYPE_CHECKING:
    from kaname.hardware.netlist.examples import Example

__all__ = ["KEPT", "kept", "selected", "thinned"]

KEPT = 176
_DESIGNS = 240  # that features are chosen on


def thinned(examples: Iterable[Example], effort: Effort, count: int = KEPT) -> list[Example]:
    """The examples with the features that the first of them choose, taken one by one."""
    each = iter(examples)
    first = list(islice(each, _DESIGNS))
    if not first:
        return []
    names = selected(first, effort, count)
    return [*kept(first, names), *kept(each, names)]


def selected(examples: Sequence[Example], effort: Effort, count: int = KEPT) -> list[str]:
    """The names of the most useful features of these examples, in their order."""
    names = examples[0].features
    if len(names) <= count:
        return list(names)
    worth = gains(lesson(examples, effort), Growth(effort.trees, seed=0))
    best = np.sort(np.argsort(-worth, kind="stable")[:count])
    return [names[at] for at in best]


def kept(examples: Iterable[Example], names: Sequence[str]) -> Iterator[Example]:
    """The examples with these features alone."""
    for one in examples:
        place = {name: at for at, name in enumerate(one.features)}
        columns = [place[name] for name in names if name in place]
        yield dataclasses.replace(
            one,
            features=tuple(one.features[at] for at in columns),
            values=np.asfortranarray(one.values[:, columns]),
        )
