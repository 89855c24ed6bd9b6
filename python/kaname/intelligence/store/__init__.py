"""The fusion store: all observations by artifact, durable on disk and fast in memory."""

from __future__ import annotations

from kaname.intelligence.store.facts import (
    Added,
    Edges,
    Facts,
    Found,
    Mentions,
    Pivot,
    Relation,
    SourceFacts,
)
from kaname.intelligence.store.store import FusionStore

__all__ = [
    "Added",
    "Edges",
    "Facts",
    "Found",
    "FusionStore",
    "Mentions",
    "Pivot",
    "Relation",
    "SourceFacts",
]
