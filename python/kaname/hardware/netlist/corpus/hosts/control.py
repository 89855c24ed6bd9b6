"""Blocks that decide: state machines, counters, timers, arbiters, two-level logic."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kaname.hardware.netlist.corpus.logic import ONE, ZERO

if TYPE_CHECKING:
    from kaname.hardware.netlist.corpus.hosts.shape import Take
    from kaname.hardware.netlist.corpus.words import Words

__all__ = ["BLOCKS"]


def _cubes(w: Words, over: list[int], count: int, literals: tuple[int, int]) -> int:
    rng = w.rng
    cubes = []
    for _ in range(count):
        size = min(len(over), rng.randint(*literals))
        cubes.append(frozenset(bit ^ rng.randrange(2) for bit in rng.sample(over, size)))
    return w.cubes(cubes)


def two_level(w: Words, take: Take, size: int) -> list[int]:
    """Random sums of products, factored: the logic of a programmable array."""
    wires = sorted(set(take(6 + 2 * size)))
    return [
        _cubes(w, wires, w.rng.randint(2, 4 + size), (2, min(7, 3 + size)))
        for _ in range(3 + 2 * size)
    ]


def dense_logic(w: Words, take: Take, size: int) -> list[int]:
    """Random truth tables of few inputs, by shared decision trees, stacked in layers."""
    wires = sorted(set(take(6 + size)))
    for _ in range(2 + size):
        word = w.rng.sample(wires, min(len(wires), w.rng.randint(3, 5)))
        bias = w.rng.choice([0.2, 0.5, 0.5, 0.8])
        table = [int(w.rng.random() < bias) for _ in range(1 << len(word))]
        wires.append(w.lookup([*table[:-1], 1], word)[0])
    return wires[-4 - 2 * size :]


def state_machine(w: Words, take: Take, size: int) -> list[int]:
    """Random finite state machine, binary or one-hot, Moore and Mealy outputs (s1488, s386)."""
    rng = w.rng
    states = rng.randint(4, 6 + 6 * size)
    binary = rng.random() < 0.7
    width = max(2, (states - 1).bit_length()) if binary else states
    wires = take(3 + size)
    code = rng.sample(range(1 << width), states) if binary else [1 << k for k in range(states)]
    outputs = 2 + 2 * size
    sums: list[list[frozenset[int]]] = [[] for _ in range(width + outputs)]
    moore = [rng.getrandbits(outputs) for _ in range(states)]

    def following(kept: list[int]) -> list[int]:
        for state in range(states):
            if binary:
                here = frozenset(bit ^ (code[state] >> k & 1) ^ 1 for k, bit in enumerate(kept))
            else:
                here = frozenset([kept[state]])
            for condition, target in _branches(w, wires, state, states):
                value = code[target] | moore[state] << width
                if rng.random() < 0.3:
                    value ^= 1 << width + rng.randrange(outputs)
                for bit in range(width + outputs):
                    if value >> bit & 1:
                        sums[bit].append(here | condition)
        return [w.cubes(cubes) for cubes in sums[:width]]

    state = w.stored(width, following, value=code[0])
    return [w.cubes(cubes) for cubes in sums[width:]] + state


def _branches(
    w: Words, wires: list[int], state: int, states: int
) -> list[tuple[frozenset[int], int]]:
    """Split what inputs may say into disjoint conditions, each with a next state."""
    rng = w.rng
    depth = rng.choice([0, 1, 1, 2, 2, 3])
    chosen = rng.sample(wires, min(depth, len(wires)))
    found = []
    held: frozenset[int] = frozenset()
    for bit in chosen:
        literal = bit ^ rng.randrange(2)
        found.append((held | {literal}, rng.randrange(states)))
        held |= {literal ^ 1}
    found.append((held, rng.choice([state, (state + 1) % states])))
    return [(c, t) for c, t in found if not any(x ^ 1 in c for x in c) and not c & {ONE, ZERO}]


def counter(w: Words, take: Take, size: int) -> list[int]:
    """Count with enable, load and terminal count."""
    width = 4 + 2 * size
    enable, load = take(2)
    start = take(width) if w.rng.random() < 0.6 else w.constant(0, width)
    down = w.rng.random() < 0.3

    def following(kept: list[int]) -> list[int]:
        moved = (w.decrement if down else w.increment)(kept, enable)
        return w.choose(load, start, moved)

    kept = w.stored(width, following)
    return [*kept, w.all(kept), w.any(kept)]


def timer(w: Words, take: Take, size: int) -> list[int]:
    """Count to a compare value, raise an event, reload: also a pulse-width modulator."""
    width = 4 + 2 * size
    compare = w.register(take(width), enable=take(1)[0])
    enable = take(1)[0]
    hit: list[int] = []

    def following(kept: list[int]) -> list[int]:
        same = w.equals(kept, compare)
        hit.append(same)
        return [w.logic.both(bit, same ^ 1) for bit in w.increment(kept, enable)]

    kept = w.stored(width, following)
    return [w.less(kept, take(width)), hit[0], *kept[:4]]


def watchdog(w: Words, take: Take, size: int) -> list[int]:
    """A harmless time bomb: count down unless kicked, then raise an alarm that stays."""
    width = 6 + 2 * size
    kick, enable = take(2)
    word = take(8)
    kicked = w.logic.both(kick, w.is_value(word, w.rng.randrange(256)))
    kept = w.stored(
        width,
        lambda k: w.choose(kicked, w.constant(0, width), w.increment(k, enable)),
    )
    full = w.all(kept)
    alarm = w.stored(1, lambda k: [w.logic.both(w.logic.either(k[0], full), kicked ^ 1)])
    return [*alarm, w.logic.both(alarm[0], enable), *kept[:3]]


def gray_counter(w: Words, take: Take, size: int) -> list[int]:
    """Count in Gray code."""
    width = 3 + size
    enable = take(1)[0]
    binary = w.stored(width, lambda kept: w.increment(kept, enable))
    return w.register(
        [w.logic.differ(a, b) for a, b in zip(binary, [*binary[1:], ZERO], strict=True)]
    )


def ring_counter(w: Words, take: Take, size: int) -> list[int]:
    """Pass one bit around."""
    width = 4 + size
    enable = take(1)[0]
    kept = w.stored(width, lambda k: w.choose(enable, k[-1:] + k[:-1], k), value=1)
    return [w.logic.both(bit, data) for bit, data in zip(kept, take(width), strict=True)]


def arbiter(w: Words, take: Take, size: int) -> list[int]:
    """Round-robin arbiter."""
    width = 3 + size
    requests = take(width)
    pointer: list[int] = []

    def following(kept: list[int]) -> list[int]:
        masked = w.bitwise(w.logic.both, requests, kept)
        first, found = w.priority(masked)
        anyone, some = w.priority(requests)
        grants = w.choose(found, first, anyone)
        pointer.extend(grants)
        above = [w.any(grants[:k]) for k in range(width)]
        return w.choose(some, above, kept)

    w.stored(width, following)
    return pointer


def interrupts(w: Words, take: Take, size: int) -> list[int]:
    """Interrupt controller: pending, mask, priority, number."""
    width = 4 + 2 * size
    requests, mask = take(width), w.register(take(width), enable=take(1)[0])
    clear = take(width)
    pending = w.stored(
        width,
        lambda k: [
            w.logic.both(w.logic.either(p, r), c ^ 1)
            for p, r, c in zip(k, requests, clear, strict=True)
        ],
    )
    grants, some = w.priority(w.bitwise(w.logic.both, pending, mask))
    return [*w.encode(grants), some]


def decoder(w: Words, take: Take, size: int) -> list[int]:
    """Decode addresses and commands by wide comparisons: rare, and harmless."""
    width = 5 + size
    address = take(width)
    enable = take(1)[0]
    out = []
    for _ in range(3 + 2 * size):
        value = w.rng.randrange(1 << width)
        ignored = w.rng.randrange(3)
        out.append(w.logic.both(enable, w.is_value(address[ignored:], value >> ignored)))
    return [*out, *w.decode(address[:3])]


def sequencer(w: Words, take: Take, size: int) -> list[int]:
    """Unlock by a series of words, as test and debug ports do: harmless, and rare."""
    word = take(4 + size)
    steps = w.rng.randint(2, 4)
    hits = [w.is_value(word, w.rng.randrange(1 << len(word))) for _ in range(steps)]

    def following(kept: list[int]) -> list[int]:
        before = [ONE, *kept]
        return [w.logic.both(b, h) for b, h in zip(before, hits, strict=False)]

    kept = w.stored(steps, following)
    data, other = take(4 + size), take(4 + size)
    return w.choose(kept[-1], data, other)


def handshake(w: Words, take: Take, size: int) -> list[int]:
    """Pipeline registers with valid and ready."""
    valid, ready = take(2)
    data = take(3 + size)
    for _ in range(2):
        went = w.logic.either(ready, valid ^ 1)
        data = w.register(data, enable=went)
        valid = w.register([valid], enable=went)[0]
    return [*data, valid, w.logic.both(valid, ready)]


def debouncer(w: Words, take: Take, size: int) -> list[int]:
    """Follow an input only once it has been steady."""
    out = []
    for _ in range(1 + size // 2):
        seen = take(1)[0]
        line = [seen]
        for _ in range(3 + size // 3):
            line += w.register([line[-1]])
        up, down = w.all(line), w.any(line)
        state = w.stored(
            1,
            lambda k, u=up, d=down: [  # type: ignore[misc]
                w.logic.both(d, w.logic.either(u, k[0]))
            ],
        )
        out += state
    return out


BLOCKS = {
    "two_level": two_level,
    "dense_logic": dense_logic,
    "state_machine": state_machine,
    "counter": counter,
    "timer": timer,
    "watchdog": watchdog,
    "gray_counter": gray_counter,
    "ring_counter": ring_counter,
    "arbiter": arbiter,
    "interrupts": interrupts,
    "decoder": decoder,
    "sequencer": sequencer,
    "handshake": handshake,
    "debouncer": debouncer,
}
