"""An analysis on an engine of its own: tables in memory instead of a lake."""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import pyarrow as pa

from kaname.analysis.frame import Analysis, Context, Draft, Window, settle
from kaname.lake.tables import table as lake_table
from kaname.model.errors import UsageError
from kaname.model.marking import Tlp
from kaname.readers.frame import ReadJob

if TYPE_CHECKING:
    import ibis

__all__ = ["Scene", "captured", "read"]


class Scene:
    """Tables of the lake in memory; those not given are empty."""

    def __init__(self, **tables: pa.Table) -> None:
        import duckdb

        self._given = tables
        self._made: set[str] = set()
        self._engine = duckdb.connect()
        self._engine.execute("SET TimeZone = 'UTC'")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._engine.close()

    def drafts(
        self,
        analysis: Analysis,
        window: Window,
        params: Mapping[str, Any] | None = None,
        sensor: str = "router",
    ) -> list[Draft]:
        """What ``analysis`` says of the window."""
        settled = settle(analysis.name, analysis.parameters, params or {})
        own = {name: self.table(name) for name in analysis.tables}
        with _quiet():
            return list(analysis.run(Context(own, window, sensor, settled)))

    def table(self, name: str) -> ibis.Table:
        """One table as an expression."""
        import ibis

        with _quiet():
            backend = ibis.duckdb.from_connection(self._engine)
            if name not in self._made:
                self._made.add(name)
                rows = self._given.get(name)
                if rows is None:
                    rows = lake_table(name).arrow_schema().empty_table()
                self._engine.register(f"{name}_rows", rows)
                self._engine.execute(f"CREATE TABLE {name} AS FROM {name}_rows")
            return backend.table(name)


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Ibis 12 still calls names that DuckDB 2.0 has renamed."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", r"\w+\(\) is deprecated", DeprecationWarning)
        yield


def read(path: Path, reader: str, table: str) -> pa.Table:
    """The rows of ``table`` that ``reader`` finds in a file.

    Raises:
        UsageError: it has none.
    """
    from kaname.readers.ingest import reader_called

    job = ReadJob(path=path, sensor="router", tlp=Tlp.AMBER, batch=1)
    batches = [batch for name, batch in reader_called(reader).read(job) if name == table]
    if not batches:
        raise UsageError("traffic.error.no_rows", path=path, table=table)
    return pa.Table.from_batches(batches)


def captured(path: Path) -> pa.Table:
    """The flows of a packet capture."""
    return read(path, "capture_flows", "flows")
