"""Infected hosts: Mirai and a variant, a worm on SMB, and two campaigns.

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

__all__ = ["infected"]

Ints = NDArray[np.int64]
SYN = 2
_HOUR = 3600.0


def infected(scene: Scene) -> Iterator[Population]:
    """All populations of infected hosts."""
    yield _mirai(scene, "mirai", scene.many(1400), (23, 2323, 5555, 37215), (0.9, 0.06, 0.02, 0.02))
    yield _tiny(scene)
    yield _swapped(scene)
    yield _worm(scene)
    yield _growth(scene)
    yield _bursts(scene)


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


def _rates(scene: Scene, count: int, packets: float, seconds: float) -> NDArray[np.float64]:
    """Heavy-tailed rates (per second) with a median of ``packets`` in ``seconds``."""
    return np.exp(scene.rng.normal(np.log(packets / seconds), 0.9, count))


def _mirai(
    scene: Scene, event: str, count: int, ports: tuple[int, ...], shares: tuple[float, ...]
) -> Random:
    begin, end = lifetimes(scene.rng, count, scene.start, scene.end, 8 * _HOUR)
    rate = _rates(scene, count, 20, 8 * _HOUR)
    sources = scene.place.fresh(count)
    return Random("mirai", event, sources, begin, end, rate, bare(scene, count, ports, shares))


def _tiny(scene: Scene) -> Random:
    """Bots of which hardly a packet comes by."""
    count = scene.many(500)
    begin, end = scene.always(count)
    rate = np.full(count, 1.3 / scene.seconds)
    dress = bare(scene, count, (23, 2323), (0.9, 0.1))
    return Random("mirai", "mirai-few", scene.place.fresh(count), begin, end, rate, dress)


def _swapped(scene: Scene) -> Random:
    """A variant that nobody lists: the sequence number is the destination, bytes swapped."""
    count = scene.many(70)
    begin, end = lifetimes(scene.rng, count, scene.start, scene.end, 12 * _HOUR)
    inner = bare(scene, count, (37777, 5501, 34567), (0.4, 0.3, 0.3))

    def dress(rng: np.random.Generator, rows: Packets, who: Ints) -> None:
        inner(rng, rows, who)
        rows["seq"] = rows["dst"].byteswap()

    rate = _rates(scene, count, 40, 12 * _HOUR)
    return Random("bot_unnamed", "swapped", scene.place.fresh(count), begin, end, rate, dress)


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
    begin, end = lifetimes(scene.rng, count, scene.start, scene.end, 10 * _HOUR)
    rate = _rates(scene, count, 18, 10 * _HOUR)
    dress = stack(scene, count, (445,), windows=True)
    return Random(
        "worm_scan", "worm", scene.place.fresh(count), begin, end, rate, dress, again=(3.0, 9.0)
    )


def _growth(scene: Scene) -> Random:
    """A campaign that begins late and doubles: Mirai's scanner on another port."""
    count = scene.many(130)
    onset = scene.when(0.55)
    left = (scene.end - onset) / 1e6
    begin = onset + np.minimum(left, left * np.log1p(scene.rng.random(count) * 6) / np.log(7)) * 1e6
    end = np.full(count, scene.end)
    dress = bare(scene, count, (9530,), (1.0,))
    rate = np.full(count, 60 / left)
    sources = scene.place.fresh(count)
    return Random("campaign", "growth", sources, begin.astype(np.int64), end, rate, dress)


def _bursts(scene: Scene) -> Random:
    """A campaign in three common bursts of ten minutes, through Linux's stack."""
    count = scene.many(60)
    sources = np.tile(scene.place.fresh(count), 3)
    begin = np.repeat([scene.when(share) for share in (0.2, 0.5, 0.8)], count)
    dress = stack(scene, 3 * count, (26,), windows=False)
    rate = np.full(3 * count, 12 / 600)
    return Random("campaign", "bursts", sources, begin, begin + 600_000_000, rate, dress)
