"""What a back end of the bus must do: keep an ordered log and the state of subscribers.

Everything that a user of the bus can observe (replay, acknowledging, redelivery, gaps,
back-pressure) is built on this by `kaname.bus.bus` and `kaname.bus.subscription`, once
for all back ends.
"""

from __future__ import annotations

from typing import Protocol

import msgspec

from kaname.bus.message import Message

__all__ = ["Durable", "Log", "Reader", "Span"]


class Durable(msgspec.Struct, frozen=True):
    """How far a durable subscriber is.

    All messages of ``pattern`` up to ``floor`` are acknowledged, and so are those in
    ``acked``, which lie above it. ``max_pending`` is how many may wait for it.
    """

    pattern: str
    floor: int
    acked: tuple[int, ...] = ()
    max_pending: int = 1000


class Span(msgspec.Struct, frozen=True):
    """What a log holds: the cursors ``first`` to ``last``; empty when first > last."""

    first: int
    last: int


class Reader(Protocol):
    """Reads the messages of one pattern in order; used by one thread at a time."""

    def fetch(self, limit: int, timeout: float) -> list[Message]:
        """Up to ``limit`` next messages; waits up to ``timeout`` seconds for the first."""
        ...

    def close(self) -> None:
        """Let go of what the reader holds."""
        ...


class Log(Protocol):
    """An ordered log of messages; safe to use from several threads."""

    def append(self, topic: str, body: bytes, published: int) -> int:
        """Keep a message for good and return its cursor."""
        ...

    def reader(self, pattern: str, after: int) -> Reader:
        """A reader of the messages of ``pattern`` behind the cursor ``after``."""
        ...

    def count(self, pattern: str, after: int) -> int:
        """How many messages of ``pattern`` lie behind ``after``."""
        ...

    def first(self, pattern: str, after: int) -> int | None:
        """The cursor of the first message of ``pattern`` behind ``after``, if any."""
        ...

    def span(self) -> Span:
        """What the log holds now."""
        ...

    def size(self) -> int:
        """Bytes that the messages take, about."""
        ...

    def published(self, cursor: int) -> int:
        """The instant of the first message at or behind ``cursor``; 0 when there is none."""
        ...

    def trim(self, until: int) -> None:
        """Forget messages up to and with the cursor ``until``."""
        ...

    def durables(self) -> dict[str, Durable]:
        """All durable subscribers, running or not."""
        ...

    def save(self, name: str, state: Durable | None) -> None:
        """Keep the state of a durable subscriber; None forgets it."""
        ...

    def close(self) -> None:
        """Let go of everything; readers and waiting fetches end."""
        ...
