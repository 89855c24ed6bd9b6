"""A native copy of the latest days, which the engine reads several times faster.

It is a database file of DuckDB with the rows of a set of files, made by `Lake.warm` and
used by queries whose clearance grants all of them; whatever else a query is granted comes
from the files as always. Nothing depends on it: it can be removed at any time.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from kaname.lake.commit import committing
from kaname.lake.engine import connect, make_view, quoted
from kaname.lake.faults import clear_errors
from kaname.lake.layout import AFTER, BEFORE
from kaname.lake.locks import shared
from kaname.lake.records import LakeFile, WarmReport
from kaname.lake.staging import Staging
from kaname.lake.store import Store
from kaname.lake.tables import table as table_of
from kaname.model.marking import Tlp

if TYPE_CHECKING:
    import duckdb

__all__ = ["Hot", "attach", "discard", "granted_hot", "remove_stale", "warm"]

MEMORY_MB = 512
NAME = "hot"  # of the database beside the views


class Hot(msgspec.Struct, frozen=True):
    """A copy: its file, and the files (paths below the root) whose rows it holds, by table.

    ``versions`` are those of the tables' schemas then.
    """

    name: str
    files: dict[str, tuple[str, ...]]
    versions: dict[str, int]


def warm(store: Store, days: int, names: Iterable[str]) -> WarmReport:
    """See `Lake.warm`."""
    layout = store.layout
    with Staging(layout, "hot") as staging, shared(layout.read_lock), clear_errors(layout.root):
        chosen = {name: _latest(store.manifest.files(table_of(name).name), days) for name in names}
        files = {name: found for name, found in chosen.items() if found}
        hot = _described(store, files)
        if not files:
            _publish(store, None, staging.folder)
            return WarmReport(files=0, rows=0, bytes=0)
        made = staging.folder / hot.name
        _copy(made, files, staging.folder)
        size = made.stat().st_size
        _publish(store, hot, staging.folder)
    rows = sum(file.rows for found in files.values() for file in found)
    return WarmReport(files=sum(map(len, files.values())), rows=rows, bytes=size)


def _latest(files: list[LakeFile], days: int) -> list[LakeFile]:
    every = sorted({file.dt for file in files} - {BEFORE, AFTER}, reverse=True)
    known = every[:days]
    return sorted((f for f in files if f.dt in known), key=lambda f: (f.dt, f.min_ts, f.path))


def _described(store: Store, files: Mapping[str, list[LakeFile]]) -> Hot:
    held = {
        name: tuple(str(Path(f.path).relative_to(store.layout.root)) for f in found)
        for name, found in files.items()
    }
    versions = {name: table_of(name).version for name in held}
    known = msgspec.json.encode([sorted(held.items()), sorted(versions.items())])
    return Hot(f"{hashlib.sha256(known).hexdigest()[:16]}.duckdb", held, versions)


def _copy(path: Path, files: Mapping[str, list[LakeFile]], spill: Path) -> None:
    connection = connect(memory_mb=MEMORY_MB, spill=spill)
    try:
        connection.execute(f"ATTACH {quoted(str(path))} AS {NAME}")
        for name, found in files.items():
            make_view(connection, table_of(name), found, name="source")
            connection.execute(f'CREATE TABLE {NAME}."{name}" AS SELECT * FROM source')  # noqa: S608
            connection.execute("DROP VIEW source")
        connection.execute(f"CHECKPOINT {NAME}")
        connection.execute(f"DETACH {NAME}")
    finally:
        connection.close()


def _publish(store: Store, hot: Hot | None, folder: Path) -> None:
    """Put the copy in place of the one before; sessions of the old one are not used again."""
    place = store.layout.hot
    with committing(store.layout):
        place.mkdir(exist_ok=True)
        if hot is not None:
            (folder / hot.name).rename(place / hot.name)
            described = folder / "hot.json"
            described.write_bytes(msgspec.json.encode(hot))
            described.rename(place / "hot.json")
        _remove(store, keep=hot)
        with store.manifest.change():
            pass  # another generation, so that sessions are opened anew


def _remove(store: Store, keep: Hot | None) -> None:
    names = set() if keep is None else {keep.name, "hot.json"}
    for path in store.layout.hot.glob("*"):
        if path.name not in names:
            path.unlink(missing_ok=True)


def _known(store: Store) -> Hot | None:
    try:
        return msgspec.json.decode((store.layout.hot / "hot.json").read_bytes(), type=Hot)
    except (OSError, msgspec.MsgspecError):
        return None


def granted_hot(store: Store, clearance: Tlp) -> Hot | None:
    """The copy, when the clearance grants every row in it and all its files are current."""
    hot = _known(store)
    if hot is None or any(v != table_of(name).version for name, v in hot.versions.items()):
        return None
    granted = {
        str(Path(file.path).relative_to(store.layout.root))
        for name in hot.files
        for file in store.manifest.files(name, clearance=clearance)
    }
    return hot if all(granted.issuperset(held) for held in hot.files.values()) else None


def attach(connection: duckdb.DuckDBPyConnection, store: Store, hot: Hot) -> bool:
    """Open the copy beside the views; whether that worked."""
    import duckdb

    try:
        place = quoted(str(store.layout.hot / hot.name))
        connection.execute(f"ATTACH {place} AS {NAME} (READ_ONLY)")
    except duckdb.Error:
        return False
    return True


def discard(store: Store) -> None:
    """Remove the copy: it is damaged, or nobody can use it."""
    store.sessions.close()
    with contextlib.suppress(OSError):
        _remove(store, keep=None)


def remove_stale(store: Store) -> None:
    """Remove the copy when a file whose rows it holds is no longer part of the lake."""
    if _known(store) is not None and granted_hot(store, Tlp.RED) is None:
        discard(store)
