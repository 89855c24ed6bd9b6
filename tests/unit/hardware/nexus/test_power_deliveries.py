"""What an edge delivers arrives as it was, once, and nothing else is taken."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.hardware.nexus.powered import START, night

from kaname.hardware.power.deliveries import FIRED, SEGMENTS
from kaname.hardware.power.ledger import Ledger
from kaname.knowledge import Knowledge
from kaname.knowledge.sensor_records import Sensor
from kaname.knowledge.sensors import Sensors
from kaname.lake import Lake
from kaname.lake.tables import table as table_of
from kaname.model.errors import ForbiddenError, InputError
from kaname.model.marking import Tlp
from kaname.readers.deliveries.outbox import Outbox
from kaname.readers.deliveries.package import Header, decode, encode
from kaname.readers.deliveries.receiving import take_in

HEADER = Header(sensor="edge", spool="0" * 32, sequence=1, identity="a" * 64)


def batch(rows: list[dict[str, Any]]) -> pa.RecordBatch:
    common = {"sensor": "x", "kind": "x", "tlp": "red", "batch": 0, "src_hi": 0, "src_lo": 0,
              "ext": None}  # fmt: skip
    schema = table_of("power_segments").arrow_schema()
    made = pa.Table.from_pylist([common | row for row in rows], schema=schema)
    return made.combine_chunks().to_batches()[0]


def own(found: pa.RecordBatch) -> list[dict[str, Any]]:
    left_out = {"sensor", "kind", "tlp", "batch", "ext"}
    return [
        {name: value for name, value in row.items() if name not in left_out}
        for row in found.to_pylist()
    ]


def test_rows_come_out_as_they_went_in() -> None:
    rows = night("a", seed=1, count=10) + night("b", seed=2, count=10, fleet="")
    rows[3] |= {"anomaly": True, "fired": "sleep", "score": 99.5, "profile": "a:1"}
    for row, kind in zip(rows, FIRED[1:], strict=False):
        row["fired"] = kind
    header, found = decode(SEGMENTS, encode(SEGMENTS, HEADER, [("power_segments", batch(rows))]))
    assert header.words["device"] == ["a", "b"]
    (one,) = found
    assert own(one[1]) == own(batch(rows))


def test_a_burst_is_some_two_hundred_bytes() -> None:
    rows = night("device-in-hall-7", seed=1, count=200)
    body = encode(SEGMENTS, HEADER, [("power_segments", batch(rows))])
    assert len(body) / 200 < 250  # with the sleep before it


@pytest.mark.parametrize(
    "change",
    [
        {"duration_us": -1}, {"peak_mw": float("nan")}, {"peak_mw": float("inf")},
        {"score": 101.0}, {"ts": 0}, {"ts": 4_102_444_800_000_000}, {"rate_hz": 0.0},
        {"row_in_src": -1},
    ],
)  # fmt: skip
def test_values_that_no_meter_gives_are_refused(change: dict[str, Any]) -> None:
    rows = [row | change for row in night("a", seed=1, count=2)]
    with pytest.raises(InputError, match="outside"):
        decode(SEGMENTS, encode(SEGMENTS, HEADER, [("power_segments", batch(rows))]))


def test_words_outside_their_list_are_refused() -> None:
    body = encode(SEGMENTS, HEADER, [("power_segments", batch(night("a", seed=1, count=2)))])
    header, _ = decode(SEGMENTS, body)
    plain = pa.input_stream(pa.BufferReader(body), compression="zstd").read()
    bare = msgspec.json.encode(msgspec.structs.replace(header, words={}))
    start = len(SEGMENTS.magic)
    length = int.from_bytes(plain[start : start + 4], "little")
    forged = plain[:start] + len(bare).to_bytes(4, "little") + bare + plain[start + 4 + length :]
    sink = pa.BufferOutputStream()
    with pa.CompressedOutputStream(sink, "zstd") as out:
        out.write(forged)
    with pytest.raises(InputError, match="device"):
        decode(SEGMENTS, sink.getvalue().to_pybytes())


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_damage_is_refused_and_never_worse(data: st.DataObject) -> None:
    body = bytearray(pa.input_stream(pa.BufferReader(BODY), compression="zstd").read())
    for _ in range(data.draw(st.integers(1, 4))):
        body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))
    sink = pa.BufferOutputStream()
    with pa.CompressedOutputStream(sink, "zstd") as out:
        out.write(bytes(body))
    try:
        _, found = decode(SEGMENTS, sink.getvalue().to_pybytes())
    except InputError:
        return
    for _, rows in found:
        rows.validate(full=True)


BODY = encode(SEGMENTS, HEADER, [("power_segments", batch(night("a", seed=1, count=4)))])


@pytest.fixture
def stores(tmp_path: Path) -> Iterator[tuple[Lake, Knowledge]]:
    with (
        Lake.open(tmp_path / "nexus") as lake,
        Knowledge.open(f"sqlite:///{tmp_path}/k.sqlite") as knowledge,
    ):
        knowledge.part(Sensors).put_sensor(Sensor(name="edge", tlp=Tlp.GREEN))
        yield lake, knowledge


def test_over_the_spool_into_the_lake_each_once(
    stores: tuple[Lake, Knowledge], tmp_path: Path
) -> None:
    lake, knowledge = stores
    outbox = Outbox(tmp_path / "spool", "edge", SEGMENTS)
    rows = night("a", seed=1, count=30)
    with Ledger(outbox, tmp_path / "s.json", sensor="edge", tlp=Tlp.RED) as ledger:
        ledger.begin("stream:1", START, 1000.0)
        for at in range(0, 60, 20):
            ledger.commit(rows[at : at + 20], [])
    sensor = knowledge.part(Sensors).sensor("edge")
    while (waiting := outbox.next()) is not None:
        first = take_in(lake, knowledge, SEGMENTS, sensor, waiting[1])
        again = take_in(lake, knowledge, SEGMENTS, sensor, waiting[1])
        assert (first.already, again.already) == (False, True)
        outbox.sent(waiting[0])
    count, devices, sensors = lake.query(
        "SELECT count(*), count(DISTINCT device), any_value(sensor) FROM power_segments"
    ).rows()[0]
    assert (count, devices, sensors) == (60, 1, "edge")
    assert {source.tlp for source in lake.sources()} == {Tlp.GREEN}  # not what the edge says
    other = msgspec.structs.replace(HEADER, sensor="other")
    with pytest.raises(ForbiddenError):
        take_in(lake, knowledge, SEGMENTS, sensor, encode(SEGMENTS, other, []))
