"""A slow second opinion: flowtuples of an Ethernet pcap by `struct` and dictionaries.

It shares no code with the reader and follows the definition of the table only. IPv4 over
Ethernet with VLAN tags; what it does not know it leaves out.
"""

from __future__ import annotations

import collections
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

SYN, RST, ACK, FIN = 2, 4, 16, 1
TCP_KINDS = {2: "tcp_syn", 18: "tcp_synack"}
ICMP_KINDS = {
    0: "icmp_echo_reply",
    3: "icmp_unreachable",
    4: "icmp_source_quench",
    5: "icmp_redirect",
    8: "icmp_echo_request",
    11: "icmp_time_exceeded",
    12: "icmp_parameter",
}

Key = tuple[int, int, int, int, int, str]


@dataclass
class Packet:
    """What one packet says."""

    number: int
    offset: int
    ts_us: int
    src: int
    dst: int
    proto: int
    ttl: int
    length: int
    ptype: str
    port: int
    sport: int | None = None
    seq: int | None = None
    window: int = 0

    @property
    def key(self) -> Key:
        minute = self.ts_us // 60_000_000
        return (minute, self.src, self.dst >> 8, self.port, self.proto, self.ptype)


@dataclass
class Row:
    """One flowtuple."""

    packets: list[Packet] = field(default_factory=list)

    def columns(self) -> dict[str, object]:
        first = self.packets[0]
        destinations = {p.dst & 255 for p in self.packets}
        ttls = collections.Counter(p.ttl for p in self.packets)
        most = max(ttls.values())
        return {
            "row_in_src": first.offset,
            "dst_lo": 0xFFFF << 32 | first.dst,
            "dst_more": sorted(destinations - {first.dst & 255}) or None,
            "uniq_dst": len(destinations),
            "packets": len(self.packets),
            "octets": sum(p.length for p in self.packets),
            "uniq_sport": len({p.sport for p in self.packets if p.sport is not None}),
            "ttl_mode": min(ttl for ttl, count in ttls.items() if count == most),
            "win_first": first.window,
            "first_s": first.ts_us // 1_000_000 % 60,
        }


def records(data: bytes) -> Iterator[tuple[int, int, int, bytes]]:
    """(offset, microseconds, length on the wire, bytes) of a little-endian pcap."""
    at = 24
    while at + 16 <= len(data):
        seconds, micros, captured, wire = struct.unpack_from("<IIII", data, at)
        yield at, seconds * 1_000_000 + micros, wire, data[at + 16 : at + 16 + captured]
        at += 16 + captured


def packets(data: bytes) -> Iterator[Packet]:
    """The IPv4 packets of a capture."""
    for number, (offset, ts_us, wire, frame) in enumerate(records(data)):
        at = 12
        while frame[at : at + 2] in {b"\x81\x00", b"\x88\xa8"}:
            at += 4
        if frame[at : at + 2] != b"\x08\x00":
            continue
        packet = _ipv4(number, offset, ts_us, frame[at + 2 :], wire - at - 2)
        if packet is not None:
            yield packet


def _ipv4(number: int, offset: int, ts_us: int, ip: bytes, wire: int) -> Packet | None:
    if len(ip) < 20 or ip[0] >> 4 != 4 or ip[0] & 15 < 5:
        return None
    _, _, length, _, fragment, ttl, proto, _, src, dst = struct.unpack_from(">BBHHHBBHII", ip)
    header = (ip[0] & 15) * 4
    if not header <= length <= wire:
        return None
    packet = Packet(number, offset, ts_us, src, dst, proto, ttl, length, "other_ip", 0)
    if fragment & 0x1FFF:
        packet.ptype = "fragment"
    else:
        _transport(packet, ip[header:length])
    return packet


def _transport(packet: Packet, body: bytes) -> None:
    if packet.proto == 6 and len(body) >= 4:
        header = body[:20].ljust(20, b"\0")  # a short one is kept with what is there
        sport, dport, seq, _, _, flags, window = struct.unpack_from(">HHIIBBH", header)
        packet.sport, packet.seq, packet.window = sport, seq, window
        packet.ptype = _tcp(flags & 0x3F)
        packet.port = sport if packet.ptype in {"tcp_rst", "tcp_synack"} else dport
    elif packet.proto == 6:
        packet.ptype = "tcp_other"
    elif packet.proto == 17 and len(body) >= 4:
        packet.sport, dport = struct.unpack_from(">HH", body)
        answer = dport >= 1024 and _answers(packet.sport, body[8:])
        packet.ptype = "udp_answer" if answer else "udp"
        packet.port = packet.sport if answer else dport
    elif packet.proto == 17:
        packet.ptype = "udp"
    elif packet.proto == 1 and len(body) >= 2:
        packet.ptype = ICMP_KINDS.get(body[0], "icmp_other")
        packet.port = body[0] * 256 + body[1]


def _tcp(flags: int) -> str:
    if flags & RST:
        return "tcp_rst"
    if flags in TCP_KINDS:
        return TCP_KINDS[flags]
    return "tcp_ack" if not flags & SYN and (flags & ACK or flags == FIN) else "tcp_other"


def _answers(sport: int, payload: bytes) -> bool:
    if sport == 53:
        return len(payload) > 2 and payload[2] & 0x80 != 0
    if sport == 123:
        return len(payload) > 0 and payload[0] & 7 == 4
    return False


def flowtuples(data: bytes) -> dict[Key, dict[str, object]]:
    """The flowtuples of a capture whose packets are not late."""
    rows: dict[Key, Row] = collections.defaultdict(Row)
    for packet in packets(data):
        rows[packet.key].packets.append(packet)
    return {key: row.columns() for key, row in rows.items()}
