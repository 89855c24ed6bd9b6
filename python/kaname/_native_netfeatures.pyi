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
