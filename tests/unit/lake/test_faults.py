"""Full disk, folders that cannot be used, foreign and newer manifests: one clear line each."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from kaname.lake import Lake
from kaname.lake.locks import exclusive
from kaname.model.errors import (
    ConflictError,
    IntegrityError,
    KanameError,
    StoreAccessError,
    StoreFullError,
)

START = 1_583_884_800_000_000  # 2020-03-11T00:00:00Z


def assert_clear(error: KanameError, *words: str) -> None:
    """One line in each language that names what it is about."""
    for language in ("en", "ja"):
        text = error.render(language)
        assert "\n" not in text
        for word in words:
            assert word in text
    assert error.render("en") != error.render("ja")


def small_disk(path: Path, size: str) -> bool:
    path.mkdir()
    tool = shutil.which("mount")
    if tool is None or os.geteuid() != 0:
        return False
    command = [tool, "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(path)]
    return subprocess.run(command, check=False, capture_output=True).returncode == 0


@pytest.fixture
def disk(tmp_path):
    path = tmp_path / "disk"
    if not small_disk(path, "600k"):
        pytest.skip("a file system cannot be mounted here")
    yield path
    subprocess.run(["umount", "-l", str(path)], check=True)


def test_full_disk_is_told_and_leaves_the_lake_as_it_was(disk, rows, ingest):
    with Lake.open(disk) as lake:
        ingest(lake, rows([START]), name="a")
        before = lake.files("packets")
        noise = os.urandom(8 * 60_000)
        wide = [int.from_bytes(noise[i : i + 7], "big") for i in range(0, len(noise), 8)]
        big = rows(list(range(START, START + 60_000)), tcp_seq=wide, tcp_ack=wide[::-1])
        with pytest.raises(StoreFullError) as caught:
            ingest(lake, big, name="b")
        assert_clear(caught.value, str(lake.root))
        assert lake.files("packets") == before
        assert list((lake.root / ".staging").iterdir()) == []
        ingest(lake, rows([START + 1]), name="c")
        assert lake.query("SELECT count(*) FROM packets").rows() == [[2]]


def test_files_that_may_not_grow_are_told_as_a_full_disk(tmp_path):
    """Where nothing can be mounted: a limit on the size of files fails in the same place."""
    code = textwrap.dedent(
        """
        import resource, sys
        from pathlib import Path
        from tests.unit.lake.conftest import packet_rows
        from kaname.lake import Lake
        from kaname.model.errors import StoreFullError
        from kaname.model.marking import Tlp
        lake = Lake.open(Path(sys.argv[1]))
        resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))
        try:
            with lake.writer(identity="ab" * 32, path="x", size=1, sensor="s", tlp=Tlp.RED,
                             reader="r", reader_version=1) as writer:
                writer.write("packets", packet_rows(list(range(10**15, 10**15 + 5000))))
                writer.commit(None)
        except StoreFullError as error:
            print(error)
        """
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert "no space is left" in done.stdout, done.stderr


@pytest.fixture
def read_only(tmp_path, rows, ingest):
    """A lake with one row on a file system that cannot be written."""
    path = tmp_path / "disk"
    if not small_disk(path, "4m"):
        pytest.skip("a file system cannot be mounted here")
    with Lake.open(path) as lake:
        ingest(lake, rows([START]))
    subprocess.run(["mount", "-o", "remount,ro", str(path)], check=True)
    yield path
    subprocess.run(["umount", "-l", str(path)], check=True)


def test_a_folder_that_may_only_be_read_is_read(read_only, rows, ingest):
    with Lake.open(read_only) as lake:
        assert lake.query("SELECT count(*) FROM packets").rows() == [[1]]
        with lake.expression(["packets"]) as tables:
            assert tables["packets"].count().to_pyarrow().as_py() == 1
        for change in (
            lambda: ingest(lake, rows([START + 1]), name="b"),
            lake.compact,
            lake.sweep,
            lambda: lake.retain(START, {"packets": 1}),
        ):
            with pytest.raises(StoreAccessError) as caught:
                change()
            assert_clear(caught.value, str(read_only))


def test_a_file_where_the_folder_should_be(tmp_path):
    path = tmp_path / "data"
    path.write_text("not a folder")
    with pytest.raises(StoreAccessError) as caught:
        Lake.open(path)
    assert_clear(caught.value, str(path))


def test_a_place_that_takes_no_folders():
    with pytest.raises(StoreAccessError) as caught:
        Lake.open(Path("/proc/kaname"))
    assert_clear(caught.value, "/proc/kaname")


@pytest.mark.parametrize("content", [b"hello, this is no database at all" * 40, None])
def test_a_manifest_that_is_none(tmp_path, content):
    path = tmp_path / "lake" / "manifest.sqlite"
    path.parent.mkdir()
    if content is None:
        with sqlite3.connect(path) as other:
            other.execute("CREATE TABLE cookies (a)")
        other.close()
    else:
        path.write_bytes(content)
    with pytest.raises(IntegrityError) as caught:
        Lake.open(tmp_path)
    assert_clear(caught.value, str(path))


def test_a_manifest_of_a_newer_version(tmp_path):
    Lake.open(tmp_path).close()
    path = tmp_path / "lake" / "manifest.sqlite"
    with sqlite3.connect(path) as manifest:
        manifest.execute("PRAGMA user_version = 99")
    manifest.close()
    with pytest.raises(IntegrityError) as caught:
        Lake.open(tmp_path)
    assert_clear(caught.value, str(path), "99")


def test_a_lake_that_somebody_else_changes(lake, rows, ingest, monkeypatch):
    monkeypatch.setattr("kaname.lake.commit.WAIT_S", 0.05)
    with exclusive(lake.root / ".commit.lock", seconds=1), pytest.raises(ConflictError) as caught:
        ingest(lake, rows([START]))
    assert_clear(caught.value, str(lake.root))
    ingest(lake, rows([START]))


def test_foreign_files_are_not_part_of_the_lake(lake, rows, ingest):
    ingest(lake, rows([START]))
    folder = Path(lake.files("packets")[0].path).parent
    (folder / "foreign.parquet").write_bytes(b"no parquet")
    (folder / "notes.txt").write_text("mine")
    assert lake.query("SELECT count(*) FROM packets").rows() == [[1]]
    assert lake.verify().damaged == ()
    lake.compact()
    lake.sweep()
    assert (folder / "foreign.parquet").exists()
