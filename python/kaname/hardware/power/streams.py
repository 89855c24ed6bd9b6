"""Bytes of readings as they come: a pipe, a TCP stream, a file that grows.

Each looks like a file that `kaname.hardware.power.readings` opens. While nothing comes, it
lets others work (`idle`) and looks whether somebody asked to stop; then, and at the end of
the stream, it gives no more bytes.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import select
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Protocol

from kaname.model.errors import InputError, UsageError

__all__ = ["Growing", "Live", "Pipe", "Tcp", "address_of"]

_LOOK_S = 0.1
_READ = 1 << 18
_FIRST_LINES = 24  # enough to tell the rate of readings with times
_FIRST_BYTES = 1 << 16


class Live(Protocol):
    """A stream; ``name`` is how people know it, ``ended`` whether its end was seen."""

    name: str
    ended: bool

    def open(self, mode: str = "rb") -> contextlib.AbstractContextManager[Any]:
        """As `pathlib.Path.open`."""


class _Waiting:
    """Reads what is there, and waits without being deaf."""

    def __init__(
        self, name: str, stop: threading.Event, idle: Callable[[], None] | None = None
    ) -> None:
        self.name = name
        self.ended = False
        self._stop = stop
        self._idle = idle or (lambda: None)
        self._begun = False
        self._head = b""
        self.head_digest = ""  # of the first lines, once they are read

    def __str__(self) -> str:
        return self.name

    @contextlib.contextmanager
    def open(self, mode: str = "rb") -> Iterator[_Waiting]:
        """Itself."""
        del mode
        yield self

    def seekable(self) -> bool:
        """No."""
        return False

    def read(self, size: int = _READ) -> bytes:
        """What has come, at least a byte; none at the end, or when it is time to stop."""
        if not self._begun:
            self._begun = True
            self._head = self._first()
            lines = self._head.split(b"\n")[:_FIRST_LINES]
            self.head_digest = hashlib.sha256(b"\n".join(lines)).hexdigest()
        if self._head:
            piece, self._head = self._head[:size], self._head[size:]
            return piece
        return self._next(min(size, _READ))

    def _first(self) -> bytes:
        """The first lines, of which the form is told."""
        held = b""
        while held.count(b"\n") < _FIRST_LINES and len(held) < _FIRST_BYTES:
            piece = self._next(_READ)
            if not piece:
                break
            held += piece
        return held

    def _next(self, size: int) -> bytes:
        raise NotImplementedError

    def _pause(self) -> bool:
        """Let others work; whether to go on."""
        self._idle()
        return not self._stop.is_set()


class Pipe(_Waiting):
    """A file descriptor: standard input, or a serial line that somebody opened."""

    def __init__(
        self,
        descriptor: int,
        stop: threading.Event,
        idle: Callable[[], None] | None = None,
        *,
        name: str = "-",
    ) -> None:
        super().__init__(name, stop, idle)
        self._descriptor = descriptor

    def _next(self, size: int) -> bytes:
        while self._pause():
            ready, _, _ = select.select([self._descriptor], [], [], _LOOK_S)
            if ready:
                found = os.read(self._descriptor, size)
                self.ended = not found
                return found
        return b""


class Tcp(Pipe):
    """A connection to whoever gives readings, line by line.

    Raises:
        InputError: nobody listens there.
    """

    def __init__(
        self,
        place: tuple[str, int],
        stop: threading.Event,
        idle: Callable[[], None] | None = None,
    ) -> None:
        name = f"tcp://{place[0]}:{place[1]}"
        try:
            self._socket = socket.create_connection(place, timeout=10.0)
        except OSError as error:
            raise InputError(
                "hardware.power.error.connect", place=name, reason=error.strerror or error
            ) from None
        super().__init__(self._socket.fileno(), stop, idle, name=name)

    def close(self) -> None:
        """Hang up."""
        self._socket.close()


class Growing(_Waiting):
    """A file that somebody writes to; it ends when another takes its place."""

    def __init__(
        self,
        path: Path,
        stop: threading.Event,
        idle: Callable[[], None] | None = None,
        *,
        follow: bool = True,
    ) -> None:
        super().__init__(path.name, stop, idle)
        self._path = path
        self._follow = follow
        try:
            self._file = path.open("rb")
        except OSError as error:
            raise InputError(
                "hardware.power.error.open", path=path, reason=error.strerror
            ) from None

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    def _next(self, size: int) -> bytes:
        while True:
            found = self._file.read(size)
            if found:
                self._idle()
                return found
            if not self._follow or self._replaced():
                self.ended = True
                return b""
            if not self._pause():
                return b""
            time.sleep(_LOOK_S)

    def _replaced(self) -> bool:
        """Whether the name is another file's now, or the file was cut."""
        try:
            now = self._path.stat()
        except OSError:
            return True
        mine = os.fstat(self._file.fileno())
        return (now.st_dev, now.st_ino) != (mine.st_dev, mine.st_ino) or (
            now.st_size < self._file.tell()
        )


def address_of(text: str) -> tuple[str, int]:
    """Host and port of ``tcp://HOST:PORT``.

    Raises:
        UsageError: it is none.
    """
    host, colon, port = text.removeprefix("tcp://").rpartition(":")
    if not (colon and host and port.isascii() and port.isdigit() and 0 < int(port) < 65_536):
        raise UsageError("hardware.power.error.address", found=text)
    return host.strip("[]"), int(port)
