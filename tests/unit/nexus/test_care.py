"""The nexus merges the many small files of live input, and lets old days go."""

from __future__ import annotations

from pathlib import Path

import pytest

from kaname.bus import open_bus
from kaname.lake import Lake
from kaname.model.instant import DAY, now_us
from kaname.model.marking import Tlp
from kaname.nexus.care import MANY, Care, loose_files
from kaname.readers.frame import ReadJob
from kaname.readers.rows import Rows

NOW = now_us()


@pytest.fixture
def lake(tmp_path: Path):
    with Lake.open(tmp_path) as opened:
        yield opened


@pytest.fixture
def bus(tmp_path: Path):
    with open_bus(f"journal://{tmp_path / 'bus.sqlite'}") as opened:
        yield opened


def put(lake: Lake, number: int, ts: int) -> None:
    job = ReadJob(path=None, sensor="s", tlp=Tlp.GREEN, batch=1)
    rows = Rows("user_events", "test", job)
    rows.add(ts=ts, row_in_src=0, app="other")
    with lake.writer(
        identity=f"{number:064x}", path="x", size=1, sensor="s", tlp=Tlp.GREEN,
        reader="test", reader_version=1,
    ) as writer:  # fmt: skip
        writer.write(*rows.take())
        writer.commit(job.report)


def test_a_day_of_many_files_is_merged_within_the_hour(lake, bus):
    care = Care(lake, bus, {})
    care.look(NOW)  # the daily one, so that the next is not
    for number in range(MANY):
        put(lake, number << 200, NOW)
    care.look(NOW)
    assert loose_files(lake) == {"user_events": MANY}
    put(lake, MANY << 200, NOW)
    care.look(NOW)
    assert loose_files(lake) == {}
    assert len(lake.files("user_events")) == 1
    assert sum(file.rows for file in lake.files("user_events")) == MANY + 1


def test_once_a_day_everything_is_merged_and_old_days_go(lake, bus):
    care = Care(lake, bus, {"user_events": 30})
    put(lake, 1 << 200, NOW)
    put(lake, 2 << 200, NOW)
    put(lake, 3 << 200, NOW - 40 * DAY)
    care.look(NOW)
    assert [file.rows for file in lake.files("user_events")] == [2]
    put(lake, 4 << 200, NOW)
    care.look(NOW + DAY // 2)
    assert loose_files(lake) == {"user_events": 1}
    care.look(NOW + DAY)
    assert loose_files(lake) == {}


def test_the_next_process_knows_when_the_last_one_cared(lake, bus):
    Care(lake, bus, {}).look(NOW)
    put(lake, 1 << 200, NOW)
    Care(lake, bus, {}).look(NOW + DAY // 2)
    assert loose_files(lake) == {"user_events": 1}
