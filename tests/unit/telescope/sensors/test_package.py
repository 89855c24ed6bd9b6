"""What a sensor delivers comes out as it went in, and nothing else is taken."""

from __future__ import annotations

import io
import struct
from typing import Any

import msgspec
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.telescope.made import row, table

from kaname.lake.parquet import conform
from kaname.lake.tables import table as table_of
from kaname.model.errors import InputError
from kaname.readers.deliveries import package
from kaname.readers.deliveries.package import Header, decode, encode
from kaname.telescope.sensors.minutes import MINUTES

FLOWS = table_of("flowtuples")
HEADER = Header(
    sensor="north", spool="0" * 32, sequence=1, identity="a" * 64, records=3, counters={"ipv4": 3}
)


def rows(count: int = 3, **columns: Any) -> pa.RecordBatch:
    made = table(
        row("192.0.2.1", f"198.18.0.{n + 1}", ptype=("tcp_syn", "udp", "tcp_rst")[n % 3],
            dst_more=[1, -2] if n % 2 else None, **columns)
        for n in range(count)
    )  # fmt: skip
    return made.combine_chunks().to_batches()[0]


def compressed(data: bytes) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.CompressedOutputStream(sink, "zstd") as out:
        out.write(data)
    return sink.getvalue().to_pybytes()


def made_by_hand(header: dict[str, Any], *streams: bytes) -> bytes:
    said = msgspec.json.encode(header)
    body = b"kaname minutes 1\n" + struct.pack("<I", len(said)) + said + b"".join(streams)
    return compressed(body)


def claimed(stream: bytes, **more: Any) -> bytes:
    """A delivery whose only table is ``stream``."""
    header = msgspec.to_builtins(HEADER) | {"parts": [{"name": "flowtuples", "bytes": len(stream)}]}
    return made_by_hand(header | more, stream)


def stream_of(batch: pa.RecordBatch, schema: pa.Schema | None = None, **options: Any) -> bytes:
    sink = io.BytesIO()
    with pa.ipc.new_stream(sink, schema or batch.schema, **options) as writer:
        writer.write_batch(batch)
    return sink.getvalue()


def outward(batch: pa.RecordBatch) -> pa.RecordBatch:
    return package._outward(MINUTES, batch, FLOWS, {})


def test_rows_come_out_as_they_went_in() -> None:
    header, found = decode(
        MINUTES, encode(MINUTES, HEADER, [("flowtuples", rows(5)), ("flowtuples", rows(2))])
    )
    assert header.records == 3
    assert [(name, batch.num_rows) for name, batch in found] == [
        ("flowtuples", 5), ("flowtuples", 2),
    ]  # fmt: skip
    own = [name for name in FLOWS.arrow_schema().names if name not in {"sensor", "tlp", "batch"}]
    for (_, batch), given_rows in zip(found, (rows(5), rows(2)), strict=True):
        with_labels = pa.RecordBatch.from_pydict(
            {name: batch.column(name) for name in batch.schema.names}
            | {name: given_rows.column(name) for name in ("sensor", "tlp", "batch")}
        )
        taken = conform(with_labels, FLOWS).select(own).to_pylist()
        assert taken == conform(given_rows, FLOWS).select(own).to_pylist()


def assert_aligned(batch: pa.RecordBatch) -> None:
    """The native core stops the process at words that lie between words."""
    for column in batch.columns:
        for buffer in column.buffers():
            assert buffer is None or buffer.address % 8 == 0


def test_buffers_lie_where_words_may() -> None:
    for length in range(1, 9):  # a header of any length goes before them
        header = msgspec.structs.replace(HEADER, notes={"n" * length: 1})
        for _, batch in decode(MINUTES, encode(MINUTES, header, [("flowtuples", rows(5))]))[1]:
            assert_aligned(batch)


def test_an_empty_delivery_tells_what_happened() -> None:
    header, found = decode(
        MINUTES, encode(MINUTES, msgspec.structs.replace(HEADER, notes={"lost_kernel": 7}), [])
    )
    assert (header.notes, found) == ({"lost_kernel": 7}, [])


