from __future__ import annotations

import os
import threading
import time

import pytest

from kaname.model.errors import UsageError
from kaname.nexus.watch import Arrivals, watch


def old(path, data=b"x"):
    path.write_bytes(data)
    os.utime(path, (time.time() - 3600,) * 2)
    return path


def test_a_growing_file_is_not_whole(tmp_path):
    arrivals = Arrivals(quiet=0.0)
    path = tmp_path / "a.pcap"
    path.write_bytes(b"1")
    arrivals.look([path])
    path.write_bytes(b"12")  # grew between two looks
    assert arrivals.whole() == []
    assert arrivals.whole() == [path]
    assert arrivals.whole() == []


def test_a_file_must_be_quiet_for_long_enough(tmp_path):
    arrivals = Arrivals(quiet=3600.0)
    path = tmp_path / "a.pcap"
    path.write_bytes(b"1")
    arrivals.look([path])
    assert arrivals.whole() == []


def test_a_file_written_long_ago_is_whole_at_once(tmp_path):
    arrivals = Arrivals(quiet=10.0)
    path = old(tmp_path / "a.pcap")
    arrivals.look([path])
    assert arrivals.whole() == [path]


def test_a_file_that_changes_later_is_given_out_again(tmp_path):
    arrivals = Arrivals(quiet=0.0)
    path = old(tmp_path / "a.pcap")
    arrivals.look([path])
    assert arrivals.whole() == [path]
    arrivals.look([path])
    assert arrivals.whole() == []
    path.write_bytes(b"more")
    arrivals.look([path])
    assert arrivals.whole() == [path]


@pytest.mark.parametrize("name", [".hidden", "a.part", "a.pcap.tmp", "a.crdownload"])
def test_unfinished_downloads_are_left_alone(tmp_path, name):
    arrivals = Arrivals(quiet=0.0)
    arrivals.look([old(tmp_path / name)])
    assert arrivals.whole() == []


def test_empty_files_folders_and_vanished_files_are_no_sources(tmp_path):
    arrivals = Arrivals(quiet=0.0)
    (tmp_path / "folder").mkdir()
    gone = old(tmp_path / "gone")
    arrivals.look([old(tmp_path / "empty", b""), tmp_path / "folder", gone])
    gone.unlink()
    assert arrivals.whole() == []


def test_files_that_are_there_and_files_that_arrive_are_given_out(tmp_path):
    first = old(tmp_path / "first.pcap")
    stop = threading.Event()
    found = []
    for path in watch([tmp_path], stop=stop, quiet=0.2):
        found.append(path)
        if path == first:
            (tmp_path / "deeper").mkdir()
            (tmp_path / "deeper" / "second.pcap").write_bytes(b"x")
        else:
            stop.set()
    assert found == [first, tmp_path / "deeper" / "second.pcap"]


def test_a_folder_that_is_not_there_is_said_at_once(tmp_path):
    with pytest.raises(UsageError) as caught:
        next(iter(watch([tmp_path / "no"], stop=threading.Event())))
    assert str(tmp_path / "no") in str(caught.value)
