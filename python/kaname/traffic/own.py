"""Prefixes that are one's own, as a parameter: what is inside tells direction."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from kaname.analysis.frame import Parameter
from kaname.model.address import Address, Prefix, prefix

__all__ = ["OWN", "Own"]

OWN = Parameter(
    "own",
    "",
    None,
    None,
    "prefixes, with commas",
    "prefixes of one's own network; without any no direction is told",
    "自組織のプレフィックス(コンマ区切り)。指定がなければ方向は判定しない",
)


@dataclass(frozen=True, slots=True)
class Own:
    """The prefixes of one's own network; may be none."""

    prefixes: tuple[Prefix, ...]

    @classmethod
    def read(cls, text: str) -> Own:
        """The prefixes in ``text``, with commas or blanks between.

        Raises:
            UsageError: one is not a prefix.
        """
        return cls(tuple(prefix(part) for part in text.replace(",", " ").split()))

    def __bool__(self) -> bool:
        return bool(self.prefixes)

    def holds(self, hi: int, lo: int) -> bool:
        """Whether the address is inside."""
        return any(one.contains(Address(hi, lo)) for one in self.prefixes)

    def share(self, addresses: Iterable[tuple[int, int]]) -> float:
        """How many of ``addresses`` are inside, as a share; 0 of none."""
        known = [self.holds(hi, lo) for hi, lo in addresses]
        return sum(known) / len(known) if known else 0.0
