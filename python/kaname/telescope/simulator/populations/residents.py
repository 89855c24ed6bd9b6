"""Hosts of two organisations that own addresses beside, and in, the darknet.

Their networks are those that RFC 5737 keeps for examples. One host is infected, one looks
for a server that is not there, one answers packets that were forged in the darknet's name.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from kaname.telescope.simulator.populations.answers import SYN_ACK, tcp_answers
from kaname.telescope.simulator.populations.bots import bare, stack
from kaname.telescope.simulator.populations.crowds import towards
from kaname.telescope.simulator.process import Periodic, Population, Random
from kaname.telescope.simulator.scene import Scene

__all__ = ["ORGANISATIONS", "residing"]

ORGANISATIONS: tuple[dict[str, object], ...] = (
    {"id": "alpha", "live": ["192.0.2.0/24"], "infected": "192.0.2.17", "misset": "192.0.2.40"},
    {"id": "beta", "live": ["198.51.100.0/24"], "flooded": "198.51.100.80"},
)
PERIOD = 60_000_000  # microseconds


def residing(scene: Scene) -> Iterator[Population]:
    """All populations of organisations' hosts."""
    begin, end = scene.always(1)
    bot = bare(scene, 1, (23, 2323), (0.9, 0.1))
    rate = np.array([600 / scene.seconds])
    yield Random("mirai", "organisation-infected", _host(0, "infected"), begin, end, rate, bot)
    lost = towards(
        stack(scene, 1, (25,), windows=False, single=True), scene.place.dark(scene.rng, 1)
    )
    yield Periodic(
        "misconfig", "organisation-misset", _host(0, "misset"), scene.start,
        np.array([PERIOD]), lost, (1.0, 3.0),
    )  # fmt: skip
    begin, end = scene.runs(1, 3600)
    yield Random(
        "backscatter_tcp", "organisation-flooded", _host(1, "flooded"), begin, end,
        np.array([0.8]), tcp_answers(scene, SYN_ACK), (1.0, 3.0),
    )  # fmt: skip


def _host(number: int, role: str) -> NDArray[np.uint32]:
    return np.array([int(ipaddress.IPv4Address(str(ORGANISATIONS[number][role])))], np.uint32)
