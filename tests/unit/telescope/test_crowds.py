"""Crowds before one address and port."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
from tests.unit.telescope.made import picture, row

TARGET = "198.18.0.9"


def _flood(count: int, **columns: Any) -> list[dict[str, Any]]:
    return [row((n * 2_654_435_761) % (1 << 32), TARGET, port=80, **columns) for n in range(count)]


def _others() -> list[dict[str, Any]]:
    """One scanner that reaches every address of two blocks once."""
    return [row("192.0.2.7", f"198.18.{b}.{h}", port=80) for b in range(2) for h in range(1, 255)]


def test_one_syn_each_from_everywhere_is_a_flood() -> None:
    (crowd,) = picture(_flood(200) + _others()).crowds
    assert (crowd.label, crowd.sources, crowd.port) == ("spoofed_flood", 200, 80)
    assert crowd.single == 1.0


def test_the_same_first_bytes_from_many_are_misled_peers() -> None:
    peers = _flood(200, ptype="udp", proto=17, pay_first=77, packets=3)
    (crowd,) = picture(peers + _others()).crowds
    assert (crowd.label, crowd.pure) == ("p2p_misconf", 1.0)


def test_datagrams_from_where_nobody_is_are_a_flood_though_they_begin_alike() -> None:
    forged = _flood(200, ptype="udp", proto=17, pay_first=77)
    assert [crowd.label for crowd in picture(forged + _others()).crowds] == ["spoofed_flood"]
    # one datagram each as well, but from addresses that are routed
    real = [
        row((n * 7919 << 8) % (80 << 24) + (20 << 24) + 9, TARGET, port=80, ptype="udp", proto=17,
            pay_first=77)
        for n in range(200)
    ]  # fmt: skip
    assert [crowd.label for crowd in picture(real + _others()).crowds] == ["p2p_misconf"]
    odd = [{**each, "ttl_mode": 60 + 7 * (n % 20)} for n, each in enumerate(real)]
    assert [crowd.label for crowd in picture(odd + _others()).crowds] == ["spoofed_flood"]


def test_many_sources_that_walk_are_no_crowd() -> None:
    walkers = [
        row((7 << 24) + n, f"198.18.{b}.{(n * 31 + b) % 254 + 1}", port=80)
        for n in range(400)
        for b in range(4)
    ]
    assert picture(walkers).crowds == []


def test_one_packet_sources_that_are_spread_evenly_are_no_crowd() -> None:
    even = [
        row((9 << 24) + n, f"198.18.{n % 2}.{n // 2 % 254 + 1}", port=23) for n in range(40_000)
    ]
    assert picture(even).crowds == []


def test_the_floods_of_the_shared_capture(radiation: pa.Table) -> None:
    found = picture(radiation).crowds
    floods = [crowd for crowd in found if crowd.label == "spoofed_flood"]
    assert len(floods) == 3  # "spoofed_floods": 3 in the truth, 1,900 packets
    assert 1890 <= sum(crowd.sources for crowd in floods) <= 1910
    (peers,) = [crowd for crowd in found if crowd.label == "p2p_misconf"]
    # 600 peers and 34 of the hosts behind translated addresses; 3,265 packets
    assert (peers.port, peers.sources, peers.packets) == (6881, 634, 3265)
