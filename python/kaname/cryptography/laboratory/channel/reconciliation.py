"""Cascade: two strings made equal by parities that are told in public.

Brassard and Salvail, "Secret-Key Reconciliation by Public Discussion", EUROCRYPT 1993: in each
pass the positions are shuffled and cut into blocks, twice as long as in the pass before; a
block of unequal parity is halved until its error is found, and each correction makes blocks
of other passes unequal, which are then searched as well, the smallest first. Every parity
that is told is one that the listener knows: it is counted.
"""

from __future__ import annotations

import heapq
import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["Oracle", "Reconciled", "reconciled"]

PASSES = 4
_FIRST = 0.73  # block length times error rate (the paper's choice)

Bits = NDArray[np.uint8]


class Reconciled(NamedTuple):
    """Bob's string afterwards, and how many parities were told."""

    bits: Bits
    told: int
    corrected: int


class Oracle:
    """Alice: answers parities of ranges of the shuffled string, and counts them."""

    def __init__(self, bits: Bits) -> None:
        self._bits = bits
        self._sums: list[list[int]] = []
        self.told = 0

    def shuffled(self, order: NDArray[np.intp]) -> None:
        """Begin a pass."""
        self._sums.append([0, *np.cumsum(self._bits[order]).tolist()])

    def parity(self, turn: int, first: int, last: int) -> int:
        """The parity of positions ``first`` to ``last`` (left out) of a pass."""
        self.told += 1
        sums = self._sums[turn]
        return int(sums[last] - sums[first]) & 1


class _Pass:
    """Bob's view of a pass: his string in its order, and where each position went."""

    def __init__(self, bits: Bits, order: NDArray[np.intp], size: int) -> None:
        self.order = order.tolist()
        self.place = np.argsort(order).tolist()
        self.bits = bytearray(bits[order].tobytes())
        self.size = size
        self.unequal: set[int] = set()

    def parity(self, first: int, last: int) -> int:
        return self.bits[first:last].count(1) & 1

    def block(self, number: int) -> tuple[int, int]:
        return number * self.size, min((number + 1) * self.size, len(self.bits))


def reconciled(
    oracle: Oracle, bits: Bits, error_rate: float, random: np.random.Generator
) -> Reconciled:
    """Make Bob's ``bits`` those of the oracle, as far as parities tell.

    ``error_rate`` is what both expect; ``random`` gives the shuffles, which are public.
    """
    found = _Bob(oracle, bits)
    size = min(len(bits), max(1, math.ceil(_FIRST / max(error_rate, 1e-6))))
    for turn in range(PASSES):
        order = np.arange(len(bits)) if turn == 0 else random.permutation(len(bits))
        found.turn(order, min(len(bits), size << turn))
    return Reconciled(found.result(), oracle.told, found.corrected)


class _Bob:
    def __init__(self, oracle: Oracle, bits: Bits) -> None:
        self._oracle = oracle
        self._start = bits
        self._passes: list[_Pass] = []
        self._waiting: list[tuple[int, int, int]] = []  # size, pass, block
        self.corrected = 0

    def result(self) -> Bits:
        first = self._passes[0]  # its order is that of the string
        return np.frombuffer(bytes(first.bits), np.uint8).copy()

    def turn(self, order: NDArray[np.intp], size: int) -> None:
        """One pass: all its blocks, and what their corrections set off."""
        now = self.result() if self._passes else self._start
        self._oracle.shuffled(order)
        here = _Pass(now, order, size)
        self._passes.append(here)
        number = len(self._passes) - 1
        for block in range(-(-len(order) // size)):
            first, last = here.block(block)
            if self._oracle.parity(number, first, last) != here.parity(first, last):
                self._turned(number, block)
        while self._waiting:
            _, which, block = heapq.heappop(self._waiting)
            if block in self._passes[which].unequal:
                self._correct(which, block)

    def _turned(self, number: int, block: int) -> None:
        """The parity of a block changed."""
        one = self._passes[number]
        if block in one.unequal:
            one.unequal.remove(block)
        else:
            one.unequal.add(block)
            heapq.heappush(self._waiting, (one.size, number, block))

    def _correct(self, number: int, block: int) -> None:
        """Halve a block until its error is found, and turn that bit everywhere."""
        one = self._passes[number]
        first, last = one.block(block)
        while last - first > 1:
            middle = (first + last) // 2
            if self._oracle.parity(number, first, middle) != one.parity(first, middle):
                last = middle
            else:
                first = middle
        position = one.order[first]
        self.corrected += 1
        for turn, other in enumerate(self._passes):
            at = other.place[position]
            other.bits[at] ^= 1
            self._turned(turn, at // other.size)
