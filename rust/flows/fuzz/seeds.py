"""Writes the seeds of the fuzz targets: ``seeds.py``; all are made up after the specifications."""

from __future__ import annotations

import struct
from pathlib import Path

SEEDS = Path(__file__).parent / "seeds"
SECONDS = 1_700_000_000
FIELDS = [(8, 4), (12, 4), (1, 8), (22, 4), (21, 4), (4, 1), (7, 2), (11, 2), (32, 2), (48, 1)]
RECORD = struct.pack(">IIQIIBHHHB", 0xC6336407, 0xCB007109, 700, 4000, 9000, 6, 1234, 53, 0, 1)


def put_set(number: int, body: bytes) -> bytes:
    return struct.pack(">HH", number, len(body) + 4) + body


def template(number: int, fields: list[tuple[int, int]]) -> bytes:
    body = b"".join(struct.pack(">HH", *field) for field in fields)
    return struct.pack(">HH", number, len(fields)) + body


def v5() -> bytes:
    record = struct.pack(
        ">IIIHHIIIIHHBBBBHHBBH",
        *(0xC6336407, 0xCB007109, 0, 3, 4, 7, 700, 4000, 9000, 1234, 53, 0, 18, 6, 0, 1, 2, 24),
        *(24, 0),
    )
    return struct.pack(">HHIIIIHH", 5, 2, 9999, SECONDS, 0, 1, 0x0102, 0x4064) + record * 2


def v9(*sets: bytes) -> bytes:
    return struct.pack(">HHIIII", 9, len(sets), 9999, SECONDS, 1, 7) + b"".join(sets)


def ipfix(*sets: bytes) -> bytes:
    body = b"".join(sets)
    return struct.pack(">HHIII", 10, len(body) + 16, SECONDS, 1, 7) + body


def samples() -> bytes:
    packet = bytes(12) + struct.pack(
        ">HBBHIBBHIIHHIIBBHI",
        *(0x0800, 0x45, 0, 60, 0, 64, 6, 0, 0xC6336407, 0xCB007109, 1234, 443, 1, 1, 0x50, 18, 0),
        0,
    )
    padded = packet + bytes(-len(packet) % 4)
    raw = struct.pack(">IIIIII", 1, len(padded) + 16, 1, 64, 4, len(packet)) + padded
    switch = struct.pack(">IIIIII", 1001, 16, 10, 0, 10, 0)
    gateway = struct.pack(">IIIIIIIIIIII", 1003, 40, 1, 1, 64500, 64501, 64502, 1, 2, 2, 3, 4)
    flow = struct.pack(">IIIIIIII", 1, 3, 1000, 9, 0, 3, 7, 3) + raw + switch + gateway
    expanded = struct.pack(">IIIIIIIIIII", 1, 0, 3, 1000, 9, 0, 0, 3, 0, 7, 1) + raw
    body = b"".join(
        struct.pack(">II", kind, len(data)) + data
        for kind, data in ((1, flow), (3, expanded), (2, bytes(20)))
    )
    return struct.pack(">IIIIIII", 5, 1, 0xC0000201, 0, 1, 9999, 3) + body


OPTIONS = put_set(1, struct.pack(">HHHHHHHHH", 400, 4, 8, 1, 4, 48, 1, 50, 2))
SAMPLER = put_set(400, struct.pack(">IBH", 0, 1, 100))
ENTERPRISE = struct.pack(">HHHHHHHHIHHI", 301, 4, 8, 4, 12, 4, 0x8001, 2, 29305, 0x8005, 65535, 9)
VARIABLE = (
    struct.pack(">IIHB", 1, 2, 5, 3) + b"dns" + struct.pack(">IIHBH", 1, 2, 5, 255, 2) + b"ab"
)
DATAGRAMS = {
    "v5": [v5()],
    "v9": [v9(OPTIONS, SAMPLER, put_set(0, template(300, FIELDS)), put_set(300, RECORD * 3))],
    "v9-late": [v9(put_set(300, RECORD)), v9(put_set(0, template(300, FIELDS)))],
    "ipfix": [
        ipfix(put_set(2, template(300, FIELDS) + ENTERPRISE), put_set(300, RECORD * 2)),
        ipfix(put_set(301, VARIABLE)),
        ipfix(put_set(2, struct.pack(">HH", 300, 0)), put_set(300, RECORD)),
    ],
    "ipfix-options": [
        ipfix(
            put_set(3, struct.pack(">HHHHHHHHH", 400, 3, 1, 302, 2, 305, 4, 306, 4)),
            put_set(400, struct.pack(">HII", 5, 1, 999)),
        )
    ],
    "sflow": [samples()],
}


def capture(datagrams: list[bytes]) -> bytes:
    out = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 101)
    for data in datagrams:
        udp = struct.pack(">HHHH", 40000, 2055, len(data) + 8, 0) + data
        ip = struct.pack(">BBHIBBHII", 0x45, 0, len(udp) + 20, 0, 64, 17, 0, 0xC0000201, 0xC0000214)
        frame = ip + udp
        out += struct.pack("<IIII", SECONDS, 0, len(frame), len(frame)) + frame
    return out


def main() -> None:
    for target in ("flow_datagrams", "flow_capture"):
        (SEEDS / target).mkdir(parents=True, exist_ok=True)
    for name, datagrams in DATAGRAMS.items():
        framed = b"".join(struct.pack(">H", len(data)) + data for data in datagrams)
        (SEEDS / "flow_datagrams" / name).write_bytes(framed)
        (SEEDS / "flow_capture" / name).write_bytes(capture(datagrams))
    messages = b"".join(DATAGRAMS["ipfix"])
    (SEEDS / "flow_capture" / "messages").write_bytes(messages)


if __name__ == "__main__":
    main()
