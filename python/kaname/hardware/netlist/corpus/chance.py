"""Random choices that a number decides: the same seed gives the same design everywhere."""

from __future__ import annotations

from random import Random

__all__ = ["drawn"]


def drawn(seed: object) -> Random:
    """Give a generator for a seed (its text counts, so that parts of seeds can be joined)."""
    return Random(str(seed))  # noqa: S311 - made-up circuits, no secret
