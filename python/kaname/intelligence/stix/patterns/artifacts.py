"""The artifacts that a pattern is about: what it compares for equality."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from kaname.intelligence.stix.kinds import artifact_of
from kaname.intelligence.stix.patterns.tree import Comparison, Expression, conditions
from kaname.model.records import ArtifactKind

__all__ = ["PatternArtifact", "artifacts"]

_NAMING = frozenset({"=", "IN", "ISSUBSET"})


class PatternArtifact(NamedTuple):
    """An artifact in canonical spelling, and where the pattern names it."""

    kind: ArtifactKind
    value: str
    path: str


def artifacts(expression: Expression) -> Iterator[PatternArtifact]:
    """The artifacts of ``expression``; what it excludes, or only describes, is none."""
    for condition in conditions(expression):
        if not isinstance(condition, Comparison) or condition.negated:
            continue
        if condition.operator not in _NAMING:
            continue
        for value in condition.values:
            found = artifact_of(condition.path.type, str(condition.path), value)
            if found is not None:
                yield PatternArtifact(*found, f"{condition.path.type}:{condition.path}")
