"""Devices of one kind beside each other: who works otherwise than its peers.

A device that was altered before anybody learnt its normal behaviour is normal to itself.
Among its like it is not: it wakes more often, works longer or sleeps less deeply. Every
number of a device is held against the same number of its peers, itself left out: by rank,
and by how many robust standard deviations (1.4826 times the median of absolute deviations)
it is away from their median.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

if TYPE_CHECKING:
    import ibis.expr.types as ir

__all__ = ["MEASURES", "Place", "Sums", "against", "confidence", "summed", "values"]

MEASURES = (
    "bursts_per_hour",
    "duration_us",
    "energy_uj",
    "active_share",
    "sleep_mw",
    "peak_mw",
)
_HOUR_US = 3_600_000_000
_SIGMA = 1.4826  # median of absolute deviations of a normal distribution -> sigma
_RESOLUTION = 0.02  # devices differ by so much of a value without a reason


class Sums(msgspec.Struct, frozen=True):
    """What is counted of a device over some time: whole numbers, so that all engines agree."""

    device: str
    fleet: str
    bursts: int
    active_us: int
    active_uj: int
    sleep_us: int
    sleep_uj: int
    peak_mw: float
    first: int
    last: int
    segments: int

    @property
    def seconds(self) -> float:
        """Seconds that were measured."""
        return (self.active_us + self.sleep_us) / 1e6


class Place(NamedTuple):
    """Where a value lies among those of the peers."""

    median: float
    percentile: float
    distance: float


def summed(rows: ir.Table) -> list[Sums]:
    """Sums of every device in ``rows`` of ``power_segments``, by fleet and device."""
    import ibis

    active = rows.mode == "active"
    epoch = ibis.timestamp("1970-01-01T00:00:00+00:00")
    timed = rows.mutate(us=rows.ts.delta(epoch, unit="microsecond").cast("int64"))

    def total(column: str, wanted: Any) -> Any:
        chosen = ibis.ifelse(wanted, timed[column].cast("int64"), ibis.literal(0, "int64"))
        return chosen.sum().cast("int64")

    found = (
        timed.group_by("fleet", "device")
        .aggregate(
            bursts=ibis.ifelse(active, 1, 0).sum().cast("int64"),
            active_us=total("duration_us", active),
            active_uj=total("energy_uj", active),
            sleep_us=total("duration_us", ~active),
            sleep_uj=total("energy_uj", ~active),
            peak_mw=timed.peak_mw.max(),
            first=timed.us.min(),
            last=(timed.us + timed.duration_us).max().cast("int64"),
            segments=timed.count().cast("int64"),
        )
        .order_by("fleet", "device")
    )
    return [Sums(**row) for row in found.to_pyarrow().to_pylist()]


def values(sums: Sums) -> dict[str, float | None]:
    """The numbers of a device that are compared, by the names in `MEASURES`."""
    whole = sums.active_us + sums.sleep_us
    bursts = sums.bursts
    return {
        "bursts_per_hour": bursts * _HOUR_US / whole if whole else None,
        "duration_us": sums.active_us / bursts if bursts else None,
        "energy_uj": sums.active_uj / bursts if bursts else None,
        "active_share": sums.active_us / whole if whole else None,
        "sleep_mw": sums.sleep_uj / sums.sleep_us * 1e3 if sums.sleep_us else None,
        "peak_mw": sums.peak_mw if whole else None,
    }


def against(value: float, peers: Sequence[float]) -> Place:
    """Where ``value`` lies among the values of its peers, of which there is one at least."""
    import numpy as np

    others = np.asarray(peers, np.float64)
    median = float(np.median(others))
    spread = _SIGMA * float(np.median(np.abs(others - median)))
    scale = max(spread, _RESOLUTION * abs(median), 1e-9)
    below = float((others < value).mean() + (others == value).mean() / 2)
    return Place(median, round(100 * below, 2), round((value - median) / scale, 3))


def confidence(distances: Mapping[str, float]) -> float:
    """How sure it is that a device so far from its peers is not one of them.

    Whatever the distribution, a share of at most 1 / (1 + d²) lies further than d standard
    deviations to one side (Cantelli); there are two sides, and as many tries as measures.
    """
    farthest = max(map(abs, distances.values()))
    chance = 2 * len(MEASURES) / (1 + farthest * farthest)
    return round(min(0.99, max(0.05, 1 - chance)), 4)
