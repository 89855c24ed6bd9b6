"""The digest of a result: SHA-256 over all rows, the same on any engine and any day.

Encoding, byte by byte. First the header: the number of columns (u32), then each name as
a string value. Then every row, in the order of the query, as its values in column order.
A value is a tag and a payload; u32 and u64 are big-endian, texts are UTF-8:

====  ==========================================================================
``N``  NULL
``B``  boolean: one byte, 0 or 1
``I``  integer of any width, or a decimal without a fraction: u32 length, decimal text
``M``  other decimal: u32 length, text without trailing zeros or exponent
``F``  float: IEEE 754 binary64, big-endian; -0 as 0, one NaN (7ff8000000000000)
``S``  text: u32 length, UTF-8
``X``  bytes: u32 length, the bytes
``T``  instant: u32 length, microseconds since 1970-01-01 UTC as decimal text
``D``  date, time or interval: u32 length, ISO 8601 text (interval: months, days, ns)
``L``  list: u32 count, the values
``R``  struct or map: u32 count, then name (or key) and value of each
====  ==========================================================================

Width of integers and sizes of batches never show, so that a sum counted as HUGEINT by one
engine and as BIGINT by another gives the same digest.
"""

from __future__ import annotations

import datetime as dt
import decimal
import hashlib
import math
import struct
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from kaname.lake.records import Digest
from kaname.lake.values import json_value

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["digest_of", "encode"]

_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_MICROSECOND = dt.timedelta(microseconds=1)
_NAN = bytes.fromhex("7ff8000000000000")


def digest_of(columns: Iterable[str], batches: Iterable[pa.RecordBatch], *, sample: int) -> Digest:
    """Digest of a stream of batches; memory is bounded by one of them."""
    names = tuple(columns)
    total = hashlib.sha256(_u32(len(names)) + b"".join(encode(name) for name in names))
    rows = 0
    kept: list[dict[str, Any]] = []
    for batch in batches:
        values = [column.to_pylist() for column in batch.columns]
        encoded = [_column(column) for column in values]
        total.update(b"".join(b"".join(row) for row in zip(*encoded, strict=True)))
        kept.extend(
            {n: json_value(v[index]) for n, v in zip(names, values, strict=True)}
            for index in range(min(sample - len(kept), batch.num_rows))
        )
        rows += batch.num_rows
    return Digest(rows=rows, digest=total.hexdigest(), columns=names, sample=tuple(kept))


def _column(values: list[Any]) -> list[bytes]:
    """The encodings of a column; equal neighbours, the usual case, are encoded once."""
    known: dict[Any, bytes] = {}
    out = []
    for value in values:
        try:
            key = (value.__class__, value)
            if (found := known.get(key)) is None:
                found = known[key] = encode(value)
        except TypeError:  # lists and structs cannot be looked up
            found = encode(value)
        out.append(found)
    return out


def encode(value: Any) -> bytes:
    """The encoding of one value, of the types that Arrow gives to Python.

    Raises:
        TypeError: a type that no table of the lake can hold.
    """
    if value is None:
        return b"N"
    for kind, convert in _ENCODERS:
        if isinstance(value, kind):
            return convert(value)
    raise TypeError(type(value).__name__)


def _u32(count: int) -> bytes:
    return struct.pack(">I", count)


def _tagged(tag: bytes, payload: bytes) -> bytes:
    return tag + _u32(len(payload)) + payload


def _float(value: float) -> bytes:
    return b"F" + (_NAN if math.isnan(value) else struct.pack(">d", value + 0.0))


def _decimal(value: decimal.Decimal) -> bytes:
    if value == value.to_integral_value():
        return _tagged(b"I", str(int(value)).encode())
    return _tagged(b"M", f"{value:f}".rstrip("0").encode())


def _moment(value: dt.datetime) -> bytes:
    aware = value if value.tzinfo else value.replace(tzinfo=dt.UTC)
    return _tagged(b"T", str((aware - _EPOCH) // _MICROSECOND).encode())


def _interval(value: tuple[int, int, int]) -> bytes:
    return _tagged(b"D", "{}M{}D{}N".format(*value).encode())


def _sequence(value: list[Any] | tuple[Any, ...]) -> bytes:
    if hasattr(value, "_fields"):  # MonthDayNano
        return _interval((value[0], value[1], value[2]))
    return b"L" + _u32(len(value)) + b"".join(encode(inner) for inner in value)


def _mapping(value: dict[str, Any]) -> bytes:
    inner = b"".join(encode(name) + encode(held) for name, held in value.items())
    return b"R" + _u32(len(value)) + inner


# bool is an int and datetime a date as well, so they stand first.
_ENCODERS: tuple[tuple[type | tuple[type, ...], Callable[[Any], bytes]], ...] = (
    (bool, lambda value: b"B\x01" if value else b"B\x00"),
    (int, lambda value: _tagged(b"I", str(value).encode())),
    (float, _float),
    (str, lambda value: _tagged(b"S", value.encode())),
    (bytes, lambda value: _tagged(b"X", value)),
    (decimal.Decimal, _decimal),
    (dt.datetime, _moment),
    ((dt.date, dt.time), lambda value: _tagged(b"D", value.isoformat().encode())),
    (dict, _mapping),
    ((list, tuple), _sequence),
)
