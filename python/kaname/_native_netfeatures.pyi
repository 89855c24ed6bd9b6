"""Types of `kaname._native` for features of cells; no module of this name is run."""

from collections.abc import Sequence

from kaname._native import ArrowColumn
from kaname._native_netlists import Netlist

CELL_FEATURES: list[str]
"""The names of all features, in their order."""

def cell_features(netlist: Netlist, names: Sequence[str], threads: int) -> ArrowColumn:
    """The named features of all cells, one column behind the other. float32.

    Raises:
        NativeError: "feature": a name is none.
    """

def swept_netlist(netlist: Netlist) -> tuple[Netlist, ArrowColumn] | None:
    """The design without gates that change nothing, and the place in it of each cell.

    int32, -1 for cells that went. None where there are no such gates.
    """

def around_on_nets(cell: object, net: object, values: object) -> tuple[ArrowColumn, ArrowColumn]:
    """By cell, the mean of ``values`` of the other cells on its nets, and the highest such mean.

    ``cell`` and ``net`` (int32) are pins, ``values`` (float64) are by cell. Nets of few pins
    weigh more, by the root of their number; those of more than 64 are left out of the highest.

    Raises:
        ValueError: a pin is of a cell without a value, or on no net.
    """

def middle_ranks(values: object) -> ArrowColumn:
    """The share of ``values`` (float64) below each, equal ones in the middle. float64."""

class NeighbourLinks:
    """The neighbours of each cell of a graph, on one side."""

    def __init__(self, cells: int, at: object, to: object) -> None:
        """A link to ``to[i]`` at each ``at[i]``, int32.

        Raises:
            ValueError: one is not below ``cells``.
        """

    def starts(self) -> ArrowColumn:
        """Where the neighbours of each cell begin, and the end. int64."""

    def to(self) -> ArrowColumn:
        """All neighbours, cell after cell, in the order given. int32."""

    def sums(self, values: object, threads: int) -> ArrowColumn:
        """By cell, the sum of ``values`` (float64) over its neighbours. float64.

        Raises:
            ValueError: there are not as many values as cells.
        """

    def highest(self, values: object, threads: int) -> ArrowColumn:
        """By cell, the highest of ``values`` (float64) among its neighbours, or 0. float64.

        Raises:
            ValueError: there are not as many values as cells.
        """
