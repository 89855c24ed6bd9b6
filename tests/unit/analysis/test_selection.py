"""Selections: SQL that runs, with all literals inside and a total order."""

from __future__ import annotations

import ipaddress

import duckdb
from tests.unit.telescope.made import START, low, row, table

from kaname.analysis.selection import Selection, among, during, flowtuples, quoted

DAY = 86_400_000_000


def _run(sql: str, rows: list[dict[str, object]]) -> list[tuple[object, ...]]:
    engine = duckdb.connect()
    engine.execute("SET TimeZone = 'UTC'")
    engine.execute("CREATE MACRO ip(hi, lo) AS hi || ':' || lo")
    engine.register("flowtuples", table(rows))
    return engine.execute(sql).fetchall()


def test_quotes_are_doubled() -> None:
    assert quoted("it's") == "'it''s'"


def test_during_takes_the_start_and_leaves_the_end() -> None:
    rows = [row("192.0.2.1", "198.18.0.1", ts=START + t) for t in (-1, 0, DAY - 1, DAY)]
    sql = f"SELECT count(*) FROM flowtuples WHERE {during(START, START + DAY)}"  # noqa: S608
    assert _run(sql, rows) == [(2,)]


def test_among_picks_just_these_addresses() -> None:
    six = int(ipaddress.IPv6Address("2001:db8::1"))
    wanted = [(0, low("192.0.2.1")), (0, low("192.0.2.3")), (six >> 64, six & ((1 << 64) - 1))]
    rows = [row(f"192.0.2.{n}", "198.18.0.1") for n in range(5)]
    rows.append(row(0, "198.18.0.1") | {"src_hi": six >> 64, "src_lo": 1})
    sql = f"SELECT src_lo FROM flowtuples WHERE {among('src', wanted)} ORDER BY 1"  # noqa: S608
    assert [r[0] for r in _run(sql, rows)] == [1, low("192.0.2.1"), low("192.0.2.3")]
    assert _run(f"SELECT 1 FROM flowtuples WHERE {among('src', [])}", rows) == []  # noqa: S608


def test_a_capture_that_was_cut_gives_the_same_rows() -> None:
    whole = [row("192.0.2.1", "198.18.0.1", packets=5, octets=200, fp_all=1)]
    cut = [
        row("192.0.2.1", "198.18.0.9", packets=2, octets=80, fp_all=1, batch=7),
        row("192.0.2.1", "198.18.0.1", packets=3, octets=120, fp_all=1, batch=8),
    ]
    query = flowtuples("true").query
    assert _run(query, whole) == _run(query, cut)


def test_by_source_gives_one_row_for_each() -> None:
    rows = [row(f"192.0.2.{n % 3}", f"198.18.0.{n}") for n in range(9)]
    assert [r[1] for r in _run(flowtuples("true", by_source=True).query, rows)] == [3, 3, 3]


def test_origins_name_batch_marking_and_first_place() -> None:
    rows = [
        row("192.0.2.1", "198.18.0.1", batch=b, row_in_src=o) for b, o in ((5, 9), (5, 3), (2, 4))
    ]
    assert _run(flowtuples("true").origins, rows) == [(2, "amber", 4), (5, "amber", 3)]


def test_every_key_is_in_the_order() -> None:
    chosen = Selection("t", "true", (("a", "x"), ("b", "y")), (("sum(c)", "z"),))
    assert chosen.query.endswith("GROUP BY 1, 2\nORDER BY 1, 2")
