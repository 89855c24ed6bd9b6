"""Every feature of a cell: its name, unit, meaning in both languages, and source.

The names are stable: a model knows features by them. New ones come at the end. Each
feature that is not a yes or no has its rank inside the design beside it (``<name>_rank``).
"""

from __future__ import annotations

from kaname.hardware.netlist.catalogue.cells import AROUND, OWN
from kaname.hardware.netlist.catalogue.effort import EFFORT, TAPS
from kaname.hardware.netlist.catalogue.flips import FLIPS
from kaname.hardware.netlist.catalogue.frame import Feature
from kaname.hardware.netlist.catalogue.parts import PARTS, REGIONS
from kaname.hardware.netlist.catalogue.published import FEATURES as PUBLISHED
from kaname.hardware.netlist.catalogue.rarity import RARITY
from kaname.hardware.netlist.catalogue.registers import REGISTERS
from kaname.hardware.netlist.catalogue.shape import LEAVES, SHAPE

__all__ = ["BASE", "CATALOGUE", "PUBLISHED", "Feature"]

BLOCKS = (
    PUBLISHED,
    OWN,
    AROUND,
    RARITY,
    (*SHAPE, *REGISTERS, *EFFORT, *PARTS),
    (*LEAVES, *TAPS),
    REGIONS,
    FLIPS,
)

BASE: tuple[Feature, ...] = tuple(one for block in BLOCKS for one in block)
"""Features that are computed, without their ranks."""

CATALOGUE: dict[str, Feature] = {
    one.name: one
    for block in BLOCKS
    for one in (*block, *(each.rank() for each in block if each.ranked))
}
"""All features by name, in the order of the core."""
