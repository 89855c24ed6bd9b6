"""The manifest: which files are the lake, and which sources they came from.

A file exists for readers when it has a row here, and only then. Every change is one
SQLite transaction (WAL, synchronous FULL) that also counts ``generation`` up.
"""

from __future__ import annotations

import contextlib
import json
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec

from kaname.lake.changes import FILE_COLUMNS, Changes
from kaname.lake.faults import clear_errors
from kaname.lake.layout import Layout
from kaname.lake.records import LakeFile, Source
from kaname.model.errors import IntegrityError, NotFoundError
from kaname.model.marking import Tlp
from kaname.model.wal import keep_wal

__all__ = ["DELIVERED", "Manifest"]

DELIVERED = "body ->> 'path' NOT LIKE 'derived:%'"
"""The condition that a source came from outside (see `kaname.analysis.deriving`)."""

VERSION = 1
BUSY_S = 30.0
_NOT_WRITABLE = {
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_IOERR,  # what opening the WAL on a read-only file system may give
}

_SCHEMA = """
CREATE TABLE meta (generation INTEGER NOT NULL);
INSERT INTO meta VALUES (0);
CREATE TABLE sources (
  batch INTEGER PRIMARY KEY, identity TEXT NOT NULL UNIQUE, sensor TEXT NOT NULL,
  tlp INTEGER NOT NULL, ingested INTEGER NOT NULL, body TEXT NOT NULL);
CREATE INDEX sources_ingested ON sources (ingested, batch);
CREATE TABLE files (
  path TEXT PRIMARY KEY, tbl TEXT NOT NULL, dt TEXT NOT NULL, rows INTEGER NOT NULL,
  bytes INTEGER NOT NULL, min_ts INTEGER NOT NULL, max_ts INTEGER NOT NULL,
  sha256 TEXT NOT NULL, schema_version INTEGER NOT NULL, sensor TEXT NOT NULL,
  tlp INTEGER NOT NULL, compacted INTEGER NOT NULL, batches TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX files_time ON files (tbl, min_ts, max_ts);
CREATE TABLE removed (path TEXT PRIMARY KEY, since INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE damaged (
  path TEXT PRIMARY KEY, tbl TEXT NOT NULL, dt TEXT NOT NULL, rows INTEGER NOT NULL,
  min_ts INTEGER NOT NULL, max_ts INTEGER NOT NULL, sensor TEXT NOT NULL,
  tlp INTEGER NOT NULL, reason TEXT NOT NULL, batches TEXT NOT NULL) WITHOUT ROWID;
"""


