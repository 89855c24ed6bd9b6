"""The web server: uvicorn on a socket that is bound before anything else is opened."""

from __future__ import annotations

import contextlib
import errno
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from types import FrameType
from typing import Any

import uvicorn
from litestar.concurrency import set_asyncio_executor

from kaname.model.errors import UnavailableError

__all__ = ["Server", "bind", "split"]

_THREADS = 12
_GRACE_S = 3
_BACKLOG = 512
_HEARD = 1 << 16  # bytes of a message over a WebSocket; ours only listen


def split(listen: str) -> tuple[str, int]:
    """Host and port of ``HOST:PORT``; IPv6 addresses may stand in brackets."""
    host, _, port = listen.rpartition(":")
    return host.strip("[]"), int(port)


def bind(listen: str) -> socket.socket:
    """A listening socket.

    Raises:
        UnavailableError: the port is taken or not allowed, or the address is not ours.
    """
    host, port = split(listen)
    try:
        family, kind, proto, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except socket.gaierror as error:
        raise UnavailableError(
            "nexus.error.address", listen=listen, reason=error.strerror
        ) from None
    bound = socket.socket(family, kind, proto)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind(address)
        bound.listen(_BACKLOG)
    except OSError as error:
        bound.close()
        key = _KEYS.get(error.errno or 0, "nexus.error.address")
        raise UnavailableError(key, listen=listen, reason=error.strerror) from None
    return bound


_KEYS = {
    errno.EADDRINUSE: "nexus.error.port_taken",
    errno.EACCES: "nexus.error.port_denied",
}


class Server(uvicorn.Server):
    """Serves until told to stop; open streams end at once, other requests get a moment."""

    def __init__(
        self, app: Any, *, started: Callable[[], None], stopping: Callable[[], None]
    ) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                access_log=False,
                log_config=None,
                server_header=False,
                proxy_headers=False,
                ws="websockets-sansio",
                ws_max_size=_HEARD,
                ws_per_message_deflate=False,  # columns of packets hardly shrink
                lifespan="on",
                timeout_graceful_shutdown=_GRACE_S,
            )
        )
        self._on_started = started
        self._on_stopping = stopping
        set_asyncio_executor(ThreadPoolExecutor(_THREADS, thread_name_prefix="request"))

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to serve, then say so."""
        await super().startup(sockets)
        self._on_started()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Handle signals while serving. None is raised again: the caller has to clean up."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {number: signal.signal(number, self.handle_exit) for number in _SIGNALS}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:  # noqa: ARG002 - uvicorn's
        """Stop; the second time without waiting for anybody."""
        self.force_exit = self.should_exit
        self.stop()

    def stop(self) -> None:
        """Stop serving; safe from any thread."""
        self._on_stopping()
        self.should_exit = True


_SIGNALS = (signal.SIGINT, signal.SIGTERM)
