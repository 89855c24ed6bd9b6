"""Zeek logs as JSON lines: one object a row, fields by the same names.

The name of the log is the field ``_path`` where Zeek was told to write it, else it is
told from the fields that only that log has.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from kaname.readers.json_lines import decoded
from kaname.readers.zeek.frame import LogFrame

if TYPE_CHECKING:
    import pyarrow as pa

    from kaname.readers.frame import ReadJob

__all__ = ["JsonFrame", "frames", "path_of"]

ROWS = 1 << 15
Record = dict[str, Any]

# Of each log, fields that are always there and that no other log has all of.
_SIGNS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("conn", ("conn_state", "proto")),
    ("dns", ("trans_id", "proto")),
    ("ssl", ("established", "uid")),
    ("http", ("trans_depth", "uid")),
    ("smtp", ("helo", "trans_depth")),
    ("notice", ("note",)),
    ("ssh", ("auth_attempts",)),
    ("files", ("fuid", "source")),
    ("x509", ("certificate.version",)),
    ("weird", ("name", "notice")),
)
_MILLIS_FROM = 1e11  # as seconds, the year 5138; so it is milliseconds


def path_of(record: Record) -> str:
    """The name of the log that ``record`` is of; empty when it cannot be told."""
    named = record.get("_path")
    if isinstance(named, str):
        return named
    if "smtp" not in record and "helo" in record and "uid" in record:
        return "smtp"
    return next((path for path, signs in _SIGNS if all(s in record for s in signs)), "")


def frames(job: ReadJob) -> Iterator[JsonFrame]:
    """The rows of the source, gathered by log, some ten thousand at a time."""
    waiting: dict[str, list[tuple[int, Record]]] = {}
    for offset, record in decoded(job, msgspec.json.Decoder(dict[str, Any])):
        if _instant(record.get("ts")) is None:
            job.report.bad(offset, "malformed", "no time in ts")
            continue
        path = path_of(record)
        group = waiting.setdefault(path, [])
        group.append((offset, record))
        if len(group) >= ROWS:
            yield _frame(job, path, waiting.pop(path))
    for path, group in waiting.items():
        yield _frame(job, path, group)


def _frame(job: ReadJob, path: str, group: list[tuple[int, Record]]) -> JsonFrame:
    import pyarrow as pa

    offsets, records = zip(*group, strict=True)
    return JsonFrame(job, path, pa.array(offsets, pa.int64()), records)


class JsonFrame(LogFrame):
    """Rows of a JSON log: values are there already, as JSON has them."""

    def __init__(
        self, job: ReadJob, path: str, offsets: pa.Array, records: Sequence[Record]
    ) -> None:
        super().__init__(job, path, offsets)
        self._records = records

    def has(self, name: str) -> bool:
        """Whether some row has that field."""
        return any(name in record for record in self._records)

    def kept(self, mask: pa.Array) -> JsonFrame:
        """The rows where ``mask`` is true."""
        chosen = zip(mask.to_pylist(), self._records, strict=True)
        records = [record for keep, record in chosen if keep]
        return JsonFrame(self.job, self.path, self.offsets.filter(mask), records)

    def times(self, name: str = "ts") -> pa.Array:
        """Seconds, milliseconds or ISO 8601."""
        import pyarrow as pa

        self._used.add(name)
        return pa.array([_instant(record.get(name)) for record in self._records], pa.int64())

    def texts(self, name: str) -> pa.Array:
        """Arrays as lists of texts."""
        import pyarrow as pa

        self._used.add(name)
        lists = [_list(record.get(name)) for record in self._records]
        return pa.array(lists, pa.list_(pa.string()))

    def _column(self, name: str, kind: pa.DataType) -> pa.Array:
        import pyarrow as pa

        values = [record.get(name) for record in self._records]
        if pa.types.is_string(kind):
            values = [v if v is None or isinstance(v, str) else _text(v) for v in values]
        try:
            return pa.array(values, kind)
        except (pa.ArrowException, TypeError, ValueError, OverflowError):
            fitted = [_fitting(value, kind) for value in values]
            found = pa.array(fitted, kind)
            self.note("bad_value", found.null_count - values.count(None))
            return found

    def _rest(self, used: set[str]) -> pa.Array:
        import pyarrow as pa

        return pa.array([_json_without(record, used) for record in self._records], pa.string())


def _json_without(record: Record, used: set[str]) -> str | None:
    rest = {name: value for name, value in record.items() if name not in used}
    return msgspec.json.encode(rest).decode() if rest else None


def _instant(value: Any) -> int | None:
    """Microseconds since 1970 of a time as Zeek may be told to write it."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, str):
        try:
            moment = dt.datetime.fromisoformat(value)
        except ValueError:
            return None
        aware = moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
        return round(aware.timestamp() * 1e6)
    if not isinstance(value, (int, float)) or not abs(value) < 1e15:
        return None
    return round(value * (1e3 if value >= _MILLIS_FROM else 1e6))


def _text(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def _list(value: Any) -> list[str] | None:
    if not isinstance(value, list):
        return None
    return [item if isinstance(item, str) else _text(item) for item in value]


def _fitting(value: Any, kind: pa.DataType) -> Any:
    import pyarrow as pa

    try:
        pa.scalar(value, kind)
    except (pa.ArrowException, TypeError, ValueError, OverflowError):
        return None
    return value
