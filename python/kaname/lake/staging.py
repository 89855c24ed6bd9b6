"""Staging folders: where a process writes what is not yet part of the lake.

Each is held by a lock that the kernel lets go when the process dies, so that anybody
can tell a folder in use from one left behind.
"""

from __future__ import annotations

import os
import secrets
import shutil
from pathlib import Path

from kaname.lake.faults import clear_errors
from kaname.lake.layout import Layout
from kaname.lake.locks import is_free

__all__ = ["Staging", "abandoned"]

_LOCK = "lock"


class Staging:
    """One staging folder, held until it is closed."""

    def __init__(self, layout: Layout, purpose: str) -> None:
        import fcntl

        name = f"{purpose}-{os.getpid()}-{secrets.token_hex(4)}"
        self.folder = layout.staging / name
        with clear_errors(layout.root):
            self.folder.mkdir(parents=True)
            self._handle = os.open(
                self.folder / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644
            )
        fcntl.flock(self._handle, fcntl.LOCK_EX)

    def close(self) -> None:
        """Remove the folder with all that is left in it."""
        shutil.rmtree(self.folder, ignore_errors=True)
        os.close(self._handle)

    def __enter__(self) -> Staging:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def abandoned(layout: Layout) -> list[Path]:
    """Staging folders whose process is gone. Call under the commit lock only: a folder
    whose lock is about to be taken looks the same for a moment.
    """
    if not layout.staging.is_dir():
        return []
    return [
        folder
        for folder in sorted(layout.staging.iterdir())
        if folder.is_dir() and is_free(folder / _LOCK)
    ]
