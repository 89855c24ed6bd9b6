"""Where the cells of a design lie on its overview."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from kaname.hardware.netlist.overview import COLUMNS, ROWS, overview, places


def test_cells_lie_between_inputs_and_outputs_as_far_as_they_are_on_the_way() -> None:
    # A chain of five: 0 -> 1 -> 2 -> 3 -> 4, and 5 that reads 0 and drives nothing.
    x, _, levels = places((np.array([0, 1, 2, 3, 0]), np.array([1, 2, 3, 4, 5])), 6)
    assert levels == 5
    # Steps from the inputs, and to the nearest output: 0 is one step from cell 5.
    assert x.tolist() == [0.5 / 2, 1.5 / 5, 2.5 / 5, 3.5 / 5, 4.5 / 5, 1.5 / 2]


def test_cells_that_hang_together_lie_close() -> None:
    # Two thickets of 20 cells with one wire between them, numbered alternately.
    draw = np.random.default_rng(3)
    groups = [np.arange(start, 40, 2) for start in (0, 1)]
    drivers = np.concatenate([*(draw.choice(group, 60) for group in groups), [0]])
    loads = np.concatenate([*(draw.choice(group, 60) for group in groups), [1]])
    _, y, _ = places((drivers, loads), 40)
    apart = [abs(y[group] - np.median(y[group])).mean() for group in groups]
    assert max(apart) < 0.15  # 0.25 where the two are mixed, 0.125 where each has a half


def test_the_suspects_are_numbered_by_region_and_the_surest_come_first() -> None:
    edges = (np.array([0, 1, 2]), np.array([1, 2, 3]))
    found = overview(edges, 4, [[2], [0, 1]], np.array([0.4, 0.9, 0.7, 0.0]))
    assert [(spot["place"], spot["region"]) for spot in found["spots"]] == [(1, 2), (2, 1), (0, 2)]
    assert (found["columns"], found["rows"]) == (COLUMNS, ROWS)
    assert len(found["counts"]) == COLUMNS * ROWS


def test_nothing_and_a_ring_without_a_beginning_are_designs_too() -> None:
    none = np.array([], dtype=np.int64)
    assert overview((none, none), 0, [], np.array([]))["counts"] == []
    ring = overview((np.array([0, 1, 2]), np.array([1, 2, 0])), 3, [], np.zeros(3))
    assert sum(ring["counts"]) == 3


@given(
    st.integers(1, 60).flatmap(
        lambda cells: st.tuples(
            st.just(cells),
            st.lists(st.tuples(st.integers(0, cells - 1), st.integers(0, cells - 1)), max_size=90),
        )
    )
)
def test_every_cell_is_on_the_grid_once(design: tuple[int, list[tuple[int, int]]]) -> None:
    cells, wires = design
    edges = np.array(wires, dtype=np.int64).reshape(-1, 2)
    found = overview((edges[:, 0], edges[:, 1]), cells, [range(cells)], np.zeros(cells))
    assert sum(found["counts"]) == cells
    assert all(0 <= spot[axis] < 1 for spot in found["spots"] for axis in ("x", "y"))
