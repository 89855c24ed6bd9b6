"""Who sends in an attack: how many, how evenly, from where, and the busiest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import ibis
import numpy as np

from kaname.model.address import Prefix, to_text
from kaname.model.instant import MINUTE
from kaname.traffic.ddos.alarms import Attack
from kaname.traffic.ddos.vectors import code_of
from kaname.traffic.flows import columns, directed, within

if TYPE_CHECKING:
    import ibis.expr.types as ir

__all__ = ["Senders", "senders"]

TOP = 20


@dataclass(frozen=True, slots=True)
class Senders:
    """Sources of one attack.

    Entropies are of packets over sources and over source ports, divided by the logarithm
    of how many there are: 1 is perfectly even. ``top`` are address, AS (0: unknown) and
    packets.
    """

    count: int
    source_entropy: float
    port_entropy: float
    top: tuple[tuple[tuple[int, int], int, int], ...]

    @property
    def named(self) -> str:
        """The busiest in words."""
        shown = (
            f"{to_text(*address)}{f' (AS{number})' if number else ''} {packets:,}"
            for address, number, packets in self.top[:5]
        )
        return ", ".join(shown)


def senders(table: ir.Table, attack: Attack, network: Prefix) -> Senders:
    """The senders of ``attack`` to the addresses of ``network``."""
    start, end = attack.first * MINUTE, (attack.last + 1) * MINUTE
    rows = directed(within(table, start, end))
    to = rows.filter(
        (rows.dst_hi >= network.first.hi)
        & (rows.dst_hi <= network.last.hi)
        & _low_inside(rows, network)
    )
    marked = to.mutate(code=code_of(to))
    own = marked.filter(marked.code.isin([alarm.code for alarm in attack.alarms]))
    by_source = own.group_by("src_hi", "src_lo").aggregate(
        packets=own.packets.sum().cast("int64"), number=own.src_as.max()
    )
    by_port = own.group_by("sport").aggregate(packets=own.packets.sum().cast("int64"))
    count, evenness = _entropy(by_source)
    ordered = by_source.order_by(ibis.desc("packets"), "src_hi", "src_lo").limit(TOP)
    top = columns(ordered)
    listed = zip(
        zip(top["src_hi"].tolist(), top["src_lo"].tolist(), strict=True),
        top["number"].tolist(),
        top["packets"].tolist(),
        strict=True,
    )
    return Senders(count, evenness, _entropy(by_port)[1], tuple(listed))


def _low_inside(rows: ir.Table, network: Prefix) -> ir.BooleanValue:
    if network.length <= 64:
        return ibis.literal(value=True)
    return (rows.dst_lo >= network.first.lo) & (rows.dst_lo <= network.last.lo)


def _entropy(counted: ir.Table) -> tuple[int, float]:
    """How many there are, and the entropy of their packets over its greatest value."""
    packets = counted.packets.cast("float64")
    found = columns(
        counted.aggregate(
            n=counted.count(),
            whole=counted.packets.sum().cast("int64"),
            logs=(packets * packets.ln()).sum(),
        )
    )
    n, whole = int(found["n"][0]), int(found["whole"][0] or 0)
    if n < 2 or not whole:
        return n, 0.0
    entropy = np.log(whole) - float(found["logs"][0]) / whole
    return n, round(float(entropy / np.log(n)), 3)