@pytest.mark.parametrize(
    "columns",
    [
        {"packets": 0}, {"uniq_dst": 257}, {"port": 70_000}, {"first_s": 60}, {"proto": 256},
        {"ts": 4_102_444_800_000_000}, {"ts": 0}, {"octets": -1}, {"row_in_src": -1},
    ],
)  # fmt: skip
def test_values_that_no_packet_gives_are_refused(columns: dict[str, Any]) -> None:
    with pytest.raises(InputError, match="outside"):
        decode(MINUTES, encode(MINUTES, HEADER, [("flowtuples", rows(**columns))]))


def test_other_columns_and_tables_are_refused() -> None:
    good = outward(rows())
    with pytest.raises(InputError, match="other columns"):
        decode(MINUTES, claimed(stream_of(good.drop_columns(["packets"]))))
    text = good.append_column("note", pa.array(["x"] * 3))
    with pytest.raises(InputError, match="other columns"):
        decode(MINUTES, claimed(stream_of(text)))
    dictionary = good.set_column(
        good.schema.get_field_index("ptype"), "ptype", pa.array(["tcp_syn"] * 3).dictionary_encode()
    )
    with pytest.raises(InputError, match="other columns"):
        decode(MINUTES, claimed(stream_of(dictionary)))
    stream = stream_of(good)
    with pytest.raises(InputError, match="a table"):
        decode(MINUTES, claimed(stream, parts=[{"name": "findings", "bytes": len(stream)}]))


def test_labels_outside_the_list_are_refused() -> None:
    good = outward(rows())
    wrong = good.set_column(
        good.schema.get_field_index("ptype"), good.schema.field("ptype"),
        pa.array([0, 1, 99], pa.int8()),
    )  # fmt: skip
    with pytest.raises(InputError, match="ptype"):
        decode(MINUTES, claimed(stream_of(wrong)))


def test_compressed_buffers_are_refused() -> None:
    options = pa.ipc.IpcWriteOptions(compression="zstd")
    with pytest.raises(InputError, match="compressed"):
        decode(MINUTES, claimed(stream_of(outward(rows(200)), options=options)))


def test_a_bomb_is_stopped_at_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(package, "MOST_EXPANDED", 8 << 20)
    bomb = compressed(bytes(64 << 20))
    assert len(bomb) < 10_000
    with pytest.raises(InputError, match="more than 8 MiB"):
        decode(MINUTES, bomb)


def test_lengths_and_counters_must_add_up() -> None:
    stream = stream_of(outward(rows()))
    with pytest.raises(InputError, match="lengths"):
        decode(
            MINUTES, claimed(stream + b"more", parts=[{"name": "flowtuples", "bytes": len(stream)}])
        )
    with pytest.raises(InputError, match="add up"):
        decode(MINUTES, claimed(stream, records=4))
    with pytest.raises(InputError):
        decode(MINUTES, claimed(stream, sequence=0))
    with pytest.raises(InputError):
        decode(MINUTES, claimed(stream, surprise=1))
    with pytest.raises(InputError):
        decode(MINUTES, claimed(stream, notes={"<script>": 1}))


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_damage_is_refused_and_never_worse(data: st.DataObject) -> None:
    stream = bytearray(stream_of(outward(rows())))
    for _ in range(data.draw(st.integers(1, 4))):
        stream[data.draw(st.integers(0, len(stream) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(stream)))
    try:
        header, found = decode(MINUTES, claimed(bytes(stream[:cut])))
    except InputError:
        return
    for _, batch in found:  # what passes is sound, whatever its values are
        batch.validate(full=True)
        assert batch.num_rows <= 3
        assert_aligned(batch)
    assert header.sensor == "north"


@given(st.binary(max_size=300))
def test_anything_else_is_refused(data: bytes) -> None:
    for body in (data, compressed(data), compressed(b"kaname minutes 1\n" + data)):
        with pytest.raises(InputError):
            decode(MINUTES, body)
