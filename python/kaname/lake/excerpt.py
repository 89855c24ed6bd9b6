"""Rows of a window held in memory, for many small queries about the same time.

Each finding needs two queries to prove itself. Over the files each costs some 26 ms, most
of it for opening and skipping; over the columns they need, held in memory, a few.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from kaname.lake.digest import digest_of
from kaname.lake.engine import connect, make_macros, make_view
from kaname.lake.filtering import moment
from kaname.lake.querying import Granted, running
from kaname.lake.records import Digest
from kaname.lake.tables import table as table_of

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

__all__ = ["Excerpt", "UnfitError"]

MEMORY_MB = 1024
MOST_ROWS = 4_000_000
_BATCH_ROWS = 20_000
_ROWS_A_SECOND = 5e6  # that are read into memory
_SAVED_S = 0.02  # by each query
_ALL_COLUMNS = re.compile(r"\bselect\s+\*|\.\*", re.IGNORECASE)


class UnfitError(Exception):
    """The query cannot be answered from the excerpt; the lake itself has to be asked."""


class Excerpt:
    """One session over the rows of ``since <= ts < until`` of some tables.

    A table is read into memory when a query first names it, with the columns whose names
    stand in the query; more are read when another query needs more.
    """

    def __init__(self, granted: Granted, since: int, until: int) -> None:
        self.since, self.until = since, until
        self._granted = granted
        self._held: dict[str, set[str]] = {}
        self._connection: duckdb.DuckDBPyConnection | None = None

    def close(self) -> None:
        """Let go of the memory."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def pays(self, queries: int) -> bool:
        """Whether so many queries are worth reading the rows first."""
        rows = sum(file.rows for files in self._granted.values() for file in files)
        return rows <= MOST_ROWS and rows / _ROWS_A_SECOND < queries * _SAVED_S

    def covers(self, table: str, span: tuple[int, int] | None) -> bool:
        """Whether all rows of ``table`` within ``span`` are here."""
        known = table in self._granted and span is not None
        return known and span is not None and self.since <= span[0] and span[1] <= self.until

    def digest(self, sql: str, *, sample: int) -> Digest:
        """As `Lake.digest`.

        Raises:
            UnfitError: it does not work here.
        """
        with self._running(sql) as reader:
            return digest_of(reader.schema.names, reader, sample=sample)

    def table(self, sql: str) -> pa.Table:
        """All rows of the result.

        Raises:
            UnfitError: it does not work here.
        """
        with self._running(sql) as reader:
            return reader.read_all()

    @contextlib.contextmanager
    def _running(self, sql: str) -> Iterator[pa.RecordBatchReader]:
        import duckdb

        try:
            connection = self._prepared(sql)
            with running(connection, sql, batch_rows=_BATCH_ROWS) as reader:
                yield reader
        except (duckdb.Error, RuntimeError) as error:  # memory, a damaged file, anything
            raise UnfitError(str(error)) from error

    def _prepared(self, sql: str) -> duckdb.DuckDBPyConnection:
        if self._connection is None:
            self._connection = connect(memory_mb=MEMORY_MB)
            make_macros(self._connection)
        words = set(re.findall(r"[a-z_0-9]+", sql.lower()))
        for name in self._granted:
            if name in words:
                self._read(self._connection, name, words, whole=bool(_ALL_COLUMNS.search(sql)))
        return self._connection

    def _read(
        self, connection: duckdb.DuckDBPyConnection, name: str, words: set[str], *, whole: bool
    ) -> None:
        columns = [*(column.name for column in table_of(name).all_columns), "dt"]
        needed = {c for c in columns if whole or c in words} | {"ts"}
        held = self._held.get(name, set())
        if needed <= held:
            return
        between = f"ts >= {moment(self.since)} AND ts < {moment(self.until)}"
        kept = ", ".join(f'"{column}"' for column in columns if column in needed | held)
        connection.execute(f'DROP TABLE IF EXISTS "{name}"')
        make_view(connection, table_of(name), self._granted[name], condition=between, name="source")
        connection.execute(f'CREATE TABLE "{name}" AS SELECT {kept} FROM source')  # noqa: S608
        connection.execute("DROP VIEW source")
        self._held[name] = needed | held
