"""A tap on packets as they arrive, for whoever watches: nothing is kept, nobody is waited for.

The lake takes live input every few seconds; a picture of it must not wait so long. What
captures packets puts blocks of them here, and each follower gets those that come while it
follows. A follower that is slow misses the oldest, and is told how many packets those were.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

import msgspec

__all__ = ["Follower", "PacketBlock", "Tap", "packet_tap"]

WAITING = 64  # blocks that wait for a follower


class PacketBlock(msgspec.Struct, frozen=True):
    """Packets of a moment, as columns of ``count`` values, little-endian.

    ``src`` and ``dst`` are uint32 of IPv4 (IPv6 packets are counted in ``stands_for`` only),
    ``sport`` and ``dport`` uint16, ``after_us`` uint32 microseconds after ``base_us``,
    ``ptype`` uint8 (the place in `kaname.model.packets.PTYPES`), ``marks`` uint16
    (fingerprint bits of `flowtuples`). ``stands_for`` is how many packets arrived in that
    time: more than ``count`` where the block is a sample.
    """

    sensor: str
    base_us: int
    count: int
    stands_for: int
    src: bytes
    dst: bytes
    sport: bytes
    dport: bytes
    after_us: bytes
    ptype: bytes
    marks: bytes


class Follower:
    """The blocks that one watcher has not seen yet."""

    def __init__(self) -> None:
        self._blocks: deque[PacketBlock] = deque()
        self._changed = threading.Condition()
        self._missed = 0

    def take(self, seconds: float) -> tuple[list[PacketBlock], int]:
        """What waits, and how many packets were missed; waits up to ``seconds`` for some."""
        with self._changed:
            if not self._blocks:
                self._changed.wait(seconds)
            blocks, missed = list(self._blocks), self._missed
            self._blocks.clear()
            self._missed = 0
        return blocks, missed

    def _put(self, block: PacketBlock) -> None:
        with self._changed:
            if len(self._blocks) == WAITING:
                self._missed += self._blocks.popleft().stands_for
            self._blocks.append(block)
            self._changed.notify()


class Tap:
    """Where blocks are put and followed; safe from any thread."""

    def __init__(self) -> None:
        self._followers: list[Follower] = []
        self._lock = threading.Lock()

    @property
    def followed(self) -> bool:
        """Whether anybody watches; without, no block need be made."""
        return bool(self._followers)

    def put(self, block: PacketBlock) -> None:
        """Show ``block`` to all who follow now."""
        with self._lock:
            followers = list(self._followers)
        for follower in followers:
            follower._put(block)  # noqa: SLF001 - the two are one

    @contextmanager
    def follow(self) -> Iterator[Follower]:
        """A follower of what comes from now on."""
        follower = Follower()
        with self._lock:
            self._followers.append(follower)
        try:
            yield follower
        finally:
            with self._lock:
                self._followers.remove(follower)


packet_tap = Tap()
"""The tap of this process."""
