"""Segments of power traces: known energy, labelled traces, and any cutting of the stream."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kaname.hardware.power.devices import KINDS
from kaname.hardware.power.evaluating import Event, match
from kaname.hardware.power.profile import Profile
from kaname.hardware.power.readings import read
from kaname.hardware.power.segments import Cutting, Segment, active, cut
from kaname.hardware.power.simulator import simulate
from kaname.hardware.power.stream import Cutter
from kaname.hardware.power.trace import Gap, Trace
from kaname.model.errors import UsageError

SHARED = Path("../shared/data/hardware-crypto/power")


def wave(fs: float, seconds: float, bursts: list[tuple[float, float, float]], sleep: float = 1.0):
    """Sleep at ``sleep`` W and rectangles of (start s, duration s, W above)."""
    values = np.full(round(fs * seconds), sleep, np.float32)
    for start, duration, watts in bursts:
        values[round(start * fs) : round((start + duration) * fs)] += np.float32(watts)
    return values


@pytest.mark.parametrize("fs", [50.0, 200.0, 1000.0, 20_000.0])
@pytest.mark.parametrize("scale", [1.0, 1e-5])
def test_a_rectangle_has_its_energy_and_its_place(fs: float, scale: float) -> None:
    bursts = [(12.0, 0.7, 2.0), (15.1, 1.3, 0.5), (20.0, 3.0, 1.0)]
    made = wave(fs, 30.0, [(a, b, w * scale) for a, b, w in bursts], sleep=scale)
    found = active(cut(Trace(values=made, fs=fs)))
    assert len(found) == 3
    for one, (start, duration, watts) in zip(found, bursts, strict=True):
        assert one.start == pytest.approx(start, abs=0.021)
        assert one.duration == pytest.approx(duration, abs=0.03)
        assert one.energy == pytest.approx(watts * duration * scale, rel=0.03)  # P x t
        assert one.level == pytest.approx(watts * scale, rel=0.01)
        assert one.peak == pytest.approx((1 + watts) * scale, rel=0.01)
        assert one.baseline == pytest.approx(scale, rel=0.01)
        assert one.whole
        assert len(one.shape) == 64
        assert np.mean(one.shape) == pytest.approx(1.0, abs=0.01)


def test_the_shape_keeps_the_order_of_plateaus() -> None:
    made = wave(1000, 30, [(15.0, 0.5, 3.0), (15.5, 0.5, 1.0)])
    (one,) = active(cut(Trace(values=made, fs=1000.0)))
    # mean is 2 W: 1.5 of it, then 0.5
    assert one.shape[16] == pytest.approx(1.5, abs=0.02)
    assert one.shape[48] == pytest.approx(0.5, abs=0.02)


def test_ticks_are_sleep_and_do_not_lengthen_bursts() -> None:
    ticks = [(at + 0.4, 0.03, 1.0) for at in range(30)]
    near = [(19.9, 0.04, 1.5)]  # 60 ms before the burst
    made = wave(1000, 30, [*ticks, *near, (20.0, 0.6, 2.0)])
    (one,) = active(cut(Trace(values=made, fs=1000.0)))
    assert one.start == pytest.approx(20.0, abs=0.02)
    assert one.duration == pytest.approx(0.6, abs=0.03)


@pytest.mark.parametrize("offset", [0.0, 0.005, 0.01, 0.015])
@pytest.mark.parametrize("side", ["before", "after"])
def test_a_tick_that_nearly_touches_a_burst_is_none_of_it(side: str, offset: float) -> None:
    place = 20.0 + offset  # wherever in a cell
    tick = place - 0.09 if side == "before" else place + 0.6 + 0.045
    made = wave(1000, 30, [(tick, 0.045, 0.8), (place, 0.6, 2.0)])
    (one,) = active(cut(Trace(values=made, fs=1000.0)))
    assert one.start == pytest.approx(place, abs=0.021)
    assert one.duration == pytest.approx(0.6, abs=0.03)


def test_a_board_that_does_nothing_odd_is_seldom_called_odd() -> None:
    """Each judged by itself, as a first day is; 0.5 % of normal bursts may be odd."""
    odd = count = 0
    for seed in range(3):
        made = simulate(
            KINDS["board"], seed=seed, seconds=1200, fs=200.0, anomalies=0.0, periods=False
        )
        segments = cut(Trace(values=made.values, fs=200.0))
        scores = Profile.learn(segments).score(segments)
        odd += sum(one.alarm for one in scores.verdicts)
        count += len(scores.verdicts)
        ends = np.array([(one["start"], one["end"]) for one in made.events]) / 200.0
        for one in active(segments):
            start, end = ends[np.abs(ends[:, 0] - one.start).argmin()]
            assert abs(one.duration - (end - start)) < 0.07
    assert count > 700
    assert odd <= 0.01 * count


def test_a_short_dip_does_not_end_a_burst_and_a_long_one_does() -> None:
    made = wave(1000, 40, [(15, 0.5, 2), (15.58, 0.5, 2), (25, 0.5, 2), (25.8, 0.5, 2)])
    found = active(cut(Trace(values=made, fs=1000.0)))
    assert [round(one.start, 1) for one in found] == [15.0, 25.0, 25.8]


def test_drift_of_the_sleep_level_is_no_burst() -> None:
    rng = np.random.default_rng(3)
    seconds = np.arange(600 * 200) / 200
    made = 2 + 0.3 * np.sin(2 * np.pi * seconds / 180) + rng.normal(0, 0.03, len(seconds))
    assert active(cut(Trace(values=made.astype(np.float32), fs=200.0))) == []


def test_a_new_sleep_level_is_learnt_in_time() -> None:
    bursts = [(at, 0.8, 2.0) for at in range(12, 200, 4)]
    made = wave(200, 200, bursts)
    made[100 * 200 :] += 0.8  # the device no longer sleeps as deeply
    found = active(cut(Trace(values=made, fs=200.0)))
    late = [one for one in found if one.start > 125]
    assert len(late) == sum(start > 125 for start, _, _ in bursts)
    assert all(one.baseline == pytest.approx(1.8, abs=0.05) for one in late)


def test_a_burst_of_minutes_on_an_unknown_device_is_whole() -> None:
    made = wave(100, 200, [(60.0, 90.0, 1.0)])
    (one,) = active(cut(Trace(values=made, fs=100.0)))
    assert one.duration == pytest.approx(90.0, abs=0.1)


def test_segments_follow_one_another_without_holes() -> None:
    made = wave(1000, 30, [(12, 1, 1), (20, 1, 1)])
    found = cut(Trace(values=made, fs=1000.0))
    assert [one.mode for one in found] == ["sleep", "active", "sleep", "active", "sleep"]
    assert found[0].start == 0.0
    assert found[-1].end == pytest.approx(30.0)
    for before, after in itertools.pairwise(found):
        assert before.end == after.start
    sleep = found[2]
    assert sleep.mean == pytest.approx(1.0, abs=0.01)
    assert sleep.energy == pytest.approx(7.0, rel=0.02)  # 1 W for 7 s


def test_nothing_crosses_a_gap() -> None:
    made = wave(1000, 30, [(19.0, 2.0, 1.0)])
    trace = Trace(values=made, fs=1000.0, gaps=(Gap(20_000, 5.0),))
    first, second = active(cut(trace))
    assert (first.start, first.end) == pytest.approx((19.0, 20.0), abs=0.021)
    assert (second.start, second.end) == pytest.approx((25.0, 26.0), abs=0.021)
    assert not first.whole
    assert not second.whole


def test_missing_readings_of_a_stream_are_gaps() -> None:
    made = wave(1000, 40, [(12, 1, 1), (20, 1, 1), (30, 1, 1)])
    made[20_300:20_400] = np.nan
    cutter = Cutter(1000.0)
    found = active([*cutter.push(made[:20_350]), *cutter.push(made[20_350:]), *cutter.finish()])
    assert [one.whole for one in found] == [True, False, False, True]
    assert found[-1].start == pytest.approx(30.0, abs=0.021)
    assert found[-1].energy == pytest.approx(1.0, rel=0.02)
    assert cutter.push(np.full(10, np.nan, np.float32)) == []


def test_the_ends_of_a_trace_cut_bursts() -> None:
    made = wave(1000, 30, [(0.0, 1.0, 1.0), (15.0, 1.0, 1.0), (29.0, 1.0, 1.0)])
    assert [one.whole for one in active(cut(Trace(values=made, fs=1000.0)))] == [False, True, False]


def test_little_or_nothing_is_no_error() -> None:
    for size in (0, 1, 3, 30):
        trace = Trace(values=np.ones(size, np.float32), fs=10.0)
        assert active(cut(trace)) == []
    assert active(cut(Trace(values=wave(1000, 5, [(2, 1, 1)]), fs=1000.0)))


@pytest.mark.parametrize("fs", [0.0, -1.0, float("nan"), float("inf")])
def test_a_rate_has_to_be_one(fs: float) -> None:
    with pytest.raises(UsageError):
        Cutter(fs)


def test_a_way_to_cut_has_to_make_sense() -> None:
    with pytest.raises(UsageError):
        Cutting(shortest=0.0)
    with pytest.raises(UsageError):
        Cutting(shortest=60.0)


_TRACE = None


def mixed():
    """A trace with bursts, ticks, noise, drift and a raised level; made once."""
    global _TRACE  # noqa: PLW0603
    if _TRACE is None:
        rng = np.random.default_rng(7)
        bursts = [(8 + at * 1.7 + rng.uniform(0, 0.6), rng.uniform(0.2, 1.0), rng.uniform(0.4, 3))
                  for at in range(40)]  # fmt: skip
        ticks = [(at, 0.03, 0.8) for at in range(80)]
        values = wave(200, 85, [*bursts, *ticks])
        values += rng.normal(0, 0.04, len(values)).astype(np.float32)
        values[60 * 200 :] += 0.3
        _TRACE = values
    return _TRACE


def streamed(values, sizes: list[int], gap: int | None) -> list[Segment]:
    cutter = Cutter(200.0)
    found: list[Segment] = []
    at = 0
    for size in [*sizes, len(values)]:
        end = min(at + size, len(values))
        if gap is not None and at <= gap < end:
            found += cutter.push(values[at:gap])
            found += cutter.gap(2.0)
            at = gap
        found += cutter.push(values[at:end])
        at = end
    return found + cutter.finish()


@given(st.lists(st.integers(0, 900), max_size=60), st.none() | st.integers(1, 16_000))
@settings(max_examples=60)
def test_how_a_stream_is_cut_never_shows(sizes: list[int], gap: int | None) -> None:
    assert streamed(mixed(), sizes, gap) == streamed(mixed(), [], gap)


def test_a_burst_is_told_within_a_second_of_its_end() -> None:
    values = wave(1000, 60, [(20, 1, 1), (31.3, 0.7, 1), (44.9, 2, 1)])
    cutter = Cutter(1000.0)
    told = {}
    for at in range(0, len(values), 10):
        for one in cutter.push(values[at : at + 10]):
            told[round(one.end, 3)] = cutter.second
    ends = {one.end: told[round(one.end, 3)] for one in active(cut(Trace(values, 1000.0)))}
    assert len(ends) == 3
    assert all(at - end <= 1.0 for end, at in ends.items())
    assert cutter.delay <= 1.0


def test_a_long_stream_needs_no_more_memory() -> None:
    cutter = Cutter(1000.0)
    made = wave(1000, 60, [(at, 1, 1) for at in range(12, 60, 5)])
    flat = np.ones(60_000, np.float32) * 9  # and a level that never comes back
    held = []
    for _ in range(4):
        for values in (made, flat, flat, flat):
            cutter.push(values)
            held.append(len(cutter._runs._cells))
    assert max(held) < 130 / 0.02  # the longest burst, in cells


@pytest.mark.parametrize("name", ["trace_a", "trace_b_slow200hz", "trace_c_noisy"])
def test_labelled_traces_are_cut_right(name: str) -> None:
    trace = read(SHARED / f"{name}.npz")
    labels = json.loads((SHARED / f"{name}.events.json").read_text())
    events = [Event(one["start"], one["end"]) for one in labels["events"]]
    found = active(cut(trace))
    right = len(match(found, events, trace.fs, 0.8))
    assert 2 * right / (len(found) + len(events)) >= 0.99


def test_a_trace_may_begin_within_a_burst() -> None:
    made = wave(1000, 40, [(0.0, 3.0, 2.0), (6, 1, 2), (15, 1, 2)])
    found = active(cut(Trace(values=made, fs=1000.0)))
    assert [round(one.start) for one in found if one.whole] == [6, 15]
    assert all(one.baseline == pytest.approx(1.0, abs=0.01) for one in found if one.whole)


@pytest.mark.parametrize("seed", range(4))
def test_a_quiet_meter_sees_drift_and_no_burst_in_it(seed: int) -> None:
    """Noise far below the drift: what a cell averages 1,000 readings of is nearly without."""
    rng = np.random.default_rng(seed)
    seconds = np.arange(120 * 500) / 500
    phase = rng.uniform(0, 6.28)
    made = 1.8 * (1 + 0.04 * np.sin(2 * np.pi * seconds / 150 + phase))
    made += rng.normal(0, 0.0005, len(seconds))
    starts = np.arange(30.0, 118.0, 4.0)  # and nothing at first
    for start in starts:
        made[round(start * 500) : round((start + 0.8) * 500)] += 1.0
    found = active(cut(Trace(values=made.astype(np.float32), fs=500.0)))
    assert [one.start for one in found] == pytest.approx(starts, abs=0.03)
    assert [one.duration for one in found] == pytest.approx([0.8] * len(starts), abs=0.03)
