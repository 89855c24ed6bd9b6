"""Staging folders: where a process writes what is not yet part of the lake.

Each has a lock beside it that is taken before the folder is made and that the kernel
lets go when the process dies, so that a folder in use is never taken for one left behind.
"""

from __future__ import annotations

import os
import secrets
import shutil
from typing import Self

from kaname.lake.faults import clear_errors
from kaname.lake.layout import Layout
from kaname.lake.locks import hold, try_exclusive

__all__ = ["Staging", "remove_abandoned"]

_LOCK = ".lock"


class Staging:
    """One staging folder, held until it is closed."""

    def __init__(self, layout: Layout, purpose: str) -> None:
        name = f"{purpose}-{os.getpid()}-{secrets.token_hex(4)}"
        self.folder = layout.staging / name
        self._lock = layout.staging / (name + _LOCK)
        with clear_errors(layout.root):
            self._handle = hold(self._lock)
            self.folder.mkdir()

    def close(self) -> None:
        """Remove the folder with all that is left in it."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self._lock.unlink(missing_ok=True)
        os.close(self._handle)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def remove_abandoned(layout: Layout) -> None:
    """Remove the staging folders of processes that are gone, and their locks."""
    for folder in (path for path in layout.staging.glob("*") if path.is_dir()):
        if not folder.with_name(folder.name + _LOCK).exists():
            shutil.rmtree(folder, ignore_errors=True)
    for lock in layout.staging.glob("*" + _LOCK):
        with try_exclusive(lock) as free:
            if free:
                shutil.rmtree(lock.with_suffix(""), ignore_errors=True)
                lock.unlink(missing_ok=True)
