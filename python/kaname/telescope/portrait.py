"""What is worth knowing of a campaign beyond that it is one: its portrait.

How fast it grows, how much of the port is its own kind of packets, whether its members act
in one rhythm, and how many of them were never seen the day before.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from kaname.model.ids import digest
from kaname.telescope.campaigns import Campaign
from kaname.telescope.families import BY_NAME
from kaname.telescope.synchrony import giant, shuffled_giants

if TYPE_CHECKING:
    import ibis.expr.types as ir

__all__ = ["Portrait", "portrait"]

Floats = NDArray[np.float64]

RHO = 0.6  # correlation from which two members act in one rhythm
TIMES = 200  # shuffles that the synchrony is held against
_MOST = 250  # members that the synchrony is asked of, the busiest
_MINUTES = 30
_HOUR = 3600
_WINDOWED = tuple(BY_NAME[name] for name in ("probe", "stack", "dressed"))


@dataclass(frozen=True, slots=True)
class Portrait:
    """``doubling`` in hours (0: does not grow); shares from 0 to 1.

    ``purity``: sources of the port with packets of this kind. ``new``: members without a
    packet the day before, or -1 where that day was not observed. ``giant``: members in the
    largest component of the graph of correlation, ``by_chance`` the probability that shuffled
    minutes give as large a one. ``hours`` are active members by hour of the window.
    """

    doubling: float
    purity: float
    new: float
    giant: float
    by_chance: float
    hours: tuple[int, ...]


def portrait(
    rows: ir.Table, campaign: Campaign, members: list[dict[str, Any]], start: int
) -> Portrait:
    """The portrait of ``campaign`` in ``rows`` (of a `Picture`) from ``start`` (seconds)."""
    port = rows.filter((rows.port == campaign.port) & (rows.proto == 6))
    now = port.filter(port["at"] >= start)
    own = _alike(now, campaign)
    hours = _hours(own, start)
    share, chance = _synchrony(own, members[:_MOST], campaign)
    return Portrait(
        doubling=_doubling(hours),
        purity=round(campaign.sources / max(campaign.sources, _sources(now)), 3),
        new=_new(rows.filter(rows["at"] < start), members),
        giant=round(share, 3),
        by_chance=round(chance, 4),
        hours=tuple(hours),
    )


def _alike(rows: ir.Table, campaign: Campaign) -> ir.Table:
    own = rows.filter((rows.family == campaign.family) & (rows.opt_first == campaign.opt))
    if campaign.family in _WINDOWED:
        own = own.filter(own.win_first == campaign.win)
    return own


def _sources(rows: ir.Table) -> int:
    """Sources with as many packets as a member has."""
    per = rows.group_by("src_hi", "src_lo").aggregate(packets=rows.packets.sum())
    return int(per.filter(per.packets >= 3).count().to_pyarrow().as_py())


def _hours(own: ir.Table, start: int) -> list[int]:
    each = own.mutate(hour=(own["at"] - start) // _HOUR)
    distinct = each.select("hour", "src_hi", "src_lo").distinct()
    counted = distinct.group_by("hour").aggregate(n=distinct.count()).to_pyarrow().to_pylist()
    found = {row["hour"]: row["n"] for row in counted}
    return [int(found.get(hour, 0)) for hour in range(max(found, default=-1) + 1)]


def _doubling(hours: list[int]) -> float:
    """Hours in which the active members double while they grow, up to their most."""
    if not hours:
        return 0.0
    most = int(np.argmax(hours))
    begun = next((hour for hour, n in enumerate(hours) if n), 0)
    rising = np.array(hours[begun : most + 1], np.float64)
    if len(rising) < 3 or rising[-1] < 2 * max(1.0, rising[0]):
        return 0.0
    slope = float(np.polyfit(np.arange(len(rising)), np.log2(np.maximum(rising, 0.5)), 1)[0])
    return round(1 / slope, 2) if slope > 0 else 0.0


def _new(before: ir.Table, members: list[dict[str, Any]]) -> float:
    """Share of members that sent nothing before; -1 where nobody did."""
    lows = sorted({member["src_lo"] for member in members})
    seen = before.filter(before.src_lo.isin(lows)).select("src_hi", "src_lo").distinct()
    known = {(row["src_hi"], row["src_lo"]) for row in seen.to_pyarrow().to_pylist()}
    if not known and not before.count().to_pyarrow().as_py():
        return -1.0
    new = sum((member["src_hi"], member["src_lo"]) not in known for member in members)
    return round(new / max(1, len(members)), 3)


def _synchrony(
    own: ir.Table, members: list[dict[str, Any]], campaign: Campaign
) -> tuple[float, float]:
    """Share in one rhythm in the busiest half hour, and the probability by chance."""
    lows = sorted({member["src_lo"] for member in members})
    mine = own.filter(own.src_lo.isin(lows))
    minute = (mine["at"] // 60).cast("int64")
    table = (
        mine.select("src_hi", "src_lo", "packets", minute=minute)
        .order_by("minute", "src_hi", "src_lo", "packets")
        .to_pyarrow()
    )
    at = table["minute"].to_numpy().astype(np.int64)
    if len(at) < _MINUTES:
        return 0.0, 1.0
    begins, counts = np.unique(at // _MINUTES, return_counts=True)
    begin = int(begins[int(np.argmax(counts))]) * _MINUTES
    inside = (at >= begin) & (at < begin + _MINUTES)
    pairs = np.stack([table[n].to_numpy()[inside] for n in ("src_hi", "src_lo")], axis=1)
    names, host = np.unique(pairs, axis=0, return_inverse=True)
    counts_grid: Floats = np.zeros((_MINUTES, len(names)))
    np.add.at(counts_grid, (at[inside] - begin, host.ravel()), table["packets"].to_numpy()[inside])
    if len(names) < 5:
        return 0.0, 1.0
    share = giant(counts_grid, RHO)
    key = digest(campaign.family, campaign.port, campaign.opt, campaign.win)
    chance = shuffled_giants(counts_grid, RHO, TIMES, int(key[:8], 16))
    return share, (1 + int((chance >= share).sum())) / (1 + TIMES)
