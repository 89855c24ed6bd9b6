"""Means of attack, and how a flow record shows that it may be part of one.

A record belongs to the first vector whose marks it bears; what bears none is ordinary
traffic. For amplifiers the mark is the source port together with a mean packet size that
answers to ordinary questions do not have. Sizes are those of IP packets.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import ibis

if TYPE_CHECKING:
    import ibis.expr.types as ir

__all__ = ["BY_NAME", "FRAGMENTS", "VECTORS", "Vector", "code_of"]

_TCP, _UDP = 6, 17
_FLAGS = 63  # without ECE and CWR
DIRECT, REFLECTED = "T1498.001", "T1498.002"


@dataclass(frozen=True, slots=True)
class Vector:
    """One means: marks of a record, and what makes many of them an attack.

    ``least`` and ``most`` bound the mean packet size (octets; 0: no bound), ``few`` the
    packets of a record. ``sources`` must take part. ``answered``: it is no attack where most
    comes from hosts to which the target sends too, since then it was asked for.
    """

    name: str
    label: str
    protocols: tuple[int, ...] = ()
    sports: tuple[int, ...] = ()
    dport: int | None = None
    bits: tuple[int, ...] = ()
    least: int = 0
    most: int = 0
    few: int = 0
    sources: int = 1
    answered: bool = True

    @property
    def reflected(self) -> bool:
        """Whether the sources are third parties that were asked in the target's name."""
        return self.label in {"amplification", "synack_reflection"}

    @property
    def technique(self) -> str:
        """MITRE ATT&CK."""
        return REFLECTED if self.reflected else DIRECT

    @property
    def forged(self) -> bool:
        """Whether sources may be forged: nothing needs to come back to them."""
        return not self.reflected

    def marks(self, rows: ir.Table) -> ir.BooleanValue:
        """Whether rows of `kaname.traffic.flows.directed` bear the marks."""
        parts = [rows.packets > 0]
        if self.protocols:
            parts.append(rows.proto.isin(self.protocols))
        if self.sports:
            parts.append(rows.sport.isin(self.sports))
        if self.dport is not None:
            parts.append(rows.dport == self.dport)
        if self.bits:
            parts.append((rows.tcp_bits & _FLAGS).isin(self.bits))
        if self.least:
            parts.append(rows.octets >= rows.packets * self.least)
        if self.most:
            parts.append(rows.octets <= rows.packets * self.most)
        if self.few:
            parts.append(rows.seen <= self.few)
        return ibis.and_(*parts)

    @property
    def sql(self) -> str:
        """The same marks as a condition on the table ``flows``."""
        parts = ["packets > 0"]
        if self.protocols:
            parts.append(f"proto IN ({', '.join(map(str, self.protocols))})")
        if self.sports:
            parts.append(f"sport IN ({', '.join(map(str, self.sports))})")
        if self.dport is not None:
            parts.append(f"dport = {self.dport}")
        if self.bits:
            parts.append(f"(tcp_bits & {_FLAGS}) IN ({', '.join(map(str, self.bits))})")
        if self.least:
            parts.append(f"octets >= packets * {self.least}")
        if self.most:
            parts.append(f"octets <= packets * {self.most}")
        if self.few:
            parts.append(f"packets <= {self.few}")
        return " AND ".join(parts)


def _amplifier(name: str, least: int, *ports: int) -> Vector:
    return Vector(name, "amplification", (_UDP,), ports, least=least, sources=3)


_REFLECTORS = 20  # hosts that must answer before it is a reflection of SYN-ACKs
_MANY = 20  # sources of a flood in which each sends little

VECTORS: tuple[Vector, ...] = (
    _amplifier("dns", 300, 53),
    _amplifier("ntp", 200, 123),  # monlist 468, mode 6 above 200; time itself 76
    _amplifier("snmp", 250, 161),
    _amplifier("cldap", 300, 389),
    _amplifier("ssdp", 200, 1900),
    _amplifier("memcached", 500, 11211),
    _amplifier("chargen", 100, 19),
    _amplifier("qotd", 60, 17),
    _amplifier("portmap", 80, 111),
    _amplifier("netbios", 150, 137),
    _amplifier("rip", 150, 520),
    _amplifier("isakmp", 150, 500, 4500),
    _amplifier("wsd", 300, 3702),
    _amplifier("mdns", 150, 5353),
    _amplifier("ubiquiti", 100, 10001),
    _amplifier("dvr", 100, 37810),
    _amplifier("tftp", 200, 69),
    _amplifier("mssql", 100, 1434),
    _amplifier("source_engine", 200, 27015),
    Vector("quic_reflection", "amplification", (_UDP,), sports=(443,), least=1000, sources=_MANY),
    Vector("fragments", "fragments", (_TCP, _UDP), sports=(0,), dport=0),
    Vector("syn", "syn_flood", (_TCP,), bits=(2,), answered=False),
    Vector("synack", "synack_reflection", (_TCP,), bits=(18,), sources=_REFLECTORS),
    Vector("rst", "tcp_flood", (_TCP,), bits=(4, 20), sources=_MANY),
    Vector("ack", "tcp_flood", (_TCP,), bits=(16, 24), most=100, few=3, sources=_MANY),
    Vector("tcp_odd_flags", "tcp_flood", (_TCP,), bits=(1, 8, 32, 40, 41, 63), sources=3),
    Vector("icmp", "icmp_flood", (1, 58), answered=False),
    Vector("quic", "udp_flood", (_UDP,), dport=443),
    Vector("udp", "udp_flood", (_UDP,)),
    Vector("gre", "ip_flood", (47,)),
)
BY_NAME = {vector.name: number for number, vector in enumerate(VECTORS)}
FRAGMENTS = BY_NAME["fragments"]


def code_of(rows: ir.Table) -> ir.IntegerValue:
    """The number of the first vector whose marks a row bears; -1 where it bears none.

    Amplifiers, which come first and differ by port and size alone, are looked up; an
    expression with a branch for each takes longer to translate than to run.
    """
    ports = [(port, n) for n, v in enumerate(VECTORS) if _looked_up(v) for port in v.sports]
    number = rows.sport.cases(*ports, else_=-1)
    least = rows.sport.cases(*((port, VECTORS[n].least) for port, n in ports), else_=0)
    amplified = (rows.proto == _UDP) & (number >= 0) & (rows.octets >= rows.packets * least)
    others = [(v.marks(rows), n) for n, v in enumerate(VECTORS) if not _looked_up(v)]
    found = ibis.cases((amplified & (rows.packets > 0), number), *others, else_=-1)
    return found.cast("int64")


def _looked_up(vector: Vector) -> bool:
    return vector.label == "amplification"
