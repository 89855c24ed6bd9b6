"""Sparing windows that still grow: live data change today's window every few seconds.

A day that is evaluated as a whole takes longer the more it holds. So a window that has not
ended is left alone for `SHARE` times as long as its last evaluation took, and all analyses
together take no more than a part of a core, however much arrives. A window that has ended
is evaluated at once.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from kaname.model.instant import now_us

__all__ = ["SHARE", "Pace"]

SHARE = 9.0


class Pace:
    """When each open window was last evaluated, and how long that took."""

    def __init__(
        self, clock: Callable[[], float] = time.monotonic, now: Callable[[], int] = now_us
    ) -> None:
        self._clock, self._now = clock, now
        self._free: dict[tuple[str, int], float] = {}
        self._next: float | None = None

    def begin(self) -> None:
        """A new pass begins: nothing is put off yet."""
        self._next = None

    def ready(self, name: str, start: int, end: int) -> bool:
        """Whether the window of the analysis or derivation ``name`` may be evaluated now."""
        free = self._free.get((name, start))
        if free is None:
            return True
        if end <= self._now():  # it will not grow any more, but for what comes late
            del self._free[name, start]
            return True
        if self._clock() >= free:
            return True
        self._next = free if self._next is None else min(self._next, free)
        return False

    def took(self, name: str, start: int, end: int, seconds: float) -> None:
        """The window was evaluated in so many seconds."""
        if end > self._now():
            self._free[name, start] = self._clock() + SHARE * seconds

    def put_off(self) -> float | None:
        """When the first window that this pass left alone is ready, on the clock; else None."""
        return self._next
