"""Probes: contacts that came to nothing, from what flow records tell of their end.

A TCP record is a probe when only SYNs, or SYNs and resets, were sent, when the format
says that the connection was not answered or refused, or when a record of both directions
has nothing in the other. A UDP record is one only in the last case, since one-way records
cannot tell silence.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import ibis

from kaname.traffic.flows import columns, within

if TYPE_CHECKING:
    import ibis.expr.types as ir

__all__ = [
    "PROBE_SQL",
    "Widths",
    "block",
    "contacts",
    "horizontal",
    "outcomes",
    "probes",
    "vertical",
]

_FLAGS = 63
_SYN_ONLY, _SYN_RESET = 2, 6
# Zeek: attempt without answer, refused, reset while opening, half-open ones
FAILED = ("S0", "REJ", "RSTOS0", "RSTRH", "SH", "SHR")

PROBE_SQL = (
    f"((proto = 6 AND (tcp_bits & {_FLAGS}) IN ({_SYN_ONLY}, {_SYN_RESET}))"
    f" OR coalesce(state, '') IN ({', '.join(repr(s) for s in FAILED)})"
    " OR (proto IN (6, 17) AND state IS NOT NULL AND packets_rev = 0))"
)


@dataclass(frozen=True, slots=True)
class Widths:
    """From how many distinct hosts, ports, or both on, contacts are a scan."""

    hosts: int
    ports: int
    block_hosts: int
    block_ports: int


def contacts(table: ir.Table, start: int, end: int) -> ir.Table:
    """TCP and UDP records with ``us`` and ``failed`` (1: a probe)."""
    rows = within(table, start, end)
    asked = rows.filter(rows.proto.isin([6, 17]))
    state = asked.state.cast("string")
    bits = asked.tcp_bits.cast("int64") & _FLAGS
    syn = (asked.proto == 6) & bits.isin([_SYN_ONLY, _SYN_RESET])
    refused = ibis.coalesce(state, "").isin(FAILED)
    silent = state.notnull() & (asked.packets_rev == 0)
    return asked.select(
        "src_hi",
        "src_lo",
        "dst_hi",
        "dst_lo",
        "us",
        port=asked.dport.cast("int64"),
        proto=asked.proto.cast("int64"),
        failed=(syn | refused | silent).cast("int64"),
    )


def probes(rows: ir.Table) -> ir.Table:
    """Only the contacts that failed."""
    return rows.filter(rows.failed == 1)


def horizontal(rows: ir.Table, hosts: int) -> dict[str, Any]:
    """Sources that probe one port of ``hosts`` or more, by source and port."""
    key = ("src_hi", "src_lo", "proto", "port")
    counted = rows.group_by(*key).aggregate(**_spread(rows))
    return columns(counted.filter(counted.hosts >= hosts).order_by(*key))


def vertical(rows: ir.Table, ports: int) -> dict[str, Any]:
    """Sources that probe ``ports`` or more of one host, by source and host."""
    key = ("src_hi", "src_lo", "dst_hi", "dst_lo")
    counted = rows.group_by(*key).aggregate(**_spread(rows))
    return columns(counted.filter(counted.ports >= ports).order_by(*key))


def block(rows: ir.Table, hosts: int, ports: int) -> dict[str, Any]:
    """Sources that probe many ports of many hosts, by source."""
    key = ("src_hi", "src_lo")
    counted = rows.group_by(*key).aggregate(**_spread(rows))
    wide = (counted.hosts >= hosts) & (counted.ports >= ports)
    return columns(counted.filter(wide).order_by(*key))


def _spread(rows: ir.Table) -> dict[str, ir.Scalar]:
    return {
        "hosts": rows.dst_lo.nunique(),
        "ports": rows.port.nunique(),
        "tries": rows.count(),
        "first": rows.us.min(),
        "last": rows.us.max(),
        "lowest": rows.port.min(),
        "highest": rows.port.max(),
    }


def outcomes(rows: ir.Table, least: int) -> dict[str, Any]:
    """First contacts of each source with each host, in order of time.

    Only of sources that failed with ``least`` hosts. Columns: source, us, failed (1 when
    no contact with the host came about).
    """
    pairs = rows.group_by("src_hi", "src_lo", "dst_hi", "dst_lo").aggregate(
        us=rows.us.min(), failed=rows.failed.min()
    )
    by_source = pairs.group_by("src_hi", "src_lo").aggregate(bad=pairs.failed.sum())
    many = by_source.filter(by_source.bad >= least).select("src_hi", "src_lo")
    own = pairs.semi_join(many, ["src_hi", "src_lo"])
    ordered = own.order_by("src_hi", "src_lo", "us", "dst_hi", "dst_lo")
    return columns(ordered.select("src_hi", "src_lo", "us", "failed"))
