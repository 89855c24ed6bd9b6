"""Whether a host stands alone before a destination, or among many that do the same.

One host that answers one address may be a victim whose attacker forged it twice; one of
fifty such hosts is a reflector. One SYN to one address may be anything; one of thousands
of single SYNs is a forged one. Only the destinations of hosts in doubt are looked at.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

from kaname.telescope.families import FAMILIES

if TYPE_CHECKING:
    import ibis.expr.types as ir

__all__ = ["Doubt", "company"]

_ASKING = ("tcp_syn", "udp")


class Doubt(NamedTuple):
    """A destination and what is sent to it: a service, or answers whatever their port."""

    ptypes: tuple[str, ...]
    port: int  # -1: any
    dst_hi: int
    dst_lo: int

    @classmethod
    def of(cls, family: int, port: int, dst_hi: int, dst_lo: int) -> Doubt:
        """What a group of that family, port and destination is in doubt about."""
        ptypes = FAMILIES[family].ptypes
        asking = set(ptypes) & set(_ASKING)
        return cls(ptypes, port if asking else -1, dst_hi, dst_lo)


def company(flowtuples: ir.Table, doubts: Iterable[Doubt], addresses: int) -> dict[Doubt, int]:
    """Sources that do the same to each destination; 0 where all destinations have as many.

    On a telescope of few addresses every destination is that of many sources. So a number
    counts only where it is ten times what an address gets on average (`LIFT` of crowds).
    """
    found: dict[Doubt, int] = {}
    by_kind: dict[tuple[tuple[str, ...], int], list[Doubt]] = {}
    for doubt in sorted(set(doubts)):
        by_kind.setdefault((doubt.ptypes, doubt.port), []).append(doubt)
    for (ptypes, port), some in by_kind.items():
        rows = flowtuples.filter(flowtuples.ptype.isin(ptypes))
        rows = rows if port < 0 else rows.filter(rows.port == port)
        found |= _counted(rows, some, addresses)
    return found


def _counted(rows: ir.Table, doubts: list[Doubt], addresses: int) -> dict[Doubt, int]:
    from kaname.telescope.crowds import LIFT

    lows = sorted({doubt.dst_lo for doubt in doubts})
    near = rows.filter(rows.dst_lo.isin(lows))
    counted = near.group_by("dst_hi", "dst_lo").aggregate(sources=near.src_lo.nunique())
    sources = {(r["dst_hi"], r["dst_lo"]): r["sources"] for r in counted.to_pyarrow().to_pylist()}
    usual = rows.src_lo.nunique().to_pyarrow().as_py() / max(1, addresses)
    return {
        doubt: n if (n := sources.get((doubt.dst_hi, doubt.dst_lo), 0)) >= LIFT * usual else 0
        for doubt in doubts
    }
