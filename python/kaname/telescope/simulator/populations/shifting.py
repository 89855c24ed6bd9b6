"""Where address and host are not one: dynamic addresses, and translated ones (NAT)."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from kaname.telescope.simulator.populations.bots import HOUR, bare, rates, stack
from kaname.telescope.simulator.process import Dress, Population, Random
from kaname.telescope.simulator.records import Layout, Packets
from kaname.telescope.simulator.scene import Scene

__all__ = ["shifting"]

Ints = NDArray[np.int64]
_BEHAVIOURS = ("mirai", "host_scan", "udp_scan", "p2p_misconf", "worm_scan")


def shifting(scene: Scene) -> Iterator[Population]:
    """Bots that are given a new address, and addresses with several hosts."""
    yield _wandering(scene)
    yield from _translated(scene)


def _wandering(scene: Scene) -> Random:
    """Bots on lines whose address changes every 6 to 72 hours."""
    bots = scene.many(60)
    who: list[int] = []
    begin: list[int] = []
    end: list[int] = []
    for bot in range(bots):
        now = scene.start - int(scene.rng.uniform(0, 6) * HOUR * 1e6)
        while now < scene.end:
            after = now + int(scene.rng.uniform(6, 72) * HOUR * 1e6)
            who.append(bot)
            begin.append(max(now, scene.start))
            end.append(min(after, scene.end))
            now = after
    inner = bare(scene, bots, (23, 2323), (0.9, 0.1))
    which = np.array(who)

    def dress(rng: np.random.Generator, rows: Packets, address: Ints) -> None:
        inner(rng, rows, which[address])  # the bot's own port and window go with it

    rate = rates(scene, bots, 40, 12 * HOUR)[which]
    sources = scene.place.fresh(len(which))
    return Random("mirai", "wandering", sources, np.array(begin), np.array(end), rate, dress)


def _translated(scene: Scene) -> Iterator[Population]:
    """Addresses that two or three hosts with behaviours of their own share."""
    count = scene.many(60)
    addresses = scene.place.fresh(count)
    behind = np.zeros((count, len(_BEHAVIOURS)), np.bool_)
    for each in behind:
        each[scene.rng.choice(len(_BEHAVIOURS), scene.rng.integers(2, 4), replace=False)] = True
    for number, label in enumerate(_BEHAVIOURS):
        own = addresses[behind[:, number]]
        if len(own):
            begin, end = scene.always(len(own))
            rate = scene.rng.uniform(15, 90, len(own)) / scene.seconds
            again = (3.0, 9.0) if label == "worm_scan" else ()
            dress = _dress(scene, label, len(own))
            yield Random(label, "nat", own, begin, end, rate, dress, again)


def _dress(scene: Scene, label: str, count: int) -> Dress:
    if label == "mirai":
        return bare(scene, count, (23, 2323), (0.9, 0.1))
    if label == "host_scan":
        return stack(scene, count, (80, 443, 8080), windows=False)
    if label == "worm_scan":
        return stack(scene, count, (445,), windows=True)
    return _datagrams(scene, peers=label == "p2p_misconf")


def _datagrams(scene: Scene, *, peers: bool) -> Dress:
    def dress(rng: np.random.Generator, rows: Packets, _who: Ints) -> None:
        rows["layout"], rows["ttl"] = Layout.UDP, 44
        rows["dst"] = scene.peers_target if peers else scene.place.dark(rng, len(rows))
        rows["dport"] = scene.mix.peers_port if peers else 1900
        rows["payload"] = 6 if peers else 3
        rows["sport"] = rng.integers(1024, 65535, len(rows))
        rows["ip_id"] = rng.integers(0, 65536, len(rows))

    return dress
