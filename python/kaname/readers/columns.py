"""Columns of rows put together into a record batch that fits a table of the lake.

A reader that splits its input column by column gives arrays here; what it does not give
is filled: null where the table allows it, else 0, false, "" or an empty list.
"""

from __future__ import annotations

import functools
import socket
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

from kaname.lake.parquet import stored_schema
from kaname.lake.tables import table as table_of
from kaname.model.address import IPv4_LOW

if TYPE_CHECKING:
    import pyarrow as pa

    from kaname.readers.frame import ReadJob

__all__ = ["address_words", "addresses", "assemble", "empty_value", "schema_of"]

_EARLIEST_US = 946_684_800_000_000  # 2000-01-01: earlier times are clocks that were not set
_NO_ADDRESS = (0, 0)


@functools.cache
def schema_of(table: str) -> pa.Schema:
    """The schema of stored rows of ``table``."""
    return stored_schema(table_of(table))


def assemble(
    table: str, kind: str, job: ReadJob, rows: int, columns: Mapping[str, pa.Array]
) -> pa.RecordBatch:
    """``rows`` rows of ``table``; accounts for them in the report of ``job``.

    ``columns`` are arrays of the stored types (labels may be plain strings).
    """
    import pyarrow as pa

    constants = {"sensor": job.sensor, "kind": kind, "tlp": str(job.tlp)}
    arrays = []
    for field in schema_of(table):
        given = columns.get(field.name)
        if given is not None:
            arrays.append(_labelled(given) if pa.types.is_dictionary(field.type) else given)
        elif field.name in constants:
            arrays.append(_constant_label(constants[field.name], rows))
        elif field.name == "batch":
            arrays.append(pa.repeat(pa.scalar(job.batch, pa.int64()), rows))
        else:
            arrays.append(_default(field, rows))
    batch = pa.RecordBatch.from_arrays(arrays, schema=schema_of(table))
    _account(job, batch)
    return batch


def _labelled(array: pa.Array) -> pa.Array:
    import pyarrow as pa

    return array if pa.types.is_dictionary(array.type) else array.dictionary_encode()


def _constant_label(value: str, rows: int) -> pa.Array:
    import numpy as np
    import pyarrow as pa

    return pa.DictionaryArray.from_arrays(pa.array(np.zeros(rows, np.int32)), pa.array([value]))


def _default(field: pa.Field, rows: int) -> pa.Array:
    import pyarrow as pa

    if field.nullable:
        return pa.nulls(rows, field.type)
    if pa.types.is_dictionary(field.type):
        return _constant_label("", rows)
    return pa.repeat(pa.scalar(empty_value(field.type), field.type), rows)


def empty_value(kind: pa.DataType) -> Any:
    """What stands where a column may not be null."""
    import pyarrow as pa

    if pa.types.is_list(kind):
        return []
    if pa.types.is_boolean(kind):
        return False
    if pa.types.is_string(kind) or pa.types.is_dictionary(kind):
        return ""
    return b"" if pa.types.is_binary(kind) else 0


def _account(job: ReadJob, batch: pa.RecordBatch) -> None:
    """Count the rows, and widen the time range that was seen by those with a real time."""
    import pyarrow as pa
    import pyarrow.compute as pc

    report = job.report
    report.rows += batch.num_rows
    ts = batch.column("ts").cast(pa.int64())
    ts = ts.filter(pc.greater_equal(ts, _EARLIEST_US))
    if len(ts):
        ends = cast("dict[str, int]", pc.min_max(ts).as_py())
        first, last = report.first_us, report.last_us
        report.first_us = ends["min"] if first is None else min(first, ends["min"])
        report.last_us = ends["max"] if last is None else max(last, ends["max"])


def address_words(text: str) -> tuple[int, int] | None:
    """High and low word (signed) of an address; None when ``text`` is none.

    Takes what logs write: brackets around IPv6, and a zone after ``%``, which is left out.
    """
    try:
        if ":" not in text:
            return 0, IPv4_LOW | int.from_bytes(socket.inet_pton(socket.AF_INET, text))
        plain = text.strip("[]").partition("%")[0]
        packed = socket.inet_pton(socket.AF_INET6, plain)
    except (OSError, ValueError):
        return None
    return (
        int.from_bytes(packed[:8], signed=True),
        int.from_bytes(packed[8:], signed=True),
    )


def addresses(texts: pa.Array | Sequence[str | None]) -> tuple[pa.Array, pa.Array, int]:
    """High words, low words, and how many texts were no address (they become ``::``).

    Nulls, empty texts and ``-`` say that there is none, and are not counted.
    """
    import numpy as np
    import pyarrow as pa

    array = texts if isinstance(texts, pa.Array) else pa.array(texts, pa.string())
    coded = array.dictionary_encode(null_encoding="encode")
    codes = coded.indices.to_numpy(zero_copy_only=False)
    distinct = coded.dictionary.to_pylist()
    words = [_NO_ADDRESS if not t or t == "-" else address_words(t) for t in distinct]
    bad = [i for i, pair in enumerate(words) if pair is None]
    table = np.array([pair or _NO_ADDRESS for pair in words], np.int64).reshape(-1, 2)
    wrong = int(np.isin(codes, bad).sum()) if bad else 0
    return pa.array(table[codes, 0]), pa.array(table[codes, 1]), wrong
