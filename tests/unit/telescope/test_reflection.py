"""Reflection attacks against backscatter."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
from tests.unit.telescope.made import START, picture, row

SECOND = 1_000_000


def _answer(src: int, dst: str, second: int = 0, **columns: Any) -> dict[str, Any]:
    ts = START + second // 60 * 60 * SECOND
    return row(src, dst, ts=ts, first_s=second % 60, ptype="tcp_synack", port=443, **columns)


def _victims(count: int, answers: int) -> list[dict[str, Any]]:
    """Victims whose answers go to addresses all over sixteen blocks."""
    return [
        _answer((80 << 24) + v, f"198.18.{(v * 7 + a * 5) % 16}.{(v * 31 + a * 17) % 254 + 1}", a)
        for v in range(count)
        for a in range(answers)
    ]


def test_three_hundred_servers_on_thirty_addresses_are_one_event() -> None:
    attack = [
        _answer((90 << 24) + n, f"198.18.3.{(n + hop * 7) % 30 + 1}", n % 200)
        for n in range(300)
        for hop in range(2)
    ]
    (event,) = picture(attack + _victims(20, 60)).reflections
    assert (len(event.sources), len(event.targets)) == (300, 30)
    assert (event.label, event.packets) == ("tcp_reflection", 600)


def test_backscatter_of_many_victims_is_no_reflection() -> None:
    assert picture(_victims(100, 60)).reflections == []


def test_victims_of_whom_little_comes_by_are_no_reflection() -> None:
    assert picture(_victims(500, 2)).reflections == []


def test_a_carpet_over_a_network_shows_in_none_of_its_addresses() -> None:
    # 400 servers answer once each to 200 neighbours: two packets an address, in 40 blocks
    attack = [_answer((90 << 24) + n, f"198.18.77.{n % 200 + 1}", n % 200) for n in range(400)]
    (event,) = picture(attack + _victims(100, 20), addresses=1 << 16).reflections
    assert (len(event.sources), len(event.targets)) == (400, 200)


def test_a_carpet_of_more_addresses_than_half_its_servers_needs_a_wide_telescope() -> None:
    attack = [_answer((90 << 24) + n, f"198.18.77.{n % 200 + 1}", n % 200) for n in range(250)]
    wide = picture(attack + _victims(100, 20), addresses=1 << 16).reflections
    assert [len(event.targets) for event in wide] == [200]
    # of a telescope of that one network, where answers arrive nowhere else, it says nothing
    assert picture(attack, addresses=256).reflections == []


def test_victims_all_over_what_a_telescope_shows_are_no_carpet() -> None:
    # a size that was set too large makes no carpet of the sixteen blocks that get anything
    assert picture(_victims(2000, 2), addresses=1 << 16).reflections == []


def test_further_destinations_of_a_row_count() -> None:
    attack = [
        _answer((90 << 24) + n, "198.18.3.1", dst_more=[2, 200], uniq_dst=3) for n in range(40)
    ]
    (event,) = picture(attack + _victims(20, 60)).reflections
    assert len(event.targets) == 3


def test_the_same_targets_hours_later_are_another_event() -> None:
    attack = [
        _answer((90 << 24) + n, "198.18.3.1", hours * 3600) for n in range(60) for hours in (0, 5)
    ]
    assert len(picture(attack + _victims(20, 60)).reflections) == 2


def test_the_attack_of_the_shared_capture(radiation: pa.Table) -> None:
    (event,) = picture(radiation).reflections
    # truth: 900 reflectors, 6 targets, 240 s from second 9,000, 2,744 packets
    assert (len(event.sources), len(event.targets), event.packets) == (900, 6, 2744)
    assert event.first == 1_767_225_600 + 9_000
