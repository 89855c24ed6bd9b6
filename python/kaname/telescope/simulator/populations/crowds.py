"""Crowds before one address: forged floods, misled peers; and sources set up wrongly."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from kaname.telescope.simulator.populations.bots import SYN, stack
from kaname.telescope.simulator.process import Dress, Periodic, Population, Random, Timed
from kaname.telescope.simulator.records import Layout, Packets
from kaname.telescope.simulator.scene import Scene

__all__ = ["crowding", "towards"]

Ints = NDArray[np.int64]
_PERIODS = (60, 120, 300, 600, 900)  # seconds
_SERVICES = ((53, 1), (123, 2), (161, 7), (514, 12))


def crowding(scene: Scene) -> Iterator[Population]:
    """All populations that face single addresses."""
    for number, port in enumerate(scene.mix.flood_ports):
        yield _flood(scene, number, (0.15, 0.45, 0.7)[number], port)
    yield _peers(scene)
    yield _connecting(scene)
    yield _wrong(scene)
    yield _refused(scene)


def _flood(scene: Scene, number: int, share: float, port: int) -> Timed:
    """One packet from each forged source, within some seconds; the second is of datagrams."""
    count = scene.many(700)
    at = scene.when(share) + scene.rng.integers(0, 40_000_000, count)
    target = scene.place.dark(scene.rng, 1)[0]

    def dress(rng: np.random.Generator, rows: Packets, _who: Ints) -> None:
        rows["layout"], rows["flags"], rows["dst"] = Layout.TCP, SYN, target
        rows["dport"], rows["sport"] = port, rng.integers(1024, 65535, len(rows))
        rows["seq"] = rng.integers(0, 1 << 32, len(rows))
        rows["win"] = rng.choice((512, 8192, 64240), len(rows))
        rows["ttl"], rows["ip_id"] = rng.integers(30, 250, len(rows)), rng.integers(0, 65536)
        if number == 1:
            rows["layout"], rows["payload"] = Layout.UDP, 11

    sources, event = scene.place.anywhere(count), f"flood-{number}"
    return Timed("spoofed_flood", event, sources, at, np.arange(count), dress)


def _peers(scene: Scene) -> Random:
    """Peers of a file-sharing network, before an address that is not there."""
    count = scene.many(600)
    begin, end = scene.always(count)

    def dress(rng: np.random.Generator, rows: Packets, who: Ints) -> None:
        rows["layout"], rows["payload"] = Layout.UDP, 6
        rows["dst"], rows["dport"] = scene.peers_target, scene.mix.peers_port
        rows["sport"], rows["ttl"] = 10000 + who % 50000, 45 + who % 70
        rows["ip_id"] = rng.integers(0, 65536, len(rows))

    rate = scene.rng.uniform(1, 9, count) / scene.seconds
    return Random("p2p_misconf", "peers", scene.place.fresh(count), begin, end, rate, dress)


def _connecting(scene: Scene) -> Random:
    """The same over TCP: kernels that try thrice to connect to a peer that has left."""
    count = scene.many(200)
    begin, end = scene.always(count)
    target = scene.place.dark(scene.rng, 1)[0]
    inner = stack(scene, count, (6699,), windows=True)
    dress = towards(inner, np.full(count, target))
    rate = scene.rng.uniform(1, 4, count) / scene.seconds
    sources = scene.place.fresh(count)
    again = (3.0, 9.0)
    return Random("p2p_misconf", "peers-tcp", sources, begin, end, rate, dress, again)


def towards(inner: Dress, target: NDArray[np.uint32]) -> Dress:
    """Packets as ``inner`` makes them, to one address for each source."""

    def dress(rng: np.random.Generator, rows: Packets, who: Ints) -> None:
        inner(rng, rows, who)
        rows["dst"] = target[who]

    return dress


def _wrong(scene: Scene) -> Periodic:
    """Hosts with a wrong server address, by the clock."""
    count = scene.many(12)
    period = scene.rng.choice(_PERIODS, count) * 1_000_000
    target = scene.place.dark(scene.rng, count)
    service = np.array(_SERVICES)[np.arange(count) % len(_SERVICES)]

    def dress(rng: np.random.Generator, rows: Packets, who: Ints) -> None:
        rows["layout"], rows["dst"] = Layout.UDP, target[who]
        rows["dport"], rows["payload"] = service[who, 0], service[who, 1]
        rows["sport"], rows["ttl"] = rng.integers(1024, 65535, len(rows)), 55 + who % 50
        rows["ip_id"] = rng.integers(0, 65536, len(rows))

    sources = scene.place.fresh(count)
    return Periodic("misconfig", "wrong-server", sources, scene.start, period, dress)


def _refused(scene: Scene) -> Periodic:
    """Clients whose kernel connects to a wrong address, every few minutes, more or less."""
    count = scene.many(10)
    period = scene.rng.choice(_PERIODS, count) * 1_000_000
    inner = stack(scene, count, (25, 8443, 3306, 514), windows=False, single=True)
    dress = towards(inner, scene.place.dark(scene.rng, count))
    sources, late = scene.place.fresh(count), 0.3
    again = (1.0, 3.0)
    return Periodic("misconfig", "refused", sources, scene.start, period, dress, again, late)
