"""Whether a host stands alone before a destination, or among many that do the same.

One host that answers one address may be a victim whose attacker forged it twice; one of
fifty such hosts is a reflector. One SYN to one address may be anything; one of thousands
of single SYNs is a forged one. Only the destinations of hosts in doubt are looked at.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

from kaname.telescope.crowds import LIFT
from kaname.telescope.families import FAMILIES

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import pyarrow as pa

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


def company(
    flowtuples: ir.Table, doubts: Iterable[Doubt], addresses: int, least: int
) -> dict[Doubt, int]:
    """Sources that do the same to each destination, where there are ``least`` or more.

    On a telescope of few addresses every destination is that of many sources. So a number
    counts only where it is ten times what an address gets on average (`LIFT` of crowds).
    """
    wanted = sorted(set(doubts))
    lows = sorted({doubt.dst_lo for doubt in wanted})
    ptypes = sorted({ptype for doubt in wanted for ptype in doubt.ptypes})
    near = flowtuples.filter(flowtuples.dst_lo.isin(lows) & flowtuples.ptype.isin(ptypes))
    sources = near.select("ptype", "port", "dst_hi", "dst_lo", "src_lo").distinct().to_pyarrow()
    counted = _counted(sources, wanted)
    return {
        doubt: n
        for doubt, n in counted.items()
        if n >= least and n >= LIFT * _usual(flowtuples, doubt, addresses)
    }


def _counted(sources: pa.Table, doubts: list[Doubt]) -> dict[Doubt, int]:
    """Distinct sources before each destination."""
    before: dict[tuple[str, int, int], set[tuple[int, int]]] = {}
    columns = (sources.column(name).to_pylist() for name in sources.column_names)
    for ptype, port, dst_hi, dst_lo, src_lo in zip(*columns, strict=True):
        before.setdefault((ptype, dst_hi, dst_lo), set()).add((port, src_lo))
    found: dict[Doubt, int] = {}
    for doubt in doubts:
        at = [before.get((ptype, doubt.dst_hi, doubt.dst_lo), set()) for ptype in doubt.ptypes]
        same = {low for some in at for port, low in some if doubt.port in (-1, port)}
        found[doubt] = len(same)
    return found


def _usual(flowtuples: ir.Table, doubt: Doubt, addresses: int) -> float:
    """Sources of the same kind for each monitored address."""
    rows = flowtuples.filter(flowtuples.ptype.isin(doubt.ptypes))
    rows = rows if doubt.port < 0 else rows.filter(rows.port == doubt.port)
    return int(rows.src_lo.nunique().to_pyarrow().as_py()) / max(1, addresses)
