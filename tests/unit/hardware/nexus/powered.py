"""Devices whose rows are in a lake: a week of a fleet, made of our own simulated traces."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from tests.unit.telescope.kept import keep

from kaname.hardware.power.rows import Subject, segment_row
from kaname.hardware.power.segments import Segment
from kaname.lake import Lake

DAY = 86_400_000_000
START = 1_767_225_600_000_000  # 2026-01-01T00:00:00Z
SECOND = 1_000_000
SHAPES = {  # of 64 points, mean 1
    "A": np.concatenate([np.full(32, 0.5), np.full(32, 1.5)]),
    "B": np.concatenate([np.full(16, 1.6), np.full(32, 0.6), np.full(16, 1.2)]),
}


def night(
    device: str,
    *,
    seed: int,
    start: int = START,
    count: int = 60,
    fleet: str = "nodes",
    sleep_w: float = 0.002,
    odd: Iterable[int] = (),
) -> list[dict[str, Any]]:
    """Rows of ``count`` bursts, A and B in turn, with sleep between; ``odd`` ones take thrice
    as much."""
    rng = np.random.default_rng(seed)
    subject = Subject(device, fleet, start, 1000.0)
    rows, second = [], 0.0
    strange = set(odd)
    for at in range(count):
        kind = "AB"[at % 2]
        pause = float(rng.normal(5.0, 0.3))
        rows.append(segment_row(asleep(second, pause, sleep_w), subject))
        second += pause
        seconds = float((0.5 if kind == "A" else 1.2) * np.exp(rng.normal(0, 0.02)))
        watts = float((0.1 if kind == "A" else 0.25) * np.exp(rng.normal(0, 0.02)))
        if at in strange:
            watts *= 3
        shape = SHAPES[kind] * np.exp(rng.normal(0, 0.02, 64))
        rows.append(segment_row(burst(second, seconds, watts, shape, sleep_w), subject))
        second += seconds
    return rows


def asleep(start: float, seconds: float, watts: float) -> Segment:
    return Segment(
        start=start, end=start + seconds, mode="sleep", energy=watts * seconds, mean=watts,
        peak=watts * 1.1, baseline=watts, level=0.0,
    )  # fmt: skip


def burst(start: float, seconds: float, watts: float, shape: Any, base: float) -> Segment:
    parts = shape / shape.mean()
    return Segment(
        start=start, end=start + seconds, mode="active", energy=watts * seconds,
        mean=watts + base, peak=watts * float(parts.max()) + base, baseline=base, level=watts,
        shape=tuple(float(part) for part in parts),
    )  # fmt: skip


def fleet(lake: Lake, days: int = 2) -> None:
    """Seven nodes over ``days``, up to the day of `START`: one errs today, one never sleeps."""
    rows = []
    for number in range(7):
        watts = 0.005 if number == 6 else 0.002 * (1 + 0.002 * number)
        for day in range(days):
            last = day == days - 1
            odd = range(20, 32) if last and number == 3 else ()
            rows += night(
                f"node{number}", seed=10 * number + day, start=START - (days - 1 - day) * DAY,
                count=160 if last else 120, sleep_w=watts, odd=odd,
            )  # fmt: skip
    keep(lake, "power_segments", rows)
