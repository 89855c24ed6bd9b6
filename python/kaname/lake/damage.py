"""Finding files that are not what was written, and setting them aside."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

from kaname.lake.commit import committing
from kaname.lake.faults import clear_errors
from kaname.lake.layout import Layout
from kaname.lake.manifest import Manifest
from kaname.lake.records import DamagedFile, LakeFile

__all__ = ["defect", "quarantine", "quarantine_damaged"]


def defect(file: LakeFile) -> str | None:
    """What is wrong with a file: ``missing``, ``size``, ``unreadable``, ``digest``; or None."""
    path = Path(file.path)
    try:
        if path.stat().st_size != file.bytes:
            return "size"
        with path.open("rb") as stored:
            found = hashlib.file_digest(stored, "sha256").hexdigest()
    except FileNotFoundError:
        return "missing"
    except OSError:
        return "unreadable"
    return None if found == file.sha256 else "digest"


def quarantine_damaged(
    layout: Layout, manifest: Manifest, tables: Iterable[str]
) -> list[DamagedFile]:
    """Look at all files of ``tables`` and set damaged ones aside."""
    found = list(_damaged(file for name in tables for file in manifest.files(name)))
    return quarantine(layout, manifest, found)


def _damaged(files: Iterable[LakeFile]) -> Iterator[tuple[LakeFile, str]]:
    for file in files:
        if (reason := defect(file)) is not None:
            yield file, reason


def quarantine(
    layout: Layout, manifest: Manifest, found: Iterable[tuple[LakeFile, str]]
) -> list[DamagedFile]:
    """Move files out of the lake and remember what is missing with them.

    Raises:
        StoreAccessError: the lake cannot be written.
    """
    listed = list(found)
    if not listed:
        return []
    with committing(layout), clear_errors(layout.root):
        current = {file.path for file in manifest.files()}
        gone = [(file, reason) for file, reason in listed if file.path in current]
        with manifest.change() as change:
            for file, reason in gone:
                change.add_damaged(file, reason)
        for file, _ in gone:
            _move(layout, file)
    return [_described(layout, file, reason) for file, reason in listed]


def _move(layout: Layout, file: LakeFile) -> None:
    path = Path(file.path)
    place = layout.quarantine / path.relative_to(layout.root)
    place.parent.mkdir(parents=True, exist_ok=True)
    with contextlib.suppress(FileNotFoundError):
        path.rename(place)


def _described(layout: Layout, file: LakeFile, reason: str) -> DamagedFile:
    relative = str(Path(file.path).relative_to(layout.root))
    return msgspec.convert(
        {"path": relative, "table": file.table, "dt": file.dt, "rows": file.rows, "reason": reason},
        DamagedFile,
    )
