"""How many members saw an indicator on a day, without saying who, or whether one did.

A member counts once for each indicator and day, so that one contribution changes one count
by one. A released count is kept and given again: asking twice, or with others, averages no
noise away, and costs nothing. What is new is paid from the asker's ledger.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING

import msgspec

from kaname.intelligence.privacy.noise import noisy
from kaname.intelligence.records import Item
from kaname.knowledge.ledger import Ledger
from kaname.model.instant import DAY

if TYPE_CHECKING:
    from kaname.knowledge import Knowledge

__all__ = ["SightingCounts", "members"]

_RELEASED = "intelligence.privacy.count."

Items = Callable[[str], Iterable[Item]]


class Release(msgspec.Struct, frozen=True):
    """A noisy count of one indicator ("kind:value") on one day (days since 1970, UTC)."""

    key: str
    day: int
    count: int


def members(items: Iterable[Item], day: int) -> int:
    """Organisations that sighted it on that day, each once, however often they did."""
    return len({item.org for item in items if item.org and item.at // DAY == day})


class SightingCounts:
    """Releases counts for ``epsilon`` each; ``items`` gives the evidence of "kind:value"."""

    def __init__(
        self, knowledge: Knowledge, items: Items, *, epsilon: Fraction, budget: Fraction
    ) -> None:
        self._knowledge = knowledge
        self._ledger = knowledge.part(Ledger)
        self._items = items
        self._epsilon = epsilon
        self._budget = budget

    def ask(self, member: str, keys: Sequence[str], day: int) -> list[Release]:
        """The counts of ``keys`` on ``day``: all of them, or none.

        Raises:
            LimitError: the member's budget does not reach for all that is new.
        """
        unique = list(dict.fromkeys(keys))
        known = {key: self._knowledge.get_state(self._place(key, day)) for key in unique}
        new = [key for key, count in known.items() if count is None]
        cost = self._epsilon * len(new)
        if new:
            # Paid before anything is drawn: a crash in between costs, and leaks nothing.
            what = {"day": day, "counts": len(new), "epsilon": str(self._epsilon)}
            self._ledger.spend(member, cost, budget=self._budget, what=what)
        for key in new:
            known[key] = noisy(members(self._items(key), day), self._epsilon)
            self._knowledge.set_state(self._place(key, day), known[key])
        return [Release(key, day, int(known[key])) for key in unique]

    def left(self, member: str) -> Fraction:
        """What the member may still spend."""
        return max(Fraction(0), self._budget - self._ledger.spent(member))

    def _place(self, key: str, day: int) -> str:
        said = f"{self._epsilon}\n{day}\n{key}"
        return _RELEASED + hashlib.sha256(said.encode()).hexdigest()[:32]
