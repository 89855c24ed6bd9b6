"""Small MRT files, one a kind of record, by hand after RFC 6396 and RFC 8050.

python rust/routes/fuzz/seeds.py
"""

from __future__ import annotations

import struct
from pathlib import Path

FOLDER = Path(__file__).parent / "seeds" / "routes"
V6 = bytes.fromhex("20010db8" + "00" * 11 + "01")
V4 = bytes([198, 51, 100, 1])
PREFIX = bytes([24, 203, 0, 113])


def record(kind: int, subtype: int, body: bytes) -> bytes:
    return struct.pack(">IHHI", 1_700_000_000, kind, subtype, len(body)) + body


def attribute(code: int, value: bytes, flags: int = 0x40) -> bytes:
    return bytes([flags, code, len(value)]) + value


def attributes(wide: bool = True) -> bytes:
    path = (
        struct.pack(">BBII", 2, 2, 196608, 64501)
        if wide
        else struct.pack(">BBHH", 2, 2, 23456, 64501)
    )
    narrow = b"" if wide else attribute(17, struct.pack(">BBII", 2, 2, 196608, 64501), 0xC0)
    return (
        attribute(1, b"\0")
        + attribute(2, path)
        + attribute(3, V4)
        + attribute(8, struct.pack(">HH", 64500, 1), 0xC0)
        + attribute(16, bytes([0, 2, 0xFD, 0xE8, 0, 0, 0, 100]), 0xC0)
        + narrow
        + attribute(32, struct.pack(">III", 196608, 1, 2), 0xC0)
    )


def peers() -> bytes:
    first = bytes([2, 9, 9, 9, 9]) + V4 + struct.pack(">I", 196608)
    second = bytes([3, 9, 9, 9, 9]) + V6 + struct.pack(">I", 64500)
    return (
        bytes([192, 0, 2, 1]) + struct.pack(">H", 2) + b"rv" + struct.pack(">H", 2) + first + second
    )


def table_v2() -> bytes:
    mp = (
        attribute(1, b"\2")
        + attribute(2, struct.pack(">BBI", 2, 1, 64500))
        + attribute(14, b"\x10" + V6, 0x80)
    )
    four, six = attributes(), mp
    listed = struct.pack(">HIH", 0, 1_699_990_000, len(four)) + four
    added = struct.pack(">HIIH", 0, 1_699_990_000, 7, len(four)) + four
    wide = struct.pack(">HIH", 1, 1_699_990_001, len(six)) + six
    one = struct.pack(">H", 1)
    return (
        record(13, 1, peers())
        + record(13, 2, struct.pack(">I", 0) + PREFIX + one + listed)
        + record(13, 4, struct.pack(">I", 1) + bytes([32]) + V6[:4] + one + wide)
        + record(13, 8, struct.pack(">I", 2) + PREFIX + one + added)
    )


def update(subtype: int, wide: bool, path_id: bytes = b"") -> bytes:
    numbers = struct.pack(">II" if wide else ">HH", 64500, 64499)
    withdrawn, block = path_id + bytes([8, 10]), attributes(wide)
    message = (
        struct.pack(">H", len(withdrawn))
        + withdrawn
        + struct.pack(">H", len(block))
        + block
        + path_id
        + PREFIX
    )
    header = b"\xff" * 16 + struct.pack(">HB", len(message) + 19, 2)
    return record(16, subtype, numbers + struct.pack(">HH", 0, 1) + V4 + V4 + header + message)


def table(short: int) -> bytes:
    block = attributes(wide=False)
    entry = bytes([203, 0, 113, 0, 24, 1]) + struct.pack(">I", 1_699_990_000) + V4
    entry += struct.pack(">HH", 64500, len(block)) + block
    whole = record(12, 1, bytes(4) + entry + entry)
    return (whole[:8] + struct.pack(">I", len(whole) - 12 - short) + whole[12:]) * 3


if __name__ == "__main__":
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / "table_v2").write_bytes(table_v2())
    (FOLDER / "updates").write_bytes(
        update(1, wide=False) + update(4, wide=True) + update(9, True, b"\0\0\0\7")
    )
    (FOLDER / "table_short").write_bytes(table(4))
    (FOLDER / "table").write_bytes(table(0))
