"""SQLite's write-ahead log, turned on without a race between those who open a new file."""

from __future__ import annotations

import sqlite3
import time
from typing import Any

__all__ = ["keep_wal"]

_PAUSE_S = 0.02


def keep_wal(connection: Any, *, seconds: float) -> None:
    """Turn the file of a `sqlite3.Connection` to a write-ahead log.

    SQLite's own waiting does not cover this change: two that make it at once could wait
    for each other for ever, so one of them is told at once that the file is busy
    (sqlite.org/lang: "PRAGMA journal_mode"). It waits here, up to ``seconds``.

    Raises:
        sqlite3.OperationalError: it cannot be turned, or not within ``seconds``.
    """
    end = time.monotonic() + seconds
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL").close()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > end:
                raise
            time.sleep(_PAUSE_S)
        else:
            return
