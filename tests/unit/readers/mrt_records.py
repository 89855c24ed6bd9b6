"""MRT records by hand, after RFC 6396, RFC 8050 and RFC 4271."""

from __future__ import annotations

import struct

TIME = 1_700_000_000
V4 = bytes([198, 51, 100, 1])
V6 = bytes.fromhex("20010db8" + "00" * 11 + "01")
PREFIX = bytes([24, 203, 0, 113])


def record(kind: int, subtype: int, body: bytes, *, time: int = TIME) -> bytes:
    return struct.pack(">IHHI", time, kind, subtype, len(body)) + body


def attribute(code: int, value: bytes, flags: int = 0x40) -> bytes:
    return bytes([flags, code, len(value)]) + value


def path(*ases: int, wide: bool = True, kind: int = 2) -> bytes:
    return bytes([kind, len(ases)]) + struct.pack(f">{len(ases)}{'I' if wide else 'H'}", *ases)


def update(attributes: bytes, announced: bytes = PREFIX, withdrawn: bytes = b"") -> bytes:
    """A BGP UPDATE with its header."""
    body = struct.pack(">H", len(withdrawn)) + withdrawn
    body += struct.pack(">H", len(attributes)) + attributes + announced
    return b"\xff" * 16 + struct.pack(">HB", len(body) + 19, 2) + body


def bgp4mp(message: bytes, subtype: int = 4) -> bytes:
    wide = subtype in {4, 7, 9, 11}
    ases = struct.pack(">II" if wide else ">HH", 64500, 64499)
    return record(16, subtype, ases + struct.pack(">HH", 0, 1) + V4 + V4 + message)


def table_entry(attributes: bytes) -> bytes:
    """An entry of TABLE_DUMP without view and sequence number."""
    entry = bytes([203, 0, 113, 0, 24, 1]) + struct.pack(">I", TIME - 10) + V4
    return entry + struct.pack(">HH", 64500, len(attributes)) + attributes


def peer_index() -> bytes:
    first = bytes([2, 9, 9, 9, 9]) + V4 + struct.pack(">I", 196608)
    second = bytes([3, 9, 9, 9, 9]) + V6 + struct.pack(">I", 64500)
    view = struct.pack(">H", 2) + b"rv"
    return record(13, 1, bytes([192, 0, 2, 1]) + view + struct.pack(">H", 2) + first + second)


def rib(subtype: int, prefix: bytes, peer: int, attributes: bytes, path_id: int | None = None):
    extra = b"" if path_id is None else struct.pack(">I", path_id)
    entry = struct.pack(">HI", peer, TIME - 10) + extra + struct.pack(">H", len(attributes))
    body = struct.pack(">I", 0) + prefix + struct.pack(">H", 1) + entry + attributes
    return record(13, subtype, body)
