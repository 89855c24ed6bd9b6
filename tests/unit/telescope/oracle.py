"""A second, slow reader of captures: pcap -> flowtuples in plain Python.

It is written from the descriptions of the tables and of the fingerprints, not from the
Rust reader, so that each can be held against the other; and analyses can be tested on
real captures without the reader. Ethernet, little-endian pcap, IPv4 only.
"""

from __future__ import annotations

import gzip
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa

from kaname.lake.tables.flowtuples import TABLE
from kaname.model.packets import RELATIONS, RELATIVE_RELATIONS

V4 = 0xFFFF << 32
BITS = {
    "mirai": 1, "masscan": 2, "zmap2": 4, "zmap4": 8, "zmap4_ts": 16, "nmap": 32,
    "same_seq": 64, "same_sport": 128, "fragment": 256, "truncated": 512, "df": 1024,
    "tcp_options": 2048, "retransmission": 4096, "misquoted": 8192,
}  # fmt: skip
ICMP = {
    0: "icmp_echo_reply", 3: "icmp_unreachable", 4: "icmp_source_quench", 5: "icmp_redirect",
    8: "icmp_echo_request", 11: "icmp_time_exceeded", 12: "icmp_parameter",
}  # fmt: skip
ERRORS = {3, 4, 5, 11, 12}
LAYOUTS = {(2,), (2, 1, 3, 1, 1, 4), (2, 4, 8, 1, 3), (2, 1, 3, 1, 1, 8, 4, 0)}


class Seen(NamedTuple):
    """One packet as far as flowtuples need it."""

    ts: int
    offset: int
    src: int
    dst: int
    proto: int
    ptype: str
    port: int
    sport: int
    seq: int | None
    length: int
    ttl: int
    window: int
    options: int
    payload: int
    fp: int
    victim: tuple[int, int, int] | None
    ip_id: int = 0


def frames(path: Path) -> Iterator[tuple[int, int, bytes]]:
    """(microseconds, offset in the decompressed stream, frame)."""
    data = path.read_bytes()
    data = gzip.decompress(data) if path.suffix == ".gz" else data
    at = 24
    while at + 16 <= len(data):
        seconds, micro, kept, _ = struct.unpack_from("<IIII", data, at)
        yield seconds * 1_000_000 + micro, at, data[at + 16 : at + 16 + kept]
        at += 16 + kept


def fnv(data: bytes) -> int:
    """FNV-1a, 32 bits, as a signed integer."""
    value = 0x811C9DC5
    for byte in data:
        value = (value ^ byte) * 0x01000193 & 0xFFFFFFFF
    return value - (1 << 32) if value >> 31 else value


def packet(ts: int, offset: int, frame: bytes) -> Seen | None:
    """Decode one frame; None for what is not whole IPv4."""
    at = 14
    kind = int.from_bytes(frame[12:14], "big")
    while kind in (0x8100, 0x88A8):
        kind = int.from_bytes(frame[at + 2 : at + 4], "big")
        at += 4
    if kind != 0x0800 or len(frame) < at + 20 or frame[at] >> 4 != 4:
        return None
    head = (frame[at] & 15) * 4
    length, ip_id, fragment, ttl, proto = struct.unpack_from(">2xHHHBB", frame, at)
    if head < 20 or length < head or len(frame) < at + head:
        return None
    src, dst = struct.unpack_from(">II", frame, at + 12)
    body = frame[at + head : at + length]
    fp = BITS["df"] if fragment & 0x4000 else 0
    fp |= BITS["fragment"] if fragment & 0x3FFF else 0
    fp |= BITS["truncated"] if len(frame) < at + length else 0
    seen = _transport((ts, offset, src, dst, proto), body, length, ttl, ip_id, fragment, fp)
    return seen._replace(ip_id=ip_id)


def _transport(
    base: Any, body: bytes, length: int, ttl: int, ip_id: int, fragment: int, fp: int
) -> Seen:
    proto = base[4]
    if fragment & 0x1FFF:
        return Seen(*base, "fragment", 0, 0, None, length, ttl, 0, 0, 0, fp, None)
    if proto == 6 and len(body) >= 20:
        return _tcp(base, body, length, ttl, ip_id, fp)
    if proto == 17 and len(body) >= 8:
        return _udp(base, body, length, ttl, fp)
    if proto == 1 and len(body) >= 2:
        return _icmp(base, body, length, ttl, fp)
    return Seen(*base, "other_ip", 0, 0, None, length, ttl, 0, 0, 0, fp, None)


