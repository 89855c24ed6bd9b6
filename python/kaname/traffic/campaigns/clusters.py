"""Messages bound together: union-find over exact keys, and over near bodies by LSH.

Two bodies are near when their simhashes differ in at most 3 of 64 bits. Of four bands of
16 bits at least one is then equal (pigeonhole), so only messages with an equal band are
compared. The result does not depend on the order of the messages.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from kaname.model.ids import digest
from kaname.traffic.campaigns.features import Message

__all__ = ["clusters", "identity"]

NEAR = 3  # bits
_BANDS, _WIDTH = 4, 16
_BUCKET = 400  # different bodies that are compared with each other within a band


class _Union:
    """Disjoint sets of numbers, with path halving; the root is the least member."""

    def __init__(self, count: int) -> None:
        self._above = list(range(count))

    def root(self, place: int) -> int:
        above = self._above
        while above[place] != place:
            above[place] = above[above[place]]
            place = above[place]
        return place

    def join(self, one: int, other: int) -> None:
        first, second = sorted((self.root(one), self.root(other)))
        self._above[second] = first


def clusters(messages: Sequence[Message]) -> list[list[int]]:
    """Groups of message numbers, each ascending, by their first; also those of one."""
    union = _Union(len(messages))
    first: dict[tuple[str, str], int] = {}
    for place, each in enumerate(messages):
        for key in each.bonds:
            union.join(first.setdefault(key, place), place)
    for one, other in _near(messages):
        union.join(one, other)
    groups: dict[int, list[int]] = defaultdict(list)
    for place in range(len(messages)):
        groups[union.root(place)].append(place)
    return list(groups.values())


def _near(messages: Sequence[Message]) -> Iterator[tuple[int, int]]:
    """Pairs of messages with near bodies; enough of them to bind all that are."""
    holders: dict[int, int] = {}
    for place, each in enumerate(messages):
        if each.simhash:
            yield holders.setdefault(each.simhash, place), place
    for band in range(_BANDS):
        buckets: dict[int, list[int]] = defaultdict(list)
        for simhash in sorted(holders):
            buckets[simhash >> band * _WIDTH & (1 << _WIDTH) - 1].append(simhash)
        for members in buckets.values():
            for one, other in _pairs(members[:_BUCKET]):
                yield holders[one], holders[other]


def _pairs(members: Sequence[int]) -> Iterator[tuple[int, int]]:
    for place, one in enumerate(members):
        for other in members[place + 1 :]:
            if ((one ^ other) & (1 << 64) - 1).bit_count() <= NEAR:
                yield one, other


def identity(members: Sequence[Message]) -> str:
    """A name of the group that outlives the day: that of what most members share.

    A campaign sends the same link, attachment or subject for days, so the commonest key of
    today is mostly that of tomorrow; without any key it is the commonest body.
    """
    shared = Counter(key for each in members for key in each.bonds)
    if not shared:
        bodies = Counter(each.simhash for each in members)
        shared = Counter({("body", str(body)): count for body, count in bodies.items()})
    best = min(shared, key=lambda key: (-shared[key], key))
    return digest("campaign", *best)[:12]
