"""Survey organisations: some hosts of one or more /24 that share many ports, all day long."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from kaname.telescope.simulator.mix import Group
from kaname.telescope.simulator.populations.bots import SYN
from kaname.telescope.simulator.process import Dress, Population, Random
from kaname.telescope.simulator.records import Layout, Packets
from kaname.telescope.simulator.scene import Scene

__all__ = ["surveying"]

Ints = NDArray[np.int64]


def surveying(scene: Scene) -> Iterator[Population]:
    """The groups; their number does not grow with the scale, their packets do."""
    for group in scene.mix.groups:
        yield _group(scene, group)


def _group(scene: Scene, group: Group) -> Random:
    if group.blocks == 1:
        sources = scene.place.company(group.hosts)
    else:
        sources = scene.place.neighbourhood(group.blocks, group.hosts)
    hosts = len(sources)
    begin, end = scene.always(hosts)
    rate = np.full(hosts, group.packets * max(0.2, scene.scale) / 86_400)
    return Random("survey", group.event, sources, begin, end, rate, _dress(scene, group, hosts))


def _dress(scene: Scene, group: Group, hosts: int) -> Dress:
    asked = scene.rng.choice(np.arange(1, 65536), group.ports, replace=False)
    width = group.each or group.ports
    # the ports of host h begin where those of host h - 1 end, around the list
    style = _STYLES[group.style]

    def dress(rng: np.random.Generator, rows: Packets, who: Ints) -> None:
        place = rng.integers(0, width, len(rows)) + (who * width if group.each else 0)
        rows["dport"] = asked[place % group.ports]
        rows["flags"], rows["sport"] = SYN, rng.integers(1024, 65535, len(rows))
        rows["seq"] = rng.integers(0, 1 << 32, len(rows))
        rows["ip_id"] = rng.integers(0, 65536, len(rows))
        rows["dst"] = _targets(scene, rng, who, hosts if group.interleaved else 1)
        style(rng, rows)

    return dress


def _targets(scene: Scene, rng: np.random.Generator, who: Ints, hosts: int) -> NDArray[np.uint32]:
    """Uniform, or every host its own addresses where they divide the darknet."""
    number = rng.integers(0, max(1, scene.place.size // hosts), len(who)) * hosts
    return scene.place.at(np.minimum(number + who % hosts, scene.place.size - 1))


def _mss(_rng: np.random.Generator, rows: Packets) -> None:
    rows["layout"], rows["win"], rows["ttl"] = Layout.TCP_MSS, 1024, 241


def _zmap(_rng: np.random.Generator, rows: Packets) -> None:
    rows["layout"], rows["win"], rows["ttl"], rows["ip_id"] = Layout.TCP, 65535, 240, 54321


def _zmap4(_rng: np.random.Generator, rows: Packets) -> None:
    rows["layout"], rows["win"], rows["ttl"] = Layout.TCP_WINDOWS, 65535, 50


def _masscan(_rng: np.random.Generator, rows: Packets) -> None:
    rows["layout"], rows["win"], rows["ttl"] = Layout.TCP, 1024, 243
    rows["ip_id"] = (rows["dst"] ^ rows["dport"] ^ rows["seq"]) & 0xFFFF


def _linux(rng: np.random.Generator, rows: Packets) -> None:
    rows["layout"], rows["win"], rows["ttl"], rows["df"] = Layout.TCP_LINUX, 64240, 52, 1
    rows["stamp"] = rng.integers(0, 1 << 32, len(rows))


def _bare(rng: np.random.Generator, rows: Packets) -> None:
    rows["layout"], rows["ttl"] = Layout.TCP, 244
    rows["win"] = rng.choice((1024, 14600, 29200, 65535), len(rows))


def _udp(_rng: np.random.Generator, rows: Packets) -> None:
    rows["layout"], rows["flags"], rows["ttl"], rows["payload"] = Layout.UDP, 0, 238, 1


_STYLES: dict[str, Callable[[np.random.Generator, Packets], None]] = {
    "mss": _mss,
    "zmap": _zmap,
    "zmap4": _zmap4,
    "masscan": _masscan,
    "linux": _linux,
    "bare": _bare,
    "udp": _udp,
}
