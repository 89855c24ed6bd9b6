"""Triggers: when a Trojan wakes. Combinational, sequential, counting, timed, or always on.

The kinds follow the published taxonomies (Trust-HUB; Tehranipoor and Koushanfar, IEEE D&T 27(1)
2010; Bhunia et al., Proc. IEEE 102(8) 2014) and the published idea of automatic insertion (TRIT;
Cruz et al., DATE 2018): nets that are rarely at a value are found by simulation, and a tree of
gates waits for all of them at once. Values are taken from one moment of the simulation, so that
the tree is known to fire.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from kaname.hardware.netlist.corpus.logic import ONE, ZERO, Kind, Logic

if TYPE_CHECKING:
    from random import Random

    from kaname.hardware.netlist.corpus.simulation import Run
    from kaname.hardware.netlist.corpus.words import Words

__all__ = ["TRIGGERS", "Moment", "Site", "Trigger"]


@dataclass(frozen=True, slots=True)
class Moment:
    """A moment of a simulation: its seed and shape, and clock, word and bit in it."""

    seed: int
    clocks: int
    words: int
    at: tuple[int, int, int]


@dataclass(slots=True)
class Trigger:
    """A literal that is 1 while the Trojan is awake."""

    literal: int
    #: What it is called in labels.
    kind: str
    #: A moment of the simulation at which its (first) event is seen; none where it waits long.
    moment: Moment | None = None


@dataclass(slots=True)
class Site:
    """A host to put a Trojan in: its network, what simulation saw, which nets can be read."""

    logic: Logic
    words: Words
    run: Run
    #: Nodes that have a net of their own to read from.
    nodes: list[int]
    #: Literals that hold something worth stealing or watching (registers, inputs).
    secrets: list[int]
    #: Steps from each node to the nearest output.
    away: list[int]
    rng: Random

    def pulse(self, count: int, rareness: float) -> Trigger:
        """Make a tree over so many nets that are rarely at their values."""
        literals, moment = self.rare(count, rareness)
        return Trigger(self.tree(literals), "combinational", moment)

    def tree(self, literals: list[int]) -> int:
        """AND of literals, in random shape, those of one polarity together (or not)."""
        rng = self.rng
        literals = list(literals)
        rng.shuffle(literals)
        widest = rng.choice([2, 3, 4, 4, 5])
        parts = [literals]
        if rng.random() < 0.85:
            # Whoever draws a tree by hand uses NORs for zeros and ANDs for ones.
            parts = [[pin for pin in literals if pin & 1 == phase] for phase in (0, 1)]
        above = [gate for part in parts for gate in self._gates(part, widest)]
        while len(above) > 1:
            rng.shuffle(above)
            above = self._gates(above, widest)
        return above[0] if above else ONE

    def _gates(self, literals: list[int], widest: int) -> list[int]:
        """One level of ANDs of random width over literals."""
        rng, logic = self.rng, self.logic
        above: list[int] = []
        at = 0
        while at < len(literals):
            take = rng.randint(min(2, widest - 1), widest)
            joined = literals[at]
            for literal in literals[at + 1 : at + take]:
                joined = logic.both(joined, literal)
            above.append(joined)
            at += take
        return above

    def rare(self, count: int, rareness: float) -> tuple[list[int], Moment | None]:
        """Choose literals that were all 1 at one moment, rarely 1 otherwise."""
        rng, run = self.rng, self.run
        nodes = np.array(self.nodes)
        if rng.random() < 0.7:
            # Inserters look for rare gates; registers and inputs are seldom among those.
            kinds = np.array(self.logic.kind)[nodes]
            gates = nodes[(kinds != Kind.FLOP) & (kinds != Kind.INPUT)]
            nodes = gates if len(gates) > 2 * count else nodes
        ones = run.ones[nodes]
        clocks, _, words = run.values.shape
        found: list[int] = []
        best = (0, 0, 0)
        # Some inserters take the rarest nets there are, most take nets that are rather rare.
        least = 0.0 if rng.random() < 0.25 else min(0.06, rareness / 3)
        while rareness < 1.1:
            fit = (ones < rareness) & (ones > least)
            flipped = (ones > 1 - rareness) & (ones < 1 - least)
            literals = np.concatenate([nodes[fit] * 2, nodes[flipped] * 2 + 1])
            for _ in range(24):
                moment = (rng.randrange(clocks), rng.randrange(words), rng.randrange(64))
                true = self._true(literals, moment)
                if len(true) > len(found):
                    found, best = true, moment
                if len(found) >= 3 * count:
                    break
            if len(found) >= count:
                break
            rareness *= 1.7
        if not found:
            return [int(rng.choice(self.nodes)) * 2 for _ in range(count)], None
        chosen = rng.sample(found, min(count, len(found)))
        return sorted(chosen), Moment(run.seed, clocks, words, best)

    def _true(self, literals: np.ndarray, moment: tuple[int, int, int]) -> list[int]:
        clock, word, bit = moment
        values = self.run.values[clock, literals >> 1, word] >> np.uint64(bit) & np.uint64(1)
        return [int(k) for k in literals[values.astype(np.int64) ^ (literals & 1) == 1]]

    def word(self, count: int) -> list[int]:
        """Choose registers or inputs, next to each other where possible: a word."""
        secrets = self.secrets
        if len(secrets) <= count:
            return list(secrets)
        at = self.rng.randrange(len(secrets) - count)
        if self.rng.random() < 0.75:
            return secrets[at : at + count]
        return self.rng.sample(secrets, count)


#: How rarely nets may be at the value that a tree waits for.
_RARENESS = (0.05, 0.12, 0.2, 0.3, 0.4, 0.5, 0.5)


def combinational(site: Site) -> Trigger:
    """All of several rare nets at once."""
    rng = site.rng
    count = rng.choice([3, 4, 4, 5, 6, 6, 7, 8, 8, 9, 10, 12, 14, 16, 20, 24, 32, 40, 64])
    return site.pulse(min(count, max(2, len(site.nodes) // 8)), rng.choice(_RARENESS))


def small(site: Site) -> Trigger:
    """A few rare nets: the smallest Trojans, of three to eight cells."""
    return site.pulse(site.rng.randint(2, 8), site.rng.choice(_RARENESS))


def compare(site: Site) -> Trigger:
    """An exact word on inputs or registers; or two words, one clock after the other."""
    rng = site.rng
    word = site.word(rng.choice([8, 8, 12, 16, 16, 24, 32, 32, 48, 64]))
    values = [rng.randrange(2) for _ in word]
    now = [bit ^ value ^ 1 for bit, value in zip(word, values, strict=True)]
    kind = "compare"
    style = rng.random()
    if style < 0.4:
        before = site.words.register(word)
        now += [bit ^ rng.randrange(2) for bit in before]
        kind = "compare-sequence"
    elif style < 0.6:  # what was a clock ago
        now = [bit ^ (pin & 1) for bit, pin in zip(site.words.register(word), now, strict=True)]
    hit = site.tree(now)
    if rng.random() < 0.35:
        return Trigger(site.words.register([hit])[0], f"{kind}-registered")
    return Trigger(hit, kind)


def _advance(site: Site, plain: float = 0.25) -> int:
    """An event that moves a sequential trigger on: a small tree of rare nets, or any net."""
    if site.rng.random() < plain:
        return int(site.rng.choice(site.nodes)) * 2 + site.rng.randrange(2)
    return site.pulse(site.rng.randint(2, 12), site.rng.choice(_RARENESS)).literal


def counter(site: Site) -> Trigger:
    """Count events; fire at the end (or stay awake from then on)."""
    rng, words, logic = site.rng, site.words, site.logic
    event = _advance(site)
    width = rng.choice([1, 2, 2, 2, 3, 3, 3, 4, 5, 8, 16])
    stop = rng.random() < 0.3
    value = rng.randrange(1 << max(0, width - 1), 1 << width)
    style = rng.random()

    def following(kept: list[int]) -> list[int]:
        step = logic.both(event, words.is_value(kept, value) ^ 1) if stop else event
        if style < 0.4:
            return words.increment(kept, step)
        if style < 0.6:
            return words.increment(kept)
        return words.choose(step, words.increment(kept), kept)

    enable = event if 0.4 <= style < 0.6 else -1
    count = words.stored(width, following, enable=enable)
    full = words.is_value(count, value)
    if rng.random() < 0.5:  # the end is remembered, or seen one clock later
        full = _remembered(site, full)
    return Trigger(logic.both(full, event) if rng.random() < 0.4 else full, "counter")


def _remembered(site: Site, event: int) -> int:
    """A flip-flop that holds an event for ever, for a while, or for one clock."""
    rng, words, logic = site.rng, site.words, site.logic
    style = rng.random()
    if style < 0.4:
        return words.stored(1, lambda k: [logic.either(k[0], event)])[0]
    if style < 0.7:
        gate = int(rng.choice(site.nodes)) * 2 if words.reset < 0 else words.reset ^ 1
        return words.register([event], enable=gate)[0]
    return words.register([event])[0]


def ripple_counter(site: Site) -> Trigger:
    """Count asynchronously: each flip-flop clocks the next, the first by the event itself."""
    rng, logic = site.rng, site.logic
    clock = _advance(site)
    kept = []
    for _ in range(rng.choice([1, 1, 2, 3, 4, 6, 8])):
        flop = logic.flop()
        flop.clock = clock
        flop.data = flop.node * 2 + 1
        clock = flop.node * 2 + 1
        kept.append(flop.node * 2)
    return Trigger(site.words.all(kept), "asynchronous-counter")


def latched(site: Site) -> Trigger:
    """Remember an event for ever: a flip-flop that the event clocks, or one that holds."""
    rng, logic = site.rng, site.logic
    event = site.pulse(rng.randint(4, 20), rng.choice(_RARENESS)).literal
    if rng.random() < 0.5:
        out = ONE
        for _ in range(rng.choice([1, 1, 2, 3])):
            flop = logic.flop(ONE)
            flop.clock = event
            out = logic.both(out, flop.node * 2)
        return Trigger(out, "latched-event")
    kept = site.words.stored(1, lambda k: [logic.either(k[0], event)])
    return Trigger(kept[0], "latched")


def sequence(site: Site) -> Trigger:
    """Several events in order, one per clock or with pauses."""
    rng, logic, words = site.rng, site.logic, site.words
    steps = [_advance(site) for _ in range(rng.randint(2, 5))]
    pauses = rng.random() < 0.5

    def following(kept: list[int]) -> list[int]:
        before = [ONE, *kept]
        moved = [logic.both(b, s) for b, s in zip(before, steps, strict=False)]
        if not pauses:
            return moved
        return [
            logic.either(m, logic.both(k, step ^ 1))
            for m, k, step in zip(moved, kept, [*steps[1:], ZERO], strict=False)
        ]

    return Trigger(words.stored(len(steps), following)[-1], "sequence")


def machine(site: Site) -> Trigger:
    """A random state machine moved by several events, with one state in which it fires."""
    rng, words = site.rng, site.words
    plain = rng.choice([0.25, 0.25, 1.0])
    events = [_advance(site, plain) for _ in range(rng.randint(2, 4))]
    states = rng.randint(4, 24)
    width = (states - 1).bit_length()

    def following(kept: list[int]) -> list[int]:
        sums: list[list[frozenset[int]]] = [[] for _ in range(width)]
        for state in range(states):
            here = frozenset(bit ^ (state >> k & 1) ^ 1 for k, bit in enumerate(kept))
            event = rng.choice(events) ^ (rng.random() < 0.15)
            onward, back = (state + 1) % states, rng.choice([state, state, 0])
            for condition, target in ((event, onward), (event ^ 1, back)):
                for bit in range(width):
                    if target >> bit & 1:
                        sums[bit].append(here | {condition})
        return [words.cubes(cubes) for cubes in sums]

    kept = words.stored(width, following)
    return Trigger(words.is_value(kept, states - 1), "state-machine")


def time_bomb(site: Site) -> Trigger:
    """Count clocks."""
    rng, words, logic = site.rng, site.words, site.logic
    width = rng.choice([8, 10, 12, 16, 20, 24, 32, 32])
    if rng.random() < 0.4:
        taps = rng.sample(range(width), 4)
        count = words.stored(width, lambda k: [words.parity([k[t] for t in taps]) ^ 1, *k[:-1]])
    else:
        count = words.stored(width, words.increment)
    value = rng.getrandbits(width) | 1 << (width - 1)
    full = words.is_value(count, value)
    if rng.random() < 0.5:
        full = words.stored(1, lambda k: [logic.either(k[0], full)])[0]
    return Trigger(full, "time-bomb")


def bank_of_timers(site: Site) -> Trigger:
    """Several long counters that all must run out: hundreds of cells of pure trigger."""
    rng, words, logic = site.rng, site.words, site.logic
    width = rng.choice([16, 24, 32])
    full = ONE
    tick = ONE
    for _ in range(rng.randint(3, 9)):
        count = words.stored(width, lambda k, t=tick: words.increment(k, t))  # type: ignore[misc]
        hit = words.is_value(count, rng.getrandbits(width) | 1 << (width - 1))
        full = logic.both(full, hit)
        tick = hit if rng.random() < 0.4 else _advance(site)
    return Trigger(full, "timers")


def net(site: Site) -> Trigger:
    """Any one net of the host wakes it: an enable, a mode, a busy flag."""
    rng = site.rng
    return Trigger(int(rng.choice(site.nodes)) * 2 + rng.randrange(2), "net")


def always(site: Site) -> Trigger:
    """Awake from the start."""
    del site
    return Trigger(ONE, "always-on")


TRIGGERS = {
    "combinational": combinational,
    "small": small,
    "compare": compare,
    "counter": counter,
    "ripple_counter": ripple_counter,
    "latched": latched,
    "sequence": sequence,
    "machine": machine,
    "time_bomb": time_bomb,
    "bank_of_timers": bank_of_timers,
    "net": net,
    "always": always,
}
