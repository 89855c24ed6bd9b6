"""Destinations in the SQL of evidence: found, and written anew as pseudonyms.

Analyses write an address as two whole numbers (``dst_hi = 0 AND dst_lo = 28147...``), a
prefix as a range of them or as text. These forms are known here and rewritten; a query
that says anything else of a destination is left out as a whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Protocol

from kaname.model.address import IPv4_LOW, to_text

__all__ = ["SEALED", "WITHHELD", "destinations", "rewritten"]

SEALED = "hmac-sha256:"
WITHHELD = "-- left out: it names addresses of the telescope"
_V4 = 1 << 32

_SAME = re.compile(
    r"\b(dst|vic)_hi = (-?\d+) AND \1_lo (?:= (-?\d+)|IN \((-?\d+(?:, ?-?\d+)*)\))", re.IGNORECASE
)
_PAIR = re.compile(
    r"\(dst_hi, dst_lo\) IN \((\(-?\d+, ?-?\d+\)(?:, ?\(-?\d+, ?-?\d+\))*)\)", re.IGNORECASE
)
_TWO = re.compile(r"\((-?\d+), ?(-?\d+)\)")
# What of a destination tells no address: its count, and its block as a column of the result.
_SHOWN = re.compile(
    r"\buniq_dst = \d+|\buniq_dst\b|\bip\(dst_hi, dst_lo( & -\d+)?\) AS \w+|\bcount\(DISTINCT[^()]*"
    r"\(dst_hi, dst_lo\)\)|\blen\(dst_more\)|\bdst_more\b(?! *[=<>])",
    re.IGNORECASE,
)
_LEFT = re.compile(r"\bdst\w*", re.IGNORECASE)


class WordOf(Protocol):
    """The words to write for those of an address; ``always``: also if it is not registered."""

    def __call__(self, hi: int, lo: int, *, always: bool) -> tuple[int, int]: ...


def destinations(sql: str) -> Iterator[str]:
    """The destinations that ``sql`` names, as text."""
    for found in _SAME.finditer(sql):
        if found[1].lower() == "dst":
            for lo in _lows(found):
                yield to_text(int(found[2]), lo)
    for found in _PAIR.finditer(sql):
        for hi, lo in _TWO.findall(found[1]):
            yield to_text(int(hi), int(lo))


def rewritten(sql: str, word: WordOf, *, of_telescope: bool) -> str:
    """``sql`` with pseudonyms for destinations, or `WITHHELD`.

    Of a finding of the telescope every destination is hidden; of others, and for whatever
    stands in no known form, those that ``word`` knows to be dark.
    """

    def same(found: re.Match[str]) -> str:
        always = of_telescope and found[1].lower() == "dst"
        made = [word(int(found[2]), lo, always=always) for lo in _lows(found)]
        name, hi = found[1], made[0][0]
        lows = ", ".join(str(lo) for lo in sorted(lo for _, lo in made))
        tail = f"= {lows}" if found[3] is not None else f"IN ({lows})"
        # The high words of IPv6 pseudonyms of one prefix are the same: they share 64 bits.
        return f"{name}_hi = {hi} AND {name}_lo {tail}"

    def pairs(found: re.Match[str]) -> str:
        made = [word(int(h), int(lo), always=of_telescope) for h, lo in _TWO.findall(found[1])]
        return f"(dst_hi, dst_lo) IN ({', '.join(f'({h}, {lo})' for h, lo in sorted(made))})"

    if of_telescope and _LEFT.search(_SHOWN.sub("", _PAIR.sub("", _SAME.sub("", sql)))):
        return WITHHELD
    made = _PAIR.sub(pairs, _SAME.sub(same, sql))
    return _numbers(made, word)


def _lows(found: re.Match[str]) -> list[int]:
    return [int(found[3])] if found[3] is not None else [int(lo) for lo in found[4].split(",")]


def _numbers(sql: str, word: WordOf) -> str:
    """Lone numbers that are IPv4 addresses as the lake writes them, where they are dark."""

    def one(found: re.Match[str]) -> str:
        number = int(found[0])
        if not IPv4_LOW <= number < IPv4_LOW + _V4:
            return found[0]
        return str(word(0, number, always=False)[1])

    return re.sub(r"(?<![\w.])\d{15}(?![\w.])", one, sql)
