"""The manifest: transactions, and files between several processes."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading

import pytest

from kaname.lake import Lake
from kaname.lake.layout import Layout
from kaname.lake.locks import exclusive, is_free, shared, try_exclusive
from kaname.lake.manifest import Manifest
from kaname.model.errors import ConflictError

START = 1_583_884_800_000_000  # 2020-03-11T00:00:00Z


def test_a_change_that_fails_changes_nothing(lake, rows, ingest):
    ingest(lake, rows([START]))
    manifest = Manifest.open(Layout(lake.root))
    before = manifest.generation

    def fail():
        with manifest.change() as change:
            change.remove_files(manifest.files(), now=0)
            raise RuntimeError("midway")

    with pytest.raises(RuntimeError, match="midway"):
        fail()
    assert manifest.generation == before
    assert len(manifest.files()) == 1
    manifest.close()


def test_the_manifest_is_durable_by_its_settings(lake):
    connection = sqlite3.connect(lake.root / "manifest.sqlite")
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    connection.close()
    manifest = Manifest.open(Layout(lake.root))
    assert manifest.select("PRAGMA synchronous") == [(2,)]  # FULL
    manifest.close()


@pytest.mark.parametrize("again", range(5))  # one opening seldom shows a race
def test_many_open_a_new_lake_at_once(tmp_path, again):
    problems: list[BaseException] = []

    def run():
        try:
            Lake.open(tmp_path).close()
        except BaseException as error:  # noqa: BLE001 - handed over to the main thread
            problems.append(error)

    threads = [threading.Thread(target=run) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []


def test_writers_in_several_threads_commit_one_after_the_other(lake, rows, ingest):
    threads = [
        threading.Thread(target=ingest, args=(lake, rows([START + n])), kwargs={"name": f"n{n}"})
        for n in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert lake.query("SELECT count(*) FROM packets").rows() == [[6]]
    assert len(lake.sources()) == 6


def test_the_same_source_from_two_writers_counts_once(lake, rows):
    from kaname.model.marking import Tlp
    from kaname.readers.frame import ReadReport

    def writer():
        return lake.writer(
            identity="cd" * 32, path="x", size=1, sensor="s", tlp=Tlp.RED, reader="r",
            reader_version=1,
        )  # fmt: skip

    with writer() as one, writer() as two:
        one.write("packets", rows([START]))
        two.write("packets", rows([START]))
        first, second = one.commit(ReadReport()), two.commit(ReadReport())
    assert first == second
    assert lake.query("SELECT count(*) FROM packets").rows() == [[1]]


def test_locks_exclude_and_are_let_go_by_the_dead(tmp_path):
    path = tmp_path / "lock"
    with exclusive(path, seconds=1):
        assert not is_free(path)
        with pytest.raises(ConflictError), exclusive(path, seconds=0.05):
            pass
        with try_exclusive(path) as taken:
            assert not taken
    with shared(path), shared(path), try_exclusive(path) as taken:
        assert not taken
    code = (
        "import fcntl, os, sys\n"
        "fcntl.flock(os.open(sys.argv[1], os.O_RDWR), fcntl.LOCK_EX)\n"
        "os.kill(os.getpid(), 9)"
    )
    subprocess.run([sys.executable, "-c", code, str(path)], check=False)
    assert is_free(path)
    assert is_free(tmp_path / "none")
