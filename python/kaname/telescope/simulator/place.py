"""Where packets come from and go to: addresses that are used once, and the darknet."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from kaname.model.errors import UsageError

__all__ = ["Place"]

Addresses = NDArray[np.uint32]
# First octets that no source on the Internet has.
_NEVER = (0, 10, 127, *range(224, 256))


class Place:
    """Draws sources that are new each time, and destinations in the darknet."""

    def __init__(self, rng: np.random.Generator, darknet: Sequence[str]) -> None:
        self._rng = rng
        try:
            networks = [ipaddress.IPv4Network(text) for text in darknet]
        except ValueError as error:
            raise UsageError("telescope.error.darknet", reason=error) from None
        if not networks:
            raise UsageError("telescope.error.darknet", reason="–")
        self._first = np.array([int(n.network_address) for n in networks], np.int64)
        self._sizes = np.array([n.num_addresses for n in networks], np.int64)
        self._ends = np.cumsum(self._sizes)
        self._used: set[int] = set()

    @property
    def size(self) -> int:
        """Number of addresses of the darknet."""
        return int(self._ends[-1])

    def dark(self, rng: np.random.Generator, count: int) -> Addresses:
        """``count`` destinations, uniform over the darknet."""
        return self.at(rng.integers(0, self.size, count))

    def at(self, number: NDArray[np.int64]) -> Addresses:
        """The darknet's addresses by number."""
        which = np.searchsorted(self._ends, number, side="right")
        inside = number - (self._ends[which] - self._sizes[which])
        return (self._first[which] + inside).astype(np.uint32)

    def fresh(self, count: int) -> Addresses:
        """``count`` routable sources that nobody has drawn before."""
        found: list[int] = []
        while len(found) < count:
            for value in self._rng.integers(1 << 24, 224 << 24, 2 * count + 16).tolist():
                if len(found) < count and self._routable(value):
                    self._used.add(value)
                    found.append(value)
        return np.array(found, np.uint32)

    def company(self, count: int) -> Addresses:
        """``count`` sources of one /24."""
        block = int(self.fresh(1)[0]) & ~255
        hosts = self._rng.choice(254, count, replace=False) + 1
        members: Addresses = (block + hosts).astype(np.uint32)
        self._used.update(members.tolist())
        return members

    def neighbourhood(self, blocks: int, hosts: int) -> Addresses:
        """``hosts`` sources in each of ``blocks`` /24 of one /20, as a network of hosts has."""
        first = int(self.fresh(1)[0]) & ~0xFFF
        numbers = self._rng.choice(16, blocks, replace=False)
        found = [
            first + (int(number) << 8) + self._rng.choice(254, hosts, replace=False) + 1
            for number in numbers
        ]
        members: Addresses = np.concatenate(found).astype(np.uint32)
        self._used.update(members.tolist())
        return members

    def anywhere(self, count: int) -> Addresses:
        """``count`` forged sources: uniform over everything, the impossible included."""
        return self._rng.integers(0, 1 << 32, count, dtype=np.uint32)

    def _routable(self, value: int) -> bool:
        if value >> 24 in _NEVER or value & 255 in (0, 255) or value in self._used:
            return False
        private = value >> 16 in (0xA9FE, 0xC0A8) or value >> 20 == 0xAC1
        ours = bool(np.any((self._first <= value) & (value < self._first + self._sizes)))
        return not (private or ours)
