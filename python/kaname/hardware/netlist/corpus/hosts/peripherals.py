"""Much logic behind a narrow port: what ends in one line, one flag or a few bits.

A transmitter with its queue, a timer with its registers, a channel of a controller are
hundreds of cells of which nothing is seen but a serial line or a flag. So is a Trojan; but
what such a block says is read as data and status, and does not turn over what others say.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kaname.hardware.netlist.corpus.hosts import arithmetic, coding, control, gating

if TYPE_CHECKING:
    from kaname.hardware.netlist.corpus.hosts.shape import Block, Take
    from kaname.hardware.netlist.corpus.words import Words

__all__ = ["BLOCKS"]

_PARTS: tuple[Block, ...] = (
    control.counter,
    control.counter,
    control.timer,
    control.watchdog,
    control.state_machine,
    control.state_machine,
    control.two_level,
    control.decoder,
    coding.queue,
    coding.shift_register,
    coding.transmitter,
    coding.receiver,
    coding.checksum,
    coding.register_file,
    gating.nested_counters,
    gating.flags,
    gating.rules,
    arithmetic.accumulator,
    arithmetic.adder,
    arithmetic.comparator,
)
_INSIDE = 0.75  # of what a part reads, that comes from its neighbours


def peripheral(w: Words, take: Take, size: int) -> list[int]:
    """Parts that feed each other, and a narrow port."""
    rng = w.rng
    own = w.register(take(3 + size), enable=take(1)[0])

    def inside(count: int) -> list[int]:
        near = [rng.choice(own) for _ in range(count) if rng.random() < _INSIDE]
        return _apart([*near, *take(count - len(near))], take)

    for _ in range(rng.randint(2, 3 + size // 2)):
        part = rng.choice(_PARTS)
        own += [wire for wire in part(w, inside, rng.randint(1, max(1, size))) if wire > 1]
    ports = rng.choice([1, 1, 1, 2, 3])
    return [_port(w, own, take) for _ in range(ports)]


def _apart(wires: list[int], take: Take) -> list[int]:
    """The same wires, each but once: parts compare and add what they read."""
    found: list[int] = []
    for wire in wires:
        found.append(wire if wire not in found else take(1)[0])
    return found


def _port(w: Words, own: list[int], take: Take) -> int:
    """One wire that most of a block leads to."""
    rng = w.rng
    word = rng.sample(own, min(len(own), rng.randint(4, 24)))
    style = rng.random()
    if style < 0.3:
        return _serial(w, word, take)
    if style < 0.45:
        return w.any(word)
    if style < 0.6:
        some = word[: rng.randint(2, 8)]
        return w.stored(1, lambda k: [w.choose(take(1)[0], [w.all(some)], k)[0]])[0]
    if style < 0.75:
        half = len(word) // 2
        return rng.choice([_same, _below])(w, word[:half], word[half : 2 * half])
    if style < 0.9:
        return w.pick(take((len(word) - 1).bit_length()), [[wire] for wire in word])[0]
    return w.parity(word)


def _serial(w: Words, word: list[int], take: Take) -> int:
    """A word that leaves bit by bit."""
    load, step = take(2)
    return w.stored(
        len(word),
        lambda k: w.choose(load, word, w.choose(step, [*k[1:], k[0]], k)),
    )[0]


def condition(w: Words, take: Take, size: int) -> list[int]:
    """Arithmetic of which only a flag is asked, which then chooses: branches, limits, errors."""
    rng = w.rng
    width = 4 + 3 * size
    first, second = take(width), take(width)
    if rng.random() < 0.5:
        first = w.add(first, w.bitwise(w.logic.both, second, take(width)))[0][:width]
    flag = rng.choice([_below, _nothing, _same, _odd])(w, first, second)
    if rng.random() < 0.4:
        flag = w.logic.both(flag, w.all(take(rng.randint(1, 4))))
    kept, other = take(2 + size), take(2 + size)
    return [flag, *w.choose(flag, kept, other)]


def _below(w: Words, first: list[int], second: list[int]) -> int:
    return w.less(first, second)


def _nothing(w: Words, first: list[int], second: list[int]) -> int:
    return w.any(w.bitwise(w.logic.both, first, second)) ^ 1


def _same(w: Words, first: list[int], second: list[int]) -> int:
    return w.equals(first, second)


def _odd(w: Words, first: list[int], second: list[int]) -> int:
    return w.parity([*first, *second])


BLOCKS = {"peripheral": peripheral, "condition": condition}
