"""Crowds before one address: forged floods, misled peers; and sources set up wrongly."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from kaname.telescope.simulator.populations.bots import SYN
from kaname.telescope.simulator.process import Periodic, Population, Random, Timed
from kaname.telescope.simulator.records import Layout, Packets
from kaname.telescope.simulator.scene import Scene

__all__ = ["crowding"]

Ints = NDArray[np.int64]
_PERIODS = (60, 120, 300, 600)  # seconds
_SERVICES = ((53, 1), (123, 2), (161, 7), (514, 12))


def crowding(scene: Scene) -> Iterator[Population]:
    """All populations that face single addresses."""
    for number, (share, port) in enumerate(((0.15, 80), (0.45, 443), (0.7, 8888))):
        yield _flood(scene, number, share, port)
    yield _peers(scene)
    yield _wrong(scene)


def _flood(scene: Scene, number: int, share: float, port: int) -> Timed:
    """One SYN from each forged source, within some seconds."""
    count = scene.many(700)
    at = scene.when(share) + scene.rng.integers(0, 40_000_000, count)
    target = scene.place.dark(scene.rng, 1)[0]

    def dress(rng: np.random.Generator, rows: Packets, _who: Ints) -> None:
        rows["layout"], rows["flags"], rows["dst"] = Layout.TCP, SYN, target
        rows["dport"], rows["sport"] = port, rng.integers(1024, 65535, len(rows))
        rows["seq"], rows["win"] = rng.integers(0, 1 << 32, len(rows)), 8192
        rows["ttl"], rows["ip_id"] = 48, rng.integers(0, 65536, len(rows))

    sources, event = scene.place.anywhere(count), f"flood-{number}"
    return Timed("spoofed_flood", event, sources, at, np.arange(count), dress)


def _peers(scene: Scene) -> Random:
    """Peers of a file-sharing network, before an address that is not there."""
    count = scene.many(600)
    begin, end = scene.always(count)
    target = scene.place.dark(scene.rng, 1)[0]

    def dress(rng: np.random.Generator, rows: Packets, who: Ints) -> None:
        rows["layout"], rows["payload"] = Layout.UDP, 6
        rows["dst"], rows["dport"] = target, 6881
        rows["sport"], rows["ttl"] = 10000 + who % 50000, 45 + who % 70
        rows["ip_id"] = rng.integers(0, 65536, len(rows))

    rate = scene.rng.uniform(1, 9, count) / scene.seconds
    return Random("p2p_misconf", "peers", scene.place.fresh(count), begin, end, rate, dress)


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
