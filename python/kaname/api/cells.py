"""Arrow tables as JSON rows.

As in samples of evidence (`kaname.lake.values`), but instants are microseconds, UTC: the
console shows them in the zone that its user chose.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["cells", "kinds"]


def kinds(table: pa.Table) -> list[str]:
    """The kind of each column, by Arrow's name; dictionaries count as what they hold."""
    import pyarrow as pa

    def kind(of: pa.DataType) -> str:
        if pa.types.is_dictionary(of):
            return kind(of.value_type)
        return "timestamp" if pa.types.is_timestamp(of) else str(of)

    return [kind(field.type) for field in table.schema]


def cells(table: pa.Table) -> list[list[Any]]:
    """The rows of a table, each a list in column order."""
    return [list(row) for row in zip(*map(_column, table.columns), strict=True)]


def _column(column: pa.ChunkedArray) -> list[Any]:
    import pyarrow as pa

    from kaname.lake.values import json_value

    if not pa.types.is_timestamp(column.type):
        return [json_value(value) for value in column.to_pylist()]
    in_microseconds = column.cast(pa.timestamp("us", tz=column.type.tz), safe=False)
    whole: list[Any] = in_microseconds.cast(pa.int64()).to_pylist()
    return whole
