"""A network of ANDs, XORs, multiplexers and flip-flops with complemented edges.

What the generators build and the mapper turns into cells: an and-inverter graph (Kuehlmann,
Paruthi, Krohm, Ganai, TCAD 2002), with XOR and multiplexer nodes kept because synthesis keeps
them. A literal is twice a node's number, plus one where the edge is complemented; node 0 is the
constant zero. Equal nodes are made once and constants fold away as nodes are made, as a
synthesiser does, so that what comes out holds no gate that a tool would have removed.
"""

from __future__ import annotations

from dataclasses import dataclass, field

__all__ = ["ONE", "ZERO", "Flop", "Kind", "Logic"]

ZERO = 0
ONE = 1


class Kind:
    """What a node is."""

    CONSTANT = 0
    INPUT = 1
    AND = 2
    XOR = 3
    MUX = 4
    FLOP = 5
    #: A cell that optimisation must leave as it is: rings, delay chains, tied pins.
    KEPT = 6


@dataclass(slots=True)
class Flop:
    """A flip-flop: its node is its output; every pin is a literal (-1: there is no such pin)."""

    node: int
    data: int = ZERO
    clock: int = -1
    reset: int = -1
    value: int = 0
    enable: int = -1
    latch: bool = False


@dataclass(slots=True)
class Logic:
    """The network; nodes are numbered so that inputs of a gate come before it."""

    kind: list[int] = field(default_factory=lambda: [Kind.CONSTANT])
    first: list[int] = field(default_factory=lambda: [0])
    second: list[int] = field(default_factory=lambda: [0])
    third: list[int] = field(default_factory=lambda: [0])
    #: Whether a node belongs to an inserted Trojan.
    foreign: list[bool] = field(default_factory=lambda: [False])
    flops: list[Flop] = field(default_factory=list)
    #: Kept cells: node -> (form, literals of its pins).
    kept: dict[int, tuple[str, list[int]]] = field(default_factory=dict)
    inputs: list[int] = field(default_factory=list)
    outputs: list[int] = field(default_factory=list)
    #: Literals that exist though no port shows them (loads that only draw power).
    anchors: list[int] = field(default_factory=list)
    #: Nodes that keep a net of their own (a Trojan's trigger), in whichever phase.
    named: list[int] = field(default_factory=list)
    clock: int = -1
    #: What the reset input is, if there is one (a literal that is 1 in reset).
    reset: int = -1
    #: True while nodes of a Trojan are being made.
    marking: bool = False
    #: Where 1 .. 3, XORs are made of ANDs (in that many ways); multiplexers likewise.
    split_xor: int = 0
    split_mux: bool = False
    made: dict[tuple[int, int, int, int], int] = field(default_factory=dict)

    def _new(self, kind: int, first: int = 0, second: int = 0, third: int = 0) -> int:
        self.kind.append(kind)
        self.first.append(first)
        self.second.append(second)
        self.third.append(third)
        self.foreign.append(self.marking)
        return len(self.kind) - 1

    def __len__(self) -> int:
        """Nodes, the constant included."""
        return len(self.kind)

    def input(self) -> int:
        """Give a new primary input's literal."""
        node = self._new(Kind.INPUT)
        self.inputs.append(node)
        return node * 2

    def both(self, a: int, b: int) -> int:
        """Give a AND b."""
        if a > b:
            a, b = b, a
        if a <= 1 or a >> 1 == b >> 1:
            return self._folded(a, b)
        key = (Kind.AND, a, b, 0)
        node = self.made.get(key)
        if node is None:
            node = self.made[key] = self._new(*key)
        return node * 2

    @staticmethod
    def _folded(a: int, b: int) -> int:
        if a == ZERO or a == b ^ 1:
            return ZERO
        return b

    def either(self, a: int, b: int) -> int:
        """Give a OR b."""
        return self.both(a ^ 1, b ^ 1) ^ 1

    def differ(self, a: int, b: int) -> int:
        """Give a XOR b."""
        sign = (a ^ b) & 1
        a, b = a & ~1, b & ~1
        if a > b:
            a, b = b, a
        if a == b:
            return sign
        if a == ZERO:
            return b ^ sign
        if self.split_xor:
            return self._differ_split(a, b) ^ sign
        key = (Kind.XOR, a, b, 0)
        node = self.made.get(key)
        if node is None:
            node = self.made[key] = self._new(*key)
        return node * 2 ^ sign

    def _differ_split(self, a: int, b: int) -> int:
        if self.split_xor == 1:
            return self.both(self.both(a, b) ^ 1, self.both(a ^ 1, b ^ 1) ^ 1)
        if self.split_xor == 2:
            shared = self.both(a, b) ^ 1
            return self.both(self.both(a, shared) ^ 1, self.both(b, shared) ^ 1) ^ 1
        shared = self.both(a ^ 1, b ^ 1) ^ 1
        return self.both(self.both(a ^ 1, shared) ^ 1, self.both(b ^ 1, shared) ^ 1) ^ 1

    def choose(self, select: int, on: int, off: int) -> int:
        """Give `on` where select is 1, else `off`."""
        if select & 1:
            select, on, off = select ^ 1, off, on
        if on == off:
            return on
        if select == ZERO:
            return off
        if on <= 1 or off <= 1 or on >> 1 == off >> 1 or select >> 1 in (on >> 1, off >> 1):
            return self._chosen(select, on, off)
        if self.split_mux:
            return self.both(self.both(select, on) ^ 1, self.both(select ^ 1, off) ^ 1) ^ 1
        key = (Kind.MUX, select, on, off)
        node = self.made.get(key)
        if node is None:
            node = self.made[key] = self._new(*key)
        return node * 2

    def _chosen(self, select: int, on: int, off: int) -> int:
        if on == off ^ 1:
            return self.differ(select, off)
        if on >> 1 == select >> 1:
            on = on & 1 ^ ONE
        if off >> 1 == select >> 1:
            off = off & 1
        if on <= 1:
            return self.either(select, off) if on == ONE else self.both(select ^ 1, off)
        if off <= 1:
            return self.either(select ^ 1, on) if off == ONE else self.both(select, on)
        return self.choose(select, on, off)

    def flop(self, data: int = ZERO, *, reset: int = -1, value: int = 0, enable: int = -1) -> Flop:
        """Make a flip-flop on the main clock; `data` may be given later."""
        node = self._new(Kind.FLOP)
        made = Flop(node, data, self.clock, reset, value, enable)
        self.flops.append(made)
        return made

    def keep(self, form: str, pins: list[int]) -> int:
        """Make a cell that stays as it is; `form` is a gate (`NAND`, `INV` ...)."""
        node = self._new(Kind.KEPT)
        self.kept[node] = (form, pins)
        return node * 2

    def fanins(self, node: int) -> tuple[int, ...]:
        """Literals that a gate reads; none for sources."""
        kind = self.kind[node]
        if kind in (Kind.AND, Kind.XOR):
            return (self.first[node], self.second[node])
        if kind == Kind.MUX:
            return (self.first[node], self.second[node], self.third[node])
        return tuple(self.kept[node][1]) if kind == Kind.KEPT else ()

    def roots(self) -> list[int]:
        """Literals that must exist: outputs and the pins of flip-flops."""
        found = self.outputs + self.anchors
        for flop in self.flops:
            found.append(flop.data)
            found.extend(pin for pin in (flop.reset, flop.enable) if pin >= 0)
            if flop.clock >= 0 and flop.clock != self.clock:
                found.append(flop.clock)
        return found
