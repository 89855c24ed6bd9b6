"""What a sensor delivers: rows of a minute or more, and an account of how they were taken.

``kaname minutes 1`` (the name is the form's) and a newline, the length of a JSON header (u32,
little-endian), the header, and an Arrow IPC stream for each table it names; all of it one
zstd frame. Rows have no text: what says where they came from is known from the delivery, and
labels are numbers. The receiver takes nothing else: no dictionaries, no compressed buffers,
no other columns.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Annotated

import msgspec

from kaname.lake.tables import table as table_of
from kaname.lake.tables.frame import Column, Kind, Table
from kaname.model.errors import InputError
from kaname.model.instant import DAY, now_us

if TYPE_CHECKING:
    import pyarrow as pa

    from kaname.readers.deliveries.form import Form

__all__ = ["MOST_BYTES", "GaveUp", "Header", "decode", "encode", "header_of"]

MOST_BYTES = 64 << 20  # of a delivery
MOST_EXPANDED = 512 << 20
MOST_ROWS = 4_000_000
_MOST_HEADER = 1 << 20
_LEFT_OUT = frozenset({"sensor", "kind", "tlp", "batch", "ext"})
_EARLIEST_US = 946_684_800_000_000  # 2000-01-01
_PIECE = 1 << 20

_Count = Annotated[int, msgspec.Meta(ge=0, le=1 << 62)]
_Name = Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
_Words = Annotated[
    list[Annotated[str, msgspec.Meta(max_length=100)]], msgspec.Meta(max_length=1000)
]
_Counts = Annotated[dict[_Name, _Count], msgspec.Meta(max_length=64)]


class GaveUp(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Deliveries that the sensor dropped because its spool was full."""

    since: _Count
    until: _Count
    minutes: _Count


class _Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    name: str
    bytes: _Count


class Header(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True
):
    """What is said of a delivery. ``spool`` and ``sequence`` make it this one and no other.

    ``words`` are the texts of labels that the form has no list of, by column.
    """

    sensor: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    spool: Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{32}$")]
    sequence: Annotated[int, msgspec.Meta(ge=1, le=1 << 62)]
    identity: Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}$")]
    records: _Count = 0
    bad: _Count = 0
    counters: _Counts = {}
    notes: _Counts = {}
    damaged: bool = False
    first_us: int | None = None
    last_us: int | None = None
    gave_up: Annotated[list[GaveUp], msgspec.Meta(max_length=1000)] = []
    parts: Annotated[list[_Part], msgspec.Meta(max_length=16)] = []
    words: dict[_Name, _Words] = {}


def encode(form: Form, header: Header, rows: Iterable[tuple[str, pa.RecordBatch]]) -> bytes:
    """A delivery."""
    import pyarrow as pa

    tables: dict[str, list[pa.RecordBatch]] = {}
    words: dict[str, list[str]] = {}
    for name, batch in rows:
        tables.setdefault(name, []).append(_outward(form, batch, table_of(name), words))
    streams = {name: _stream(form, batches, table_of(name)) for name, batches in tables.items()}
    parts = [_Part(name, len(stream)) for name, stream in streams.items()]
    said = msgspec.json.encode(msgspec.structs.replace(header, parts=parts, words=words))
    body = b"".join((form.magic, struct.pack("<I", len(said)), said, *streams.values()))
    sink = pa.BufferOutputStream()
    with pa.CompressedOutputStream(sink, "zstd") as out:
        out.write(body)
    return bytes(sink.getvalue().to_pybytes())


def decode(form: Form, body: bytes) -> tuple[Header, list[tuple[str, pa.RecordBatch]]]:
    """Header and rows of a delivery, checked.

    Raises:
        InputError: it is anything but a delivery as `encode` makes them.
    """
    data = _expanded(body)
    header, at = _header(form, data)
    if at + sum(part.bytes for part in header.parts) != len(data):
        raise _refused("the lengths of its parts")
    found: list[tuple[str, pa.RecordBatch]] = []
    for part in header.parts:
        if part.name not in form.tables:
            raise _refused(f"a table {part.name!r}")
        batches = _batches(form, data[at : at + part.bytes], table_of(part.name))
        table = table_of(part.name)
        found += [(part.name, _inward(form, batch, table, header.words)) for batch in batches]
        at += part.bytes
    if sum(batch.num_rows for _, batch in found) > MOST_ROWS:
        raise _refused(f"more than {MOST_ROWS} rows")
    return header, found


