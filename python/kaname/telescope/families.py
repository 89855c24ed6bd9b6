"""Families of flowtuples: what one row says of the program that sent its packets.

A source may do several things at once (many hosts behind one translated address), so
labels are given to activities: the rows of one source in one family. Every family is a
set of packet types and of fingerprint bits that must, or must not, hold for all packets
of the row; the same rules are said to an engine (Ibis) and to a person (SQL).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ibis.expr.types as ir

__all__ = ["ASKING_TCP", "BY_NAME", "FAMILIES", "Family", "Mark", "any_of", "family_of"]


class Mark:
    """Bits of ``fp_all`` and ``fp_any``; defined by the reader of packet captures."""

    MIRAI = 1
    MASSCAN = 2
    ZMAP2 = 4
    ZMAP4 = 8
    ZMAP4_CLOCK = 16
    PROBE = 32  # window 1024..4096, MSS only: as nmap sends
    SAME_SEQ = 64
    SAME_SPORT = 128
    DF = 1024
    OPTIONS = 2048
    RETRANSMISSION = 4096
    MISQUOTED = 8192  # an ICMP error about a packet that its receiver did not send


_TOOLS = Mark.MIRAI | Mark.MASSCAN | Mark.ZMAP2 | Mark.ZMAP4 | Mark.PROBE
_SYN = ("tcp_syn",)


@dataclass(frozen=True, slots=True)
class Family:
    """Rows of ``ptypes`` whose packets all have the bits ``has`` and share none of ``lacks``.

    ``ttl``: bounds of the commonest TTL, where the initial value of the system matters.
    """

    name: str
    ptypes: tuple[str, ...]
    has: int = 0
    lacks: int = 0
    ttl: tuple[int, int] | None = None

    @property
    def sql(self) -> str:
        """The condition on a row of ``flowtuples``."""
        kinds = ", ".join(f"'{ptype}'" for ptype in self.ptypes)
        parts = [f"ptype IN ({kinds})" if len(self.ptypes) > 1 else f"ptype = {kinds}"]
        if self.has or self.lacks:
            parts.append(f"(fp_all & {self.has | self.lacks}) = {self.has}")
        if self.ttl:
            parts.append(f"ttl_mode BETWEEN {self.ttl[0]} AND {self.ttl[1]}")
        return " AND ".join(parts)

    def holds(self, rows: ir.Table) -> ir.BooleanValue:
        """The same condition as an expression."""
        fits: ir.BooleanValue = rows.ptype.isin(self.ptypes)
        if self.has or self.lacks:
            fits = fits & ((rows.fp_all & (self.has | self.lacks)) == self.has)
        return fits & rows.ttl_mode.between(*self.ttl) if self.ttl else fits


# Disjoint by their bits; the position is the number that engines see.
FAMILIES: tuple[Family, ...] = (
    Family("mirai", _SYN, Mark.MIRAI),
    Family("masscan", _SYN, Mark.MASSCAN, Mark.MIRAI),
    Family("zmap2", _SYN, Mark.ZMAP2, Mark.MIRAI | Mark.MASSCAN),
    Family("zmap4", _SYN, Mark.ZMAP4, Mark.MIRAI | Mark.MASSCAN),
    Family("probe", _SYN, Mark.PROBE, Mark.MIRAI | Mark.MASSCAN),
    # As a kernel sends. Two systems behind one translated address differ in their TTL:
    # 64 at first for Linux and its kin, 128 for Windows.
    Family("stack", _SYN, Mark.OPTIONS | Mark.DF, _TOOLS, (0, 64)),
    Family("windows", _SYN, Mark.OPTIONS | Mark.DF, _TOOLS, (65, 255)),
    Family("dressed", _SYN, Mark.OPTIONS, _TOOLS | Mark.DF),  # options that no kernel sends
    Family("bare", _SYN, 0, _TOOLS | Mark.OPTIONS),  # raw sockets
    Family("answer", ("tcp_synack", "tcp_rst")),
    Family("segment", ("tcp_ack", "tcp_other")),
    Family("udp", ("udp",)),
    Family("udp_answer", ("udp_answer",)),
    Family("echo", ("icmp_echo_request",)),
    Family(
        "icmp_error",
        (
            "icmp_unreachable",
            "icmp_time_exceeded",
            "icmp_source_quench",
            "icmp_redirect",
            "icmp_parameter",
        ),
    ),
    Family("icmp_answer", ("icmp_echo_reply", "icmp_other")),
    Family("other", ("fragment", "other_ip")),
)

ASKING_TCP: tuple[str, ...] = tuple(f.name for f in FAMILIES if f.ptypes == _SYN)
"""Families of programs that begin a connection."""

BY_NAME: dict[str, int] = {family.name: number for number, family in enumerate(FAMILIES)}


def family_of(rows: ir.Table) -> ir.IntegerValue:
    """The number of the family of each row; that of ``other`` where none fits."""
    import ibis

    branches = [(family.holds(rows), number) for number, family in enumerate(FAMILIES)]
    return ibis.cases(*branches, else_=BY_NAME["other"]).cast("int16")


def any_of(names: tuple[str, ...]) -> str:
    """The SQL condition that a row is in one of the families ``names``."""
    return "(" + " OR ".join(f"({FAMILIES[BY_NAME[name]].sql})" for name in names) + ")"
