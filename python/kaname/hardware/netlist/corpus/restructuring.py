"""Rewrite a network as optimisers do: sweep, rebalance, expand, share; behaviour stays."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kaname.hardware.netlist.corpus.logic import Flop, Kind, Logic

if TYPE_CHECKING:
    from random import Random

__all__ = ["LoopError", "Style", "rebuild"]

_GATES = (Kind.AND, Kind.XOR, Kind.MUX)


@dataclass(slots=True)
class Style:
    """What an optimiser likes."""

    #: How XORs are taken apart (0: not; see `Logic`), whether multiplexers are.
    split_xor: int = 0
    split_mux: bool = False
    #: Whether flip-flops (without an asynchronous reset) can have an enable pin.
    enables: bool = True
    #: Chance that a tree of ANDs is put together again in another order.
    rebalance: float = 0.0
    rng: Random | None = None


@dataclass(slots=True)
class Rebuilt:
    """A new network, and where literals of the old one went."""

    logic: Logic
    node: dict[int, int] = field(default_factory=dict)

    def literal(self, old: int) -> int:
        """Literal of the new network for one of the old."""
        return self.node[old >> 1] ^ (old & 1)


def rebuild(old: Logic, style: Style, replaced: dict[int, int] | None = None) -> Rebuilt:
    """Copy what is alive. `replaced` maps a node to the literal that its readers get instead.

    A replacing literal may itself read the replaced node (a payload on a net): nodes marked
    as foreign go on reading what they read.
    """
    copier = _Copier(old, style, replaced or {})
    copier.run()
    return copier.done


class _Copier:
    def __init__(self, old: Logic, style: Style, replaced: dict[int, int]) -> None:
        self.old = old
        self.style = style
        self.replaced = replaced
        self.new = Logic(split_xor=style.split_xor, split_mux=style.split_mux)
        self.done = Rebuilt(self.new, {0: 0})
        self.readers = _readers(old)

    def seen(self, literal: int, reader: int) -> int:
        """What a node reads, after replacement."""
        swap = self.replaced.get(literal >> 1)
        if swap is None or (reader >= 0 and self.old.foreign[reader]):
            return literal
        return swap ^ (literal & 1)

    def run(self) -> None:
        old, new, node = self.old, self.new, self.done.node
        for source in old.inputs:
            node[source] = new.input()
        new.clock = node[old.clock >> 1] ^ (old.clock & 1) if old.clock >= 0 else -1
        new.reset = node[old.reset >> 1] ^ (old.reset & 1) if old.reset >= 0 else -1
        alive = self._alive()
        flops = [flop for flop in old.flops if flop.node in alive]
        for flop in flops:
            new.marking = old.foreign[flop.node]
            made = new.flop(value=flop.value)
            made.latch = flop.latch
            node[flop.node] = made.node * 2
        for kept in sorted(alive & set(old.kept)):
            new.marking = old.foreign[kept]
            node[kept] = new.keep(old.kept[kept][0], [])
        for at in self._order(alive):
            new.marking = old.foreign[at]
            node[at] = self._copied(at)
        self._pins(flops, alive)

    def _pins(self, flops: list[Flop], alive: set[int]) -> None:
        old, new, node = self.old, self.new, self.done.node
        for kept in sorted(alive & set(old.kept)):
            form, pins = old.kept[kept]
            read = [self.seen(pin, kept) for pin in pins]
            new.kept[node[kept] >> 1] = (form, [self.done.literal(pin) for pin in read])
        for before, after in zip(flops, new.flops, strict=True):
            foreign = before.node
            after.data = self.done.literal(self.seen(before.data, foreign))
            for pin in ("clock", "reset", "enable"):
                literal = getattr(before, pin)
                if literal >= 0:
                    setattr(after, pin, self.done.literal(self.seen(literal, foreign)))
            if after.enable >= 0 and (after.reset >= 0 or not self.style.enables):
                new.marking = old.foreign[before.node]
                after.data = new.choose(after.enable, after.data, after.node * 2)
                after.enable = -1
        new.outputs = [self.done.literal(self.seen(out, -1)) for out in old.outputs]
        new.anchors = [self.done.literal(self.seen(out, -1)) for out in old.anchors]
        new.named = [node[old_] >> 1 for old_ in old.named if old_ in node]
        new.marking = False

    def _alive(self) -> set[int]:
        old = self.old
        by_node = {flop.node: flop for flop in old.flops}
        stack = [self.seen(out, -1) >> 1 for out in old.outputs + old.anchors]
        alive = set(stack)
        while stack:
            at = stack.pop()
            flop = by_node.get(at)
            read: tuple[int, ...] = old.fanins(at)
            if flop is not None:
                read = tuple(
                    pin for pin in (flop.data, flop.clock, flop.reset, flop.enable) if pin >= 0
                )
            for literal in read:
                to = self.seen(literal, at) >> 1
                if to not in alive:
                    alive.add(to)
                    stack.append(to)
        return alive

    def _order(self, alive: set[int]) -> list[int]:
        """Gates in an order in which inputs come first (a replacement may break the numbers)."""
        kinds = self.old.kind
        found: list[int] = []
        ended: dict[int, bool] = {}
        for root in sorted(alive):
            stack = [root] if kinds[root] in _GATES else []
            while stack:
                at = stack[-1]
                if at not in ended:
                    ended[at] = False
                    stack += self._below(at, ended)
                    continue
                stack.pop()
                if not ended[at]:
                    ended[at] = True
                    found.append(at)
        return found

    def _below(self, at: int, ended: dict[int, bool]) -> list[int]:
        """Gates that a gate reads and that are not in order yet."""
        below = {self.seen(literal, at) >> 1 for literal in self.old.fanins(at)}
        gates = [to for to in sorted(below) if self.old.kind[to] in _GATES]
        if any(not ended.get(to, True) for to in gates):
            raise LoopError
        return [to for to in gates if to not in ended]

    def _copied(self, at: int) -> int:
        old, new, style = self.old, self.new, self.style
        kind = old.kind[at]
        a, b, *c = (self.done.literal(self.seen(pin, at)) for pin in old.fanins(at))
        if kind == Kind.XOR:
            return new.differ(a, b)
        if kind == Kind.MUX:
            return new.choose(a, b, c[0])
        chance = style.rng.random() if style.rng else 1.0
        if chance < style.rebalance:
            return self._rebalanced(at)
        return new.both(a, b)

    def _rebalanced(self, at: int) -> int:
        """Put an AND of ANDs together in another order."""
        old, new, rng = self.old, self.new, self.style.rng
        leaves: list[int] = []
        stack = list(old.fanins(at))
        while stack:
            pin = self.seen(stack.pop(), at)
            inner = pin >> 1
            plain = not pin & 1 and old.kind[inner] == Kind.AND and self.readers[inner] == 1
            if plain and old.foreign[inner] == old.foreign[at] and len(leaves) < 24:
                stack += old.fanins(inner)
            else:
                leaves.append(self.done.literal(pin))
        if rng is not None:
            rng.shuffle(leaves)
        while len(leaves) > 1:
            paired = [new.both(x, y) for x, y in zip(leaves[::2], leaves[1::2], strict=False)]
            leaves = paired + leaves[len(paired) * 2 :]
        return leaves[0]


class LoopError(ValueError):
    """A replacement closed a loop without a flip-flop in it."""


def _readers(logic: Logic) -> list[int]:
    count = [0] * len(logic)
    for node in range(len(logic)):
        for pin in logic.fanins(node):
            count[pin >> 1] += 1
    for root in logic.roots():
        count[root >> 1] += 1
    return count
