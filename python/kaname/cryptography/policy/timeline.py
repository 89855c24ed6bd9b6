"""What the lists say of each asset in every year that they speak of."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from kaname.cryptography.policy.judge import ORDER, Judge, Purpose, Word
from kaname.cryptography.policy.techniques import parts_of, relied_on, version_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kaname.cryptography.inventory.item import Item
    from kaname.cryptography.policy.tables import Policy

__all__ = ["Course", "timeline"]


class Course(msgspec.Struct, frozen=True):
    """An asset (all items that use the same techniques) and its word in each year."""

    asset: str
    items: int
    words: tuple[Word, ...]
    target: int | None  # the year by which quantum computers make it go


def timeline(
    items: Sequence[Item],
    policy: Policy,
    use: Purpose,
    years: Sequence[int],
    counts: Mapping[str, int] | None = None,
) -> tuple[Course, ...]:
    """A course for each distinct asset of ``items``, the worst now first.

    ``counts`` says, by id, how many alike items one of ``items`` stands for.
    """
    stands = counts or {}
    alike: dict[object, list[Item]] = {}
    for item in items:
        if item.kind in {"malformed", "opaque"}:
            continue
        key = (item.algorithm, item.parameter, parts_of(item), version_of(item))
        alike.setdefault(key, []).append(item)
    judges = [Judge(policy, year, use) for year in years]
    courses = [
        Course(
            _name(same[0]), sum(stands.get(one.id, 1) for one in same),
            tuple(judge.verdict(same[0]).word for judge in judges),
            policy.target_year if same[0].quantum_vulnerable else None,
        )
        for same in alike.values()
    ]  # fmt: skip
    return tuple(sorted(courses, key=_badness))


def _badness(course: Course) -> tuple[object, ...]:
    return (*(-ORDER.index(word) for word in course.words), course.asset)


def _name(item: Item) -> str:
    name = item.algorithm if item.parameter is None else f"{item.algorithm} {item.parameter}"
    hashed = item.details.get("signature_hash") if relied_on(item) else None
    return f"{name} ({hashed})" if hashed else name
