"""Shapes of generated names: own generators after the kinds of algorithm that are published.

No malware is reimplemented. What analyses of it describe are a few ways to turn a seed
into names: letters by a linear congruential or xorshift generator, the digits of a hash,
letters of a subset, consonants and vowels in turn, a constant with a changing part, names
that grow by a letter, and words of a list put together. A `Family` is one way with its own
alphabet, lengths and suffixes, drawn from a seed; no two seeds give the same family.

Sources: D. Plohmann et al., A Comprehensive Measurement Study of Domain Generating
Malware, USENIX Security 2016 (the taxonomy: arithmetic, hash, wordlist, permutation).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random

from kaname.traffic.names.listing import listing
from kaname.traffic.names.seeded import seeded

__all__ = ["SHAPES", "WORDY", "Family", "families"]

_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_DIGITS = "0123456789"
_WORDS = listing("words")
_VOWELS, _CONSONANTS = "aeiou", "bcdfghjklmnpqrstvwxz"
_SUFFIXES = listing("dga_suffixes")

Draw = Callable[[Random], str]


@dataclass(frozen=True, slots=True)
class Family:
    """A generator of names of one look."""

    name: str
    shape: str
    label: Draw
    suffixes: tuple[str, ...]

    def names(self, count: int, seed: int) -> list[str]:
        """``count`` distinct domains (fewer when the family has no more), by a seed."""
        random = seeded(f"{self.name}/{seed}")
        found: dict[str, None] = {}
        for _ in range(count * 4):
            found[f"{self.label(random)}.{random.choice(self.suffixes)}"] = None
            if len(found) == count:
                break
        return list(found)


def _lengths(random: Random) -> tuple[int, int]:
    low = random.randint(6, 20)
    return low, low + random.choice((0, 0, 2, 4, 8, 12))


def _letters(random: Random) -> Draw:
    """Letters, or a run of the alphabet, each as likely as the other."""
    low, high = _lengths(random)
    last = random.choice((15, 20, 24, 25, 25, 25))
    alphabet = _LETTERS[: last + 1]
    return lambda r: "".join(r.choices(alphabet, k=r.randint(low, high)))


def _congruential(random: Random) -> Draw:
    """Letters by x -> a x + c modulo 2^32, the low bits and all their short periods."""
    low, high = _lengths(random)
    a, c = random.randrange(5, 1 << 24, 8), random.randrange(1, 1 << 16, 2)
    shift = random.choice((0, 3, 8, 16))

    def draw(r: Random) -> str:
        x, text = r.getrandbits(32), ""
        for _ in range(r.randint(low, high)):
            x = (a * x + c) & 0xFFFFFFFF
            text += _LETTERS[(x >> shift) % 26]
        return text

    return draw


def _mixed(random: Random) -> Draw:
    """Letters and digits."""
    low, high = _lengths(random)
    alphabet = _LETTERS + _DIGITS * random.choice((1, 1, 2))
    return lambda r: "".join(r.choices(alphabet, k=r.randint(low, high)))


def _hexadecimal(random: Random) -> Draw:
    """Hexadecimal digits of a hash."""
    length = random.choice((8, 10, 12, 16, 20, 24, 32))
    kind = random.choice(("md5", "sha1", "sha256"))
    return lambda r: hashlib.new(kind, r.randbytes(8), usedforsecurity=False).hexdigest()[:length]


def _base32(random: Random) -> Draw:
    """A hash in base 32 or with its digits spelled as letters."""
    low, high = _lengths(random)
    alphabet = random.choice((_LETTERS[:16], _LETTERS + "234567", "abcdefghijklmnopqrstuv01"))
    return lambda r: "".join(r.choices(alphabet, k=r.randint(low, high)))


def _alternating(random: Random) -> Draw:
    """Consonants and vowels in turn, now and then two of a kind."""
    low, high = random.choice(((6, 9), (7, 12), (9, 14), (10, 18)))
    double = random.choice((0.0, 0.0, 0.1, 0.25))

    def draw(r: Random) -> str:
        vowel, text = r.random() < 0.5, ""
        for _ in range(r.randint(low, high)):
            text += r.choice(_VOWELS if vowel else _CONSONANTS)
            vowel = vowel if r.random() < double else not vowel
        return text

    return draw


def _consonants(random: Random) -> Draw:
    """Letters with the vowels rare or left out."""
    low, high = _lengths(random)
    share = random.choice((0.0, 0.1, 0.2))
    return lambda r: "".join(
        r.choice(_VOWELS if r.random() < share else _CONSONANTS)
        for _ in range(r.randint(low, high))
    )


def _affixed(random: Random) -> Draw:
    """A constant with a part that changes, before or after it."""
    constant = "".join(random.choices(_WORDS, k=2)) + "".join(random.choices(_LETTERS, k=4))
    size, before = random.choice((4, 5, 6, 8)), random.random() < 0.7

    def draw(r: Random) -> str:
        part = "".join(r.choices(_LETTERS, k=size))
        return part + constant if before else constant + part

    return draw


def _growing(random: Random) -> Draw:
    """Names that grow letter by letter from very short ones."""
    stem = "".join(random.choices(_LETTERS + _DIGITS, k=14))
    return lambda r: (r.choice(_LETTERS + _DIGITS) + stem)[r.randint(0, 5) :][: r.randint(3, 10)]


def _dashed(random: Random) -> Draw:
    """Random letters with a word or digits, a hyphen between."""
    size = random.randint(5, 9)
    tail = random.choice(("word", "digits"))
    return lambda r: (
        "".join(r.choices(_LETTERS, k=size))
        + "-"
        + (r.choice(_WORDS) if tail == "word" else "".join(r.choices(_DIGITS, k=3)))
    )


def _words(random: Random) -> Draw:
    """Two or three words of lists of its own."""
    lists = [random.sample(_WORDS, random.choice((40, 80, 200))) for _ in range(3)]
    parts, dash = random.choice((2, 2, 2, 3)), random.choice(("", "", "", "-"))
    return lambda r: dash.join(r.choice(words) for words in lists[:parts])


def _clipped(random: Random) -> Draw:
    """Words cut short and run together."""
    words = random.sample(_WORDS, 150)
    low, high = random.choice(((10, 16), (12, 24)))

    def draw(r: Random) -> str:
        text, wanted = "", r.randint(low, high)
        while len(text) < wanted:
            word = r.choice(words)
            text += word[: r.randint(3, len(word))] if len(word) > 3 else word
        return text[:wanted]

    return draw


SHAPES: dict[str, Callable[[Random], Draw]] = {
    "letters": _letters,
    "congruential": _congruential,
    "mixed": _mixed,
    "hexadecimal": _hexadecimal,
    "base32": _base32,
    "alternating": _alternating,
    "consonants": _consonants,
    "affixed": _affixed,
    "growing": _growing,
    "dashed": _dashed,
    "words": _words,
    "clipped": _clipped,
}
WORDY = frozenset({"words", "clipped", "affixed"})


def families(count: int, seed: int) -> Iterator[Family]:
    """``count`` families of each shape; other seeds give other families."""
    for shape, make in SHAPES.items():
        for number in range(count):
            name = f"{shape}-{seed}-{number}"
            random = seeded(name)
            suffixes = tuple(random.sample(_SUFFIXES, random.choice((1, 1, 2, 4, 6, 12))))
            yield Family(name, shape, make(random), suffixes)
