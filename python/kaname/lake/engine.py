"""DuckDB set up for the lake: no extensions, no network, tables as views over given files."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kaname.lake.macros import MACROS
from kaname.lake.records import LakeFile
from kaname.lake.tables.frame import Kind, Table

if TYPE_CHECKING:
    import duckdb

__all__ = ["connect", "lock_down", "make_macros", "make_view", "quoted"]

_TYPES = {
    Kind.TIMESTAMP: "TIMESTAMP WITH TIME ZONE",
    Kind.INT16: "SMALLINT",
    Kind.INT32: "INTEGER",
    Kind.INT64: "BIGINT",
    Kind.FLOAT64: "DOUBLE",
    Kind.BOOL: "BOOLEAN",
    Kind.STRING: "VARCHAR",
    Kind.LABEL: "VARCHAR",
    Kind.INT16_LIST: "SMALLINT[]",
    Kind.STRING_LIST: "VARCHAR[]",
    Kind.BINARY: "BLOB",
}


def connect(*, memory_mb: int, spill: Path | None = None) -> duckdb.DuckDBPyConnection:
    """A database in memory. Without ``spill`` it may not write to disk at all."""
    import duckdb

    settings: dict[str, Any] = {
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
        "allow_community_extensions": "false",
        "memory_limit": f"{memory_mb}MB",
        "threads": str(len(os.sched_getaffinity(0))),
        "temp_directory": "" if spill is None else str(spill),
        # What was read stays in the page cache of the system, not once more in ours.
        "enable_external_file_cache": "false",
    }
    connection = duckdb.connect(":memory:", config=settings)
    connection.execute("SET TimeZone = 'UTC'")
    # A program without a file (python -c) is taken for a person, and shown a bar in its output.
    connection.execute("SET enable_progress_bar = false")
    return connection


def make_macros(connection: duckdb.DuckDBPyConnection) -> None:
    """Define the SQL functions that queries may use besides DuckDB's own."""
    for macro in MACROS:
        connection.execute(macro)


def make_view(
    connection: duckdb.DuckDBPyConnection,
    table: Table,
    files: Sequence[LakeFile],
    *,
    condition: str = "true",
    name: str | None = None,
    copied: str | None = None,
) -> None:
    """Define a view called like the table (or ``name``) over exactly ``files``.

    ``copied`` is a table that holds the rows of further files.

    Columns that old files lack are NULL; the last column is ``dt``, the day.

    Raises:
        duckdb.Error: a file is missing or damaged.
    """
    empty = ", ".join(
        [f'NULL::{_TYPES[c.kind]} AS "{c.name}"' for c in table.all_columns] + ["NULL::DATE AS dt"]
    )
    source = f"SELECT {empty} WHERE false"
    if copied is not None:  # without the empty part: it would hide what is known of the rows
        source = f"SELECT * FROM {copied}"  # noqa: S608
    if files:
        paths = ", ".join(quoted(file.path) for file in files)
        source += (
            f" UNION ALL BY NAME SELECT * FROM read_parquet([{paths}], "  # noqa: S608
            "union_by_name = true, hive_partitioning = true)"
        )
    connection.execute(
        f'CREATE VIEW "{name or table.name}" AS SELECT * FROM ({source}) WHERE {condition}'  # noqa: S608
    )


def lock_down(connection: duckdb.DuckDBPyConnection, files: Iterable[str]) -> None:
    """From here on only ``files`` can be read, nothing written, no setting changed."""
    paths = ", ".join(quoted(path) for path in files)
    connection.execute(f"SET allowed_paths = [{paths}]")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")


def quoted(text: str) -> str:
    """A string literal of SQL."""
    return "'" + text.replace("'", "''") + "'"
