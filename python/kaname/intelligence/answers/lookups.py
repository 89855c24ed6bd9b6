"""What is known of values that somebody typed or pasted, one or a hundred thousand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec

from kaname.knowledge.indicator_scores import IndicatorScores
from kaname.model.marking import Tlp
from kaname.model.records import ArtifactKind

if TYPE_CHECKING:
    from kaname.intelligence.lists import Lists
    from kaname.intelligence.store import FusionStore
    from kaname.knowledge import Knowledge

__all__ = ["LookupColumns", "LookupOut", "Sources", "groups_of", "look_up", "look_up_one"]


class LookupOut(msgspec.Struct, frozen=True):
    """GET /lookup: what a value is and what is known of it.

    ``kind`` is null when nobody can say what it is; the value is then as it was given.
    """

    kind: ArtifactKind | None
    value: str
    known: bool
    first_seen: int | None
    last_seen: int | None
    observations: int
    sources: int
    score: float | None
    indicator: str | None
    suppressed: bool


class LookupColumns(msgspec.Struct, frozen=True):
    """POST /lookup: the same by column, in the order that was asked."""

    kind: list[ArtifactKind | None]
    value: list[str]
    known: list[bool]
    first_seen: list[int | None]
    last_seen: list[int | None]
    observations: list[int]
    sources: list[int]
    score: list[float | None]
    indicator: list[str | None]
    suppressed: list[bool]


class Sources(msgspec.Struct, frozen=True):
    """What answers are put together from."""

    store: FusionStore
    knowledge: Knowledge
    lists: Lists


def groups_of(clearance: Tlp) -> frozenset[str] | None:
    """Sharing groups whose limited evidence an account sees.

    It is for this organisation alone, so that the highest clearance sees all of it, and
    any other none; indicators are derived by the same rule.
    """
    return None if clearance is Tlp.RED else frozenset()


def look_up_one(sources: Sources, text: str, clearance: Tlp) -> LookupOut:
    """What is known of one value."""
    found = look_up(sources, [text], clearance)
    return LookupOut(*(getattr(found, name)[0] for name in LookupOut.__struct_fields__))


def look_up(sources: Sources, texts: list[str], clearance: Tlp) -> LookupColumns:
    """What is known of each of ``texts``, in whatever spelling."""
    kinds, values, found = sources.store.told(
        texts, clearance=clearance, groups=groups_of(clearance)
    )
    known = [count > 0 for count in found.observations]
    scored = _scores(sources, kinds, values, known, clearance)
    return LookupColumns(
        kind=kinds,
        value=values,
        known=known,
        first_seen=[
            at if there else None for at, there in zip(found.first_seen, known, strict=True)
        ],
        last_seen=[at if there else None for at, there in zip(found.last_seen, known, strict=True)],
        observations=found.observations,
        sources=found.sources,
        score=[None if one is None else one[1] for one in scored],
        indicator=[None if one is None else one[0] for one in scored],
        suppressed=_suppressed(sources.lists, kinds, values),
    )


def _scores(
    sources: Sources,
    kinds: Sequence[ArtifactKind | None],
    values: Sequence[str],
    known: Sequence[bool],
    clearance: Tlp,
) -> list[tuple[str, float] | None]:
    """(indicator, score) of each that has one; what is not known has none."""
    keys = [
        (kind, value)
        for kind, value, there in zip(kinds, values, known, strict=True)
        if there and kind is not None
    ]
    scores = sources.knowledge.part(IndicatorScores).scores(keys, clearance=clearance)
    if not scores:
        return [None] * len(values)
    return [
        scores.get((kind, value)) if kind is not None else None
        for kind, value in zip(kinds, values, strict=True)
    ]


def _suppressed(
    lists: Lists, kinds: Sequence[ArtifactKind | None], values: list[str]
) -> list[bool]:
    """Whether a list says so; what is no artifact is on none."""
    if None not in kinds:
        sure = [kind for kind in kinds if kind is not None]
        return [bool(matches) for matches in lists.match_many(sure, values)]
    places = [at for at, kind in enumerate(kinds) if kind is not None]
    sure = [kind for kind in kinds if kind is not None]
    told = [False] * len(values)
    matched = lists.match_many(sure, [values[at] for at in places])
    for at, matches in zip(places, matched, strict=True):
        told[at] = bool(matches)
    return told
