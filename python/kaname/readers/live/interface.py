"""Packets of an interface: one thread empties the ring, another commits what is whole.

The thread that empties the ring also closes minutes whose time has passed, and shows a
sample of what arrives to whoever follows the tap. Commits never cut a minute: they take
the minutes that are closed.
"""

from __future__ import annotations

import logging
import threading
import time
from typing import TYPE_CHECKING

from kaname._native import NativeError
from kaname.model.instant import HOUR, now_us
from kaname.readers.live.ring import Ring
from kaname.readers.live.tap import PacketBlock, packet_tap

if TYPE_CHECKING:
    from kaname._native import PacketStream
    from kaname.readers.live.place import Place

__all__ = ["InterfaceInlet", "ranges_of"]

LATENESS_US = 2_000_000
"""A minute closes so long after its end: packets come in the order of the kernel's clock."""
_PATIENCE_S = 0.05
_SHOW_EVERY_S = 0.1
_RETIRED_S = 0.15  # after which the kernel has given out a block that is not full
_log = logging.getLogger("kaname.listen")


class InterfaceInlet:
    """See the module. The native stream holds the minutes; a decoder takes them from it."""

    def __init__(self, place: Place, stream: PacketStream, sensor: str) -> None:
        self._sensor = sensor
        self._stream = stream
        stream.monitor(ranges_of(place))
        self._ring = Ring(place.path, mebibytes=place.mebibytes)
        self._stop = threading.Event()
        self._arrived = threading.Event()
        # Written by the thread that captures; all of them only grow.
        self.bytes = 0
        self._frames = self._bad_blocks = self._clock_jumps = 0
        self._pumped = 0
        self._told: dict[str, int] = {}
        self._offset = _clock_offset()
        self._thread = threading.Thread(
            target=self._capture, name=f"capture {place.path}", daemon=True
        )
        self._thread.start()

    @property
    def port(self) -> int:
        """Interfaces have none."""
        return 0

    def pump(self, seconds: float) -> int:
        """Wait for packets up to ``seconds``; how many came since the last time."""
        self._arrived.wait(seconds)
        self._arrived.clear()
        came, self._pumped = self._frames - self._pumped, self._frames
        return came

    def losses(self) -> dict[str, int]:
        """What was lost, left out, or odd since the last call."""
        now = {
            "lost_kernel": self._ring.count_drops(),
            "offtarget": self._stream.off_target,
            "bad_blocks": self._bad_blocks,
            "clock_jumps": self._clock_jumps,
            "interface_down": min(self._ring.faults, 1),
        }
        before, self._told = self._told, now
        since = {name: count - before.get(name, 0) for name, count in now.items()}
        return {name: count for name, count in since.items() if count > 0}

    def close(self) -> None:
        """Take what has arrived, and no more."""
        self._ring.pause()
        time.sleep(_RETIRED_S)
        self._stop.set()
        self._thread.join(10.0)

    def release(self) -> None:
        """Let go of the interface."""
        self._ring.close()

    def _capture(self) -> None:
        shown = time.monotonic()
        while not self._stop.is_set():
            ready = self._ring.wait(_PATIENCE_S)
            if ready:
                self._take()
            self._watch_clock()
            self._stream.close_before(now_us() - LATENESS_US)
            if time.monotonic() - shown >= _SHOW_EVERY_S:
                shown = time.monotonic()
                self._show()
        self._take()

    def _take(self) -> None:
        for block in self._ring.blocks():
            try:
                self._frames += self._stream.block(block, self._ring.link)
            except NativeError as error:
                self._bad_blocks += 1
                _log.warning("bad block of the ring", extra={"reason": str(error)})
            self.bytes += len(block)
        self._arrived.set()

    def _watch_clock(self) -> None:
        """Count jumps of the wall clock of more than an hour."""
        offset = _clock_offset()
        if abs(offset - self._offset) > HOUR:
            self._clock_jumps += 1
        self._offset = offset

    def _show(self) -> None:
        followed = packet_tap.followed
        self._stream.follow(followed)
        if not followed:
            return
        moment = self._stream.moment()
        if moment is not None:
            packet_tap.put(PacketBlock(sensor=self._sensor, **moment))


def ranges_of(place: Place) -> list[tuple[int, int]]:
    """The addresses of a place's prefixes, as 128-bit numbers."""
    return [(_number(each.first), _number(each.last)) for each in place.prefixes]


def _number(words: tuple[int, int]) -> int:
    hi, lo = words
    return (hi % (1 << 64)) << 64 | lo % (1 << 64)


def _clock_offset() -> int:
    return now_us() - time.monotonic_ns() // 1000
