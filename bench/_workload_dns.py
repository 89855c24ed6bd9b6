"""Workload N: exchanges of a resolver with its clients, as a capture, dnstap and logs.

Described, not recorded: 20,000 clients, each as busy as 1 / rank; 20,000 names, asked for as
often as 1 / rank, 2 to 4 labels of 3 to 12 letters; A (70 %), AAAA (25 %) and HTTPS (5 %).
A name has one to three addresses, a fifth of the names an alias before them; 15 % of the
queries are for names that do not exist, each asked for once. Every query has EDNS and is
answered after 0.2 to 20 ms; 100,000 queries a second.
"""

from __future__ import annotations

import heapq
import itertools
import random
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

QUERIES_A_SECOND = 100_000
START_US = 1_782_000_000_000_000
SERVER = bytes([192, 0, 2, 53])
OPT = b"\x00\x00\x29\x04\xd0\x00\x00\x00\x00\x00\x00"
TYPES = {"A": 1, "AAAA": 28, "HTTPS": 65}
CONTENT_TYPE = b"protobuf:dnstap.Dnstap"


@dataclass(frozen=True)
class Exchange:
    """A query and its response."""

    asked_us: int
    told_us: int
    client: bytes
    port: int
    name: str
    qtype: str
    exists: bool
    query: bytes
    response: bytes


def _name(chance: random.Random) -> str:
    letters = "abcdefghijklmnopqrstuvwxyz0123456789"
    labels = (
        "".join(chance.choices(letters, k=chance.randint(3, 12)))
        for _ in range(chance.randint(1, 3))
    )
    return ".".join([*labels, chance.choice(("com", "net", "org", "co.jp", "example"))])


def _wire(name: str) -> bytes:
    return b"".join(bytes([len(p)]) + p.encode() for p in name.split(".")) + b"\0"


def _records(kind: int, chance: random.Random) -> list[bytes]:
    """Answers to a question at offset 12."""
    records, owner = [], b"\xc0\x0c"
    if chance.random() < 0.2:
        target = _wire(_name(chance))
        records.append(owner + struct.pack(">HHIH", 5, 1, 300, len(target)) + target)
    size = {1: 4, 28: 16}.get(kind)
    if size is None:
        data = b"\x00\x01\x00\x00\x01\x00\x03\x02h2"
        return [*records, owner + struct.pack(">HHIH", kind, 1, 300, len(data)) + data]
    head = owner + struct.pack(">HHIH", kind, 1, 60, size)
    return records + [head + chance.randbytes(size) for _ in range(chance.randint(1, 3))]


def exchanges(count: int) -> Iterator[Exchange]:
    """So many exchanges, in the order of their queries."""
    chance = random.Random(20261125)
    names = [_name(chance) for _ in range(20_000)]
    weights = list(itertools.accumulate(1 / rank for rank in range(1, 20_001)))
    clients = [bytes([10, *chance.randbytes(3)]) for _ in range(20_000)]
    known: dict[tuple[str, str], tuple[bytes, list[bytes]]] = {}
    whole = 4096
    for begin in range(0, count, whole):
        many = min(whole, count - begin)
        asked = chance.choices(names, cum_weights=weights, k=many)
        askers = chance.choices(clients, cum_weights=weights, k=many)
        kinds = chance.choices(list(TYPES), weights=(70, 25, 5), k=many)
        for at in range(many):
            name, kind = asked[at], kinds[at]
            exists = chance.random() >= 0.15
            if not exists:
                name = f"{chance.getrandbits(48):x}.{name}"
                question, records = _wire(name) + struct.pack(">HH", TYPES[kind], 1), []
            else:
                if (name, kind) not in known:
                    question = _wire(name) + struct.pack(">HH", TYPES[kind], 1)
                    known[name, kind] = question, _records(TYPES[kind], chance)
                question, records = known[name, kind]
            number = chance.getrandbits(16)
            asked_us = START_US + (begin + at) * 1_000_000 // QUERIES_A_SECOND
            bits = 0x8180 if exists else 0x8183
            head = struct.pack(">6H", number, bits, 1, len(records), 0, 1)
            yield Exchange(
                asked_us=asked_us,
                told_us=asked_us + int(200 * 100 ** chance.random()),
                client=askers[at],
                port=chance.randrange(1024, 65536),
                name=name,
                qtype=kind,
                exists=exists,
                query=struct.pack(">6H", number, 0x0100, 1, 0, 0, 1) + question + OPT,
                response=head + question + b"".join(records) + OPT,
            )


