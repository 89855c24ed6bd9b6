"""Tiles of a small slot, against points placed by hand."""

from __future__ import annotations

import base64
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.unit.lake.observing import observe
from tests.unit.telescope.made import DAY, MINUTE, START, row

from kaname.lake import Lake
from kaname.model.marking import Tlp
from kaname.model.packets import PTYPES
from kaname.telescope.tiles import Slot, Tiles, tiles

BUSY, QUIET, OLD = "203.0.113.1", "203.0.113.2", "203.0.113.3"
LOWEST, HIGHEST = "198.18.0.0", "198.18.9.255"


def words(text: str) -> list[int]:
    data = base64.b64decode(text)
    return list(struct.unpack(f"<{len(data) // 2}H", data))


@pytest.fixture
def lake(tmp_path: Path) -> Iterator[Lake]:
    rows = [
        row(BUSY, LOWEST, ts=START, packets=5, port=23),
        row(BUSY, HIGHEST, ts=START + 59 * MINUTE, packets=4, port=445, first_s=59),
        row(QUIET, LOWEST, ts=START + 30 * MINUTE, packets=1, port=53, proto=17, ptype="udp"),
        row(OLD, LOWEST, ts=START + MINUTE, packets=2, port=23),
        row(QUIET, LOWEST, ts=START + 60 * MINUTE, packets=99, port=53),  # after the slot
    ]
    for number, one in enumerate(rows):
        one.pop("batch")
        one["row_in_src"] = number
    with Lake.open(tmp_path) as made:
        observe(made, "flowtuples", rows, sensor="darknet", tlp=Tlp.GREEN)
        yield made


def seen(source: str, at: int, label: str) -> dict[str, Any]:
    low = row(source, LOWEST)["src_lo"]
    return {"ts": at, "last": at, "src_hi": 0, "src_lo": low, "label": label, "packets": 1}


def hour(lake: Lake, clearance: Tlp = Tlp.RED, **options: Any) -> Tiles:
    return tiles(lake, clearance, Slot(since=START, until=START + 60 * MINUTE, **options))


def test_sources_come_busiest_first_with_what_they_did(lake: Lake) -> None:
    found = hour(lake)
    assert [(one.source, one.packets, one.ports) for one in found.tiles] == [
        (BUSY, 9, 2), (OLD, 2, 1), (QUIET, 1, 1),
    ]  # fmt: skip
    assert found.sources == 3
    assert found.tiles[0].new is None  # no day before is known


def test_points_lie_where_time_and_destination_say(lake: Lake) -> None:
    points = hour(lake).points
    assert words(points.tile) == [0, 0, 1, 2]
    # 0 s, 3599 s, 60 s and 1800 s of 3600
    assert words(points.time) == [0, 65_535 * 3599 // 3600, 65_535 * 60 // 3600, 65_535 // 2]
    # two blocks received anything: the gap between them is closed
    assert words(points.dst) == [0, 65_535, 0, 0]
    assert words(points.port) == [23, 445, 23, 53]
    kinds = [PTYPES[one] for one in base64.b64decode(points.ptype)]
    assert kinds == ["tcp_syn", "tcp_syn", "tcp_syn", "udp"]


def test_a_port_narrows_sources_and_points(lake: Lake) -> None:
    found = hour(lake, port=53)
    assert [one.source for one in found.tiles] == [QUIET]
    assert found.points.count == 1


def test_labels_and_what_is_new_come_from_the_table_of_days(lake: Lake) -> None:
    made = [
        seen(BUSY, START, "mirai"),
        seen(QUIET, START, "udp_scan"),
        seen(OLD, START - 2 * DAY, "survey"),
        seen(OLD, START, "survey"),
    ]
    observe(lake, "source_days", made, source="days", sensor="darknet")
    found = hour(lake, order="new")
    assert [(one.source, one.new) for one in found.tiles] == [
        (BUSY, True), (QUIET, True), (OLD, False),
    ]  # fmt: skip
    assert found.labels == {"mirai": 1, "survey": 1, "udp_scan": 1}
    assert [one.source for one in hour(lake, label="survey").tiles] == [OLD]
    assert [one.label for one in hour(lake, order="label").tiles] == ["mirai", "survey", "udp_scan"]


def test_what_is_marked_above_is_not_shown(lake: Lake) -> None:
    found = hour(lake, Tlp.CLEAR)
    assert (found.sources, found.tiles, found.points.count) == (0, (), 0)


def test_of_many_points_a_tile_shows_an_even_sample(tmp_path: Path) -> None:
    rows = [
        row(BUSY, f"198.18.{n % 4}.{n % 256}", ts=START + (n % 60) * MINUTE, port=n)
        for n in range(2000)
    ]
    for number, one in enumerate(rows):
        one.pop("batch")
        one["row_in_src"] = number
    with Lake.open(tmp_path / "many") as made:
        observe(made, "flowtuples", rows, sensor="darknet")
        points = hour(made).points
    assert points.count == 300
    ports = words(points.port)
    assert sum(port < 1000 for port in ports) in range(110, 190)
