"""A database by URL: SQLite in one file, or PostgreSQL; reads and serialised writes."""

from __future__ import annotations

import hashlib
import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, NoSuchModuleError

from kaname.knowledge.faults import faults_of
from kaname.model.errors import StoreAccessError, UnavailableError, UsageError
from kaname.model.wal import keep_wal

__all__ = ["Database"]

_WRITES = "kaname_writes"


class Database:
    """Connections to the store at ``url``; safe to use from several threads.

    Writes that name the same ``lock`` never overlap, whichever process does them, so
    that "look, then write" inside one transaction is safe on both engines.
    """

    def __init__(self, url: str, *, patience: float) -> None:
        self.url = _parse(url)
        self.patience = patience
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self._writing = threading.RLock()
        self._engine = self._sqlite() if self.is_sqlite else self._postgres()

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection whose statements all see the same state (SQLite), or each its own."""
        with faults_of(self.url), self._engine.begin() as connection:
            yield connection

    @contextmanager
    def write(self, lock: str) -> Iterator[Connection]:
        """A transaction; all or nothing of it is kept."""
        with ExitStack() as stack:
            if self.is_sqlite:
                # Waiting here is fair; SQLite's own waiting is not.
                stack.enter_context(self._writing)
            stack.enter_context(faults_of(self.url))
            connection = stack.enter_context(self._engine.connect())
            connection = connection.execution_options(**{_WRITES: True})
            stack.enter_context(connection.begin())
            if not self.is_sqlite:
                key = int.from_bytes(hashlib.sha256(lock.encode()).digest()[:8], signed=True)
                connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": key})
            yield connection

    def close(self) -> None:
        """Give all connections back."""
        self._engine.dispose()

    def _sqlite(self) -> Engine:
        _create_private(Path(self.url.database or ""))
        engine = create_engine(self.url, connect_args={"timeout": self.patience})
        event.listen(engine, "connect", lambda raw, _record: _prepare_sqlite(raw, self.patience))
        event.listen(engine, "begin", _begin_sqlite)
        return engine

    def _postgres(self) -> Engine:
        arguments = {
            "connect_timeout": max(2, round(self.patience)),
            "options": f"-c lock_timeout={round(self.patience * 1000)} -c timezone=UTC",
        }
        try:
            return create_engine(self.url, pool_pre_ping=True, connect_args=arguments)
        except ModuleNotFoundError as error:
            raise UnavailableError("knowledge.error.driver", name=error.name) from error


def _parse(text_: str) -> URL:
    try:
        url = make_url(text_)
        name = url.get_backend_name()
        url.get_dialect()
    except (ArgumentError, NoSuchModuleError):
        raise UsageError("knowledge.error.url") from None
    if name == "sqlite" and url.database and url.database != ":memory:":
        return url
    if name == "postgresql" and url.get_driver_name() in {"psycopg", "psycopg2"}:
        return url.set(drivername="postgresql+psycopg")
    raise UsageError("knowledge.error.url")


def _create_private(path: Path) -> None:
    """Make the file readable to its owner only: it holds TLP:RED and hashes of tokens."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as error:
        reason = error.strerror or str(error)
        raise StoreAccessError("knowledge.error.access", where=path, reason=reason) from error


def _prepare_sqlite(connection: Any, patience: float) -> None:
    connection.isolation_level = None  # transactions begin where we say (`_begin_sqlite`)
    try:
        keep_wal(connection, seconds=patience)
    except sqlite3.Error:
        connection.close()
        raise
    for pragma in (
        "synchronous=FULL",  # an acknowledged audit line survives a power cut
        "foreign_keys=ON",
        "cache_size=-8000",
    ):
        connection.execute(f"PRAGMA {pragma}").close()


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get(_WRITES, False)
    # IMMEDIATE: a transaction that turns from reading to writing can fail half-way.
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
