"""Blocks that code, keep and send: parity, checksums, substitution, memories, serial lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kaname.hardware.netlist.corpus.logic import ONE

if TYPE_CHECKING:
    from kaname.hardware.netlist.corpus.hosts.shape import Take
    from kaname.hardware.netlist.corpus.words import Words

__all__ = ["BLOCKS"]


def parity(w: Words, take: Take, size: int) -> list[int]:
    """Check parity of overlapping groups."""
    data = take(8 + 4 * size)
    groups = [w.rng.sample(data, 4 + size) for _ in range(2 + size)]
    return [w.parity(group) for group in groups]


def corrector(w: Words, take: Take, size: int) -> list[int]:
    """Hamming decoder: syndrome, decode, correct (the kind of c499, c1355, c1908)."""
    checks = 3 + (size > 2) + (size > 6)
    width = (1 << checks) - 1
    word = take(width)
    syndrome = [
        w.parity([bit for at, bit in enumerate(word, 1) if at >> k & 1]) for k in range(checks)
    ]
    flips = w.decode(syndrome)[1:]
    enable = take(1)[0]
    return [w.logic.differ(b, w.logic.both(f, enable)) for b, f in zip(word, flips, strict=True)]


def checksum(w: Words, take: Take, size: int) -> list[int]:
    """Cyclic redundancy check, one or more bits a clock."""
    width = w.rng.choice([5, 8, 16, 16])
    polynomial = w.rng.getrandbits(width) | 1
    data = take(min(8, size))
    enable = take(1)[0]

    def following(kept: list[int]) -> list[int]:
        for bit in data:
            back = w.logic.differ(kept[-1], bit)
            kept = [
                w.logic.differ(k, back) if polynomial >> at & 1 else k
                for at, k in enumerate([0, *kept[:-1]])
            ]
        return kept

    return w.stored(width, following, enable=enable, value=(1 << width) - 1)


def feedback_register(w: Words, take: Take, size: int) -> list[int]:
    """Linear feedback shift register with seed and scrambled output: harmless noise."""
    width = 6 + 2 * size
    taps = w.rng.sample(range(width), 4 if width > 6 else 2)
    load, seed = take(1)[0], take(width)

    def following(kept: list[int]) -> list[int]:
        return w.choose(load, seed, [w.parity([kept[t] for t in taps]), *kept[:-1]])

    kept = w.stored(width, following, value=1)
    data = take(min(8, width))
    return [w.logic.differ(a, b) for a, b in zip(data, kept, strict=False)]


def substitution(w: Words, take: Take, size: int) -> list[int]:
    """Rounds of random S-boxes, key addition and bit permutation."""
    boxes = 1 + size // 2
    width = 4 if w.rng.random() < 0.75 else 5
    table = list(range(1 << width))
    w.rng.shuffle(table)
    state, key = take(width * boxes), take(width * boxes)
    order = list(range(width * boxes))
    w.rng.shuffle(order)
    for _ in range(1 + size // 4):
        mixed = [w.logic.differ(a, b) for a, b in zip(state, key, strict=True)]
        out: list[int] = []
        for box in range(boxes):
            out += w.lookup(table, mixed[box * width : (box + 1) * width])
        state = [out[k] for k in order]
        key = key[3:] + key[:3]
        if w.rng.random() < 0.7:
            state = w.register(state)
    return state


def cipher_core(w: Words, take: Take, size: int) -> list[int]:
    """Iterate a round over a state register, with a round counter and key schedule."""
    width = 8 + 4 * size
    start, block = take(1)[0], take(width)
    key = w.stored(width, lambda k: w.choose(start, take(width), k[5:] + k[:5]))
    count = w.stored(5, lambda k: w.choose(start, w.constant(0, 5), w.increment(k, w.all(k) ^ 1)))

    def following(kept: list[int]) -> list[int]:
        left, right = kept[: width // 2], kept[width // 2 :]
        turned = [w.logic.differ(a, b) for a, b in zip(right, key, strict=False)]
        mixed = [
            w.logic.differ(a, w.logic.both(b, c))
            for a, b, c in zip(
                turned, turned[1:] + turned[:1], turned[4:] + turned[:4], strict=True
            )
        ]
        mixed[0] = w.logic.differ(mixed[0], count[0])
        return w.choose(start, block, right + w.bitwise(w.logic.differ, left, mixed))

    state = w.stored(width, following)
    return [*state, w.all(count)]


def register_file(w: Words, take: Take, size: int) -> list[int]:
    """Registers with a write decoder and one or two read multiplexers."""
    width, bits = 2 + size, 2 + (size > 3)
    data, address, write = take(width), take(bits), take(1)[0]
    lines = w.decode(address)
    words = [w.register(data, enable=w.logic.both(line, write)) for line in lines]
    out: list[int] = []
    for _ in range(w.rng.choice([1, 1, 2])):
        read = take(bits)
        out += w.pick(read, words) if w.rng.random() < 0.6 else w.one_hot(w.decode(read), words)
    return out


def queue(w: Words, take: Take, size: int) -> list[int]:
    """First in, first out: pointers, storage, full and empty."""
    width, bits = 2 + size, 2 + (size > 5)
    data, push, pull = take(width), *take(2)
    level: list[list[int]] = []

    def fill(kept: list[int]) -> list[int]:
        level.append(kept)
        up = w.increment(kept, w.logic.both(push, kept[-1] ^ 1))
        return w.decrement(up, w.logic.both(pull, w.any(kept)))

    count = w.stored(bits + 1, fill)
    full, empty = count[-1], w.any(count) ^ 1
    head = w.stored(bits, lambda k: w.increment(k, w.logic.both(push, full ^ 1)))
    tail = w.stored(bits, lambda k: w.increment(k, w.logic.both(pull, empty ^ 1)))
    words = [w.register(data, enable=w.all([line, push, full ^ 1])) for line in w.decode(head)]
    return [*w.pick(tail, words), full, empty]


def transmitter(w: Words, take: Take, size: int) -> list[int]:
    """Serial transmitter: divider, bit counter, shift register, start and stop bit."""
    data, start = take(6 + size), take(1)[0]
    divider = w.stored(3 + size // 2, w.increment)
    tick = w.all(divider)
    bits = 4
    busy: list[int] = []

    def count(kept: list[int]) -> list[int]:
        done = w.is_value(kept, min(15, len(data) + 2))
        idle = w.any(kept) ^ 1
        busy.append(idle ^ 1)
        moved = w.increment(kept, w.logic.both(tick, idle ^ 1))
        begun = w.choose(w.logic.both(idle, start), w.constant(1, bits), moved)
        return [w.logic.both(bit, w.logic.both(done, tick) ^ 1) for bit in begun]

    w.stored(bits, count)
    load = w.logic.both(start, busy[0] ^ 1)
    line = w.stored(
        len(data) + 1,
        lambda k: w.choose(load, [0, *data], w.choose(tick, [*k[1:], ONE], k)),
    )
    return [line[0], busy[0], tick]


def receiver(w: Words, take: Take, size: int) -> list[int]:
    """Serial receiver: synchroniser, sampler, shift register, checks."""
    line = w.register(w.register(take(1)))[0]
    samples = 3 + size // 3
    width = 6 + size
    phase = w.stored(samples, lambda k: w.increment(k, ONE))
    middle = w.is_value(phase, 1 << samples - 1)
    count: list[int] = []

    def following(kept: list[int]) -> list[int]:
        idle = w.any(kept) ^ 1
        count.append(idle)
        begun = w.choose(w.logic.both(idle, line ^ 1), w.constant(1, 4), kept)
        moved = w.increment(begun, w.logic.both(middle, idle ^ 1))
        return [w.logic.both(bit, w.is_value(kept, min(15, width + 1)) ^ 1) for bit in moved]

    w.stored(4, following)
    word = w.stored(width, lambda k: w.choose(middle, [*k[1:], line], k))
    ready = w.logic.both(count[0], middle)
    held = w.register(word, enable=ready)
    return [*held, ready, w.parity(word)]


def serial_bus(w: Words, take: Take, size: int) -> list[int]:
    """Serial peripheral: clock phase, shift in and out, select."""
    width = 4 + size
    select, data_in, load = take(3)
    word = take(width)
    phase = w.stored(2, lambda k: w.increment(k, select))
    step = w.logic.both(phase[0], phase[1])
    kept = w.stored(width, lambda k: w.choose(load, word, w.choose(step, [data_in, *k[:-1]], k)))
    return [*kept, w.logic.both(phase[1], select)]


def bus_slave(w: Words, take: Take, size: int) -> list[int]:
    """Registers behind an address decoder, with status read back: what most peripherals have."""
    width, bits = 3 + size, 3
    address, data, write, read = take(bits + 2), take(width), *take(2)
    hit = w.is_value(address[bits:], w.rng.randrange(4))
    lines = w.decode(address[:bits], 5)
    strobe = w.logic.both(hit, write)
    words = [w.register(data, enable=w.logic.both(strobe, line)) for line in lines[:4]]
    words.append(take(width))
    shown = w.one_hot(lines, words)
    return [*[w.logic.both(bit, w.logic.both(hit, read)) for bit in shown], *words[0]]


def test_mode(w: Words, take: Take, size: int) -> list[int]:
    """Observation multiplexers for production test and debug: harmless, and wired far."""
    width = 4 + size
    enable = w.all(take(3))
    select = take(3)
    words = [take(width) for _ in range(8)]
    return w.choose(enable, w.pick(select, words), take(width))


def signature(w: Words, take: Take, size: int) -> list[int]:
    """Multiple-input signature register, as self-test has."""
    width = 8 + 2 * size
    data = take(width)
    taps = set(w.rng.sample(range(width), 3))

    def following(kept: list[int]) -> list[int]:
        back = kept[-1]
        moved = [back, *kept[:-1]]
        return [
            w.logic.differ(w.logic.differ(m, d), back) if at in taps else w.logic.differ(m, d)
            for at, (m, d) in enumerate(zip(moved, data, strict=True))
        ]

    return w.stored(width, following, enable=take(1)[0])


def shift_register(w: Words, take: Take, size: int) -> list[int]:
    """Delay a few signals by many clocks."""
    word = take(1 + size // 2)
    enable = take(1)[0] if w.rng.random() < 0.5 else -1
    for _ in range(4 + size):
        word = w.register(word, enable=enable)
    return word


def pipeline(w: Words, take: Take, size: int) -> list[int]:
    """Random small logic between ranks of registers."""
    rng, logic = w.rng, w.logic
    word = take(6 + 2 * size)
    for _ in range(2 + size // 3):
        out = []
        for _ in word:
            a, b, c = (rng.choice(word) ^ rng.randrange(2) for _ in range(3))
            style = rng.random()
            if style < 0.35:
                out.append(logic.either(logic.both(a, b), c))
            elif style < 0.6:
                out.append(logic.both(logic.either(a, b), c))
            elif style < 0.8:
                out.append(logic.choose(a, b, c))
            else:
                out.append(logic.differ(a, b))
        word = w.register(out)
    return word


BLOCKS = {
    "parity": parity,
    "corrector": corrector,
    "checksum": checksum,
    "feedback_register": feedback_register,
    "substitution": substitution,
    "cipher_core": cipher_core,
    "register_file": register_file,
    "queue": queue,
    "transmitter": transmitter,
    "receiver": receiver,
    "serial_bus": serial_bus,
    "bus_slave": bus_slave,
    "test_mode": test_mode,
    "signature": signature,
    "shift_register": shift_register,
    "pipeline": pipeline,
}
