"""Hosts that move far more than they did in the same hour of other days.

Volumes are compared on a logarithmic scale with their median over fifteen days, in robust
deviations; MATATABI compared means and standard deviations, which one large day spoils.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import ibis
import numpy as np

from kaname.model.instant import DAY, HOUR
from kaname.traffic.anomalies.cells import Subject
from kaname.traffic.flows import columns, directed, within

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from kaname.analysis.frame import Window

__all__ = ["DAYS", "Surge", "surges"]

DAYS = 15
_ENOUGH = 3  # days with traffic of the sensor
_TO_SIGMA = 1.4826
_LEAST_SPREAD = 0.15  # decades


@dataclass(frozen=True, slots=True)
class Surge:
    """A host, its packets of the window, their median on other days, and how far off."""

    subject: Subject
    packets: int
    usual: float
    deviations: float
    days: int


def surges(table: ir.Table, window: Window, share: float, deviations: float) -> Iterator[Surge]:
    """Hosts that carry ``share`` of the window and exceed their other days."""
    rows = directed(within(table, window.start - DAYS * DAY, window.end))
    back = (window.end - 1 - rows.us) // HOUR
    days = rows.mutate(back=back // 24).filter(back % 24 == 0)
    seen = days.group_by("back").aggregate(packets=days.packets.sum().cast("int64"))
    totals = dict(zip(*(c.tolist() for c in columns(seen.order_by("back")).values()), strict=True))
    known = [day for day in totals if day > 0]
    if len(known) < _ENOUGH or 0 not in totals:
        return
    for side in ("dst", "src"):
        yield from _side(days, side, share * totals[0], known, deviations)


def _side(
    days: ir.Table, side: str, least: float, known: list[int], deviations: float
) -> Iterator[Surge]:
    key = (f"{side}_hi", f"{side}_lo")
    now = days.filter(days.back == 0)
    big = now.group_by(*key).aggregate(packets=now.packets.sum())
    big = big.filter(big.packets >= ibis.literal(round(least), "int64")).select(*key)
    own = days.semi_join(big, list(key))
    summed = own.group_by(*key, "back").aggregate(packets=own.packets.sum().cast("int64"))
    hosts: dict[tuple[int, int], dict[int, int]] = {}
    found = columns(summed.order_by(*key, "back"))
    for hi, lo, day, packets in zip(*(c.tolist() for c in found.values()), strict=True):
        hosts.setdefault((hi, lo), {})[day] = packets
    for (hi, lo), by_day in hosts.items():
        before = np.log10([by_day.get(day, 0) + 1 for day in known])
        middle = float(np.median(before))
        spread = max(_LEAST_SPREAD, _TO_SIGMA * float(np.median(np.abs(before - middle))))
        off = (np.log10(by_day[0] + 1) - middle) / spread
        if off > deviations:
            subject = Subject(side, hi, lo)
            yield Surge(subject, by_day[0], 10**middle - 1, round(float(off), 1), len(known))
