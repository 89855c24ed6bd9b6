"""What can be done to the manifest inside one transaction."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from pathlib import Path

import msgspec

from kaname.lake.layout import Layout
from kaname.lake.records import LakeFile, Source

__all__ = ["FILE_COLUMNS", "Changes"]

FILE_COLUMNS = (
    "path, tbl, dt, rows, bytes, min_ts, max_ts, sha256, schema_version, sensor, tlp, "
    "compacted, batches"
)


class Changes:
    """One open transaction; see `Manifest.change`."""

    def __init__(self, layout: Layout, connection: sqlite3.Connection) -> None:
        self._layout = layout
        self._connection = connection

    def add_source(self, source: Source) -> None:
        """Record (or replace) a source."""
        self._connection.execute(
            "INSERT OR REPLACE INTO sources VALUES (?, ?, ?, ?, ?, ?)",
            (
                source.batch,
                source.identity,
                source.sensor,
                source.tlp.rank,
                source.ingested,
                msgspec.json.encode(source).decode(),
            ),
        )

    def add_files(self, files: Iterable[LakeFile]) -> None:
        """Make files visible."""
        for file in files:
            path = self._relative(file.path)
            self._connection.execute("DELETE FROM removed WHERE path = ?", (path,))
            self._connection.execute(
                f"INSERT OR REPLACE INTO files ({FILE_COLUMNS}) "  # noqa: S608
                f"VALUES ({', '.join('?' * 13)})",
                (path, file.table, file.dt, file.rows, file.bytes, file.min_ts, file.max_ts,
                 file.sha256, file.schema_version, file.sensor, file.tlp.rank,
                 int(file.compacted), _batches(file)),
            )  # fmt: skip

    def remove_files(self, files: Iterable[LakeFile], *, now: int) -> None:
        """Hide files; they stay on disk for readers that have begun, until a sweep."""
        for file in files:
            path = self._relative(file.path)
            self._connection.execute("DELETE FROM files WHERE path = ?", (path,))
            self._connection.execute("INSERT OR REPLACE INTO removed VALUES (?, ?)", (path, now))

    def forget_removed(self, paths: Iterable[str]) -> None:
        """Files that were deleted at last."""
        self._connection.executemany(
            "DELETE FROM removed WHERE path = ?", ((path,) for path in paths)
        )

    def add_damaged(self, file: LakeFile, reason: str) -> None:
        """Hide a damaged file and remember what is missing with it."""
        path = self._relative(file.path)
        self._connection.execute("DELETE FROM files WHERE path = ?", (path,))
        self._connection.execute(
            "INSERT OR REPLACE INTO damaged VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (path, file.table, file.dt, file.rows, file.min_ts, file.max_ts, file.sensor,
             file.tlp.rank, reason, _batches(file)),
        )  # fmt: skip

    def heal(self, batch: int) -> None:
        """The rows of a batch were written again: they are missing no longer."""
        for path, batches in self._connection.execute(
            "SELECT path, batches FROM damaged WHERE batches LIKE ?", (f'%"{batch}"%',)
        ).fetchall():
            left = {key: rows for key, rows in json.loads(batches).items() if key != str(batch)}
            self._connection.execute(
                "UPDATE damaged SET batches = ?, rows = ? WHERE path = ?",
                (json.dumps(left), sum(left.values()), path),
            )
        self._connection.execute("DELETE FROM damaged WHERE rows = 0")

    def drop_damaged(self, table: str, dt: str) -> None:
        """A day aged out: what was missing in it is no longer missed."""
        self._connection.execute("DELETE FROM damaged WHERE tbl = ? AND dt = ?", (table, dt))

    def _relative(self, path: str) -> str:
        return str(Path(path).relative_to(self._layout.root))


def _batches(file: LakeFile) -> str:
    return json.dumps(
        {str(b): rows for b, rows in sorted(zip(file.batches, file.shares, strict=True))}
    )
