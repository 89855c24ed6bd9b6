"""Infected hosts: Mirai and a worm on SMB; and how bots and hosts dress their packets.

Mirai's scanner sends a SYN whose sequence number is the destination, from a source port
and with a window that it draws once; port 23, every tenth time 2323 (its source, 2016).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from kaname.telescope.simulator.process import Dress, Population, Random, lifetimes
from kaname.telescope.simulator.records import Layout, Packets
from kaname.telescope.simulator.scene import Scene

__all__ = ["HOUR", "SYN", "bare", "infected", "rates", "stack"]

Ints = NDArray[np.int64]
SYN = 2
HOUR = 3600.0


def infected(scene: Scene) -> Iterator[Population]:
    """All populations of infected hosts."""
    yield _mirai(scene, "mirai", scene.many(1400), (23, 2323, 5555, 37215), (0.9, 0.06, 0.02, 0.02))
    yield _tiny(scene)
    yield _worm(scene)


def bare(scene: Scene, count: int, ports: tuple[int, ...], shares: tuple[float, ...]) -> Dress:
    """Packets of a bot with its own scanner: one source port and window each."""
    sport = scene.rng.integers(1024, 65535, count)
    window = scene.rng.integers(1100, 64000, count)
    hops = scene.rng.integers(6, 26, count)

    def dress(rng: np.random.Generator, rows: Packets, who: Ints) -> None:
        rows["layout"], rows["flags"] = Layout.TCP, SYN
        rows["dst"] = scene.place.dark(rng, len(rows))
        rows["dport"] = rng.choice(ports, len(rows), p=shares)
        rows["sport"], rows["win"], rows["ttl"] = sport[who], window[who], 64 - hops[who]
        rows["ip_id"] = rng.integers(0, 65536, len(rows))
        rows["seq"] = rows["dst"]

    return dress


def rates(scene: Scene, count: int, packets: float, seconds: float) -> NDArray[np.float64]:
    """Heavy-tailed rates (per second) with a median of ``packets`` in ``seconds``."""
    return np.exp(scene.rng.normal(np.log(packets / seconds), 0.9, count))


def _mirai(
    scene: Scene, event: str, count: int, ports: tuple[int, ...], shares: tuple[float, ...]
) -> Random:
    begin, end = lifetimes(scene.rng, count, scene.start, scene.end, 8 * HOUR)
    rate = rates(scene, count, 20, 8 * HOUR)
    sources = scene.place.fresh(count)
    dress = bare(scene, count, ports, shares)
    # homes sleep: bots of the Americas, Europe and Asia at noon of their own
    noon = scene.rng.choice((18.0, 12.0, 4.0), count)
    return Random("mirai", event, sources, begin, end, rate, dress, noon=noon)


def _tiny(scene: Scene) -> Random:
    """Bots of which hardly a packet comes by."""
    count = scene.many(500)
    begin, end = scene.always(count)
    rate = np.full(count, 1.3 / scene.seconds)
    dress = bare(scene, count, (23, 2323), (0.9, 0.1))
    return Random("mirai", "mirai-few", scene.place.fresh(count), begin, end, rate, dress)


def stack(
    scene: Scene, count: int, ports: tuple[int, ...], *, windows: bool, single: bool = False
) -> Dress:
    """Packets of an operating system that connects; ``single``: one port for each source."""
    ttl = (128 if windows else 64) - scene.rng.integers(6, 24, count)
    own = scene.rng.choice(ports, count)

    def dress(rng: np.random.Generator, rows: Packets, who: Ints) -> None:
        rows["layout"] = Layout.TCP_WINDOWS if windows else Layout.TCP_LINUX
        rows["flags"], rows["df"] = SYN, 1
        rows["win"] = 8192 if windows else 64240
        rows["dst"] = scene.place.dark(rng, len(rows))
        rows["dport"] = own[who] if single else rng.choice(ports, len(rows))
        rows["sport"] = rng.integers(32768, 61000, len(rows))
        rows["seq"] = rng.integers(0, 1 << 32, len(rows))
        rows["stamp"] = rng.integers(0, 1 << 32, len(rows))
        rows["ip_id"], rows["ttl"] = rng.integers(0, 65536, len(rows)), ttl[who]

    return dress


def _worm(scene: Scene) -> Random:
    """Windows hosts on 445/tcp; an unanswered SYN is sent again after 3 and 9 seconds."""
    count = scene.many(240)
    begin, end = lifetimes(scene.rng, count, scene.start, scene.end, 10 * HOUR)
    rate = rates(scene, count, 18, 10 * HOUR)
    dress = stack(scene, count, (445,), windows=True)
    sources = scene.place.fresh(count)
    noon = scene.rng.choice((18.0, 12.0, 4.0), count)
    return Random("worm_scan", "worm", sources, begin, end, rate, dress, (3.0, 9.0), noon)
