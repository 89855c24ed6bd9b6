"""Reading the lake: which files a caller is granted, and what to do when one is damaged."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from kaname.lake.damage import damaged_among, quarantine
from kaname.lake.digest import digest_of
from kaname.lake.excerpt import Excerpt
from kaname.lake.hot import discard, granted_hot
from kaname.lake.layout import AFTER, BEFORE
from kaname.lake.locks import shared
from kaname.lake.querying import (
    Granted,
    may_be_damage,
    mentioned,
    open_granted,
    running,
    told,
    watched,
)
from kaname.lake.records import (
    Cancel,
    Digest,
    LakeFile,
    Limits,
    MissingFile,
    QueryResult,
    TableStatus,
)
from kaname.lake.sessions import SessionKey
from kaname.lake.staging import Staging
from kaname.lake.store import Store
from kaname.lake.tables import table as table_of
from kaname.lake.tables import tables
from kaname.model.errors import IntegrityError, StoreError
from kaname.model.marking import Tlp

if TYPE_CHECKING:
    import duckdb
    import ibis
    import pyarrow as pa

    from kaname.lake.expressions import Engine

__all__ = ["Asked", "digest", "excerpt", "expressions", "missing_of", "query", "statuses", "stream"]

T = TypeVar("T")
Lost = Sequence[LakeFile]  # damaged files met just now
Attempt = Callable[[Granted, Lost], T]
BATCH_ROWS = 20_000


@dataclass(frozen=True, slots=True)
class Asked:
    """A statement, who asks (by clearance), and how much it may take."""

    sql: str
    clearance: Tlp
    limits: Limits
    cancel: Cancel | None = None


def statuses(store: Store) -> list[TableStatus]:
    """All known tables and what they hold."""
    found = {
        row[0]: TableStatus(*row)
        for row in store.manifest.select(
            "SELECT tbl, sum(rows), sum(bytes), count(*), "
            "min(CASE WHEN dt NOT IN (?1, ?2) THEN min_ts END), "
            "max(CASE WHEN dt NOT IN (?1, ?2) THEN max_ts END) FROM files GROUP BY tbl",
            (BEFORE, AFTER),
        )
    }
    return [found.get(name, TableStatus(name, 0, 0, 0, None, None)) for name in tables()]


def query(store: Store, asked: Asked) -> QueryResult:
    """Run one statement and take at most ``limits.rows`` rows; see `Lake.query`."""
    begun = time.monotonic()

    def take(reader: pa.RecordBatchReader, granted: Granted, lost: Lost) -> QueryResult:
        table, truncated = _first(reader, asked.limits.rows)
        return QueryResult(
            table,
            truncated=truncated,
            files=sum(len(files) for files in granted.values()),
            missing=_missing(store, asked, lost, granted),
            seconds=round(time.monotonic() - begun, 4),
        )

    return _run(store, asked, take)


def stream(store: Store, asked: Asked, take: Callable[[pa.RecordBatchReader], T]) -> T:
    """Hand the whole result over as it comes; see `Lake.stream`."""
    return _run(store, asked, lambda reader, _, __: take(reader))


@contextlib.contextmanager
def excerpt(
    store: Store, names: Iterable[str], since: int, until: int, clearance: Tlp
) -> Iterator[Excerpt]:
    """Rows of a window in memory; see `Lake.within`."""
    with shared(store.layout.read_lock):
        granted = {
            name: store.manifest.files(name, since=since, until=until, clearance=clearance)
            for name in names
        }
        found = Excerpt(granted, since, until)
        try:
            yield found
        finally:
            found.close()


def digest(store: Store, asked: Asked, *, sample: int) -> Digest:
    """Digest of the whole result; see `Lake.digest`."""

    def take(reader: pa.RecordBatchReader, _: Granted, __: Lost) -> Digest:
        return digest_of(reader.schema.names, reader, sample=sample)

    return _run(store, asked, take)


@contextlib.contextmanager
def expressions(
    store: Store,
    names: Iterable[str],
    *,
    since: int | None,
    until: int | None,
    clearance: Tlp,
    engine: Engine | None = None,
) -> Iterator[Mapping[str, ibis.Table]]:
    """Ibis tables; see `Lake.expression`."""
    from kaname.lake.expressions import MEMORY_MB, open_expressions

    wanted = [table_of(name).name for name in names]
    with contextlib.ExitStack() as stack:
        stack.enter_context(shared(store.layout.read_lock))
        spill = _spill(store, stack)

        def grant() -> Granted:
            return {
                name: store.manifest.files(name, since=since, until=until, clearance=clearance)
                for name in wanted
            }

        def attempt(granted: Granted, _: Lost) -> Mapping[str, ibis.Table]:
            opened = (
                open_expressions(granted, since=since, until=until, spill=spill)
                if engine is None
                else engine.open(granted, since=since, until=until, folder=store.layout.root)
            )
            return stack.enter_context(opened)

        found = _around_damage(store, grant, attempt)
        with told(Limits(memory_mb=MEMORY_MB), None), _damage_told(store, grant):
            yield found


@contextlib.contextmanager
def _damage_told(store: Store, grant: Callable[[], Granted]) -> Iterator[None]:
    """Set aside files that turn out damaged only as they are read; another try succeeds.

    Raises:
        IntegrityError: there were some.
    """
    import duckdb

    try:
        yield
    except (duckdb.Error, RuntimeError) as error:
        found = damaged_among(store, _suspects(error, grant()))
        if not found:
            raise
        quarantine(store, found)
        raise IntegrityError("lake.error.damaged", rows=sum(f.rows for f, _ in found)) from error


def _run(store: Store, asked: Asked, take: Callable[[pa.RecordBatchReader, Granted, Lost], T]) -> T:
    wanted = [table.name for table in mentioned(asked.sql)]
    limits = asked.limits

    def grant() -> Granted:
        return {name: store.manifest.files(name, clearance=asked.clearance) for name in wanted}

    def attempt(granted: Granted, lost: Lost) -> T:
        def make() -> duckdb.DuckDBPyConnection:
            hot = None if lost else granted_hot(store, asked.clearance)
            return open_granted(granted, memory_mb=limits.memory_mb, store=store, hot=hot)

        with (
            store.sessions.borrow(key, make) as connection,
            watched(connection, limits.seconds, asked.cancel),
            running(connection, asked.sql, batch_rows=min(BATCH_ROWS, limits.rows + 1)) as reader,
        ):
            return take(reader, granted, lost)

    with shared(store.layout.read_lock), told(limits, asked.cancel):
        key = SessionKey(
            store.manifest.generation, asked.clearance, limits.memory_mb, tuple(wanted)
        )
        return _around_damage(store, grant, attempt)


def _around_damage(store: Store, grant: Callable[[], Granted], attempt: Attempt[T]) -> T:
    """Once more without the damaged files, when the first time met some."""
    import duckdb

    granted = grant()
    try:
        return attempt(granted, ())
    except (duckdb.Error, RuntimeError) as error:  # RuntimeError: a message that is not UTF-8
        suspects = _suspects(error, granted)
        found = damaged_among(store, suspects)
        if not found and not (suspects and granted_hot(store, Tlp.RED)):
            raise
        discard(store)  # it is the copy, or it holds rows of a damaged file
    with contextlib.suppress(StoreError):  # a lake that may only be read is read around it
        quarantine(store, found)
    bad = {file.path for file, _ in found}
    rest = {name: _without(files, bad) for name, files in grant().items()}
    return attempt(rest, [file for file, _ in found])


def _suspects(error: Exception, granted: Granted) -> list[LakeFile]:
    """Granted files that may be the reason for an error."""
    import duckdb

    files = [file for group in granted.values() for file in group]
    if isinstance(error, duckdb.PermissionException):  # so a locked database calls a lost file
        return [file for file in files if not Path(file.path).is_file()]
    return files if may_be_damage(error) else []


def _without(files: Iterable[LakeFile], bad: set[str]) -> list[LakeFile]:
    return [file for file in files if file.path not in bad]


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


def _missing(store: Store, asked: Asked, lost: Lost, granted: Granted) -> tuple[MissingFile, ...]:
    return missing_of(store, asked.clearance, lost, granted)


def missing_of(
    store: Store, clearance: Tlp, lost: Lost, names: Iterable[str]
) -> tuple[MissingFile, ...]:
    """What is missing of the tables asked for: in quarantine, or skipped just now."""
    wanted = set(names)
    found = store.manifest.select(
        "SELECT path, tbl, dt, rows FROM damaged WHERE tlp <= ? ORDER BY path",
        (clearance.rank,),
    )
    missing = {row[0]: MissingFile(*row[1:]) for row in found if row[1] in wanted}
    for file in lost:
        path = str(Path(file.path).relative_to(store.layout.root))
        missing[path] = MissingFile(file.table, file.dt, file.rows)
    return tuple(missing[path] for path in sorted(missing))


def _spill(store: Store, stack: contextlib.ExitStack) -> Path | None:
    """A folder for what does not fit in memory; none in a lake that cannot be written."""
    try:
        return stack.enter_context(Staging(store.layout, "spill")).folder
    except StoreError:
        return None
