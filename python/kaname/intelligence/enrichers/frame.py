"""What every enricher is: a source that says something of one kind of artifact."""

from __future__ import annotations

from typing import Any, Protocol

from kaname.model.records import ArtifactKind

__all__ = ["Enricher"]


class Enricher(Protocol):
    """Says one thing (``predicate``) of artifacts of some ``kinds``.

    ``ttl`` is how long what it said stands before it is asked again, in microseconds.
    ``budget`` is how many artifacts it may be asked for in a day; None: as many as come,
    for it reads a table in memory.
    """

    source: str
    predicate: str
    kinds: frozenset[ArtifactKind]
    ttl: int
    budget: int | None

    def enrich(self, kind: ArtifactKind, value: str, /) -> Any:
        """What it says, ready for JSON; None when it knows nothing."""
        ...
