"""Bots and tools that nobody lists, with relations between the fields of their packets.

A stateless scanner must recognise answers without memory, so it puts the destination into
a field that comes back. Mirai takes the sequence number as it is; a variant swaps it,
inverts it, mixes in a constant or the port, or uses the IP identification.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from kaname.telescope.simulator.populations.bots import HOUR, bare, rates
from kaname.telescope.simulator.process import Dress, Population, Random, lifetimes
from kaname.telescope.simulator.records import Packets
from kaname.telescope.simulator.scene import Scene

__all__ = ["varying"]

Ints = NDArray[np.int64]
Words = NDArray[np.uint32]
_USUAL = (1024, 5840, 14600, 29200, 64240, 65535)


def varying(scene: Scene) -> Iterator[Population]:
    """A population for each relation of the mix, and a tool with one."""
    for number, relation in enumerate(scene.mix.relations):
        yield _variant(scene, number, relation)
    yield _tool(scene)


def _variant(scene: Scene, number: int, relation: str) -> Random:
    count = scene.many(70 if number == 0 else 40)
    begin, end = lifetimes(scene.rng, count, scene.start, scene.end, 12 * HOUR)
    ports = scene.mix.bot_ports[number]
    inner = bare(scene, count, ports, (1 / len(ports),) * len(ports))
    usual = int(scene.rng.choice(_USUAL)) if scene.mix.usual_window[number] else 0
    dress = _related(scene, count, inner, relation, usual)
    rate = rates(scene, count, 40, 12 * HOUR)
    sources = scene.place.fresh(count)
    return Random("bot_unnamed", f"variant-{relation}", sources, begin, end, rate, dress)


def _tool(scene: Scene) -> Random:
    """A tool with raw sockets (TTL 255) and the second relation of the mix."""
    count = scene.many(6)
    begin, end = scene.runs(count, 5400)
    inner = _raised(bare(scene, count, (8080, 3389), (0.5, 0.5)))
    relation = scene.mix.relations[1]
    dress = _related(scene, count, inner, relation, int(scene.rng.choice(_USUAL)))
    rate = np.full(count, 300 / 5400)
    sources = scene.place.fresh(count)
    return Random("tool_unnamed", f"tool-{relation}", sources, begin, end, rate, dress)


def _raised(inner: Dress) -> Dress:
    def dress(rng: np.random.Generator, rows: Packets, who: Ints) -> None:
        inner(rng, rows, who)
        rows["ttl"] += 191  # from 64 to 255

    return dress


def _related(scene: Scene, count: int, inner: Dress, relation: str, window: int) -> Dress:
    constant = np.uint32(scene.rng.integers(1, 1 << 32))
    keys = scene.rng.integers(1, 1 << 32, count, dtype=np.uint32)

    def dress(rng: np.random.Generator, rows: Packets, who: Ints) -> None:
        inner(rng, rows, who)
        rows["seq"] = rng.integers(0, 1 << 32, len(rows))
        key = keys[who] if relation == "keyed" else np.full(len(rows), constant)
        dst = rows["dst"].astype(np.uint32)
        if relation in _IN_ID:
            rows["ip_id"] = _IN_ID[relation](dst)
        else:
            rows["seq"] = _IN_SEQ[relation](dst, key, rows["dport"].astype(np.uint32))
        if window:
            rows["win"] = window

    return dress


_IN_SEQ: dict[str, Callable[[Words, Words, Words], Words]] = {
    "swapped": lambda dst, _key, _port: dst.byteswap(),
    "inverted": lambda dst, _key, _port: ~dst,
    "xored": lambda dst, key, _port: dst ^ key,
    "keyed": lambda dst, key, _port: dst ^ key,  # a key of each bot
    "added": lambda dst, key, _port: dst + key,
    "subtracted": lambda dst, key, _port: key - dst,
    "halves": lambda dst, _key, _port: dst << np.uint32(16) | dst >> np.uint32(16),
    "with_port": lambda dst, _key, port: dst ^ port,
}
_IN_ID: dict[str, Callable[[Words], Words]] = {
    "id_low": lambda dst: dst & np.uint32(0xFFFF),
    "id_folded": lambda dst: (dst ^ dst >> np.uint32(16)) & np.uint32(0xFFFF),
    "id_swapped": lambda dst: (
        (dst & np.uint32(0xFF)) << np.uint32(8) | dst >> np.uint32(8) & np.uint32(0xFF)
    ),
}
