"""The two stages: cells alone, then cells among their neighbours' scores.

The second stage learns from scores of models that have not seen the host of a design,
since scores of designs that were learnt are far too good to be what use will bring.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from kaname.hardware.netlist.neighbours import surroundings
from kaname.hardware.netlist.trees import Growth, Lesson, Trees, grow

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from kaname.hardware.netlist.examples import Example
    from kaname.hardware.netlist.trees import Packed

__all__ = ["Effort", "by_host", "by_netlist", "fit_first", "fit_second", "held_out", "lesson"]

Scores = list[Any]  # float32 arrays, one a design
Progress = Callable[[str], object]


@dataclass(frozen=True, slots=True)
class Effort:
    """How much is fitted, and how examples weigh."""

    trees: int = 300
    folds: int = 3
    clean: int = 300  # clean cells of one design, at most; the weight of those left out stays
    odds: float = 3.0  # weight of the clean cells of a design for that of its Trojan
    power: float = 0.5  # the weight of a Trojan grows with its size to this power
    seed: int = 0


def fit_first(examples: Sequence[Example], effort: Effort) -> Packed:
    """The first stage, on features alone."""
    return grow(lesson(examples, effort), Growth(effort.trees, effort.seed))


def fit_second(examples: Sequence[Example], around: Sequence[Any], effort: Effort) -> Packed:
    """The second stage, on features and on `surroundings` of held-out scores."""
    return grow(lesson(examples, effort, around), Growth(effort.trees, effort.seed))


def held_out(
    examples: Sequence[Example],
    folds: NDArray[np.int64],
    effort: Effort,
    progress: Progress = lambda _: None,
) -> tuple[Scores, Scores]:
    """Scores of all cells, and `surroundings`, by models without a design's fold."""
    first = _each(
        examples,
        folds,
        lambda seen: Trees(
            fit_first([examples[at] for at in seen], effort), examples[0].values.shape[1]
        ),
        lambda trees, at: trees.score([examples[at].values]),
        progress,
    )
    around = [surroundings(s, one.links) for s, one in zip(first, examples, strict=True)]
    width = examples[0].values.shape[1] + around[0].shape[1]
    second = _each(
        examples,
        folds,
        lambda seen: Trees(
            fit_second([examples[at] for at in seen], [around[at] for at in seen], effort), width
        ),
        lambda trees, at: trees.score([examples[at].values, around[at]]),
        progress,
    )
    return [one.whole(s) for s, one in zip(second, examples, strict=True)], around


def _each(
    examples: Sequence[Example],
    folds: NDArray[np.int64],
    fit: Callable[[list[int]], Trees],
    score: Callable[[Trees, int], Any],
    progress: Progress,
) -> Scores:
    found: Scores = [None] * len(examples)
    for fold in np.unique(folds).tolist():
        progress(f"{fold + 1}/{folds.max() + 1}")
        trees = fit(np.flatnonzero(folds != fold).tolist())
        for at in np.flatnonzero(folds == fold).tolist():
            found[at] = score(trees, at)
    return found


def by_host(examples: Sequence[Example], folds: int) -> NDArray[np.int64]:
    """A fold for each design, all designs of a host in one; as even as hosts allow."""
    sizes: dict[str, int] = {}
    for one in examples:
        sizes[one.host] = sizes.get(one.host, 0) + len(one.truth)
    filled = [0] * max(1, min(folds, len(sizes)))
    fold = {}
    for host in sorted(sizes, key=lambda host: (-sizes[host], host)):
        fold[host] = filled.index(min(filled))
        filled[fold[host]] += sizes[host]
    return np.array([fold[one.host] for one in examples])


def by_netlist(examples: Sequence[Example], folds: int) -> NDArray[np.int64]:
    """A fold for each design, the designs of a host dealt round; copies go with theirs."""
    dealt: dict[str, int] = {}
    order = sorted({(one.host, one.name) for one in examples})
    for place, (_, name) in enumerate(order):
        dealt.setdefault(name, place % folds)
    return np.array([dealt[one.name] for one in examples])


def lesson(
    examples: Sequence[Example], effort: Effort, around: Sequence[Any] | None = None
) -> Lesson:
    """Rows of the designs for the first stage, or, with ``around``, for the second."""
    random = np.random.default_rng(effort.seed)
    values, truth, weight = [], [], []
    for at, one in enumerate(examples):
        beside = None if around is None else around[at]
        score = None if beside is None else beside[:, 0]
        chosen, heavy = _chosen(one.marks, score, effort, random)
        own = one.values[chosen]
        values.append(own if beside is None else np.hstack((own, beside[chosen])))
        truth.append(one.marks[chosen])
        weight.append(heavy)
    whole = np.concatenate(weight)
    return Lesson(np.concatenate(values), np.concatenate(truth), whole / whole.mean())


def _chosen(
    truth: NDArray[np.bool_], score: Any, effort: Effort, random: np.random.Generator
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Cells of a design to learn from, and their weights.

    Of the clean ones, those that the first stage was wrong about are all kept.
    """
    trojan, clean = np.flatnonzero(truth), np.flatnonzero(~truth)
    kept, times = clean, np.ones(len(clean))
    if len(clean) > effort.clean:
        hard = clean[:0]
        if score is not None:
            ordered = clean[np.argsort(-score[clean], kind="stable")]
            hard, clean = ordered[: effort.clean // 4], ordered[effort.clean // 4 :]
        some = random.choice(clean, effort.clean - len(hard), replace=False)
        times = np.concatenate((np.ones(len(hard)), np.full(len(some), len(clean) / len(some))))
        kept = np.concatenate((hard, some))
    whole = max(1, len(trojan)) ** effort.power
    weights = np.concatenate(
        (
            np.full(len(trojan), whole / max(1, len(trojan))),
            times * effort.odds * whole / max(1, len(truth) - len(trojan)),
        )
    )
    return np.concatenate((trojan, kept)), weights