def header_of(form: Form, body: bytes) -> Header:
    """The header alone. Raises: as `decode`."""
    return _header(form, _expanded(body))[0]


def _refused(why: str) -> InputError:
    return InputError("readers.error.delivery", reason=why)


def _expanded(body: bytes) -> memoryview:
    """The bytes inside the zstd frame, up to a limit."""
    import pyarrow as pa

    out = bytearray()
    try:
        with pa.CompressedInputStream(pa.BufferReader(body), "zstd") as source:
            while piece := source.read(_PIECE):
                out += piece
                if len(out) > MOST_EXPANDED:
                    raise _refused(f"more than {MOST_EXPANDED >> 20} MiB")
    except (pa.ArrowException, OSError) as error:
        raise _refused(str(error)) from None
    return memoryview(bytes(out))


def _header(form: Form, data: memoryview) -> tuple[Header, int]:
    magic = form.magic
    start = len(magic) + 4
    if bytes(data[: len(magic)]) != magic or len(data) < start:
        raise _refused("another format")
    (length,) = struct.unpack_from("<I", data, len(magic))
    if length > _MOST_HEADER or start + length > len(data):
        raise _refused("the length of its header")
    try:
        header = msgspec.json.decode(data[start : start + length], type=Header)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise _refused(str(error)) from None
    if sum(header.counters.values()) != header.records or header.bad > header.records:
        raise _refused("counters that do not add up")
    return header, start + length


def _schema(form: Form, table: Table) -> pa.Schema:
    """The columns that travel."""
    import pyarrow as pa

    def travelling(field: pa.Field, column: Column) -> pa.Field:
        if column.kind is not Kind.LABEL:
            return field
        return pa.field(
            field.name, pa.int16() if field.name in form.words else pa.int8(), nullable=False
        )

    pairs = zip(table.arrow_schema(), table.all_columns, strict=True)
    return pa.schema([travelling(*pair) for pair in pairs if pair[0].name not in _LEFT_OUT])


def _outward(
    form: Form, rows: pa.RecordBatch, table: Table, words: dict[str, list[str]]
) -> pa.RecordBatch:
    import pyarrow as pa

    arrays = []
    for field in (schema := _schema(form, table)):
        if rows.schema.get_field_index(field.name) < 0:
            arrays.append(pa.nulls(rows.num_rows, field.type))
            continue
        column = rows.column(field.name)
        if field.name in form.labels:
            column = _numbered(column, form.labels[field.name])
        elif field.name in form.words:
            column = _worded(column, words.setdefault(field.name, []))
        arrays.append(column.cast(field.type))
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def _numbered(column: pa.Array, texts: Sequence[str]) -> pa.Array:
    import pyarrow as pa
    import pyarrow.compute as pc

    return pc.index_in(column.cast(pa.string()), pa.array(texts, pa.string()))


def _worded(column: pa.Array, texts: list[str]) -> pa.Array:
    """Places in ``texts``, which grow by what is not among them yet."""
    import pyarrow as pa

    plain = column.cast(pa.string())
    texts += sorted(set(plain.unique().to_pylist()) - set(texts))
    return _numbered(plain, texts)


def _stream(form: Form, batches: Sequence[pa.RecordBatch], table: Table) -> bytes:
    import pyarrow as pa

    sink = io.BytesIO()
    with pa.ipc.new_stream(sink, _schema(form, table)) as writer:
        for batch in batches:
            writer.write_batch(batch)
    return sink.getvalue()


