"""Numbers about each cell of a netlist, computed by the native core.

None of them depends on names or on the order in which a design is written. All are linear
in the pins of a design; `CATALOGUE` says what each one means.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from kaname import _native
from kaname.hardware.netlist.catalogue import BASE, CATALOGUE, PUBLISHED, Feature
from kaname.hardware.netlist.lent import taken
from kaname.model.errors import UsageError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from kaname.hardware.netlist.design import Netlist

__all__ = ["BASE", "CATALOGUE", "PUBLISHED", "Feature", "Features", "compute"]


@dataclass(frozen=True, slots=True)
class Features:
    """A number for each cell and feature.

    ``values`` are float32, one row a cell, one column a name; columns are contiguous
    (Fortran order) and not to be written to.
    """

    names: tuple[str, ...]
    values: NDArray[np.float32]

    def column(self, name: str) -> NDArray[np.float32]:
        """One feature of all cells."""
        column: NDArray[np.float32] = self.values[:, self.names.index(name)]
        return column


def compute(
    netlist: Netlist, names: Sequence[str] | None = None, *, threads: int | None = None
) -> Features:
    """Features of all cells: all of `CATALOGUE`, or only those that are named.

    Only what the named ones need is computed. Memory is four bytes for each cell and name,
    and some 200 bytes a cell while it works.

    Raises:
        UsageError: a name is not in `CATALOGUE`.
    """
    wanted = tuple(_native.CELL_FEATURES if names is None else names)
    for name in wanted:
        if name not in CATALOGUE:
            raise UsageError("hardware.error.feature", name=name)
    column = _native.cell_features(
        netlist.native, list(wanted), min(os.cpu_count() or 1, 16) if threads is None else threads
    )
    block = taken(column)
    return Features(wanted, block.reshape(len(wanted), netlist.cells).T)
