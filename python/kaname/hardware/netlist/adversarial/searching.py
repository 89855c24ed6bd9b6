"""Which rewritings are made: any, or those that hide the Trojan best for their gates.

The detector is slow and the rewritings are many, so each evaluation tries a whole batch, at
most one rewriting for each of the first design's Trojan cells. What became of the cells that
come from it is credited to the rewriting (its modification evaluating value); the ones with
credit are made alone and judged again. Rules that paid are tried more (a softmax over their
mean credit), and nothing is kept that did not lower the exposure of the whole Trojan.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from kaname._native import REWRITINGS
from kaname.hardware.netlist.adversarial.concealment import exposure, margins
from kaname.hardware.netlist.design import Netlist

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from kaname._native import Rewriter
    from kaname.hardware.netlist.adversarial.concealment import Score

__all__ = ["Search", "Step", "drawn", "guided"]

_BATCH = 16  # random rewritings between two listings
_PATIENCE = 6  # batches without a gain, after which what is known of rules is forgotten
_SHARPNESS = 8.0
_LEAST_GAIN = 1e-4


@dataclass(frozen=True, slots=True)
class Step:
    """A design on the way: arrays are by cell; ``cost`` is the exposure of the Trojan."""

    rewriter: Rewriter
    netlist: Netlist
    trojan: NDArray[np.bool_]
    origin: NDArray[np.uint32]
    inverted: NDArray[np.bool_]
    rules: Counter[int]
    cost: float = 0.0
    by_origin: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))


@dataclass(slots=True)
class Search:
    """A search: where it is, and what it has learnt of rules."""

    seed: int
    cells: int
    score: Score | None
    random: np.random.Generator
    best: Step
    evaluations: int = 0
    credit: NDArray[np.float64] = field(default_factory=lambda: np.zeros(len(REWRITINGS)))
    tried: NDArray[np.float64] = field(default_factory=lambda: np.ones(len(REWRITINGS)))

    @classmethod
    def of(
        cls,
        rewriter: Rewriter,
        netlist: Netlist,
        trojan: NDArray[np.bool_],
        seed: int,
        score: Score | None,
    ) -> Search:
        """A search that starts at a design."""
        origin = np.arange(netlist.cells, dtype=np.uint32)
        nothing = np.zeros(netlist.cells, np.bool_)
        first = Step(rewriter, netlist, trojan, origin, nothing, Counter())
        search = cls(seed, netlist.cells, score, np.random.default_rng(seed), first)
        if score is not None:
            search.best = search.judged(first)
        return search

    def judged(self, step: Step) -> Step:
        """The same with its cost."""
        if self.score is None:
            return step
        self.evaluations += 1
        exposed = exposure(margins(self.score(step.netlist)[step.trojan]))
        total = np.zeros(self.cells)
        count = np.zeros(self.cells)
        own = step.origin[step.trojan]
        np.add.at(total, own, exposed)
        np.add.at(count, own, 1)
        cost = float(exposed.mean()) if len(exposed) else 0.0
        return Step(
            step.rewriter, step.netlist, step.trojan, step.origin, step.inverted, step.rules,
            cost, total / np.maximum(count, 1),
        )  # fmt: skip

    def left(self, budget: int) -> int:
        """Gates that may still be added."""
        return budget - (len(self.best.rewriter) - self.cells)


@dataclass(frozen=True, slots=True)
class Moves:
    """What can be done; arrays by move."""

    rule: NDArray[np.uint8]
    origin: NDArray[np.uint32]
    added: NDArray[np.int32]

    @classmethod
    def of(cls, rewriter: Rewriter) -> Moves:
        """All that can be done to a design now."""
        batch = pa.record_batch(rewriter.moves())
        return cls(*(batch.column(name).to_numpy() for name in ("rule", "origin", "added")))


def drawn(search: Search, budget: int) -> None:
    """Rewrite at random until the budget is used; every rule has the same chance."""
    rewriter, rules = search.best.rewriter.copy(), Counter(search.best.rules)
    left = search.left(budget)
    while left > 0:
        moves = Moves.of(rewriter)
        chosen = _balanced(search.random, moves, left)[:_BATCH]
        made = 0
        for place in chosen:
            if moves.added[place] > left:
                continue
            (added,) = rewriter.apply([int(place)])
            if added is not None:
                made += 1
                left -= added
                rules[int(moves.rule[place])] += 1
        if not made:
            break
    search.best = _step(rewriter, rules)


def guided(search: Search, budget: int, evaluations: int) -> None:
    """Rewrite where that lowers the Trojan's scores, asking the detector so often."""
    until = search.evaluations + evaluations
    idle = 0
    while search.evaluations < until and search.left(budget) > 0 and search.best.trojan.any():
        start = search.best
        moves = Moves.of(start.rewriter)
        batch = _batch(search, moves, search.left(budget))
        if not len(batch):
            return
        found = _tried(search, start, moves, batch)
        credit = _credited(search, start, found, moves, batch)
        kept = batch[credit > _LEAST_GAIN]
        if 0 < len(kept) < len(batch) and search.evaluations < until:
            alone = _tried(search, start, moves, kept)
            found = min(found, alone, key=lambda step: step.cost)
        if found.cost < start.cost - _LEAST_GAIN:
            search.best, idle = found, 0
        else:
            idle += 1
        if idle > _PATIENCE:
            search.credit[:], search.tried[:], idle = 0, 1, 0


