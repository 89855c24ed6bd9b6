"""What a score is: named terms in logits that decay, seen at an instant.

A score is never stored as a truth of its own. It, the end of validity and the next
instant at which it changes are all views of the same terms, so that they cannot disagree.

The decay is MISP's polynomial (Mokaddem et al., "Taxonomy driven indicator scoring in
MISP threat intelligence platforms", 2019): ``max(0, 1 - (age / tau) ** (1 / delta))``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import msgspec

__all__ = ["NEVER", "Term", "decayed", "falls_below", "logit", "score", "stands_until"]

NEVER = (1 << 63) - 1
_DIGITS = 1  # scores are shown, kept and compared to one decimal


class Term(msgspec.Struct, frozen=True, kw_only=True):
    """An addend of a score, in logits, with the evidence that gives it.

    ``name`` is a key of the catalogue, ``values`` the numbers of its text. ``value`` is
    what it adds at ``observed`` (negative: it speaks against); after ``tau`` microseconds
    nothing is left of it (0: it does not decay). ``evidence`` are ids of observations, the
    best first and at most 16; ``count`` is how many there are and ``digest`` the SHA-256
    over all of them.
    """

    name: str
    values: dict[str, Any] = {}  # noqa: RUF012 - msgspec copies defaults
    value: float
    observed: int
    tau: int = 0
    delta: float = 1.0
    evidence: tuple[str, ...] = ()
    count: int = 0
    digest: str = ""


def decayed(term: Term, at: int) -> float:
    """What ``term`` adds at ``at``; before it was observed, as then."""
    if term.tau <= 0:
        return term.value
    age = max(0, at - term.observed) / term.tau
    if age >= 1.0:
        return 0.0
    return term.value * (1.0 - age ** (1.0 / term.delta))


def logit(bias: float, terms: Iterable[Term], at: int) -> float:
    """The sum of ``terms`` at ``at``."""
    return math.fsum((bias, *(decayed(term, at) for term in terms)))


def score(bias: float, terms: Iterable[Term], at: int) -> float:
    """The score at ``at``, 0.0 to 100.0, to one decimal."""
    return _shown(logit(bias, terms, at))


def falls_below(bias: float, terms: Sequence[Term], threshold: float, after: int) -> int:
    """The first instant from ``after`` on at which the score is below ``threshold``.

    `NEVER` when it stays there. Terms that speak against decay too, so a score may rise
    again: what counts is the first fall.
    """
    return _first(bias, terms, after, lambda shown: shown < threshold)


def stands_until(bias: float, terms: Sequence[Term], at: int) -> int:
    """The next instant after ``at`` at which the score is another; `NEVER` if none is."""
    now = score(bias, terms, at)
    return _first(bias, terms, at, lambda shown: shown != now)


def _shown(value: float) -> float:
    if value < 0:
        grown = math.exp(value)
        return round(100.0 * grown / (1.0 + grown), _DIGITS)
    return round(100.0 / (1.0 + math.exp(-value)), _DIGITS)


def _first(bias: float, terms: Sequence[Term], after: int, found: Callable[[float], bool]) -> int:
    """The first instant from ``after`` on whose score satisfies ``found``.

    Between two ends of decay the sum has no jumps; each such stretch is halved down to a
    microsecond.
    """
    if found(score(bias, terms, after)):
        return after
    ends = sorted({t.observed + t.tau for t in terms if t.tau > 0 and t.observed + t.tau > after})
    starts = sorted({t.observed for t in terms if t.tau > 0 and t.observed > after})
    begin = after
    for end in sorted({*starts, *ends}):
        if found(score(bias, terms, end)):
            return _halved(bias, terms, begin, end, found)
        begin = end
    return NEVER


def _halved(
    bias: float, terms: Sequence[Term], low: int, high: int, found: Callable[[float], bool]
) -> int:
    while high - low > 1:
        middle = (low + high) // 2
        if found(score(bias, terms, middle)):
            high = middle
        else:
            low = middle
    return high
