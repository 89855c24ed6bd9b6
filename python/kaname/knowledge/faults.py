"""Turns what a database driver says into one error that says what to do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import URL
from sqlalchemy.exc import DatabaseError, DBAPIError

from kaname.model.errors import (
    IntegrityError,
    KanameError,
    StoreAccessError,
    StoreError,
    StoreFullError,
    UnavailableError,
)

__all__ = ["faults_of"]

_SQLITE: dict[str, tuple[type[KanameError], str]] = {
    "SQLITE_BUSY": (StoreError, "locked"),
    "SQLITE_LOCKED": (StoreError, "locked"),
    "SQLITE_FULL": (StoreFullError, "full"),
    "SQLITE_READONLY": (StoreAccessError, "access"),
    "SQLITE_CANTOPEN": (StoreAccessError, "access"),
    "SQLITE_PERM": (StoreAccessError, "access"),
    "SQLITE_AUTH": (StoreAccessError, "access"),
    "SQLITE_CORRUPT": (IntegrityError, "corrupt"),
    "SQLITE_NOTADB": (IntegrityError, "corrupt"),
}
# SQLSTATE, or its first two digits (PostgreSQL documentation, appendix A).
_POSTGRES: dict[str, tuple[type[KanameError], str]] = {
    "53100": (StoreFullError, "full"),
    "42501": (StoreAccessError, "access"),
    "55P03": (StoreError, "locked"),
    "40P01": (StoreError, "locked"),
    "XX001": (IntegrityError, "corrupt"),
    "XX002": (IntegrityError, "corrupt"),
    "08": (UnavailableError, "server"),
    "28": (UnavailableError, "server"),
    "3D": (UnavailableError, "server"),
    "57": (UnavailableError, "server"),
    "53": (UnavailableError, "server"),
}


@contextmanager
def faults_of(url: URL) -> Iterator[None]:
    """Raise a `KanameError` in place of any error of the database at ``url``."""
    try:
        yield
    except DBAPIError as error:
        raise _translate(error, url) from error


def _translate(error: DBAPIError, url: URL) -> KanameError:
    where = url.database if url.get_backend_name() == "sqlite" else None
    shown = where or url.render_as_string(hide_password=True)
    kind, name = _kind(error)
    reason = str(error.orig).strip().partition("\n")[0]
    return kind(f"knowledge.error.{name}", where=shown, reason=reason)


def _kind(error: DBAPIError) -> tuple[type[KanameError], str]:
    code = getattr(error.orig, "sqlite_errorname", None)
    if isinstance(code, str):
        family = "_".join(code.split("_")[:2])
        return _SQLITE.get(family, (StoreError, "failed"))
    state = getattr(error.orig, "sqlstate", None)
    if isinstance(state, str):
        return _POSTGRES.get(state) or _POSTGRES.get(state[:2]) or (StoreError, "failed")
    # Without an SQLSTATE nothing came back from the server at all.
    unreachable = isinstance(error, DatabaseError) and _connecting(error)
    return (UnavailableError, "server") if unreachable else (StoreError, "failed")


def _connecting(error: DatabaseError) -> bool:
    return error.connection_invalidated or error.statement is None
