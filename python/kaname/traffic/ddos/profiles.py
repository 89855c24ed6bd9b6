"""Traffic towards each host and network, minute by minute and vector by vector.

Hosts are single addresses; networks are IPv4 /24 and IPv6 /48. The engine keeps the keys
that exceed a static threshold in some minute, and gives their minutes back as far as the
lookback goes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import ibis
import numpy as np

from kaname.model.instant import MINUTE
from kaname.traffic.ddos.vectors import code_of
from kaname.traffic.flows import columns, directed, integers, within

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from kaname.analysis.frame import Window

__all__ = ["KEY", "Floors", "Hot", "Minutes", "hot", "minutes", "running"]

KEY = ("dst_hi", "dst_lo", "code")
_ASKED_BEFORE = 10 * MINUTE
_BLOCK_V4, _BLOCK_V6 = -(1 << 8), -(1 << 16)  # masks of the low and the high word


@dataclass(frozen=True, slots=True)
class Floors:
    """Static thresholds per second; 0: off."""

    packets: float
    bits: float
    flows: float

    def exceeded(self, rows: ir.Table) -> ir.BooleanValue:
        """Whether a minute exceeds one of them."""
        pairs = (
            (rows.packets, self.packets * 60),
            (rows.octets, self.bits * 60 / 8),
            (rows.flows, self.flows * 60),
        )
        parts = [column >= round(limit) for column, limit in pairs if limit]
        return ibis.or_(*parts) if parts else ibis.literal(value=False)


@dataclass(frozen=True, slots=True)
class Minutes:
    """Columns of equal length, in the order of key and minute.

    Key: address (of a network: its first), vector. Then minute, packets, octets, seen,
    sampled, flows, sources, ports (distinct destination ports), targets and widest (hosts,
    and packets of the busiest one), unasked (packets, in the window, from hosts to which
    the target sent nothing).
    """

    values: dict[str, Any]

    def __len__(self) -> int:
        return len(self.values["minute"])

    def __getitem__(self, name: str) -> Any:
        return self.values[name]


@dataclass(frozen=True, slots=True)
class Hot:
    """Targets that exceed the static thresholds in some minute of a window."""

    hi: tuple[int, ...]
    lo: tuple[int, ...]
    keys: frozenset[tuple[int, int, int]]

    def among(self, rows: ir.Table) -> ir.Table:
        """Rows to these targets; few of others may be among them."""
        return rows.filter(rows.dst_hi.isin(self.hi) & rows.dst_lo.isin(self.lo))

    def exactly(self, values: dict[str, Any]) -> dict[str, Any]:
        """Columns without the rows of other keys."""
        keys = zip(*(values[name].tolist() for name in KEY), strict=True)
        own = np.fromiter((key in self.keys for key in keys), np.bool_)
        return {name: column[own] for name, column in values.items()}


def _rows(table: ir.Table, start: int, end: int, *, blocks: bool) -> ir.Table:
    rows = directed(within(table, start, end))
    hosted = rows.mutate(host=rows.dst_lo)
    return _blocks(hosted) if blocks else hosted


def _blocks(rows: ir.Table) -> ir.Table:
    v4 = rows.dst_hi == 0
    none = ibis.literal(0, "int64")
    return rows.mutate(
        dst_hi=v4.ifelse(none, rows.dst_hi & _BLOCK_V6).cast("int64"),
        dst_lo=v4.ifelse(rows.dst_lo & _BLOCK_V4, none).cast("int64"),
    )


def _marked(rows: ir.Table) -> ir.Table:
    coded = rows.mutate(code=code_of(rows))
    return coded.filter(coded.code >= 0)


def _sums(rows: ir.Table) -> dict[str, ir.Scalar]:
    return {
        "packets": rows.packets.sum().cast("int64"),
        "octets": rows.octets.sum().cast("int64"),
        "flows": rows.count(),
    }


def hot(table: ir.Table, window: Window, floors: Floors, *, blocks: bool) -> Hot:
    """The targets worth a closer look, with their vectors."""
    rows = _marked(_rows(table, window.start, window.end, blocks=blocks))
    counted = rows.group_by(*KEY, "minute").aggregate(**_sums(rows))
    exceeding = counted.filter(floors.exceeded(counted))
    keys = integers(exceeding.select(*KEY).distinct().order_by(*KEY), *KEY)
    his, los = (tuple(sorted({key[n] for key in keys})) for n in (0, 1))
    return Hot(his, los, frozenset((hi, lo, code) for hi, lo, code in keys))


def minutes(table: ir.Table, start: int, window: Window, found: Hot, *, blocks: bool) -> Minutes:
    """All minutes of the keys in ``found`` from ``start`` to the end of ``window``."""
    rows = _marked(found.among(_rows(table, start, window.end, blocks=blocks)))
    profile = _counted(rows)
    alone = _unasked(table, window, found, blocks=blocks)
    whole = profile.left_join(alone, [*KEY, "minute"])
    filled = whole.select(*profile.columns, unasked=whole.unasked.fill_null(0).cast("int64"))
    return Minutes(found.exactly(columns(filled.order_by(*KEY, "minute"))))


def _counted(rows: ir.Table) -> ir.Table:
    per_host = rows.group_by(*KEY, "minute", "host").aggregate(
        host_packets=rows.packets.sum().cast("int64")
    )
    widest = per_host.group_by(*KEY, "minute").aggregate(
        targets=per_host.count(), widest=per_host.host_packets.max()
    )
    sums = rows.group_by(*KEY, "minute").aggregate(
        **_sums(rows),
        seen=rows.seen.sum().cast("int64"),
        sampled=rows.sampled.max(),
        sources=rows.src_lo.nunique(),
        ports=rows.dport.nunique(),
    )
    both = sums.join(widest, [*KEY, "minute"])
    return both.select(*sums.columns, "targets", "widest")


def _unasked(table: ir.Table, window: Window, found: Hot, *, blocks: bool) -> ir.Table:
    """Packets from hosts to which the destination sends nothing of that protocol.

    Resets are no sign of having asked: they are how a host refuses.
    """
    marked = _marked(found.among(_rows(table, window.start, window.end, blocks=blocks)))
    before = directed(within(table, window.start - _ASKED_BEFORE, window.end))
    sent = before.filter((before.tcp_bits & 4) == 0)
    # the host itself asks, not its network
    asked = sent.select("proto", src_hi="dst_hi", src_lo="dst_lo", host="src_lo").distinct()
    alone = marked.anti_join(asked, list(asked.columns))
    return alone.group_by(*KEY, "minute").aggregate(unasked=alone.packets.sum().cast("int64"))


def running(table: ir.Table, start: int, end: int) -> list[int]:
    """The minutes in which the sensor saw anything, in order."""
    rows = within(table, start, end)
    seen = rows.select(minute=rows.us // MINUTE).distinct().order_by("minute")
    values: list[int] = columns(seen)["minute"].tolist()
    return values
