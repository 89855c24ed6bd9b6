"""The lists that come with the analyses: an entry a line, ``#`` begins a comment."""

from __future__ import annotations

import functools
from importlib.resources import files

__all__ = ["listing"]


@functools.cache
def listing(name: str) -> tuple[str, ...]:
    """The entries of the shipped list ``name``, in its order."""
    text = (files("kaname.traffic") / "models" / f"{name}.txt").read_text("utf-8")
    lines = (line.partition("#")[0].strip() for line in text.splitlines())
    return tuple(line for line in lines if line)
