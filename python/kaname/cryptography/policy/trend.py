"""How inventories change: what came, what went, and what is judged otherwise now."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kaname.cryptography.inventory.item import Item
    from kaname.cryptography.policy.judge import Judged

__all__ = ["Change", "Difference", "Point", "compare", "trend"]


class Point(msgspec.Struct, frozen=True):
    """One inventory of a trend: how many items had which verdict, and are quantum-vulnerable."""

    name: str
    items: int
    counts: dict[str, int]
    vulnerable: int


class Change(msgspec.Struct, frozen=True):
    """A thing whose verdict differs; ``before`` or ``after`` is None where it was not there."""

    place: str
    algorithm: str
    parameter: str | None
    before: str | None
    after: str | None


class Difference(msgspec.Struct, frozen=True):
    """What is new, what is gone, and what changed its verdict, each in order of place."""

    added: tuple[Change, ...]
    removed: tuple[Change, ...]
    changed: tuple[Change, ...]


def trend(sets: Sequence[tuple[str, Judged]]) -> tuple[Point, ...]:
    """A point for each judged inventory, in the order given."""
    return tuple(
        Point(
            name, len(judged.verdicts), dict(judged.counts),
            sum(verdict.quantum.vulnerable for verdict in judged.verdicts),
        )
        for name, judged in sets
    )  # fmt: skip


def compare(
    before: tuple[Sequence[Item], Judged], after: tuple[Sequence[Item], Judged]
) -> Difference:
    """The difference of two judged inventories; items are the same by their id."""
    old, new = _words(*before), _words(*after)
    items = {item.id: item for item in (*before[0], *after[0])}

    def change(ident: str) -> Change:
        item = items[ident]
        return Change(item.place, item.algorithm, item.parameter, old.get(ident), new.get(ident))

    def told(idents: set[str]) -> tuple[Change, ...]:
        return tuple(sorted(map(change, idents), key=lambda c: (c.place, c.algorithm)))

    return Difference(
        told(new.keys() - old.keys()),
        told(old.keys() - new.keys()),
        told({ident for ident in old.keys() & new.keys() if old[ident] != new[ident]}),
    )


def _words(items: Sequence[Item], judged: Judged) -> dict[str, str]:
    return {item.id: verdict.word for item, verdict in zip(items, judged.verdicts, strict=True)}
