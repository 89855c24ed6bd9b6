"""Server-sent events from the bus (WHATWG HTML, section 9.2).

The bus blocks and the server is asynchronous, so each stream has a thread that takes
messages from its own subscription. A slow client makes that thread wait, and the bus
then says how much was passed over (its ``gap`` message): nothing is lost silently.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
import time
from collections.abc import AsyncIterator, Callable
from typing import TYPE_CHECKING, Any, Protocol

import msgspec

from kaname.model.errors import KanameError, UnavailableError

if TYPE_CHECKING:
    from kaname.bus import Message, Subscription

__all__ = ["EventStream", "Feed", "Streams"]

HEARTBEAT_S = 15.0
ASK_AGAIN_S = 10.0  # a stream outlives the token that opened it by no more than this
PENDING = 256
AT_ONCE = 64
RETRY = b"retry: 2000\n\n"
_POLL_S = 0.5

_log = logging.getLogger("kaname.api")

# What may be told of a message: its body, or None to say nothing.
Tell = Callable[["Message"], dict[str, Any] | None]


class Feed(Protocol):
    """Something that a client is sent until either side has enough."""

    def frames(self) -> AsyncIterator[bytes]:
        """What is sent, piece by piece."""
        ...

    def close(self) -> None:
        """End it; safe from any thread and from a signal handler."""
        ...


class EventStream:
    """One client's events, as the lines of an event stream."""

    def __init__(self, subscription: Subscription, tell: Tell, allowed: Callable[[], bool]) -> None:
        self._subscription = subscription
        self._tell = tell
        self._allowed = allowed
        self._loop = asyncio.get_running_loop()
        self._frames: asyncio.Queue[bytes | None] = asyncio.Queue()
        self._room = threading.BoundedSemaphore(PENDING)
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._take, name="events", daemon=True)

    async def frames(self) -> AsyncIterator[bytes]:
        """Frames until the client goes or the stream is closed; heartbeats in between."""
        self._thread.start()
        yield RETRY
        while not self._closed.is_set():
            try:
                frame = await asyncio.wait_for(self._frames.get(), HEARTBEAT_S)
            except TimeoutError:
                yield b": heartbeat\n\n"
                continue
            if frame is None:
                return
            self._room.release()
            yield frame

    def close(self) -> None:
        """End the stream; safe from any thread and from a signal handler."""
        self._closed.set()
        with contextlib.suppress(RuntimeError):  # the loop is gone already
            self._loop.call_soon_threadsafe(self._frames.put_nowait, None)

    def _take(self) -> None:
        try:
            with contextlib.closing(self._subscription):
                self._relay()
        except KanameError as error:
            _log.warning("event stream ended", extra={"reason": str(error)})
        finally:
            self.close()

    def _relay(self) -> None:
        asked = time.monotonic()
        while not self._closed.is_set():
            message = self._subscription.get(timeout=_POLL_S)
            if time.monotonic() - asked >= ASK_AGAIN_S:
                if not self._allowed():
                    return
                asked = time.monotonic()
            if message is not None and (body := self._tell(message)) is not None:
                self._offer(_frame(message, body))

    def _offer(self, frame: bytes) -> None:
        while not self._closed.is_set():
            if self._room.acquire(timeout=_POLL_S):
                with contextlib.suppress(RuntimeError):
                    self._loop.call_soon_threadsafe(self._frames.put_nowait, frame)
                return


def _frame(message: Message, body: dict[str, Any]) -> bytes:
    data = msgspec.json.encode(body)
    return b"event: %s\nid: %d\ndata: %s\n\n" % (message.topic.encode(), message.cursor, data)


class Streams:
    """Open streams, at most `AT_ONCE`, so that all can be ended at shutdown."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._open: set[Feed] = set()
        self._over = False

    def check(self) -> None:
        """Refuse one more stream when enough are open.

        Raises:
            UnavailableError: they are.
        """
        if len(self._open) >= AT_ONCE:
            raise UnavailableError("api.error.too_many_streams", limit=AT_ONCE)

    async def serve(self, stream: Feed) -> AsyncIterator[bytes]:
        """The frames of ``stream``, which is closed when the client goes."""
        with self._lock:
            self._open.add(stream)
        if self._over:
            stream.close()
        try:
            async for frame in stream.frames():
                yield frame
        finally:
            stream.close()
            with self._lock:
                self._open.discard(stream)

    def close_all(self) -> None:
        """End every stream, now and from now on."""
        self._over = True
        for stream in tuple(self._open):
            stream.close()
