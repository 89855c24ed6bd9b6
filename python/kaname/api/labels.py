"""Labels of findings in words; no analysis is loaded for it."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from importlib.metadata import entry_points

from kaname.api.present import both
from kaname.api.shapes import Text

__all__ = ["in_words", "package_of"]


def package_of(module: str) -> str:
    """The package whose messages an analysis in ``module`` speaks by."""
    return module.removeprefix("kaname.").partition(".")[0]


def in_words(label: str, packages: Iterable[str] | None = None) -> Text:
    """The message ``<package>.label.<label>`` of the first package that has it, else the label.

    ``packages`` are those of all analyses, unless said.
    """
    for package in _packages() if packages is None else packages:
        try:
            return both(f"{package}.label.{label}")
        except (KeyError, ModuleNotFoundError, FileNotFoundError):
            continue  # another's label, or somebody else's analysis, without messages
    return Text(en=label, ja=label)


@functools.cache
def _packages() -> tuple[str, ...]:
    points = entry_points(group="kaname.analyses")
    return tuple(sorted({package_of(point.module) for point in points}))
