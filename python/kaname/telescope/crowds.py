"""Crowds: many sources that send to one address and port, and nowhere else on that port.

A scanner walks over addresses; a crowd stands before one. Where its members send one SYN
each and nothing after it, their addresses are forged (a flood whose target happens to lie
in the darknet); where they send the same first bytes again and again, they are peers that
an index or a wrong setting sends to an address that is not there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import ibis

from kaname.telescope.families import FAMILIES
from kaname.telescope.traffic import octet

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from kaname.telescope.traffic import Extent

__all__ = ["Crowd", "among", "crowds", "focused_on", "members", "without"]

_KNOWN = [n for n, f in enumerate(FAMILIES) if f.ptypes in (("tcp_syn",), ("udp",))]
_PAIR = ("proto", "port", "dst_hi", "dst_lo")
_SOURCE = ("src_hi", "src_lo")
LIFT = 10.0  # times as many sources as an address gets on that port on average
SINGLE = 0.8  # share of members with one packet, from which on it is a flood
FORGED = 0.05  # share of members that no router forwards, or whose TTL no system has
ODD_TTL = (130, 199)  # TTL at the telescope that takes more than 55 hops from 255
PURE = 0.5  # share of members with the commonest first bytes, from which on it is P2P


@dataclass(frozen=True, slots=True)
class Crowd:
    """``sources`` that stand before one address and port; times in seconds."""

    proto: int
    port: int
    dst_hi: int
    dst_lo: int
    sources: int
    packets: int
    singles: int
    octets: int  # distinct first octets of the sources
    unroutable: int  # sources that no router forwards
    odd: int  # sources with a TTL of `ODD_TTL`
    alike: int  # sources with the commonest first bytes
    lift: float
    first: int
    last: int

    @property
    def single(self) -> float:
        """Share of members that sent one packet."""
        return self.singles / self.sources

    @property
    def pure(self) -> float:
        """Share of members that begin with the commonest bytes."""
        return self.alike / self.sources

    @property
    def spread(self) -> float:
        """First octets seen, per octets that as many uniform addresses would show."""
        return self.octets / (256 * (1 - (1 - 1 / 256) ** self.sources))

    @property
    def forged(self) -> bool:
        """Whether members are what no host could be.

        Of addresses drawn at random an eighth is never routed, and of TTLs drawn at random
        a quarter is above what begins with 128 and below what is left of 255.
        """
        return max(self.unroutable, self.odd) >= FORGED * self.sources

    @property
    def label(self) -> str:
        """What the crowd is: forged sources, or peers that were told a wrong address."""
        single = self.single >= SINGLE
        if self.proto == 17:
            single = single and (self.pure < PURE or self.forged)
        return "spoofed_flood" if single else "p2p_misconf"


def crowds(rows: ir.Table, extent: Extent, least: int) -> list[Crowd]:
    """All crowds of ``least`` sources in ``rows`` (of `dark`), ordered by what they face."""
    focused = _focused(rows)
    pairs = _pairs(focused)
    total = pairs.sources.sum().over(ibis.window(group_by=("proto", "port")))
    # lift = sources / (sources on that port, per monitored address)
    lift = pairs.sources * float(max(1, extent.addresses)) / total.cast("float64")
    found = (
        pairs.mutate(lift=lift)
        .filter(lambda t: (t.sources >= least) & (t.lift >= LIFT))
        .join(_alike(focused), _PAIR)
    )
    columns = tuple(Crowd.__dataclass_fields__)
    table = found.select(*columns).order_by(_PAIR).to_pyarrow()
    return [Crowd(**row) for row in table.to_pylist()]


def _focused(rows: ir.Table) -> ir.Table:
    """Sources that sent to one address on a port: one row per source and port."""
    known = rows.filter(rows.family.isin(_KNOWN))
    per = known.group_by(*_SOURCE, "proto", "port").aggregate(
        packets=known.packets.sum().cast("int64"),
        first=known["at"].min(),
        last=known["at"].max(),
        dst_hi=known.dst_hi.min(),
        dst_lo=known.dst_lo.min(),
        dst_end=known.dst_lo.max(),
        widest=known.uniq_dst.max(),
        pay=known.pay_first.min(),
        ttl=known.ttl_mode.min(),
    )
    return per.filter((per.dst_lo == per.dst_end) & (per.widest == 1))


def _pairs(focused: ir.Table) -> ir.Table:
    first = octet(focused.src_lo)
    return focused.group_by(*_PAIR).aggregate(
        sources=focused.count(),
        packets=focused.packets.sum().cast("int64"),
        singles=(focused.packets == 1).cast("int64").sum().cast("int64"),
        octets=first.nunique(where=focused.src_hi == 0),
        unroutable=_unroutable(focused).cast("int64").sum().cast("int64"),
        odd=focused.ttl.between(*ODD_TTL).cast("int64").sum().cast("int64"),
        first=focused["first"].min(),
        last=focused["last"].max(),
    )


def _alike(focused: ir.Table) -> ir.Table:
    kinds = focused.group_by(*_PAIR, "pay").aggregate(members=focused.count())
    return kinds.group_by(*_PAIR).aggregate(alike=kinds.members.max())


def _unroutable(rows: ir.Table) -> ir.BooleanValue:
    """IPv4 sources of 0/8, 10/8, 127/8, 169.254/16, 192.168/16 and 224/3 and above."""
    first = octet(rows.src_lo)
    two = rows.src_lo // (1 << 16) % (1 << 16)
    reserved = first.isin((0, 10, 127)) | (first >= 224)
    return (rows.src_hi == 0) & (reserved | two.isin((0xA9FE, 0xC0A8)))


def _faces(rows: ir.Table, found: list[Crowd]) -> ir.BooleanValue:
    """Whether a row goes to one of the crowds' addresses, on its port."""
    faces: ir.BooleanValue = ibis.literal(False)
    for crowd in found:
        service = (rows.proto == crowd.proto) & (rows.port == crowd.port)
        address = (rows.dst_hi == crowd.dst_hi) & (rows.dst_lo == crowd.dst_lo)
        faces = faces | (service & address & rows.family.isin(_KNOWN) & (rows.uniq_dst == 1))
    return faces


