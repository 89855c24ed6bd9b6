"""What the catalogue says of a feature."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

__all__ = ["RANK", "YES_NO", "Feature", "series"]

YES_NO = "yes_no"
RANK = "rank"


@dataclass(frozen=True, slots=True)
class Feature:
    """One number about a cell.

    ``unit`` is one of ``count`` (0 and up), ``level`` (1 to 63; 63 is "farther, or none"),
    ``log2`` (of 1 + count), ``log10``, ``chance`` and ``share`` (0 to 1), ``yes_no`` (0 or
    1), ``rank`` (0 to 1: the share of cells of the design that are below, and half of those
    that are equal). ``source`` names where the definition comes from.
    """

    name: str
    unit: str
    en: str
    ja: str
    source: str = "kaname"

    @property
    def ranked(self) -> bool:
        """Whether there is a feature ``<name>_rank`` beside it."""
        return self.unit not in {YES_NO, RANK}

    def rank(self) -> Feature:
        """The rank of this feature inside its own design."""
        return Feature(
            f"{self.name}_rank",
            RANK,
            f"Rank inside the design of: {self.en}",
            f"設計内での順位: {self.ja}",
            self.source,
        )


def series(numbers: Iterable[int], pattern: Feature) -> tuple[Feature, ...]:
    """A feature for each number; ``{x}`` stands for it in the name and in the texts."""

    def put(text: str, number: int) -> str:
        return text.replace("{x}", str(number))

    return tuple(
        Feature(
            put(pattern.name, number),
            pattern.unit,
            put(pattern.en, number),
            put(pattern.ja, number),
            pattern.source,
        )
        for number in numbers
    )
