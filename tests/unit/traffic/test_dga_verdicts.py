"""The tests over all names of one client, and groups of clients."""

from __future__ import annotations

import math

import numpy as np
import pytest

from kaname.traffic.dga.communities import communities
from kaname.traffic.dga.verdicts import Ordinary, Thresholds, alike, crowded, read

ORDINARY = Ordinary(mean=0.0, deviation=1.0, odd=0.01)
NAMES = ["alpha", "bravoy", "charlie", "deltax", "echoing", "foxtrot", "golfer", "hotelz"]


def test_the_chance_of_odd_names_is_the_binomial_tail() -> None:
    logits = np.array([9.0] * 4 + [-9.0] * 4)
    found = read(NAMES, logits, 20, ORDINARY, Thresholds())
    p = 0.01
    tail = sum(math.comb(8, k) * p**k * (1 - p) ** (8 - k) for k in range(4, 9))
    assert found.odd == 4
    assert found.chance == pytest.approx(-math.log10(tail))


def test_looks_are_standard_errors_of_the_mean_with_a_spread_between_clients() -> None:
    found = read(NAMES, np.full(8, 1.5), 20, ORDINARY, Thresholds())
    assert found.looks == pytest.approx(1.5 / math.sqrt(1 / 8 + 0.15**2))
    assert found.spoke == ("looks",)


def test_few_names_say_nothing_however_they_look() -> None:
    found = read(NAMES[:4], np.full(4, 50.0), 20, ORDINARY, Thresholds())
    assert found.spoke == ()


@pytest.mark.parametrize(
    ("counts", "expected"),
    [([], 20), ([1, 2, 3, 4, 5], 20), ([10, 20, 30, 40, 50], 130)],  # 30 + 10 * 10
)
def test_many_begins_at_the_median_and_ten_deviations(counts: list[int], expected: int) -> None:
    assert crowded(counts, 20) == expected


def test_a_constant_part_makes_names_alike() -> None:
    banjori = ["xvqqestnessbiophysicalohax", "oqqsestnessbiophysicalohax"]
    assert alike(banjori) > 0.5
    assert alike(["kitten", "borough"]) == 0.0  # no two letters in common
    assert alike(["only"]) == 0.0


def test_clients_with_the_same_failures_are_one_group() -> None:
    shared = [f"generated{n}.com" for n in range(12)]
    others = [[f"own{client}{n}.net" for n in range(6)] for client in range(5)]
    found = communities([[*shared, "typo.org"], *others, shared[2:]])
    (group,) = found
    assert group.clients == (0, 6)
    assert group.domains == tuple(sorted(shared[2:]))


def test_a_name_that_everybody_fails_on_binds_nobody() -> None:
    everybody = [["gone.example", "wpad.example", f"own{n}.net"] for n in range(40)]
    assert communities(everybody) == []
