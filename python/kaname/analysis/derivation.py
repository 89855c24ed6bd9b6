"""The frame of derivations: tables of the lake that are made from other tables.

Some questions are asked of months at a time, of sums that fit into a thousandth of the
rows (packets and sources per port and ten minutes, what a source did in a day). A
derivation makes those rows from the rows of one window, as a pure function, like an
analysis does; they are kept as rows of a table of their own, under a source of their own,
and made again when the rows of the window, the parameters or the version have changed.
Analyses read them like any other table.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, ClassVar, Protocol, runtime_checkable

from kaname.analysis.frame import Context
from kaname.analysis.parameter import Parameter
from kaname.model.errors import SettingError

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Derivation", "derivations", "in_order", "needed"]


@runtime_checkable
class Derivation(Protocol):
    """One table made from others. Announced by an entry point of ``kaname.derivations``.

    Windows are ``period`` microseconds long and aligned to the epoch, and are evaluated for
    one sensor at a time. ``version`` grows when the same rows would give others. The rows
    of a window bear the highest marking of those they are made from.
    """

    name: ClassVar[str]
    version: ClassVar[int]
    tables: ClassVar[tuple[str, ...]]  # that are read
    output: ClassVar[str]  # the table that is written
    period: ClassVar[int]
    lookback: ClassVar[int]
    parameters: ClassVar[tuple[Parameter, ...]]

    def run(self, context: Context) -> Iterable[pa.RecordBatch]:
        """The rows of the window, with the columns that ``output`` has of its own and ``ts``.

        What says where a row came from (``sensor``, ``tlp``, ``batch`` ...) is filled in.
        """
        ...


@functools.cache
def derivations() -> dict[str, Derivation]:
    """All known derivations by name, those first that others read the tables of."""
    found = (point.load() for point in entry_points(group="kaname.derivations"))
    made: list[Derivation] = [each() if isinstance(each, type) else each for each in found]
    return {each.name: each for each in in_order(made)}


def in_order(each: Iterable[Derivation]) -> list[Derivation]:
    """By name, but what is read before what reads it.

    Raises:
        SettingError: two of them read each other's tables.
    """
    waiting = sorted(each, key=lambda one: one.name)
    ordered: list[Derivation] = []
    while waiting:
        missing = {one.output for one in waiting}
        ready = [one for one in waiting if not missing & set(one.tables)]
        if not ready:
            names = ", ".join(one.name for one in waiting)
            raise SettingError("analysis.error.circle", names=names)
        ordered.append(ready[0])
        waiting.remove(ready[0])
    return ordered


def needed(outputs: Iterable[str], among: Mapping[str, Derivation]) -> set[str]:
    """The names of those that make ``outputs``, and of those whose tables they read."""
    wanted, names = set(outputs), set[str]()
    for name, each in reversed(list(among.items())):
        if each.output in wanted:
            names.add(name)
            wanted |= set(each.tables)
    return names
