"""Rows of a batch as mappings that people and other systems can read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from kaname.lake.values import json_value
from kaname.model.address import to_text

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Row", "readable"]

Row = dict[str, Any]


def readable(batch: pa.RecordBatch, *, whole: bool = False) -> Iterator[Row]:
    """Rows with ``ts`` in microseconds and addresses as text.

    Nulls and ``::`` are left out, unless the rows shall be ``whole``.
    """
    import pyarrow as pa

    columns = {}
    for field, column in zip(batch.schema, batch.columns, strict=True):
        in_us = pa.types.is_timestamp(field.type)
        columns[field.name] = (column.cast(pa.int64()) if in_us else column).to_pylist()
    pairs = [
        (name.removesuffix("_hi"), columns.pop(name), columns.pop(f"{name[:-2]}lo"))
        for name in list(columns)
        if name.endswith("_hi") and f"{name[:-2]}lo" in columns
    ]
    exact = {"ts"}
    for index in range(batch.num_rows):
        row: Row = {
            side: None if high[index] is None else to_text(high[index], low[index])
            for side, high, low in pairs
            if whole or (high[index] is not None and (high[index], low[index]) != (0, 0))
        }
        for name, values in columns.items():
            value = values[index]
            if whole or value is not None:
                row[name] = value if name in exact else json_value(value)
        yield row
