"""The tables of the lake, one a module, found by entry points."""

from __future__ import annotations

import functools
from importlib.metadata import entry_points

from kaname.lake.tables.frame import COMMON, Column, Encoding, Kind, Mention, Table
from kaname.model.errors import NotFoundError

__all__ = ["COMMON", "Column", "Encoding", "Kind", "Mention", "Table", "table", "tables"]


@functools.cache
def tables() -> dict[str, Table]:
    """All known tables by name."""
    found = (point.load() for point in entry_points(group="kaname.tables"))
    return {t.name: t for t in sorted(found, key=lambda t: t.name)}


def table(name: str) -> Table:
    """The table called ``name``.

    Raises:
        NotFoundError: there is none.
    """
    try:
        return tables()[name]
    except KeyError:
        raise NotFoundError("lake.error.no_table", name=name, known=", ".join(tables())) from None
