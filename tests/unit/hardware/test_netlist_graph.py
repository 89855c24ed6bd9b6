"""What is around the cells of a graph, beside numpy's plain words for it."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kaname._native import NeighbourLinks, around_on_nets
from kaname.hardware.netlist.components import components, joined
from kaname.hardware.netlist.graph import Graph, ranks
from kaname.hardware.netlist.lent import lent, taken


def graph_of(cells: int, edges: int, seed: int) -> tuple[Graph, np.random.Generator]:
    rng = np.random.default_rng(seed)
    driver, load = rng.integers(0, cells, (2, edges)).astype(np.int32)
    pins = (rng.integers(0, cells, edges), rng.integers(0, max(1, cells // 2), edges))
    return Graph(cells, driver, load, tuple(one.astype(np.int32) for one in pins)), rng


@given(st.integers(1, 60), st.integers(0, 200), st.integers(0, 1000))
@settings(max_examples=60, deadline=None)
def test_neighbours_are_those_of_numpy(cells: int, edges: int, seed: int) -> None:
    graph, rng = graph_of(cells, edges, seed)
    values, share = rng.normal(size=(2, cells))
    sent = values * share
    # The same additions in the same order: equal to the last place.
    assert np.array_equal(
        graph.from_drivers(values, share), np.bincount(graph.load, sent[graph.driver], cells)
    )
    assert np.array_equal(
        graph.from_loads(values), np.bincount(graph.driver, values[graph.load], cells)
    )
    assert np.array_equal(graph.fan_in, np.bincount(graph.load, minlength=cells))
    assert np.array_equal(graph.fan_out, np.bincount(graph.driver, minlength=cells))
    highest = graph.highest_load(values)
    for cell in range(cells):
        loads = graph.load[graph.driver == cell]
        assert np.array_equal(graph.loads.of(cell), loads)
        assert highest[cell] == (values[loads].max() if len(loads) else 0.0)
    some = rng.permutation(cells)[: cells // 2 + 1].astype(np.int32)
    place, to = graph.drivers.of_all(some)
    expected = [(at, one) for at, cell in enumerate(some) for one in graph.drivers.of(int(cell))]
    assert list(zip(place.tolist(), to.tolist(), strict=True)) == expected


@given(st.integers(1, 40), st.integers(0, 200), st.integers(0, 1000))
@settings(max_examples=60, deadline=None)
def test_the_others_on_nets_are_found_one_by_one(cells: int, edges: int, seed: int) -> None:
    graph, rng = graph_of(cells, edges, seed)
    values = rng.normal(size=cells)
    cell, net = graph._pins or ((), ())
    mean, highest = graph.on_same_nets(values)
    for own in range(cells):
        others, weights, few = [], [], []
        for at in np.flatnonzero(np.asarray(cell) == own):
            there = np.flatnonzero(np.asarray(net) == net[at])
            if len(there) > 1:
                rest = values[np.asarray(cell)[there[there != at]]]
                others.append(float(rest.mean()))
                weights.append(len(there) ** -0.5)
                few += others[-1:] if len(there) <= 64 else []
        assert mean[own] == pytest.approx(np.average(others, weights=weights) if others else 0.0)
        assert highest[own] == pytest.approx(max(few, default=0.0))


@given(st.lists(st.sampled_from([0.0, -0.0, 0.5, 0.25, 1.0, -3.0]), max_size=50))
def test_equal_values_share_a_rank(values: list[float]) -> None:
    found = ranks(np.array(values))
    for value, rank in zip(values, found, strict=True):
        below = sum(one < value for one in values) + sum(one <= value for one in values)
        assert rank == below / (2 * len(values))


@given(st.integers(2, 60), st.integers(0, 120), st.integers(0, 1000))
@settings(max_examples=60, deadline=None)
def test_components_are_what_paths_reach(cells: int, edges: int, seed: int) -> None:
    graph, rng = graph_of(cells, edges, seed)
    flagged = np.flatnonzero(rng.uniform(size=cells) < 0.3).astype(np.int32)
    label = joined(flagged, graph) if len(flagged) else np.zeros(0, np.int64)
    near = np.zeros((cells, cells), bool)
    near[graph.driver, graph.load] = near[graph.load, graph.driver] = True
    quiet = graph.fan_in + graph.fan_out <= 32
    through = near @ (near & (quiet[:, None]))  # by one other cell
    reach = (near | through)[np.ix_(flagged, flagged)] | np.eye(len(flagged), dtype=bool)
    for _ in range(len(flagged)):
        reach = reach @ reach
    assert np.array_equal(label[:, None] == label, reach)
    sizes = [one.size for one in components(flagged, np.full(cells, 0.5, np.float32), graph)]
    assert sorted(sizes) == sorted(np.unique(label, return_counts=True)[1].tolist())


def test_what_is_no_graph_is_refused() -> None:
    one = lent(np.array([1], np.int32))
    with pytest.raises(ValueError, match="below 1"):
        NeighbourLinks(1, one, one)
    links = NeighbourLinks(2, one, one)
    with pytest.raises(ValueError, match="2 values"):
        links.sums(lent(np.zeros(3)), 2)
    with pytest.raises(ValueError, match="below 1"):
        around_on_nets(one, one, lent(np.zeros(1)))


def test_arrays_come_back_as_they_went() -> None:
    table = pa.table({"a": pa.array([3, 1, 2], pa.int32())})
    assert taken(table["a"].slice(1)).tolist() == [1, 2]
    assert taken(pa.array([], pa.float32())).dtype == np.float32
    assert taken(pa.chunked_array([[1], [2, 3]])).tolist() == [1, 2, 3]
    apart = np.arange(6, dtype=np.float64)[::2]
    assert taken(lent(apart)).tolist() == [0.0, 2.0, 4.0]
