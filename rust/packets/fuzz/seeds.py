"""Writes the synthetic seed captures, and copies small real ones: ``seeds.py CORPUS [DATA]``."""

from __future__ import annotations

import gzip
import struct
import sys
from pathlib import Path

SEEDS = Path(__file__).parent / "seeds"
MAC = bytes.fromhex("020000000001020000000002")


def ipv4(proto: int, payload: bytes, fragment: int = 0) -> bytes:
    return (
        struct.pack(
            ">BBHHHBBH4s4s",
            *(0x45, 0, 20 + len(payload), 54321, fragment, 64, proto, 0),
            *(bytes([203, 0, 113, 9]), bytes([198, 51, 100, 7])),
        )
        + payload
    )


def ipv6(next_header: int, payload: bytes) -> bytes:
    source, destination = bytes(15) + b"\x01", bytes(15) + b"\x02"
    return (
        struct.pack(">IHBB", 6 << 28, len(payload), next_header, 60)
        + source
        + destination
        + payload
    )


def tcp(flags: int, options: bytes = b"") -> bytes:
    offset = (5 + len(options) // 4) << 4
    return struct.pack(">HHIIBBHHH", 40000, 23, 7, 0, offset, flags, 65535, 0, 0) + options


UDP = struct.pack(">HHHH", 53, 4000, 16, 0) + bytes.fromhex("1234818000010001")
ICMP = bytes([3, 1, 0, 0, 0, 0, 0, 0]) + ipv4(17, UDP)
LINUX = bytes.fromhex("020405b40402080a000000000000000001030307")
PACKETS = [
    ipv4(6, tcp(2)),
    ipv4(6, tcp(2, LINUX)),
    ipv4(6, tcp(0x12)),
    ipv4(17, UDP),
    ipv4(1, ICMP),
    ipv4(17, b"later part", 0x2003),
    ipv6(44, bytes([6, 0, 0, 1, 0, 0, 0, 9]) + tcp(2)),
    ipv6(58, bytes([1, 4, 0, 0, 0, 0, 0, 0]) + ipv6(17, UDP)),
]
FRAMES = {
    1: [MAC + struct.pack(">H", 0x86DD if p[0] >> 4 == 6 else 0x0800) + p for p in PACKETS]
    + [MAC + bytes.fromhex("88a80001810000020800") + PACKETS[0]]
    + [MAC + bytes.fromhex("884700001140") + PACKETS[0]],
    101: PACKETS,
    113: [bytes(14) + b"\x08\x00" + p for p in PACKETS],
    276: [b"\x08\x00" + bytes(18) + p for p in PACKETS],
    0: [struct.pack("<I", 24 if p[0] >> 4 == 6 else 2) + p for p in PACKETS],
}


def pcap(link: int, order: str, magic: int) -> bytes:
    out = struct.pack(order + "IHHiIII", magic, 2, 4, 0, 0, 65535, link)
    for index, frame in enumerate(FRAMES[link]):
        size = len(frame)
        out += struct.pack(order + "IIII", 1_767_225_600 + 20 * index, 5, size, size) + frame
    return out


def block(order: str, kind: int, body: bytes) -> bytes:
    body += bytes(-len(body) % 4)
    size = struct.pack(order + "I", 12 + len(body))
    return struct.pack(order + "I", kind) + size + body + size


def pcapng(order: str) -> bytes:
    out = block(order, 0x0A0D0D0A, struct.pack(order + "IHHq", 0x1A2B3C4D, 1, 0, -1))
    options = struct.pack(order + "HHB3xHHqHH", 9, 1, 0x89, 14, 8, 100, 0, 0)
    out += block(order, 1, struct.pack(order + "HHI", 101, 0, 0) + options)
    for packet in PACKETS:
        head = struct.pack(order + "IIIII", 0, 200, 5, len(packet), len(packet))
        out += block(order, 6, head + packet)
    out += block(order, 3, struct.pack(order + "I", len(PACKETS[0])) + PACKETS[0])
    return out + block(
        order, 2, struct.pack(order + "HHIIII", 0, 0, 0, 9, 20, 20) + PACKETS[0][:20]
    )


def synthetic() -> dict[str, bytes]:
    captures = {f"pcap-{link}": pcap(link, "<", 0xA1B2C3D4) for link in FRAMES}
    captures["pcap-big-ns"] = pcap(1, ">", 0xA1B23C4D)
    captures["pcapng-little"] = pcapng("<")
    captures["pcapng-two-sections"] = pcapng(">") + pcapng("<")
    captures["pcap-gz"] = gzip.compress(captures["pcap-1"], mtime=0)
    return captures


def main(corpus: Path, data: Path | None) -> None:
    corpus.mkdir(parents=True, exist_ok=True)
    for name, capture in synthetic().items():
        (corpus / name).write_bytes(capture)
    if data is not None:
        for path in data.rglob("*.pcap*"):
            if path.stat().st_size < 10_000:
                (corpus / path.name).write_bytes(path.read_bytes())


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else None)
