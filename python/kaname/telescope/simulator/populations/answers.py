"""Answers of victims to forged packets: backscatter, from storms down to single packets."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from kaname.telescope.simulator.process import Dress, Population, Random, Timed
from kaname.telescope.simulator.records import Layout, Packets
from kaname.telescope.simulator.scene import Scene

__all__ = ["RST", "RST_ACK", "SYN_ACK", "answering", "services", "tcp_answers"]

Ints = NDArray[np.int64]
SYN_ACK, RST, RST_ACK = 18, 4, 20
# source port -> number into wire.PAYLOADS: name, time, device discovery, management, directory
_SERVICES = ((53, 8), (123, 9), (1900, 13), (161, 14), (389, 15))


def answering(scene: Scene) -> Iterator[Population]:
    """All populations of victims."""
    tcp, icmp = "backscatter_tcp", "backscatter_icmp"
    yield _victims(scene, (tcp, "dos-synack"), 8, tcp_answers(scene, SYN_ACK), (1.0, 3.0))
    yield _victims(scene, (tcp, "dos-synack-plain"), 3, tcp_answers(scene, SYN_ACK, plain=True))
    yield _victims(scene, (tcp, "dos-rst"), 6, tcp_answers(scene, RST_ACK))
    yield _victims(scene, (icmp, "dos-icmp"), 5, _icmp(scene, 3, 3))
    yield _victims(scene, (icmp, "dos-router"), 4, _icmp(scene, 3, 1, router=True))
    yield _victims(scene, (icmp, "dos-expired"), 3, _icmp(scene, 11, 0, router=True))
    yield _victims(scene, (icmp, "dos-ping"), 3, _echo(scene))
    for number, flags in enumerate((RST, SYN_ACK, RST_ACK)):
        yield _few(scene, (tcp, f"dos-few-{number}"), 40, tcp_answers(scene, flags))
    yield _few(scene, (icmp, "dos-few-icmp"), 20, _icmp(scene, 3, 3))
    yield _few(scene, ("backscatter_udp", "dos-few-udp"), 20, services(scene))
    yield _udp(scene)


def _victims(
    scene: Scene, what: tuple[str, str], count: int, dress: Dress, again: tuple[float, ...] = ()
) -> Random:
    """Floods of some minutes to an hour, of very different strength."""
    count = scene.many(count)
    begin, end = scene.runs(count, 2400)
    rate = np.exp(scene.rng.normal(np.log(0.4), 1.0, count))
    return Random(*what, scene.place.fresh(count), begin, end, rate, dress, again)


def tcp_answers(scene: Scene, flags: int, *, plain: bool = False) -> Dress:
    """Answers of servers with the TCP ``flags``; ``plain``: without options."""

    def dress(rng: np.random.Generator, rows: Packets, who: Ints) -> None:
        optioned = flags == SYN_ACK and not plain
        rows["layout"] = Layout.TCP_MSS if optioned else Layout.TCP
        rows["flags"], rows["df"] = flags, 1
        rows["win"] = 65160 if flags == SYN_ACK else 0
        rows["sport"] = np.array([80, 443, 22, 53, 25565])[who % 5]
        rows["dst"], rows["dport"] = (
            scene.place.dark(rng, len(rows)),
            rng.integers(1024, 65535, len(rows)),
        )
        rows["seq"] = rng.integers(0, 1 << 32, len(rows))
        rows["ack"] = rng.integers(0, 1 << 32, len(rows))
        rows["ttl"], rows["ip_id"] = 45 + who % 60, rng.integers(0, 65536, len(rows))

    return dress


def _icmp(scene: Scene, kind: int, code: int, *, router: bool = False) -> Dress:
    """An error that quotes the forged packet; the fields win and mss hold its ports."""

    def dress(rng: np.random.Generator, rows: Packets, who: Ints) -> None:
        rows["layout"], rows["sport"], rows["dport"] = Layout.ICMP_ERROR, kind, code
        rows["dst"] = scene.place.dark(rng, len(rows))
        rows["victim"] = rows["src"] + (who.astype(np.uint32) + 7 if router else 0)
        rows["win"], rows["mss"] = rng.integers(1024, 65535, len(rows)), 27015
        rows["ttl"], rows["ip_id"] = 50 + who % 60, rng.integers(0, 65536, len(rows))

    return dress


def _echo(scene: Scene) -> Dress:
    """Answers to forged pings."""

    def dress(rng: np.random.Generator, rows: Packets, who: Ints) -> None:
        rows["layout"], rows["payload"] = Layout.ICMP, 11
        rows["dst"], rows["sport"] = scene.place.dark(rng, len(rows)), 0
        rows["ttl"], rows["ip_id"] = 50 + who % 60, rng.integers(0, 65536, len(rows))

    return dress


def _few(scene: Scene, what: tuple[str, str], count: int, dress: Dress) -> Timed:
    """Victims of whom one to four packets come by."""
    count = scene.many(count)
    packets = scene.rng.integers(1, 5, count)
    who = np.repeat(np.arange(count), packets)
    start = scene.rng.integers(scene.start, max(scene.start + 1, scene.end - 300_000_000), count)
    at = start[who] + scene.rng.integers(0, 240_000_000, len(who))
    return Timed(*what, scene.place.fresh(count), at, who, dress)


def services(scene: Scene, targets: NDArray[np.uint32] | None = None) -> Dress:
    """Answers of UDP services, to the darknet or to some ``targets`` of it."""
    ports, payloads = np.array(_SERVICES).T

    def dress(rng: np.random.Generator, rows: Packets, who: Ints) -> None:
        service = who % len(ports)
        rows["layout"], rows["payload"] = Layout.UDP, payloads[service]
        rows["sport"], rows["dport"] = ports[service], rng.integers(1024, 65535, len(rows))
        dark = scene.place.dark(rng, len(rows))
        rows["dst"] = dark if targets is None else rng.choice(targets, len(rows))
        rows["ip_id"], rows["ttl"] = rng.integers(0, 65536, len(rows)), 48 + who % 60

    return dress


def _udp(scene: Scene) -> Random:
    """Servers that answer forged requests."""
    count = scene.many(40)
    begin, end = scene.runs(count, 900)
    rate = np.full(count, 20 / 700)
    sources, dress = scene.place.fresh(count), services(scene)
    return Random("backscatter_udp", "dos-udp", sources, begin, end, rate, dress)
