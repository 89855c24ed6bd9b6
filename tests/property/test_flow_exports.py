"""Whatever arrives at a collector: nothing is raised, everything is counted once."""

from __future__ import annotations

import struct

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from kaname._native import FlowDecoder

FIELDS = struct.pack(">HHHHHHHH", 8, 4, 12, 4, 1, 4, 7, 2)
TEMPLATE = struct.pack(">HHHH", 0, 24, 300, 4) + FIELDS
RECORD = struct.pack(">IIIH", 0xC6336407, 0xCB007109, 700, 53)


def v9(records: int, sequence: int) -> bytes:
    data = struct.pack(">HH", 300, 4 + 14 * records) + RECORD * records
    return struct.pack(">HHIIII", 9, 2, 0, 1_700_000_000, sequence, 1) + TEMPLATE + data


def decoded(datagrams: list[bytes]) -> tuple[int, dict[str, int], int]:
    """Rows, counters and how many datagrams were exports."""
    decoder = FlowDecoder(ext=True, rows=16)
    taken = decoder.push([(data, 0, 1, 2055, 1) for data in datagrams])
    decoder.finish()
    batch = decoder.rows(sensor="s", tlp="amber", batch=1)
    account = decoder.take_report()
    assert account["records"] == sum(account["counters"].values())
    rows = 0 if batch is None else pa.record_batch(batch).num_rows
    return rows, account["counters"], taken


@given(st.lists(st.binary(max_size=200), max_size=6))
def test_any_bytes_are_counted(datagrams: list[bytes]) -> None:
    rows, counters, taken = decoded(datagrams)
    assert rows == counters.get("flows", 0)
    known = [d for d in datagrams if d[:2] in (b"\0\5", b"\0\7", b"\0\t", b"\0\n")]
    assert len(known) <= taken <= len(datagrams)


@given(st.integers(0, 9), st.data())
def test_records_before_a_cut_are_kept(records: int, data: st.DataObject) -> None:
    whole = v9(records, 1)
    end = data.draw(st.integers(20 + 24 + 4, len(whole)))
    rows, _, _ = decoded([whole[:end]])
    assert rows == (end - 48) // 14


@given(st.lists(st.tuples(st.integers(0, 75), st.integers(0, 255)), max_size=8))
@settings(max_examples=200)
def test_a_changed_datagram_harms_no_other(changes: list[tuple[int, int]]) -> None:
    changed = bytearray(v9(2, 2))
    for at, value in changes:
        changed[at] = value
    rows, counters, _ = decoded([v9(3, 1), bytes(changed)])
    assert rows >= 3
    assert rows == counters["flows"]
