"""How inventories change: what came, what went, and what is judged otherwise now."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from kaname.cryptography.policy.judge import ORDER

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kaname.cryptography.inventory.item import Item
    from kaname.cryptography.policy.judge import Judged

__all__ = ["Change", "Difference", "Point", "compare", "thing_of", "trend"]


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


def thing_of(item: Item) -> tuple[object, ...]:
    """What an item is, whatever line it stands on and whatever its bytes are.

    Lines of code move and certificates are renewed: as long as the same place holds the same
    kind of thing with the same algorithm, it is the same thing.
    """
    return (
        item.location, item.kind, item.algorithm, item.parameter, item.use,
        item.details.get("suite"), item.details.get("signature_hash"),
    )  # fmt: skip


def compare(
    before: tuple[Sequence[Item], Judged], after: tuple[Sequence[Item], Judged]
) -> Difference:
    """The difference of two judged inventories, thing by thing (see `thing_of`)."""
    old, new = _things(*before), _things(*after)

    def change(thing: tuple[object, ...]) -> Change:
        item = (new.get(thing) or old[thing])[0]
        words = (one[thing][1] if thing in one else None for one in (old, new))
        return Change(item.place, item.algorithm, item.parameter, *words)

    def told(things: set[tuple[object, ...]]) -> tuple[Change, ...]:
        return tuple(sorted(map(change, things), key=lambda c: (c.place, c.algorithm)))

    return Difference(
        told(new.keys() - old.keys()),
        told(old.keys() - new.keys()),
        told({thing for thing in old.keys() & new.keys() if old[thing][1] != new[thing][1]}),
    )


def _things(items: Sequence[Item], judged: Judged) -> dict[tuple[object, ...], tuple[Item, str]]:
    """Things by what they are, each with the worst word on it."""
    found: dict[tuple[object, ...], tuple[Item, str]] = {}
    for item, verdict in zip(items, judged.verdicts, strict=True):
        thing = thing_of(item)
        known = found.get(thing)
        if known is None or ORDER.index(verdict.word) > ORDER.index(known[1]):
            found[thing] = (item, verdict.word)
    return found
