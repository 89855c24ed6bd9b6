"""Streams of one TCP or Unix socket: senders are read in turn, each by its connection.

A sender is not read while a commit lasts, so it waits; nothing is lost on the way. A
sender that does not speak the protocol is disconnected (note ``refused_stream``).
"""

from __future__ import annotations

import contextlib
import selectors
import socket
import stat
import time
from pathlib import Path

from kaname.model.errors import UnavailableError
from kaname.model.instant import now_us
from kaname.readers.columns import address_words
from kaname.readers.listening import Connection, StreamDecoder
from kaname.readers.live.place import Place

__all__ = ["StreamInlet"]

READ = 1 << 18
BACKLOG = 64
CONNECTIONS = 256
_SLICE_S = 0.2


class StreamInlet:
    """See the module. `pump` reads from everybody who has sent something."""

    def __init__(self, place: Place, decoder: StreamDecoder) -> None:
        self._place = place
        self._decoder = decoder
        self._listening = _bound(place)
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._listening, selectors.EVENT_READ)
        self._open: dict[socket.socket, Connection] = {}
        self._counts: dict[str, int] = {}
        self.bytes = 0

    @property
    def port(self) -> int:
        """The port that is listened at; 0 for a Unix socket."""
        return 0 if self._place.transport == "unix" else int(self._listening.getsockname()[1])

    def pump(self, seconds: float) -> int:
        """Read once from everybody; waits up to ``seconds`` when nobody has sent."""
        count = 0
        for key, _ in self._selector.select(seconds):
            sender = key.fileobj
            if sender is self._listening:
                self._accept()
            elif isinstance(sender, socket.socket):
                count += self._read(sender)
        return count

    def losses(self) -> dict[str, int]:
        """What was refused since the last call."""
        counts, self._counts = self._counts, {}
        return counts

    def close(self) -> None:
        """Take no new senders, read what is there, and hang up."""
        with contextlib.suppress(KeyError, ValueError):
            self._selector.unregister(self._listening)
        until = time.monotonic() + _SLICE_S * 5
        while self._open and time.monotonic() < until:
            ready = self._selector.select(0)
            if not ready:
                break
            for key, _ in ready:
                if isinstance(key.fileobj, socket.socket):
                    self._read(key.fileobj)
        for sender in list(self._open):
            self._hang_up(sender)

    def release(self) -> None:
        """Let go of the socket."""
        self._listening.close()
        self._selector.close()
        if self._place.transport == "unix":
            Path(self._place.path).unlink(missing_ok=True)

    def _accept(self) -> None:
        try:
            sender, address = self._listening.accept()
        except OSError:
            return
        hi, lo, port = 0, 0, 0
        if self._place.transport == "tcp":
            hi, lo = address_words(address[0]) or (0, 0)
            port = int(address[1])
            if not self._place.allows(hi, lo):
                self._refuse(sender, "refused_sender")
                return
        if len(self._open) >= CONNECTIONS:
            self._refuse(sender, "refused_full")
            return
        sender.setblocking(True)
        sender.settimeout(_SLICE_S)
        self._open[sender] = self._decoder.connect(hi, lo, port)
        self._selector.register(sender, selectors.EVENT_READ)

    def _refuse(self, sender: socket.socket, why: str) -> None:
        sender.close()
        self._counts[why] = self._counts.get(why, 0) + 1

    def _read(self, sender: socket.socket) -> int:
        try:
            data = sender.recv(READ)
            if not data:
                self._hang_up(sender)
                return 0
            self.bytes += len(data)
            answer = self._open[sender].push(data, now_us())
            if answer:
                sender.sendall(answer)
        except ValueError:
            self._counts["refused_stream"] = self._counts.get("refused_stream", 0) + 1
            self._hang_up(sender)
        except TimeoutError:
            return 0
        except OSError:
            self._hang_up(sender)
        return 1

    def _hang_up(self, sender: socket.socket) -> None:
        self._selector.unregister(sender)
        self._open.pop(sender).close()
        sender.close()


def _bound(place: Place) -> socket.socket:
    """The listening socket; a dead Unix socket in the way is removed.

    Raises:
        UnavailableError: the port or path is taken or not allowed.
    """
    try:
        return _unix(place.path) if place.transport == "unix" else _tcp(place)
    except OSError as error:
        reason = error.strerror or str(error)
        raise UnavailableError("readers.error.listen", place=place, reason=reason) from None


def _tcp(place: Place) -> socket.socket:
    family, kind, proto, _, address = socket.getaddrinfo(
        place.host, place.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )[0]
    bound = socket.socket(family, kind, proto)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(address)
        bound.listen(BACKLOG)
    except OSError:
        bound.close()
        raise
    return bound


def _unix(name: str) -> socket.socket:
    path = Path(name)
    bound = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        if path.exists() and stat.S_ISSOCK(path.stat().st_mode) and not _answers(name):
            path.unlink()
        bound.bind(name)
        bound.listen(BACKLOG)
    except OSError:
        bound.close()
        raise
    return bound


def _answers(name: str) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        try:
            probe.connect(name)
        except OSError:
            return False
    return True
