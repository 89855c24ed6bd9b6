"""Workload D: one hour of Internet background radiation on a /16, as a pcap file.

4,000,000 packets of 97,863 sources, Ethernet, mean frame about 65 bytes: 30 % Mirai-like,
20 % survey, 10 % Masscan, 10 % operating-system scans, 8 % ZMap, 6 % worm on 445 with
retransmissions, 6 % backscatter, 5 % UDP scan, the rest peer-to-peer and echo requests.
Written from numpy columns; it shares no code with what it measures.
"""

# ruff: noqa: ARG001 (the functions that fill a kind of traffic have one form)
from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

__all__ = ["PACKETS", "write"]

PACKETS = 4_000_000
SECONDS = 3600
START = 1_767_225_600
NETWORK = 0x2C5A0000  # 44.90.0.0/16
ETHERNET, RECORD, IP, TCP, UDP = 14, 16, 20, 20, 8
SHORTEST = 60  # Ethernet pads shorter frames

MSS_ONLY = bytes.fromhex("020405b4")
LINUX = bytes.fromhex("020405b40402080a000000000000000001030307")
WINDOWS = bytes.fromhex("020405b40103030801010402")

Numbers = NDArray[np.int64]


@dataclass(frozen=True)
class Sources:
    """Senders of one kind, and for every packet the number of its sender."""

    address: Numbers
    ttl: Numbers
    sport: Numbers
    window: Numbers
    of_packet: Numbers


@dataclass(frozen=True)
class Kind:
    """A kind of traffic: its share of packets and sources, and how packets are filled."""

    share: float
    sources: int
    fill: Callable[[np.random.Generator, Sources, int], dict[str, object]]


def _destinations(rng: np.random.Generator, n: int) -> Numbers:
    return NETWORK + rng.integers(0, 1 << 16, n)


def _random32(rng: np.random.Generator, n: int) -> Numbers:
    return rng.integers(0, 1 << 32, n)


def _mirai(rng: np.random.Generator, sources: Sources, n: int) -> dict[str, object]:
    dst = _destinations(rng, n)
    dport = np.where(rng.random(n) < 0.9, 23, 2323)
    return {"dst": dst, "seq": dst, "dport": dport}


def _survey(rng: np.random.Generator, sources: Sources, n: int) -> dict[str, object]:
    ports = rng.permutation(65535)[:3000] + 1
    return {"dport": ports[rng.integers(0, 3000, n)], "window": 1024, "options": MSS_ONLY}


def _masscan(rng: np.random.Generator, sources: Sources, n: int) -> dict[str, object]:
    dst, seq = _destinations(rng, n), _random32(rng, n)
    dport = np.array([80, 443, 3389, 6379, 8080])[sources.of_packet % 5]
    return {"dst": dst, "seq": seq, "dport": dport, "window": 1024, "id": dst ^ dport ^ seq}


def _system(rng: np.random.Generator, sources: Sources, n: int) -> dict[str, object]:
    ports = np.array([22, 80, 443, 3389, 5900, 8080])[rng.integers(0, 6, n)]
    sport = rng.integers(32768, 61000, n)
    return {"dport": ports, "sport": sport, "window": 64240, "df": 1, "options": LINUX}


def _zmap(rng: np.random.Generator, sources: Sources, n: int) -> dict[str, object]:
    ports = np.array([22, 443, 5060, 9200])[sources.of_packet % 4]
    return {"dport": ports, "window": 65535, "id": 54321, "sport": rng.integers(32768, 61000, n)}


def _worm(rng: np.random.Generator, sources: Sources, n: int) -> dict[str, object]:
    same = np.arange(n) // 3  # every probe three times
    dst, seq = _destinations(rng, n)[same], _random32(rng, n)[same]
    sport = rng.integers(1024, 65536, n)[same]
    return {"dst": dst, "seq": seq, "sport": sport, "dport": 445, "df": 1, "options": WINDOWS}


def _backscatter(rng: np.random.Generator, sources: Sources, n: int) -> dict[str, object]:
    sport = np.array([80, 443, 22])[sources.of_packet % 3]
    return {"sport": sport, "dport": rng.integers(1024, 65536, n), "flags": 0x12, "df": 1}


def _udp(rng: np.random.Generator, sources: Sources, n: int) -> dict[str, object]:
    ports = np.array([53, 123, 161, 389, 1900, 5060, 11211])[sources.of_packet % 7]
    return {"dport": ports, "proto": 17, "payload": bytes(range(40, 72))}


def _peers(rng: np.random.Generator, sources: Sources, n: int) -> dict[str, object]:
    return {"dst": NETWORK + 0x1234, "dport": 6881, "proto": 17, "payload": b"d1:ad2:id20:" * 5}


def _echo(rng: np.random.Generator, sources: Sources, n: int) -> dict[str, object]:
    return {"sport": 0x0800, "dport": 0, "proto": 1, "payload": bytes(56)}


KINDS = (
    Kind(0.30, 52_110, _mirai),
    Kind(0.20, 600, _survey),
    Kind(0.10, 5, _masscan),
    Kind(0.10, 18_000, _system),
    Kind(0.08, 5, _zmap),
    Kind(0.06, 12_000, _worm),
    Kind(0.06, 1_500, _backscatter),
    Kind(0.05, 500, _udp),
    Kind(0.03, 10_000, _peers),
    Kind(0.02, 3_143, _echo),
)


