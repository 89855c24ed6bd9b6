"""What the scores around a cell say: the columns that the second stage sees besides.

A Trojan is a piece of circuit, so a cell between suspicious cells is more suspicious than
one alone, and a lone high score in a quiet design is most likely an accident. Scores of a
cell's own design are given too (how high its best are), since what is high differs between
designs.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from kaname.hardware.netlist.graph import ranks

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from kaname.hardware.netlist.graph import Graph

__all__ = ["COLUMNS", "surroundings"]

COLUMNS = (
    "score",
    "score_rank",
    "score_of_best",
    "drivers_mean",
    "drivers_highest",
    "loads_mean",
    "loads_highest",
    "around_mean",
    "around_damped",
    "around_highest",
    "around_many",
    "two_steps_mean",
    "two_steps_highest",
    "three_steps_highest",
    "diffused_2",
    "diffused_8",
    "diffused_rank",
    "siblings_mean",
    "same_nets_mean",
    "same_nets_highest",
    "design_best",
    "design_tenth",
    "design_share",
)
_MANY = 0.3  # a score from which on a neighbour counts
_TENTH = 10
_KEPT = 0.3  # of a cell's own score in each step of the diffusion


def surroundings(score: NDArray[np.float32], graph: Graph) -> NDArray[np.float32]:
    """`COLUMNS` for each cell, float32 ``[cells, len(COLUMNS)]``, from first-stage scores.

    Columns are contiguous (Fortran order).
    """
    found = np.zeros((len(COLUMNS), graph.cells), np.float32)
    if graph.cells:
        for place, column in enumerate(_columns(score.astype(np.float64), graph)):
            found[place] = column
    return found.T


def _columns(score: NDArray[np.float64], graph: Graph) -> Iterator[NDArray[np.float64]]:
    fan_in, fan_out = np.maximum(graph.fan_in, 1), np.maximum(graph.fan_out, 1)
    both = np.maximum(graph.fan_in + graph.fan_out, 1)
    damping = 1 / np.sqrt(both)
    drivers, loads = graph.from_drivers(score), graph.from_loads(score)
    around = (drivers + loads) / both
    weight = np.maximum(
        graph.from_drivers(damping) + graph.from_loads(damping), np.finfo(np.float64).tiny
    )
    damped = (graph.from_drivers(score, damping) + graph.from_loads(score, damping)) / weight
    high_driver, high_load = graph.highest_driver(score), graph.highest_load(score)
    highest = np.maximum(high_driver, high_load)
    wider = np.maximum(graph.highest_driver(highest), graph.highest_load(highest))
    widest = np.maximum(graph.highest_driver(wider), graph.highest_load(wider))
    many = (score > _MANY).astype(np.float64)
    diffused = _diffused(score, graph, damping, weight)
    best = np.sort(score)[::-1]
    tenth = best[min(_TENTH, len(best)) - 1]
    # One by one: all of them as float64 would be the most that a verdict ever holds.
    yield from (score, ranks(score), score / max(best[0], 1e-9))
    yield drivers / fan_in
    yield high_driver
    yield loads / fan_out
    yield high_load
    yield around
    yield damped
    yield highest
    yield graph.from_drivers(many) + graph.from_loads(many)
    yield (graph.from_drivers(around) + graph.from_loads(around)) / both
    yield from (wider, widest)
    yield from (*diffused, ranks(diffused[1]))
    # Cells that share a driver with this one: what drives it, and what else that drives.
    yield graph.from_drivers(loads / fan_out) / fan_in
    yield from graph.on_same_nets(score)
    yield from (np.full_like(score, one) for one in (best[0], tenth, many.mean()))


def _diffused(
    score: NDArray[np.float64],
    graph: Graph,
    damping: NDArray[np.float64],
    weight: NDArray[np.float64],
) -> list[NDArray[np.float64]]:
    """Scores after two and after eight steps of spreading to neighbours, hubs damped."""
    found, now = [], score
    for step in range(1, 9):
        spread = graph.from_drivers(now, damping) + graph.from_loads(now, damping)
        now = _KEPT * score + (1 - _KEPT) * spread / weight
        if step in {2, 8}:
            found.append(now)
    return found
