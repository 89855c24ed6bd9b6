"""Damage to captures, and which packets are outside it: for the property test and by hand.

``python tests/property/capture_damage.py 10000`` reads so many damaged captures.
"""

from __future__ import annotations

import random
import struct
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from kaname.model.marking import Tlp
from kaname.readers.frame import ReadJob, ReadReport
from kaname.readers.pcap import PcapReader

START = 1_767_225_600
MAC = bytes.fromhex("020000000001020000000002")


@dataclass(frozen=True)
class Capture:
    """A sound capture: its bytes, and start and end of every record; data of each its own."""

    data: bytes
    spans: list[tuple[int, int]]


def _checksum(header: bytes) -> int:
    total = sum(struct.unpack(">10H", header))
    total = (total & 0xFFFF) + (total >> 16)
    return ~((total & 0xFFFF) + (total >> 16)) & 0xFFFF


def _frame(rng: random.Random, number: int) -> bytes:
    body = struct.pack(">HHII", rng.randrange(1024, 65536), 23, number, 0)
    body += struct.pack(">BBHHH", 0x50, 2, 65535, 0, 0)
    body += rng.randbytes(rng.randrange(200)) if rng.random() < 0.3 else b""
    head = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(body), 1, 0, 64, 6, 0)
    head += struct.pack(">II", 0x01000000 + number, 0xC6120000 + rng.randrange(1 << 16))
    head = head[:10] + struct.pack(">H", _checksum(head)) + head[12:]
    return MAC + b"\x08\x00" + head + body


def pcap(rng: random.Random, packets: int) -> Capture:
    """A classic capture; packet n comes from the address 1.0.0.0 + n."""
    data = bytearray(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
    spans = []
    for number in range(packets):
        frame = _frame(rng, number)
        seconds, micros = START + number // 10, rng.randrange(1_000_000)
        record = struct.pack("<IIII", seconds, micros, len(frame), len(frame)) + frame
        spans.append((len(data), len(data) + len(record)))
        data += record
    return Capture(bytes(data), spans)


def pcapng(rng: random.Random, packets: int) -> Capture:
    """The same in pcapng."""
    data = bytearray(struct.pack("<IIIHHqI", 0x0A0D0D0A, 28, 0x1A2B3C4D, 1, 0, -1, 28))
    data += struct.pack("<IIHHII", 1, 20, 1, 0, 0, 20)
    spans = []
    for number in range(packets):
        frame = _frame(rng, number)
        stamp = (START + number // 10) * 1_000_000 + rng.randrange(1_000_000)
        padded = frame + bytes(-len(frame) % 4)
        size = 32 + len(padded)
        head = struct.pack(
            "<IIIIIII", 6, size, 0, stamp >> 32, stamp & 0xFFFFFFFF, len(frame), len(frame)
        )
        record = head + padded + struct.pack("<I", size)
        spans.append((len(data), len(data) + len(record)))
        data += record
    return Capture(bytes(data), spans)


@dataclass(frozen=True)
class Damaged:
    """A damaged capture and the numbers of the packets that no damage touched."""

    data: bytes
    whole: set[int]


Spans = list[tuple[int, int, int]]
"""Number, start and end of the records that are whole."""


def damage(rng: random.Random, capture: Capture) -> Damaged:
    """Damage a capture in one to three places, the file header left alone."""
    data = bytearray(capture.data)
    spans: Spans = [(number, *span) for number, span in enumerate(capture.spans)]
    first = capture.spans[0][0]
    for _ in range(rng.randrange(1, 4)):
        if len(data) > first:
            kind = rng.choice([_flip, _flip, _overwrite, _lie, _cut_out, _insert, _end])
            spans = kind(rng, data, spans, rng.randrange(first, len(data)))
    return Damaged(bytes(data), {number for number, _, _ in spans})


def _clear_of(spans: Spans, at: int, end: int) -> Spans:
    return [span for span in spans if span[2] <= at or span[1] >= end]


def _moved(spans: Spans, start: int, shift: int) -> Spans:
    return [(n, a + shift, b + shift) if a >= start else (n, a, b) for n, a, b in spans]


def _flip(rng: random.Random, data: bytearray, spans: Spans, at: int) -> Spans:
    data[at] ^= 1 << rng.randrange(8)
    return _clear_of(spans, at, at + 1)


def _overwrite(rng: random.Random, data: bytearray, spans: Spans, at: int) -> Spans:
    end = min(at + rng.choice([2, 4, 16, 100]), len(data))
    data[at:end] = rng.choice([bytes, rng.randbytes])(end - at)
    return _clear_of(spans, at, end)


def _lie(rng: random.Random, data: bytearray, spans: Spans, at: int) -> Spans:
    """A length that is not so, to the extreme at times."""
    if not spans:
        return spans
    at = rng.choice(spans)[1] + 8
    lie = rng.choice([0xFFFFFFFF, 0x7FFFFFFF, 300_000, 5000, 100, 12, 1, 0])
    data[at : at + 4] = struct.pack("<I", lie)
    return _clear_of(spans, at, at + 4)


def _cut_out(rng: random.Random, data: bytearray, spans: Spans, at: int) -> Spans:
    end = min(at + rng.choice([1, 2, 4, 16, 100]), len(data))
    del data[at:end]
    return _moved(_clear_of(spans, at, end), end, at - end)


def _insert(rng: random.Random, data: bytearray, spans: Spans, at: int) -> Spans:
    length = rng.choice([1, 2, 4, 16, 100])
    data[at:at] = rng.randbytes(length)
    return _moved([s for s in spans if not s[1] < at < s[2]], at, length)


def _end(_: random.Random, data: bytearray, spans: Spans, at: int) -> Spans:
    del data[at:]
    return [span for span in spans if span[2] <= at]


def read(path: Path) -> tuple[set[int], ReadReport]:
    """Numbers of the packets found, and the report; raises when it does not add up."""
    job = ReadJob(path=path, sensor="s", tlp=Tlp.AMBER, batch=1, options={"packets": True})
    found: set[int] = set()
    packets = {"flowtuples": 0, "packets": 0}
    for table, batch in PcapReader().read(job):
        if table == "packets":
            found.update((low & 0xFFFFFFFF) - 0x01000000 for low in batch["src_lo"].to_pylist())
            packets[table] += batch.num_rows
        else:
            packets[table] += sum(batch["packets"].to_pylist())
    counters = job.report.counters
    decoded = counters.get("ipv4", 0) + counters.get("ipv6", 0)
    if sum(counters.values()) != job.report.records or set(packets.values()) != {decoded}:
        raise AssertionError((packets, counters, job.report.records))
    return found, job.report


def trials(count: int, seed: int, folder: Path) -> Iterator[tuple[int, set[int]]]:
    """(number of the trial, whole packets that were lost) of ``count`` damaged captures."""
    for trial in range(count):
        rng = random.Random(seed * 1_000_003 + trial)
        capture = rng.choice([pcap, pcapng])(rng, rng.randrange(1, 60))
        damaged = damage(rng, capture)
        path = folder / "damaged"
        path.write_bytes(damaged.data)
        found, _ = read(path)
        yield trial, damaged.whole - found


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as place:
        lost = {n: some for n, some in trials(int(sys.argv[1]), 1, Path(place)) if some}
    sys.stdout.write(f"{sys.argv[1]} captures, whole packets lost in {len(lost)}: {lost}\n")
    sys.exit(bool(lost))