class Manifest:
    """The open manifest. Thread-safe; several processes may have it open."""

    def __init__(self, layout: Layout, connection: sqlite3.Connection) -> None:
        self._layout = layout
        self._connection = connection
        self._lock = threading.RLock()

    @classmethod
    def open(cls, layout: Layout) -> Manifest:
        """Open the manifest, making it when the folder may be written.

        Raises:
            StoreAccessError: it cannot be opened.
            IntegrityError: it is no manifest, or one of a newer kaname.
        """
        with clear_errors(layout.root):
            connection = _connect(layout.manifest)
            try:
                _settle_schema(connection, layout.manifest)
            except BaseException:
                connection.close()
                raise
        return cls(layout, connection)

    def close(self) -> None:
        """Close the connection."""
        with self._lock:
            self._connection.close()

    @property
    def generation(self) -> int:
        """How many changes were made."""
        return int(self.select("SELECT generation FROM meta")[0][0])

    def select(self, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Rows of a query over the manifest."""
        with self._lock, clear_errors(self._layout.root):
            return self._connection.execute(sql, values).fetchall()

    @contextlib.contextmanager
    def change(self) -> Iterator[Changes]:
        """One transaction; it counts for all or, after an error, for nothing."""
        with self._lock, clear_errors(self._layout.root):
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield Changes(self._layout, self._connection)
                self._connection.execute("UPDATE meta SET generation = generation + 1")
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise

    def files(
        self,
        table: str | None = None,
        *,
        since: int | None = None,
        until: int | None = None,
        clearance: Tlp = Tlp.RED,
        sensor: str | None = None,
    ) -> list[LakeFile]:
        """Files that may hold rows of ``since <= ts < until``, in order of path."""
        found = self.select(
            f"SELECT {FILE_COLUMNS} FROM files WHERE tlp <= ?1 "  # noqa: S608 - names of columns
            "AND (?2 IS NULL OR tbl = ?2) AND (?3 IS NULL OR max_ts >= ?3) "
            "AND (?4 IS NULL OR min_ts < ?4) AND (?5 IS NULL OR sensor = ?5) ORDER BY path",
            (clearance.rank, table, since, until, sensor),
        )
        return [self._file(row) for row in found]

    def _file(self, row: tuple[Any, ...]) -> LakeFile:
        path, table, dt, rows, size, low, high, sha, version, sensor, tlp, compacted, batches = row
        shares = {int(batch): count for batch, count in json.loads(batches).items()}
        return LakeFile(
            path=str(self._layout.root / path),
            table=table,
            dt=dt,
            rows=rows,
            bytes=size,
            min_ts=low,
            max_ts=high,
            sha256=sha,
            schema_version=version,
            sensor=sensor,
            tlp=list(Tlp)[tlp],
            batches=tuple(shares),
            shares=tuple(shares.values()),
            compacted=bool(compacted),
        )

    def source_of(self, identity: str) -> Source | None:
        """The source with that identity, if it was ingested."""
        found = self.select("SELECT body FROM sources WHERE identity = ?", (identity,))
        return msgspec.json.decode(found[0][0], type=Source) if found else None

    def source(self, batch: int) -> Source:
        """The source of a batch.

        Raises:
            NotFoundError: there is none.
        """
        found = self.select("SELECT body FROM sources WHERE batch = ?", (batch,))
        if not found:
            raise NotFoundError("lake.error.no_source", batch=batch)
        return msgspec.json.decode(found[0][0], type=Source)

    def sources(self, *, limit: int, after: int | None, clearance: Tlp) -> list[Source]:
        """Sources, the latest first; ``after`` is the last batch of the page before.

        What was derived from them is none that anybody delivered, and is left out.
        """
        found = self.select(
            "SELECT body FROM sources WHERE tlp <= ?1 "  # noqa: S608 - a constant
            "AND (?2 IS NULL OR (ingested, batch) < "
            "(SELECT ingested, batch FROM sources WHERE batch = ?2)) "
            f"AND {DELIVERED} "
            "ORDER BY ingested DESC, batch DESC LIMIT ?3",
            (clearance.rank, after, limit),
        )
        return [msgspec.json.decode(body, type=Source) for (body,) in found]


def _connect(path: Path) -> sqlite3.Connection:
    """Open for writing; where that is not allowed, for reading what is there."""
    try:
        connection = _open(f"file:{_quote(path)}?mode=rwc")
        keep_wal(connection, seconds=BUSY_S)
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF not in _NOT_WRITABLE or not path.is_file():
            raise
        connection = _open(f"file:{_quote(path)}?mode=ro&immutable=1")
        connection.execute("SELECT count(*) FROM sqlite_master")
    connection.execute("PRAGMA synchronous = FULL")
    return connection


def _open(uri: str) -> sqlite3.Connection:
    return sqlite3.connect(
        uri, uri=True, isolation_level=None, timeout=BUSY_S, check_same_thread=False
    )


def _quote(path: Path) -> str:
    from urllib.parse import quote

    return quote(str(path.absolute()))


def _settle_schema(connection: sqlite3.Connection, path: Path) -> None:
    found = _version(connection)
    if found == 0:
        found = _make_schema(connection, path)
    if found != VERSION:
        raise IntegrityError("lake.error.newer_manifest", path=path, found=found, known=VERSION)


def _make_schema(connection: sqlite3.Connection, path: Path) -> int:
    """Make the tables, unless somebody else was first; gives the version that is there then."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        found = _version(connection)
        if found == 0:
            _expect_nothing(connection, path)
            for statement in _SCHEMA.split(";\n"):
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {VERSION}")
            found = VERSION
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")
    return found


def _expect_nothing(connection: sqlite3.Connection, path: Path) -> None:
    if connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
        raise IntegrityError("lake.error.foreign_manifest", path=path)


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])
