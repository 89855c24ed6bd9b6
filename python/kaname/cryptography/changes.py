"""What changed from one inventory to the next, seen from its places.

Lines of code move and certificates are renewed without anything being better or worse. So a
thing is the same as before when the same place holds the same kind of thing with the same
algorithm; and a place got worse when the worst verdict of its things of one kind did.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from kaname.cryptography.policy.judge import ORDER
from kaname.cryptography.policy.trend import thing_of

if TYPE_CHECKING:
    from kaname.cryptography.inventory.item import Item
    from kaname.cryptography.policy.judge import Word

__all__ = ["Change", "Differences", "Told", "differences"]


class Told(NamedTuple):
    """An item with its word."""

    item: Item
    word: Word


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """A thing that came, went, or is judged otherwise; ``before``, ``after``: its words."""

    place: str
    kind: str
    algorithm: str
    parameter: str | None
    before: str | None
    after: str | None


class Differences(msgspec.Struct, frozen=True, kw_only=True):
    """What came, what went, and which places are worse or better, each in order of place."""

    added: tuple[Change, ...]
    removed: tuple[Change, ...]
    worse: tuple[Change, ...]
    better: tuple[Change, ...]


def differences(before: Iterable[Told], after: Iterable[Told]) -> Differences:
    """What is other in ``after``; both are judged for the same year."""
    old, new = _by_thing(before), _by_thing(after)
    was, now = _by_place(old.values()), _by_place(new.values())
    moved = [_change(was[place], now[place]) for place in was.keys() & now.keys()]
    return Differences(
        added=_sorted(_change(None, new[key]) for key in new.keys() - old.keys()),
        removed=_sorted(_change(old[key], None) for key in old.keys() - new.keys()),
        worse=_sorted(one for one in moved if _rank(one.after) > _rank(one.before)),
        better=_sorted(one for one in moved if _rank(one.after) < _rank(one.before)),
    )


def _by_thing(told: Iterable[Told]) -> dict[tuple[object, ...], Told]:
    found: dict[tuple[object, ...], Told] = {}
    for one in told:
        key = thing_of(one.item)
        if key not in found or _rank(one.word) > _rank(found[key].word):
            found[key] = one
    return found


def _by_place(told: Iterable[Told]) -> dict[tuple[str, str], Told]:
    """The worst of each kind of thing at each place; the first in order among equals."""
    found: dict[tuple[str, str], Told] = {}
    for one in sorted(told, key=_order):
        found.setdefault((one.item.location, one.item.kind), one)
    return found


def _order(one: Told) -> tuple[object, ...]:
    item = one.item
    return (-_rank(one.word), item.algorithm, item.parameter or "", item.id)


def _rank(word: str | None) -> int:
    return -1 if word is None else ORDER.index(word)


def _change(before: Told | None, after: Told | None) -> Change:
    told = after or before
    assert told is not None  # noqa: S101  # one of the two is there
    return Change(
        place=told.item.location, kind=told.item.kind,
        algorithm=str(told.item.details.get("suite") or told.item.algorithm),
        parameter=told.item.parameter, before=None if before is None else before.word,
        after=None if after is None else after.word,
    )  # fmt: skip


def _sorted(found: Iterable[Change]) -> tuple[Change, ...]:
    """The worst first."""
    return tuple(
        sorted(
            found,
            key=lambda one: (
                -max(_rank(one.after), _rank(one.before)), one.place, one.kind, one.algorithm,
                one.parameter or "",
            ),
        )
    )  # fmt: skip
