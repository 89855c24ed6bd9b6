"""Removing what killed processes left, and files that nobody reads any more."""

from __future__ import annotations

import contextlib
import time
from pathlib import Path

from kaname.lake.commit import committing
from kaname.lake.faults import clear_errors
from kaname.lake.hot import remove_stale
from kaname.lake.layout import Layout
from kaname.lake.locks import try_exclusive
from kaname.lake.staging import remove_abandoned
from kaname.lake.store import Store
from kaname.model.instant import DAY, now_us

__all__ = ["sweep"]

# A reader that holds the lock longer than this is taken for stuck.
PATIENCE = DAY
# An index that is being made anew lies beside its file under another name until it is done.
FRESH_S = 3600.0


def sweep(store: Store) -> None:
    """See `Lake.sweep`. Only files with a name that the lake gives are ever removed."""
    with committing(store.layout), clear_errors(store.layout.root):
        remove_abandoned(store.layout)
        remove_stale(store)
        known = {path for (path,) in store.manifest.select("SELECT path FROM files")}
        waiting = dict(store.manifest.select("SELECT path, since FROM removed"))
        for path in store.layout.written_files() - known - set(waiting):
            (store.layout.root / path).unlink(missing_ok=True)
        with try_exclusive(store.layout.read_lock) as nobody_reads:
            oldest = now_us() - PATIENCE
            free = [path for path, since in waiting.items() if nobody_reads or since < oldest]
            for path in free:
                (store.layout.root / path).unlink(missing_ok=True)
        _remove_stray_sidecars(store.layout, (known | set(waiting)) - set(free))
        if free:
            with store.manifest.change() as change:
                change.forget_removed(free)
        _remove_empty_folders(store.layout)


def _remove_stray_sidecars(layout: Layout, kept: set[str]) -> None:
    """Sidecars of files that are gone, and those that a kill left half-made."""
    for path, file in layout.sidecars():
        if file not in kept and not (path.name.startswith(".") and _is_fresh(path)):
            path.unlink(missing_ok=True)


def _is_fresh(path: Path) -> bool:
    """Whether somebody may still be writing it."""
    with contextlib.suppress(OSError):
        return time.time() - path.stat().st_mtime < FRESH_S
    return False


def _remove_empty_folders(layout: Layout) -> None:
    for folder in [*layout.root.glob("*/dt=*"), *layout.root.glob("*")]:
        if folder.is_dir() and folder not in {layout.staging, layout.quarantine}:
            with contextlib.suppress(OSError):
                folder.rmdir()
