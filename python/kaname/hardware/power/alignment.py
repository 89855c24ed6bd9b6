"""Elastic comparison of shapes of bursts.

The same work never takes exactly the same time: plateaus of a burst begin a little earlier or
later. Dynamic time warping in a narrow band (Sakoe and Chiba, 1978) takes such jitter out
before amplitudes are compared; a reversed or otherwise different shape stays as far away as
it is, since it would have to move further than the band. Like the shape-based distance of
k-Shape, which Hisafuru, Takasaki and Togawa (IEICE E107-A(1), 2024) use, it forgives shifts;
unlike it, it keeps amplitudes, so that flat bursts are not compared by their noise.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = ["BAND", "align", "distances", "matrix"]

BAND = 5
"""Of 64 points: how far (8 %) a part of a burst may move."""
_PAIRS = 4096  # at a time: what fits the cache
_STEP_COST = 0.002  # of a point that stands still on one side: no warping for nothing


def distances(shapes: Floats, others: Floats) -> Floats:
    """Root mean square difference after alignment, pair by pair: [n, points] twice -> [n]."""
    found = np.empty(len(shapes))
    for at in range(0, len(shapes), _PAIRS):
        part = slice(at, at + _PAIRS)
        cost = _table(shapes[part], others[part])
        found[part] = np.sqrt(cost / shapes.shape[1])
    return found


def matrix(shapes: Floats) -> Floats:
    """Distances of all from all, symmetric: [n, points] -> [n, n]."""
    first, second = np.triu_indices(len(shapes), 1)
    square = np.zeros((len(shapes), len(shapes)))
    square[first, second] = distances(shapes[first], shapes[second])
    return square + square.T


def align(shapes: Floats, template: Floats) -> Floats:
    """Shapes on the time of a template, or each of its own: [n, points], [(n,) points]."""
    templates = np.broadcast_to(template, shapes.shape)
    parts = [
        _align(shapes[at : at + _PAIRS], templates[at : at + _PAIRS])
        for at in range(0, len(shapes), _PAIRS)
    ]
    return np.concatenate(parts) if parts else shapes


def _align(shapes: Floats, templates: Floats) -> Floats:
    count, points = shapes.shape
    moves = np.zeros((points, 2 * BAND + 1, count), np.int8)
    _table(templates, shapes, moves)
    total, hits = np.zeros((count, points)), np.zeros((count, points))
    rows = np.arange(count)
    at = np.full(count, points - 1)
    column = np.full(count, points - 1)
    for _ in range(2 * points):
        live = (at >= 0) & (column >= 0)
        if not live.any():
            break
        row, i, j = rows[live], at[live], column[live]
        total[row, i] += shapes[row, j]
        hits[row, i] += 1
        move = moves[i, j - i + BAND, row]
        at[live] -= move != 2
        column[live] -= move != 1
        done = live & ((at < 0) | (column < 0))
        at[done] = column[done] = -1
    return total / np.maximum(hits, 1)


def _table(left: Floats, right: Floats, moves: NDArray[np.int8] | None = None) -> Floats:
    """Cost of the cheapest path to the end of both; ``moves`` takes what led everywhere.

    Moves: 0 both go on, 1 only left goes on, 2 only right goes on.
    """
    left, right = np.ascontiguousarray(left.T), np.ascontiguousarray(right.T)
    points, count = left.shape
    width = 2 * BAND + 1
    before = np.full((width, count), np.inf)
    before[BAND] = 0.0
    for i in range(points):
        now = np.full((width, count), np.inf)
        for offset in range(max(0, BAND - i), min(width, points + BAND - i)):
            best = before[offset].copy()
            if moves is not None:
                _note(moves[i, offset], best, before, now, offset)
            if offset + 1 < width and i:
                np.minimum(best, before[offset + 1] + _STEP_COST, out=best)
            if offset:
                np.minimum(best, now[offset - 1] + _STEP_COST, out=best)
            now[offset] = best + (left[i] - right[i + offset - BAND]) ** 2
        before = now
    return np.asarray(before[BAND])


def _note(move: NDArray[np.int8], both: Floats, before: Floats, now: Floats, offset: int) -> None:
    """Which move is the cheapest, for the way back."""
    best = both
    if offset + 1 < len(before):
        other = before[offset + 1] + _STEP_COST
        move[other < best] = 1
        best = np.minimum(best, other)
    if offset:
        move[now[offset - 1] + _STEP_COST < best] = 2
