"""Ingest as its callers see it: what is kept, what is refused, what is said."""

from __future__ import annotations

import shutil
import threading
from pathlib import Path

import pytest

from kaname.lake import Lake
from kaname.model.errors import (
    CancelledError,
    InputError,
    UnknownFormatError,
    UsageError,
)
from kaname.model.marking import Tlp
from kaname.readers.ingest import check_sensor, detect, expand, ingest

FORMATS = Path(__file__).parents[4] / "shared/data/telescope/formats"
CAPTURE = FORMATS / "100_packets.pcap"


@pytest.fixture
def lake(tmp_path):
    return Lake.open(tmp_path / "data")


def take(lake, path, **kwargs):
    return ingest(lake, path, **({"sensor": "s", "tlp": Tlp.GREEN} | kwargs))


def rows(lake):
    return sum(table.rows for table in lake.tables())


def test_the_same_source_twice_gives_the_same_lake(lake, tmp_path):
    first = take(lake, CAPTURE)
    before = rows(lake)
    copy = tmp_path / "another-name.bin"
    shutil.copy(CAPTURE, copy)
    again = take(lake, copy)
    assert not first.already
    assert again.already
    assert again.source.batch == first.source.batch
    assert rows(lake) == before > 0


def test_replace_reads_again_without_doubling(lake):
    take(lake, CAPTURE)
    before = rows(lake)
    assert not take(lake, CAPTURE, replace=True, sensor="other").already
    assert rows(lake) == before
    assert [s.sensor for s in lake.sources()] == ["other"]


def test_counters_add_up_to_the_records(lake):
    source = take(lake, CAPTURE).source
    assert source.records == 100  # as its name says
    assert sum(source.counters.values()) == source.records


@pytest.mark.parametrize(
    ("content", "error"),
    [(b"", InputError), (b"GIF89a" + bytes(100), UnknownFormatError), (b"\x1f\x8b", InputError)],
)
def test_what_cannot_be_read_leaves_nothing(lake, tmp_path, content, error):
    path = tmp_path / "bad"
    path.write_bytes(content)
    with pytest.raises(error):
        take(lake, path)
    assert lake.sources() == []
    assert rows(lake) == 0


def test_a_stop_on_request_leaves_nothing(lake):
    stop = threading.Event()
    stop.set()
    with pytest.raises(CancelledError):
        take(lake, CAPTURE, cancel=stop)
    assert lake.sources() == []
    assert rows(lake) == 0


def test_progress_ends_at_the_whole_file(lake):
    seen = []
    take(lake, CAPTURE, progress=lambda report: seen.append(report.bytes_read))
    assert seen[-1] == CAPTURE.stat().st_size
    assert seen == sorted(seen)


def test_a_folder_stands_for_its_visible_files(tmp_path):
    (tmp_path / "in/.hidden").mkdir(parents=True)
    for name in ("in/b", "in/a", "in/.dot", "in/.hidden/c"):
        (tmp_path / name).write_bytes(b"x")
    assert [p.name for p in expand([str(tmp_path / "in")])] == ["a", "b"]
    with pytest.raises(InputError):
        expand([str(tmp_path / "none")])


@pytest.mark.parametrize("name", ["", "a b", "../up", "セ", "x" * 65, "a/b", "-_."])
def test_a_sensor_name_that_could_break_a_path_is_refused(name):
    with pytest.raises(UsageError):
        check_sensor(name)


def test_detection_goes_by_content_not_by_name(tmp_path):
    path = tmp_path / "mail.txt"
    shutil.copy(CAPTURE, path)
    assert detect(path).name == "pcap"
