"""How one word becomes another: distance, and the one edit in words.

The distance is Damerau's in its restricted form (optimal string alignment): insertions,
deletions, replacements and swaps of neighbours, no part edited twice.
"""

from __future__ import annotations

__all__ = ["ADJACENT", "deletions", "distance", "edit"]

_ROWS = ("1234567890-", "qwertyuiop", "asdfghjkl", "zxcvbnm")
_VOWELS = frozenset("aeiou")


def _neighbours() -> dict[str, frozenset[str]]:
    """Keys that touch each other on a US keyboard."""
    at = {key: (row, place + row * 0.4) for row, keys in enumerate(_ROWS)
          for place, key in enumerate(keys)}  # fmt: skip
    return {
        key: frozenset(
            other
            for other, (r, p) in at.items()
            if other != key and abs(r - row) <= 1 and abs(p - place) <= 1.1
        )
        for key, (row, place) in at.items()
    }


ADJACENT = _neighbours()


def deletions(word: str, depth: int) -> set[str]:
    """``word`` and what is left of it when up to ``depth`` characters are taken out."""
    found = edge = {word}
    for _ in range(depth):
        edge = {text[:at] + text[at + 1 :] for text in edge for at in range(len(text))}
        found = found | edge
    return found


def distance(one: str, other: str, limit: int) -> int:
    """The number of edits between two words, or ``limit`` + 1 when it is more."""
    if abs(len(one) - len(other)) > limit:
        return limit + 1
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        earlier, before, row = before, row, [i]
        for j, b in enumerate(other, 1):
            best = min(row[j - 1] + 1, before[j] + 1, before[j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and b == one[i - 2]:
                best = min(best, earlier[j - 2] + 1)
            row.append(best)
        if min(row) > limit:
            return limit + 1
    return row[-1]


def edit(brand: str, seen: str) -> tuple[str, str]:
    """The kind of the one edit that makes ``seen`` of ``brand``, and what it changed.

    Kinds: swap, bitsquat, keyboard, vowel, replacement, repetition, insertion, omission;
    ``edits`` when it takes more than one.
    """
    at = next((n for n, (a, b) in enumerate(zip(brand, seen, strict=False)) if a != b),
              min(len(brand), len(seen)))  # fmt: skip
    if len(brand) == len(seen):
        return _same_length(brand, seen, at)
    if len(seen) == len(brand) + 1 and brand[at:] == seen[at + 1 :]:
        added = seen[at]
        repeated = at > 0 and seen[at - 1] == added
        return ("repetition" if repeated else "insertion"), f"+{added}"
    if len(seen) == len(brand) - 1 and brand[at + 1 :] == seen[at:]:
        return "omission", f"-{brand[at]}"
    return "edits", f"{brand} → {seen}"


def _same_length(brand: str, seen: str, at: int) -> tuple[str, str]:
    was, now = brand[at : at + 1], seen[at : at + 1]
    if brand[at + 1 :] == seen[at + 1 :]:
        return _replaced(was, now), f"{was} → {now}"
    pair, turned = brand[at : at + 2], seen[at : at + 2]
    if pair[::-1] == turned and brand[at + 2 :] == seen[at + 2 :]:
        return "swap", f"{pair} → {turned}"
    return "edits", f"{brand} → {seen}"


def _replaced(was: str, now: str) -> str:
    if was in _VOWELS and now in _VOWELS:
        return "vowel"
    if now in ADJACENT.get(was, ()):
        return "keyboard"
    difference = ord(was) ^ ord(now)
    return "bitsquat" if difference and difference & (difference - 1) == 0 else "replacement"