def _batches(form: Form, stream: memoryview, table: Table) -> list[pa.RecordBatch]:
    """Record batches of exactly the columns that travel.

    Messages are looked at one by one, because Arrow would follow what a compressed buffer
    says of its size, and dictionaries may be of any size as well.
    """
    import pyarrow as pa

    schema, found = _schema(form, table), []
    try:
        messages = iter(pa.ipc.MessageReader.open_stream(pa.py_buffer(stream)))
        first = next(messages, None)
        if first is None or first.type != "schema":
            raise _refused("a stream without a schema")
        if not pa.ipc.read_schema(first).equals(schema):
            raise _refused(f"other columns of {table.name}")
        for message in messages:
            if message.type != "record batch" or _is_compressed(message.metadata.to_pybytes()):
                raise _refused(f"a message of the kind {message.type!r}, or compressed")
            batch = pa.ipc.read_record_batch(message, schema)
            batch.validate(full=True)
            found.append(batch)
        return _aligned(found, schema)
    except (pa.ArrowException, OSError, struct.error, ValueError) as error:
        raise _refused(str(error)) from None


def _aligned(batches: list[pa.RecordBatch], schema: pa.Schema) -> list[pa.RecordBatch]:
    """The same rows in memory of our own.

    Where buffers lie is said by the sender too, and the native core reads words only where
    words may lie.
    """
    import pyarrow as pa

    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, schema) as writer:
        for batch in batches:
            writer.write_batch(batch)
    return list(pa.ipc.open_stream(sink.getvalue()))


def _is_compressed(metadata: bytes) -> bool:
    """Whether the record batch in a message says how its buffers are compressed.

    A FlatBuffers table: Message.header is its field 2, RecordBatch.compression field 3
    (format/Message.fbs of Apache Arrow).
    """
    (root,) = struct.unpack_from("<I", metadata, 0)
    header = _field(metadata, root, 2)
    if header is None:
        raise ValueError("a message without a header")
    (offset,) = struct.unpack_from("<I", metadata, header)
    return _field(metadata, header + offset, 3) is not None


def _field(data: bytes, table: int, number: int) -> int | None:
    """Where a field of a FlatBuffers table lies; None when it is absent."""
    (back,) = struct.unpack_from("<i", data, table)
    vtable = table - back
    (size,) = struct.unpack_from("<H", data, vtable)
    at = 4 + 2 * number
    if at + 2 > size:
        return None
    (offset,) = struct.unpack_from("<H", data, vtable + at)
    return table + offset if offset else None


def _inward(
    form: Form, rows: pa.RecordBatch, table: Table, words: dict[str, list[str]]
) -> pa.RecordBatch:
    """The rows with labels again, if their values can be."""
    import pyarrow as pa

    texts: dict[str, Sequence[str]] = {name: words.get(name, []) for name in form.words}
    texts |= form.labels
    bounds = {name: (0, len(each) - 1) for name, each in texts.items()}
    _check(rows, {**bounds, **form.bounds, **form.own_bounds.get(table.name, {})})
    names = rows.schema.names
    arrays = [
        pa.DictionaryArray.from_arrays(column.cast(pa.int32()), pa.array(texts[name], pa.string()))
        if name in texts
        else column
        for name, column in zip(names, rows.columns, strict=True)
    ]
    kind = pa.DictionaryArray.from_arrays(
        pa.array([0] * rows.num_rows, pa.int32()), pa.array([form.kind])
    )
    labelled = pa.RecordBatch.from_arrays([*arrays, kind], names=[*names, "kind"])
    if any(
        labelled.column(field.name).null_count
        for field in table.arrow_schema()
        if not field.nullable and field.name in names
    ):
        raise _refused("nulls where there are none")
    return labelled


_TIMES = ("ts", "first", "last")


def _check(rows: pa.RecordBatch, bounds: dict[str, tuple[float, float]]) -> None:
    """Refuse values that nothing observed gives."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if not rows.num_rows:
        return
    bounds = bounds | dict.fromkeys(_TIMES, (_EARLIEST_US, now_us() + DAY))
    for name in rows.schema.names:
        if name not in bounds:
            continue
        low, high = bounds[name]
        column = rows.column(name).drop_null()
        if pa.types.is_floating(column.type):
            finite = pc.all(pc.is_finite(column), min_count=0).as_py()
        else:
            column, finite = column.cast("int64"), len(column) == rows.num_rows
        span = pc.min_max(column).as_py()
        outside = len(column) and (span["min"] < low or span["max"] > high)
        if not finite or outside:
            raise _refused(f"values of {name} outside {low} – {high}")
