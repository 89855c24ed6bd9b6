"""One artifact over all tables: how often, when, and the rows themselves.

Counts come from the indexes alone where a block lies wholly inside the time asked for;
only the blocks at its edges, and those of prefixes (whose addresses may share rows), are
read to count. Rows are read from the newest block on, until the page is full.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from kaname.lake.artifact import Artifact
from kaname.lake.damage import damaged_among, quarantine
from kaname.lake.finding import Block, FileHits, Watch, hits
from kaname.lake.layout import AFTER, BEFORE
from kaname.lake.locks import shared
from kaname.lake.lookups import missing_of
from kaname.lake.records import Cancel, DayCount, LakeFile, Pivot, TableCount
from kaname.lake.store import Store
from kaname.lake.tables import table as table_of
from kaname.lake.tables import tables
from kaname.lake.timeline import page, read_cursor
from kaname.model.errors import StoreError
from kaname.model.instant import parse_us
from kaname.model.marking import Tlp

__all__ = ["Wanted", "pivot"]

_EVER = (-(1 << 62), 1 << 62)
READING_S = 1.0  # spent on counting what the indexes alone do not tell
_DAMAGE = (OSError, ValueError)  # of the native core, of Arrow


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to look for, where, and how much of it."""

    artifact: Artifact
    since: int | None
    until: int | None
    tables: Sequence[str]
    limit: int
    cursor: str | None
    clearance: Tlp
    seconds: float
    cancel: Cancel | None


def pivot(store: Store, wanted: Wanted) -> Pivot:
    """See `Lake.pivot`."""
    begun = time.monotonic()
    names = [table_of(name).name for name in wanted.tables] or list(tables())
    lost: list[LakeFile] = []
    with shared(store.layout.read_lock):
        while True:
            gone = {file.path for file in lost}
            files = [
                file
                for name in names
                for file in store.manifest.files(
                    name, since=wanted.since, until=wanted.until, clearance=wanted.clearance
                )
                if file.path not in gone
            ]
            try:
                found = _answer(wanted, files, begun)
                break
            except _DAMAGE as error:
                lost += _set_aside(store, files, error)
    missing = missing_of(store, wanted.clearance, lost, names)
    seconds = round(time.monotonic() - begun, 4)
    return msgspec.structs.replace(found, missing=missing, seconds=seconds)


def _answer(wanted: Wanted, files: Sequence[LakeFile], begun: float) -> Pivot:
    watch = Watch(begun + wanted.seconds, wanted.cancel)
    since = _EVER[0] if wanted.since is None else wanted.since
    until = _EVER[1] if wanted.until is None else wanted.until
    after = None if wanted.cursor is None else read_cursor(wanted.cursor)
    found = list(hits(files, wanted.artifact, since, until, watch))
    shown = page(found, since, until, wanted.limit, after, watch)
    counted = _Counts(since, until, watch)
    for one in found:
        counted.add(one)
    return Pivot(
        value=wanted.artifact.value,
        kind=wanted.artifact.kind,
        tables=counted.tables(found),
        histogram=counted.days(),
        rows=tuple(shown.rows),
        next=shown.next,
        truncated=not (shown.whole and counted.whole) or watch.over(),
        missing=(),
        seconds=0.0,
    )


class _Counts:
    """Rows by table and day."""

    def __init__(self, since: int, until: int, watch: Watch) -> None:
        self._since, self._until = since, until
        self._watch = watch
        self._reading = Watch(min(watch.end, time.monotonic() + READING_S), watch.cancel)
        self._days: dict[tuple[str, str], int] = {}
        self.whole = True

    def add(self, found: FileHits) -> None:
        """Count the rows of a file."""
        inside = [block for block in found.blocks if self._contains(block)]
        edge = [block for block in found.blocks if not self._contains(block)]
        if found.artifact.several:
            inside, edge = [], found.blocks
        rows = sum(block.rows for block in inside)
        if edge and self._reading.over():
            self.whole = False
            rows += sum(block.rows for block in edge)  # the most that it can be
        elif edge:
            rows += len(found.times(edge, self._since, self._until))
        if rows:
            key = (found.file.table, found.file.dt)
            self._days[key] = self._days.get(key, 0) + rows

    def _contains(self, block: Block) -> bool:
        return self._since <= block.low and block.high < self._until

    def days(self) -> tuple[DayCount, ...]:
        """Rows of every table and day that has some; days that cannot be true left out."""
        return tuple(
            DayCount(at=parse_us(dt), table=table, rows=rows)
            for (table, dt), rows in sorted(self._days.items(), key=lambda item: item[0][::-1])
            if dt not in {BEFORE, AFTER}
        )

    def tables(self, found: Iterable[FileHits]) -> tuple[TableCount, ...]:
        """Rows of every table with the times of the first and the last."""
        by_table: dict[str, list[tuple[Block, FileHits]]] = {}
        for one in found:
            blocks = [(block, one) for block in one.blocks]
            by_table.setdefault(one.file.table, []).extend(blocks)
        sums: dict[str, int] = {}
        for (table, _), rows in self._days.items():
            sums[table] = sums.get(table, 0) + rows
        return tuple(
            TableCount(
                table=table,
                rows=rows,
                first_us=self._first(by_table[table]),
                last_us=self._last(by_table[table]),
            )
            for table, rows in sorted(sums.items())
        )

    def _first(self, blocks: list[tuple[Block, FileHits]]) -> int | None:
        best: int | None = None
        for block, found in sorted(blocks, key=lambda pair: pair[0].low):
            if (best is not None and block.low > best) or self._stopped():
                break
            times = found.times([block], self._since, self._until)
            best = min((*times, *_some(best)), default=None)
        return best

    def _last(self, blocks: list[tuple[Block, FileHits]]) -> int | None:
        best: int | None = None
        for block, found in sorted(blocks, key=lambda pair: -pair[0].high):
            if (best is not None and block.high < best) or self._stopped():
                break
            times = found.times([block], self._since, self._until)
            best = max((*times, *_some(best)), default=None)
        return best

    def _stopped(self) -> bool:
        if not self._watch.over():
            return False
        self.whole = False
        return True


def _some(value: int | None) -> tuple[int, ...]:
    return () if value is None else (value,)


def _set_aside(store: Store, files: Sequence[LakeFile], error: Exception) -> list[LakeFile]:
    """The damaged files behind an error, moved out of the lake where that is allowed.

    Raises:
        StoreError: no file is damaged.
    """
    bad = damaged_among(store, files)
    if not bad:
        path = Path(store.layout.root)
        raise StoreError("lake.error.io", path=path, reason=error) from error
    with contextlib.suppress(StoreError):  # a lake that may only be read is read around it
        quarantine(store, bad)
    return [file for file, _ in bad]
