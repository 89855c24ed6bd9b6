"""Failures of the file system and of SQLite, told as one clear error each."""

from __future__ import annotations

import contextlib
import errno
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from kaname.model.errors import (
    ConflictError,
    IntegrityError,
    KanameError,
    StoreAccessError,
    StoreError,
    StoreFullError,
)

__all__ = ["clear_errors", "of_os", "of_sqlite"]

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_ACCESS = {
    errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EEXIST, errno.ENOENT,
}  # fmt: skip


@contextlib.contextmanager
def clear_errors(folder: Path) -> Iterator[None]:
    """Turn `OSError` and `sqlite3.Error` of the body into errors of kaname about ``folder``."""
    try:
        yield
    except OSError as error:
        raise of_os(error, folder) from error
    except sqlite3.Error as error:
        raise of_sqlite(error, folder) from error


def of_os(error: OSError, folder: Path) -> KanameError:
    """The error that says what the operating system refused."""
    place = error.filename or folder
    reason = error.strerror or str(error)
    if error.errno in _FULL:
        return StoreFullError("lake.error.full", folder=folder)
    if error.errno in _ACCESS:
        return StoreAccessError("lake.error.access", path=place, reason=reason)
    return StoreError("lake.error.io", path=place, reason=reason)


def of_sqlite(error: sqlite3.Error, folder: Path) -> KanameError:
    """The error that says what happened to the manifest."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    manifest = folder / "manifest.sqlite"
    if code == sqlite3.SQLITE_FULL:
        return StoreFullError("lake.error.full", folder=folder)
    if code in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
        return ConflictError("lake.error.busy", folder=folder)
    if code in {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM}:
        return StoreAccessError("lake.error.access", path=manifest, reason=error)
    if code in {sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT}:
        return IntegrityError("lake.error.foreign_manifest", path=manifest)
    return StoreError("lake.error.io", path=manifest, reason=error)
