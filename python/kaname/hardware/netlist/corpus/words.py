"""Words of literals, lowest bit first: the arithmetic and selection that hosts are made of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kaname.hardware.netlist.corpus.logic import ONE, ZERO, Logic

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from random import Random

__all__ = ["Words"]

Word = list[int]


class Words:
    """Operations on words in one network, in the style of one designer (`rng`'s choices)."""

    def __init__(self, logic: Logic, rng: Random) -> None:
        self.logic = logic
        self.rng = rng
        #: Style: asynchronous reset, synchronous reset, or none; enables as pins or as muxes.
        self.reset_style = "none"
        #: A literal that is 1 in reset, if it is not the network's.
        self.own_reset = -1
        self.enable_pins = False

    def inputs(self, width: int) -> Word:
        """Make primary inputs."""
        return [self.logic.input() for _ in range(width)]

    @staticmethod
    def constant(value: int, width: int) -> Word:
        """Spell a number."""
        return [value >> bit & 1 for bit in range(width)]

    def all(self, word: Sequence[int]) -> int:
        """AND of all, as a tree of random shape."""
        return self._tree(list(word), self.logic.both, ONE)

    def any(self, word: Sequence[int]) -> int:
        """OR of all."""
        return self._tree(list(word), self.logic.either, ZERO)

    def parity(self, word: Sequence[int]) -> int:
        """XOR of all."""
        return self._tree(list(word), self.logic.differ, ZERO)

    def _tree(self, word: Word, join: Callable[[int, int], int], empty: int) -> int:
        if not word:
            return empty
        chain = self.rng.random() < 0.15
        while len(word) > 1:
            if chain:
                word[0:2] = [join(word[0], word[1])]
            else:
                paired = [join(a, b) for a, b in zip(word[::2], word[1::2], strict=False)]
                word = paired + word[len(paired) * 2 :]
        return word[0]

    def bitwise(self, join: Callable[[int, int], int], a: Word, b: Word) -> Word:
        """Join bit by bit."""
        return [join(x, y) for x, y in zip(a, b, strict=False)]

    def choose(self, select: int, on: Word, off: Word) -> Word:
        """Multiplexer of words."""
        return [self.logic.choose(select, x, y) for x, y in zip(on, off, strict=False)]

    def pick(self, select: Word, words: list[Word]) -> Word:
        """Multiplexer tree; beyond the last word, the last."""
        level = words
        for bit in select:
            if len(level) == 1:
                break
            level = [
                self.choose(bit, level[k + 1], level[k]) if k + 1 < len(level) else level[k]
                for k in range(0, len(level), 2)
            ]
        return level[0]

    def decode(self, word: Word, count: int | None = None) -> Word:
        """One-hot decoder."""
        terms = [ONE]
        for bit in reversed(word):
            terms = [self.logic.both(t, b) for t in terms for b in (bit ^ 1, bit)]
        return terms[: count or len(terms)]

    def one_hot(self, selects: Word, words: list[Word]) -> Word:
        """AND-OR multiplexer."""
        return [
            self.any([self.logic.both(s, w[k]) for s, w in zip(selects, words, strict=False)])
            for k in range(len(words[0]))
        ]

    def equals(self, a: Word, b: Word) -> int:
        """Compare for equality."""
        return self.all([self.logic.differ(x, y) ^ 1 for x, y in zip(a, b, strict=False)])

    def is_value(self, word: Word, value: int) -> int:
        """Compare with a constant."""
        return self.all([bit ^ (value >> k & 1) ^ 1 for k, bit in enumerate(word)])

    def full_adder(self, a: int, b: int, c: int) -> tuple[int, int]:
        """Sum and carry."""
        logic = self.logic
        half = logic.differ(a, b)
        if self.rng.random() < 0.5:
            carry = logic.either(logic.both(a, b), logic.both(half, c))
        else:
            carry = logic.either(logic.both(a, b), logic.both(c, logic.either(a, b)))
        return logic.differ(half, c), carry

    def add(self, a: Word, b: Word, carry: int = ZERO) -> tuple[Word, int]:
        """Add: ripple, carry look-ahead or carry select, as the designer's tool chose."""
        width = min(len(a), len(b))
        style = self.rng.random()
        if style < 0.5 or width < 4:
            return self._ripple(a, b, carry)
        if style < 0.8:
            return self._look_ahead(a, b, carry)
        low, middle = self._ripple(a[: width // 2], b[: width // 2], carry)
        high0, out0 = self._ripple(a[width // 2 : width], b[width // 2 : width], ZERO)
        high1, out1 = self._ripple(a[width // 2 : width], b[width // 2 : width], ONE)
        return low + self.choose(middle, high1, high0), self.logic.choose(middle, out1, out0)

    def _ripple(self, a: Word, b: Word, carry: int) -> tuple[Word, int]:
        total = []
        for x, y in zip(a, b, strict=False):
            bit, carry = self.full_adder(x, y, carry)
            total.append(bit)
        return total, carry

    def _look_ahead(self, a: Word, b: Word, carry: int) -> tuple[Word, int]:
        logic = self.logic
        total: Word = []
        for at in range(0, min(len(a), len(b)), 4):
            pairs = list(zip(a[at : at + 4], b[at : at + 4], strict=False))
            makes = [logic.both(x, y) for x, y in pairs]
            passes = [logic.differ(x, y) for x, y in pairs]
            inner = carry
            for k in range(len(pairs)):
                total.append(logic.differ(passes[k], inner))
                terms = [self.all([makes[j], *passes[j + 1 : k + 1]]) for j in range(k + 1)] + [
                    self.all([carry, *passes[: k + 1]])
                ]
                inner = self.any(terms)
            carry = inner
        return total, carry

    def negate(self, word: Word) -> Word:
        """Complement bit by bit."""
        return [bit ^ 1 for bit in word]

    def subtract(self, a: Word, b: Word) -> tuple[Word, int]:
        """Subtract; the second value is 1 where there is no borrow."""
        return self.add(a, self.negate(b), ONE)

    def increment(self, word: Word, step: int = ONE) -> Word:
        """Add a bit."""
        total = []
        for bit in word:
            total.append(self.logic.differ(bit, step))
            step = self.logic.both(bit, step)
        return total

    def decrement(self, word: Word, step: int = ONE) -> Word:
        """Take a bit away."""
        total = []
        for bit in word:
            total.append(self.logic.differ(bit, step))
            step = self.logic.both(bit ^ 1, step)
        return total

    def less(self, a: Word, b: Word) -> int:
        """Give 1 where a < b, unsigned."""
        below = ZERO
        for x, y in zip(a, b, strict=False):
            below = self.logic.choose(self.logic.differ(x, y), y, below)
        return below

    def shift(self, word: Word, by: Word, fill: int = ZERO, *, rotate: bool = False) -> Word:
        """Barrel shifter to the left."""
        for stage, bit in enumerate(by):
            step = 1 << stage
            if rotate:
                step %= len(word)
                moved = word[-step:] + word[:-step] if step else word
            else:
                moved = [fill] * min(step, len(word)) + word[: max(0, len(word) - step)]
            word = self.choose(bit, moved, word)
        return word

    def multiply(self, a: Word, b: Word) -> Word:
        """Array multiplier: rows of carry-save adders, a ripple at the end."""
        logic = self.logic
        row = [logic.both(x, b[0]) for x in a]
        out = [row[0]]
        sums, carries = [*row[1:], ZERO], [ZERO] * len(a)
        for y in b[1:]:
            partial = [logic.both(x, y) for x in a]
            joined = [self.full_adder(*t) for t in zip(partial, sums, carries, strict=True)]
            out.append(joined[0][0])
            sums = [s for s, _ in joined[1:]] + [ZERO]
            carries = [c for _, c in joined]
        high, _ = self._ripple(sums, carries, ZERO)
        return out + high

    def priority(self, word: Word) -> tuple[Word, int]:
        """Grant the lowest request; the second value says that there is one."""
        free = ONE
        grants = []
        for bit in word:
            grants.append(self.logic.both(bit, free))
            free = self.logic.both(free, bit ^ 1)
        return grants, free ^ 1

    def encode(self, one_hot: Word) -> Word:
        """Binary number of the one bit that is set."""
        width = max(1, (len(one_hot) - 1).bit_length())
        return [self.any([o for k, o in enumerate(one_hot) if k >> b & 1]) for b in range(width)]

    def count_ones(self, word: Word) -> Word:
        """Population count by full adders."""
        columns: list[Word] = [list(word)]
        out = []
        while columns:
            column, rest = columns[0], columns[1:]
            above: Word = []
            while len(column) > 1:
                take = [*column[:3], ZERO][:3]
                total, carry = self.full_adder(*take)
                column = [*column[3:], total]
                above.append(carry)
            out.append(column[0] if column else ZERO)
            if rest:
                rest[0] = rest[0] + above
                columns = rest
            else:
                columns = [above] if above else []
        return out

    def lookup(self, table: Sequence[int], word: Word) -> Word:
        """Look a value up in a table, by Shannon expansion over shared sub-tables."""
        width = max(1, max(table).bit_length())
        return [self._shannon([v >> b & 1 for v in table], word) for b in range(width)]

    def _shannon(self, bits: list[int], word: Word) -> int:
        level = list(bits)
        for bit in word:
            level = [
                self.logic.choose(bit, level[k + 1], level[k]) for k in range(0, len(level), 2)
            ]
        return level[0]

    def cubes(self, cubes: list[frozenset[int]]) -> int:
        """OR of products of literals, factored by the literal that most products share."""
        if not cubes:
            return ZERO
        if any(not cube for cube in cubes):
            return ONE
        seen: dict[int, int] = {}
        for cube in cubes:
            for literal in cube:
                seen[literal] = seen.get(literal, 0) + 1
        best = max(sorted(seen), key=lambda literal: seen[literal])
        if seen[best] == 1:
            return self.any([self.all(sorted(cube)) for cube in cubes])
        inside = [cube - {best} for cube in cubes if best in cube]
        outside = [cube for cube in cubes if best not in cube]
        factored = self.logic.both(best, self.cubes(inside))
        return self.logic.either(factored, self.cubes(outside)) if outside else factored

    def register(self, data: Word, *, enable: int = -1, value: int = 0) -> Word:
        """Keep a word from clock to clock."""
        return self.stored(len(data), lambda _: data, enable=enable, value=value)

    @property
    def reset(self) -> int:
        """The literal that resets registers; -1 if there is none."""
        return self.own_reset if self.own_reset >= 0 else self.logic.reset

    def stored(
        self,
        width: int,
        following: Callable[[Word], Word],
        *,
        enable: int = -1,
        value: int = 0,
    ) -> Word:
        """Keep a word whose next value is a function of itself."""
        logic = self.logic
        starts = [value >> k & 1 for k in range(width)]
        pinned = self.enable_pins and enable >= 0 and self.reset_style != "async"
        flops = [
            logic.flop(
                reset=self.reset if self.reset_style == "async" else -1,
                value=start,
                enable=enable if pinned else -1,
            )
            for start in starts
        ]
        word = [flop.node * 2 for flop in flops]
        for flop, data, start in zip(flops, following(word), starts, strict=True):
            new = data
            if enable >= 0 and not pinned:
                new = logic.choose(enable, new, flop.node * 2)
            if self.reset_style == "sync" and self.reset >= 0:
                new = (logic.either if start else logic.both)(new, self.reset ^ (start ^ 1))
            flop.data = new
        return word
