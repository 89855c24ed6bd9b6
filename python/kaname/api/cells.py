"""Arrow tables as JSON rows.

Instants are microseconds, UTC. Integers beyond 2^53 are strings, since most JSON readers
would round them; bytes are hexadecimal; decimals without a fraction are integers.
"""

from __future__ import annotations

import datetime as dt
import decimal
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from kaname.api.present import exact

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["cells", "kinds"]

_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_MICROSECOND = dt.timedelta(microseconds=1)


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
    columns = [_column(column) for column in table.columns]
    return [list(row) for row in zip(*columns, strict=True)] if columns else []


def _column(column: pa.ChunkedArray) -> list[Any]:
    import pyarrow as pa

    kind = column.type
    if pa.types.is_timestamp(kind):
        return _instants(column)
    if pa.types.is_integer(kind) or pa.types.is_nested(kind):
        return [exact(_plain(value)) for value in column.to_pylist()]
    return [_plain(value) for value in column.to_pylist()]


def _instants(column: pa.ChunkedArray) -> list[Any]:
    import pyarrow as pa

    whole: list[Any] = (
        column.cast(pa.timestamp("us", tz=column.type.tz)).cast(pa.int64()).to_pylist()
    )
    return whole


def _plain(value: Any) -> Any:
    """A value as JSON knows it, at any depth."""
    if isinstance(value, dict):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    for kind, plain in _PLAIN.items():
        if isinstance(value, kind):
            return plain(value)
    return value


def _decimal(value: decimal.Decimal) -> int | str:
    return exact(int(value)) if value == value.to_integral_value() else str(value)


def _moment(value: dt.datetime) -> int:
    aware = value if value.tzinfo else value.replace(tzinfo=dt.UTC)
    return (aware - _EPOCH) // _MICROSECOND


_PLAIN: dict[type, Callable[[Any], Any]] = {
    bytes: bytes.hex,
    decimal.Decimal: _decimal,
    dt.datetime: _moment,
    dt.date: dt.date.isoformat,
    dt.time: dt.time.isoformat,
    dt.timedelta: str,
}
