"""Scanning tools as they are on the wire, hosts that connect, UDP and ping scans.

Facts by capture of the real tools (zmap 2.1.1 and 4.3.4, masscan 1.3.2, nmap 7.93), and
masscan's source for its IP identification.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from kaname.telescope.simulator.populations.bots import SYN, stack
from kaname.telescope.simulator.process import Dress, Population, Random, lifetimes
from kaname.telescope.simulator.records import Layout, Packets
from kaname.telescope.simulator.scene import Scene

__all__ = ["scanning"]

Ints = NDArray[np.int64]
_PORTS = (80, 443, 22, 3389, 8080, 6379, 3306, 5432, 8443, 21, 25, 993, 1433, 27017, 2222)
# port -> number into wire.PAYLOADS
_UDP = ((53, 1), (123, 2), (1900, 3), (5060, 4), (11211, 5), (161, 7), (389, 10))


def scanning(scene: Scene) -> Iterator[Population]:
    """All populations of scanners."""
    yield _tool(scene, "masscan", 12, 2200, _masscan)
    yield _tool(scene, "zmap", 7, 2400, _zmap2)
    yield _tool(scene, "zmap4", 9, 2400, _zmap4)
    yield _nmap(scene)
    yield _tool(scene, "tool_unnamed", 10, 700, _unnamed)
    yield _tool(scene, "tool_unnamed", 6, 300, _library)
    yield _tool(scene, "tool_unnamed", 4, 300, _constant)
    yield _hosts(scene)
    yield _windows(scene)
    yield _udp(scene)
    yield _udp_single(scene)
    yield _echo(scene)


def _tool(scene: Scene, label: str, count: int, packets: int, mark: Dress) -> Random:
    """Runs of a tool: one port and so many packets each, within about an hour."""
    count = scene.many(count)
    begin, end = scene.runs(count, 3600)
    rate = scene.rng.uniform(0.5, 1.5, count) * packets / np.maximum(1, (end - begin) / 1e6)
    ports, sport = scene.rng.choice(_PORTS, count), scene.rng.integers(40000, 60000, count)
    hops = scene.rng.integers(5, 22, count)

    def dress(rng: np.random.Generator, rows: Packets, who: Ints) -> None:
        rows["flags"], rows["dst"] = SYN, scene.place.dark(rng, len(rows))
        rows["dport"], rows["sport"] = ports[who], sport[who]
        rows["seq"] = rng.integers(0, 1 << 32, len(rows))
        rows["ip_id"] = rng.integers(0, 65536, len(rows))
        mark(rng, rows, who)
        rows["ttl"] -= hops[who].astype(np.uint8)

    return Random(label, label, scene.place.fresh(count), begin, end, rate, dress)


def _masscan(_rng: np.random.Generator, rows: Packets, _who: Ints) -> None:
    rows["ttl"], rows["win"], rows["layout"] = 255, 1024, Layout.TCP
    rows["ip_id"] = (rows["dst"] ^ rows["dport"] ^ rows["seq"]) & 0xFFFF


def _zmap2(rng: np.random.Generator, rows: Packets, _who: Ints) -> None:
    rows["ttl"], rows["win"], rows["layout"] = 255, 65535, Layout.TCP
    rows["ip_id"], rows["sport"] = 54321, rng.integers(32768, 61000, len(rows))


def _zmap4(rng: np.random.Generator, rows: Packets, who: Ints) -> None:
    """The default sends the options of Windows; other runs those of Linux, BSD, or MSS."""
    styles = (Layout.TCP_WINDOWS, Layout.TCP_LINUX, Layout.TCP_BSD, Layout.TCP_MSS)
    rows["layout"] = np.array(styles)[who % 4]
    rows["ttl"], rows["win"], rows["df"] = 64, 65535, 0
    rows["sport"] = rng.integers(32768, 61000, len(rows))
    rows["stamp"] = np.where(
        rows["layout"] == Layout.TCP_LINUX,
        rows["ts"] // 1_000_000,
        rng.integers(0, 1 << 32, len(rows)),
    )


def _unnamed(rng: np.random.Generator, rows: Packets, who: Ints) -> None:
    """Half of them keep sequence number and source port, the others draw all anew."""
    keeps = who % 2 == 0
    rows["layout"], rows["ttl"] = Layout.TCP, 255
    rows["seq"] = np.where(keeps, who * 7919 + 12345, rows["seq"])
    rows["sport"] = np.where(keeps, rows["sport"], rng.integers(1024, 65535, len(rows)))
    rows["win"] = np.where(keeps, 14600, rng.choice((14600, 29200, 65535), len(rows)))


def _library(rng: np.random.Generator, rows: Packets, who: Ints) -> None:
    """A packet library on a Linux host: TTL 64, MSS only, all numbers drawn anew."""
    rows["layout"], rows["ttl"] = Layout.TCP_MSS, 64
    rows["win"] = np.array([14600, 8192, 5840])[who % 3]
    rows["sport"] = rng.integers(1024, 65535, len(rows))


def _constant(_rng: np.random.Generator, rows: Packets, who: Ints) -> None:
    """One sequence number and source port, TTL 64, and a window of its own."""
    rows["layout"], rows["ttl"], rows["win"] = Layout.TCP, 64, 3333 + who * 100
    rows["seq"] = 0x01020304 + who


def _nmap(scene: Scene) -> Random:
    """Three ports, one sequence number, source port and window for the whole run."""
    count = scene.many(8)
    begin, end = scene.runs(count, 900)
    ports = scene.rng.choice(_PORTS, (count, 3))
    seq, sport = scene.rng.integers(0, 1 << 32, count), scene.rng.integers(33000, 64000, count)

    def dress(rng: np.random.Generator, rows: Packets, who: Ints) -> None:
        rows["flags"], rows["layout"], rows["dst"] = SYN, Layout.TCP_MSS, 0
        rows["dst"] = scene.place.dark(rng, len(rows))
        rows["dport"] = ports[who, rng.integers(0, 3, len(rows))]
        rows["seq"], rows["sport"], rows["ip_id"] = (
            seq[who],
            sport[who],
            rng.integers(0, 65536, len(rows)),
        )
        rows["win"] = 1024 * (1 + who % 4)
        rows["ttl"] = rng.integers(37, 60, len(rows)) - 12

    rate = np.full(count, 0.7)
    return Random("nmap", "nmap", scene.place.fresh(count), begin, end, rate, dress)


def _hosts(scene: Scene) -> Random:
    """Linux hosts that connect; an unanswered SYN is sent again after 1, 3 and 7 seconds."""
    count = scene.many(180)
    begin, end = lifetimes(scene.rng, count, scene.start, scene.end, 36_000)
    rate = np.exp(scene.rng.normal(np.log(18 / 36_000), 0.9, count))
    dress = stack(scene, count, (22, 21, 443, 8080, 3389), windows=False, single=True)
    return Random(
        "host_scan", "hosts", scene.place.fresh(count), begin, end, rate, dress, again=(1.0, 3.0)
    )


def _windows(scene: Scene) -> Random:
    """Windows hosts that connect; an unanswered SYN is sent again after 3 and 9 seconds."""
    count = scene.many(60)
    begin, end = lifetimes(scene.rng, count, scene.start, scene.end, 36_000)
    rate = np.exp(scene.rng.normal(np.log(18 / 36_000), 0.9, count))
    ports = (3389, 139, 1433, 5900, 445)
    dress = stack(scene, count, ports, windows=True)
    sources = scene.place.fresh(count)
    return Random("host_scan", "windows", sources, begin, end, rate, dress, again=(3.0, 9.0))


def _udp_single(scene: Scene) -> Random:
    """Scans of which two or three datagrams come by; from one source port."""
    count = scene.many(40)
    begin, end = scene.always(count)

    def dress(rng: np.random.Generator, rows: Packets, who: Ints) -> None:
        rows["layout"], rows["dst"] = Layout.UDP, scene.place.dark(rng, len(rows))
        rows["dport"] = np.array((53, 123, 5060))[who % 3]
        rows["payload"] = np.array((1, 2, 4))[who % 3]
        rows["sport"], rows["ttl"] = 40000 + who, 200 + who % 50
        rows["ip_id"] = rng.integers(0, 65536, len(rows))

    rate = np.full(count, 4 / scene.seconds)
    return Random("udp_scan", "udp-few", scene.place.fresh(count), begin, end, rate, dress)


def _udp(scene: Scene) -> Random:
    count = scene.many(60)
    begin, end = scene.runs(count, 7200)
    service = np.array(_UDP)[scene.rng.integers(0, len(_UDP), count)]

    def dress(rng: np.random.Generator, rows: Packets, who: Ints) -> None:
        rows["layout"], rows["dst"] = Layout.UDP, scene.place.dark(rng, len(rows))
        rows["dport"], rows["payload"] = service[who, 0], service[who, 1]
        rows["sport"] = rng.integers(1024, 65535, len(rows))
        rows["ip_id"], rows["ttl"] = rng.integers(0, 65536, len(rows)), 50 + who % 40

    rate = np.full(count, 200 / 7200)
    return Random("udp_scan", "udp", scene.place.fresh(count), begin, end, rate, dress)


def _echo(scene: Scene) -> Random:
    count = scene.many(30)
    begin, end = scene.always(count)

    def dress(rng: np.random.Generator, rows: Packets, _who: Ints) -> None:
        rows["layout"], rows["payload"] = Layout.ICMP, 11
        rows["dst"], rows["sport"] = scene.place.dark(rng, len(rows)), 8
        rows["ip_id"], rows["ttl"] = rng.integers(0, 65536, len(rows)), 52

    rate = np.full(count, 180 / scene.seconds)
    return Random("ping_scan", "ping", scene.place.fresh(count), begin, end, rate, dress)
