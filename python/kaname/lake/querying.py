"""Running one read-only statement within limits.

What a statement may do is settled twice: by DuckDB's own parser (one SELECT, or EXPLAIN
of one), and by a database that can read the granted files and nothing else.
"""

from __future__ import annotations

import contextlib
import re
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from kaname.lake.engine import connect, lock_down, make_macros, make_view
from kaname.lake.functions import make_functions
from kaname.lake.hot import NAME, Hot, attach
from kaname.lake.records import Cancel, LakeFile, Limits
from kaname.lake.store import Store
from kaname.lake.tables import Table, tables
from kaname.model.errors import CancelledError, LimitError, QueryError, StoreError

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

__all__ = ["Granted", "may_be_damage", "mentioned", "open_granted", "running", "told", "watched"]

Granted = Mapping[str, Sequence[LakeFile]]
_POLL_S = 0.05
_EXPLAIN = re.compile(r"\s*explain\s+(analyze\s+)?", re.IGNORECASE)


def mentioned(sql: str) -> list[Table]:
    """Tables whose name stands in ``sql``; all of them when none does."""
    words = set(re.findall(r"[a-z_0-9]+", sql.lower()))
    found = [table for name, table in tables().items() if name in words]
    return found or list(tables().values())


def open_granted(
    granted: Granted, *, memory_mb: int, store: Store | None = None, hot: Hot | None = None
) -> duckdb.DuckDBPyConnection:
    """A locked database with a view for each table over its granted files, and no more.

    Rows that ``hot`` holds are read from there.
    """
    connection = connect(memory_mb=memory_mb)
    try:
        connection.execute("SET parquet_metadata_cache = true")
        make_macros(connection)
        if store is not None:
            make_functions(connection, store.layout.root.parent)
        used = hot if hot and store and attach(connection, store, hot) else None
        for name, files in granted.items():
            rest, copied = _not_copied(store, name, files, used)
            make_view(connection, tables()[name], rest, copied=copied)
        lock_down(connection, [file.path for files in granted.values() for file in files])
    except BaseException:
        connection.close()
        raise
    return connection


def _not_copied(
    store: Store | None, name: str, files: Sequence[LakeFile], hot: Hot | None
) -> tuple[Sequence[LakeFile], str | None]:
    """Files that the copy does not hold, and the table that holds the others."""
    if hot is None or store is None or name not in hot.files:
        return files, None
    held = {str(store.layout.root / path) for path in hot.files[name]}
    return [file for file in files if file.path not in held], f'{NAME}."{name}"'


@contextlib.contextmanager
def running(
    connection: duckdb.DuckDBPyConnection, sql: str, *, batch_rows: int
) -> Iterator[pa.RecordBatchReader]:
    """The result of the one read-only statement in ``sql``, as it comes.

    Raises:
        QueryError: it is not one statement, or does more than read.
    """
    _check(connection, sql)
    reader = connection.sql(sql).to_arrow_reader(batch_rows)
    try:
        yield reader
    finally:
        reader.close()


def _check(connection: duckdb.DuckDBPyConnection, sql: str) -> None:
    import duckdb

    statements = connection.extract_statements(sql)
    if len(statements) != 1:
        raise QueryError("lake.error.sql_one", found=len(statements))
    kind = statements[0].type
    if kind == duckdb.StatementType.EXPLAIN:
        inner = connection.extract_statements(_EXPLAIN.sub("", sql, count=1))
        kind = inner[0].type
    if kind != duckdb.StatementType.SELECT:
        raise QueryError("lake.error.sql_kind", found=str(kind).rpartition(".")[2])


@contextlib.contextmanager
def told(limits: Limits, cancel: Cancel | None) -> Iterator[None]:
    """Tell DuckDB's errors as ours.

    Raises:
        LimitError: time or memory ran out.
        CancelledError: ``cancel`` was set.
        QueryError: DuckDB does not accept the statement or cannot carry it out.
        StoreError: it failed otherwise.
    """
    import duckdb

    try:
        yield
    except duckdb.InterruptException:
        if cancel is not None and cancel.is_set():
            raise CancelledError("lake.error.cancelled") from None
        raise LimitError("lake.error.time", seconds=limits.seconds) from None
    except duckdb.OutOfMemoryException:
        raise LimitError("lake.error.memory", megabytes=limits.memory_mb) from None
    except duckdb.PermissionException:
        raise QueryError("lake.error.sql_access") from None
    except (duckdb.ProgrammingError, duckdb.DataError, duckdb.NotSupportedError) as error:
        raise QueryError("lake.error.sql", reason=_first_lines(error)) from None
    except (duckdb.Error, RuntimeError) as error:
        raise StoreError("lake.error.engine", reason=_first_lines(error)) from error


def may_be_damage(error: Exception) -> bool:
    """Whether a damaged file could be the reason for an error of DuckDB."""
    import duckdb

    never = (
        duckdb.InterruptException,
        duckdb.OutOfMemoryException,
        duckdb.PermissionException,
        duckdb.ParserException,
        duckdb.CatalogException,
        duckdb.BinderException,
        duckdb.ConversionException,
        duckdb.OutOfRangeException,
        duckdb.NotImplementedException,
    )
    return not isinstance(error, never)


@contextlib.contextmanager
def watched(
    connection: duckdb.DuckDBPyConnection, seconds: float, cancel: Cancel | None
) -> Iterator[None]:
    """Interrupt the connection when time is up or ``cancel`` is set."""
    with _Watch(connection, seconds, cancel):
        yield


class _Watch:
    """A thread that interrupts a connection at the end of its time."""

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, seconds: float, cancel: Cancel | None
    ) -> None:
        self._connection = connection
        self._end = time.monotonic() + seconds
        self._cancel = cancel
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._run, name="query-watch", daemon=True)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._done.wait(_POLL_S):
            stopped = self._cancel is not None and self._cancel.is_set()
            if stopped or time.monotonic() >= self._end:
                self._connection.interrupt()


def _first_lines(error: Exception) -> str:
    """DuckDB's message without the picture of the statement below it."""
    text = str(error).partition("\n\nLINE")[0]
    return " ".join(text.split())
