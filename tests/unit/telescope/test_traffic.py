"""Which rows a telescope looks at, and how long it waits."""

from __future__ import annotations

import pytest
from tests.unit.telescope.made import expression, low, row

from kaname.telescope.traffic import Extent, dark, extent


@pytest.mark.parametrize(
    ("addresses", "seconds"),
    # 624 s is the threshold of Merit's darknet-events for its 475,136 addresses; the
    # others are the reference's: 300,000 addresses, a /16, and the cap of six hours
    [(475_136, 624), (300_000, 989), (65_536, 4_527), (4_352, 21_600), (1 << 24, 300)],
)
def test_expiry_follows_from_the_size(addresses: int, seconds: int) -> None:
    assert Extent(addresses, 0, 0).expiry == pytest.approx(seconds, abs=1)


def test_what_two_sides_say_to_each_other_is_not_looked_at() -> None:
    rows = [
        row("192.0.2.1", "198.51.100.1"),  # a client asks,
        row("198.51.100.1", "192.0.2.1", ptype="tcp_synack", port=23),  # a server answers,
        row("198.51.100.1", "203.0.113.9", ptype="tcp_rst"),  # and answers one who never asked
    ]
    found = dark(expression(rows)).to_pyarrow().to_pylist()
    assert [(r["src_lo"], r["dst_lo"]) for r in found] == [
        (low("198.51.100.1"), low("203.0.113.9"))
    ]


def test_groups_are_not_looked_at() -> None:
    rows = [
        row("192.0.2.1", "224.0.0.251", ptype="udp", port=5353, proto=17),
        row("192.0.2.1", "255.255.255.255", ptype="udp", port=67, proto=17),
        {**row("192.0.2.1", "0.0.0.1"), "dst_hi": -(1 << 56) + 2, "dst_lo": 0xFB},  # ff00::2...
    ]
    assert dark(expression(rows)).count().to_pyarrow().as_py() == 0


def test_the_size_is_that_of_the_blocks_that_received_unless_it_is_known() -> None:
    rows = dark(expression([row(1 << 24, "198.18.0.1"), row(1 << 24, "198.18.7.200", first_s=9)]))
    assert extent(rows, 0) == Extent(512, 1_767_225_600, 1_767_225_609)
    assert extent(rows, 4096).addresses == 4096
