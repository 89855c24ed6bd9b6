"""Rows of a table, gathered one by one, given as record batches.

rows = Rows("dns", "bind", job)
for offset, line in lines(job):
    ...
    rows.add(ts=us, row_in_src=offset, src="192.0.2.1", qname=name, ext={"view": view})
    if rows.full:
        yield rows.take()
yield from rows.rest()
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from kaname.readers.columns import addresses, assemble, empty_value, schema_of

if TYPE_CHECKING:
    import pyarrow as pa

    from kaname.readers.frame import ReadJob

__all__ = ["ROWS", "Rows"]

ROWS = 1 << 15


class Rows:
    """Gathers rows of one table; columns that are not given get their default.

    ``ts`` is microseconds UTC. An address is given as text under its short name (``src``,
    ``dst``, ``exporter``) or, in all rows, as the words ``src_hi`` and ``src_lo``. ``ext`` is a
    mapping that becomes JSON, or a finished JSON text. A value that does not fit its
    column becomes the default, and the note ``bad_value`` or ``bad_address`` counts it.
    """

    def __init__(self, table: str, kind: str, job: ReadJob) -> None:
        self.table = table
        self.kind = kind
        self._job = job
        self._rows: list[dict[str, Any]] = []

    def __len__(self) -> int:
        return len(self._rows)

    def add(self, *, ts: int, row_in_src: int, **columns: Any) -> None:
        """One row."""
        columns["ts"] = ts
        columns["row_in_src"] = row_in_src
        self._rows.append(columns)

    def put(self, row: dict[str, Any]) -> None:
        """One row as a mapping, which is kept: ``ts`` and ``row_in_src`` are in it."""
        self._rows.append(row)

    @property
    def full(self) -> bool:
        """Whether it is time to `take`."""
        return len(self._rows) >= ROWS

    def take(self) -> tuple[str, pa.RecordBatch]:
        """The name of the table, and the rows gathered since the last time."""
        rows, self._rows = self._rows, []
        columns: dict[str, pa.Array] = {}
        for name, values in _turned(rows):
            columns.update(self._column(name, values))
        return self.table, assemble(self.table, self.kind, self._job, len(rows), columns)

    def rest(self) -> Iterator[tuple[str, pa.RecordBatch]]:
        """What is left, if anything."""
        if self._rows:
            yield self.take()

    def _column(self, name: str, values: Sequence[Any]) -> dict[str, pa.Array]:
        schema = schema_of(self.table)
        if name == "ext":
            return {name: _array([_json(value) for value in values], schema.field(name))[0]}
        if schema.get_field_index(name) >= 0:
            array, bad = _array(values, schema.field(name))
            self._note("bad_value", bad)
            return {name: array}
        if schema.get_field_index(f"{name}_hi") < 0:
            raise KeyError(f"table {self.table} has no column {name}")
        hi, lo, bad = addresses(_texts(values))
        self._note("bad_address", bad)
        return {f"{name}_hi": hi, f"{name}_lo": lo}

    def _note(self, name: str, count: int) -> None:
        if count:
            notes = self._job.report.notes
            notes[name] = notes.get(name, 0) + count


def _turned(rows: list[dict[str, Any]]) -> Iterator[tuple[str, Sequence[Any]]]:
    """Name and values of every column that some row has."""
    shapes = set(map(tuple, rows))
    if len(shapes) == 1:  # as most readers do; three times as fast
        yield from zip(shapes.pop(), zip(*map(dict.values, rows), strict=True), strict=True)
        return
    for name in sorted({name for shape in shapes for name in shape}):
        yield name, [row.get(name) for row in rows]


def _json(value: Any) -> str | None:
    if not value or isinstance(value, str):
        return value or None
    return msgspec.json.encode(value, enc_hook=str).decode()


def _texts(values: Sequence[Any]) -> pa.StringArray:
    import pyarrow as pa

    try:
        return pa.array(values, pa.string())
    except (pa.ArrowException, TypeError, UnicodeEncodeError):
        texts = (v if v is None or isinstance(v, str) else str(v) for v in values)
        return pa.array([v if v is None else _escaped(v) for v in texts], pa.string())


def _array(values: Sequence[Any], field: pa.Field) -> tuple[pa.Array, int]:
    """The values as the stored type, and how many did not fit it."""
    import pyarrow as pa

    kind = pa.string() if pa.types.is_dictionary(field.type) else field.type
    empty = None if field.nullable else empty_value(field.type)
    if empty is not None and None in values:
        values = [empty if value is None else value for value in values]
    try:
        return pa.array(values, kind), 0
    except (pa.ArrowException, TypeError, ValueError, OverflowError):
        return _fitted(values, kind, empty)


def _fitted(values: Sequence[Any], kind: pa.DataType, empty: Any) -> tuple[pa.Array, int]:
    """Value by value, since some do not fit."""
    import pyarrow as pa

    kept, bad = [], 0
    for value in values:
        try:
            pa.scalar(value, kind)
            kept.append(value)
        except (pa.ArrowException, TypeError, ValueError, OverflowError):
            text = isinstance(value, str) and pa.types.is_string(kind)
            kept.append(_escaped(value) if text else empty)
            bad += 1
    return pa.array(kept, kind), bad


def _escaped(value: str) -> str:
    """A text with lone surrogates, which is no UTF-8, written so that it is."""
    return value.encode(errors="backslashreplace").decode()
