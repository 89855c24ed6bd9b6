"""A mirror holds the files of the manifest, whatever happened to it before."""

from __future__ import annotations

import hashlib
import threading
from pathlib import Path

import pytest

from kaname.lake import Lake
from kaname.model.errors import CancelledError, StoreAccessError, UsageError

DAY_US = 86_400_000_000
START = 1_583_884_800_000_000  # 2020-03-11T00:00:00Z


def digests(root: Path) -> dict[str, str]:
    """SHA-256 of every Parquet file below ``root``."""
    return {
        str(path.relative_to(root)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in root.rglob("*.parquet")
    }


@pytest.fixture
def filled(lake: Lake, rows, ingest) -> Lake:
    ingest(lake, rows([START, START + 1]), name="a")
    ingest(lake, rows([START + 2, START + DAY_US]), name="b")
    return lake


def test_a_mirror_is_equal_to_the_byte(filled: Lake, tmp_path: Path) -> None:
    target = tmp_path / "far away"
    told: list[tuple[int, int]] = []
    url = target.as_uri()
    report = filled.mirror(url, progress=lambda *seen: told.append(seen))
    assert (report.copied, report.removed, report.kept) == (3, 0, 0)
    assert told == [(1, 3), (2, 3), (3, 3)]
    assert digests(target) == digests(filled.root)
    again = filled.mirror(url)
    assert (again.copied, again.bytes, again.kept) == (0, 0, 3)


def test_what_the_lake_gave_up_goes_and_strangers_stay(filled: Lake, tmp_path: Path) -> None:
    target = tmp_path / "far"
    filled.mirror(target.as_uri())
    (target / "notes.txt").write_text("mine")
    filled.compact()
    report = filled.mirror(target.as_uri())
    assert report.removed == 3
    assert digests(target) == digests(filled.root)
    assert (target / "notes.txt").read_text() == "mine"


def test_a_cut_copy_is_made_again(filled: Lake, tmp_path: Path) -> None:
    target = tmp_path / "far"
    filled.mirror(target.as_uri())
    victim = next(target.rglob("*.parquet"))
    victim.write_bytes(victim.read_bytes()[:-10])
    assert filled.mirror(target.as_uri()).copied == 1
    assert digests(target) == digests(filled.root)


def test_a_cancelled_mirror_goes_on_next_time(filled: Lake, tmp_path: Path) -> None:
    cancel = threading.Event()
    cancel.set()
    target = tmp_path / "far"
    with pytest.raises(CancelledError):
        filled.mirror(target.as_uri(), cancel=cancel)
    filled.mirror(target.as_uri())
    assert digests(target) == digests(filled.root)


@pytest.mark.parametrize("url", ["nowhere://x", "lake", ""])
def test_a_url_that_is_none_is_told(filled: Lake, url: str) -> None:
    with pytest.raises(UsageError):
        filled.mirror(url)


def test_a_target_that_cannot_be_written_is_told(filled: Lake, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreAccessError, match="mirror"):
        filled.mirror((tmp_path / "file").as_uri())
