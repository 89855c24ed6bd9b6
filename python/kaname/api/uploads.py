"""Uploads: a request body streamed to a file, whole or not at all."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import secrets
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import BinaryIO

from litestar.concurrency import sync_to_thread
from litestar.exceptions import InternalServerException

from kaname.model.errors import CancelledError, InputError, StoreFullError

__all__ = ["PREFIX", "discard", "receive"]

PREFIX = "upload-"
_RESERVE = 256 << 20  # bytes of disk that an upload leaves free
_STEP = 64 << 20  # bytes between two looks at the disk
_UNSAFE = re.compile(r"[^\w.+-]+")


async def receive(body: AsyncIterator[bytes], inbox: Path, name: str) -> Path:
    """Write ``body`` to a new folder of its own below ``inbox``.

    Returns:
        The file; its name is that of ``name`` without what a file name should not have.

    Raises:
        InputError: the body is empty.
        CancelledError: the client went away.
        StoreFullError: the disk would be full.
    """
    plain = _UNSAFE.sub("_", Path(name).name).strip(".")[-120:] or "upload"
    folder = inbox / f"{PREFIX}{secrets.token_hex(8)}"
    path = folder / plain
    try:
        with _disk_faults(inbox):
            await sync_to_thread(folder.mkdir, 0o700, parents=True)
            await _write(body, path)
    except BaseException:
        discard(path)
        raise
    return path


def discard(path: Path) -> None:
    """Remove an upload with its folder."""
    if path.parent.name.startswith(PREFIX):
        shutil.rmtree(path.parent, ignore_errors=True)


async def _write(body: AsyncIterator[bytes], path: Path) -> None:
    written = since_look = 0
    with path.open("xb") as out:
        try:
            async for piece in body:
                if since_look == 0 or since_look >= _STEP:
                    _check_space(path.parent)
                    since_look = 0
                await sync_to_thread(out.write, piece)
                written += len(piece)
                since_look += len(piece)
        except InternalServerException:  # how the framework says that the client is gone
            raise CancelledError("api.error.upload_broken") from None
        await sync_to_thread(_settle, out)
    if written == 0:
        raise InputError("api.error.upload_empty")


def _settle(out: BinaryIO) -> None:
    out.flush()
    os.fsync(out.fileno())


def _check_space(folder: Path) -> None:
    free = shutil.disk_usage(folder).free
    if free < _RESERVE:
        raise StoreFullError("api.error.disk_full", free=free >> 20, reserve=_RESERVE >> 20)


@contextlib.contextmanager
def _disk_faults(inbox: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise StoreFullError("api.error.disk_full", free=0, reserve=_RESERVE >> 20) from None
        raise InputError("api.error.inbox", path=inbox, reason=error.strerror) from None
