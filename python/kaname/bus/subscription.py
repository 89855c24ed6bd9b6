"""A subscriber's end of the bus."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator
from time import monotonic
from typing import Self

from kaname.bus.log import Durable, Log, Reader
from kaname.bus.message import GAP, Message
from kaname.model.errors import KanameError
from kaname.model.instant import now_us

__all__ = ["Subscription"]

_SLICE = 0.5  # seconds after which a waiting subscriber looks whether it was closed
_BATCH = 100


class Subscription:
    """Messages of one pattern, in order; iterate over it, or call `get`.

    A durable subscription gets every message at least once: what was not acknowledged
    comes again when the durable is opened again. Any other gets what comes after it
    began (or after its cursor); when it falls more than ``max_pending`` behind, it gets a
    `GAP` message instead of what it missed. May be used from several threads.
    """

    def __init__(
        self,
        log: Log,
        pattern: str,
        position: int,
        *,
        max_pending: int,
        name: str | None,
        acked: tuple[int, ...],
        on_ack: Callable[[str, Durable], None],
        on_close: Callable[[Subscription], None],
    ) -> None:
        self.pattern = pattern
        self.name = name
        self._log = log
        self._max_pending = max_pending
        self._on_ack = on_ack
        self._on_close = on_close
        self._position = position  # cursor of what was last read or skipped
        self._live_from = log.span().last  # what is older was asked for, so it is no lag
        self._reader: Reader = log.reader(pattern, position)
        self._buffer: deque[Message] = deque()
        self._acked = set(acked)  # out of order, above the floor
        self._waiting: set[int] = set()  # handed out and not acknowledged
        self._floor = position
        self._fetching = threading.Lock()
        self._state_lock = threading.Lock()
        self._closed = threading.Event()

    def get(self, timeout: float | None = None) -> Message | None:
        """The next message; None when none came in ``timeout`` seconds, or it is closed."""
        end = None if timeout is None else monotonic() + timeout
        while not self._closed.is_set():
            left = _SLICE if end is None else end - monotonic()
            message = self._next(max(0.0, min(left, _SLICE)))
            if message is not None:
                return message
            if end is not None and monotonic() >= end:
                return None
        return None

    def __iter__(self) -> Iterator[Message]:
        while (message := self.get()) is not None:
            yield message

    def ack(self, message: Message) -> None:
        """Say that ``message`` is dealt with, so that it never comes again.

        Does nothing for a subscription that is not durable, for a message that is
        acknowledged already, or after `close` (the message will come again).
        """
        if self.name is None or self._closed.is_set():
            return
        with self._state_lock:
            if message.cursor not in self._waiting:
                return
            self._waiting.discard(message.cursor)
            self._acked.add(message.cursor)
            self._raise_floor()
            self._on_ack(self.name, self._state())

    def close(self) -> None:
        """End it; a `get` that waits in another thread returns None."""
        if self._closed.is_set():
            return
        self._closed.set()
        self._reader.close()
        self._on_close(self)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _next(self, timeout: float) -> Message | None:
        if not self._fetching.acquire(timeout=timeout):
            return None  # another thread waits for the same messages
        try:
            # What is read may all be acknowledged already; then there may be more behind it.
            while (message := self._hand_out()) is None and self._fill(timeout):
                pass
        except KanameError:
            if self._closed.is_set():
                return None
            raise
        else:
            return message
        finally:
            self._fetching.release()

    def _fill(self, timeout: float) -> bool:
        """Read on; whether there was something."""
        if self.name is None and (gap := self._gap()) is not None:
            self._position = gap.cursor
            self._reader.close()
            self._reader = self._log.reader(self.pattern, gap.cursor)
            self._buffer.append(gap)
            return True
        found = self._reader.fetch(_BATCH, timeout)
        if found:
            with self._state_lock:  # or an acknowledgement could take `found` for dealt with
                self._position = found[-1].cursor
                self._buffer.extend(found)
        return bool(found)

    def _gap(self) -> Message | None:
        """A note on what this subscriber cannot have, if there is something."""
        span = self._log.span()
        if self._position > span.last:  # the cursor is of a log that is no more
            return _note(0, 0, exact=False)
        if self._position + 1 < span.first:  # trimmed meanwhile
            return _note(span.first - 1 - self._position, span.first - 1, exact=False)
        behind = span.last - self._position
        if behind <= self._max_pending or self._position < self._live_from:
            return None
        skipped = self._log.count(self.pattern, self._position)
        if skipped > self._max_pending:
            return _note(skipped, span.last, exact=True)
        if skipped == 0:
            self._position = span.last  # all of it was for others
        return None

    def _hand_out(self) -> Message | None:
        with self._state_lock:
            while self._buffer:
                message = self._buffer.popleft()
                if self.name is None:
                    return message
                if message.cursor not in self._acked:
                    self._waiting.add(message.cursor)
                    return message
        return None

    def _raise_floor(self) -> None:
        """Move the floor up to just below the first message that is not acknowledged."""
        unread = self._buffer[0].cursor if self._buffer else self._position + 1
        lowest = min(self._waiting, default=unread)
        self._floor = max(self._floor, min(lowest, unread) - 1)
        self._acked = {cursor for cursor in self._acked if cursor > self._floor}

    def _state(self) -> Durable:
        acked = tuple(sorted(self._acked))
        return Durable(self.pattern, self._floor, acked, self._max_pending)


def _note(skipped: int, cursor: int, *, exact: bool) -> Message:
    return Message(GAP, cursor, {"skipped": skipped, "exact": exact}, now_us())
