"""Tab-separated Zeek logs: whole blocks split into columns at once.

A line with another number of fields than the head says is counted (``malformed``) and
the rest of its block is read; the offset of every row is kept.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple, Self

import msgspec

from kaname.readers.lines import BOM, blocks, text_of
from kaname.readers.zeek.frame import LogFrame
from kaname.readers.zeek.header import Header, read_line

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

    from kaname.readers.frame import ReadJob

__all__ = ["TsvFrame", "frames"]

BLOCK = 8 << 20
# What must be escaped inside a JSON string, but for tab and newline, which end a field.
_ODD = bytes({*range(0x20), 0x7F, *b'"\\'} - {*b"\t\n"})


def frames(job: ReadJob) -> Iterator[TsvFrame]:
    """The rows of the source, log by log, a few megabytes at a time."""
    header = Header()
    for start, block in blocks(job, BLOCK):
        text = block.removeprefix(BOM) if start == 0 else block
        at = start + len(block) - len(text)
        for offset, part in _runs(at, text):
            if part.startswith(b"#"):
                for line in part.splitlines():
                    header = read_line(header, text_of(line, job))
            else:
                yield from _split(job, header, offset, part)


def _runs(start: int, block: bytes) -> Iterator[tuple[int, bytes]]:
    """Lines of the head and lines of rows, in turns."""
    at = 0
    while at < len(block):
        head = block.startswith(b"#", at)
        end = _end_of_head(block, at) if head else block.find(b"\n#", at) + 1
        end = end or len(block)
        yield start + at, block[at:end]
        at = end


def _end_of_head(block: bytes, at: int) -> int:
    while block.startswith(b"#", at):
        at = block.find(b"\n", at) + 1
        if not at:
            return len(block)
    return at


def _split(job: ReadJob, header: Header, start: int, part: bytes) -> Iterator[TsvFrame]:
    """One frame of the lines in ``part``; damaged ones go into the report."""
    import pyarrow as pa
    import pyarrow.compute as pc
    from pyarrow import csv

    starts = _line_starts(part)
    if not header.fields:
        job.report.count("no_header", len(starts))
        return
    text = _clean(job, part)
    bad: list[int] = []

    def refuse(row: csv.InvalidRow) -> str:
        bad.append(row.number - 1)
        return "skip"

    fields = header.fields
    table = csv.read_csv(
        pa.BufferReader(text),
        csv.ReadOptions(column_names=fields, block_size=len(text) + 1, use_threads=False),
        csv.ParseOptions(
            delimiter=header.separator,
            quote_char=False,
            escape_char=False,
            ignore_empty_lines=False,
            invalid_row_handler=refuse,
        ),
        csv.ConvertOptions(
            column_types=dict.fromkeys(fields, pa.string()),
            null_values=[header.unset],
            strings_can_be_null=True,
        ),
    )
    good = _good_lines(job, start, part, starts, bad)
    columns = {name: _whole(table.column(i)) for i, name in enumerate(fields)}
    traits = _Traits.of(text, header)
    frame = TsvFrame(job, header, pa.array(good + start), columns, traits)
    dated = pc.is_valid(frame.times())
    lost = frame.rows - (pc.sum(dated).as_py() or 0)
    if lost:
        for index in pc.indices_nonzero(pc.invert(dated)).to_pylist():
            _describe(job, start, part, int(good[index]), "no time in ts")
        frame = frame.kept(dated)
    if frame.rows:
        yield frame


class _Traits(NamedTuple):
    """What a block has none of, as most have, and need not be looked for in every column."""

    plain: bool  # nothing that JSON would escape
    filled: bool  # no empty fields

    @classmethod
    def of(cls, text: bytes, header: Header) -> Self:
        plain = len(text.translate(None, _ODD)) == len(text)
        return cls(plain, header.empty.encode() not in text)


def _whole(column: pa.ChunkedArray) -> pa.Array:
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()


def _line_starts(part: bytes) -> np.ndarray:
    import numpy as np

    ends = np.flatnonzero(np.frombuffer(part, np.uint8) == ord("\n"))
    starts = np.concatenate([[0], ends + 1])
    return starts[:-1] if part.endswith(b"\n") else starts


def _clean(job: ReadJob, part: bytes) -> bytes:
    """Text that the splitter takes: UTF-8 with no NUL, and no line end but the newline."""
    text = part.replace(b"\r\n", b"\n").replace(b"\r", b"\\x0d") if b"\r" in part else part
    if b"\0" not in text and _is_utf8(text):
        return text
    return b"\n".join(text_of(line, job).encode() for line in text.split(b"\n"))


def _is_utf8(text: bytes) -> bool:
    if text.isascii():
        return True
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True


def _describe(job: ReadJob, start: int, part: bytes, at: int, reason: str) -> None:
    """Count the line at ``at`` as damaged, unless it is empty."""
    line = part[at : at + 64].partition(b"\n")[0]
    if line.strip():
        job.report.bad(start + at, "malformed", reason, line)


def _good_lines(
    job: ReadJob, start: int, part: bytes, starts: np.ndarray, bad: list[int]
) -> np.ndarray:
    """Starts of the lines that were split; the others are counted."""
    import numpy as np

    for number in bad:
        _describe(job, start, part, int(starts[number]), "not as many fields as the head says")
    return np.delete(starts, bad).astype(np.int64)


class TsvFrame(LogFrame):
    """Rows of a tab-separated log: texts that are turned into values when asked for."""

    def __init__(
        self,
        job: ReadJob,
        header: Header,
        offsets: pa.Array,
        columns: dict[str, pa.Array],
        traits: _Traits,
    ) -> None:
        super().__init__(job, header.path, offsets)
        self._header = header
        self._traits = traits
        self._columns = columns

    def has(self, name: str) -> bool:
        """Whether the head names that field."""
        return name in self._columns

    def kept(self, mask: pa.Array) -> TsvFrame:
        """The rows where ``mask`` is true."""
        columns = {name: column.filter(mask) for name, column in self._columns.items()}
        offsets = self.offsets.filter(mask)
        return TsvFrame(self.job, self._header, offsets, columns, self._traits)

    def times(self, name: str = "ts") -> pa.Array:
        """Seconds with a fraction, since 1970."""
        return self.interval(name)

    def texts(self, name: str) -> pa.Array:
        """A set or vector as lists of texts; ``(empty)`` is the empty list."""
        import pyarrow as pa
        import pyarrow.compute as pc

        column = self.text(name)
        parts = pc.split_pattern(column, self._header.set_separator)
        if self._traits.filled:
            return parts
        empty = pc.equal(column, self._header.empty)
        if pc.any(empty).as_py():
            none = pa.scalar([], pa.list_(pa.string()))
            parts = pa.array(
                [
                    none.as_py() if is_empty else part
                    for is_empty, part in zip(empty.to_pylist(), parts.to_pylist(), strict=True)
                ],
                pa.list_(pa.string()),
            )
        return parts

    def _column(self, name: str, kind: pa.DataType) -> pa.Array:
        import pyarrow as pa
        import pyarrow.compute as pc

        column = self._columns[name]
        if pa.types.is_string(kind):
            if self._traits.filled:
                return column
            return pc.if_else(pc.equal(column, self._header.empty), "", column)
        if pa.types.is_boolean(kind):
            return pc.equal(column, "T")
        try:
            return column.cast(kind)
        except pa.ArrowInvalid:
            values = [_number(text, kind) for text in column.to_pylist()]
            found = pa.array(values, kind)
            self.note("bad_value", found.null_count - column.null_count)
            return found

    def _rest(self, used: set[str]) -> pa.Array:
        import pyarrow as pa
        import pyarrow.compute as pc

        members = [
            pc.binary_join_element_wise(f'"{name}":', self._json(name), "")
            for name in self._header.fields
            if name not in used and self._columns[name].null_count < self.rows
        ]
        if not members:
            return pa.nulls(self.rows, pa.string())
        joined = pc.binary_join_element_wise(*members, ",", null_handling="skip")
        whole = pc.binary_join_element_wise("{", joined, "}", "")
        return pc.if_else(pc.equal(joined, ""), pa.scalar(None, pa.string()), whole)

    def _json(self, name: str) -> pa.Array:
        """The column as JSON values, null where there is none."""
        import pyarrow.compute as pc

        column, kind = self._columns[name], self._header.type_of(name)
        if kind == "bool":
            return pc.if_else(pc.equal(column, "T"), "true", "false")
        if kind in {"count", "int", "port", "double", "interval", "time"}:
            return _only_numbers(column)
        plain = column if self._traits.plain else _escaped(column)
        if kind.startswith(("set", "vector")):
            inner = pc.replace_substring(plain, self._header.set_separator, '","')
            listed = pc.binary_join_element_wise('["', inner, '"]', "")
            return pc.if_else(pc.equal(column, self._header.empty), "[]", listed)
        return pc.binary_join_element_wise('"', plain, '"', "")


def _escaped(column: pa.Array) -> pa.Array:
    """Texts as they stand inside a JSON string."""
    import pyarrow.compute as pc

    plain = pc.replace_substring(pc.replace_substring(column, "\\", "\\\\"), '"', '\\"')
    return pc.replace_substring_regex(plain, r"[\x00-\x1f\x7f]", " ")


def _only_numbers(column: pa.Array) -> pa.Array:
    """Texts that are JSON numbers as they are, others as strings."""
    import pyarrow.compute as pc

    fits = pc.match_substring_regex(column, r"^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?$")
    if pc.all(pc.fill_null(fits, True)).as_py():
        return column
    return pc.if_else(fits, column, pc.binary_join_element_wise('"', _escaped(column), '"', ""))


def _number(text: str | None, kind: pa.DataType) -> Any:
    import pyarrow as pa

    if text is None:
        return None
    try:
        value = msgspec.convert(text, float if pa.types.is_floating(kind) else int, strict=False)
        pa.scalar(value, kind)
    except (msgspec.ValidationError, pa.ArrowInvalid, OverflowError):
        return None
    return value