def _sources(rng: np.random.Generator, kind: Kind, packets: int) -> Sources:
    n = min(kind.sources, packets)
    weight = rng.lognormal(0, 1.5, n)
    drawn = rng.choice(n, packets - n, p=weight / weight.sum())
    of_packet = np.concatenate([np.arange(n), drawn])
    rng.shuffle(of_packet)
    return Sources(
        address=rng.integers(0x01000000, 0xDF000000, n),
        ttl=rng.choice([64, 64, 128, 255], n) - rng.integers(8, 25, n),
        sport=rng.integers(1024, 65536, n),
        window=rng.integers(1024, 65536, n),
        of_packet=of_packet,
    )


def _put(rows: NDArray[np.uint8], at: int, width: int, values: object) -> None:
    """Write ``values`` into every row, big-endian, ``width`` bytes at column ``at``."""
    numbers = np.broadcast_to(np.asarray(values, dtype=np.int64), len(rows))
    for place in range(width):
        rows[:, at + place] = (numbers >> (8 * (width - 1 - place))) & 0xFF


def _checksums(rows: NDArray[np.uint8]) -> None:
    header = rows[:, ETHERNET : ETHERNET + IP].astype(np.int64)
    total = (header[:, 0::2] << 8 | header[:, 1::2]).sum(axis=1)
    total = (total & 0xFFFF) + (total >> 16)
    _put(rows, ETHERNET + 10, 2, ~((total & 0xFFFF) + (total >> 16)) & 0xFFFF)


def _frames(rng: np.random.Generator, kind: Kind, packets: int) -> NDArray[np.uint8]:
    sources = _sources(rng, kind, packets)
    of = sources.of_packet
    fields: dict[str, object] = {
        "dst": _destinations(rng, packets),
        "seq": _random32(rng, packets),
        "sport": sources.sport[of],
        "window": sources.window[of],
        "id": rng.integers(0, 1 << 16, packets),
        "proto": 6,
        "flags": 2,
        "df": 0,
        "options": b"",
        "payload": b"",
    }
    fields |= kind.fill(rng, sources, packets)
    tail = bytes(fields["options"]) + bytes(fields["payload"])  # type: ignore[arg-type]
    header = TCP if fields["proto"] == 6 else UDP
    length = IP + header + len(tail)
    rows = np.zeros((packets, max(ETHERNET + length, SHORTEST)), dtype=np.uint8)
    rows[:, :12] = np.frombuffer(bytes.fromhex("020000000001020000000002"), dtype=np.uint8)
    _put(rows, 12, 2, 0x0800)
    _put(rows, 14, 2, 0x4500)
    _put(rows, 16, 2, length)
    _put(rows, 18, 2, fields["id"])
    _put(rows, 20, 1, 0x40 * int(fields["df"]))  # type: ignore[call-overload]
    _put(rows, 22, 1, sources.ttl[of])
    _put(rows, 23, 1, fields["proto"])
    _put(rows, 26, 4, sources.address[of])
    _put(rows, 30, 4, fields["dst"])
    _checksums(rows)
    _put(rows, 34, 2, fields["sport"])
    _put(rows, 36, 2, fields["dport"])
    if header == TCP:
        _put(rows, 38, 4, fields["seq"])
        _put(rows, 46, 1, (5 + len(bytes(fields["options"])) // 4) << 4)  # type: ignore[arg-type]
        _put(rows, 47, 1, fields["flags"])
        _put(rows, 48, 2, fields["window"])
    else:
        _put(rows, 38, 2, UDP + len(tail))
    rows[:, ETHERNET + IP + header : ETHERNET + length] = np.frombuffer(tail, dtype=np.uint8)
    return rows


def _times(rng: np.random.Generator, kind: Kind, packets: int) -> Numbers:
    times = rng.random(packets) * SECONDS
    if kind.fill is _worm:  # first probe, then 3 and 9 seconds later
        first = times[(np.arange(packets) // 3) * 3]
        times = np.minimum(
            first + np.array([0.0, 3.0, 9.0])[np.arange(packets) % 3], SECONDS - 1e-3
        )
    return (times * 1e6).astype(np.int64)


def write(path: Path, packets: int = PACKETS, seed: int = 1) -> None:
    """Write the capture, records in the order of time."""
    rng = np.random.default_rng(seed)
    counts = [round(kind.share * packets) for kind in KINDS]
    frames = [_frames(rng, kind, n) for kind, n in zip(KINDS, counts, strict=True)]
    times = [_times(rng, kind, n) for kind, n in zip(KINDS, counts, strict=True)]
    time = np.concatenate(times)
    width = np.repeat([RECORD + rows.shape[1] for rows in frames], counts)
    order = np.argsort(time, kind="stable")
    start = np.empty(len(time), dtype=np.int64)
    start[order] = np.concatenate([[0], np.cumsum(width[order])[:-1]])
    out = np.empty(int(width.sum()), dtype=np.uint8)
    done = 0
    for rows, stamp in zip(frames, times, strict=True):
        head = np.empty((len(rows), 4), dtype="<u4")
        head[:, 0], head[:, 1] = START + stamp // 1_000_000, stamp % 1_000_000
        head[:, 2:] = rows.shape[1]
        record = np.hstack([head.view(np.uint8), rows])
        for place in range(record.shape[1]):
            out[start[done : done + len(rows)] + place] = record[:, place]
        done += len(rows)
    header = np.array([0xA1B2C3D4, 0x00040002, 0, 0, 262_144, 1], dtype="<u4")
    path.write_bytes(header.tobytes() + out.tobytes())


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("path", type=Path)
    parser.add_argument("--packets", type=int, default=PACKETS)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    write(options.path, options.packets, options.seed)
