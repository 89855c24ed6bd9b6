"""Reading the lake: which files a caller is granted, and what to do when one is damaged."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from kaname.lake.damage import quarantine_damaged
from kaname.lake.digest import digest_of
from kaname.lake.layout import AFTER, BEFORE, Layout
from kaname.lake.locks import shared
from kaname.lake.manifest import Manifest
from kaname.lake.querying import Granted, mentioned, open_granted, reading, stream
from kaname.lake.records import (
    Cancel,
    Digest,
    Limits,
    MissingFile,
    QueryResult,
    TableStatus,
)
from kaname.lake.staging import Staging
from kaname.lake.tables import table as table_of
from kaname.lake.tables import tables
from kaname.model.errors import IntegrityError, StoreError
from kaname.model.marking import Tlp

if TYPE_CHECKING:
    import ibis
    import pyarrow as pa

__all__ = ["digest", "expressions", "query", "statuses"]

T = TypeVar("T")
BATCH_ROWS = 20_000


def statuses(manifest: Manifest) -> list[TableStatus]:
    """All known tables and what they hold."""
    found = {
        row[0]: TableStatus(*row)
        for row in manifest.select(
            "SELECT tbl, sum(rows), sum(bytes), count(*), "
            "min(CASE WHEN dt NOT IN (?1, ?2) THEN min_ts END), "
            "max(CASE WHEN dt NOT IN (?1, ?2) THEN max_ts END) FROM files GROUP BY tbl",
            (BEFORE, AFTER),
        )
    }
    return [found.get(name, TableStatus(name, 0, 0, 0, None, None)) for name in tables()]


def query(
    layout: Layout,
    manifest: Manifest,
    sql: str,
    limits: Limits,
    clearance: Tlp,
    cancel: Cancel | None,
) -> QueryResult:
    """Run one statement and take at most ``limits.rows`` rows; see `Lake.query`."""
    begun = time.monotonic()

    def take(reader: pa.RecordBatchReader, files: int) -> QueryResult:
        table, truncated = _first(reader, limits.rows)
        return QueryResult(
            table,
            truncated=truncated,
            files=files,
            missing=_missing(manifest, sql, clearance),
            seconds=round(time.monotonic() - begun, 4),
        )

    return _run(layout, manifest, sql, limits, clearance, cancel, take)


def digest(
    layout: Layout,
    manifest: Manifest,
    sql: str,
    limits: Limits,
    clearance: Tlp,
    cancel: Cancel | None,
    *,
    sample: int,
) -> Digest:
    """Digest of the whole result; see `Lake.digest`."""

    def take(reader: pa.RecordBatchReader, _: int) -> Digest:
        return digest_of(reader.schema.names, reader, sample=sample)

    return _run(layout, manifest, sql, limits, clearance, cancel, take)


@contextlib.contextmanager
def expressions(
    layout: Layout,
    manifest: Manifest,
    names: Iterable[str],
    *,
    since: int | None,
    until: int | None,
    clearance: Tlp,
) -> Iterator[Mapping[str, ibis.Table]]:
    """Ibis tables; see `Lake.expression`."""
    from kaname.lake.expressions import open_expressions

    wanted = [table_of(name).name for name in names]
    with contextlib.ExitStack() as stack:
        stack.enter_context(shared(layout.read_lock))
        spill = _spill(layout, stack)

        def attempt() -> Mapping[str, ibis.Table]:
            granted = {
                name: manifest.files(name, since=since, until=until, clearance=clearance)
                for name in wanted
            }
            return stack.enter_context(
                open_expressions(granted, since=since, until=until, spill=spill)
            )

        yield _twice(layout, manifest, wanted, attempt)


def _run(
    layout: Layout,
    manifest: Manifest,
    sql: str,
    limits: Limits,
    clearance: Tlp,
    cancel: Cancel | None,
    take: Callable[[pa.RecordBatchReader, int], T],
) -> T:
    wanted = [table.name for table in mentioned(sql)]

    def attempt() -> T:
        granted: Granted = {name: manifest.files(name, clearance=clearance) for name in wanted}
        with contextlib.closing(open_granted(granted, memory_mb=limits.memory_mb)) as connection:
            with reading(connection, limits, cancel):
                reader = stream(connection, sql, batch_rows=min(BATCH_ROWS, limits.rows + 1))
                return take(reader, sum(len(files) for files in granted.values()))

    with shared(layout.read_lock):
        return _twice(layout, manifest, wanted, attempt)


def _twice(layout: Layout, manifest: Manifest, names: list[str], attempt: Callable[[], T]) -> T:
    """Once more without the damaged files, when the first time met some."""
    import duckdb

    try:
        return attempt()
    except duckdb.Error as error:
        found = quarantine_damaged(layout, manifest, names)
        if not found:
            raise StoreError("lake.error.engine", reason=" ".join(str(error).split())) from error
    try:
        return attempt()
    except duckdb.Error as error:
        raise IntegrityError("lake.error.damaged", reason=" ".join(str(error).split())) from error


def _first(reader: pa.RecordBatchReader, rows: int) -> tuple[pa.Table, bool]:
    import pyarrow as pa

    batches: list[pa.RecordBatch] = []
    count = 0
    for batch in reader:
        batches.append(batch)
        count += batch.num_rows
        if count > rows:
            break
    table = pa.Table.from_batches(batches, schema=reader.schema)
    return table.slice(0, rows), count > rows


def _missing(manifest: Manifest, sql: str, clearance: Tlp) -> tuple[MissingFile, ...]:
    names = {table.name for table in mentioned(sql)}
    found = manifest.select(
        "SELECT tbl, dt, rows FROM damaged WHERE tlp <= ? ORDER BY path", (clearance.rank,)
    )
    return tuple(MissingFile(*row) for row in found if row[0] in names)


def _spill(layout: Layout, stack: contextlib.ExitStack) -> Path | None:
    """A folder for what does not fit in memory; none in a lake that cannot be written."""
    try:
        return stack.enter_context(Staging(layout, "spill")).folder
    except StoreError:
        return None
