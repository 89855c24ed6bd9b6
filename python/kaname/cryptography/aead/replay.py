"""Which numbered packets were opened before: the sliding window of RFC 4303, section 3.4.3.

Numbers rise; packets may be lost, doubled and overtake each other. The window remembers the
last numbers up to the highest one opened, and refuses what is older. A number is marked only
after its packet was found genuine, or else anybody could move the window.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kaname.cryptography.aead.refusals import UnfitError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["ReplayWindow"]

_LEAST, _MOST = 32, 1 << 20
_NUMBERS = 1 << 64


class ReplayWindow:
    """The last ``size`` numbers; 32 at least (RFC 4303), 1,048,576 at most.

    Not for several threads at once.

    Raises:
        UnfitError: another size.
    """

    __slots__ = ("_highest", "_seen", "size")

    def __init__(self, size: int = 4096) -> None:
        import numpy as np

        if not _LEAST <= size <= _MOST:
            raise UnfitError("cryptography.error.aead_window", least=_LEAST, most=_MOST, found=size)
        self.size = size
        self._highest = -1
        self._seen = np.zeros(size, np.bool_)  # number n at n modulo the size

    @property
    def highest(self) -> int:
        """The highest number that was marked; -1 if none was."""
        return self._highest

    def is_new(self, number: int) -> bool:
        """Whether a packet of that number may be opened."""
        if number > self._highest:
            return number < _NUMBERS
        if number < 0 or number <= self._highest - self.size:
            return False
        return not self._seen[number % self.size]

    def mark(self, number: int) -> None:
        """Remember a number whose packet was genuine."""
        ahead = number - self._highest
        if ahead > 0:
            self._forget(number)
        elif ahead <= -self.size:
            return
        self._seen[number % self.size] = True

    def are_new(self, numbers: NDArray[np.uint64]) -> NDArray[np.bool_]:
        """Which of many may be opened, as the window stands; equal ones are alike."""
        import numpy as np

        highest = np.uint64(max(0, self._highest))
        old = numbers <= highest if self._highest >= 0 else np.zeros(len(numbers), np.bool_)
        new = ~old
        if old.any():
            places = (numbers[old] % np.uint64(self.size)).astype(np.intp)
            within = highest - numbers[old] < np.uint64(self.size)
            new[old] = within & ~self._seen[places]
        return new

    def mark_all(self, numbers: NDArray[np.uint64]) -> None:
        """Remember numbers whose packets were genuine."""
        import numpy as np

        if not len(numbers):
            return
        top = int(numbers.max())
        if top > self._highest:
            self._forget(top)
        kept: Any = numbers[np.uint64(self._highest) - numbers < np.uint64(self.size)]
        self._seen[(kept % np.uint64(self.size)).astype(np.intp)] = True

    def _forget(self, top: int) -> None:
        """Move up to ``top``: the places in between belong to new numbers."""
        ahead = top - self._highest
        if ahead >= self.size:
            self._seen[:] = False
        else:
            first, last = (self._highest + 1) % self.size, top % self.size
            if first <= last:
                self._seen[first : last + 1] = False
            else:
                self._seen[first:] = False
                self._seen[: last + 1] = False
        self._highest = top
