"""Labels of findings in words; no analysis is loaded for it."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from importlib.metadata import entry_points

from kaname.api.present import both
from kaname.api.shapes import Text
from kaname.model.messages import catalogue

__all__ = ["in_words", "of_indicators", "package_of"]


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


def of_indicators() -> list[tuple[str, str]]:
    """(label, package) of what only indicators are called, by what fuses observations."""
    packages = {package_of(point.module) for point in entry_points(group="kaname.connectors")}
    return [
        (key.removeprefix(f"{package}.label."), package)
        for package in sorted(packages)
        for key in catalogue(package, "en")
        if key.startswith(f"{package}.label.")
    ]


@functools.cache
def _packages() -> tuple[str, ...]:
    points = [*entry_points(group="kaname.analyses"), *entry_points(group="kaname.connectors")]
    return tuple(sorted({package_of(point.module) for point in points}))
