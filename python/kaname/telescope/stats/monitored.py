"""Of registered sensors only what they monitor counts, in expressions and in queries alike."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from kaname.analysis.frame import Window
from kaname.analysis.selection import quoted
from kaname.telescope.prefixes import Valid, inside, monitored, read_registry, sql
from kaname.telescope.registered import registry_file

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from kaname.model.sensors import Registry
    from kaname.telescope.stats.answer import Asked

__all__ = ["conditions", "of_monitored", "registry_of"]


def registry_of(data: Path) -> Registry:
    """The registry of the sensors that is written in the data folder."""
    path = registry_file(data)
    return read_registry(str(path) if path.is_file() else "")


def of_monitored(rows: ir.Table, asked: Asked) -> ir.Table:
    """The rows of flowtuples that count."""
    for name, prefixes in _registered(asked):
        rows = rows.filter((rows.sensor != name) | inside(rows, prefixes))
    return rows


def conditions(asked: Asked) -> tuple[str, ...]:
    """The same, as conditions of SQL."""
    window = _window(asked)
    return tuple(
        f"(sensor <> {quoted(name)} OR {sql(prefixes, window)})"
        for name, prefixes in _registered(asked)
    )


def _registered(asked: Asked) -> Iterator[tuple[str, tuple[Valid, ...]]]:
    if asked.registry is None:
        return
    for name in sorted(asked.registry.sensors):
        prefixes = monitored(asked.registry, name, _window(asked))
        if prefixes is not None and asked.sensor in {"", name}:
            yield name, prefixes


def _window(asked: Asked) -> Window:
    return Window(asked.since, asked.until)
