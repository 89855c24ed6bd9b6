"""Power in text: CSV of meters, with a time column or without.

Read in blocks of lines. A block of plain numbers goes through NumPy at once; one that holds
anything else (quotes, decimal commas, words, missing fields) is read line by line, and what
can't be read is counted with its line number.
"""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from kaname.hardware.power import units
from kaname.hardware.power.regular import Tally, rate_of
from kaname.hardware.power.source import Rows, Source, Wanted
from kaname.model.errors import InputError
from kaname.readers.unpacking import DamagedPackingError, unpacked

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = ["open_text"]

_PREAMBLE = 60  # lines of an instrument before its numbers
_LONGEST_LINE = 1 << 16
_COMMA = re.compile(r"[+-]?\d+,\d+(?:[eE][+-]?\d+)?")
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")
_PLAIN = b"0123456789.+-eE\r\n"
_MISSING = {"", "nan", "na", "n/a", "null", "none", "-", "inf", "-inf"}
# Times above these are of the epoch (1970), in s, ms, µs or ns.
_EPOCHS = ((1e17, 1e-9), (1e14, 1e-6), (1e11, 1e-3), (1e8, 1.0))


class _Columns(NamedTuple):
    """Which columns of a file are looked at, and what makes seconds and watts of them."""

    delimiter: str
    width: int
    time: int | None
    value: int
    other: int | None  # the voltage, where there are current and voltage
    factor: float
    seconds: float | None
    unit: str


class _Block(NamedTuple):
    """Whole lines, and the number of the first (1-based)."""

    text: bytes
    line: int


def open_text(path: Path, wanted: Wanted) -> Source:
    """A text file of readings.

    Raises:
        InputError: it holds no readings, or does not say how fast or of what they are.
    """
    tally = Tally()
    blocks = _blocks(path, tally)
    first = next(blocks, _Block(b"", 1))
    skipped, columns = _layout(first.text, wanted, str(path))
    lines = first.text.split(b"\n", skipped)
    first = _Block(lines[-1] if len(lines) > skipped else b"", first.line + skipped)
    rows = _rows(first, blocks, columns, tally)
    begun = next(rows, None)
    if begun is None or not len(begun.values):
        raise InputError("hardware.power.error.empty", path=path)
    seconds, start = columns.seconds, None
    if begun.times is not None:
        seconds, start = _epoch(begun.times, columns.seconds)
        begun.times *= seconds
    fs = wanted.fs or (rate_of(begun.times) if begun.times is not None else None)
    if fs is None:
        raise InputError("hardware.power.error.rate_unknown")
    return Source(
        device=wanted.device or path.name.split(".")[0], fs=fs, unit=columns.unit, start=start,
        rows=_scaled(begun, rows, seconds or 1.0), tally=tally,
    )  # fmt: skip


def _scaled(first: Rows, rest: Iterator[Rows], seconds: float) -> Iterator[Rows]:
    yield first
    for rows in rest:
        if rows.times is not None:
            rows.times *= seconds
        yield rows


def _epoch(times: Floats, seconds: float | None) -> tuple[float, int | None]:
    """Factor of times to seconds, and the first as an instant [µs, UTC] if they are absolute."""
    known = times[np.isfinite(times)]
    first = float(known[0]) if len(known) else 0.0
    for least, factor in _EPOCHS:
        if first >= least and seconds in {None, factor, 1.0}:
            return factor, int(first * factor * 1e6)
    return seconds or 1.0, None


def _blocks(path: Path, tally: Tally) -> Iterator[_Block]:
    """Blocks of whole lines; a damaged end of a compressed file is counted."""
    kept, line = b"", 1
    with path.open("rb") as raw:
        try:
            for piece in unpacked(raw):
                text = kept + piece
                end = text.rfind(b"\n") + 1
                if not end and len(text) > _LONGEST_LINE:
                    raise InputError("hardware.power.error.no_text", path=path)
                kept = text[end:]
                if end:
                    yield _Block(text[:end], line)
                    line += text.count(b"\n", 0, end)
        except DamagedPackingError:
            tally.add("damaged", [line])
    if kept:
        yield _Block(kept, line)


