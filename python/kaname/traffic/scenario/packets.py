"""A capture with UDP datagrams, as a tap before a collector would write it."""

from __future__ import annotations

import ipaddress
import struct
from collections.abc import Iterable
from pathlib import Path

__all__ = ["write_datagrams"]


def write_datagrams(
    path: Path, datagrams: Iterable[tuple[int, bytes]], *, sender: str, receiver: str, port: int
) -> int:
    """Write (microseconds, payload) as a pcap of Ethernet frames; gives their number."""
    count = 0
    with path.open("wb") as out:
        out.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
        for at, payload in datagrams:
            frame = _frame(sender, receiver, port, payload)
            seconds, micros = divmod(at, 1_000_000)
            out.write(struct.pack("<IIII", seconds, micros, len(frame), len(frame)) + frame)
            count += 1
    return count


def _frame(sender: str, receiver: str, port: int, payload: bytes) -> bytes:
    ends = ipaddress.ip_address(sender).packed + ipaddress.ip_address(receiver).packed
    length = 28 + len(payload)
    head = struct.pack(">BBHHHBBH", 0x45, 0, length, 0, 0, 64, 17, 0) + ends
    head = head[:10] + struct.pack(">H", _checksum(head)) + head[12:]
    udp = struct.pack(">HHHH", 40000, port, 8 + len(payload), 0)
    return bytes.fromhex("0200000000020200000000010800") + head + udp + payload


def _checksum(head: bytes) -> int:
    """The Internet checksum (RFC 1071) of a header of even length."""
    total: int = sum(struct.unpack(f">{len(head) // 2}H", head))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total ^ 0xFFFF
