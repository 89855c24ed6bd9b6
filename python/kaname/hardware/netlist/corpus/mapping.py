"""Cover a network with cells: NAND/NOR/AOI/OAI/MUX by cost, as technology mapping does.

Trees between nets of several readers are covered by dynamic programming (Keutzer, DAC 1987),
where an AND of ORs can become any of four cells (AND-of-ORs, its complement, or the dual forms
over complemented leaves): bubble pushing is in the choice of phases. Preferences are costs per
form, so that two designs (or a host and its Trojan) look as if two tools had made them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from kaname.hardware.netlist.corpus.logic import Kind, Logic

if TYPE_CHECKING:
    from collections.abc import Iterable
    from random import Random

__all__ = ["Form", "Gate", "Mapper", "Preferences"]

#: A form of cell: what it is called, and the sizes of its groups (largest first).
Form = tuple[str, tuple[int, ...]]
_NEVER = 1e9
#: The most legs of a cell.
_LEGS = 6
_AND_NOT: Form = ("ANDN", ())


@dataclass(slots=True)
class Gate:
    """A cell on nets. Nets are numbers; 0 and 1 are the constants."""

    form: Form
    inputs: list[int]
    outputs: list[int]
    foreign: bool = False


@dataclass(slots=True)
class Preferences:
    """What each form costs; forms that are missing are not used."""

    cost: dict[Form, float]
    #: The share of an inverter's cost that one more reader of a complemented net pays.
    inverter: float = 0.5

    def of(self, name: str, *sizes: int) -> float:
        """Cost of a form."""
        return self.cost.get((name, sizes), _NEVER)


class _Cover(NamedTuple):
    cost: float
    form: Form
    leaves: tuple[int, ...]


_FOUR = {
    # (complement the output, complement the leaves): forms of plain and of grouped cells.
    (0, 0): ("AND", "OA"),
    (1, 0): ("NAND", "OAI"),
    (0, 1): ("NOR", "AOI"),
    (1, 1): ("OR", "AO"),
}


@dataclass
class Mapper:
    """Maps nodes of one network into gates; may be called again for nodes added later."""

    logic: Logic
    prefer: Preferences
    gates: list[Gate] = field(default_factory=list)
    #: Literal -> net that carries it.
    net: dict[int, int] = field(default_factory=lambda: {0: 0, 1: 1})
    nets: int = 2
    cost: dict[int, float] = field(default_factory=dict)
    cover: dict[int, _Cover] = field(default_factory=dict)
    wall: list[bool] = field(default_factory=list)
    #: Literals on the pins of flip-flops, by node; nodes whose complement costs nothing.
    pins: dict[int, list[int]] = field(default_factory=dict)
    complemented: set[int] = field(default_factory=set)
    #: Random factor on costs (1 +- noise), for designers of changing taste.
    noise: float = 0.0
    rng: Random | None = None

    def new_net(self) -> int:
        """Give a net that nothing uses yet."""
        self.nets += 1
        return self.nets - 1

    def map(self, prefer: Preferences, since: int = 0) -> None:
        """Map all nodes from number `since` on that roots need."""
        self.prefer = prefer
        self._walls()
        for node in range(since, len(self.logic)):
            self._plan(node)
        self._emit(since)

    # Planning: the cheapest cover of every node, in both phases.

    def _walls(self) -> None:
        """Find nodes that must be on a net: several readers, roots, borders of a Trojan."""
        logic = self.logic
        readers = [0] * len(logic)
        sources = (Kind.CONSTANT, Kind.INPUT, Kind.FLOP, Kind.KEPT)
        wall = [kind in sources for kind in logic.kind]
        foreign = logic.foreign
        for node, kind in enumerate(logic.kind):
            for pin in logic.fanins(node):
                below = pin >> 1
                readers[below] += 1
                if foreign[below] != foreign[node] or kind == Kind.KEPT:
                    wall[below] = True
        for literal in (*logic.roots(), *self.net):
            wall[literal >> 1] = True
        for node in logic.named:
            wall[node] = True
        self.wall = [held or count != 1 for held, count in zip(wall, readers, strict=True)]

    def _plan(self, node: int) -> None:
        kind = self.logic.kind[node]
        literal = node * 2
        inverter = self.prefer.of("INV")
        if kind == Kind.AND:
            self._plan_and(node)
        elif kind == Kind.XOR:
            self._plan_xor(node)
        elif kind == Kind.MUX:
            self._plan_mux(node)
        else:
            self.cost[literal] = 0.0
            self.cost[literal + 1] = (
                0.0 if node in self.complemented else inverter * self.prefer.inverter
            )
            return
        for this in (literal, literal + 1):
            other = self.cover[this ^ 1].cost + inverter if this ^ 1 in self.cover else _NEVER
            if this not in self.cover or self.cover[this].cost > other:
                self.cover[this] = _Cover(other, ("INV", ()), (this ^ 1,))
        for this in (literal, literal + 1):
            self.cost[this] = self.cover[this].cost
        if self.wall[node]:
            native = self.native(node)
            self.cost[native] = 0.0
            self.cost[native ^ 1] = inverter * self.prefer.inverter

    def native(self, node: int) -> int:
        """Literal of the phase in which a node is made first."""
        plus, minus = self.cover[node * 2], self.cover[node * 2 + 1]
        if plus.form[0] == "INV":
            return node * 2 + 1
        if minus.form[0] == "INV":
            return node * 2
        return node * 2 + (minus.cost < plus.cost)

    def _better(self, literal: int, cost: float, form: Form, leaves: tuple[int, ...]) -> None:
        if self.rng is not None and self.noise:
            cost *= 1 + self.noise * (self.rng.random() - 0.5)
        now = self.cover.get(literal)
        if now is None or cost < now.cost:
            self.cover[literal] = _Cover(cost, form, leaves)

    def _groups(self, literal: int, reader: int) -> list[tuple[tuple[int, ...], ...]]:
        """Ways to see one leg of an AND: a leaf, more ANDed legs, or a group of ORed ones."""
        found: list[tuple[tuple[int, ...], ...]] = [((literal,),)]
        logic = self.logic
        node = literal >> 1
        if (
            self.wall[node]
            or logic.kind[node] != Kind.AND
            or logic.foreign[node] != logic.foreign[reader]
        ):
            return found
        a, b = logic.first[node], logic.second[node]
        if literal & 1:
            found.append(((a ^ 1, b ^ 1),))
            for x, y in ((a, b), (b, a)):
                inner = x >> 1
                if not x & 1 and not self.wall[inner] and logic.kind[inner] == Kind.AND:
                    c, d = logic.first[inner] ^ 1, logic.second[inner] ^ 1
                    found.append(((c, d, y ^ 1),))
        else:
            found.append(((a,), (b,)))
            for x, y in ((a, b), (b, a)):
                inner = x >> 1
                if self.wall[inner] or logic.kind[inner] != Kind.AND:
                    continue
                c, d = logic.first[inner], logic.second[inner]
                if x & 1:
                    found.append(((c ^ 1, d ^ 1), (y,)))
                else:
                    found.append(((c,), (d,), (y,)))
        return found

    def _plan_and(self, node: int) -> None:
        logic = self.logic
        right = self._groups(logic.second[node], node)
        for ga in self._groups(logic.first[node], node):
            for gb in right:
                if len(ga) + len(gb) <= _LEGS:
                    self._try_groups(node * 2, ga + gb)

    def _try_groups(self, out: int, groups: tuple[tuple[int, ...], ...]) -> None:
        """Price the four cells that an AND of ORs can become."""
        cost, table = self.cost, self.prefer.cost
        groups = tuple(sorted(groups, key=len, reverse=True))
        sizes = tuple(len(group) for group in groups)
        leaves = tuple(pin for group in groups for pin in group)
        grouped = sizes[0] > 1
        if not grouped:
            sizes = (len(groups),)
            if len(groups) == 2 and _AND_NOT in table:
                self._plan_and_not(out, leaves)
        plus = sum([cost[pin] for pin in leaves])
        minus = sum([cost[pin ^ 1] for pin in leaves])
        for (flip, dual), names in _FOUR.items():
            form = (names[grouped], sizes)
            price = table.get(form)
            if price is not None:
                used = tuple(pin ^ 1 for pin in leaves) if dual else leaves
                self._better(out ^ flip, price + (minus if dual else plus), form, used)

    def _plan_and_not(self, out: int, leaves: tuple[int, ...]) -> None:
        for plus, minus in (leaves, leaves[::-1]):
            price = self.cost[plus] + self.cost[minus ^ 1] + self.prefer.cost[_AND_NOT]
            self._better(out, price, _AND_NOT, (plus, minus ^ 1))

    def _plan_xor(self, node: int) -> None:
        logic, cost = self.logic, self.cost
        a, b = logic.first[node], logic.second[node]
        best = [min((a, a ^ 1), key=cost.__getitem__), min((b, b ^ 1), key=cost.__getitem__)]
        flip = (a ^ best[0] ^ b ^ best[1]) & 1
        price = cost[best[0]] + cost[best[1]]
        self._better(node * 2 ^ flip, price + self.prefer.of("XOR", 2), ("XOR", (2,)), tuple(best))
        self._better(
            node * 2 ^ flip ^ 1, price + self.prefer.of("XNOR", 2), ("XNOR", (2,)), tuple(best)
        )
        for pin, other in ((best[0], best[1]), (best[1], best[0])):
            inner = pin >> 1
            if self.wall[inner] or logic.kind[inner] != Kind.XOR:
                continue
            c, d = logic.first[inner], logic.second[inner]
            legs = (c, d, other)
            sign = flip ^ (pin & 1)
            price = sum(cost[leg] for leg in legs)
            for name, turn in (("XOR", 0), ("XNOR", 1)):
                here = node * 2 ^ sign ^ turn
                self._better(here, price + self.prefer.of(name, 3), (name, (3,)), legs)

    def _plan_mux(self, node: int) -> None:
        logic, cost = self.logic, self.cost
        select, on, off = logic.first[node], logic.second[node], logic.third[node]
        for flip in (0, 1):
            for swap in (0, 1):
                legs = (select, on, off) if not swap else (select ^ 1, off, on)
                for name, turn in (("MUX", 0), ("MUXI", 1)):
                    used = (legs[0], legs[1] ^ flip ^ turn, legs[2] ^ flip ^ turn)
                    price = sum(cost[leg] for leg in used) + self.prefer.of(name)
                    self._better(node * 2 ^ flip, price, (name, ()), used)

    # Emission.

    def _emit(self, since: int) -> None:
        logic, net = self.logic, self.net
        flops = [flop.node for flop in logic.flops if flop.node >= since]
        kept = sorted(node for node in logic.kept if node >= since)
        for node in (*logic.inputs, *flops, *kept):
            if node * 2 not in net:
                net[node * 2] = self.new_net()
        wanted = logic.outputs + logic.anchors
        for node in flops:
            wanted += self.pins.get(node, [])
        for node in kept:
            wanted += logic.kept[node][1]
        self.require(wanted)
        for node in kept:
            form, pins = logic.kept[node]
            sizes = (len(pins),) if len(pins) > 1 else ()
            inputs = [net[pin] for pin in pins]
            self.gates.append(Gate((form, sizes), inputs, [net[node * 2]], logic.foreign[node]))

    def require(self, wanted: Iterable[int]) -> None:
        """Make nets for literals."""
        stack = list(wanted)
        while stack:
            literal = stack.pop()
            if literal not in self.net:
                stack += self._make(literal)

    def _make(self, literal: int) -> tuple[int, ...]:
        node = literal >> 1
        made = self.net[literal] = self.new_net()
        foreign = self.logic.foreign[node]
        if node in self.complemented:
            return ()
        leaf = self.logic.kind[node] not in (Kind.AND, Kind.XOR, Kind.MUX)
        if leaf or (self.wall[node] and literal != self.native(node)):
            self._gate(("INV", ()), (literal ^ 1,), made, foreign)
            return (literal ^ 1,)
        cover = self.cover[literal]
        self._gate(cover.form, cover.leaves, made, foreign)
        return cover.leaves

    def _gate(self, form: Form, leaves: tuple[int, ...], out: int, foreign: bool) -> None:
        # Nets of leaves are made later: literals stand in until `finish`.
        self.gates.append(Gate(form, [-2 - leaf for leaf in leaves], [out], foreign))

    def finish(self) -> list[Gate]:
        """Put nets in place of literals."""
        for gate in self.gates:
            gate.inputs = [self.net[-2 - pin] if pin < 0 else pin for pin in gate.inputs]
        return self.gates
