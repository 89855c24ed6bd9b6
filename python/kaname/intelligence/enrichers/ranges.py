"""Ranges of addresses and what they belong to: the most specific range of an address.

Addresses are integers of 128 bits, IPv4 as IPv4-mapped (RFC 4291, section 2.5.5.2). Nested
ranges are cut into disjoint pieces once, so that a look-up is one binary search.
"""

from __future__ import annotations

import heapq
from bisect import bisect_right
from collections.abc import Iterable
from typing import Generic, NamedTuple, TypeVar

from kaname.model.address import from_text
from kaname.model.errors import UsageError

__all__ = ["Range", "Ranges", "number"]

T = TypeVar("T")
_WORD = 1 << 64


class Range(NamedTuple, Generic[T]):
    """The addresses ``first`` to ``last``, both inside, and what is said of them."""

    first: int
    last: int
    value: T


class Ranges(Generic[T]):
    """A table of ranges; of those that hold an address, the smallest counts.

    Of two equal ranges the one that came first counts.
    """

    def __init__(self, ranges: Iterable[Range[T]]) -> None:
        self._starts: list[int] = []
        self._pieces: list[tuple[int, T] | None] = []
        self._cut(sorted(enumerate(ranges), key=lambda one: (one[1].first, -one[1].last, one[0])))

    def __len__(self) -> int:
        return sum(piece is not None for piece in self._pieces)

    def find(self, address: str) -> T | None:
        """What is said of ``address``; None when nothing is, or when it is none."""
        try:
            value = number(address)
        except UsageError:
            return None
        place = bisect_right(self._starts, value) - 1
        piece = self._pieces[place] if place >= 0 else None
        return piece[1] if piece is not None and value <= piece[0] else None

    def _cut(self, ordered: list[tuple[int, Range[T]]]) -> None:
        """Sweep over the starts with a heap of the ranges that are open, smallest first."""
        open_: list[tuple[int, int, int, T]] = []  # size, place in the input, last, value
        for place, (order, one) in enumerate(ordered):
            heapq.heappush(open_, (one.last - one.first, order, one.last, one.value))
            following = ordered[place + 1][1].first if place + 1 < len(ordered) else None
            self._fill(open_, one.first, following)

    def _fill(
        self, open_: list[tuple[int, int, int, T]], start: int, following: int | None
    ) -> None:
        """Pieces from ``start`` up to the start of the following range."""
        while open_ and (following is None or start < following):
            _, _, last, value = open_[0]
            if last < start:
                heapq.heappop(open_)
                continue
            end = last if following is None else min(last, following - 1)
            self._starts.append(start)
            self._pieces.append((end, value))
            start = end + 1


def number(address: str) -> int:
    """The integer of an address.

    Raises:
        UsageError: it is none.
    """
    hi, lo = from_text(address)
    return (hi % _WORD) << 64 | (lo % _WORD)