def in_order(items: Iterator[Exchange]) -> Iterator[tuple[bool, Exchange]]:
    """(is a response, exchange): messages in the order of their times."""
    waiting: list[tuple[int, int, Exchange]] = []
    for number, item in enumerate(items):
        while waiting and waiting[0][0] <= item.asked_us:
            yield True, heapq.heappop(waiting)[2]
        heapq.heappush(waiting, (item.told_us, number, item))
        yield False, item
    while waiting:
        yield True, heapq.heappop(waiting)[2]


def _frame(response: bool, item: Exchange) -> bytes:
    message = item.response if response else item.query
    ends = (SERVER, item.client) if response else (item.client, SERVER)
    ports = (53, item.port) if response else (item.port, 53)
    udp = struct.pack(">HHHH", *ports, 8 + len(message), 0) + message
    ip = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(udp), 0, 0x4000, 64, 17, 0) + b"".join(ends)
    return b"\x02" * 12 + b"\x08\x00" + ip + udp


def capture(target: Path, count: int) -> int:
    """Write a pcap; the number of packets."""
    packets = 0
    with target.open("wb", buffering=1 << 20) as out:
        out.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
        for response, item in in_order(exchanges(count)):
            frame = _frame(response, item)
            at = divmod(item.told_us if response else item.asked_us, 1_000_000)
            out.write(struct.pack("<IIII", *at, len(frame), len(frame)) + frame)
            packets += 1
    return packets


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes([*out, value])


def _field(number: int, value: int | bytes) -> bytes:
    if isinstance(value, int):
        return _varint(number << 3) + _varint(value)
    return _varint(number << 3 | 2) + _varint(len(value)) + value


def _time(number: int, us: int) -> bytes:
    seconds, micros = divmod(us, 1_000_000)
    fixed = _varint((number + 1) << 3 | 5) + struct.pack("<I", micros * 1000)
    return _field(number, seconds) + fixed


def _tapped(response: bool, item: Exchange) -> bytes:
    message = _field(1, 6 if response else 5) + _field(2, 1) + _field(3, 1)
    message += _field(4, item.client) + _field(5, SERVER) + _field(6, item.port) + _field(7, 53)
    message += _time(8, item.asked_us)
    if response:
        message += _time(12, item.told_us) + _field(14, item.response)
    else:
        message += _field(10, item.query)
    frame = _field(1, b"resolver") + _field(14, message) + _field(15, 1)
    return struct.pack(">I", len(frame)) + frame


def dnstap(target: Path, count: int) -> int:
    """Write a file of dnstap; the number of frames."""
    frames = 0
    start = struct.pack(">III", 2, 1, len(CONTENT_TYPE)) + CONTENT_TYPE
    with target.open("wb", buffering=1 << 20) as out:
        out.write(struct.pack(">II", 0, len(start)) + start)
        for response, item in in_order(exchanges(count)):
            out.write(_tapped(response, item))
            frames += 1
        out.write(struct.pack(">III", 0, 4, 3))
    return frames


def unbound(target: Path, count: int) -> int:
    """Write a log of unbound (queries and replies); the number of lines."""
    lines = 0
    with target.open("w", buffering=1 << 20) as out:
        for response, item in in_order(exchanges(count)):
            us = item.told_us if response else item.asked_us
            client = ".".join(map(str, item.client))
            line = f"[{us // 1_000_000}] unbound[7:0] info: {client} {item.name}. {item.qtype} IN"
            if response:
                rcode = "NOERROR" if item.exists else "NXDOMAIN"
                took = (item.told_us - item.asked_us) / 1e6
                line += f" {rcode} {took:.6f} 0 {len(item.response)}"
            out.write(line + "\n")
            lines += 1
    return lines


def bind(target: Path, count: int) -> int:
    """Write a query log of BIND; the number of lines."""
    lines = 0
    with target.open("w", buffering=1 << 20) as out:
        for item in exchanges(count):
            second, client = item.asked_us // 1_000_000 % 60, ".".join(map(str, item.client))
            out.write(
                f"21-Jun-2026 00:00:{second:02}.{item.asked_us // 1000 % 1000:03} queries: info: "
                f"client @0x7f00 {client}#{item.port} ({item.name}): query: {item.name} IN "
                f"{item.qtype} +E(0) (192.0.2.53)\n"
            )
            lines += 1
    return lines
