"""The life of a lake: what is committed is there, once, and whole."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from kaname.lake import Lake
from kaname.model.errors import InputError, NotFoundError, StoreAccessError
from kaname.model.marking import Tlp
from kaname.readers.frame import Problem, ReadReport

DAY_US = 86_400_000_000
START = 1_583_884_800_000_000  # 2020-03-11T00:00:00Z


def test_committed_rows_are_found(lake, rows, ingest):
    source = ingest(lake, rows([START, START + 5], dport=[23, 80]))
    assert source.rows == 2
    result = lake.query("SELECT ts, dport FROM packets ORDER BY ts")
    assert result.rows() == [
        ["2020-03-11T00:00:00.000000Z", 23],
        ["2020-03-11T00:00:00.000005Z", 80],
    ]
    assert (result.truncated, result.files, result.missing) == (False, 1, ())


def test_nothing_is_seen_before_the_commit_and_nothing_stays_without_it(lake, rows):
    with lake.writer(
        identity="ab" * 32, path="x", size=1, sensor="s", tlp=Tlp.RED, reader="r", reader_version=1
    ) as writer:
        writer.write("packets", rows([START]))
        assert lake.query("SELECT count(*) FROM packets").rows() == [[0]]
    assert lake.query("SELECT count(*) FROM packets").rows() == [[0]]
    assert lake.known("ab" * 32) is None
    assert list((lake.root / ".staging").iterdir()) == []
    assert list(lake.root.rglob("*.parquet")) == []


def test_same_source_twice_changes_nothing(lake, rows, ingest):
    first = ingest(lake, rows([START]))
    before = (lake.generation, lake.files("packets"))
    assert ingest(lake, rows([START])) == first
    assert (lake.generation, lake.files("packets")) == before


def test_replace_takes_the_place_of_the_older_reading(lake, rows, ingest):
    ingest(lake, rows([START, START + 1]), name="a")
    ingest(lake, rows([START + 2]), name="b")
    ingest(lake, rows([START + 7]), name="a", replace=True)
    found = lake.query("SELECT epoch_us(ts) FROM packets ORDER BY ts").table.column(0).to_pylist()
    assert found == [START + 2, START + 7]
    assert len(lake.sources()) == 2


def test_replace_reaches_into_compacted_files(lake, rows, ingest):
    ingest(lake, rows([START, START + 1]), name="a")
    ingest(lake, rows([START + 2]), name="b")
    lake.compact()
    ingest(lake, rows([START + 7]), name="a", replace=True)
    found = lake.query("SELECT epoch_us(ts) FROM packets ORDER BY ts").table.column(0).to_pylist()
    assert found == [START + 2, START + 7]


def test_source_remembers_the_report(lake, rows, ingest):
    report = ReadReport(records=3, first_us=START, last_us=START + 9, damaged=True)
    report.counters = {"rows": 2, "cut": 1}
    report.problems = [Problem(offset=24, reason="cut", hex="00ff")]
    source = ingest(lake, rows([START]), report=report, tlp=Tlp.GREEN)
    again = lake.source(source.batch)
    assert again == source
    assert again.counters == {"rows": 2, "cut": 1}
    assert again.problems == ({"offset": 24, "reason": "cut", "hex": "00ff"},)
    assert (again.damaged, again.tlp, again.path) == (True, Tlp.GREEN, "/captures/a.pcap")


def test_unknown_source_says_so(lake):
    with pytest.raises(NotFoundError, match="5"):
        lake.source(5)


def test_sources_come_latest_first_page_by_page_and_by_clearance(lake, rows, ingest):
    made = [ingest(lake, rows([START]), name=name).batch for name in "abc"]
    secret = ingest(lake, rows([START]), name="d", tlp=Tlp.RED).batch
    assert [s.batch for s in lake.sources()] == [secret, *reversed(made)]
    page = lake.sources(limit=2, clearance=Tlp.AMBER)
    assert [s.batch for s in page] == [made[2], made[1]]
    assert [s.batch for s in lake.sources(after=made[1], clearance=Tlp.AMBER)] == [made[0]]


def test_rows_are_labelled_by_the_lake_not_by_the_reader(lake, rows, ingest):
    lying = rows([START], tlp="clear", sensor="other", batch=99)
    source = ingest(lake, lying, tlp=Tlp.RED, sensor="s7")
    assert lake.query("SELECT tlp, sensor, batch FROM packets").table.to_pylist() == [
        {"tlp": "red", "sensor": "s7", "batch": source.batch}
    ]


def test_days_and_impossible_times_have_their_partitions(lake, rows, ingest):
    far = 4_102_444_800_000_000  # 2100-01-01
    ingest(lake, rows([START, START + DAY_US, 5, far], ext=[None, None, '{"a":1}', None]))
    kept = {file.dt: file for file in lake.files("packets")}
    assert sorted(kept) == ["1970-01-01", "2020-03-11", "2020-03-12", "9999-12-31"]
    found = lake.query("SELECT epoch_us(ts), ext, dt::VARCHAR FROM packets ORDER BY ts").rows()
    assert found == [
        [5, '{"a":1,"time_suspect":true}', "1970-01-01"],
        [START, None, "2020-03-11"],
        [START + DAY_US, None, "2020-03-12"],
        [far, '{"time_suspect":true}', "9999-12-31"],
    ]
    status = next(t for t in lake.tables() if t.name == "packets")
    assert (status.rows, status.first_us, status.last_us) == (4, START, START + DAY_US)


def test_files_are_chosen_by_time_sensor_and_clearance(lake, rows, ingest):
    ingest(lake, rows([START]), name="a", sensor="s1", tlp=Tlp.GREEN)
    ingest(lake, rows([START + DAY_US]), name="b", sensor="s2", tlp=Tlp.RED)

    def days(**choice):
        return [file.dt for file in lake.files("packets", **choice)]

    assert days() == ["2020-03-11", "2020-03-12"]
    assert days(since=START + 1) == ["2020-03-12"]
    assert days(until=START + DAY_US) == ["2020-03-11"]
    assert days(until=START) == []
    assert days(sensor="s2") == ["2020-03-12"]
    assert days(clearance=Tlp.AMBER_STRICT) == ["2020-03-11"]


def test_expression_holds_exactly_the_window(lake, rows, ingest):
    ingest(lake, rows([START, START + 1, START + 2], dport=[1, 2, 3]))
    with lake.expression(["packets"], since=START + 1, until=START + 2) as tables:
        packets = tables["packets"]
        assert packets.dport.to_pyarrow().to_pylist() == [2]
    with lake.expression(["packets", "flowtuples"]) as tables:
        assert tables["packets"].count().to_pyarrow().as_py() == 3
        assert tables["flowtuples"].count().to_pyarrow().as_py() == 0


def test_how_rows_were_cut_into_batches_does_not_show(tmp_path, rows, ingest):
    times = [START + i for i in range(1000)]
    kinds = [("syn", "ack", "udp")[i % 3] for i in range(1000)]
    digests = set()
    for cut in (1000, 333, 7):
        with Lake.open(tmp_path / str(cut)) as lake:
            parts = [
                rows(
                    times[i : i + cut],
                    ptype=kinds[i : i + cut],
                    row_in_src=list(range(i, min(i + cut, 1000))),
                )
                for i in range(0, 1000, cut)
            ]
            ingest(lake, *parts, threads=1 + cut % 2)
            digests.add(tuple(file.sha256 for file in lake.files("packets")))
    assert len(digests) == 1


def test_manifest_tells_the_truth_about_files(lake, rows, ingest):
    source = ingest(lake, rows([START + 3, START + 1]))
    (file,) = lake.files("packets")
    data = Path(file.path).read_bytes()
    assert (file.bytes, file.sha256) == (len(data), hashlib.sha256(data).hexdigest())
    assert (file.rows, file.min_ts, file.max_ts) == (2, START + 1, START + 3)
    assert (file.batches, file.shares) == ((source.batch,), (2,))
    assert pq.read_table(file.path).num_rows == 2


def test_other_engines_read_the_files_and_find_the_encodings(lake, rows, ingest):
    ingest(lake, rows([START + i for i in range(500)]))
    (file,) = lake.files("packets")
    meta = pq.ParquetFile(file.path).metadata.row_group(0)
    columns = {meta.column(i).path_in_schema: meta.column(i) for i in range(meta.num_columns)}
    # a page that would grow is left as it is
    assert {c.compression for c in columns.values()} <= {"ZSTD", "UNCOMPRESSED"}
    assert "DELTA_BINARY_PACKED" in columns["ts"].encodings
    assert "BYTE_STREAM_SPLIT" in columns["tcp_seq"].encodings
    assert columns["ts"].statistics.has_min_max
    times = pq.read_table(file.path).column("ts").cast("int64").to_pylist()
    assert times == [START + i for i in range(500)]


def test_rows_that_do_not_fit_name_the_column(lake, rows, ingest):
    good = rows([START])
    with pytest.raises(InputError, match="dport"):
        ingest(lake, good.drop_columns(["dport"]))
    with (
        pytest.raises(NotFoundError, match="flowtuples"),
        lake.writer(
            identity="ab" * 32,
            path="x",
            size=1,
            sensor="s",
            tlp=Tlp.RED,
            reader="r",
            reader_version=1,
        ) as writer,
    ):
        writer.write("nothing", good)


def test_generation_grows_with_each_change_and_is_seen_by_others(lake, rows, ingest, tmp_path):
    with Lake.open(tmp_path / "data") as other:
        before = other.generation
        ingest(lake, rows([START]))
        assert other.generation > before
        assert other.query("SELECT count(*) FROM packets").rows() == [[1]]


def test_opening_without_making_says_that_nothing_is_there(tmp_path):
    with pytest.raises(StoreAccessError, match="no lake"):
        Lake.open(tmp_path / "nothing", create=False)


def test_identity_is_first_and_last_mebibyte_and_size(lake, tmp_path):
    data = bytes(range(256)) * 12288  # 3 MiB
    path = tmp_path / "capture"
    path.write_bytes(data)
    mib = 1 << 20
    expected = hashlib.sha256(data[:mib] + data[-mib:] + len(data).to_bytes(8, "big")).hexdigest()
    assert lake.identify(path) == expected
    path.write_bytes(b"ab")
    assert lake.identify(path) == hashlib.sha256(b"abab" + bytes(7) + b"\x02").hexdigest()
    with pytest.raises(InputError, match="gone"):
        lake.identify(tmp_path / "gone")


def test_importing_the_lake_is_light():
    code = (
        "import sys, kaname.lake\n"
        "heavy = {'duckdb', 'pyarrow', 'ibis', 'numpy'} & set(sys.modules)\n"
        "sys.exit(', '.join(sorted(heavy)) or 0)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
