"""Hashed n-grams of many short texts at once: the features of the name model.

A text is a label of a domain name. It is read as bytes between a mark of its beginning and
one of its end, and every run of 1 to 4 bytes gives one bucket. All texts lie in one
buffer, so the work is done by a few passes over it and not by a loop over names.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["BUCKETS", "LONGEST", "Grams", "bucket", "grams", "pieces"]

BUCKETS = 1 << 17
LONGEST = 4
_MIX = 0x9E3779B1  # multiplicative hashing (Knuth 6.4): 2^32 / golden ratio
_SALT = 0x01000193  # tells equal words of other lengths apart
_SHIFT = 32 - 17


@dataclass(frozen=True, slots=True)
class Grams:
    """Buckets of all n-grams, text by text: those of text i are [starts[i], starts[i+1])."""

    buckets: NDArray[np.int32]
    starts: NDArray[np.int64]

    def sums(self, values: NDArray[np.float32]) -> NDArray[np.float64]:
        """For each text the sum of ``values`` (one a bucket) over its n-grams."""
        running = np.concatenate(([0.0], np.cumsum(values[self.buckets], dtype=np.float64)))
        sums: NDArray[np.float64] = running[self.starts[1:]] - running[self.starts[:-1]]
        return sums


def grams(texts: Sequence[str]) -> Grams:
    """The n-grams of ``texts``, none of which may be empty.

    Texts are ASCII; another character counts as one unknown byte.
    """
    data = np.frombuffer("".join(f"^{t}$" for t in texts).encode("ascii", "replace"), np.uint8)
    lengths = np.fromiter((len(text) + 2 for text in texts), np.int64, len(texts))
    left = np.repeat(np.cumsum(lengths), lengths) - np.arange(len(data))  # bytes to the end
    found = np.empty((len(data), LONGEST), np.int32)
    word = np.zeros(len(data), np.uint32)
    for n in range(LONGEST):
        word = word << np.uint32(8)
        word[: len(data) - n] |= data[n:]
        found[:, n] = ((word ^ np.uint32(n * _SALT)) * np.uint32(_MIX)) >> np.uint32(_SHIFT)
    inside = left[:, None] > np.arange(LONGEST)[None, :]
    counts = lengths * LONGEST - LONGEST * (LONGEST - 1) // 2  # a text has 3 bytes at least
    return Grams(found[inside], np.concatenate(([0], np.cumsum(counts))))


def bucket(piece: str) -> int:
    """The bucket of one n-gram."""
    word = int.from_bytes(piece.encode("ascii", "replace"), "big")
    return (((word ^ ((len(piece) - 1) * _SALT)) * _MIX) & 0xFFFFFFFF) >> _SHIFT


def pieces(text: str) -> list[str]:
    """The n-grams of ``text`` in words, marks included; for explanations."""
    marked = f"^{text}$"
    return [
        marked[at : at + n]
        for at in range(len(marked))
        for n in range(1, LONGEST + 1)
        if at + n <= len(marked)
    ]
