"""Which sources copy which: the rule, its bounds, and what each clearance may learn."""

import random

import pytest

from kaname.intelligence.score.copying import Copying, PairCounter
from kaname.model.instant import DAY, HOUR
from kaname.model.marking import Tlp

from .cases import NOON

BOTH = ("a", "b")


def listed(pairs, counter=None):
    """``pairs`` of (instants of a or None, of b or None), an artifact each."""
    counter = PairCounter() if counter is None else counter
    for number, (first, second) in enumerate(pairs):
        for source, at in zip(BOTH, (first, second), strict=True):
            if at is not None:
                counter.add(source, f"ip:{number}", NOON + at)
    return counter


def counted(counter):
    return {pair: (c.within, c.soon) for pair, c in counter._pairs.items() if c.within}


def copies(pairs):
    return listed(pairs).clusters() == {"a": BOTH, "b": BOTH}


@pytest.mark.parametrize(
    ("copied", "apart", "lag", "expected"),
    [
        (31, 19, HOUR, True),  # 62 % of 50
        (30, 20, HOUR, False),  # 60 %: not above
        (50, 0, 47 * HOUR, True),
        (50, 0, 48 * HOUR, False),
        (50, 0, 8 * DAY, False),
        (18, 0, HOUR, True),  # Wilson's lower end for 18 of 18 is 0.82
        (12, 6, HOUR, False),  # for 12 of 18 it is 0.44
        (9, 0, HOUR, False),
    ],
)
def test_who_lists_the_same_soon_after_copies(copied, apart, lag, expected):
    assert copies([(0, lag)] * copied + [(0, None)] * apart) is expected


def test_the_median_lag_decides():
    late, soon = [(0, 5 * DAY)] * 30, [(0, HOUR)]
    assert copies(late + soon * 31)
    assert not copies(late + soon * 30)


def test_sources_that_list_other_things_are_apart():
    assert listed([(0, None)] * 99 + [(None, 0)] * 99).clusters() == {}


def test_copies_of_copies_are_one_cluster():
    counter = PairCounter()
    for number in range(60):
        for source, at in (("a", 0), ("b", HOUR), ("c", 2 * HOUR)):
            counter.add(source, f"ip:{number}", NOON + at)
    assert set(counter.clusters().values()) == {("a", "b", "c")}


def test_the_order_of_arrival_does_not_count():
    events = [(source, f"ip:{n}", NOON + at + n) for n in range(60) for source, at in
              (("a", 0), ("b", HOUR), ("b", 3 * DAY), ("a", DAY))]  # fmt: skip
    first = PairCounter()
    for event in events:
        first.add(*event)
    random.Random(3).shuffle(events)
    second = PairCounter()
    for event in events:
        second.add(*event)
    assert first.clusters() == second.clusters() == {"a": BOTH, "b": BOTH}
    assert counted(first) == counted(second)


def test_memory_is_bounded_and_the_share_still_found():
    counter = listed([(0, HOUR)] * 7_000 + [(0, None)] * 3_000, PairCounter(sample=1_000))
    assert len(counter) <= 1_000
    assert counter.clusters() == {"a": BOTH, "b": BOTH}
    assert not listed([(0, HOUR)] * 5_000 + [(0, None)] * 5_000, PairCounter(1_000)).clusters()


def test_an_audience_learns_nothing_from_above_it():
    copying = Copying()
    for number in range(60):
        copying.add("a", f"ip:{number}", NOON, Tlp.GREEN)
        copying.add("b", f"ip:{number}", NOON, Tlp.AMBER)
        copying.add("c", f"ip:{number}", NOON, Tlp.CLEAR, ("finance",))
    assert copying.clusters(("a", "b", "c"), Tlp.GREEN) == ()
    assert copying.clusters(("a", "b", "c"), Tlp.AMBER) == (BOTH,)
    assert copying.clusters(("a",), Tlp.AMBER) == ()
