"""Arrow rows as Parquet bytes: the same rows always give the same bytes.

Layout (measured in docs/adr/0002): zstd, one row group per million rows, each column in
the encoding that its table names.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from kaname.lake.tables.frame import Kind, Table
from kaname.model.errors import InputError

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as pq

__all__ = ["ROW_GROUP", "ParquetFile", "conform", "read_table", "stored_schema"]

ROW_GROUP = 1_000_000
ZSTD_LEVEL = 1


class ParquetFile:
    """A Parquet file being written by the native core; give it rows, then `close` it.

    How the rows were cut into batches does not show in the file.
    """

    def __init__(self, path: Path, table: Table) -> None:
        from kaname._native import ParquetWriter

        self.rows = 0
        self._sink = _HashedFile(path)
        self._writer = ParquetWriter(
            self._sink,
            stored_schema(table),
            {column.name: column.encoding.value for column in table.all_columns},
            metadata={},
            group_rows=ROW_GROUP,
            level=ZSTD_LEVEL,
            threads=1,
        )

    def write(self, rows: pa.Table) -> None:
        """Append ``rows``, conformed to the table."""
        for batch in rows.to_batches():
            self._writer.write(batch)
        self.rows += rows.num_rows

    def close(self) -> tuple[int, str]:
        """Finish and force to disk; gives size in bytes and SHA-256 (hex)."""
        self._writer.close()
        return self._sink.finish()

    def discard(self) -> None:
        """Let go of the file without finishing it."""
        self._sink.abandon()


class _HashedFile:
    """A file for writing that knows the digest of what went in."""

    def __init__(self, path: Path) -> None:
        self._file: IO[bytes] = path.open("wb")
        self._digest = hashlib.sha256()
        self._size = 0
        self.closed = False

    def write(self, data: Any) -> int:
        view = memoryview(data)
        self._digest.update(view)
        self._file.write(view)
        self._size += view.nbytes
        return view.nbytes

    def tell(self) -> int:
        return self._size

    def flush(self) -> None:
        self._file.flush()

    def close(self) -> None:
        """Arrow closes what it writes to; the file is closed by `finish`."""

    def writable(self) -> bool:
        return True

    def readable(self) -> bool:
        return False

    def seekable(self) -> bool:
        return False

    def finish(self) -> tuple[int, str]:
        self._file.flush()
        os.fsync(self._file.fileno())
        self.abandon()
        return self._size, self._digest.hexdigest()

    def abandon(self) -> None:
        self.closed = True
        self._file.close()


def stored_schema(table: Table) -> pa.Schema:
    """The schema of stored rows: as the table says, with room for any number of labels."""
    import pyarrow as pa

    label = pa.dictionary(pa.int32(), pa.string())
    fields = [
        field.with_type(label) if column.kind is Kind.LABEL else field
        for field, column in zip(table.arrow_schema(), table.all_columns, strict=True)
    ]
    return pa.schema(fields)


def conform(rows: pa.RecordBatch, table: Table) -> pa.RecordBatch:
    """``rows`` with the columns of ``table``, in its order and types.

    A column that may be null is null in rows that lack it: those of files that are older
    than the column.

    Raises:
        InputError: a column is missing, has another type, or has nulls it may not have.
    """
    import pyarrow as pa

    arrays = []
    schema = stored_schema(table)
    for field in schema:
        index = rows.schema.get_field_index(field.name)
        if index < 0 and field.nullable:
            arrays.append(pa.nulls(rows.num_rows, field.type))
            continue
        if index < 0:
            raise InputError("lake.error.column_missing", table=table.name, column=field.name)
        array = rows.column(index)
        if array.null_count and not field.nullable:
            raise InputError("lake.error.column_null", table=table.name, column=field.name)
        try:
            arrays.append(array if array.type == field.type else _cast(array, field.type))
        except pa.ArrowInvalid as error:
            raise InputError(
                "lake.error.column_type", table=table.name, column=field.name, reason=error
            ) from None
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def _cast(array: pa.Array, kind: pa.DataType) -> pa.Array:
    import pyarrow as pa

    if not pa.types.is_dictionary(kind):
        return array.cast(kind)
    if pa.types.is_dictionary(array.type):
        values = array.dictionary.cast(pa.string())
        return pa.DictionaryArray.from_arrays(array.indices.cast(pa.int32()), values)
    return array.cast(pa.string()).dictionary_encode()


def read_table(path: Path | str, table: Table) -> pq.ParquetFile:
    """Open a stored file with pyarrow, labels as dictionaries."""
    import pyarrow.parquet as pq

    labels = [c.name for c in table.all_columns if c.kind is Kind.LABEL]
    return pq.ParquetFile(path, read_dictionary=labels)
