"""Indicators of artifacts whose evidence changed, derived anew for every clearance."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING

import msgspec

from kaname.intelligence.records import Item
from kaname.intelligence.score import Context, derive
from kaname.knowledge import View
from kaname.model.marking import Tlp
from kaname.model.records import Artifact, ArtifactKind, Indicator

if TYPE_CHECKING:
    from kaname.intelligence.store import FusionStore

__all__ = ["Key", "views", "views_of"]

Key = tuple[ArtifactKind, str]

_MOST = 10_000  # items that the store gives
_NO_GROUPS: frozenset[str] = frozenset()


def views(store: FusionStore, keys: Iterable[Key], context: Context, now: int) -> Iterator[View]:
    """What everybody sees of the artifacts ``keys``.

    Of an artifact with more evidence than is looked at, each clearance has the newest that
    it may see: what it may not see must not push that aside.
    """
    for kind, value in keys:
        artifact, items = Artifact(kind, value), store.items(kind, value)
        whole = len(items) < _MOST
        of_level = partial(_given, items) if whole else partial(_visible, store, artifact)
        yield from views_of(artifact, of_level, context, now)


def _given(items: list[Item], _level: Tlp) -> list[Item]:
    return items


def _visible(store: FusionStore, artifact: Artifact, level: Tlp) -> list[Item]:
    groups = None if level is Tlp.RED else _NO_GROUPS
    return store.items(artifact.kind, artifact.value, clearance=level, groups=groups)


def views_of(
    artifact: Artifact, items_of: Callable[[Tlp], Sequence[Item]], context: Context, now: int
) -> Iterator[View]:
    """The indicator of ``artifact`` for each range of clearances to which it is the same.

    Evidence that is limited to sharing groups counts for the highest clearance alone,
    which is that of this organisation; whoever is handed something else by a group gets
    it derived on its own (`kaname.intelligence.sharing`).
    """
    current: tuple[Indicator, int] | None = None
    for level in _levels(artifact, items_of(Tlp.RED), context):
        items = items_of(level)
        indicator = derive(artifact, items, context, now, level, _groups(items, level))
        if current is not None and indicator is not None and _same(current[0], indicator):
            continue
        if current is not None:
            yield View(*current, level.rank - 1)
        current = None if indicator is None else (indicator, level.rank)
    if current is not None:
        yield View(*current)


def _levels(artifact: Artifact, items: Iterable[Item], context: Context) -> list[Tlp]:
    """The clearances that see something which the one below does not see."""
    found = {item.tlp for item in items}
    found |= {tie.tlp for tie in context.ties(artifact.kind, artifact.value)}
    found |= {match.tlp for match in context.matches(artifact.kind, artifact.value)}
    if any(item.groups for item in items):
        found.add(Tlp.RED)
    return sorted(found, key=lambda level: level.rank)


def _groups(items: Iterable[Item], level: Tlp) -> frozenset[str]:
    if level is not Tlp.RED:
        return frozenset()
    return frozenset(group for item in items for group in item.groups)


def _same(one: Indicator, other: Indicator) -> bool:
    return msgspec.structs.replace(one, updated=0) == msgspec.structs.replace(other, updated=0)
