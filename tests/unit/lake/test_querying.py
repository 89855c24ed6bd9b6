"""What a query may do, what it may not, and how it is stopped."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from kaname.lake import Cancel, Limits
from kaname.model.errors import CancelledError, LimitError, QueryError
from kaname.model.marking import Tlp

START = 1_583_884_800_000_000  # 2020-03-11T00:00:00Z
ENDLESS = "SELECT count(*) FROM range(10000000) a, range(10000000) b WHERE a.range * b.range = 7"


@pytest.mark.parametrize(
    ("sql", "first"),
    [
        ("SELECT 1", [1]),
        ("  -- a comment\n WITH x AS (SELECT 2 AS n) SELECT n FROM x;", [2]),
        ("VALUES (3)", [3]),
        ("FROM packets SELECT dport", [23]),
        ("SELECT * FROM (SELECT dport FROM packets)", [23]),
        ("DESCRIBE SELECT 1 AS one", ["one", "INTEGER", "YES", None, None, None]),
        ("SHOW TABLES", ["alerts"]),
        ("SELECT ip(0, 281473902969344 | 7)", ["192.0.2.7"]),
        ("SELECT in_net(0, 281473902969351, '192.0.2.0/24')", [True]),
        ("SELECT current_setting('TimeZone')", ["UTC"]),
    ],
)
def test_reading_statements_run(lake, rows, ingest, sql, first):
    assert (0xFFFF << 32) | 0xC0000200 == 281473902969344  # 192.0.2.0, RFC 5737
    ingest(lake, rows([START], dport=23))
    assert lake.query(sql).rows()[0] == first


def test_explain_shows_the_plan(lake):
    assert "physical_plan" in lake.query("EXPLAIN SELECT count(*) FROM packets").rows()[0]
    assert "analyzed_plan" in lake.query("EXPLAIN ANALYZE SELECT 1").rows()[0]


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT * FROM read_text('/etc/passwd')",
        "SELECT * FROM read_blob('/etc/passwd')",
        "SELECT * FROM read_json('/etc/passwd')",
        "SELECT * FROM sniff_csv('/etc/passwd')",
        "SELECT * FROM '/etc/passwd'",
        "SELECT * FROM glob('/etc/*')",
        "SELECT * FROM parquet_metadata('/etc/passwd')",
        "SELECT * FROM read_csv('https://example.org/x.csv')",
        "SELECT * FROM query('COPY (SELECT 1) TO ''{out}''')",
        "SELECT getenv('HOME')",
        "COPY (SELECT 1) TO '{out}'",
        "COPY packets FROM '/etc/passwd'",
        "EXPLAIN ANALYZE COPY (SELECT 1) TO '{out}'",
        "EXPLAIN COPY (SELECT 1) TO '{out}'",
        "EXPORT DATABASE '{out}'",
        "ATTACH '{out}' AS other",
        "INSTALL httpfs",
        "LOAD httpfs",
        "PRAGMA database_list",
        "CALL pragma_version()",
        "CHECKPOINT",
        "SET threads = 1",
        "RESET lock_configuration",
        "SET enable_external_access = true",
        "SET allowed_directories = ['/']",
        "CREATE TABLE t AS SELECT 1",
        "CREATE VIEW packets AS SELECT 1",
        "DROP VIEW packets",
        "INSERT INTO packets SELECT * FROM packets",
        "DELETE FROM packets",
        "UPDATE packets SET dport = 1",
        "EXPLAIN ANALYZE CREATE TABLE t AS SELECT 1",
        "EXPLAIN ANALYZE DROP VIEW packets",
        "PREPARE p AS SELECT 1",
        "BEGIN",
        "SELECT 1; SELECT 2",
        "SELECT 1; DROP VIEW packets",
        "",
        "SELECT",
        "SELECT * FROM nothing",
        "SELECT dport::INTEGER + 'x' FROM packets",
        "SELECT in_net(src_hi, src_lo, '192.0.2.0/33') FROM packets",
    ],
)
def test_all_else_is_refused_and_leaves_no_trace(lake, rows, ingest, tmp_path, sql):
    ingest(lake, rows([START], dport=23))
    out = tmp_path / "out"
    with pytest.raises(QueryError) as caught:
        lake.query(sql.format(out=out))
    assert caught.value.exit_code == 2
    assert str(caught.value)
    assert "passwd" not in str(caught.value) or "root:" not in str(caught.value)
    assert not out.exists()
    assert lake.query("SELECT dport FROM packets").rows() == [[23]]
    assert lake.verify().damaged == ()


def test_overwriting_a_granted_file_is_refused(lake, rows, ingest):
    ingest(lake, rows([START]))
    path = lake.files("packets")[0].path
    for sql in (
        f"COPY (SELECT 1) TO '{path}' (USE_TMP_FILE false)",
        f"EXPLAIN ANALYZE COPY (SELECT 1) TO '{path}' (USE_TMP_FILE false)",
        f"EXPLAIN (ANALYZE) COPY (SELECT 1) TO '{path}' (USE_TMP_FILE false)",
        f"/* x */ EXPLAIN /* y */ ANALYZE COPY (SELECT 1) TO '{path}' (USE_TMP_FILE false)",
    ):
        with pytest.raises(QueryError):
            lake.query(sql)
    assert lake.verify().damaged == ()


def test_rows_above_the_clearance_cannot_be_reached_by_any_name(lake, rows, ingest):
    ingest(lake, rows([START], dport=1), name="open", tlp=Tlp.GREEN)
    ingest(lake, rows([START], dport=2), name="closed", tlp=Tlp.RED)
    secret = lake.files("packets")[1 if lake.files("packets")[0].tlp is Tlp.GREEN else 0].path

    def ports(sql, clearance):
        return lake.query(sql, clearance=clearance).table.column("dport").to_pylist()

    everything = "SELECT dport FROM packets ORDER BY dport"
    assert ports(everything, Tlp.RED) == [1, 2]
    assert ports(everything, Tlp.AMBER) == [1]
    assert ports(everything, Tlp.CLEAR) == []
    folder = Path(secret).parent
    for source in (
        f"read_parquet('{secret}')",
        f"'{secret}'",
        f"read_parquet('{folder}/*.parquet')",
        f"read_parquet('{folder}/../{folder.name}/{Path(secret).name}')",
        f"read_blob('{secret}')",
        f"glob('{folder}/*')",
        f"parquet_metadata('{secret}')",
    ):
        with pytest.raises(QueryError):
            lake.query(f"SELECT * FROM {source}", clearance=Tlp.AMBER)  # noqa: S608


def test_rows_beyond_the_limit_are_cut_and_said_so(lake):
    limits = Limits(rows=3)
    cut = lake.query("SELECT * FROM range(4)", limits=limits)
    assert (cut.table.num_rows, cut.truncated) == (3, True)
    whole = lake.query("SELECT * FROM range(3)", limits=limits)
    assert (whole.table.num_rows, whole.truncated) == (3, False)
    long = lake.query("SELECT * FROM range(100000)", limits=Limits(rows=50_000))
    assert (long.table.num_rows, long.truncated) == (50_000, True)
    assert long.table.column(0)[49_999].as_py() == 49_999


def test_a_query_ends_when_its_time_is_up_and_the_next_one_runs(lake):
    with pytest.raises(LimitError, match=r"0\.2 s"):
        lake.query(ENDLESS, limits=Limits(seconds=0.2))
    assert lake.query("SELECT 1").rows() == [[1]]


def test_a_query_ends_when_somebody_says_so(lake):
    cancel = Cancel()
    timer = threading.Timer(0.2, cancel.set)
    timer.start()
    begun = time.monotonic()
    with pytest.raises(CancelledError):
        lake.query(ENDLESS, limits=Limits(seconds=100), cancel=cancel)
    timer.join()
    assert time.monotonic() - begun < 100


def test_a_query_that_needs_too_much_memory_is_stopped(lake):
    with pytest.raises(LimitError, match="64 MB"):
        lake.query(
            "SELECT list(range) FROM range(100000000)", limits=Limits(seconds=60, memory_mb=64)
        )


def test_queries_run_side_by_side(lake, rows, ingest):
    ingest(lake, rows([START + i for i in range(1000)]))
    found = []

    def run():
        found.append(lake.query("SELECT count(*) FROM packets").rows())

    threads = [threading.Thread(target=run) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [[[1000]]] * 8


def test_an_open_query_database_never_hides_new_rows(lake, rows, ingest):
    for count in range(1, 4):
        ingest(lake, rows([START]), name=f"n{count}")
        assert lake.query("SELECT count(*) FROM packets").rows() == [[count]]


def test_no_bar_is_drawn_into_the_output_of_a_program() -> None:
    """Where the program has no file (``python -c``), DuckDB takes it for a person."""
    asked = (
        "from kaname.lake.engine import connect; connection = connect(memory_mb=64); "
        "print(connection.execute(\"SELECT current_setting('enable_progress_bar')\").fetchone())"
    )
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert done.stdout == "(False,)\n"