def _balanced(
    random: np.random.Generator, moves: Moves, left: int, weight: NDArray[np.float64] | None = None
) -> NDArray[np.int64]:
    """Moves in a random order in which every rule has its weight, however often it applies."""
    fits = np.flatnonzero(moves.added <= left)
    if not len(fits):
        return fits
    rules = moves.rule[fits]
    share = 1 / np.bincount(rules, minlength=len(REWRITINGS))[rules]
    if weight is not None:
        share = share * weight[rules]
    # The order of exponential clocks is a draw without replacement by weight.
    clock = random.exponential(size=len(fits)) / share
    return fits[np.argsort(clock, kind="stable")]


def _batch(search: Search, moves: Moves, left: int) -> NDArray[np.int64]:
    """At most one rewriting a cell, within the budget, by what the rules have paid so far."""
    mean = search.credit / search.tried
    spread = max(float(np.abs(mean).max()), _LEAST_GAIN)
    weight = np.exp(np.clip(_SHARPNESS * mean / (spread * 2), -_SHARPNESS, _SHARPNESS))
    order = _balanced(search.random, moves, left, weight)
    origins = max(1, int(search.best.trojan.sum()))
    most = max(1, int(origins * search.random.choice((0.15, 0.4, 1.0))))
    chosen: list[int] = []
    taken: set[int] = set()
    for place in order.tolist():
        origin, added = int(moves.origin[place]), int(moves.added[place])
        if origin in taken or added > left:
            continue
        chosen.append(place)
        taken.add(origin)
        left -= added
        if len(chosen) >= most or left <= 0:
            break
    return np.array(chosen, np.int64)


def _tried(search: Search, start: Step, moves: Moves, batch: NDArray[np.int64]) -> Step:
    rewriter, rules = start.rewriter.copy(), Counter(start.rules)
    for place, added in zip(batch, rewriter.apply(batch.tolist()), strict=True):
        if added is not None:
            rules[int(moves.rule[place])] += 1
    return search.judged(_step(rewriter, rules))


def _credited(
    search: Search, start: Step, found: Step, moves: Moves, batch: NDArray[np.int64]
) -> NDArray[np.float64]:
    """How much less exposed the cells of each rewriting are, for each gate it added."""
    origin, rule = moves.origin[batch], moves.rule[batch]
    gain = start.by_origin[origin] - found.by_origin[origin]
    gain = gain / np.maximum(moves.added[batch], 1)
    np.add.at(search.credit, rule, gain)
    np.add.at(search.tried, rule, 1)
    return gain


def _step(rewriter: Rewriter, rules: Counter[int]) -> Step:
    native, batch = rewriter.netlist()
    about = pa.record_batch(batch)
    trojan, origin, inverted = (
        about.column(name).to_numpy(zero_copy_only=False)
        for name in ("trojan", "origin", "inverted")
    )
    return Step(rewriter, Netlist(native), trojan, origin, inverted, rules)
