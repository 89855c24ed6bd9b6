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
from collections.abc import Iterable
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, ClassVar, Protocol, runtime_checkable

from kaname.analysis.frame import Context
from kaname.analysis.parameter import Parameter

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Derivation", "derivations"]


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
    """All known derivations by name."""
    found = (point.load() for point in entry_points(group="kaname.derivations"))
    made: list[Derivation] = [each() if isinstance(each, type) else each for each in found]
    return {each.name: each for each in sorted(made, key=lambda each: each.name)}