def _tcp(base: Any, body: bytes, length: int, ttl: int, ip_id: int, fp: int) -> Seen:
    sport, dport, seq, _ack, offset, flags, window = struct.unpack_from(">HHIIBBH", body)
    size = (offset >> 4) * 4
    kinds, stamp, options = _options(body[20:size])
    fp |= BITS["tcp_options"] if size > 20 else 0
    flags &= 0x3F
    if flags & 4:
        ptype, port = "tcp_rst", sport
    elif flags == 2:
        ptype, port = "tcp_syn", dport
        fp |= _syn(base, seq, dport, ip_id, ttl, window, kinds, stamp, fp)
    elif flags == 18:
        ptype, port = "tcp_synack", sport
    elif not flags & 2 and (flags & 16 or flags == 1):
        ptype, port = "tcp_ack", dport
    else:
        ptype, port = "tcp_other", dport
    payload = fnv(body[size : size + 8]) if len(body) > size else 0
    return Seen(*base, ptype, port, sport, seq, length, ttl, window, options, payload, fp, None)


def _options(data: bytes) -> tuple[tuple[int, ...], int, int]:
    """(kinds, time stamp, hash over kinds, lengths, MSS and window scale)."""
    kinds: list[int] = []
    hashed = bytearray()
    stamp = at = 0
    while at < len(data):
        kind = data[at]
        kinds.append(kind)
        hashed.append(kind)
        if kind == 0:
            break
        if kind == 1:
            at += 1
            continue
        body = data[at + 2 : at + data[at + 1]]
        hashed.append(data[at + 1])
        hashed += body if kind in (2, 3) else b""
        stamp = int.from_bytes(body[:4], "big") if kind == 8 else stamp
        at += data[at + 1]
    return tuple(kinds), stamp, fnv(bytes(hashed)) if data else 0


