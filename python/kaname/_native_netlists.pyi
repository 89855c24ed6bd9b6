"""Types of `kaname._native` for netlists; no module of this name is run."""

from os import PathLike
from typing import Final, Literal, TypeAlias, TypedDict, final

from kaname._native import ArrowBatch, ArrowColumn

CELL_FAMILIES: Final[list[str]]
"""Names of the families of cells, by number."""
PIN_ROLES: Final[list[str]]
"""Names of what pins are for, by number."""

CellFunction: TypeAlias = tuple[Literal["table", "wide", "state", "unknown"], bytes, int]
"""Kind, places of the pins it is of, and bits of the table (first pin lowest); for "wide"
twice the gate (and, or, xor) and whether it is inverted, for "state" whether it is."""

class CellPin(TypedDict):
    """A pin of a cell."""

    name: str
    role: str
    function: CellFunction | None

class CellKind(TypedDict):
    """A cell of a library, as a design uses it."""

    name: str
    family: str
    inverting: bool
    pins: list[CellPin]
    next: CellFunction | None

@final
class Netlist:
    """A flat design, and what was not understood of its text."""

    name: str
    digest: str
    format: str
    cells: int
    nets: int
    undriven: int
    contested: int
    unknown: int
    problem_count: int
    problems: list[tuple[int, int, str, str]]
    inputs: list[int]
    outputs: list[int]
    constants: tuple[int | None, int | None]

    @staticmethod
    def open(
        path: str | PathLike[str], top: str | None = None, cells: list[tuple[str, bytes]] = ...
    ) -> Netlist:
        """Read a file, unpacking gzip; ``cells`` are names and texts of tables of cells.

        Raises:
            OSError: the file cannot be read.
            NativeError: "netlist_...": no design can be made of it.
        """

    @staticmethod
    def read(data: bytes, top: str | None = None, cells: list[tuple[str, bytes]] = ...) -> Netlist:
        """Read bytes in the same way."""

    def cell_names(self) -> ArrowColumn: ...
    def net_names(self) -> ArrowColumn: ...
    def types(self) -> list[CellKind]: ...
    def table(self) -> ArrowBatch:
        """instance, name, kind, type, family, inverting, net (of the output; -1: none)."""

    def edges(self) -> ArrowBatch:
        """driver, load: int32, a row for every data or enable pin that a cell drives."""

    def pins(self) -> ArrowBatch:
        """instance, pin, role, net: a row for every connected pin."""

    def drivers(self) -> ArrowColumn:
        """The instance that drives each net, or -1; int32."""

    def __len__(self) -> int: ...
