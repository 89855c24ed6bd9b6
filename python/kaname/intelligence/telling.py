"""What is told of one artifact to somebody, derived now from what that one may see."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from kaname.intelligence.score.desk import Told, told
from kaname.model.marking import Tlp

if TYPE_CHECKING:
    from kaname.intelligence.records import Item
    from kaname.intelligence.service import Intelligence
    from kaname.model.records import Artifact

__all__ = ["groups_at", "tell"]


def tell(
    fusion: Intelligence,
    artifact: Artifact,
    clearance: Tlp,
    now: int,
    groups: frozenset[str] | None = None,
) -> Told | None:
    """What an audience gets of ``artifact``, with all that it was derived from.

    ``groups`` None: a member of this organisation, see `groups_at`.
    """
    items = fusion.store.items(artifact.kind, artifact.value)
    context = fusion.knowing.of([(artifact.kind, artifact.value)])
    own = groups_at(items, clearance) if groups is None else groups
    return told(artifact, items, context, now, clearance, own)


def groups_at(items: Iterable[Item], clearance: Tlp) -> frozenset[str]:
    """The sharing groups that a member of this organisation is in: all, at the top alone."""
    if clearance is not Tlp.RED:
        return frozenset()
    return frozenset(group for item in items for group in item.groups)
