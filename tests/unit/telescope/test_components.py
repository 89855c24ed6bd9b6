"""Components, on graphs small enough to draw."""

from __future__ import annotations

import numpy as np

from kaname.telescope.components import components


def _groups(edges: list[tuple[int, int, int]], blocks: list[int]) -> list[list[int]]:
    columns = np.array(edges, np.int64).reshape(-1, 3)
    found = components(columns[:, 0], columns[:, 1], columns[:, 2], np.array(blocks, np.int64))
    return sorted(sorted(group.tolist()) for group in found)


def test_no_edges_have_no_components() -> None:
    assert _groups([], []) == []


def test_a_shared_source_joins_targets_in_its_bin_only() -> None:
    # (bin, source, target): source 7 reaches targets 0 and 1 together, target 2 much later
    assert _groups([(0, 7, 0), (0, 7, 1), (50, 7, 2)], [10, 20, 30]) == [[0, 1], [2]]


def test_one_block_joins_targets_in_its_bin() -> None:
    assert _groups([(0, 1, 0), (0, 2, 1), (0, 3, 2)], [10, 10, 30]) == [[0, 1], [2]]


def test_a_target_joins_itself_across_a_pause_of_three_bins_and_not_four() -> None:
    assert _groups([(0, 1, 0), (3, 2, 0)], [10]) == [[0, 1]]
    assert _groups([(0, 1, 0), (4, 2, 0)], [10]) == [[0], [1]]


def test_a_chain_is_one_component() -> None:
    chain = [(0, n, n) for n in range(50)] + [(0, n, n + 1) for n in range(50)]
    assert len(_groups(chain, list(range(51)))) == 1
