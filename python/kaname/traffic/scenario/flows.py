"""The border router's flow records, as NetFlow version 9 (RFC 3954)."""

from __future__ import annotations

import ipaddress
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from kaname.traffic.scenario.cast import DAY, HOUR, SECOND, Cast
from kaname.traffic.scenario.packets import write_datagrams

__all__ = ["Flow", "flows", "write"]

MINUTE = 60 * SECOND
# Type and length of the fields of template 256 (RFC 3954, section 8).
_FIELDS = ((1, 8), (2, 8), (4, 1), (6, 1), (7, 2), (8, 4), (11, 2), (12, 4), (21, 4), (22, 4))
_RECORD = struct.Struct(">QQBBH4sH4sII")
_MOST = 24  # records that fit a datagram


@dataclass(frozen=True, slots=True, order=True)
class Flow:
    """A flow in one direction; instants in microseconds."""

    end: int
    first: int
    src: str
    dst: str
    sport: int
    dport: int
    proto: int
    bits: int
    packets: int
    octets: int


def write(path: Path, cast: Cast) -> int:
    """Write the capture; gives the number of flows."""
    found = sorted(flows(cast))
    write_datagrams(
        path, _datagrams(found, cast.start - DAY), sender=cast.router, receiver="10.20.0.90",
        port=2055,
    )  # fmt: skip
    return len(found)


def flows(cast: Cast) -> Iterator[Flow]:
    """All flows of the day, part by part."""
    yield from _browsing(cast)
    yield from _beacon(cast)
    yield from _scan(cast)
    yield from _flood(cast)
    yield from _amplifier(cast)


def _browsing(cast: Cast) -> Iterator[Flow]:
    chance = cast.chance("browsing")
    for person in cast.people:
        for at in cast.office(chance, 140):
            server = f"203.0.113.{chance.randrange(100, 240)}"
            port, sport = chance.choice((443, 443, 443, 80)), chance.randrange(32768, 61000)
            asked, given = chance.randrange(5, 40), chance.randrange(8, 400)
            end = at + chance.randrange(1, 90) * SECOND
            yield Flow(end, at, person.address, server, sport, port, 6, 0x1B, asked, asked * 90)
            yield Flow(end, at, server, person.address, port, sport, 6, 0x1B, given, given * 1100)


def _beacon(cast: Cast) -> Iterator[Flow]:
    """Every five minutes, 10 % either way, from the click on."""
    chance = cast.chance("beacon")
    at = cast.clicked + 3 * MINUTE
    me, there = cast.victim.address, cast.controller
    while at < cast.start + DAY:
        sport, end = chance.randrange(32768, 61000), at + 2 * SECOND
        yield Flow(end, at, me, there, sport, 443, 6, 0x1B, 9, 1180 + chance.randrange(40))
        yield Flow(end, at, there, me, 443, sport, 6, 0x1B, 8, 940 + chance.randrange(40))
        at += int(5 * MINUTE * chance.uniform(0.9, 1.1))


def _scan(cast: Cast) -> Iterator[Flow]:
    """One workstation looks for file shares in two networks of the house."""
    chance = cast.chance("scan")
    at = cast.start + 5 * HOUR
    for net in (2, 3):
        for host in range(1, 255):
            at += chance.randrange(SECOND // 10, SECOND)
            sport = chance.randrange(49152, 65535)
            target = f"10.20.{net}.{host}"
            yield Flow(at, at, cast.scanner.address, target, sport, 445, 6, 0x02, 1, 52)


def _flood(cast: Cast) -> Iterator[Flow]:
    """NTP amplification upon the web server: monlist answers of 468 bytes."""
    chance = cast.chance("flood")
    begun, ended = cast.flood
    sources = [f"192.0.2.{n}" for n in range(1, 255)]
    for minute in range(begun, ended, MINUTE):
        for source in sources:
            packets = chance.randrange(300, 900)
            at = minute + chance.randrange(10 * SECOND)
            yield Flow(
                at + 45 * SECOND, at, source, cast.web, 123, 80, 17, 0, packets, packets * 468
            )


def _amplifier(cast: Cast) -> Iterator[Flow]:
    """The house's time server answers strangers with twenty times what they ask."""
    chance = cast.chance("amplifier")
    for at in range(cast.start + 3 * HOUR, cast.start + 4 * HOUR, 20 * SECOND):
        peer, sport = f"203.0.113.{chance.randrange(1, 60)}", chance.randrange(1024, 65535)
        asked = chance.randrange(20, 60)
        yield Flow(at, at, peer, cast.clock, sport, 123, 17, 0, asked, asked * 90)
        yield Flow(at, at, cast.clock, peer, 123, sport, 17, 0, asked * 5, asked * 5 * 468)


def _datagrams(ordered: list[Flow], boot: int) -> Iterator[tuple[int, bytes]]:
    """Flows that ended in a minute leave at its end; every datagram brings the template."""
    sequence = 0
    for minute, group in groupby(ordered, key=lambda flow: flow.end // MINUTE):
        at, own = (minute + 1) * MINUTE, list(group)
        for n in range(0, len(own), _MOST):
            some = own[n : n + _MOST]
            head = struct.pack(
                ">HHIIII", 9, 1 + len(some), (at - boot) // 1000, at // SECOND, sequence, 7
            )
            yield at + n, head + _template() + _data(some, boot)
            sequence += 1


def _template() -> bytes:
    fields = b"".join(struct.pack(">HH", *field) for field in _FIELDS)
    return struct.pack(">HHHH", 0, 8 + len(fields), 256, len(_FIELDS)) + fields


def _data(some: list[Flow], boot: int) -> bytes:
    body = b"".join(_record(flow, boot) for flow in some)
    body += bytes(-len(body) % 4)
    return struct.pack(">HH", 256, 4 + len(body)) + body


def _record(flow: Flow, boot: int) -> bytes:
    ends = [ipaddress.ip_address(each).packed for each in (flow.src, flow.dst)]
    last, first = ((each - boot) // 1000 for each in (flow.end, flow.first))
    return _RECORD.pack(
        flow.octets, flow.packets, flow.proto, flow.bits, flow.sport, ends[0], flow.dport, ends[1],
        last, first,
    )  # fmt: skip
