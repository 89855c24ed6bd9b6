"""A 64-bit fingerprint of a body: near texts differ in few bits (Charikar, STOC 2002).

Words are runs of letters and digits of the NFKC form in lower case, every run of digits
standing as "0"; runs of Han, kana or Hangul are cut into overlapping pairs of characters.
URLs are left out. Each distinct word counts as often as it occurs; bit i is set when the
words whose BLAKE2b-64 has it set outweigh the others. An empty body has 0.
"""

from __future__ import annotations

import functools
import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator

__all__ = ["distance", "simhash", "words"]

LONGEST = 1 << 20

_URL = re.compile(r"(?:https?|ftp)://\S+|www\.\S+", re.IGNORECASE)
_WORD = re.compile(r"[^\W_]+")
_CJK = r"\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff"
_RUNS = re.compile(rf"[{_CJK}]+|[^{_CJK}]+")
_IS_CJK = re.compile(rf"[{_CJK}]")
_DIGITS = re.compile(r"\d+")


def words(text: str) -> Iterator[str]:
    """The words of a text as they are counted."""
    plain = unicodedata.normalize("NFKC", _URL.sub(" ", text[:LONGEST])).lower()
    for word in _WORD.findall(_DIGITS.sub("0", plain)):
        for run in _RUNS.findall(word):
            if _IS_CJK.match(run) and len(run) > 1:
                yield from (run[at : at + 2] for at in range(len(run) - 1))
            else:
                yield run


def simhash(text: str) -> int:
    """The fingerprint, as a signed 64-bit number."""
    import numpy as np

    counts = Counter(words(text))
    if not counts:
        return 0
    hashes = np.array([_hashed(word) for word in counts], dtype=">u8")
    bits = np.unpackbits(hashes.view(np.uint8).reshape(-1, 8), axis=1)
    weights = np.fromiter(counts.values(), np.int64, len(counts))
    outweigh = 2 * (weights @ bits.astype(np.int64)) > weights.sum()
    return int.from_bytes(np.packbits(outweigh).tobytes(), "big", signed=True)


@functools.lru_cache(maxsize=1 << 16)
def _hashed(word: str) -> int:
    digest = hashlib.blake2b(word.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "big")


def distance(one: int, other: int) -> int:
    """In how many bits two fingerprints differ."""
    return ((one ^ other) & (1 << 64) - 1).bit_count()
