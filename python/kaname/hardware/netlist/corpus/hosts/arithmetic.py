"""Blocks that compute: adders, multipliers, arithmetic units, shifters, filters, comparators."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kaname.hardware.netlist.corpus.logic import ZERO

if TYPE_CHECKING:
    from kaname.hardware.netlist.corpus.hosts.shape import Take
    from kaname.hardware.netlist.corpus.words import Words

__all__ = ["BLOCKS"]


def adder(w: Words, take: Take, size: int) -> list[int]:
    """Add two words."""
    width = 4 * size
    total, carry = w.add(take(width), take(width), take(1)[0])
    return [*total, carry]


def multiplier(w: Words, take: Take, size: int) -> list[int]:
    """Multiply two words (the array of ISCAS-85's c6288 is one of these, 16 by 16)."""
    width = min(16, 3 + size)
    return w.multiply(take(width), take(width))


def multiply_add(w: Words, take: Take, size: int) -> list[int]:
    """Multiply and accumulate."""
    width = min(10, 3 + size)
    a, b = take(width), take(width)
    product = w.multiply(a, b)
    enable = take(1)[0]
    return w.stored(2 * width, lambda kept: w.add(kept, product)[0], enable=enable)


def arithmetic_unit(w: Words, take: Take, size: int) -> list[int]:
    """Compute one of many operations, with flags: the kind of c880, c3540, c5315."""
    width = 2 + 2 * size
    a, b = take(width), take(width)
    operation, carry = take(3), take(1)[0]
    logic = w.logic
    inverted = w.choose(operation[0], w.negate(b), b)
    total, out = w.add(a, inverted, logic.choose(operation[1], carry, operation[0]))
    words = [
        total,
        w.bitwise(logic.both, a, b),
        w.bitwise(logic.either, a, b),
        w.bitwise(logic.differ, a, inverted),
        w.shift(a, b[:2], carry),
        [*a[1:], carry],
        w.choose(carry, a, b),
        w.increment(a),
    ]
    w.rng.shuffle(words)
    kinds = w.rng.choice([4, 8])
    chosen = w.pick(operation[: 2 if kinds == 4 else 3], words[:kinds])
    zero = w.any(chosen) ^ 1
    return [*chosen, zero, out, w.parity(chosen), logic.differ(a[-1], total[-1])]


def decimal_adder(w: Words, take: Take, size: int) -> list[int]:
    """Add decimal digits."""
    carry = take(1)[0]
    out: list[int] = []
    for _ in range(max(1, size)):
        total, high = w.add(take(4), take(4), carry)
        over = w.logic.either(high, w.logic.both(total[3], w.logic.either(total[2], total[1])))
        digit, _ = w.add(total, [ZERO, over, over, ZERO])
        out += digit
        carry = over
    return [*out, carry]


def comparator(w: Words, take: Take, size: int) -> list[int]:
    """Order two words."""
    width = 4 * size
    a, b = take(width), take(width)
    less, equal = w.less(a, b), w.equals(a, b)
    return [less, equal, w.logic.both(less ^ 1, equal ^ 1)]


def sorter(w: Words, take: Take, size: int) -> list[int]:
    """Sort four words by a network of compare-exchange."""
    width = 2 + size
    words = [take(width) for _ in range(4)]
    for i, j in ((0, 1), (2, 3), (0, 2), (1, 3), (1, 2)):
        swap = w.less(words[j], words[i])
        low = w.choose(swap, words[j], words[i])
        words[j] = w.choose(swap, words[i], words[j])
        words[i] = low
    return [bit for word in words for bit in word]


def shifter(w: Words, take: Take, size: int) -> list[int]:
    """Shift or rotate by a variable distance."""
    width = 8 if size < 3 else 16 if size < 6 else 32
    by = take((width - 1).bit_length())
    return w.shift(take(width), by, ZERO, rotate=w.rng.random() < 0.5)


def filter_(w: Words, take: Take, size: int) -> list[int]:
    """Finite impulse response: a delay line, constant multiplications by shift and add."""
    width = 4 + size
    taps = 2 + size
    line = [take(width)]
    enable = take(1)[0] if w.rng.random() < 0.4 else -1
    for _ in range(taps):
        line.append(w.register(line[-1], enable=enable))
    total = line[0]
    for word in line[1:]:
        moved = w.rng.randrange(3)
        term = [ZERO] * moved + word[: width - moved]
        total = (w.add if w.rng.random() < 0.7 else w.subtract)(total, term)[0]
        if w.rng.random() < 0.3:
            total = w.register(total)
    return total


def accumulator(w: Words, take: Take, size: int) -> list[int]:
    """Add up, with clear and saturation."""
    width = 4 + 2 * size
    data, clear = take(width), take(1)[0]

    def following(kept: list[int]) -> list[int]:
        total, carry = w.add(kept, data)
        held = [w.logic.either(bit, carry) for bit in total]
        return [w.logic.both(bit, clear ^ 1) for bit in held]

    return w.stored(width, following)


def slices(w: Words, take: Take, size: int) -> list[int]:
    """Repeat one small sequential slice many times, chained: the texture of s35932, s38417."""
    rng, logic = w.rng, w.logic
    recipe = [(rng.randrange(6), rng.randrange(9), rng.randrange(9)) for _ in range(6)]
    carry = take(1)[0]
    controls = take(3)
    out = []
    for _ in range(4 * size):
        data = take(2)
        flops = [w.stored(1, lambda kept: kept) for _ in range(2)]
        wires = [*data, *controls, carry, flops[0][0], flops[1][0], carry ^ 1]
        for kind, i, j in recipe:
            a, b = wires[i % len(wires)], wires[-1 - j % len(wires)]
            join = (logic.both, logic.either, logic.differ)[kind % 3]
            wires.append(join(a, b ^ (kind > 2)))
            if kind == 5:
                wires[-1] = logic.choose(controls[0], wires[-1], data[0])
        for flop, wire in zip(logic.flops[-2:], wires[-2:], strict=True):
            flop.data = wire
        carry = wires[-3]
        out += [flops[0][0], wires[-1]]
    return [*out, carry]


def cordic(w: Words, take: Take, size: int) -> list[int]:
    """Rotate in steps of add and subtract, a register after each."""
    width = 4 + size
    x, y = take(width), take(width)
    for step in range(min(4, 1 + size // 2)):
        sign = y[-1]
        moved_x, moved_y = x[step:] + [x[-1]] * step, y[step:] + [y[-1]] * step
        flipped_x = [w.logic.differ(bit, sign ^ 1) for bit in moved_x]
        flipped_y = [w.logic.differ(bit, sign) for bit in moved_y]
        x, y = w.add(x, flipped_y, sign)[0], w.add(y, flipped_x, sign ^ 1)[0]
        x, y = w.register(x), w.register(y)
    return x + y


BLOCKS = {
    "adder": adder,
    "multiplier": multiplier,
    "multiply_add": multiply_add,
    "arithmetic_unit": arithmetic_unit,
    "decimal_adder": decimal_adder,
    "comparator": comparator,
    "sorter": sorter,
    "shifter": shifter,
    "filter": filter_,
    "accumulator": accumulator,
    "slices": slices,
    "cordic": cordic,
}
