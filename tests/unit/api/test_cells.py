from __future__ import annotations

import datetime as dt
import decimal

import pyarrow as pa
import pytest

from kaname.api.cells import cells, kinds


def column(values, kind):
    return cells(pa.table({"x": pa.array(values, kind)}))


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (2**53, 2**53),  # the last integer that a JSON reader holds exactly (ECMA-262)
        (2**53 + 1, "9007199254740993"),
        (-(2**53) - 1, "-9007199254740993"),
        (2**63 - 1, "9223372036854775807"),
        (0, 0),
        (None, None),
    ],
)
def test_integers_that_json_readers_would_round_are_strings(value, shown):
    assert column([value], pa.int64()) == [[shown]]


def test_instants_are_microseconds_whatever_unit_they_had():
    moment = dt.datetime(2020, 3, 11, tzinfo=dt.UTC)
    for unit in ("s", "ms", "us", "ns"):
        assert column([moment], pa.timestamp(unit, tz="UTC")) == [[1583884800000000]]
    assert column([None], pa.timestamp("us")) == [[None]]


def test_sums_are_numbers_again():
    # DuckDB's sum() of BIGINT is HUGEINT, which Arrow holds as decimal128(38, 0).
    assert column([decimal.Decimal(1234)], pa.decimal128(38, 0)) == [[1234]]
    assert column([decimal.Decimal("1.25")], pa.decimal128(10, 2)) == [["1.25"]]
    assert column([decimal.Decimal(2**60)], pa.decimal128(38, 0)) == [[str(2**60)]]


def test_nested_and_binary_values():
    assert column([[1, 2**60]], pa.list_(pa.int64())) == [[[1, str(2**60)]]]
    assert column([{"a": b"\x00\xff"}], pa.struct([("a", pa.binary())])) == [[{"a": "00ff"}]]
    assert column([b"\xde\xad"], pa.binary()) == [["dead"]]


def test_dates_times_and_intervals_are_text():
    assert column([dt.date(2020, 2, 29)], pa.date32()) == [["2020-02-29"]]
    assert column([dt.time(1, 2, 3)], pa.time64("us")) == [["01:02:03"]]


def test_rows_keep_the_order_of_columns_and_kinds_name_them():
    table = pa.table(
        {
            "b": pa.array(["tcp_syn"], pa.dictionary(pa.int8(), pa.string())),
            "a": pa.array([1], pa.int16()),
            "t": pa.array([0], pa.timestamp("us", tz="UTC")),
        }
    )
    assert cells(table) == [["tcp_syn", 1, 0]]
    assert kinds(table) == ["string", "int16", "timestamp"]


def test_a_table_without_rows_has_no_rows():
    assert cells(pa.table({"a": pa.array([], pa.int64())})) == []
