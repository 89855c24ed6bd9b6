"""A whole design as a small picture: how many cells lie where, and where the suspects are.

A million cells are no drawing. The overview is a grid: from left to right how far a cell is
on its way from the inputs to the outputs, from top to bottom the order of a spectral
embedding, in which cells that hang together lie close (the second eigenvector of the random
walk, Fiedler 1973, by a few steps of power iteration: a picture needs no more).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Ints = npt.NDArray[np.integer[Any]]
    Floats = npt.NDArray[np.floating[Any]]

__all__ = ["COLUMNS", "ROWS", "overview", "places"]

COLUMNS = 64
ROWS = 28
MOST_SPOTS = 600
_WORK = 6_000_000  # cells times steps: large designs must do with fewer steps
_STEPS = (14, 200)
_FARTHEST = 4096  # levels that are told apart


def overview(
    edges: tuple[Ints, Ints],
    cells: int,
    regions: Sequence[Sequence[int]],
    probabilities: Floats,
) -> dict[str, Any]:
    """The document of `routes.shapes.Density` of a design.

    ``edges`` are drivers and their loads, by the number of the instance; ``regions`` the
    cells of each suspicious region, the first region being number 1.
    """
    import numpy as np

    if cells == 0:
        return {"columns": COLUMNS, "rows": ROWS, "levels": 0, "counts": [], "spots": []}
    x, y, levels = places(edges, cells)
    column = np.minimum((x * COLUMNS).astype(np.int64), COLUMNS - 1)
    row = np.minimum((y * ROWS).astype(np.int64), ROWS - 1)
    counts = np.bincount(row * COLUMNS + column, minlength=ROWS * COLUMNS)
    spots = [
        {
            "place": int(cell),
            "x": round(float(x[cell]), 4),
            "y": round(float(y[cell]), 4),
            "region": number,
            "probability": round(float(probabilities[cell]), 4),
        }
        for number, members in enumerate(regions, 1)
        for cell in members
    ]
    spots.sort(key=lambda spot: (-spot["probability"], spot["place"]))
    return {
        "columns": COLUMNS,
        "rows": ROWS,
        "levels": levels,
        "counts": counts.tolist(),
        "spots": spots[:MOST_SPOTS],
    }


def places(edges: tuple[Ints, Ints], cells: int) -> tuple[Floats, Floats, int]:
    """Where each cell lies, ``x`` and ``y`` from 0 to 1, and how many levels the design has."""
    import numpy as np

    drivers, loads = (np.asarray(side, dtype=np.int64) for side in edges)
    inward = _distances(drivers, loads, cells)
    outward = _distances(loads, drivers, cells)
    x = (inward + 0.5) / (inward + outward + 1.0)
    return x, _spread(drivers, loads, cells), int(inward.max()) + 1


def _distances(start: Ints, end: Ints, cells: int) -> Ints:
    """Steps to each cell from the cells that no edge leads to; those of loops come last."""
    import numpy as np

    order = np.argsort(start, kind="stable")
    sorted_end = end[order]
    first = np.searchsorted(start[order], np.arange(cells + 1))
    distance = np.full(cells, -1, dtype=np.int64)
    frontier = np.flatnonzero(np.bincount(end, minlength=cells) == 0)
    if frontier.size == 0:
        frontier = np.zeros(1, dtype=np.int64)
    for level in range(_FARTHEST):
        distance[frontier] = level
        counts = first[frontier + 1] - first[frontier]
        if not counts.any():
            break
        begins = np.repeat(first[frontier] - np.cumsum(counts) + counts, counts)
        reached = sorted_end[begins + np.arange(counts.sum())]
        frontier = np.unique(reached[distance[reached] < 0])
        if frontier.size == 0:
            break
    distance[distance < 0] = distance.max()
    return distance


def _spread(drivers: Ints, loads: Ints, cells: int) -> Floats:
    """Ranks of the cells in a spectral order, 0 to 1."""
    import numpy as np

    out = np.bincount(drivers, minlength=cells).astype(np.float64)
    weight = 1.0 / np.maximum(out[drivers], 1.0)  # a net that goes everywhere joins nothing
    degree = np.bincount(drivers, weight, cells) + np.bincount(loads, weight, cells)
    inverse = 1.0 / np.maximum(degree, 1e-9)
    # A fixed start: the same design gives the same picture.
    value = np.random.default_rng(1).standard_normal(cells)
    total = max(degree.sum(), 1e-9)
    least, most = _STEPS
    for _ in range(max(least, min(most, _WORK // cells))):
        value -= (degree * value).sum() / total
        near = np.bincount(drivers, weight * value[loads], cells)
        near += np.bincount(loads, weight * value[drivers], cells)
        value = 0.5 * value + 0.5 * near * inverse
        value /= np.abs(value).max() or 1.0
    rank = np.empty(cells)
    rank[np.argsort(value, kind="stable")] = np.arange(cells)
    return (rank + 0.5) / cells
