"""Flow records as text: columns by their header, flags as letters, protocols by name."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from kaname.readers.frame import ReadJob
from kaname.readers.lines import lines

__all__ = ["delimited", "flag_bits", "header_of", "proto_of", "seconds_us"]

Known = Callable[[Sequence[str]], bool]

_BITS = {letter: 1 << bit for bit, letter in enumerate("FSRPAUEC")}
_PROTOCOLS = {
    "icmp": 1, "igmp": 2, "ipip": 4, "tcp": 6, "egp": 8, "udp": 17, "rtp": 17, "rtcp": 17,
    "udt": 17, "dccp": 33, "ipv6": 41, "rsvp": 46, "gre": 47, "esp": 50, "ah": 51, "icmp6": 58,
    "ipv6-icmp": 58, "icmpv6": 58, "eigrp": 88, "ospf": 89, "ospfigp": 89, "pim": 103,
    "vrrp": 112, "l2tp": 115, "sctp": 132, "udplite": 136,
}  # fmt: skip


def flag_bits(text: str) -> int:
    """TCP flags written as letters (``S.A``, ``.AP.SF``) or as a number; what is else is 0."""
    plain = text.strip()
    if plain.lower().startswith("0x"):
        try:
            return int(plain, 16) & 0xFF
        except ValueError:
            return 0
    return sum({_BITS[letter] for letter in plain.upper() if letter in _BITS})


def proto_of(text: str) -> int | None:
    """The number of an IP protocol by name or number; None for what is not IP (``arp``)."""
    plain = text.strip().lower()
    if plain.isdigit():
        return int(plain) if int(plain) < 256 else None
    return _PROTOCOLS.get(plain)


def seconds_us(text: str) -> int:
    """Seconds, with digits behind a point, as microseconds; what is none is 0."""
    try:
        return max(0, round(float(text) * 1_000_000))
    except (ValueError, OverflowError):
        return 0


def header_of(line: str, delimiter: str) -> list[str]:
    """The names in a header line, in lower case."""
    return [name.strip().lower() for name in line.rstrip("\r\n").split(delimiter)]


def delimited(
    job: ReadJob, known: Known, delimiter: str, *, until: str | None = None
) -> Iterator[tuple[int, dict[str, str]]]:
    """(offset, values by column) of every line behind the header that is ``known``.

    A line with other than the header's number of values is ``malformed``. Reading stops
    at a line that is ``until``; a header may come again.
    """
    names: list[str] | None = None
    for offset, line in lines(job):
        if until is not None and line.strip() == until:
            return
        found = header_of(line, delimiter)
        if known(found):
            names = found
        elif names is not None and line.strip():
            if len(found) == len(names):
                values = (value.strip() for value in line.split(delimiter))
                yield offset, dict(zip(names, values, strict=True))
            else:
                reason = f"{len(found)} values for {len(names)} columns"
                job.report.bad(offset, "malformed", reason, line.encode()[:64])
