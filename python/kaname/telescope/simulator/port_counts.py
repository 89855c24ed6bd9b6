"""Port counts of a made telescope: campaigns of known onset among lookalikes.

Only counts are made, no packets, so that months of many ports cost seconds. What a detector
must not fall for is there too: days and weeks, background that drifts, surveys that touch
every port, surveys that touch some, floods from one source, and gaps of the sensor. Nothing
here is shared with the detector.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["BINS_A_DAY", "PortCounts", "make_port_counts"]

BINS_A_DAY = 144  # of 10 minutes
_BUSY = (23, 445, 22, 80, 2323, 8080, 5555, 3389, 443, 81, 8443, 6379, 1433, 3306, 5900, 53, 123)
_KINDS = ("growth", "burst", "slow", "step", "exponential")
_SIZES = (3.0, 6.0, 12.0, 30.0)  # sources per bin at the height of a campaign

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]


@dataclass(frozen=True)
class PortCounts:
    """Counts [bin, port], and the truth in the form of the shared benchmark."""

    ports: Counts
    sources: Counts
    networks: Counts  # distinct /16
    packets: Counts
    truth: dict[str, Any]


def make_port_counts(
    seed: int, days: int = 30, ports: int = 400, campaigns: int = 15
) -> PortCounts:
    """One telescope of 4,096 addresses for ``days``; the same for the same arguments."""
    rng = np.random.default_rng(seed)
    bins = days * BINS_A_DAY
    numbers = _numbers(rng, ports)
    level = _levels(rng, ports)
    mean = level * _days(rng, bins, ports) * _drift(rng, bins, ports)
    known = [_campaign(rng, number, (bins, numbers, level)) for number in range(campaigns)]
    for each in known:
        column = int(np.flatnonzero(numbers == each["port"])[0])
        mean[:, column] += _course(rng, each, bins)
    benign = _sweeps(rng, mean)
    gaps = _gaps(rng, bins)
    sources = _drawn(rng, mean)
    for gap in gaps:
        sources[gap["start"] : gap["start"] + gap["bins"]] = 0
    packets = rng.poisson(2.1 * sources) + sources
    floods = _floods(rng, packets, sources, numbers)
    networks = np.rint(sources * (1 - 0.075 * (1 - np.exp(-sources / 40)))).astype(np.int64)
    truth = {
        "t0": 1767225600,
        "bin_seconds": 600,
        "bins": bins,
        "darknet_addresses": 4096,
        "proto": "tcp-syn",
        "campaigns": known,
        "benign": [*benign, *floods, *gaps],
    }
    return PortCounts(numbers, sources, networks, packets, truth)


def _numbers(rng: np.random.Generator, ports: int) -> Counts:
    others = np.setdiff1d(np.arange(1, 65536), _BUSY)
    return np.concatenate([_BUSY[:ports], rng.permutation(others)[: max(0, ports - len(_BUSY))]])


def _levels(rng: np.random.Generator, ports: int) -> Floats:
    """Sources per bin: one port far above all, then a power law with some noise."""
    rank = np.arange(1, ports + 1)
    level = 350 * rank**-1.2 * rng.lognormal(0, 0.4, ports)
    level[0] = rng.uniform(200, 450)
    return np.maximum(level, 0.03)


def _days(rng: np.random.Generator, bins: int, ports: int) -> Floats:
    """Every port with its own time zone and depth of night, and a weaker week."""
    hour = 2 * np.pi * np.arange(bins)[:, None] / BINS_A_DAY
    depth, shift = rng.uniform(0.03, 0.4, ports), rng.uniform(0, 2 * np.pi, ports)
    second = depth * rng.uniform(0, 0.3, ports)
    week = rng.uniform(0, 0.06, ports) * np.cos(hour / 7 + rng.uniform(0, 2 * np.pi, ports))
    return 1 + depth * np.cos(hour - shift) + second * np.cos(2 * (hour - shift)) + week


def _drift(rng: np.random.Generator, bins: int, ports: int) -> Floats:
    """Background that wanders by some percent a day."""
    daily = rng.uniform(0.01, 0.05, ports)
    steps = rng.normal(0, 1, (bins // 6 + 1, ports)) * daily / np.sqrt(BINS_A_DAY / 6)
    walk = np.repeat(np.cumsum(steps, 0), 6, axis=0)[:bins]
    return np.asarray(np.exp(walk - walk.mean(0)), np.float64)


def _campaign(
    rng: np.random.Generator, number: int, scene: tuple[int, Counts, Floats]
) -> dict[str, Any]:
    bins, ports, level = scene
    onset = int(rng.integers(8 * BINS_A_DAY, bins - 5 * BINS_A_DAY))
    if number % 5 == 4:  # on the busiest port, where it is a tenth of what is there
        return {
            "id": number,
            "kind": "port23",
            "port": 23,
            "onset_bin": onset,
            "peak_src_per_bin": float(rng.choice([40.0, 90.0])),
            "bg_src_per_bin": float(level[0]),
        }
    column = int(rng.integers(5, len(ports)))
    peak = float(rng.choice(_SIZES))
    if level[column] > peak:  # what drowns in the background is on no list of campaigns
        peak = float(max(6.0, round(0.5 * level[column])))
    return {
        "id": number,
        "kind": _KINDS[number % 5],
        "port": int(ports[column]),
        "onset_bin": onset,
        "peak_src_per_bin": peak,
        "bg_src_per_bin": float(level[column]),
    }


def _course(rng: np.random.Generator, campaign: dict[str, Any], bins: int) -> Floats:
    """Mean sources per bin that a campaign adds."""
    age = np.arange(bins) - campaign["onset_bin"]
    peak = campaign["peak_src_per_bin"]
    on = age >= 0
    t = np.maximum(age, 0)
    if campaign["kind"] == "growth":
        middle = rng.uniform(100, 180)
        return np.where(on, peak / (1 + np.exp(-(t - middle) / (middle / 4))), 0.0)
    if campaign["kind"] == "exponential":
        doubling = rng.uniform(24, 60)
        grown = np.minimum(0.03 * peak * 2 ** (t / doubling), peak)
        return np.where(on & (t < 6 * BINS_A_DAY), grown, 0.0)
    if campaign["kind"] == "step":
        return np.where(on & (t < 3 * BINS_A_DAY), peak, 0.0)
    if campaign["kind"] == "burst":
        return _bursts(rng, t, on, peak)
    pace = 2 * BINS_A_DAY if campaign["kind"] == "slow" else 1.2 * BINS_A_DAY
    return np.where(on, peak * (1 - np.exp(-t / pace)), 0.0)


def _bursts(rng: np.random.Generator, age: Counts, on: NDArray[np.bool_], peak: float) -> Floats:
    course = np.zeros(len(age))
    begin = int(np.flatnonzero(on)[0])
    for start in range(begin, min(len(age), begin + 5 * BINS_A_DAY), int(rng.integers(22, 30))):
        if start == begin or rng.random() < 0.6:
            course[start : start + 3] = 2 * peak
    return course


def _sweeps(rng: np.random.Generator, mean: Floats) -> list[dict[str, Any]]:
    """Surveys: most touch every port alike, some a random third of them."""
    bins, ports = mean.shape
    found = []
    for number in range(bins * 12 // 4320):
        start, length = int(rng.integers(BINS_A_DAY, bins - 30)), int(rng.integers(5, 18))
        extra = float(rng.uniform(0.3, 1.4))
        some = number % 4 == 3
        touched = rng.random(ports) < 0.33 if some else np.ones(ports, np.bool_)
        mean[start : start + length, touched] += extra
        found.append(
            {
                "kind": "partial_sweep" if some else "survey_sweep",
                "start": start,
                "bins": length,
                "extra_src_per_port": extra,
            }
        )
    return found


def _gaps(rng: np.random.Generator, bins: int) -> list[dict[str, Any]]:
    return [
        {
            "kind": "sensor_gap",
            "start": int(rng.integers(3 * BINS_A_DAY, bins - 40)),
            "bins": int(rng.integers(2, 13)),
        }
        for _ in range(2)
    ]


def _drawn(rng: np.random.Generator, mean: Floats) -> Counts:
    """Counts that scatter more than Poisson: negative binomial, with a size per port."""
    size = rng.uniform(4, 22, mean.shape[1])
    return rng.poisson(mean * rng.gamma(size, 1 / size, mean.shape)).astype(np.int64)


def _floods(
    rng: np.random.Generator, packets: Counts, sources: Counts, ports: Counts
) -> list[dict[str, Any]]:
    """One source that sends much: packets rise, sources hardly."""
    found = []
    for _ in range(10):
        start, length = int(rng.integers(BINS_A_DAY, len(packets) - 40)), int(rng.integers(3, 40))
        column = int(rng.integers(0, len(ports)))
        packets[start : start + length, column] += rng.poisson(3000, min(length, 40))
        sources[start : start + length, column] = np.maximum(
            sources[start : start + length, column], 1
        )
        found.append(
            {
                "kind": "single_source_flood",
                "start": start,
                "bins": length,
                "port": int(ports[column]),
            }
        )
    return found
