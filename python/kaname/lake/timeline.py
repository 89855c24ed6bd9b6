"""The rows that mention an artifact, over all tables, the newest first, page by page."""

from __future__ import annotations

import base64
import binascii
import heapq
import itertools
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from kaname.lake.finding import Block, FileHits, Watch
from kaname.lake.mentions import roles
from kaname.lake.records import PivotRow
from kaname.lake.tables import table as table_of
from kaname.lake.values import json_value
from kaname.model.address import to_text
from kaname.model.errors import UsageError

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Page", "Place", "page", "read_cursor"]

_AT_ONCE = 2  # files that are read at a time


class Place(NamedTuple):
    """Where a row stands in the timeline; ``skip`` rows of the same place are known."""

    ts: int
    table: str
    batch: int
    row: int
    skip: int = 0


@dataclass(frozen=True, slots=True)
class Page:
    """Rows and the cursor of what follows; ``whole`` when time did not run out."""

    rows: list[PivotRow]
    next: str | None
    whole: bool


def read_cursor(text: str) -> Place:
    """The place that a cursor names.

    Raises:
        UsageError: it is none of ours.
    """
    try:
        data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        return Place(*msgspec.json.decode(data, type=tuple[int, str, int, int, int]))
    except (binascii.Error, ValueError, msgspec.MsgspecError):
        raise UsageError("lake.error.cursor") from None


def _cursor(place: Place) -> str:
    return base64.urlsafe_b64encode(msgspec.json.encode(place)).rstrip(b"=").decode()


@dataclass(frozen=True, slots=True)
class _Row:
    """A row of a batch that is read, not yet said."""

    place: Place
    file: FileHits
    batch: pa.RecordBatch
    index: int


def page(
    found: Sequence[FileHits],
    since: int,
    until: int,
    limit: int,
    after: Place | None,
    watch: Watch,
) -> Page:
    """The newest ``limit`` rows in [since, until) behind ``after``.

    Blocks are read in order of their greatest time, only as many as are needed.
    """
    if after is not None:
        until = min(until, after.ts + 1)
    known = _Known(limit, after)
    whole = True
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        groups = _newest_first(found, since, until, known.wanted)
        while together := list(itertools.islice(groups, _AT_ONCE)):
            if known.complete(together[0][1][0].high):
                break
            if watch.over():
                whole = False
                break
            for hits, batch in pool.map(_read, together):
                known.take(hits, batch, since, until)
    rows = known.shown()
    cut = rows[:limit]
    following = _cursor(known.behind(cut)) if cut and (len(rows) > limit or not whole) else None
    return Page([_said(row) for row in cut], following, whole)


def _newest_first(
    found: Sequence[FileHits], since: int, until: int, wanted: int
) -> Iterator[tuple[FileHits, list[Block]]]:
    """Blocks by their greatest time, the latest first.

    Neighbours of a file come together, up to ``wanted`` rows: a file is read in one go far
    faster than block by block.
    """
    order = sorted(
        (
            (-block.high, number, block.span, block)
            for number, hits in enumerate(found)
            for block in hits.blocks
            if block.high >= since and block.low < until
        ),
        key=lambda entry: entry[:3],
    )
    for number, entries in itertools.groupby(order, key=lambda entry: entry[1]):
        group: list[Block] = []
        for *_, block in entries:
            group.append(block)
            if sum(one.rows for one in group) >= wanted:
                yield found[number], group
                group = []
        if group:
            yield found[number], group


def _read(part: tuple[FileHits, list[Block]]) -> tuple[FileHits, pa.RecordBatch]:
    hits, blocks = part
    return hits, hits.rows(sorted(blocks, key=lambda block: block.span))


class _Known:
    """The newest rows read so far."""

    def __init__(self, limit: int, after: Place | None) -> None:
        self.wanted = limit + 1 + (after.skip if after else 0)
        self._after = after
        self._rows: list[_Row] = []

    def complete(self, high: int) -> bool:
        """Whether rows of blocks that end at ``high`` or before cannot be among them."""
        return len(self._rows) >= self.wanted and self._rows[self.wanted - 1].place.ts > high

    def take(self, hits: FileHits, batch: pa.RecordBatch, since: int, until: int) -> None:
        """Keep the newest rows."""
        import pyarrow as pa

        read = (batch.column(name) for name in ("batch", "row_in_src"))
        times = batch.column("ts").cast(pa.int64()).to_pylist()
        keys = zip(times, *(column.to_pylist() for column in read), strict=True)
        new = [
            _Row(Place(ts, hits.file.table, source, row), hits, batch, index)
            for index, (ts, source, row) in enumerate(keys)
            if since <= ts < until
        ]
        if (after := self._after) is not None:
            new = [row for row in new if row.place[:4] <= after[:4]]
        self._rows = heapq.nlargest(self.wanted, self._rows + new, key=_order)

    def shown(self) -> list[_Row]:
        """The rows behind the cursor, the newest first."""
        if self._after is None or not self._after.skip:
            return self._rows
        same = 0
        while same < len(self._rows) and self._rows[same].place[:4] == self._after[:4]:
            same += 1
        return self._rows[min(same, self._after.skip) :]

    def behind(self, cut: Sequence[_Row]) -> Place:
        """The place of the last row of ``cut``, with how many rows of it are known."""
        last = cut[-1].place
        same = sum(row.place == last for row in cut)
        before = self._after
        if before is not None and before[:4] == last[:4]:
            same += before.skip
        return last._replace(skip=same)


def _order(row: _Row) -> tuple[Any, ...]:
    return (*row.place, row.batch.column("file_row")[row.index].as_py())


def _said(row: _Row) -> PivotRow:
    values = {name: row.batch.column(name)[row.index].as_py() for name in row.batch.schema.names}
    file = row.file.file
    return PivotRow(
        ts=row.place.ts,
        table=file.table,
        role=roles(file.table)[values["role"]],
        sensor=file.sensor,
        tlp=file.tlp,
        batch=row.place.batch,
        place=row.place.row,
        cells=_cells(file.table, values),
    )


_ELSEWHERE = {"ts", "sensor", "tlp", "batch", "row_in_src"}


def _cells(name: str, values: dict[str, Any]) -> dict[str, Any]:
    """The columns of a row as JSON, addresses as text, without nulls and ``::``."""
    cells = {}
    for column in table_of(name).all_columns:
        key, value = column.name, values.get(column.name)
        if key in _ELSEWHERE or value is None or key.endswith("_lo"):
            continue
        if key.endswith("_hi"):
            side = key.removesuffix("_hi")
            low = values.get(f"{side}_lo")
            if low is not None and (value, low) != (0, 0):
                cells[side] = to_text(value, low)
            continue
        cells[key] = json_value(value)
    return cells
