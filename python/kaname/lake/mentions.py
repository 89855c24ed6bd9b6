"""Which columns of a table name artifacts, as the native index takes them."""

from __future__ import annotations

import functools

from kaname.lake.tables import table as table_of
from kaname.lake.tables.frame import Kind, Mention, Table

__all__ = ["Mentioned", "mentions", "role_of", "roles"]

# Numbers of autonomous systems are integers, so the tables do not list them as texts.
_SYSTEMS = frozenset({"asn", "src_as", "dst_as", "peer_as", "origin_as"})

Mentioned = tuple[tuple[str, tuple[str, ...]], ...]  # (kind, columns)


@functools.cache
def mentions(name: str) -> Mentioned:
    """(kind, columns) of every mention in the table of that name."""
    table = table_of(name)
    return tuple((m.kind, m.columns) for m in (*table.mentions, *_systems(table)))


def _systems(table: Table) -> tuple[Mention, ...]:
    named = {column for mention in table.mentions for column in mention.columns}
    return tuple(
        Mention("asn", (column.name,))
        for column in table.all_columns
        if column.name in _SYSTEMS and column.kind is Kind.INT64 and column.name not in named
    )


@functools.cache
def roles(name: str) -> tuple[str, ...]:
    """What each mention is called: its column, addresses without ``_hi`` and ``_lo``."""
    return tuple(role_of(columns) for _, columns in mentions(name))


def role_of(columns: tuple[str, ...]) -> str:
    """What a mention is called: its column, addresses without ``_hi``."""
    return columns[0].removesuffix("_hi") if len(columns) > 1 else columns[0]
