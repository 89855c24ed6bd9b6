"""Which writers there are."""

from __future__ import annotations

import functools
from importlib.metadata import entry_points

from kaname.model.errors import UsageError
from kaname.writers.frame import Writer

__all__ = ["writer", "writers"]


@functools.cache
def writers() -> dict[str, Writer]:
    """All installed writers by name, in order of their names."""
    points = sorted(entry_points(group="kaname.writers"), key=lambda point: point.name)
    return {point.name: point.load()() for point in points}


def writer(name: str) -> Writer:
    """The writer of that name.

    Raises:
        UsageError: there is none.
    """
    found = writers().get(name)
    if found is None:
        raise UsageError("writers.error.unknown", found=name, known=", ".join(writers()))
    return found
