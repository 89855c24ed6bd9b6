"""Names and kinds of a few cells of a design."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
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
    rows = netlist.table().take([int(cell) for cell in cells]).to_pylist()
    return [
        Told(
            row["instance"],
            row["net"] or "",
            row["type"],
            row["family"],
            bool(row["inverting"]),
        )
        for row in rows
    ]
