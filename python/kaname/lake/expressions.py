"""Tables of the lake as Ibis expressions over exactly the files of the manifest."""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from kaname.lake.engine import connect, lock_down, make_macros, make_view
from kaname.lake.querying import Granted
from kaname.lake.tables import tables
from kaname.model.instant import format_us

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    import ibis

__all__ = ["MEMORY_MB", "Engine", "open_expressions"]

MEMORY_MB = 1024


class Engine(Protocol):
    """What evaluates expressions in place of the DuckDB of this process."""

    def open(
        self, granted: Granted, *, since: int | None, until: int | None, folder: Path
    ) -> AbstractContextManager[Mapping[str, ibis.Table]]:
        """Ibis tables over ``granted`` files of the lake in ``folder``; as below."""
        ...


@contextlib.contextmanager
def open_expressions(
    granted: Granted, *, since: int | None, until: int | None, spill: Path | None
) -> Iterator[Mapping[str, ibis.Table]]:
    """Ibis tables by name, limited to ``since <= ts < until``; valid inside the context."""
    import ibis

    # Ibis 12 still calls names that DuckDB 2.0 has renamed; the results are the same.
    warnings.filterwarnings("ignore", r"\w+\(\) is deprecated", DeprecationWarning, "ibis")
    warnings.filterwarnings("ignore", r"\w+\(\) is deprecated", DeprecationWarning, "duckdb")
    connection = connect(memory_mb=MEMORY_MB, spill=spill)
    try:
        make_macros(connection)
        for name, files in granted.items():
            make_view(connection, tables()[name], files, condition=_between(since, until))
        backend = ibis.duckdb.from_connection(connection)
        lock_down(connection, [file.path for files in granted.values() for file in files])
        yield {name: backend.table(name) for name in granted}
    finally:
        connection.close()


def _between(since: int | None, until: int | None) -> str:
    parts = []
    if since is not None:
        parts.append(f"ts >= TIMESTAMPTZ '{format_us(since)}'")
    if until is not None:
        parts.append(f"ts < TIMESTAMPTZ '{format_us(until)}'")
    return " AND ".join(parts) or "true"
