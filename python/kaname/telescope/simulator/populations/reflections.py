"""Reflection: many servers that answer few addresses, from one target to a carpet of them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from kaname.telescope.simulator.populations.answers import SYN_ACK, services
from kaname.telescope.simulator.process import Population, Timed
from kaname.telescope.simulator.records import Layout, Packets
from kaname.telescope.simulator.scene import Scene

__all__ = ["reflecting"]

Ints = NDArray[np.int64]


def reflecting(scene: Scene) -> Iterator[Population]:
    """The reflection attacks of the mix."""
    yield _tcp(scene)
    if scene.mix.udp_reflection:
        yield _udp(scene)


def _targets(scene: Scene, count: int) -> NDArray[np.uint32]:
    """Neighbours, as the addresses of one customer are."""
    count = min(count, scene.place.size // 4)
    first = int(scene.rng.integers(0, scene.place.size - count + 1))
    return scene.place.at(first + np.arange(count))


def _tcp(scene: Scene) -> Timed:
    """Some hundred servers, four minutes; SYN-ACKs are sent again."""
    flags = scene.mix.reflection_flags
    count = scene.many(scene.mix.reflection_sources)
    targets = _targets(scene, scene.mix.reflection_targets)
    who = np.repeat(np.arange(count), 1 + (np.arange(count) % 2))
    at = scene.when(0.4) + scene.rng.integers(0, 240_000_000, len(who))
    ports = scene.rng.choice((80, 443, 22, 179), count)

    def dress(rng: np.random.Generator, rows: Packets, own: Ints) -> None:
        rows["layout"] = Layout.TCP_MSS if flags == SYN_ACK else Layout.TCP
        rows["flags"], rows["df"] = flags, 1
        rows["win"], rows["sport"] = 29200 if flags == SYN_ACK else 0, ports[own]
        rows["dst"] = rng.choice(targets, len(rows))
        rows["dport"], rows["ttl"] = rng.integers(1024, 65535, len(rows)), 40 + own % 30
        rows["seq"] = rng.integers(0, 1 << 32, len(rows))
        rows["ack"] = rng.integers(0, 1 << 32, len(rows))

    again = (1.0, 3.0) if flags == SYN_ACK else ()
    sources = scene.place.fresh(count)
    return Timed("tcp_reflection", "reflection", sources, at, who, dress, again=again)


def _udp(scene: Scene) -> Timed:
    """Amplifiers that answer one customer for five minutes."""
    count = scene.many(300)
    who = np.repeat(np.arange(count), 3)
    at = scene.when(0.65) + scene.rng.integers(0, 300_000_000, len(who))
    dress = services(scene, _targets(scene, 2))
    sources = scene.place.fresh(count)
    return Timed("udp_reflection", "amplification", sources, at, who, dress)