def _syn(
    base: Any, seq: int, dport: int, ip_id: int, ttl: int, window: int,
    kinds: tuple[int, ...], stamp: int, fp: int,
) -> int:  # fmt: skip
    ts, _, _, dst, _ = base
    bits = BITS["mirai"] if seq == dst else 0
    bits |= BITS["masscan"] if ip_id == (dst ^ dport ^ seq) & 0xFFFF else 0
    if not kinds:
        plain = ip_id == 54321 and window == 65535 and ttl >= 200
        return bits | (BITS["zmap2"] if plain else 0)
    if fp & BITS["df"] or kinds not in LAYOUTS:
        return bits
    if window == 65535:
        bits |= BITS["zmap4"]
        if kinds == (2, 4, 8, 1, 3) and abs(stamp - ts // 1_000_000) <= 2:
            bits |= BITS["zmap4_ts"]
    elif kinds == (2,) and window in (1024, 2048, 3072, 4096):
        bits |= BITS["nmap"]
    return bits


def _udp(base: Any, body: bytes, length: int, ttl: int, fp: int) -> Seen:
    sport, dport = struct.unpack_from(">HH", body)
    data = body[8:]
    dns = sport in (53, 137, 5353) and len(data) > 2 and data[2] & 0x80
    ntp = sport == 123 and data and data[0] & 7 == 4
    # after a version of one byte and the community: the tag of a response
    snmp = sport == 161 and len(data) > 6 and data[7 + data[6] : 8 + data[6]] == b"\xa2"
    # after a length of four bytes and a message number of one: the tag of a result entry
    ldap = sport == 389 and data[9:10] == b"\x64"
    answer = dport >= 1024 and (dns or ntp or snmp or ldap or data[:12] == b"HTTP/1.1 200")
    ptype, port = ("udp_answer", sport) if answer else ("udp", dport)
    payload = fnv(data[:8]) if data else 0
    return Seen(*base, ptype, port, sport, None, length, ttl, 0, 0, payload, fp, None)


def _icmp(base: Any, body: bytes, length: int, ttl: int, fp: int) -> Seen:
    victim = None
    if body[0] in ERRORS and len(body) >= 28:
        inner = body[8:]
        size = (inner[0] & 15) * 4
        port = int.from_bytes(inner[size + 2 : size + 4], "big") if inner[9] in (6, 17) else -1
        victim = (int.from_bytes(inner[16:20], "big"), inner[9], port)
        fp |= BITS["misquoted"] if int.from_bytes(inner[12:16], "big") != base[3] else 0
    port = body[0] * 256 + body[1]
    name = ICMP.get(body[0], "icmp_other")
    return Seen(*base, name, port, 0, None, length, ttl, 0, 0, 0, fp, victim)


def flowtuples(path: Path, *, batch: int = 1, sensor: str = "darknet") -> pa.Table:
    """All rows of a capture, in the order of their keys."""
    groups: dict[tuple[Any, ...], list[Seen]] = {}
    firsts: dict[tuple[int, int], dict[str, Seen]] = {}  # by "same_..." and by packet type
    for ts, offset, frame in frames(path):
        seen = packet(ts, offset, frame)
        if seen is None:
            continue
        minute = ts // 60_000_000
        first = firsts.setdefault((minute, seen.src), {})
        if seen.seq is not None:
            first.setdefault("same_seq", seen)
        if seen.proto in (6, 17) and seen.ptype != "fragment":
            first.setdefault("same_sport", seen)
        first.setdefault(seen.ptype, seen)
        key = (minute, seen.src, seen.dst >> 8, seen.port, seen.proto, seen.ptype, seen.victim)
        groups.setdefault(key, []).append(seen)
    rows = [_row(k, v, firsts[k[0], k[1]], batch, sensor) for k, v in groups.items()]
    rows.sort(key=lambda r: (r["ts"], r["src_lo"], r["ptype"], r["port"], r["dst_lo"]))
    return pa.Table.from_pylist(rows, schema=TABLE.arrow_schema())


def _bits(packets: list[Seen], first: dict[str, Seen]) -> tuple[int, int]:
    """(fp_all, fp_any); the first packet of the source is neutral to the same_* bits."""
    every, some = -1, 0
    for seen in packets:
        every, some = every & seen.fp, some | seen.fp
    for name, field in (("same_seq", "seq"), ("same_sport", "sport")):
        origin = first.get(name)
        others = [s for s in packets if s is not origin]
        alike = [
            origin is not None
            and s.proto in (6, 17)
            and getattr(s, field) == getattr(origin, field)
            for s in others
        ]
        every |= BITS[name] if alike and all(alike) else 0
        some |= BITS[name] if any(alike) else 0
    probes = [(s.dst, s.seq, s.sport) for s in packets if s.seq is not None]
    some |= BITS["retransmission"] if len(set(probes)) < len(probes) else 0
    return every, some


def _relations(seen: Seen, first: Seen) -> tuple[set[str], set[str]]:
    """(relations that hold, relations to which the packet is neutral), by the descriptions."""
    dst, seq, ident, sport, dport = seen.dst, seen.seq or 0, seen.ip_id, seen.sport, seen.port
    low, high, tail = dst & 0xFFFF, dst >> 16, seq & 0xFFFF
    swapped = int.from_bytes(dst.to_bytes(4, "big"), "little")
    word = 0xFFFFFFFF
    absolute = {
        "seq_is_dst": seq == dst,
        "seq_is_dst_swapped": seq == swapped,
        "seq_is_dst_inverted": seq == dst ^ word,
        "seq_is_dst_swapped_inverted": seq == swapped ^ word,
        "seq_is_dst_halves_swapped": seq == low << 16 | high,
        "seq_is_dst_rotated_8": seq == (dst << 8 | dst >> 24) & word,
        "seq_is_dst_rotated_24": seq == (dst << 24 | dst >> 8) & word,
        "seq_is_dst_xor_dport": seq == dst ^ dport,
        "seq_is_dst_plus_dport": seq == (dst + dport) & word,
        "seq_is_ports": seq == sport << 16 | dport,
        "seq_low_is_dst_low": tail == low,
        "seq_high_is_dst_high": seq >> 16 == high,
        "seq_high_is_dport": seq >> 16 == dport,
        "seq_low_is_dport": tail == dport,
        "id_is_dst_low": ident == low,
        "id_is_dst_high": ident == high,
        "id_is_dst_low_swapped": ident == (low >> 8 | low << 8) & 0xFFFF,
        "id_is_dst_folded": ident == low ^ high,
        "id_is_dst_xor_dport": ident == low ^ dport,
        "id_is_dst_xor_dport_xor_seq": ident == low ^ dport ^ tail,
        "id_is_dport": ident == dport,
        "id_is_seq_low": ident == tail,
        "sport_is_dst_low": sport == low,
        "sport_is_dst_folded": sport == low ^ high,
        "sport_is_dport": sport == dport,
    }
    held = {name for name, holds in absolute.items() if holds}
    if seen is first:
        return held, set(RELATIVE_RELATIONS)
    values = [_values(each) for each in (seen, first)]
    relative = {name for name, value in values[0].items() if value == values[1][name]}
    trivial = {0, word}
    relative -= {n for n, v in values[0].items() if n != "id_constant" and v in trivial}
    if seen.dst == first.dst:
        return held | relative & {"id_constant"}, relative - {"id_constant"}
    return held | relative, set()


def _values(seen: Seen) -> dict[str, int]:
    swapped = int.from_bytes(seen.dst.to_bytes(4, "big"), "little")
    seq = seen.seq or 0
    return {
        "seq_xor_dst": seq ^ seen.dst,
        "seq_minus_dst": (seq - seen.dst) & 0xFFFFFFFF,
        "seq_xor_dst_swapped": seq ^ swapped,
        "id_constant": seen.ip_id,
        "id_xor_dst_low": seen.ip_id ^ seen.dst & 0xFFFF,
        "sport_xor_dst_low": seen.sport ^ seen.dst & 0xFFFF,
    }


def _inv_all(packets: list[Seen], first: dict[str, Seen]) -> int | None:
    """The column ``inv_all``."""
    ptype = packets[0].ptype
    unknown = {"tcp_syn": (), "udp": ("seq",), "icmp_echo_request": ("seq", "port")}.get(ptype)
    if unknown is None:
        return None
    every, some = set(RELATIONS), set[str]()
    for seen in packets:
        held, neutral = _relations(seen, first[ptype])
        every &= held | neutral
        some |= held
    said = (n for n in every & some if not any(field in n for field in unknown))
    return sum(1 << RELATIONS.index(name) for name in said)


def _row(
    key: tuple[Any, ...], packets: list[Seen], first: dict[str, Seen], batch: int, sensor: str
) -> dict[str, Any]:
    minute, src, _, port, proto, ptype, victim = key
    every, some = _bits(packets, first)
    ttls = [s.ttl for s in packets]
    dsts = list(dict.fromkeys(s.dst for s in packets))
    head = packets[0]
    return {
        "ts": minute * 60_000_000, "sensor": sensor, "kind": "pcap", "tlp": "amber",
        "batch": batch, "row_in_src": head.offset, "src_hi": 0, "src_lo": V4 | src, "ext": None,
        "dst_hi": 0, "dst_lo": V4 | dsts[0], "uniq_dst": len(dsts),
        "dst_more": sorted(d & 255 for d in dsts[1:]) or None,
        "port": port, "proto": proto, "ptype": ptype, "packets": len(packets),
        "octets": sum(s.length for s in packets),
        "uniq_sport": len({s.sport for s in packets}),
        "ttl_mode": max(sorted(set(ttls)), key=ttls.count),
        "win_first": head.window, "opt_first": head.options, "pay_first": head.payload,
        "fp_all": every, "fp_any": some,
        "first_s": min(s.ts for s in packets) // 1_000_000 % 60,
        "vic_hi": None if victim is None else 0,
        "vic_lo": None if victim is None else V4 | victim[0],
        "vic_proto": None if victim is None else victim[1],
        "vic_port": None if victim is None else victim[2],
        "inv_all": _inv_all(packets, first),
    }  # fmt: skip
