"""Answers that nobody asked for: the minutes in which each victim sent some.

The victim is who sends SYN-ACKs, RSTs, answers over UDP or replies to pings. Of an ICMP
error it is the destination of the header inside, if that was sent from where the error went
to; routers speak for the victim behind them. What belongs to a reflection is left out: there
the answering servers are tools, and the telescope's addresses the targets.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import ibis
import numpy as np
from numpy.typing import NDArray

from kaname.telescope import reflection
from kaname.telescope.families import BY_NAME, Mark
from kaname.telescope.traffic import BLOCK

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from kaname.telescope.picture import Picture

__all__ = ["DIRECT", "Minutes", "answers", "destinations", "minutes", "services"]

DIRECT = ("tcp_synack", "tcp_rst", "udp_answer", "icmp_echo_reply")
"""Packet types whose sender is the victim."""

_VICTIM = ("hi", "lo")
_FEW_TARGETS = 0.05  # share of the telescope, up to which targets are left out altogether

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Minutes:
    """Columns of equal length, by victim and time.

    ``hi``, ``lo``, ``first``, ``last`` (seconds), ``packets``, ``octets``, ``tcp``, ``udp``,
    ``icmp`` (packets by protocol of the attack), ``low``, ``high``, ``widest`` (of
    destinations).
    """

    columns: dict[str, Ints]

    def __len__(self) -> int:
        return len(self.columns["lo"])

    def __getitem__(self, name: str) -> Ints:
        return self.columns[name]


def answers(picture: Picture) -> ir.Table:
    """Rows of answers outside reflections, with the victim as ``hi`` and ``lo``.

    ``attack`` is the protocol that the victim was attacked over, ``service`` the port.
    """
    rows = picture.rows
    honest = rows.vic_lo.notnull() & ((rows.fp_any & Mark.MISQUOTED) == 0)
    error = rows.family == BY_NAME["icmp_error"]
    rows = rows.filter(rows.ptype.isin(DIRECT) | (error & honest))
    quoted = rows.family == BY_NAME["icmp_error"]
    found = rows.mutate(
        hi=quoted.ifelse(rows.vic_hi, rows.src_hi),
        lo=quoted.ifelse(rows.vic_lo, rows.src_lo),
        attack=quoted.ifelse(rows.vic_proto, rows.proto).cast("int64"),
        service=quoted.ifelse(rows.vic_port, rows.port).cast("int64"),
    )
    return _outside(found, picture)


def _outside(rows: ir.Table, picture: Picture) -> ir.Table:
    """``rows`` less those of reflections."""
    few = _FEW_TARGETS * picture.extent.addresses
    for event in picture.reflections:
        families = [BY_NAME[name] for name in reflection.FAMILIES[event.label]]
        during = rows["at"].between(event.first, event.last)
        theirs = rows.family.isin(families) & during
        if len(event.targets) <= max(1.0, few):
            rows = rows.filter(~(theirs & rows.dst_lo.isin(event.targets[:, 1].tolist())))
        else:
            rows = rows.filter(~(theirs & rows.src_lo.isin(event.sources[:, 1].tolist())))
    return rows


def minutes(found: ir.Table, least: int) -> Minutes:
    """The minutes of the victims in ``found`` (of `answers`) of ``least`` packets or more."""
    whole = found.group_by(*_VICTIM).aggregate(packets=found.packets.sum().cast("int64"))
    many = whole.filter(whole.packets >= least)
    own = found.semi_join(many, _VICTIM) if least > 1 else found
    own = own.mutate(minute=own["at"] // 60)

    def counted(chosen: ir.BooleanValue | None = None) -> Any:
        packets = own.packets if chosen is None else chosen.ifelse(own.packets, 0)
        return packets.sum().cast("int64")

    table = (
        own.group_by(*_VICTIM, "minute")
        .aggregate(
            first=own["at"].min(),
            last=own["at"].max(),
            packets=counted(),
            octets=own.octets.sum().cast("int64"),
            tcp=counted(own.attack == 6),
            udp=counted(own.attack == 17),
            icmp=counted(own.attack.isin((1, 58))),
            low=own.dst_lo.min(),
            high=own.dst_lo.max(),
            widest=own.uniq_dst.max().cast("int64"),
        )
        .order_by(*_VICTIM, "minute")
        .to_pyarrow()
    )
    return Minutes({name: _numbers(table.column(name)) for name in table.column_names})


def _numbers(column: Any) -> Ints:
    values: Ints = column.combine_chunks().to_numpy(zero_copy_only=False).astype(np.int64)
    return values


def services(found: ir.Table, victims: list[tuple[int, int]]) -> list[dict[str, Any]]:
    """Packets of each of ``victims`` by protocol of the attack and port, most first."""
    own = found.filter(found.lo.isin(sorted({lo for _, lo in victims})))
    counted = own.group_by(*_VICTIM, "attack", "service").aggregate(
        packets=own.packets.sum().cast("int64"), first=own["at"].min(), last=own["at"].max()
    )
    order = (ibis.desc("packets"), "attack", ibis.asc("service", nulls_first=True))
    rows: list[dict[str, Any]] = counted.order_by(*_VICTIM, *order).to_pyarrow().to_pylist()
    return rows


def destinations(found: ir.Table, victims: list[tuple[int, int]]) -> dict[tuple[int, int], int]:
    """Distinct monitored addresses that each of ``victims`` answered."""
    own = found.filter(found.lo.isin(sorted({lo for _, lo in victims})))
    heads = own.select(*_VICTIM, "dst_hi", "dst_lo")
    more = own.filter(own.dst_more.notnull())
    block = more.dst_lo // BLOCK * BLOCK
    tails = more.select(*_VICTIM, "dst_hi", block=block, low=more.dst_more.unnest())
    low = tails.low.cast("int64") % BLOCK
    tails = tails.select(*_VICTIM, "dst_hi", dst_lo=(tails.block + low).cast("int64"))
    every = heads.union(tails).distinct()
    table = every.group_by(*_VICTIM).aggregate(n=every.count()).to_pyarrow()
    return {(row["hi"], row["lo"]): row["n"] for row in table.to_pylist()}
