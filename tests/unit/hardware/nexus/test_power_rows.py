"""Segments survive the way through the lake; powers by the second are those of the readings."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kaname.hardware.power.rows import Envelopes, Subject, segment_of, segment_row
from kaname.hardware.power.segments import Segment

START = 1_767_225_600_000_000
_watts = st.floats(1e-6, 1e3)


@given(
    st.floats(0, 1e6), st.floats(0.001, 1e4), _watts, _watts, st.booleans(),
    st.lists(st.floats(0, 20), min_size=64, max_size=64),
)  # fmt: skip
def test_a_segment_comes_back_from_its_row(
    start: float, seconds: float, watts: float, base: float, whole: bool, shape: list[float]
) -> None:
    one = Segment(
        start=start, end=start + seconds, mode="active", energy=watts * seconds,
        mean=watts + base, peak=2 * watts + base, baseline=base, level=watts,
        shape=tuple(shape), whole=whole,
    )  # fmt: skip
    row = segment_row(one, Subject("d", "f", START, 1000.0))
    back = segment_of(row, START)
    assert back.start == pytest.approx(start, abs=1e-6)
    assert back.duration == pytest.approx(seconds, abs=2e-6)
    assert back.energy == pytest.approx(one.energy, abs=1e-6)
    assert back.mean == pytest.approx(one.mean, abs=1e-7)
    assert back.shape == pytest.approx(one.shape, abs=1e-3)
    assert (back.mode, back.whole) == ("active", whole)


def test_a_shape_that_is_all_in_one_point_is_cut_to_what_a_row_holds() -> None:
    one = Segment(
        start=0, end=1, mode="active", energy=1, mean=1, peak=1, baseline=0, level=1,
        shape=(64.0, *[0.0] * 63),
    )  # fmt: skip
    assert segment_row(one, Subject("d", "", START, 1.0))["shape"][0] == 32_767


@settings(max_examples=40, deadline=None)
@given(
    st.integers(0, 3_000_000), st.sampled_from([1.0, 7.0, 100.0, 333.3]),
    st.lists(st.integers(1, 400), min_size=1, max_size=8),
)  # fmt: skip
def test_seconds_are_those_of_the_readings_however_they_come(
    offset: int, rate: float, sizes: list[int]
) -> None:
    values = np.random.default_rng(sum(sizes)).uniform(0, 5, sum(sizes)).astype(np.float32)
    subject = Subject("d", "", START + offset, rate)
    made, rows, at = Envelopes(subject), [], 0
    for size in sizes:
        made.push(at / rate, values[at : at + size])
        at += size
        rows += made.rows(subject.at(at / rate) - 1)
    rows += made.rows()
    expected: dict[int, list[float]] = {}
    for place, value in enumerate(values.tolist()):  # each reading belongs to its second
        second = (START + offset + round(place / rate * 1e6)) // 1_000_000
        expected.setdefault(second, []).append(value)
    # A reading on the edge of a second may be rounded to either side of it.
    edges = sum(
        abs((START + offset + place / rate * 1e6) / 1e6 % 1) < 3e-6 for place in range(len(values))
    )
    assert sum(row["samples"] for row in rows) == len(values)
    assert [row["ts"] for row in rows] == sorted(row["ts"] for row in rows)
    if not edges:
        assert {row["ts"] // 1_000_000: row["samples"] for row in rows} == {
            second: len(some) for second, some in expected.items()
        }
        for row in rows:
            some = expected[row["ts"] // 1_000_000]
            assert row["low_mw"] == pytest.approx(1e3 * min(some), abs=0.01)
            assert row["high_mw"] == pytest.approx(1e3 * max(some), abs=0.01)
            assert row["mean_mw"] == pytest.approx(1e3 * sum(some) / len(some), abs=0.01)
