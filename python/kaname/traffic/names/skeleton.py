"""What a label looks like: the plain letters that a reader takes it for.

After UTS 39, section 4: compatibility decomposition, marks dropped, characters that can be
confused with a letter or digit replaced by it. Beyond the standard, digits that stand for
letters and pairs that merge in print (rn for m, vv for w) are replaced as well, so a
skeleton is for comparing only.
"""

from __future__ import annotations

import functools
import unicodedata

from kaname.traffic.names.listing import listing

__all__ = ["readable", "shown", "skeleton"]

_LEET = str.maketrans("0134578", "oleastb")
_MERGED = (("rn", "m"), ("vv", "w"), ("cl", "d"), ("nn", "m"), ("ii", "u"), ("lc", "k"))


@functools.cache
def _confusable() -> dict[int, str]:
    pairs = (line.split(" ", 1) for line in listing("confusables"))
    return {ord(other): letter for letter, others in pairs for other in others}


@functools.lru_cache(1 << 16)
def shown(label: str) -> str:
    """``label`` as browsers show it: A-labels (RFC 5890) decoded, others as they are."""
    if not label.startswith("xn--"):
        return label
    try:
        return label[4:].encode("ascii").decode("punycode")
    except (UnicodeError, ValueError):
        return label


def readable(label: str) -> str:
    """``label`` with every character replaced by the ASCII one it is taken for.

    What resembles none stays, and keeps the result apart from any plain name.
    """
    text = shown(label)
    if text.isascii():
        return text
    table = _confusable()
    plain = "".join(table.get(ord(c), c) for c in text)
    parts = unicodedata.normalize("NFKD", plain).lower()
    kept = "".join(c for c in parts if not unicodedata.combining(c))
    return "".join(table.get(ord(c), c) for c in kept)


def skeleton(label: str) -> str:
    """The letters of `readable` with digits and merging pairs replaced."""
    text = readable(label).translate(_LEET).replace("-", "")
    for pair, single in _MERGED:
        text = text.replace(pair, single)
    return text.replace("i", "l")
