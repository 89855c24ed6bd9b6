"""Stored packets unrolled: each stays in its minute, at an address that the row knows."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from tests.contract.api.observations import flowtuple, observe
from tests.unit.telescope.test_feed import decoded

from kaname.lake import Lake
from kaname.model.errors import UsageError
from kaname.model.instant import DAY, MINUTE
from kaname.model.marking import Tlp
from kaname.model.packets import PTYPES
from kaname.telescope.replay import Slice, replay

START = 1_583_884_800_000_000  # 2020-03-11T00:00:00Z
NO_DPORT, NO_SPORT, FOLDED = 0x2000, 0x4000, 0x8000


class Nowhere:
    """Tables that know no country."""

    credits = ()

    def countries(self, _, low) -> np.ndarray:
        return np.zeros(len(low), np.uint16)


@pytest.fixture
def lake(tmp_path: Path):
    with Lake.open(tmp_path) as opened:
        yield opened


def asked(lake: Lake, since=START, until=START + MINUTE, *, clearance=Tlp.RED, **more):
    return decoded(replay(lake, clearance, Slice(since, until, **more), Nowhere()))


def syn(minute: int = 0, **more):
    given = {"src": "192.0.2.7", "dst": "203.0.113.9", "port": 23, "fp_all": 1 | 32} | more
    return flowtuple(START + minute * MINUTE, **given)


def test_every_packet_of_a_row_is_a_point_of_its_minute(lake):
    more = {"dst_more": [10, 200], "uniq_dst": 3, "packets": 60, "first_s": 30}
    observe(lake, [syn(**more)])
    told, found = asked(lake)
    assert (told["count"], told["packets"], told["unit_us"]) == (60, 60, 1000)
    assert 30_000 <= min(found["after"]) < 31_000  # milliseconds: the first second is known
    assert max(found["after"]) < 60_000
    assert found["after"] == sorted(found["after"])
    assert set(found["src"]) == {0xC0000207}
    assert set(found["dst"]) == {0xCB007109, 0xCB00710A, 0xCB0071C8}
    assert set(found["dport"]) == {23}
    assert set(found["marks"]) == {1 | 32 | NO_SPORT}


def test_answers_are_known_by_the_port_they_come_from(lake):
    answer = {"ptype": "tcp_synack", "port": 443, "fp_all": 0}
    echo = {"ptype": "icmp_echo_request", "port": 2048, "proto": 1, "fp_all": 0, "place": 1}
    observe(lake, [syn(**answer), syn(**echo)])
    _, found = asked(lake)
    by_type = {
        PTYPES[kind]: (sport, dport, marks)
        for kind, sport, dport, marks in zip(
            found["ptype"], found["sport"], found["dport"], found["marks"], strict=True
        )
    }
    assert by_type["tcp_synack"] == (443, 0, NO_DPORT)
    assert by_type["icmp_echo_request"] == (0, 2048, NO_SPORT | NO_DPORT)


def test_ipv6_is_folded_and_counted(lake):
    observe(lake, [syn(src="2001:db8::1"), syn(place=1)])
    told, found = asked(lake)
    assert told["folded"] == 1
    assert sorted(mark & FOLDED for mark in found["marks"]) == [0, FOLDED]


def test_the_slice_is_half_open_and_cuts_minutes_too(lake):
    observe(lake, [syn(minute, packets=60, place=minute) for minute in range(3)])
    whole = asked(lake, until=START + 3 * MINUTE)[1]["after"]
    parts = []
    for offset in range(0, 180_000_000, 45_000_000):
        _, found = asked(lake, START + offset, START + offset + 45_000_000)
        parts += [after + offset // 1000 for after in found["after"]]
    assert parts == whole
    assert len(whole) == 180


def test_a_sample_is_of_the_size_asked_for_and_fair_to_the_busy(lake):
    quiet = [syn(src=f"198.51.{n // 250}.{n % 250}", place=40 * n) for n in range(5000)]
    busy = [syn(src="192.0.2.1", packets=5000, place=999_999)]
    observe(lake, quiet + busy)
    told, found = asked(lake, limit=1000)
    assert told["packets"] == 10_000
    assert told["count"] == pytest.approx(980, abs=60)
    share = found["src"].count(0xC0000201) / told["count"]
    assert share == pytest.approx(0.5, abs=0.05)  # it sent half of all packets
    assert asked(lake, limit=1000)[1] == found


def test_a_limit_is_never_passed(lake):
    observe(lake, [syn(packets=7, place=place) for place in range(300)])
    assert asked(lake, limit=50)[0]["count"] <= 50
    assert asked(lake, limit=1)[0]["count"] <= 1


def test_markings_and_sensors_hide_packets(lake):
    observe(lake, [syn()], sensor="north", tlp=Tlp.GREEN)
    observe(lake, [syn(packets=4)], sensor="it's", tlp=Tlp.RED)
    assert asked(lake)[0]["packets"] == 5
    assert asked(lake, clearance=Tlp.GREEN)[0]["packets"] == 1
    assert asked(lake, sensor="it's")[0]["packets"] == 4
    assert asked(lake, clearance=Tlp.GREEN, sensor="it's")[0]["count"] == 0


def test_nothing_stored_is_a_frame_of_nothing(lake):
    told, found = asked(lake)
    assert told["count"] == 0
    assert found["src"] == []


@pytest.mark.parametrize(
    ("since", "until"),
    [(START, START), (START + 1, START), (0, 32 * DAY), (10**17, 10**17 + DAY), (-5, 5)],
)
def test_a_slice_that_is_none_is_refused(lake, since, until):
    with pytest.raises(UsageError):
        asked(lake, since, until)
