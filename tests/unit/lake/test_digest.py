"""The digest against bytes written by hand from its description."""

from __future__ import annotations

import datetime as dt
import decimal
import hashlib
import struct

import pyarrow as pa
import pytest

from kaname.lake.digest import digest_of, encode

START = 1_583_884_800_000_000  # 2020-03-11T00:00:00Z


def test_digest_of_a_result_encoded_by_hand(lake):
    found = lake.digest("SELECT 23 AS port, 'syn' AS kind UNION ALL SELECT NULL, 'é' ORDER BY kind")
    by_hand = (
        b"\x00\x00\x00\x02"  # two columns
        b"S\x00\x00\x00\x04port"
        b"S\x00\x00\x00\x04kind"
        b"I\x00\x00\x00\x0223" + b"S\x00\x00\x00\x03syn"
        b"N" + b"S\x00\x00\x00\x02\xc3\xa9"
    )
    assert found.digest == hashlib.sha256(by_hand).hexdigest()
    assert (found.rows, found.columns) == (2, ("port", "kind"))
    assert found.sample == ({"port": 23, "kind": "syn"}, {"port": None, "kind": "é"})


@pytest.mark.parametrize(
    ("value", "encoded"),
    [
        (None, b"N"),
        (True, b"B\x01"),
        (False, b"B\x00"),
        (0, b"I\x00\x00\x00\x010"),
        (-12, b"I\x00\x00\x00\x03-12"),
        (decimal.Decimal("7.0"), b"I\x00\x00\x00\x017"),
        (decimal.Decimal("7.50"), b"M\x00\x00\x00\x037.5"),
        (1.0, b"F\x3f\xf0" + bytes(6)),
        (-0.0, b"F" + bytes(8)),
        (struct.unpack(">d", b"\xff\xf8" + bytes(6))[0], b"F\x7f\xf8" + bytes(6)),
        ("", b"S\x00\x00\x00\x00"),
        (b"\x00", b"X\x00\x00\x00\x01\x00"),
        (dt.datetime(1970, 1, 1, 0, 0, 1, tzinfo=dt.UTC), b"T\x00\x00\x00\x071000000"),
        (dt.date(2020, 3, 11), b"D\x00\x00\x00\x0a2020-03-11"),
        ([1, None], b"L\x00\x00\x00\x02I\x00\x00\x00\x011N"),
        ({"a": True}, b"R\x00\x00\x00\x01S\x00\x00\x00\x01aB\x01"),
    ],
)
def test_encoding_of_each_kind(value, encoded):
    assert encode(value) == encoded


def test_width_of_integers_does_not_show():
    narrow = pa.record_batch({"n": pa.array([1, 2], pa.int16())})
    wide = pa.record_batch({"n": pa.array([1, 2], pa.int64())})
    sums = pa.record_batch({"n": pa.array([decimal.Decimal(1), decimal.Decimal(2)])})
    digests = {digest_of(["n"], [batch], sample=0).digest for batch in (narrow, wide, sums)}
    assert len(digests) == 1


def test_neighbouring_values_cannot_trade_places():
    one = pa.record_batch({"a": ["x"], "b": ["yz"]})
    two = pa.record_batch({"a": ["xy"], "b": ["z"]})
    assert digest_of("ab", [one], sample=0).digest != digest_of("ab", [two], sample=0).digest


def test_batches_compaction_and_threads_do_not_show(lake, rows, ingest):
    ingest(lake, rows([START + 2 * i for i in range(30_000)], dport=list(range(30_000))), name="a")
    ingest(lake, rows([START + 2 * i + 1 for i in range(30_000)]), name="b")
    sql = "SELECT * FROM packets ORDER BY ts, batch, row_in_src"
    before = lake.digest(sql)
    lake.compact()
    assert lake.digest(sql) == before
    assert before.rows == 60_000
    assert len(before.sample) == 5


def test_a_changed_row_changes_the_digest(lake, rows, ingest):
    ingest(lake, rows([START, START + 1], dport=[1, 2]))
    before = lake.digest("SELECT dport FROM packets ORDER BY ts").digest
    ingest(lake, rows([START, START + 1], dport=[1, 3]), replace=True)
    assert lake.digest("SELECT dport FROM packets ORDER BY ts").digest != before