def _layout(text: bytes, wanted: Wanted, name: str) -> tuple[int, _Columns]:
    """How many lines come before the numbers, and what the columns are."""
    if b"\0" in text[:4096]:
        raise InputError("hardware.power.error.no_text", path=name)
    head = [line.decode("utf-8", "replace") for line in text.split(b"\n", _PREAMBLE)[:_PREAMBLE]]
    head = [line.strip("\ufeff\r") for line in head]
    heading: list[str] = []
    for at, line in enumerate(head):
        delimiter = _delimiter(line)
        fields = _fields(line, delimiter)
        numbers = [_time(field) for field in fields]
        if _is_row(numbers):
            return at, _columns(delimiter, heading, len(fields), wanted, numbers, name)
        if line.strip():
            heading = [field.lstrip("# ") for field in fields]
    raise InputError("hardware.power.error.empty", path=name)


def _is_row(numbers: list[float | None]) -> bool:
    """Whether fields are those of a row: a number first, or mostly numbers."""
    known = [number is not None and math.isfinite(number) for number in numbers]
    return any(known) and (known[0] or 2 * sum(known) > len(known))


def _delimiter(line: str) -> str:
    for delimiter in (";", "\t", ","):
        if delimiter in line:
            return delimiter
    return " " if len(line.split()) > 1 else ";"


def _fields(line: str, delimiter: str) -> list[str]:
    if delimiter == " ":
        return line.split()
    try:
        return [field.strip() for field in next(csv.reader([line], delimiter=delimiter), [])]
    except csv.Error:
        return []


def _columns(
    delimiter: str, heading: list[str], count: int, wanted: Wanted,
    numbers: list[float | None], name: str,
) -> _Columns:  # fmt: skip
    named = heading if len(heading) == count else [""] * count
    time = next((at for at in range(count) if units.is_time(named[at])), None)
    if time is None and count > 1 and not any(named) and not wanted.column:
        time = 0
    kinds = [units.quantity(text) for text in named]
    value = _value(named, kinds, time, wanted, name)
    unit = units.unit_named(wanted.unit) if wanted.unit else kinds[value]
    other = None
    factor = unit.factor
    if unit.of == "A" and wanted.volts is None:
        other = next((at for at, kind in enumerate(kinds) if kind.of == "V"), None)
        factor *= kinds[other].factor if other is not None else 1.0
    if unit.of == "V" or (unit.of == "A" and wanted.volts is None and other is None):
        raise InputError("hardware.power.error.volts", path=name, column=named[value] or value)
    if unit.of == "A" and wanted.volts is not None:
        factor *= wanted.volts
    seconds = units.seconds_factor(named[time]) if time is not None else None
    if time is not None and len(numbers) > time and numbers[time] is None:
        time = None
    return _Columns(delimiter, count, time, value, other, factor, seconds, unit.name or "W")


def _value(
    named: list[str], kinds: list[units.Unit], time: int | None, wanted: Wanted, name: str
) -> int:
    """The column of readings."""
    if wanted.column:
        if wanted.column in named:
            return named.index(wanted.column)
        if wanted.column.isdecimal() and int(wanted.column) < len(named):
            return int(wanted.column)
        known = ", ".join(text or str(at) for at, text in enumerate(named))
        raise InputError(
            "hardware.power.error.column", path=name, column=wanted.column, known=known
        )
    for of in ("W", "A", "V"):
        found = [at for at, kind in enumerate(kinds) if kind.of == of and at != time]
        if found:
            return found[0]
    return next((at for at in range(len(named)) if at != time), 0)


def _rows(first: _Block, rest: Iterator[_Block], columns: _Columns, tally: Tally) -> Iterator[Rows]:
    yield _parsed(first, columns, tally)
    for block in rest:
        yield _parsed(block, columns, tally)


