"""How a tool would use a library: which forms it likes, how it takes XORs apart, which flops."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kaname.hardware.netlist.corpus.mapping import Preferences
from kaname.hardware.netlist.corpus.restructuring import Style

if TYPE_CHECKING:
    from random import Random

    from kaname.hardware.netlist.corpus.libraries import FlopCell, Library
    from kaname.hardware.netlist.corpus.logic import Flop
    from kaname.hardware.netlist.corpus.mapping import Form

__all__ = ["Technology", "technology"]

_AREA = {
    "INV": 0.7, "BUF": 1.0, "NAND": 1.0, "NOR": 1.0, "AND": 1.35, "OR": 1.35,
    "XOR": 2.3, "XNOR": 2.3, "MUX": 2.2, "MUXI": 2.0, "ANDN": 1.2,
    "AOI": 0.9, "OAI": 0.9, "AO": 1.25, "OA": 1.25,
}  # fmt: skip
#: Tastes: forms that a tool has, of what the library offers.
_TASTES: dict[str, tuple[str, ...]] = {
    "full": ("NAND", "NOR", "AND", "OR", "AOI", "OAI", "AO", "OA", "MUX", "MUXI", "ANDN",
             "XOR", "XNOR"),
    "inverting": ("NAND", "NOR", "AOI", "OAI", "MUXI", "XOR", "XNOR"),
    "positive": ("NAND", "NOR", "AND", "OR", "AO", "OA", "MUX", "ANDN", "XOR", "XNOR"),
    "simple": ("NAND", "NOR", "AND", "OR", "XOR", "XNOR"),
    "two_level": ("NAND", "NOR"),
    "nor": ("NOR", "AND"),
    "nand": ("NAND", "NOR", "OR"),
}  # fmt: skip


@dataclass(slots=True)
class Technology:
    """A library and one way to use it."""

    library: Library
    prefer: Preferences
    style: Style
    scan: bool
    #: Flip-flops with both outputs.
    complements: bool
    #: Flip-flops that have all asynchronous pins, tied off where they are not used.
    all_pins: bool
    suffix: str
    prefix: str
    bias: int
    #: Readers of a net from which buffers split the load (0: never).
    buffered: int
    half_adders: bool
    #: Which of several cells of one form (inverters have more than one name).
    pick: int

    def flop(self, flop: Flop) -> FlopCell:
        """Choose the cell for a flip-flop; what the library lacks is left away."""
        return max(self.library.flops, key=lambda cell: self._fitness(cell, flop))

    def _fitness(self, cell: FlopCell, flop: Flop) -> float:
        wants_clear = flop.reset >= 0 and not flop.value
        wants_preset = flop.reset >= 0 and bool(flop.value)
        extra = (bool(cell.clear) and not wants_clear) + (bool(cell.preset) and not wants_preset)
        return (
            100 * (cell.latch == flop.latch)
            + 50 * (bool(cell.enable) == (flop.enable >= 0))
            + 20 * (bool(cell.clear) >= wants_clear)
            + 20 * (bool(cell.preset) >= wants_preset)
            + 10 * (bool(cell.scan_in) == self.scan)
            + (1 if self.all_pins else -5) * extra
            + 2 * (bool(cell.complement) == self.complements)
        )


def _taste(library: Library, rng: Random, *, guest: bool) -> str:
    """Choose which forms are used, as far as the library has them."""
    offered = {form[0] for form in library.cells}
    if guest:
        # Trojans are small, written by hand or by a script: simple gates, often wide ones.
        weights = [4, 1, 2, 7, 0.7, 0.2, 0.5]
    elif library.name == "leda":
        weights = [2, 2, 1, 4, 4, 1.5, 2]
    elif "AOI" in offered:
        weights = [8, 4, 3, 1.5, 1, 0.3, 0.7]
    else:
        weights = [3, 1, 1, 4, 3, 1, 2]
    taste = rng.choices(list(_TASTES), weights=weights, k=1)[0]
    return taste if {"NAND", "NOR"} & offered else "full"


def _costs(library: Library, taste: str, rng: Random, *, guest: bool) -> dict[Form, float]:
    """Price the forms of a taste; those too wide for it, and some by chance, are left out."""
    liking = {name: rng.uniform(0.75, 1.3) for name in sorted({form[0] for form in library.cells})}
    wide = rng.choice([3, 4, 4, 5, 6] if guest else [2, 3, 4, 4, 6])
    widest = wide if taste in ("full", "positive", "simple") else 4
    if taste in ("two_level", "nor", "nand") or (library.positional and rng.random() < 0.9):
        widest = 2
    cost: dict[Form, float] = {}
    for form in sorted(library.cells):
        name, sizes = form
        if name not in (*_TASTES[taste], "INV") or (sizes and max(sizes) > widest):
            continue
        if sum(sizes) > 3 and rng.random() < 0.2:
            continue
        area = _AREA[name] * liking[name]
        if sizes:
            area *= (0.5 + 0.5 * sum(sizes) / 2) if name not in ("XOR", "XNOR") else sizes[0] / 2
        cost[form] = area * rng.uniform(0.92, 1.08)
    return cost


def technology(library: Library, rng: Random, *, like: Technology | None = None) -> Technology:
    """Choose one way to use a library; `like` gives what a second tool has to keep."""
    guest = like is not None
    taste = _taste(library, rng, guest=guest)
    cost = _costs(library, taste, rng, guest=guest)
    has_xor = ("XOR", (2,)) in cost or ("XNOR", (2,)) in cost
    style = Style(
        split_xor=0 if has_xor else (3 if taste == "nor" else rng.randint(1, 3)),
        split_mux=(("MUX", ()) not in cost and ("MUXI", ()) not in cost) or rng.random() < 0.25,
        rebalance=rng.choice([0.0, 0.3, 1.0]),
        enables=any(cell.enable for cell in library.flops),
        rng=rng,
    )
    prefer = Preferences(cost, inverter=rng.uniform(0.2, 1.0))
    if like is not None:
        prefer.inverter = rng.choice([0.5, 1.0, 1.0])
        cost["INV", ()] *= rng.choice([1.0, 2.0, 3.0])
        return Technology(
            library, prefer, style, rng.random() < 0.1 and like.scan, rng.random() < 0.4,
            like.all_pins and rng.random() < 0.5, like.suffix, like.prefix,
            rng.choice([like.bias, like.bias, 0, 1, 2]), 0, rng.random() < 0.5, rng.randrange(3),
        )  # fmt: skip
    return Technology(
        library,
        prefer,
        style,
        scan=rng.random() < 0.35 and any(cell.scan_in for cell in library.flops),
        complements=rng.random() < 0.5,
        all_pins=rng.random() < 0.3,
        suffix=library.extra.get("suffix", "") if rng.random() < 0.7 else "",
        prefix=rng.choice(library.prefixes),
        bias=rng.choice([0, 0, 0, 1, 2]),
        buffered=rng.choice([0, 0, 0, 0, 0, 0, 10, 24]),
        half_adders=rng.random() < 0.3 and ("HA", ()) in library.cells,
        pick=rng.randrange(3),
    )
