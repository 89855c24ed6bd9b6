"""Host circuits: systems composed of blocks that feed each other, none of them malicious."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kaname.hardware.netlist.corpus.hosts import arithmetic, coding, control, gating, peripherals
from kaname.hardware.netlist.corpus.hosts.gating import Habits, alike
from kaname.hardware.netlist.corpus.logic import Logic
from kaname.hardware.netlist.corpus.words import Words

if TYPE_CHECKING:
    from random import Random

    from kaname.hardware.netlist.corpus.hosts.shape import Block
    from kaname.hardware.netlist.corpus.logic import Flop

__all__ = ["BLOCKS", "RECIPES", "compose"]

BLOCKS: dict[str, Block] = {
    **arithmetic.BLOCKS,
    **control.BLOCKS,
    **coding.BLOCKS,
    **gating.BLOCKS,
    **peripherals.BLOCKS,
}

#: Kinds of systems: the blocks that they draw from, whether they are clocked.
RECIPES: dict[str, tuple[tuple[str, ...], bool]] = {
    "arithmetic": (
        (
            "adder",
            "arithmetic_unit",
            "arithmetic_unit",
            "comparator",
            "multiplier",
            "shifter",
            "decimal_adder",
            "parity",
            "sorter",
            "condition",
        ),
        False,
    ),
    "multiplier": (("multiplier",), False),
    "glue": (
        (
            "two_level",
            "two_level",
            "dense_logic",
            "decoder",
            "parity",
            "corrector",
            "comparator",
            "matchers",
            "rules",
            "condition",
        ),
        False,
    ),
    "controller": (
        (
            "state_machine",
            "state_machine",
            "two_level",
            "dense_logic",
            "counter",
            "decoder",
            "rules",
            "flags",
            "matchers",
            "peripheral",
            "peripheral",
            "condition",
        ),
        True,
    ),
    "timing": (
        (
            "counter",
            "timer",
            "watchdog",
            "gray_counter",
            "ring_counter",
            "debouncer",
            "state_machine",
            "decoder",
            "dense_logic",
            "nested_counters",
            "nested_counters",
            "flags",
            "peripheral",
            "peripheral",
            "peripheral",
        ),
        True,
    ),
    "serial": (
        (
            "transmitter",
            "receiver",
            "serial_bus",
            "checksum",
            "bus_slave",
            "state_machine",
            "peripheral",
            "peripheral",
        ),
        True,
    ),
    "datapath": (
        (
            "accumulator",
            "filter",
            "multiply_add",
            "arithmetic_unit",
            "cordic",
            "pipeline",
            "register_file",
            "shifter",
            "two_level",
            "peripheral",
            "condition",
        ),
        True,
    ),
    "repeated": (
        (
            "slices",
            "slices",
            "pipeline",
            "shift_register",
            "filter",
            "two_level",
            "counter",
            "peripheral",
        ),
        True,
    ),
    "cipher": (
        (
            "substitution",
            "cipher_core",
            "feedback_register",
            "state_machine",
            "counter",
            "shift_register",
            "signature",
            "peripheral",
        ),
        True,
    ),
    "bus": (
        (
            "bus_slave",
            "bus_slave",
            "arbiter",
            "interrupts",
            "queue",
            "register_file",
            "handshake",
            "decoder",
            "sequencer",
            "test_mode",
            "timer",
            "matchers",
            "rules",
            "flags",
            "peripheral",
            "peripheral",
            "peripheral",
            "condition",
        ),
        True,
    ),
    "anything": (tuple(sorted(BLOCKS)), True),
}


#: Blocks whose outputs are registered in some systems.
_GLUE = (
    "two_level", "dense_logic", "parity", "corrector", "decoder", "test_mode", "matchers", "rules",
    "condition",
)  # fmt: skip


class _Pool:
    """Where blocks take their inputs from: primary inputs, and what other blocks gave."""

    def __init__(self, words: Words, *, fresh: float, start: int) -> None:
        self.words = words
        #: Its own: blocks that are alike read different things.
        self.rng = words.rng
        self.fresh = fresh
        self.wires = words.inputs(start)
        self.unread: list[int] = []

    def take(self, count: int) -> list[int]:
        """Give literals, different ones if possible."""
        rng = self.rng
        found: list[int] = []
        for _ in range(count):
            kind = rng.random()
            if self.unread and kind < 0.35:
                wire = self.unread.pop(rng.randrange(len(self.unread)))
            elif kind < 0.35 + self.fresh:
                wire = self.words.logic.input()
                self.wires.append(wire)
            else:
                wire = rng.choice(self.wires)
            if wire in found:
                wire = rng.choice(self.wires)
            if wire in found:
                wire = self.words.logic.input()
                self.wires.append(wire)
            found.append(wire)
        return found

    def give(self, wires: list[int]) -> None:
        """Offer outputs of a block."""
        fit = [wire for wire in wires if wire > 1]
        self.unread += fit
        self.wires += fit


def compose(rng: Random, recipe: str, nodes: int) -> Logic:
    """Make a host of about so many nodes."""
    logic = Logic()
    names, clocked = RECIPES[recipe]
    words = Words(logic, rng)
    if clocked:
        logic.clock = logic.input()
        words.reset_style = rng.choice(["none", "none", "async", "async", "sync"])
        words.enable_pins = rng.random() < 0.3
        if words.reset_style != "none":
            logic.reset = logic.input() ^ rng.randrange(2)
    pool = _Pool(words, fresh=rng.uniform(0.02, 0.25), start=rng.randint(4, 24))
    unclocked = {*arithmetic.BLOCKS, *_GLUE}
    back = _feedback(rng, words, pool, nodes) if clocked else []
    habits = Habits.chosen(rng)
    largest = 2 if nodes < 400 else 4 if nodes < 1200 else 7 if nodes < 5000 else 10
    registered = rng.choice([0.3, 0.6, 0.9])
    uniform = rng.random() < 0.25
    favourite = rng.choice(names)
    while len(logic) < nodes:
        name = favourite if uniform and rng.random() < 0.7 else rng.choice(names)
        size = rng.randint(1, largest)
        before = len(logic)
        take = habits.operands(words, pool.take, clocked=clocked)
        count = habits.several(rng)
        if count > 1:
            out = alike(words, BLOCKS[name], take, min(size, 1 + largest // 2), count)
        else:
            out = BLOCKS[name](words, take, size)
        if clocked and name in unclocked and rng.random() < registered:
            out = words.register(out)
        pool.give(habits.shown(words, pool.take, out, clocked=clocked))
        if len(logic) - before < 3 and len(names) == 1:
            break
    for flop in back:
        flop.data = rng.choice(pool.wires[-max(1, len(pool.wires) // 2) :]) ^ rng.randrange(2)
    logic.outputs = sorted(set(_outputs(rng, pool, largest)))
    return logic


def _feedback(rng: Random, words: Words, pool: _Pool, nodes: int) -> list[Flop]:
    """Registers that early blocks read and late blocks write: loops through the whole design."""
    logic = words.logic
    count = rng.choice([0, 4, 8, 16, 24, nodes // 60, nodes // 30])
    reset = logic.reset if words.reset_style == "async" else -1
    flops = [logic.flop(reset=reset) for _ in range(count)]
    pool.wires += [flop.node * 2 for flop in flops]
    return flops


def _outputs(rng: Random, pool: _Pool, largest: int) -> list[int]:
    """Bring what nothing reads to the outside, much of it compacted as ports are few."""
    words = pool.words
    left = list(dict.fromkeys(pool.unread))
    rng.shuffle(left)
    if rng.random() < 0.3:
        # Spare and unfinished logic, whose results nothing reads.
        spare = [wire for wire in left if rng.random() < rng.choice([0.05, 0.2])]
        words.logic.anchors = spare
        left = [wire for wire in left if wire not in set(spare)]
    ports = rng.randint(6, 20 * largest)
    if len(left) <= ports:
        return left
    found = left[: ports // 2]
    rest = left[ports // 2 :]
    share = max(2, len(rest) // max(1, ports - ports // 2))
    for at in range(0, len(rest), share):
        group = rest[at : at + share]
        style = rng.random()
        if style < 0.3:
            found.append(words.parity(group))
        elif style < 0.5 and len(group) > 2:
            found.append(
                words.pick(pool.take((len(group) - 1).bit_length()), [[g] for g in group])[0]
            )
        else:
            kept = group[0]
            for wire in group[1:]:
                join = rng.choice([words.logic.both, words.logic.either, words.logic.differ])
                kept = join(kept, wire ^ rng.randrange(2))
            found.append(kept)
    return [wire for wire in found if wire > 1]
