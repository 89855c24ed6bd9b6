"""Answers: of victims to forged packets (backscatter), and of reflectors to their targets."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from kaname.telescope.simulator.process import Dress, Population, Random, Timed
from kaname.telescope.simulator.records import Layout, Packets
from kaname.telescope.simulator.scene import Scene

__all__ = ["answering"]

Ints = NDArray[np.int64]
_SYN_ACK, _RST, _RST_ACK = 18, 4, 20


def answering(scene: Scene) -> Iterator[Population]:
    """All populations of answering hosts."""
    yield _victims(scene, "dos-synack", 8, _tcp(scene, _SYN_ACK), (1.0, 3.0))
    yield _victims(scene, "dos-rst", 6, _tcp(scene, _RST_ACK), ())
    yield _victims(scene, "dos-icmp", 5, _icmp(scene), ())
    yield _few(scene)
    yield _udp(scene)
    yield _reflection(scene)


def _victims(
    scene: Scene, event: str, count: int, dress: Dress, again: tuple[float, ...]
) -> Random:
    """Floods of some minutes to an hour, of very different strength."""
    count = scene.many(count)
    begin, end = scene.runs(count, 2400)
    rate = np.exp(scene.rng.normal(np.log(0.4), 1.0, count))
    label = "backscatter_icmp" if event == "dos-icmp" else "backscatter_tcp"
    return Random(label, event, scene.place.fresh(count), begin, end, rate, dress, again)


def _tcp(scene: Scene, flags: int) -> Dress:
    def dress(rng: np.random.Generator, rows: Packets, who: Ints) -> None:
        rows["layout"] = Layout.TCP_MSS if flags == _SYN_ACK else Layout.TCP
        rows["flags"], rows["df"] = flags, 1
        rows["win"] = 65160 if flags == _SYN_ACK else 0
        rows["sport"] = np.array([80, 443, 22, 53, 25565])[who % 5]
        rows["dst"], rows["dport"] = (
            scene.place.dark(rng, len(rows)),
            rng.integers(1024, 65535, len(rows)),
        )
        rows["seq"] = rng.integers(0, 1 << 32, len(rows))
        rows["ack"] = rng.integers(0, 1 << 32, len(rows))
        rows["ttl"], rows["ip_id"] = 45 + who % 60, rng.integers(0, 65536, len(rows))

    return dress


def _icmp(scene: Scene) -> Dress:
    """Port unreachable, quoting the forged packet; the fields win and mss hold its ports."""

    def dress(rng: np.random.Generator, rows: Packets, who: Ints) -> None:
        rows["layout"], rows["sport"], rows["dport"] = Layout.ICMP_ERROR, 3, 3
        rows["dst"], rows["victim"] = scene.place.dark(rng, len(rows)), rows["src"]
        rows["win"], rows["mss"] = rng.integers(1024, 65535, len(rows)), 27015
        rows["ttl"], rows["ip_id"] = 50 + who % 60, rng.integers(0, 65536, len(rows))

    return dress


def _few(scene: Scene) -> Timed:
    """Victims of whom one to four packets come by."""
    count = scene.many(120)
    packets = scene.rng.integers(1, 5, count)
    who = np.repeat(np.arange(count), packets)
    start = scene.rng.integers(scene.start, max(scene.start + 1, scene.end - 300_000_000), count)
    at = start[who] + scene.rng.integers(0, 240_000_000, len(who))
    dress = _tcp(scene, _RST)
    return Timed("backscatter_tcp", "dos-few", scene.place.fresh(count), at, who, dress)


def _udp(scene: Scene) -> Random:
    """Name and time servers that answer forged requests."""
    count = scene.many(40)
    begin, end = scene.runs(count, 900)

    def dress(rng: np.random.Generator, rows: Packets, who: Ints) -> None:
        dns = who % 2 == 0
        rows["layout"], rows["payload"] = Layout.UDP, np.where(dns, 8, 9)
        rows["sport"], rows["dport"] = np.where(dns, 53, 123), rng.integers(1024, 65535, len(rows))
        rows["dst"], rows["ttl"] = scene.place.dark(rng, len(rows)), 48 + who % 60
        rows["ip_id"] = rng.integers(0, 65536, len(rows))

    rate = np.full(count, 20 / 700)
    return Random("backscatter_udp", "dos-udp", scene.place.fresh(count), begin, end, rate, dress)


def _reflection(scene: Scene) -> Timed:
    """Some hundred servers, six targets, four minutes; every answer is sent again."""
    count = scene.many(900)
    targets = scene.place.dark(scene.rng, 6)
    who = np.repeat(np.arange(count), 1 + (np.arange(count) % 2))
    begin = scene.when(0.4)
    at = begin + scene.rng.integers(0, 240_000_000, len(who))
    ports = scene.rng.choice((80, 443, 22, 179), count)

    def dress(rng: np.random.Generator, rows: Packets, own: Ints) -> None:
        rows["layout"], rows["flags"], rows["df"] = Layout.TCP_MSS, _SYN_ACK, 1
        rows["win"], rows["sport"] = 29200, ports[own]
        rows["dst"] = targets[(own + rng.integers(0, 2, len(rows)) * 3) % 6]
        rows["dport"], rows["ttl"] = rng.integers(1024, 65535, len(rows)), 40 + own % 30
        rows["seq"] = rng.integers(0, 1 << 32, len(rows))
        rows["ack"] = rng.integers(0, 1 << 32, len(rows))

    sources = scene.place.fresh(count)
    return Timed("tcp_reflection", "reflection", sources, at, who, dress, again=(1.0, 3.0))