def without(rows: ir.Table, found: list[Crowd]) -> ir.Table:
    """``rows`` less those of the crowds."""
    return rows.filter(~_faces(rows, found)) if found else rows


def among(rows: ir.Table, found: list[Crowd]) -> ir.Table:
    """The rows that `without` leaves out."""
    return rows.filter(_faces(rows, found))


def focused_on(rows: ir.Table, found: list[Crowd]) -> ir.Table:
    """The members of the crowds: ``src_hi``, ``src_lo``, ``proto`` and ``port``."""
    focused = _focused(rows)
    faces: ir.BooleanValue = ibis.literal(False)
    for crowd in found:
        service = (focused.proto == crowd.proto) & (focused.port == crowd.port)
        address = (focused.dst_hi == crowd.dst_hi) & (focused.dst_lo == crowd.dst_lo)
        faces = faces | (service & address)
    return focused.filter(faces).select(*_SOURCE, "proto", "port")


def members(rows: ir.Table, crowd: Crowd) -> list[dict[str, Any]]:
    """The sources of a crowd with their packets, the busiest first."""
    service = rows.filter((rows.proto == crowd.proto) & (rows.port == crowd.port))
    focused = _focused(service)
    own = focused.filter((focused.dst_hi == crowd.dst_hi) & (focused.dst_lo == crowd.dst_lo))
    ordered = own.order_by(ibis.desc("packets"), *_SOURCE)
    return list(ordered.select(*_SOURCE, "packets").to_pyarrow().to_pylist())
