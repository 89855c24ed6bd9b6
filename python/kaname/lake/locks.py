"""Locks between processes: advisory ones on files, let go by the kernel when one dies."""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
from collections.abc import Iterator
from pathlib import Path

from kaname.model.errors import ConflictError

__all__ = ["exclusive", "hold", "is_free", "shared", "try_exclusive"]

_PAUSE_S = 0.02


@contextlib.contextmanager
def exclusive(path: Path, *, seconds: float) -> Iterator[None]:
    """Hold ``path`` alone, waiting up to ``seconds`` for others.

    Raises:
        ConflictError: another process (or thread) still holds it.
    """
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        end = time.monotonic() + seconds
        while not _take(handle, fcntl.LOCK_EX):
            if time.monotonic() >= end:
                raise ConflictError("lake.error.busy", folder=path.parent)
            time.sleep(_PAUSE_S)
        yield
    finally:
        os.close(handle)


@contextlib.contextmanager
def shared(path: Path) -> Iterator[None]:
    """Hold ``path`` together with other readers; a no-op where the file cannot be opened."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:  # a folder that was never written, or may not be: nobody deletes there
        yield
        return
    try:
        fcntl.flock(handle, fcntl.LOCK_SH)
        yield
    finally:
        os.close(handle)


@contextlib.contextmanager
def try_exclusive(path: Path) -> Iterator[bool]:
    """Hold ``path`` alone if nobody holds it now; says whether it does."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        yield _take(handle, fcntl.LOCK_EX)
    finally:
        os.close(handle)


def hold(path: Path) -> int:
    """Make ``path`` and hold it alone, until the descriptor given back is closed.

    Who removes free locks may take it between its creation and ours; then the file that
    is held has lost its name, and another one is made.
    """
    while True:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        fcntl.flock(handle, fcntl.LOCK_EX)
        if os.fstat(handle).st_nlink:
            return handle
        os.close(handle)


def is_free(path: Path) -> bool:
    """Whether nobody holds ``path``; true as well when it does not exist."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return True
    try:
        return _take(handle, fcntl.LOCK_EX)
    finally:
        os.close(handle)


def _take(handle: int, mode: int) -> bool:
    try:
        fcntl.flock(handle, mode | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
