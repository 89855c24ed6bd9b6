"""Events in the Elastic Common Schema, as the Beats and Elastic Agent write them."""

from __future__ import annotations

from kaname.readers.ecs.reader import EcsReader

__all__ = ["EcsReader"]
