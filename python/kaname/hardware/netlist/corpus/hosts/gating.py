"""What makes real hosts hard to judge: blocks behind rare conditions, and many of one kind.

Honest designs hold regions that show only while a mode is on, a timer has run out or an
address fits, such regions inside each other, wide decoding whose nets are as rare as any
trigger, registers everywhere, and the same slice many times. A model that has not seen these
takes every rare gate with something behind it for a Trojan's.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kaname.hardware.netlist.corpus.chance import drawn

if TYPE_CHECKING:
    from random import Random

    from kaname.hardware.netlist.corpus.hosts.shape import Block, Take
    from kaname.hardware.netlist.corpus.words import Words

__all__ = ["BLOCKS", "Habits"]

Fresh = Callable[[int], list[int]]


@dataclass(slots=True)
class Habits:
    """How one design gates, registers and repeats its blocks."""

    #: Chance that a block's results pass a condition, and that its operands are registered.
    gated: float
    piped: float
    #: Chance that a block comes several times, all alike.
    repeated: float
    #: Literals of a condition, at most.
    widest: int
    conditions: list[int] = field(default_factory=list)

    @classmethod
    def chosen(cls, rng: Random) -> Habits:
        """Draw the habits of a design."""
        return cls(
            rng.choice([0.0, 0.0, 0.15, 0.4, 0.7]),
            rng.choice([0.0, 0.0, 0.3, 0.8]),
            rng.choice([0.0, 0.0, 0.15, 0.4]),
            rng.choice([2, 3, 4, 6, 9]),
        )

    def operands(self, words: Words, take: Take, *, clocked: bool) -> Take:
        """Where a block takes its operands from: as they are, or a clock later."""
        if not clocked or words.rng.random() >= self.piped:
            return take
        return lambda count: words.register(take(count))

    def several(self, rng: Random) -> int:
        """How often a block comes."""
        return rng.choice([2, 3, 4, 8, 12]) if rng.random() < self.repeated else 1

    def shown(self, words: Words, take: Take, out: list[int], *, clocked: bool) -> list[int]:
        """Results of a block, behind a condition or not."""
        if words.rng.random() >= self.gated:
            return out
        condition = self._condition(words, take, clocked=clocked)
        style = words.rng.random()
        if clocked and style < 0.3:
            return words.register(out, enable=condition)
        if style < 0.75:
            return [words.logic.both(bit, condition) for bit in out]
        return words.choose(condition, out, take(len(out)))

    def _condition(self, words: Words, take: Take, *, clocked: bool) -> int:
        """One that is there already, alone or narrowed, or a new one; some are remembered."""
        rng = words.rng
        if self.conditions and rng.random() < 0.3:
            return rng.choice(self.conditions)
        found = words.all([bit ^ rng.randrange(2) for bit in take(rng.randint(1, self.widest))])
        if self.conditions and rng.random() < 0.4:
            found = words.logic.both(found, rng.choice(self.conditions))
        if clocked and rng.random() < 0.35:
            found = _remembered(words, found, take(1)[0])
        self.conditions.append(found)
        return found


def _remembered(words: Words, event: int, end: int) -> int:
    """A mode: on from an event until its end, or seen a clock later."""
    if words.rng.random() < 0.4:
        return words.register([event])[0]

    def following(kept: list[int]) -> list[int]:
        return [words.logic.either(event, words.logic.both(kept[0], end ^ 1))]

    return words.stored(1, following)[0]


def alike(words: Words, block: Block, take: Take, size: int, count: int) -> list[int]:
    """A block several times: the designer's choices are the same, what is read is not."""
    first = words.rng.getrandbits(64)
    before = words.rng
    out: list[int] = []
    for _ in range(count):
        words.rng = drawn(first)
        out += block(words, take, size)
    words.rng = before
    return out


def matchers(w: Words, take: Take, size: int) -> list[int]:
    """Wide conditions that each pass a word on: message filters, address maps, breakpoints."""
    key, width = take(6 + size), 1 + size
    conditions = []
    for _ in range(2 + size):
        some = w.rng.sample(key, w.rng.randint(min(4, len(key)), len(key)))
        conditions.append(w.all([bit ^ w.rng.randrange(2) for bit in some]))
    return [*w.one_hot(conditions, [take(width) for _ in conditions]), w.any(conditions)]


def rules(w: Words, take: Take, size: int) -> list[int]:
    """A chain of cases, each under a condition that no earlier one meets (c2670, c5315)."""
    wires, width = take(5 + size), 1 + size // 2
    out = take(width)
    for _ in range(2 + size):
        some = w.rng.sample(wires, w.rng.randint(2, min(6, len(wires))))
        condition = w.all([bit ^ w.rng.randrange(2) for bit in some])
        out = w.choose(condition, take(width), out)
    return out


def flags(w: Words, take: Take, size: int) -> list[int]:
    """Error flags that wide conditions set and software clears, summed up in one."""
    wires, clear = take(6 + size), take(1)[0]
    kept = []
    for _ in range(2 + size):
        some = w.rng.sample(wires, w.rng.randint(3, min(8, len(wires))))
        event = w.all([bit ^ w.rng.randrange(2) for bit in some])
        kept += w.stored(
            1,
            lambda k, e=event: [  # type: ignore[misc]
                w.logic.both(w.logic.either(k[0], e), clear ^ 1)
            ],
        )
    return [w.any(kept), *kept[: 1 + size // 2]]


def nested_counters(w: Words, take: Take, size: int) -> list[int]:
    """Counters of which each moves when the one before it is full: clocks, video timing."""
    enable = take(1)[0]
    out = []
    for _ in range(2 + size // 3):
        width = w.rng.randint(3, 5 + size)
        value = w.rng.randrange(1 << (width - 1), 1 << width)
        ends: list[int] = []

        def following(kept: list[int], v: int = value, e: int = enable) -> list[int]:
            full = w.is_value(kept, v)
            ends.append(w.logic.both(full, e))  # noqa: B023 - called before the next turn
            return [w.logic.both(bit, ends[0] ^ 1) for bit in w.increment(kept, e)]  # noqa: B023

        kept = w.stored(width, following)
        out += kept[: w.rng.randint(1, width)]
        enable = ends[0]
    return [*out, enable]


BLOCKS = {
    "matchers": matchers,
    "rules": rules,
    "flags": flags,
    "nested_counters": nested_counters,
}
