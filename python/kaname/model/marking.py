"""TLP 2.0 markings (FIRST, August 2022) and their lattice.

A marking travels with every observation. Two markings meet in the stricter one, and a
reader with some clearance sees what is marked at or below it.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable

from kaname.model.errors import UsageError

__all__ = ["Tlp", "join"]


class Tlp(enum.StrEnum):
    """TLP 2.0 levels, from free to closed."""

    CLEAR = "clear"
    GREEN = "green"
    AMBER = "amber"
    AMBER_STRICT = "amber+strict"
    RED = "red"

    @property
    def rank(self) -> int:
        """Position in the order; a higher rank is seen by fewer."""
        return _ORDER.index(self)

    @property
    def label(self) -> str:
        """The label as TLP 2.0 writes it: ``TLP:AMBER+STRICT``."""
        return f"TLP:{self.value.upper()}"

    def visible_to(self, clearance: Tlp) -> bool:
        """Whether somebody with ``clearance`` may see what is marked so."""
        return self.rank <= clearance.rank

    def at_or_below(self) -> tuple[Tlp, ...]:
        """All markings that somebody with this clearance may see."""
        return _ORDER[: self.rank + 1]

    @classmethod
    def parse(cls, text: str) -> Tlp:
        """Read a level in any usual spelling; TLP 1.0's WHITE is CLEAR.

        Raises:
            UsageError: no such level.
        """
        name = text.strip().lower().removeprefix("tlp:").replace("_", "+").replace("-", "+")
        name = {"white": "clear", "amber strict": "amber+strict"}.get(name, name)
        try:
            return cls(name)
        except ValueError:
            known = ", ".join(level.value for level in cls)
            raise UsageError("model.error.tlp", found=text, known=known) from None


_ORDER: tuple[Tlp, ...] = tuple(Tlp)


def join(markings: Iterable[Tlp]) -> Tlp:
    """The strictest of ``markings``; CLEAR of none."""
    return max(markings, key=lambda level: level.rank, default=Tlp.CLEAR)
