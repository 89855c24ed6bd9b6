"""How usual a cell is among the cells of its own design.

A host is synthesised with some taste: it uses the cells and drive strengths that its tool
chose. What was put in later was made by another tool or by hand, and uses others. So a
library cell that is rare in its design is suspicious, and more so among its like. Only
whether two cells are the same counts, never what they are called.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from kaname.hardware.netlist.catalogue.frame import Feature
from kaname.hardware.netlist.graph import ranks
from kaname.hardware.netlist.lent import taken
from kaname.hardware.netlist.values import Values

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from kaname.hardware.netlist.design import Netlist
    from kaname.hardware.netlist.graph import Graph

__all__ = ["CENSUS", "census", "described"]

_BASE = (
    Feature(
        "type_rareness",
        "log10",
        "How rare the library cell (drive strength included) is in the design",
        "そのライブラリセル(駆動力を含む)の設計内での希少さ",
    ),
    Feature(
        "type_rareness_1",
        "log10",
        "Mean rareness of the library cells of drivers and loads",
        "駆動元と負荷のライブラリセルの希少さの平均",
    ),
    Feature(
        "type_rareness_2",
        "log10",
        "Mean of that over drivers and loads: rareness of library cells two steps around",
        "その値の駆動元と負荷にわたる平均(2 段以内のライブラリセルの希少さ)",
    ),
    Feature(
        "drive_rareness",
        "log10",
        "How rare the library cell is among cells of the same function in the design",
        "同じ機能のセルの中での、そのライブラリセルの希少さ",
    ),
    Feature(
        "in_fan_out_mean",
        "log2",
        "Mean logarithm of how many pins read the nets that the cell reads",
        "そのセルが読むネットを読むピンの数の対数の平均",
    ),
)
CENSUS: dict[str, Feature] = {one.name: one for one in (*_BASE, *(each.rank() for each in _BASE))}
"""Features of this module by name."""


def described(
    netlist: Netlist, graph: Graph, names: Sequence[str] | None = None
) -> tuple[tuple[str, ...], Values]:
    """Names and values of all features of a netlist, or of those named: `CATALOGUE` first.

    Values are float32, those of this module in a block of their own.
    """
    from kaname.hardware.netlist.features import CATALOGUE, compute

    native = [name for name in CATALOGUE if names is None or name in set(names)]
    own = [name for name in CENSUS if name not in CATALOGUE and (names is None or name in names)]
    features = compute(netlist, native)
    if not own:
        return features.names, Values([features.values])
    block = np.empty((len(own), netlist.cells), np.float32)
    found = census(netlist, graph)
    for at, name in enumerate(own):
        block[at] = found[name]
    return (*native, *own), Values([features.values, block.T])


def census(netlist: Netlist, graph: Graph) -> dict[str, NDArray[np.float64]]:
    """All features of `CENSUS`, by name."""
    kind = taken(netlist.table()["kind"])
    types = netlist.types
    alike = {(one["family"], one["inverting"]) for one in types}
    group = {each: number for number, each in enumerate(sorted(alike))}
    family = np.array([group[one["family"], one["inverting"]] for one in types], np.int64)
    count = np.bincount(kind, minlength=len(types)).astype(np.float64)
    whole = np.bincount(family, count, len(group)) if len(types) else count
    share = np.maximum(count, 1) / max(1, len(kind))
    rare = -np.log10(share)[kind]
    near = _around(rare, graph)
    found = {
        "type_rareness": rare,
        "type_rareness_1": near,
        "type_rareness_2": _around(near, graph),
        "drive_rareness": -np.log10(np.maximum(count, 1) / np.maximum(whole[family], 1))[kind],
        "in_fan_out_mean": _crowds(netlist),
    }
    return found | {f"{name}_rank": _rank(values) for name, values in found.items()}


def _around(values: NDArray[np.float64], graph: Graph) -> NDArray[np.float64]:
    sums: NDArray[np.float64] = graph.from_drivers(values) + graph.from_loads(values)
    return sums / np.maximum(graph.fan_in + graph.fan_out, 1)


def _crowds(netlist: Netlist) -> NDArray[np.float64]:
    """Mean logarithm (base 2) of the readers of a cell's data nets."""
    from kaname._native import PIN_ROLES

    role_of = {name: number for number, name in enumerate(PIN_ROLES)}
    pins = netlist.pins()
    instance, net, role = (taken(pins[name]) for name in ("instance", "net", "role"))
    reads = (role != role_of["output"]) & (role != role_of["power"])
    readers = np.bincount(net[reads], minlength=int(net.max(initial=-1)) + 1)
    data = (role == role_of["data"]) | (role == role_of["enable"])
    cell = instance[data]
    logarithms = np.log2(np.maximum(readers, 1))[net[data]]
    sums = np.bincount(cell, logarithms, netlist.cells)
    return sums / np.maximum(np.bincount(cell, minlength=netlist.cells), 1)


def _rank(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """The share of cells below, and half of those that are equal as far as eyes can tell."""
    found: NDArray[np.float64] = ranks(values.round(4))  # sums differ in the last places
    return found
