"""A log in one SQLite file, or in memory.

Several processes may share the file: messages of another process are noticed within
`_GLANCE` seconds, those of this one at once.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from time import monotonic
from typing import Any

import msgspec

from kaname.bus.log import Durable, Span
from kaname.bus.message import Message, pattern
from kaname.model.errors import (
    IntegrityError,
    KanameError,
    StoreAccessError,
    StoreError,
    StoreFullError,
    UsageError,
)
from kaname.model.wal import keep_wal

__all__ = ["Journal"]

_GLANCE = 0.25
_VERSION = 1
_SCHEMA = """
CREATE TABLE IF NOT EXISTS message (
    cursor INTEGER PRIMARY KEY AUTOINCREMENT,
    topic TEXT NOT NULL, published INTEGER NOT NULL, body BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS durable (name TEXT PRIMARY KEY, state BLOB NOT NULL);
"""
_KINDS: dict[str, tuple[type[KanameError], str]] = {
    "SQLITE_FULL": (StoreFullError, "full"),
    "SQLITE_BUSY": (StoreError, "locked"),
    "SQLITE_READONLY": (StoreAccessError, "access"),
    "SQLITE_CANTOPEN": (StoreAccessError, "access"),
    "SQLITE_CORRUPT": (IntegrityError, "corrupt"),
    "SQLITE_NOTADB": (IntegrityError, "corrupt"),
}


class Journal:
    """The log of one bus; ``path`` is None for a log that lives in memory."""

    def __init__(self, path: Path | None, *, patience: float = 15.0) -> None:
        self._where = str(path) if path else "memory"
        self._patience = patience
        self._lock = threading.RLock()
        self._arrived = threading.Condition(self._lock)
        self._closed = False
        with self._faults():
            if path is not None:
                _create_private(path)
            self._db = sqlite3.connect(
                path or ":memory:", timeout=patience, isolation_level=None, check_same_thread=False
            )
            self._prepare()

    def append(self, topic: str, body: bytes, published: int) -> int:
        """See `kaname.bus.log.Log`."""
        insert = "INSERT INTO message (topic, published, body) VALUES (?, ?, ?)"
        with self._faults(), self._lock:
            cursor = self._db.execute(insert, (topic, published, body)).lastrowid or 0
            self._arrived.notify_all()
        return cursor

    def reader(self, pattern: str, after: int) -> JournalReader:
        """See `kaname.bus.log.Log`."""
        return JournalReader(self, pattern, after)

    def read(self, pattern: str, after: int, limit: int) -> list[Message]:
        """Up to ``limit`` messages of ``pattern`` behind ``after``, without waiting."""
        rows = self._rows(
            "SELECT topic, cursor, body, published FROM message"
            " WHERE cursor > ? AND selects(?, topic) ORDER BY cursor LIMIT ?",
            after,
            pattern,
            limit,
        )
        return [
            Message(topic, cursor, msgspec.json.decode(body), published)
            for topic, cursor, body, published in rows
        ]

    def wait(self, after: int, timeout: float) -> None:
        """Wait for a message behind ``after``, `wake`, or `_GLANCE` at most."""
        with self._arrived:
            if self.span().last <= after:
                self._arrived.wait(min(timeout, _GLANCE))

    def wake(self) -> None:
        """Let every waiting reader look again."""
        with self._arrived:
            self._arrived.notify_all()

    def count(self, pattern: str, after: int) -> int:
        """See `kaname.bus.log.Log`."""
        count = "SELECT count(*) FROM message WHERE cursor > ? AND selects(?, topic)"
        return int(self._rows(count, after, pattern)[0][0])

    def first(self, pattern: str, after: int) -> int | None:
        """See `kaname.bus.log.Log`."""
        first = "SELECT min(cursor) FROM message WHERE cursor > ? AND selects(?, topic)"
        found: int | None = self._rows(first, after, pattern)[0][0]
        return found

    def span(self) -> Span:
        """See `kaname.bus.log.Log`."""
        ((last, first),) = self._rows(
            "SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'message'), 0),"
            " (SELECT min(cursor) FROM message)"
        )
        return Span(last + 1 if first is None else first, last)

    def size(self) -> int:
        """See `kaname.bus.log.Log`."""
        total = "SELECT coalesce(sum(length(body) + length(topic)), 0) FROM message"
        return int(self._rows(total)[0][0])

    def published(self, cursor: int) -> int:
        """See `kaname.bus.log.Log`."""
        instant = "SELECT published FROM message WHERE cursor >= ? ORDER BY cursor LIMIT 1"
        rows = self._rows(instant, cursor)
        return int(rows[0][0]) if rows else 0

    def trim(self, until: int) -> None:
        """See `kaname.bus.log.Log`."""
        self._rows("DELETE FROM message WHERE cursor <= ?", until)

    def durables(self) -> dict[str, Durable]:
        """See `kaname.bus.log.Log`."""
        rows = self._rows("SELECT name, state FROM durable")
        return {name: msgspec.json.decode(state, type=Durable) for name, state in rows}

    def save(self, name: str, state: Durable | None) -> None:
        """See `kaname.bus.log.Log`."""
        if state is None:
            self._rows("DELETE FROM durable WHERE name = ?", name)
            return
        document = msgspec.json.encode(state)
        self._rows("INSERT OR REPLACE INTO durable (name, state) VALUES (?, ?)", name, document)

    def close(self) -> None:
        """See `kaname.bus.log.Log`."""
        with self._arrived:
            self._closed = True
            self._arrived.notify_all()
            self._db.close()

    def _prepare(self) -> None:
        self._db.create_function("selects", 2, _selects, deterministic=True)
        keep_wal(self._db, seconds=self._patience)
        # A cursor that was handed out must not come back for another message.
        self._db.execute("PRAGMA synchronous=FULL")
        version = self._db.execute("PRAGMA user_version").fetchone()[0]
        if version > _VERSION:
            raise StoreError("bus.error.newer", where=self._where)
        if version < _VERSION:
            self._db.executescript(
                f"BEGIN IMMEDIATE; {_SCHEMA} PRAGMA user_version={_VERSION}; COMMIT;"
            )

    def _rows(self, statement: str, *values: object) -> list[Any]:
        with self._faults(), self._lock:
            if self._closed:
                raise UsageError("bus.error.closed")
            return self._db.execute(statement, values).fetchall()

    @contextmanager
    def _faults(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            code = "_".join(getattr(error, "sqlite_errorname", "").split("_")[:2])
            kind, name = _KINDS.get(code, (StoreError, "failed"))
            raise kind(f"bus.error.{name}", where=self._where, reason=error) from error


class JournalReader:
    """Reads a `Journal`."""

    def __init__(self, journal: Journal, pattern: str, after: int) -> None:
        self._journal = journal
        self._pattern = pattern
        self._after = after
        self._closed = False

    def fetch(self, limit: int, timeout: float) -> list[Message]:
        """See `kaname.bus.log.Reader`."""
        end = monotonic() + timeout
        while True:
            last = self._journal.span().last
            found = self._journal.read(self._pattern, self._after, limit)
            # Nothing up to `last` is of the pattern, so it need not be looked at again.
            self._after = found[-1].cursor if found else max(self._after, last)
            left = end - monotonic()
            if found or left <= 0 or self._closed:
                return found
            self._journal.wait(self._after, left)

    def close(self) -> None:
        """See `kaname.bus.log.Reader`."""
        self._closed = True
        self._journal.wake()


@lru_cache(maxsize=4096)
def _selects(text: str, topic: str) -> bool:
    return pattern(text).fullmatch(topic) is not None


def _create_private(path: Path) -> None:
    """Make the file readable to its owner only: messages speak of findings of all markings."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as error:
        reason = error.strerror or str(error)
        raise StoreAccessError("bus.error.access", where=path, reason=reason) from error
