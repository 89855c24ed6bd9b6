"""Compaction, retention and sweeping: fewer files, the same rows."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from kaname.lake import Lake
from kaname.lake.layout import Layout
from kaname.lake.staging import Staging
from kaname.model.errors import NotFoundError, SettingError
from kaname.model.marking import Tlp

DAY_US = 86_400_000_000
START = 1_583_884_800_000_000  # 2020-03-11T00:00:00Z


def contents(lake: Lake) -> dict[str, str]:
    """SHA-256 of every visible file, by path below the lake."""
    return {
        str(Path(f.path).relative_to(lake.root)): hashlib.sha256(
            Path(f.path).read_bytes()
        ).hexdigest()
        for f in lake.files("packets")
    }


def on_disk(lake: Lake) -> set[str]:
    return {str(p.relative_to(lake.root)) for p in lake.root.rglob("*.parquet")}


def test_compaction_merges_and_sorts(lake, rows, ingest):
    ingest(lake, rows([START + 3, START + 1], dport=[3, 1]), name="a")
    ingest(lake, rows([START + 2, START + 4], dport=[2, 4]), name="b")
    report = lake.compact()
    assert (report.groups, report.rows) == (1, 4)
    assert (report.files_before, report.files_after) == (2, 1)
    (file,) = lake.files("packets")
    assert pq.read_table(file.path).column("dport").to_pylist() == [1, 2, 3, 4]
    assert file.compacted
    assert sorted(file.shares) == [2, 2]


def test_compaction_never_mixes_days_sensors_or_markings(lake, rows, ingest):
    ingest(lake, rows([START, START + DAY_US]), name="a", sensor="s1", tlp=Tlp.GREEN)
    ingest(lake, rows([START]), name="b", sensor="s2", tlp=Tlp.GREEN)
    ingest(lake, rows([START]), name="c", sensor="s1", tlp=Tlp.RED)
    ingest(lake, rows([START]), name="d", sensor="s1", tlp=Tlp.GREEN)
    lake.compact()
    kept = sorted((f.dt, f.sensor, f.tlp.value, f.rows) for f in lake.files("packets"))
    assert kept == [
        ("2020-03-11", "s1", "green", 2),
        ("2020-03-11", "s1", "red", 1),
        ("2020-03-11", "s2", "green", 1),
        ("2020-03-12", "s1", "green", 1),
    ]


def test_only_the_rows_decide_the_bytes(tmp_path, rows, ingest):
    """Other order of sources, other cuts, compaction in between: the same files."""
    sources = {name: [START + 7 * i + k for i in range(50)] for k, name in enumerate("abc")}
    outcomes = []
    for order, pause in (("abc", False), ("cba", False), ("bca", True)):
        with Lake.open(tmp_path / f"{order}{pause}") as lake:
            for name in order:
                ingest(lake, rows(sources[name], ptype=[name] * 50), name=name)
                if pause:
                    lake.compact()
            lake.compact()
            outcomes.append(contents(lake))
    assert outcomes[0] == outcomes[1] == outcomes[2]


def test_compacting_again_does_nothing(lake, rows, ingest):
    ingest(lake, rows([START]))
    lake.compact()
    before = (lake.generation, contents(lake))
    assert lake.compact().groups == 0
    assert (lake.generation, contents(lake)) == before


def test_compaction_of_one_table_by_name(lake, rows, ingest):
    ingest(lake, rows([START]))
    assert lake.compact("flowtuples").groups == 0
    assert lake.compact("packets").groups == 1
    with pytest.raises(NotFoundError, match="flowtuples"):
        lake.compact("nothing")


def test_big_groups_make_several_files(lake, rows, ingest, monkeypatch):
    monkeypatch.setattr("kaname.lake.compaction.ROW_GROUP", 10)
    monkeypatch.setattr("kaname.lake.compaction.FILE_ROWS", 40)
    ingest(lake, rows([START + 99 - i for i in range(100)]))
    lake.compact()
    files = sorted(lake.files("packets"), key=lambda f: f.min_ts)
    assert [f.rows for f in files] == [40, 40, 20]
    assert [f.max_ts - f.min_ts for f in files] == [39, 39, 19]


def test_replaced_files_stay_while_somebody_reads_and_go_afterwards(lake, rows, ingest):
    ingest(lake, rows([START + 1]), name="a")
    ingest(lake, rows([START]), name="b")
    with lake.expression(["packets"]) as tables:
        lake.compact()
        lake.sweep()
        assert tables["packets"].count().to_pyarrow().as_py() == 2
        assert len(on_disk(lake)) == 3
    lake.sweep()
    assert on_disk(lake) == set(contents(lake))


def test_sweep_removes_what_killed_processes_left_and_nothing_else(lake, rows, ingest):
    ingest(lake, rows([START]))
    folder = lake.root / "packets" / "dt=2020-03-12"
    folder.mkdir()
    orphan = folder / f"{7:016x}-0001-{9:016x}.parquet"
    foreign = folder / "mine.parquet"
    left = lake.root / ".staging" / "batch-1-dead"
    for path in (orphan, foreign):
        path.write_bytes(b"x")
    left.mkdir()
    (left / "half.part").write_bytes(b"x")
    lone = lake.root / ".staging" / "batch-2-dead.lock"  # killed before its folder was made
    lone.touch()
    with Staging(Layout(lake.root), "batch") as used:
        lake.sweep()
        assert used.folder.is_dir()
    assert not lone.exists()
    assert not orphan.exists()
    assert not left.exists()
    assert foreign.exists()
    assert lake.query("SELECT count(*) FROM packets").rows() == [[1]]


def test_retention_removes_whole_days(lake, rows, ingest):
    for day in range(4):
        ingest(lake, rows([START + day * DAY_US]), name=f"d{day}")
    now = START + 3 * DAY_US + 5  # 2020-03-14
    assert lake.retain(now, {}).days == ()
    report = lake.retain(now, {"packets": 2})
    assert report.days == (("packets", "2020-03-11"),)
    assert (report.files, report.rows) == (1, 1)
    assert [f.dt for f in lake.files("packets")] == ["2020-03-12", "2020-03-13", "2020-03-14"]
    lake.sweep()
    assert not (lake.root / "packets" / "dt=2020-03-11").exists()


def test_retention_judges_impossible_times_by_their_ingest(lake, rows, ingest):
    source = ingest(lake, rows([5]))
    assert lake.retain(source.ingested + DAY_US, {"packets": 7}).days == ()
    assert lake.retain(source.ingested + 9 * DAY_US, {"packets": 7}).days == (
        ("packets", "1970-01-01"),
    )


@pytest.mark.parametrize(
    "days", [{"nothing": 3}, {"packets": 0}, {"packets": "x"}, {"packets": True}]
)
def test_retention_settings_that_make_no_sense(lake, days):
    with pytest.raises(SettingError, match=next(iter(days))):
        lake.retain(START, days)


def test_health_counts_by_sensor(lake, rows, ingest):
    from kaname.readers.frame import ReadReport

    ingest(lake, rows([START]), name="a", sensor="s1", report=ReadReport(last_us=START))
    ingest(
        lake,
        rows([START]),
        name="b",
        sensor="s1",
        report=ReadReport(last_us=START + 9, damaged=True),
    )
    ingest(lake, rows([START + DAY_US]), name="c", sensor="s2", tlp=Tlp.RED)
    found = lake.health(START + 10)
    first, second = found.sensors
    assert (first.sensor, first.sources, first.damaged, first.damaged_share) == ("s1", 2, 1, 0.5)
    assert (first.last_event, first.lag_us) == (START + 9, 1)
    assert (second.sensor, second.last_event, second.lag_us) == ("s2", None, None)
    size = sum(f.bytes for f in lake.files("packets"))
    assert found.bytes_stored == size
    assert found.bytes_per_day == size / 2
    assert found.days_left == pytest.approx(found.bytes_free / (size / 2), abs=0.1)
    assert [s.sensor for s in lake.health(START, clearance=Tlp.AMBER).sensors] == ["s1"]
