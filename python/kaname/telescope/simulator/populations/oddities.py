"""What every capture has a little of: forged noise, fragments, VLANs, IPv6, damage."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from kaname.telescope.simulator.populations.bots import SYN
from kaname.telescope.simulator.process import Population, Timed
from kaname.telescope.simulator.records import Layout, Packets
from kaname.telescope.simulator.scene import Scene

__all__ = ["odd"]

# label, packets, layout
_KINDS = (
    ("bogon", 60, Layout.TCP),
    ("vlan", 60, Layout.TCP_VLAN),
    ("ipv6", 40, Layout.TCP_V6),
    ("fragment", 60, Layout.FRAGMENT),
    ("malformed", 120, Layout.BROKEN),
    ("nonip", 30, Layout.ARP),
    ("truncated", 40, Layout.TCP_CUT),
)


def odd(scene: Scene) -> Iterator[Population]:
    """One population a kind, each source with one packet."""
    for label, packets, layout in _KINDS:
        yield _kind(scene, label, scene.many(packets), layout)


def _kind(scene: Scene, label: str, count: int, layout: int) -> Timed:
    at = scene.rng.integers(scene.start, scene.end, count)
    forged = label == "bogon"
    private = (10 << 24) + scene.rng.integers(1, 1 << 24, count)
    sources = private.astype(np.uint32) if forged else scene.place.fresh(count)

    def dress(rng: np.random.Generator, rows: Packets, _who: NDArray[np.int64]) -> None:
        rows["layout"], rows["flags"], rows["dst"] = layout, SYN, scene.place.dark(rng, len(rows))
        rows["dport"], rows["sport"] = 80, rng.integers(1024, 65535, len(rows))
        rows["seq"], rows["win"] = rng.integers(0, 1 << 32, len(rows)), 5840
        rows["ttl"], rows["ip_id"] = 60, rng.integers(0, 65536, len(rows))

    return Timed(label, label, sources, at, np.arange(count), dress)
