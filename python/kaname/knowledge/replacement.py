"""What a replacement does to stored rows: which are new, which changed, which are gone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, bindparam, delete, insert
from sqlalchemy.orm import DeclarativeBase

from kaname.knowledge.queries import Change

__all__ = ["Known", "compare", "delete_ids", "in_chunks", "insert_rows"]

_CHUNK = 10_000


class Known(NamedTuple):
    """What a stored row says, in short."""

    content: str
    active: bool
    since: int  # the instant that stays when the content stays


def compare(wanted: Mapping[str, str], known: Mapping[str, Known]) -> Change:
    """Set ``wanted`` (id -> digest of the content) against ``known``."""
    added, changed = [], []
    for key, content in wanted.items():
        before = known.get(key)
        if before is None or not before.active:
            added.append(key)
        elif before.content != content:
            changed.append(key)
    withdrawn = [key for key, row in known.items() if row.active and key not in wanted]
    return Change(added, changed, sorted(withdrawn))


def insert_rows(
    connection: Connection, row: type[DeclarativeBase], values: Iterable[dict[str, Any]]
) -> None:
    """Insert ``values`` in batches, so that a large replacement needs little memory."""
    for chunk in in_chunks(values):
        connection.execute(insert(row), chunk)


def delete_ids(connection: Connection, row: type[Any], ids: Sequence[str]) -> None:
    """Delete rows by ``id``; what refers to them goes too."""
    statement = delete(row).where(row.id == bindparam("gone"))
    for chunk in in_chunks({"gone": key} for key in ids):
        connection.execute(statement, chunk)


def in_chunks(values: Iterable[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    """``values`` in lists of at most 10,000."""
    chunk: list[dict[str, Any]] = []
    for value in values:
        chunk.append(value)
        if len(chunk) == _CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk
