"""Merging the files of a day into few, sorted ones, the same whatever came before.

A group is one table, day, sensor and marking. When anything in it is not compacted yet,
all of it is sorted anew by the order of the table, then batch, then position in the
source: a total order, so that only the rows decide the bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from kaname.lake.commit import committing, publish
from kaname.lake.damage import damaged_among, quarantine
from kaname.lake.engine import connect, make_view
from kaname.lake.faults import clear_errors
from kaname.lake.locks import shared
from kaname.lake.parquet import ROW_GROUP, conform
from kaname.lake.records import CompactReport, LakeFile
from kaname.lake.staged import write_file
from kaname.lake.staging import Staging
from kaname.lake.store import Store
from kaname.lake.tables import table as table_of
from kaname.lake.tables import tables
from kaname.lake.tables.frame import Table
from kaname.model.instant import now_us

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["compact"]

FILE_ROWS = 4 * ROW_GROUP
MEMORY_MB = 256
_BATCH = 50_000

Progress = Callable[[int, int], None]


def compact(store: Store, table: str | None, progress: Progress | None) -> CompactReport:
    """See `Lake.compact`."""
    names = [table_of(table).name] if table else list(tables())
    report = CompactReport(0, 0, 0, 0, 0, 0)
    groups = _groups(store, names)
    for done, group in enumerate(groups, 1):
        report = _sum(report, _compact_group(store, group))
        if progress is not None:
            progress(done, len(groups))
    return report


def _groups(store: Store, names: list[str]) -> list[list[LakeFile]]:
    """Groups that hold a file which is not compacted."""
    groups: dict[tuple[str, ...], list[LakeFile]] = {}
    for name in names:
        for file in store.manifest.files(name):
            key = (file.table, file.dt, file.sensor, file.tlp.value)
            groups.setdefault(key, []).append(file)
    return [group for _, group in sorted(groups.items()) if not all(f.compacted for f in group)]


def _compact_group(store: Store, old: list[LakeFile]) -> tuple[list[LakeFile], list[LakeFile]]:
    """(old, new) files; the same twice when the group changed meanwhile."""
    if found := damaged_among(store, old):  # never carry damage over into a file that looks whole
        quarantine(store, found)
        bad = {file.path for file, _ in found}
        old = [file for file in old if file.path not in bad]
    layout = store.layout
    with Staging(layout, "compact") as staging, shared(layout.read_lock), clear_errors(layout.root):
        staged = list(_merge(old, staging))
        with committing(layout):
            current = {file.path for file in store.manifest.files()}
            if not current.issuperset(file.path for file in old):
                return old, old
            new = publish(layout, staged)
            kept = {file.path for file in new}
            with store.manifest.change() as change:
                change.remove_files([f for f in old if f.path not in kept], now=now_us())
                change.add_files(new)
    return old, new


def _merge(files: list[LakeFile], staging: Staging) -> Iterator[LakeFile]:
    if not files:
        return
    table = table_of(files[0].table)
    cuts = _Cuts(_row_groups(_sorted(table, files, staging), table))
    while cuts.next is not None:
        yield write_file(staging.folder, table, files[0].dt, "c", cuts.groups(), compacted=True)


class _Cuts:
    """A stream of row groups cut into files; ``next`` is the one that comes next."""

    def __init__(self, rows: Iterator[pa.Table]) -> None:
        self._rows = rows
        self.next: pa.Table | None = next(rows, None)

    def groups(self) -> Iterator[pa.Table]:
        """Row groups of this file; none is held here while it is written."""
        written = 0
        while self.next is not None and written + self.next.num_rows <= FILE_ROWS:
            written += self.next.num_rows
            yield self.next
            self.next = None  # before the next one is gathered, or both are in memory
            self.next = next(self._rows, None)


def _row_groups(batches: Iterator[pa.RecordBatch], table: Table) -> Iterator[pa.Table]:
    import pyarrow as pa

    pending: list[pa.RecordBatch] = []
    count = 0
    for batch in batches:
        pending.append(conform(batch, table))
        count += batch.num_rows
        while count >= ROW_GROUP:
            yield pa.Table.from_batches(pending).slice(0, ROW_GROUP)
            pending = pa.Table.from_batches(pending).slice(ROW_GROUP).to_batches()
            count -= ROW_GROUP
    if count:
        yield pa.Table.from_batches(pending)


def _sorted(table: Table, files: list[LakeFile], staging: Staging) -> Iterator[pa.RecordBatch]:
    order = list(dict.fromkeys([*table.order, "batch", "row_in_src"]))
    connection = connect(memory_mb=MEMORY_MB, spill=staging.folder)
    columns = ", ".join(f'"{column.name}"' for column in table.all_columns)
    keys = ", ".join(f'"{name}" ASC NULLS FIRST' for name in order)
    sql = f'SELECT {columns} FROM "{table.name}" ORDER BY {keys}'  # noqa: S608 - our own names
    try:
        make_view(connection, table, files)
        yield from connection.sql(sql).to_arrow_reader(_BATCH)
    finally:
        connection.close()


def _sum(report: CompactReport, step: tuple[list[LakeFile], list[LakeFile]]) -> CompactReport:
    old, new = step
    return CompactReport(
        groups=report.groups + 1,
        rows=report.rows + sum(file.rows for file in new),
        files_before=report.files_before + len(old),
        files_after=report.files_after + len(new),
        bytes_before=report.bytes_before + sum(file.bytes for file in old),
        bytes_after=report.bytes_after + sum(file.bytes for file in new),
    )
