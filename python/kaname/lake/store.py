"""What every part of the lake works on: the folder, the manifest, files seen intact."""

from __future__ import annotations

from dataclasses import dataclass, field

from kaname.lake.layout import Layout
from kaname.lake.manifest import Manifest
from kaname.lake.sessions import Sessions

__all__ = ["Store"]


@dataclass(frozen=True, slots=True)
class Store:
    """``intact``: when (monotonic seconds) this process last found a file whole, by path."""

    layout: Layout
    manifest: Manifest
    intact: dict[str, float] = field(default_factory=dict)
    sessions: Sessions = field(default_factory=Sessions)
