"""The line of a place in a file, counted once from the front to the back."""

from __future__ import annotations

from typing import Any

__all__ = ["Lines"]


class Lines:
    """Counts lines (from 1) of places that only grow: a hostile file costs no more than once."""

    def __init__(self, data: str | bytes) -> None:
        self._count: Any = data.count
        self._end: Any = "\n" if isinstance(data, str) else b"\n"
        self._at, self._line = 0, 1

    def of(self, at: int) -> int:
        """The line where ``at`` stands; ``at`` is no smaller than the one before."""
        self._line += self._count(self._end, self._at, at)
        self._at = at
        return self._line
