"""Arrow values as JSON-ready values, for people and for samples in evidence.

Instants are ISO 8601 with ``Z``. Integers beyond 2^53 are strings, because most readers
of JSON would round them; decimals without a fraction (DuckDB sums integers into those)
are integers. Bytes are hexadecimal. NaN and infinities are strings.
"""

from __future__ import annotations

import datetime as dt
import decimal
import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["EXACT", "json_rows", "json_value"]

EXACT = 1 << 53


def json_rows(table: pa.Table | pa.RecordBatch) -> list[list[Any]]:
    """The rows, each a list in column order."""
    columns = [[json_value(v) for v in column.to_pylist()] for column in table.columns]
    return [list(row) for row in zip(*columns, strict=True)]


def json_value(value: Any) -> Any:
    """One value, at any depth."""
    if value is None or isinstance(value, str | bool):
        return value
    for kind, convert in _CONVERSIONS:
        if isinstance(value, kind):
            return convert(value)
    return str(value)


def _integer(value: int) -> int | str:
    return value if -EXACT <= value <= EXACT else str(value)


def _float(value: float) -> float | str:
    return value if math.isfinite(value) else str(value)


def _decimal(value: decimal.Decimal) -> int | str:
    return _integer(int(value)) if value == value.to_integral_value() else str(value)


def _moment(value: dt.datetime) -> str:
    aware = value if value.tzinfo else value.replace(tzinfo=dt.UTC)
    text = aware.astimezone(dt.UTC).isoformat(timespec="microseconds")
    return text.replace("+00:00", "Z")


def _mapping(value: dict[Any, Any]) -> dict[str, Any]:
    return {str(key): json_value(inner) for key, inner in value.items()}


def _sequence(value: Any) -> list[Any]:
    return [json_value(inner) for inner in value]


# datetime is a date as well, so it stands first.
_CONVERSIONS: tuple[tuple[type | tuple[type, ...], Callable[[Any], Any]], ...] = (
    (int, _integer),
    (float, _float),
    (decimal.Decimal, _decimal),
    (bytes, bytes.hex),
    (dt.datetime, _moment),
    ((dt.date, dt.time), lambda value: value.isoformat()),
    (dict, _mapping),
    ((list, tuple), _sequence),
)
