"""Flows of the made-up provider as NetFlow v9, NetFlow v5 and sFlow v5 datagrams.

The flows are those of `kaname.lake.workload`. An exporter of NetFlow v9 sends 30 records of
14 fields a datagram (addresses, next hop, interfaces, counters, times, ports, flags,
protocol, type of service: 39 bytes), its template every 1,000 datagrams; one of NetFlow v5
sends 30 records; an sFlow agent samples one of 1,000 packets and sends 7 headers a datagram.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from kaname.lake.workload import Workload

PER_DATAGRAM = 30
SAMPLES = 7
TEMPLATE_EVERY = 1000
UPTIME_MS = 3_600_000_000
FIELDS = [
    (8, 4), (12, 4), (15, 4), (10, 2), (14, 2), (2, 4), (1, 4), (22, 4), (21, 4), (7, 2),
    (11, 2), (6, 1), (4, 1), (5, 1),
]  # fmt: skip
V9_RECORD = np.dtype([
    ("src", ">u4"), ("dst", ">u4"), ("hop", ">u4"), ("in_if", ">u2"), ("out_if", ">u2"),
    ("packets", ">u4"), ("octets", ">u4"), ("first", ">u4"), ("last", ">u4"), ("sport", ">u2"),
    ("dport", ">u2"), ("flags", "u1"), ("proto", "u1"), ("tos", "u1"),
])  # fmt: skip
V9 = np.dtype([
    ("version", ">u2"), ("count", ">u2"), ("uptime", ">u4"), ("seconds", ">u4"),
    ("sequence", ">u4"), ("domain", ">u4"), ("set", ">u2"), ("length", ">u2"),
    ("records", V9_RECORD, PER_DATAGRAM), ("padding", "u1", 2),
])  # fmt: skip
V5_RECORD = np.dtype([
    ("src", ">u4"), ("dst", ">u4"), ("hop", ">u4"), ("in_if", ">u2"), ("out_if", ">u2"),
    ("packets", ">u4"), ("octets", ">u4"), ("first", ">u4"), ("last", ">u4"), ("sport", ">u2"),
    ("dport", ">u2"), ("pad", "u1"), ("flags", "u1"), ("proto", "u1"), ("tos", "u1"),
    ("ases", ">u2", 2), ("masks", "u1", 2), ("more", ">u2"),
])  # fmt: skip
V5 = np.dtype([
    ("version", ">u2"), ("count", ">u2"), ("uptime", ">u4"), ("seconds", ">u4"),
    ("nanos", ">u4"), ("sequence", ">u4"), ("engine", ">u2"), ("sampling", ">u2"),
    ("records", V5_RECORD, PER_DATAGRAM),
])  # fmt: skip
SAMPLE = np.dtype([
    ("format", ">u4"), ("length", ">u4"), ("sequence", ">u4"), ("source", ">u4"),
    ("rate", ">u4"), ("pool", ">u4"), ("drops", ">u4"), ("in_if", ">u4"), ("out_if", ">u4"),
    ("count", ">u4"), ("record", ">u4"), ("record_length", ">u4"), ("protocol", ">u4"),
    ("frame", ">u4"), ("stripped", ">u4"), ("header_length", ">u4"), ("macs", "u1", 12),
    ("ether", ">u2"), ("tos", ">u2"), ("ip_length", ">u2"), ("id", ">u4"), ("ttl", "u1"),
    ("proto", "u1"), ("sum", ">u2"), ("src", ">u4"), ("dst", ">u4"), ("sport", ">u2"),
    ("dport", ">u2"), ("seq", ">u4"), ("ack", ">u4"), ("offset", "u1"), ("flags", "u1"),
    ("rest", "u1", 8),
])  # fmt: skip
SFLOW = np.dtype([
    ("version", ">u4"), ("kind", ">u4"), ("agent", ">u4"), ("sub_agent", ">u4"),
    ("sequence", ">u4"), ("uptime", ">u4"), ("samples", ">u4"), ("body", SAMPLE, SAMPLES),
])  # fmt: skip
FRAME = np.dtype([
    ("seconds", "<u4"), ("micros", "<u4"), ("captured", "<u4"), ("wire", "<u4"),
    ("macs", "u1", 12), ("ether", ">u2"), ("version", ">u2"), ("length", ">u2"), ("id", ">u4"),
    ("ttl", "u1"), ("proto", "u1"), ("sum", ">u2"), ("src", ">u4"), ("dst", ">u4"),
    ("sport", ">u2"), ("dport", ">u2"), ("udp", ">u2"), ("check", ">u2"),
])  # fmt: skip
PCAP_HEADER = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1)


def template(number: int = 0) -> bytes:
    """The datagram that tells the layout of the records, before the data ``number``."""
    body = b"".join(struct.pack(">HH", *field) for field in FIELDS)
    head = struct.pack(">HHIIII", 9, 1, 0, 0, number + number // TEMPLATE_EVERY, 1)
    return head + struct.pack(">HHHH", 0, len(body) + 8, 300, len(FIELDS)) + body


def columns(flows: int) -> dict[str, np.ndarray]:
    """About ``flows`` flows of one day as columns."""
    batches = list(Workload(flows).flows(0))
    names = ["ts", "src_lo", "dst_lo", "sport", "dport", "proto", "tcp_bits", "packets"]
    return {
        name: np.concatenate([np.asarray(batch.column(name).cast("int64")) for batch in batches])
        for name in [*names, "octets", "dur_us"]
    }


def netflow(found: dict[str, np.ndarray], version: int) -> np.ndarray:
    """The flows as an array of datagrams."""
    count = len(found["ts"]) // PER_DATAGRAM
    kind, record = (V9, V9_RECORD) if version == 9 else (V5, V5_RECORD)
    flat = np.zeros(count * PER_DATAGRAM, record)
    cut = {name: values[: len(flat)] for name, values in found.items()}
    ends = (cut["ts"] + cut["dur_us"]).reshape(count, PER_DATAGRAM).max(axis=1) // 1_000_000 + 1
    boot_ms = int(cut["ts"][0]) // 1000 - UPTIME_MS
    flat["src"], flat["dst"] = cut["src_lo"] & 0xFFFFFFFF, cut["dst_lo"] & 0xFFFFFFFF
    flat["first"] = (cut["ts"] // 1000 - boot_ms) & 0xFFFFFFFF
    flat["last"] = ((cut["ts"] + cut["dur_us"]) // 1000 - boot_ms) & 0xFFFFFFFF
    flat["flags"], flat["in_if"], flat["out_if"] = cut["tcp_bits"], 3, 7
    for name in ("sport", "dport", "proto", "packets", "octets"):
        flat[name] = cut[name]
    out = np.zeros(count, kind)
    out["version"], out["count"] = version, 1 if version == 9 else PER_DATAGRAM
    out["seconds"], out["uptime"] = ends, (ends * 1000 - boot_ms) & 0xFFFFFFFF
    out["records"] = flat.reshape(count, PER_DATAGRAM)
    if version == 9:
        out["domain"], out["set"], out["length"] = 1, 300, V9.itemsize - 20
        out["sequence"] = np.arange(count) + np.arange(count) // TEMPLATE_EVERY + 1
    else:
        out["sequence"] = np.arange(count, dtype=np.int64) * PER_DATAGRAM
    return out


def sflow(found: dict[str, np.ndarray]) -> np.ndarray:
    """A packet of every flow as a sample, in an array of datagrams."""
    count = len(found["ts"]) // SAMPLES
    flat = np.zeros(count * SAMPLES, SAMPLE)
    cut = {name: values[: len(flat)] for name, values in found.items()}
    size = (cut["octets"] // cut["packets"]).clip(40, 1500)
    constants = {
        "format": 1, "length": SAMPLE.itemsize - 8, "source": 3, "rate": 1000, "in_if": 3,
        "out_if": 7, "count": 1, "record": 1, "record_length": SAMPLE.itemsize - 48,
        "protocol": 1, "stripped": 4, "header_length": SAMPLE.itemsize - 64, "ether": 0x0800,
        "tos": 0x4500, "ttl": 60, "offset": 0x50,
    }  # fmt: skip
    for name, value in constants.items():
        flat[name] = value
    flat["sequence"] = np.arange(len(flat)) + 1
    flat["frame"], flat["ip_length"], flat["flags"] = size + 18, size, cut["tcp_bits"]
    flat["src"], flat["dst"] = cut["src_lo"] & 0xFFFFFFFF, cut["dst_lo"] & 0xFFFFFFFF
    for name in ("sport", "dport", "proto"):
        flat[name] = cut[name]
    out = np.zeros(count, SFLOW)
    out["version"], out["kind"], out["agent"], out["samples"] = 5, 1, 0xC0000201, SAMPLES
    out["sequence"] = np.arange(count) + 1
    out["body"] = flat.reshape(count, SAMPLES)
    return out


def datagrams(out: np.ndarray) -> Iterator[bytes]:
    """The datagrams one by one, with templates in between where they are needed."""
    for number, data in enumerate(out):
        if out.dtype == V9 and number % TEMPLATE_EVERY == 0:
            yield template(number)
        yield data.tobytes()


def write(out: np.ndarray, times: np.ndarray, port: int, target: Path) -> None:
    """The datagrams as a capture; ``times`` are microseconds, one a datagram."""
    frames = np.zeros(len(out), np.dtype([("head", FRAME), ("data", out.dtype)]))
    frames["data"] = out
    frames["head"] = _head(frames.dtype.itemsize - 16, times, port)
    with target.open("wb") as file:
        file.write(PCAP_HEADER)
        for at in range(0, len(frames), TEMPLATE_EVERY):
            if out.dtype == V9:
                size = FRAME.itemsize - 16 + len(template())
                file.write(_head(size, times[at : at + 1], port).tobytes() + template(at))
            frames[at : at + TEMPLATE_EVERY].tofile(file)


def _head(size: int, times: np.ndarray, port: int) -> np.ndarray:
    head = np.zeros(len(times), FRAME)
    head["seconds"], head["micros"] = times // 1_000_000, times % 1_000_000
    head["captured"] = head["wire"] = size
    head["ether"], head["version"], head["length"] = 0x0800, 0x4500, size - 14
    head["ttl"], head["proto"], head["src"], head["dst"] = 64, 17, 0xC0000201, 0xC0000214
    head["sport"], head["dport"], head["udp"] = 40000, port, size - 34
    return head
