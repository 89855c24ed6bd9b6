"""The words in an observation that no artifact holds: tags, titles, texts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from kaname.intelligence.records import Observation

__all__ = ["words_of"]

_DEEPEST = 4
_MOST_CHARACTERS = 100_000


def words_of(observation: Observation) -> str:
    """All strings of its body and its behaviours, a line each, cut at 100,000 characters."""
    kept: list[str] = []
    room = _MOST_CHARACTERS
    for text in (*observation.behaviours, *_strings(observation.body, _DEEPEST)):
        kept.append(text[:room])
        room -= len(text) + 1
        if room <= 0:
            break
    return "\n".join(kept)


def _strings(value: Any, depth: int) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif depth and isinstance(value, dict):
        for inner in value.values():
            yield from _strings(inner, depth - 1)
    elif depth and isinstance(value, list | tuple):
        for inner in value:
            yield from _strings(inner, depth - 1)
