"""Killed at any moment, a lake is the old one or the new one, and ends up the same.

``KANAME_CRASH_RUNS`` sets how many lakes are tormented (12; the goal is shown with 50).
"""

from __future__ import annotations

import hashlib
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from kaname.lake import Lake

RUNS = int(os.environ.get("KANAME_CRASH_RUNS", "12"))
ROWS_A_SOURCE = 16_000


def start(data: Path, step: str) -> subprocess.Popen[str]:
    """A process at work on the lake, past its start-up."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.crash.lake_ingest", str(data), step],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "begun\n"
    return process


def finish(data: Path, step: str) -> float:
    process = start(data, step)
    begun = time.monotonic()
    process.communicate()
    assert process.returncode == 0
    return time.monotonic() - begun


def kill_after(data: Path, step: str, seconds: float) -> None:
    """Kill the step after a while, unless it is done by then."""
    process = start(data, step)
    try:
        process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
        process.communicate()
    assert process.returncode in {0, -signal.SIGKILL}


def picture(data: Path) -> dict[str, object]:
    """Every file below the lake by digest, and all that the manifest says."""
    root = data / "lake"
    disk = {
        str(path.relative_to(root)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(root.rglob("*"))
        if path.is_file() and not path.name.startswith(("manifest.sqlite", "."))
    }
    manifest = sqlite3.connect(root / "manifest.sqlite")
    tables = {
        name: manifest.execute(f"SELECT * FROM {name} ORDER BY 1").fetchall()  # noqa: S608
        for name in ("files", "removed", "damaged")
    }
    sources = manifest.execute(
        "SELECT batch, identity, sensor, tlp, json_remove(body, '$.ingested', '$.seconds') "
        "FROM sources ORDER BY batch"
    ).fetchall()
    manifest.close()
    return {"disk": disk, "sources": sources, **tables}


def assert_whole(data: Path) -> None:
    """What is visible now is made of whole sources and matches the manifest."""
    with Lake.open(data) as lake:
        report = lake.verify()
        assert report.damaged == ()
        counts = lake.query("SELECT batch, count(*) FROM packets GROUP BY batch").table
        assert set(counts.column(1).to_pylist()) <= {ROWS_A_SOURCE}
        assert {s.batch for s in lake.sources()} == set(counts.column(0).to_pylist())


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory) -> tuple[dict[str, object], float, float]:
    data = tmp_path_factory.mktemp("undisturbed")
    ingest_s, compact_s = finish(data, "ingest"), finish(data, "compact")
    return picture(data), ingest_s, compact_s


@pytest.mark.timeout(600)
@pytest.mark.parametrize("seed", range(RUNS))
def test_killed_resumed_and_compacted_it_equals_an_undisturbed_run(tmp_path, undisturbed, seed):
    expected, ingest_s, compact_s = undisturbed
    dice = random.Random(seed)
    kill_after(tmp_path, "ingest", dice.uniform(0, ingest_s))
    assert_whole(tmp_path)
    if seed % 3 == 0:  # a second blow while it recovers
        kill_after(tmp_path, "ingest", dice.uniform(0, ingest_s))
        assert_whole(tmp_path)
    if seed % 2 == 0:  # compaction of a half-filled lake, killed too
        kill_after(tmp_path, "compact", dice.uniform(0, compact_s))
        assert_whole(tmp_path)
    finish(tmp_path, "ingest")
    kill_after(tmp_path, "compact", dice.uniform(0, compact_s))
    assert_whole(tmp_path)
    finish(tmp_path, "compact")
    found = picture(tmp_path)
    assert found["disk"] == expected["disk"]
    assert found == expected
    assert not list((tmp_path / "lake" / ".staging").iterdir())


def test_the_picture_notices_a_changed_byte(tmp_path):
    """The comparison above is worth something only if it can fail."""
    finish(tmp_path, "ingest")
    before = picture(tmp_path)
    victim = next((tmp_path / "lake").rglob("*.parquet"))
    data = bytearray(victim.read_bytes())
    data[100] ^= 1
    victim.write_bytes(data)
    assert picture(tmp_path) != before
