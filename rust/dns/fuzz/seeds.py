"""Writes small seeds made here, and copies real ones: ``seeds.py CORPUS [DATA]``."""

from __future__ import annotations

import gzip
import struct
import sys
from pathlib import Path

SEEDS = Path(__file__).parent / "seeds"
CONTENT_TYPE = b"protobuf:dnstap.Dnstap"
NAME = b"\x03www\x07example\x03com\x00"
QUESTION = NAME + b"\x00\x01\x00\x01"
OPT = b"\x00\x00\x29\x04\xd0\x00\x00\x80\x00\x00\x0b\x00\x08\x00\x07\x00\x01\x18\x00\xc0\x00\x02"
RECORDS = {  # type: data
    1: bytes([192, 0, 2, 1]),
    5: b"\xc0\x10",
    6: b"\xc0\x0c\xc0\x0c" + bytes(20),
    16: b'\x03abc\x02\x01"',
    29: bytes.fromhex("0033161389172dd070be15f000988d20"),
    46: b"\x00\x01\x05\x03" + bytes(14) + b"\xc0\x0csignature",
    47: b"\xc0\x0c\x00\x06\x40\x01\x00\x00\x00\x03",
    64: b"\x00\x01\x00\x00\x01\x00\x03\x02h2\x00\x04\x00\x04\xc0\x00\x02\x01",
    257: b"\x00\x05issueca.example",
}


def query(number: int = 1) -> bytes:
    return struct.pack(">6H", number, 0x0100, 1, 0, 0, 1) + QUESTION + OPT


def response(number: int = 1) -> bytes:
    message = struct.pack(">6H", number, 0x8180, 1, len(RECORDS), 0, 1) + QUESTION
    for kind, data in RECORDS.items():
        message += b"\xc0\x0c" + struct.pack(">HHIH", kind, 1, 60, len(data)) + data
    return message + OPT


def field(number: int, value: bytes | int) -> bytes:
    if isinstance(value, int):
        return bytes([number << 3, value])
    length = len(value)
    head = [length] if length < 128 else [length & 127 | 128, length >> 7]
    return bytes([number << 3 | 2, *head]) + value


def tapped(kind: int, message: bytes) -> bytes:
    inner = field(1, kind) + field(2, 1) + field(3, 1) + field(4, bytes(4)) + field(5, bytes(4))
    inner += field(8, 100) + bytes([9 << 3 | 5, 0, 0, 0, 1])
    inner += field(10 if kind % 2 else 14, message)
    frame = field(1, b"ns1") + field(14, inner) + field(15, 1)
    return struct.pack(">I", len(frame)) + frame


def stream() -> bytes:
    start = struct.pack(">III", 2, 1, len(CONTENT_TYPE)) + CONTENT_TYPE
    return (
        struct.pack(">II", 0, len(start))
        + start
        + tapped(5, query())
        + tapped(6, response())
        + struct.pack(">III", 0, 4, 3)
    )


def ipv4(proto: int, answer: bool, payload: bytes, place: int = 0) -> bytes:
    ends = [bytes([192, 0, 2, 1]), bytes([198, 51, 100, 53])]
    ends = ends[::-1] if answer else ends
    head = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(payload), 7, place, 64, proto, 0)
    return head + b"".join(ends) + payload


def ports(answer: bool) -> bytes:
    return struct.pack(">HH", *((53, 4000) if answer else (4000, 53)))


def udp(answer: bool, message: bytes) -> bytes:
    return ports(answer) + struct.pack(">HH", 8 + len(message), 0) + message


def tcp(answer: bool, seq: int, bits: int, data: bytes) -> bytes:
    return ports(answer) + struct.pack(">IIBBHHH", seq, 0, 0x50, bits, 65535, 0, 0) + data


def capture() -> bytes:
    asked = struct.pack(">H", len(query(3))) + query(3)
    parts = udp(True, response(2))
    packets = [
        ipv4(17, False, udp(False, query())),
        ipv4(17, True, udp(True, response())),
        ipv4(17, True, parts[:32], 0x2000),
        ipv4(17, True, parts[32:], 4),
        ipv4(6, False, tcp(False, 9, 2, b"")),
        ipv4(6, False, tcp(False, 30, 16, asked[20:])),
        ipv4(6, False, tcp(False, 10, 16, asked[:20])),
    ]
    data = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 101)
    for number, packet in enumerate(packets):
        data += struct.pack("<IIII", 1_700_000_000, number, len(packet), len(packet)) + packet
    return data


def segments() -> bytes:
    asked = struct.pack(">H", len(query())) + query()
    steps = [(64, 192, asked[:9]), (64, 201, asked[9:]), (6, 0, udp(False, query())[:32])]
    return b"".join(bytes([kind, at, len(data)]) + data for kind, at, data in steps)


def main(corpus: Path, data: Path | None) -> None:
    made = {
        "dns_message": {"query": query(), "response": response()},
        "dns_capture": {"mixed": capture()},
        "dns_streams": {"mixed": segments()},
        "dnstap": {"exchange": stream()},
    }
    for target, seeds in made.items():
        (SEEDS / target).mkdir(parents=True, exist_ok=True)
        for name, content in seeds.items():
            (SEEDS / target / name).write_bytes(content)
    if data is not None:
        (corpus / "dns_capture").mkdir(parents=True, exist_ok=True)
        (corpus / "dnstap").mkdir(parents=True, exist_ok=True)
        for file in (data / "dns" / "edge").glob("*.pcap"):
            (corpus / "dns_capture" / file.name).write_bytes(file.read_bytes())
        whole = gzip.decompress((data / "dns" / "unbound.dnstap.gz").read_bytes())
        (corpus / "dnstap" / "unbound").write_bytes(whole[:4096])


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else None)
