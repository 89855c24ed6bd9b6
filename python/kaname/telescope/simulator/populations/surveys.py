"""Survey organisations: a few hosts of one /24 that share many ports, all day long."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from kaname.telescope.simulator.populations.bots import SYN
from kaname.telescope.simulator.process import Population, Random
from kaname.telescope.simulator.records import Layout, Packets
from kaname.telescope.simulator.scene import Scene

__all__ = ["surveying"]

# event, hosts, ports, packets of each host in a day
_GROUPS = (
    ("survey-wide", 12, 3000, 1900),
    ("survey-middle", 4, 400, 1200),
    ("survey-small", 3, 45, 350),
)


def surveying(scene: Scene) -> Iterator[Population]:
    """The groups; their number does not grow with the scale, their packets do."""
    for event, hosts, ports, packets in _GROUPS:
        yield _group(scene, event, hosts, ports, packets)


def _group(scene: Scene, event: str, hosts: int, ports: int, packets: int) -> Random:
    sources = scene.place.company(hosts)
    begin, end = scene.always(hosts)
    asked = scene.rng.choice(np.arange(1, 65536), ports, replace=False)

    def dress(rng: np.random.Generator, rows: Packets, _who: NDArray[np.int64]) -> None:
        rows["flags"], rows["layout"], rows["win"] = SYN, Layout.TCP_MSS, 1024
        rows["dst"], rows["dport"] = scene.place.dark(rng, len(rows)), rng.choice(asked, len(rows))
        rows["sport"] = rng.integers(1024, 65535, len(rows))
        rows["seq"] = rng.integers(0, 1 << 32, len(rows))
        rows["ip_id"], rows["ttl"] = rng.integers(0, 65536, len(rows)), 241

    rate = np.full(hosts, packets * scene.scale / 86_400)
    return Random("survey", event, sources, begin, end, rate, dress)
