"""What the fusion store answers with. All instants are microseconds, UTC."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from kaname.model.marking import Tlp
from kaname.model.records import ArtifactKind

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from kaname._native import FusionNear

__all__ = [
    "Added",
    "Edges",
    "Facts",
    "Found",
    "Key",
    "Mentions",
    "Pivot",
    "Relation",
    "SourceFacts",
]

Key = tuple[ArtifactKind, str]  # kind and canonical value of an artifact
Names = Callable[[Sequence[int]], list[Key]]


@dataclass(frozen=True)
class Added:
    """What became of observations that were added.

    ``duplicates`` were there, word for word; ``conflicts`` had the identifier of another
    one, which was kept.
    """

    new: int
    duplicates: int
    conflicts: int
    numbers: Sequence[int] = field(repr=False)
    numbers_new: Sequence[int] = field(repr=False)
    names: Names = field(repr=False)

    @cached_property
    def touched(self) -> list[Key]:
        """Artifacts that the new observations mention, each once."""
        return self.names(self.numbers)

    @cached_property
    def artifacts_new(self) -> list[Key]:
        """Those of them that were never met before."""
        return self.names(self.numbers_new)


class SourceFacts(msgspec.Struct, frozen=True):
    """What one source contributed about an artifact."""

    source: str
    count: int
    first: int
    last: int


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """Everything countable about an artifact, of what may be seen.

    ``days`` are days (UTC) on which it was observed; ``timeline`` gives their begins and
    counts. ``degree`` counts mentions of other artifacts beside it. ``tlp_min`` is the
    freest marking. ``hub``: pivots do not pass through it.
    """

    first_seen: int
    last_seen: int
    observations: int
    days: int
    degree: int
    tlp_min: Tlp
    hub: bool
    sources: tuple[SourceFacts, ...]
    roles: tuple[tuple[str, int], ...]
    timeline: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Found:
    """What look-ups told, in the order asked; zeroes where nothing is known."""

    first_seen: list[int]
    last_seen: list[int]
    observations: list[int]
    sources: list[int]


class Relation(NamedTuple):
    """Something that is mentioned beside an artifact.

    ``how`` is its role there, ``df`` how many observations mention it, ``degree`` how many
    mentions of others are beside it in all.
    """

    kind: ArtifactKind
    value: str
    how: str
    observations: int
    df: int
    weight: float
    degree: int


class Pivot:
    """What is near some artifacts.

    ``nodes`` are (kind, value, distance, observations that mention it), ``edges``
    (position, position, observations that mention both), ``gated`` hubs that were reached
    and not passed through, with the number of mentions of others beside them.
    """

    def __init__(self, near: FusionNear) -> None:
        self.near = near

    @cached_property
    def nodes(self) -> list[tuple[ArtifactKind, str, int, int]]:
        """Nearest first."""
        near = self.near
        kinds = map(ArtifactKind, near.kinds)
        return list(zip(kinds, near.values, near.distances, near.observed, strict=True))

    @property
    def edges(self) -> list[tuple[int, int, int]]:
        """Between artifacts that were passed through and those beside them."""
        return self.near.edges

    @cached_property
    def gated(self) -> list[tuple[ArtifactKind, str, int]]:
        """Hubs that were reached and not passed through."""
        nodes = self.nodes
        return [(nodes[at][0], nodes[at][1], beside) for at, beside in self.near.gated]

    @property
    def truncated(self) -> bool:
        """Whether there was more than the cap."""
        return self.near.truncated


@dataclass(frozen=True)
class Edges:
    """Artifacts mentioned together: one row for each pair, roles and kind of observation.

    ``a`` is the lower number. ``role_a``, ``role_b`` and ``kind`` are positions in
    ``words``.
    """

    a: NDArray[np.uint32]
    b: NDArray[np.uint32]
    role_a: NDArray[np.uint32]
    role_b: NDArray[np.uint32]
    kind: NDArray[np.uint32]
    observations: NDArray[np.uint32]
    first: NDArray[np.int64]
    last: NDArray[np.int64]
    words: list[str]


@dataclass(frozen=True)
class Mentions:
    """Counted mentions: one row for each artifact, role, kind of observation and source."""

    artifact: NDArray[np.uint32]
    role: NDArray[np.uint32]
    kind: NDArray[np.uint32]
    source: NDArray[np.uint32]
    observations: NDArray[np.uint32]
    words: list[str]
