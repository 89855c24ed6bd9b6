"""A flat design as Python sees it; the graph itself stays in the native core."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

from kaname.model.messages import text

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

    from kaname._native import CellKind
    from kaname._native import Netlist as NativeNetlist

__all__ = ["PROBLEMS", "Netlist", "Problem"]

PROBLEMS: Final[dict[str, str]] = {
    "array": "hardware.netlist.problem.array",
    "assumed": "hardware.netlist.problem.assumed",
    "behaviour": "hardware.netlist.problem.behaviour",
    "constant": "hardware.netlist.problem.constant",
    "contested": "hardware.netlist.problem.contested",
    "deep": "hardware.netlist.problem.deep",
    "direction": "hardware.netlist.problem.direction",
    "end": "hardware.netlist.problem.end",
    "include": "hardware.netlist.problem.include",
    "macro": "hardware.netlist.problem.macro",
    "module_twice": "hardware.netlist.problem.module_twice",
    "number": "hardware.netlist.problem.number",
    "parameters": "hardware.netlist.problem.parameters",
    "pins": "hardware.netlist.problem.pins",
    "port": "hardware.netlist.problem.port",
    "range": "hardware.netlist.problem.range",
    "star": "hardware.netlist.problem.star",
    "syntax": "hardware.netlist.problem.syntax",
    "table_line": "hardware.netlist.problem.table_line",
    "tops": "hardware.netlist.problem.tops",
    "twice": "hardware.netlist.problem.twice",
    "undeclared": "hardware.netlist.problem.undeclared",
    "undriven": "hardware.netlist.problem.undriven",
    "unknown_cell": "hardware.netlist.problem.unknown_cell",
    "wide": "hardware.netlist.problem.wide",
    "width": "hardware.netlist.problem.width",
}
"""Messages by the codes of the native reader."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Something in a netlist that was not understood; the rest was read on.

    ``line`` and ``column`` count from 1; both are 0 where it is about the whole design.
    """

    line: int
    column: int
    code: str
    text: str

    def render(self, language: str = "en") -> str:
        """What it is, in ``language`` ("en" or "ja")."""
        return text(PROBLEMS[self.code], language, text=self.text)

    @property
    def message(self) -> str:
        """What it is, in English."""
        return self.render()


class Netlist:
    """A flat design: instances of cells, and the nets between their pins.

    Instances and nets are numbered from 0; names are only for people to read.
    """

    def __init__(self, native: NativeNetlist, *, digest: str = "", form: str = "") -> None:
        self.native = native
        self._digest = digest or native.digest
        self._form = form or native.format

    @property
    def name(self) -> str:
        """The name of the top module."""
        return self.native.name

    @property
    def digest(self) -> str:
        """SHA-256 of the text (unpacked), in hexadecimal."""
        return self._digest

    @property
    def format(self) -> str:
        """What the text was: "verilog", "yosys", "bench" or "rtl"; "made" if rewritten."""
        return self._form

    @property
    def cells(self) -> int:
        """The number of instances."""
        return self.native.cells

    @property
    def nets(self) -> int:
        """The number of nets that anything is on."""
        return self.native.nets

    @property
    def unknown(self) -> int:
        """The number of instances of cells that no table has."""
        return self.native.unknown

    @property
    def undriven(self) -> int:
        """The number of nets that are read but not driven."""
        return self.native.undriven

    @property
    def contested(self) -> int:
        """The number of nets with several drivers."""
        return self.native.contested

    @property
    def problem_count(self) -> int:
        """How many problems there are; `problems` holds the first thousand of each sort."""
        return self.native.problem_count

    @cached_property
    def problems(self) -> list[Problem]:
        """What was not understood, by place."""
        return [Problem(*one) for one in self.native.problems]

    @cached_property
    def cell_names(self) -> pa.LargeStringArray:
        """The name of each instance."""
        import pyarrow as pa

        return pa.array(self.native.cell_names())

    @cached_property
    def net_names(self) -> pa.LargeStringArray:
        """The name of each net."""
        import pyarrow as pa

        return pa.array(self.native.net_names())

    @cached_property
    def types(self) -> list[CellKind]:
        """The cells of the library that the design uses, with pins, roles and functions."""
        return self.native.types()

    def table(self) -> pa.Table:
        """A row for each instance.

        Columns: instance, name, kind (place in `types`), type, family, inverting, and net,
        that of the first connected output (-1: none is).
        """
        import pyarrow as pa

        return pa.Table.from_batches([pa.record_batch(self.native.table())])

    def edges(self) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """Driver and load of every connection to a data or enable pin, as instances."""
        import pyarrow as pa

        from kaname.hardware.netlist.lent import taken

        rows = pa.record_batch(self.native.edges())
        return taken(rows["driver"]), taken(rows["load"])

    def pins(self) -> pa.Table:
        """A row for each connected pin: instance, pin (place in the type), role, net."""
        import pyarrow as pa

        return pa.Table.from_batches([pa.record_batch(self.native.pins())])

    def drivers(self) -> NDArray[np.int32]:
        """The instance that drives each net, -1 where none does."""
        from kaname.hardware.netlist.lent import taken

        found: NDArray[np.int32] = taken(self.native.drivers())
        return found

    def __len__(self) -> int:
        return self.native.cells

    def __repr__(self) -> str:
        return f"<Netlist {self.name}: {self.cells} cells, {self.nets} nets>"
