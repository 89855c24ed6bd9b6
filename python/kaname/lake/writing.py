"""Writing one source: rows gather by table and day, files are made in the background."""

from __future__ import annotations

import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import TYPE_CHECKING, Protocol, Self

import msgspec

from kaname.lake.commit import commit_source
from kaname.lake.faults import clear_errors
from kaname.lake.parquet import ROW_GROUP, conform
from kaname.lake.partition import by_day
from kaname.lake.records import LakeFile, Source
from kaname.lake.staged import Labels, write_file
from kaname.lake.staging import Staging
from kaname.lake.tables import table as table_of
from kaname.model.ids import batch_id
from kaname.model.instant import DAY, now_us

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pyarrow as pa

    from kaname.lake.store import Store
    from kaname.model.marking import Tlp

__all__ = ["BatchWriter", "Draft", "Report"]

MAX_BUFFERED = ROW_GROUP * 3 // 2  # rows over all days; beyond it the fullest day is cut early


class Report(Protocol):
    """What the lake needs to know of a reading; `kaname.readers.frame.ReadReport` fits."""

    records: int
    bad_records: int
    damaged: bool
    first_us: int | None
    last_us: int | None

    @property
    def counters(self) -> Mapping[str, int]:
        """Outcomes of records; they add up to ``records``."""

    @property
    def notes(self) -> Mapping[str, int]:
        """What happened besides."""

    @property
    def problems(self) -> Sequence[object]:
        """Descriptions of damaged input, as structs."""


class Draft(msgspec.Struct, frozen=True):
    """What is known of a source before it is read."""

    identity: str
    path: str
    size: int
    sensor: str
    tlp: Tlp
    reader: str
    reader_version: int


class BatchWriter:
    """Takes the rows of one source; nothing is visible before `commit`.

    Use as a context manager: leaving it without a commit leaves nothing behind.
    ``sensor``, ``tlp`` and ``batch`` of rows are set here, whatever the reader wrote, so
    that what a file is said to hold is what it holds.
    """

    def __init__(self, store: Store, draft: Draft, *, replace: bool, threads: int) -> None:
        self.batch = batch_id(draft.identity)
        self._store = store
        self._draft, self._replace = draft, replace
        self._begun = time.monotonic()
        self._latest = now_us() + DAY
        self._labels = Labels(self.batch, draft.sensor, draft.tlp)
        self._pending: dict[tuple[str, str], list[pa.RecordBatch]] = {}
        self._counts: dict[tuple[str, str], int] = {}
        self._cuts: dict[tuple[str, str], int] = {}
        self._jobs: list[Future[LakeFile]] = []
        self._places = threading.Semaphore(max(1, threads))
        self._pool = ThreadPoolExecutor(max(1, threads), thread_name_prefix="lake-write")
        self._staging = Staging(store.layout, "batch")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        self._pool.shutdown(wait=True, cancel_futures=True)
        self._staging.close()

    def write(self, table: str, rows: pa.RecordBatch) -> None:
        """Take rows of ``table``.

        Raises:
            NotFoundError: there is no such table.
            InputError: the rows do not fit it.
            StoreFullError: no space is left for what was given before.
        """
        fitted = conform(self._labels.put_on(rows), table_of(table))
        for dt, part in by_day(fitted, self._latest):
            key = (table, dt)
            self._pending.setdefault(key, []).append(part)
            self._counts[key] = self._counts.get(key, 0) + part.num_rows
            while self._counts[key] >= ROW_GROUP:
                self._cut(key, ROW_GROUP)
        while sum(self._counts.values()) > MAX_BUFFERED:
            fullest = max(self._counts, key=lambda key: (self._counts[key], key))
            self._cut(fullest, self._counts[fullest])

    def commit(self, report: Report) -> Source:
        """Make the rows part of the lake, all at once.

        Returns the source; the one that is there already when another process was faster.
        """
        for key in sorted(self._counts):
            if self._counts[key]:
                self._cut(key, self._counts[key])
        with clear_errors(self._store.layout.root):
            files = [job.result() for job in self._jobs]
        source = self._source(report, files)
        return commit_source(self._store, source, files, self._staging, replace=self._replace)

    def _cut(self, key: tuple[str, str], rows: int) -> None:
        """Hand the first ``rows`` of a day over to be written as a file."""
        import pyarrow as pa

        whole = pa.Table.from_batches(self._pending[key])
        rest = whole.slice(rows)
        self._pending[key], self._counts[key] = rest.to_batches(), rest.num_rows
        number = self._cuts[key] = self._cuts.get(key, 0) + 1
        self._raise_failed()
        self._places.acquire()
        job = self._pool.submit(self._write_file, key, number, whole.slice(0, rows))
        self._jobs.append(job)

    def _write_file(self, key: tuple[str, str], number: int, rows: pa.Table) -> LakeFile:
        try:
            name = f"{self.batch:016x}-{number:04d}"
            return write_file(self._staging.folder, table_of(key[0]), key[1], name, [rows])
        finally:
            self._places.release()

    def _raise_failed(self) -> None:
        with clear_errors(self._store.layout.root):
            for job in self._jobs:
                if job.done():
                    job.result()

    def _source(self, report: Report, files: list[LakeFile]) -> Source:
        draft = self._draft
        problems = tuple(msgspec.to_builtins(problem) for problem in report.problems)
        return Source(
            batch=self.batch,
            identity=draft.identity,
            path=draft.path,
            size=draft.size,
            sensor=draft.sensor,
            tlp=draft.tlp,
            reader=draft.reader,
            reader_version=draft.reader_version,
            ingested=now_us(),
            rows=sum(file.rows for file in files),
            records=report.records,
            damaged=report.damaged,
            counters=dict(report.counters),
            notes=dict(report.notes),
            problems=problems,
            first_us=report.first_us,
            last_us=report.last_us,
            seconds=round(time.monotonic() - self._begun, 3),
            bad=report.bad_records,
        )
