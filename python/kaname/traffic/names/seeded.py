"""Repeatable chance for simulations and fits; nothing here guards a secret."""

from __future__ import annotations

from random import Random

__all__ = ["seeded"]


def seeded(seed: str) -> Random:
    """A generator that gives the same numbers for the same ``seed`` everywhere."""
    return Random(seed)  # noqa: S311 - for simulations
