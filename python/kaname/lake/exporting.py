"""Rows of a table as one file in another format, made whole or not at all."""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import msgspec

from kaname.lake.faults import clear_errors
from kaname.lake.filtering import Filters, conditions
from kaname.lake.tables import Table
from kaname.lake.views import n6_event, n6_tables, ocsf_event, ocsf_tables, readable
from kaname.lake.views.rows import Row
from kaname.model.errors import UsageError

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = [
    "EXCHANGED",
    "FORMATS",
    "Hide",
    "Progress",
    "check_format",
    "export_statement",
    "hidden",
    "lines",
    "write_rows",
]

Progress = Callable[[int], None]  # rows written so far
Hide = Callable[[str], str]  # from an address to what others may know of it

FORMATS = ("parquet", "arrow", "csv", "jsonl", "ocsf", "n6")
EXCHANGED = frozenset({"ocsf", "n6"})  # made for others to read
_OF_TELESCOPE = frozenset({"flowtuples"})  # whose destinations are addresses nobody uses


def check_format(table: Table, form: str) -> None:
    """Whether rows of the table exist in that format.

    Raises:
        UsageError: they do not.
    """
    known = {"ocsf": ocsf_tables(), "n6": n6_tables()}.get(form)
    if known is not None and table.name not in known:
        raise UsageError(
            "lake.error.export_format", table=table.name, format=form, known=", ".join(known)
        )


def export_statement(table: Table, wanted: Filters) -> str:
    """All columns of the rows wanted, in the order of the files."""
    where = " AND ".join(conditions(table, wanted)) or "true"
    names = ", ".join(f'"{column.name}"' for column in table.all_columns)
    return f'SELECT {names} FROM "{table.name}" WHERE {where}'  # noqa: S608 - names of the schema


def lines(
    table: str, form: str, batches: Iterable[pa.RecordBatch], hide: Hide | None = None
) -> Iterator[bytes]:
    """The rows as lines of JSON, a piece for each batch: ``jsonl``, ``ocsf`` or ``n6``.

    ``hide`` is put over the destinations of a telescope's rows.
    """
    make = {"ocsf": ocsf_event, "n6": n6_event}.get(form)
    encode = msgspec.json.encode
    for batch in batches:
        rows = (hidden(table, row, hide) for row in readable(batch))
        events: Iterable[Any] = rows if make is None else (make(table, row) for row in rows)
        yield b"".join(encode(event) + b"\n" for event in events)


def hidden(table: str, row: Row, hide: Hide | None) -> Row:
    """``row`` as others may read it: of a telescope, without its destinations.

    ``hide`` gives the first of them another name; the further ones are left out.
    """
    if hide is None or table not in _OF_TELESCOPE:
        return row
    shown = {name: value for name, value in row.items() if name != "dst_more"}
    return shown | {"dst": hide(row["dst"])} if "dst" in row else shown


def write_rows(
    path: Path,
    table: str,
    form: str,
    reader: pa.RecordBatchReader,
    progress: Progress | None,
    *,
    hide: Hide | None = None,
) -> int:
    """Write all rows of ``reader``; ``path`` is there only when it is complete.

    ``hide`` as for `lines`, in the formats that are `EXCHANGED`.

    Raises:
        StoreError: it cannot be written.
    """
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    counted = _counted(reader, progress)
    rows = 0
    with clear_errors(path.parent):
        try:
            with part.open("wb") as sink:
                for rows in _writer(form, hide)(sink, table, reader.schema, counted):  # noqa: B007
                    pass
                sink.flush()
                os.fsync(sink.fileno())
            part.rename(path)
        finally:
            with contextlib.suppress(FileNotFoundError):
                part.unlink()
    return rows


def _counted(
    reader: pa.RecordBatchReader, progress: Progress | None
) -> Iterator[tuple[pa.RecordBatch, int]]:
    rows = 0
    for batch in reader:
        rows += batch.num_rows
        yield batch, rows
        if progress is not None:
            progress(rows)


Counted = Iterator[tuple["pa.RecordBatch", int]]


def _writer(
    form: str, hide: Hide | None
) -> Callable[[IO[bytes], str, pa.Schema, Counted], Iterator[int]]:
    if form == "parquet":
        return _parquet
    if form == "arrow":
        return _arrow
    if form == "csv":
        return _csv
    veil = hide if form in EXCHANGED else None
    return lambda sink, table, _, batches: _lines(sink, table, form, batches, veil)


def _parquet(sink: IO[bytes], _: str, schema: pa.Schema, batches: Counted) -> Iterator[int]:
    import pyarrow.parquet as pq

    with pq.ParquetWriter(sink, schema, compression="zstd", compression_level=1) as out:
        for batch, rows in batches:
            out.write_batch(batch)
            yield rows


def _arrow(sink: IO[bytes], _: str, schema: pa.Schema, batches: Counted) -> Iterator[int]:
    import pyarrow as pa

    with pa.ipc.new_stream(sink, schema) as out:
        for batch, rows in batches:
            out.write_batch(batch)
            yield rows


def _csv(sink: IO[bytes], _: str, __: pa.Schema, batches: Counted) -> Iterator[int]:
    import csv
    import io

    text = io.TextIOWrapper(sink, "utf-8", newline="", write_through=True)
    out: Any = None
    for batch, rows in batches:
        for row in readable(batch, whole=True):
            if out is None:
                out = csv.DictWriter(text, list(row))
                out.writeheader()
            out.writerow({name: _plain(value) for name, value in row.items()})
        yield rows
    text.detach()


def _plain(value: Any) -> Any:
    return msgspec.json.encode(value).decode() if isinstance(value, list | dict) else value


def _lines(
    sink: IO[bytes], table: str, form: str, batches: Counted, hide: Hide | None
) -> Iterator[int]:
    for batch, rows in batches:
        for piece in lines(table, form, [batch], hide):
            sink.write(piece)
        yield rows
