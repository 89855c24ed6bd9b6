"""How far a folder was read: written before each commit, and counting only with it.

A cursor names the batch that holds the rows up to it. It is on disk before that batch is
committed; when the process dies in between, the next one sees that the lake does not have
the batch, and goes on from the cursor before. So nothing is lost or doubled at any moment,
without the lake and this folder sharing a transaction.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
from collections.abc import Callable
from pathlib import Path

import msgspec

from kaname.model.errors import IntegrityError

__all__ = ["Cursor", "Cursors"]

_MAGIC = b"kaname cursor 1\n"
_DIGEST = 32


class Cursor(msgspec.Struct, frozen=True, kw_only=True):
    """A place in the files of a folder, and the state of the stage there.

    ``pending`` is the identity of the batch with which it counts; None: it counts. ``done``
    has what is remembered of each file that was read (`kaname.readers.live.folder.Read`),
    ``read`` the identities of the latest of them. ``offset`` is in decompressed bytes of
    ``file``, whose first packet is of the time ``begin``.
    """

    number: int = 0
    salt: str = ""
    pending: str | None = None
    file: str | None = None
    begin: int = 0
    offset: int = 0
    done: dict[str, tuple[int, int, int]] = {}
    read: tuple[str, ...] = ()
    off_target: int = 0
    snapshot: bytes = b""

    def identity(self, sensor: str) -> str:
        """The identity of the batch after this cursor."""
        name = f"stream:{sensor}:{self.salt}:{self.number + 1}"
        return hashlib.sha256(name.encode()).hexdigest()


class Cursors:
    """The cursors of one stream, in a folder of their own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def latest(self, is_committed: Callable[[str], bool]) -> Cursor:
        """The cursor that counts; a new one where there is none.

        Raises:
            IntegrityError: there are cursors, and none of them can be read.
        """
        found = sorted(self.folder.glob("cursor-*"), reverse=True)
        for path in found:
            cursor = _read(path)
            if cursor is None:
                continue
            if cursor.pending is None or is_committed(cursor.pending):
                settled = msgspec.structs.replace(cursor, pending=None)
                self.keep(settled)
                return settled
        if found:
            raise IntegrityError("readers.error.cursor", path=self.folder)
        first = Cursor(salt=secrets.token_hex(16))
        self.keep(first)
        return first

    def keep(self, cursor: Cursor) -> None:
        """Write a cursor, whole or not at all; one that counts removes all others."""
        path = self.folder / f"cursor-{cursor.number:012d}"
        body = msgspec.msgpack.encode(cursor)
        made = self.folder / f".{path.name}"
        with made.open("wb") as out:
            out.write(_MAGIC + hashlib.sha256(body).digest() + body)
            out.flush()
            os.fsync(out.fileno())
        made.rename(path)
        _sync(self.folder)
        if cursor.pending is None:
            for other in self.folder.glob("cursor-*"):
                if other != path:
                    other.unlink(missing_ok=True)


def _read(path: Path) -> Cursor | None:
    """The cursor in ``path``; None when it is damaged."""
    with contextlib.suppress(OSError, msgspec.MsgspecError):
        data = path.read_bytes()
        body = data[len(_MAGIC) + _DIGEST :]
        if data.startswith(_MAGIC + hashlib.sha256(body).digest()):
            return msgspec.msgpack.decode(body, type=Cursor)
    return None


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
