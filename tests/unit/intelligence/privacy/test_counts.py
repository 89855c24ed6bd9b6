from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import pytest

from kaname.intelligence.privacy.counts import SightingCounts, members
from kaname.intelligence.privacy.noise import drawn, noisy
from kaname.intelligence.records import Item
from kaname.knowledge import Knowledge
from kaname.model.errors import LimitError, UsageError
from kaname.model.instant import DAY
from kaname.model.marking import Tlp


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Knowledge]:
    with Knowledge.open(f"sqlite:///{tmp_path}/k.sqlite") as opened:
        yield opened


def item(number: int, org: str, at: int) -> Item:
    return Item(
        id=f"o-{number}", source="s", kind="sighting", role="src", at=at, tlp=Tlp.GREEN, org=org
    )


def test_a_member_counts_once_a_day() -> None:
    many = [item(n, "alpha", DAY + n) for n in range(1_000)]
    others = [item(5_000, "beta", DAY), item(5_001, "gamma", 2 * DAY), item(5_002, "", DAY)]
    assert members(many + others, 1) == 2


@pytest.mark.parametrize("epsilon", [Fraction(1), Fraction(1, 2), Fraction(7, 3)])
def test_the_noise_is_discrete_laplace(epsilon: Fraction) -> None:
    count = 20_000
    found = Counter(drawn(epsilon) for _ in range(count))
    ratio = math.exp(-float(epsilon))
    for value in range(-3, 4):
        # P(x) = (1 - r) / (1 + r) * r^|x| with r = exp(-epsilon)
        expected = (1 - ratio) / (1 + ratio) * ratio ** abs(value)
        deviation = math.sqrt(expected * (1 - expected) / count)
        assert abs(found[value] / count - expected) < 6 * deviation, value


def test_neighbours_are_hard_to_tell_apart() -> None:
    """P(A(n) = x) <= exp(epsilon) P(A(n+1) = x), as far as samples can show."""
    epsilon, count = Fraction(1), 6_000
    one = Counter(noisy(5, epsilon) for _ in range(count))
    other = Counter(noisy(6, epsilon) for _ in range(count))
    for value in range(2, 9):
        slack = 6 * math.sqrt(max(one[value], 1)) + 6 * math.e * math.sqrt(max(other[value], 1))
        assert one[value] <= math.e * other[value] + slack
        assert other[value] <= math.e * one[value] + slack
    assert min(one) >= 0


def test_a_released_count_is_given_again_and_costs_once(store: Knowledge) -> None:
    evidence = {"ip:192.0.2.1": [item(n, f"org{n}", 5 * DAY) for n in range(40)]}
    counts = SightingCounts(
        store, lambda key: evidence.get(key, ()), epsilon=Fraction(1, 2), budget=Fraction(1)
    )
    first = counts.ask("alpha", ["ip:192.0.2.1", "ip:192.0.2.1"], 5)
    assert 0 <= first[0].count <= 100
    assert counts.left("alpha") == Fraction(1, 2)
    assert [counts.ask("alpha", ["ip:192.0.2.1"], 5) for _ in range(20)] == [first] * 20
    assert counts.ask("beta", ["ip:192.0.2.1"], 5) == first
    assert counts.left("beta") == 1


def test_what_is_spent_is_refused_as_a_whole(store: Knowledge) -> None:
    asked: list[str] = []

    def items(key: str) -> list[Item]:
        asked.append(key)
        return []

    counts = SightingCounts(store, items, epsilon=Fraction(1, 2), budget=Fraction(1))
    with pytest.raises(LimitError):
        counts.ask("alpha", ["ip:192.0.2.1", "ip:192.0.2.2", "ip:192.0.2.3"], 5)
    assert (asked, counts.left("alpha")) == ([], 1)
    counts.ask("alpha", ["ip:192.0.2.1", "ip:192.0.2.2"], 5)
    with pytest.raises(LimitError):
        counts.ask("alpha", ["ip:192.0.2.1"], 6)


@pytest.mark.parametrize("epsilon", [Fraction(0), Fraction(-1), Fraction(1, 3001), Fraction(101)])
def test_an_epsilon_that_hides_nothing_or_cannot_be_drawn(epsilon: Fraction) -> None:
    with pytest.raises(UsageError):
        noisy(1, epsilon)
