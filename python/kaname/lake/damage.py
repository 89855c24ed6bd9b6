"""Finding files that are not what was written, and setting them aside.

The engine notices damage to the structure of a file only: most flipped bits inside a
page go through it unseen. So whether a file is whole is settled by its SHA-256: by
`Lake.verify`, before rows are copied into another file, and when a query fails.
"""

from __future__ import annotations

import contextlib
import hashlib
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

from kaname.lake.commit import committing
from kaname.lake.faults import clear_errors
from kaname.lake.layout import Layout
from kaname.lake.records import DamagedFile, LakeFile
from kaname.lake.store import Store

__all__ = ["Defects", "damaged_among", "defect", "quarantine"]

Defects = Sequence[tuple[LakeFile, str]]

# A file that was whole so recently is not read again because some query failed.
RECENT_S = 600.0


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


def damaged_among(store: Store, files: Iterable[LakeFile]) -> Defects:
    """Files with a defect, with what it is."""
    found = []
    for file in files:
        if time.monotonic() - store.intact.get(file.path, -RECENT_S) < RECENT_S and _same_size(
            file
        ):
            continue
        if (reason := defect(file)) is None:
            store.intact[file.path] = time.monotonic()
        else:
            found.append((file, reason))
    return found


def _same_size(file: LakeFile) -> bool:
    try:
        return Path(file.path).stat().st_size == file.bytes
    except OSError:
        return False


def quarantine(store: Store, found: Defects) -> tuple[DamagedFile, ...]:
    """Move files out of the lake and remember what is missing with them.

    Raises:
        StoreAccessError: the lake cannot be written.
    """
    if not found:
        return ()
    layout = store.layout
    with committing(layout), clear_errors(layout.root):
        current = {file.path for file in store.manifest.files()}
        gone = [(file, reason) for file, reason in found if file.path in current]
        for file, _ in gone:
            _set_aside(layout, file)
        with store.manifest.change() as change:
            for file, reason in gone:
                change.add_damaged(file, reason)
    return tuple(_described(layout, file, reason) for file, reason in found)


def _set_aside(layout: Layout, file: LakeFile) -> None:
    path = Path(file.path)
    place = layout.quarantine / path.relative_to(layout.root)
    place.parent.mkdir(parents=True, exist_ok=True)
    with contextlib.suppress(FileNotFoundError):
        path.rename(place)


def _described(layout: Layout, file: LakeFile, reason: str) -> DamagedFile:
    relative = str(Path(file.path).relative_to(layout.root))
    return DamagedFile(relative, file.table, file.dt, file.rows, reason)
