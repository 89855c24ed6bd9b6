"""Names and kinds of a few cells of a design."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple
from weakref import WeakKeyDictionary

import msgspec
import numpy as np

from kaname.hardware.netlist.lent import lent, taken

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from kaname.hardware.netlist.design import Netlist

__all__ = ["Told", "told"]


class Told(msgspec.Struct, frozen=True):
    """A cell: its instance, the net that it drives, its library cell and family."""

    instance: str
    net: str
    cell: str
    family: str
    inverting: bool


def told(netlist: Netlist, cells: Sequence[int]) -> list[Told]:
    """What is known of ``cells`` (places in the design), in their order."""
    places = np.asarray(cells, np.int64)
    columns = _columns(netlist)
    instances = netlist.cell_names.take(lent(places)).to_pylist()
    nets = columns.net[places]
    named = iter(netlist.net_names.take(lent(nets[nets >= 0])).to_pylist())
    found = []
    for instance, net, kind in zip(instances, nets, columns.kind[places], strict=True):
        about = netlist.types[kind]
        name = next(named) if net >= 0 else ""
        found.append(Told(instance, name, about["name"], about["family"], about["inverting"]))
    return found


class _Columns(NamedTuple):
    kind: NDArray[np.int32]
    net: NDArray[np.int32]


# Asked for again and again while a verdict is told; a design forgotten takes its own along.
_kept: WeakKeyDictionary[Netlist, _Columns] = WeakKeyDictionary()


def _columns(netlist: Netlist) -> _Columns:
    found = _kept.get(netlist)
    if found is None:
        table = netlist.table()
        found = _Columns(taken(table["kind"]), taken(table["net"]))
        _kept[netlist] = found
    return found