def _parsed(block: _Block, columns: _Columns, tally: Tally) -> Rows:
    table = _fast(block, columns)
    if table is None:
        times, values, lines = _slow(block, columns, tally)
    else:
        lines = np.arange(block.line, block.line + len(table))
        times = table[:, columns.time].copy() if columns.time is not None else None
        values = table[:, columns.value] * columns.factor
        if columns.other is not None:
            values = values * table[:, columns.other]
    return Rows(times, values, lines)


def _fast(block: _Block, columns: _Columns) -> Floats | None:
    """A block of plain numbers, or None when it has to be looked at more closely."""
    import pyarrow as pa
    from pyarrow import csv as arrow_csv

    if columns.delimiter == " " or block.text.translate(None, _PLAIN + columns.delimiter.encode()):
        return None
    rows = block.text.count(b"\n") + (not block.text.endswith(b"\n"))
    names = [str(at) for at in range(columns.width)]
    try:
        table = arrow_csv.read_csv(
            pa.BufferReader(block.text),
            read_options=arrow_csv.ReadOptions(column_names=names, use_threads=False),
            parse_options=arrow_csv.ParseOptions(
                delimiter=columns.delimiter, quote_char=False, ignore_empty_lines=False
            ),
            convert_options=arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.float64()), null_values=[]
            ),
        )
    except pa.ArrowInvalid:
        return None
    if table.num_rows != rows or any(column.null_count for column in table.columns):
        return None
    return np.stack([column.to_numpy() for column in table.columns], axis=1)


def _slow(
    block: _Block, columns: _Columns, tally: Tally
) -> tuple[Floats | None, Floats, NDArray[np.int64]]:
    times: list[float] = []
    values: list[float] = []
    lines: list[int] = []
    blank: list[int] = []
    short: list[int] = []
    for at, raw in enumerate(block.text.split(b"\n")):
        line = raw.decode("utf-8", "replace").strip("\r\ufeff")
        if not line.strip():
            blank.append(block.line + at)
            continue
        read = _line(line, columns)
        if read is None:
            short.append(block.line + at)
            continue
        times.append(read[0])
        values.append(read[1])
        lines.append(block.line + at)
    if blank and block.text.endswith(b"\n"):
        blank.pop()  # what follows the last line end is no line
    tally.add("blank", blank)
    tally.add("row", short)
    made = np.array(times) if columns.time is not None else None
    return made, np.array(values, float), np.array(lines, np.int64)


def _line(line: str, columns: _Columns) -> tuple[float, float] | None:
    """Time and power of a line; NaN where there is none; None: not a row of this table."""
    fields = _fields(line, columns.delimiter)
    wanted = [columns.value, columns.time or 0, columns.other or 0]
    if max(wanted) >= len(fields) or line.startswith("#"):
        return None
    value = _number(fields[columns.value])
    if value is None:
        return None
    if columns.other is not None:
        value *= _number(fields[columns.other]) or math.nan
    if columns.time is None:
        return 0.0, value * columns.factor
    time = _time(fields[columns.time])
    return None if time is None else (time, value * columns.factor)


def _number(text: str) -> float | None:
    """A number with a decimal point or comma; NaN for what stands for none; None for words."""
    text = text.strip().replace("\u2212", "-")
    if text.lower() in _MISSING:
        return math.nan
    if _COMMA.fullmatch(text):
        text = text.replace(",", ".")
    return float(text) if _NUMBER.fullmatch(text) else None


def _time(text: str) -> float | None:
    """A number, or an ISO 8601 instant in seconds of the epoch (UTC where no zone is said)."""
    number = _number(text)
    if number is not None:
        return number
    try:
        instant = datetime.fromisoformat(text.strip().replace("/", "-"))
    except ValueError:
        return None
    if instant.tzinfo is None:
        instant = instant.replace(tzinfo=UTC)
    return instant.timestamp()
