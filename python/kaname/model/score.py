"""What a score is: named terms in logits that decay, seen at an instant.

A score is never stored as a truth of its own. It, the end of validity and the next
instant at which it changes are all views of the same terms, so that they cannot disagree.

The decay is MISP's polynomial (Mokaddem et al., "Taxonomy driven indicator scoring in
MISP threat intelligence platforms", 2019): ``max(0, 1 - (age / tau) ** (1 / delta))``,
and nothing before the evidence was seen.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Any

import msgspec

from kaname.model.instant import SECOND

__all__ = ["NEVER", "Term", "decayed", "falls_below", "logit", "points", "score", "stands_until"]

NEVER = (1 << 63) - 1
_MOST = 100  # the highest score
_SHORTEST = SECOND  # a dip or a rise that lasts shorter is not looked for ...
_PARTS = 4096  # ... nor one shorter than this part of a stretch, so that the search ends soon
_STEPS = 24
_CLOSE = 8  # microseconds
_TINY = 1e-9
_ENOUGH = 1e-12  # logits


class Term(msgspec.Struct, frozen=True, kw_only=True):
    """An addend of a score, in logits, with the evidence that gives it.

    ``name`` is a key of the catalogue, ``values`` the numbers of its text. ``value`` is
    what it adds at ``observed`` (negative: it speaks against); after ``tau`` microseconds
    nothing is left of it (0: it does not decay). ``evidence`` are ids of observations, the
    best first and at most 16; ``count`` is how many there are and ``digest`` the SHA-256
    over all of them.
    """

    name: str
    values: dict[str, Any] = {}
    value: float
    observed: int
    tau: int = 0
    delta: float = 1.0
    evidence: tuple[str, ...] = ()
    count: int = 0
    digest: str = ""


def decayed(term: Term, at: int) -> float:
    """What ``term`` adds at ``at``: nothing before it was observed or from its end on."""
    if term.tau <= 0:
        return term.value
    age = (at - term.observed) / term.tau
    if age <= 0.0:
        return term.value if age == 0.0 else 0.0
    if age >= 1.0:
        return 0.0
    return float(term.value * (1.0 - age ** (1.0 / term.delta)))


def logit(bias: float, terms: Iterable[Term], at: int) -> float:
    """The sum of ``terms`` at ``at``; exact but for its last rounding, in any order."""
    return math.fsum((bias, *(decayed(term, at) for term in terms)))


def points(value: float) -> int:
    """The score that ``value`` logits are: ``round(100 / (1 + exp(-value)))``."""
    if value < 0:  # exp of a large positive number would overflow
        grown = math.exp(value)
        return round(_MOST * grown / (1.0 + grown))
    return round(_MOST / (1.0 + math.exp(-value)))


def score(bias: float, terms: Iterable[Term], at: int) -> int:
    """The score at ``at``: the probability in whole hundredths, as STIX counts confidence."""
    return points(logit(bias, terms, at))


def falls_below(bias: float, terms: Sequence[Term], threshold: float, after: int) -> int:
    """The first instant from ``after`` on at which the score is below ``threshold``.

    `NEVER` when it stays there. Terms that speak against decay too, so a score may rise
    again: what counts is the first fall.
    """
    return _first_outside(bias, terms, after, threshold, _MOST)


def stands_until(bias: float, terms: Sequence[Term], at: int) -> int:
    """The next instant after ``at`` at which the score is another; `NEVER` if none is."""
    now = score(bias, terms, at)
    return _first_outside(bias, terms, at, now, now)


def _first_outside(
    bias: float, terms: Sequence[Term], after: int, least: float, most: float
) -> int:
    """The first instant from ``after`` on whose score is not in ``least`` to ``most``.

    Between two observations the sum has no jumps; each such stretch is searched by itself.
    """
    if not least <= score(bias, terms, after) <= most:
        return after
    moving = [term for term in terms if term.tau > 0 and term.observed + term.tau > after]
    if not moving:
        return NEVER
    still = math.fsum((bias, *(term.value for term in terms if term.tau <= 0)))
    begins = sorted({after, *(term.observed for term in moving if term.observed > after)})
    last = max(term.observed + term.tau for term in moving)
    for begin, end in pairwise((*begins, last + 1)):
        active = [term for term in moving if term.observed <= begin]
        found = _within(_Stretch(still, active, least, most), begin, end - 1)
        if found is not None:
            return found
    return NEVER


class _Stretch:
    """A time in which terms only decay: those for it downwards, those against it upwards."""

    def __init__(self, still: float, terms: list[Term], least: float, most: float) -> None:
        self._still = still
        self._fading = [term for term in terms if term.value >= 0]
        self._easing = [term for term in terms if term.value < 0]
        self._least = least
        self._most = most
        self.one_way = not self._fading or not self._easing

    def logit(self, at: int) -> float:
        return logit(self._still, (*self._fading, *self._easing), at)

    def excess(self, at: int) -> float:
        """How far the sum is above the edge over which it leaves; its sign turns there."""
        edge = self._least - 0.5 if self._fading else self._most + 0.5
        share = min(max(edge / _MOST, _TINY), 1.0 - _TINY)
        return self.logit(at) - math.log(share / (1.0 - share))

    def outside(self, at: int) -> bool:
        return not self._least <= points(self.logit(at)) <= self._most

    def keeps(self, begin: int, end: int) -> bool:
        """Whether bounds alone say that nothing between the two is outside."""
        lowest = math.fsum(
            (self._still, *_values(self._fading, end), *_values(self._easing, begin))
        )
        highest = math.fsum(
            (self._still, *_values(self._fading, begin), *_values(self._easing, end))
        )
        return self._least <= points(lowest) and points(highest) <= self._most


def _values(terms: list[Term], at: int) -> Iterator[float]:
    return (decayed(term, at) for term in terms)


def _within(stretch: _Stretch, begin: int, end: int) -> int | None:
    """The first instant of a stretch, both ends included, that is outside."""
    if stretch.outside(begin):
        return begin
    if stretch.one_way:
        return _crossing(stretch, begin, end) if stretch.outside(end) else None
    shortest = max(_SHORTEST, (end - begin) // _PARTS)
    open_parts = [(begin, end)]
    while open_parts:
        low, high = open_parts.pop()
        if stretch.outside(low):
            return low
        if stretch.keeps(low, high):
            continue
        if high - low > shortest:
            middle = (low + high) // 2
            open_parts += [(middle, high), (low, middle)]
        elif stretch.outside(high):
            return _crossing(stretch, low, high)
    return end if stretch.outside(end) else None


def _crossing(stretch: _Stretch, low: int, high: int) -> int:
    """The first instant that is outside, between ``low`` (inside) and ``high`` (outside)."""
    guess = _root(stretch.excess, low, high)
    if low < guess < high:  # halving alone would ask three times as often
        low, high = _around(stretch, guess, low, high)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if stretch.outside(middle) else (middle, high)
    return high


def _around(stretch: _Stretch, guess: int, low: int, high: int) -> tuple[int, int]:
    """A narrow (inside, outside) about ``guess``, found by longer and longer steps."""
    step = _CLOSE
    if stretch.outside(guess):
        while guess - step > low and stretch.outside(guess - step):
            guess, step = guess - step, step * _CLOSE
        return max(low, guess - step), guess
    while guess + step < high and not stretch.outside(guess + step):
        guess, step = guess + step, step * _CLOSE
    return guess, min(high, guess + step)


def _root(value: Callable[[int], float], low: int, high: int) -> int:
    """About where ``value`` is zero, by the Illinois variant of false position."""
    at_low, at_high = value(low), value(high)
    guess, kept = high, 0
    for _ in range(_STEPS):
        if high - low < _CLOSE or at_low == at_high:
            break
        guess = high - round((high - low) * (at_high / (at_high - at_low)))
        if not low < guess < high:
            break
        here = value(guess)
        if abs(here) < _ENOUGH:
            break
        if (here > 0) == (at_high > 0):
            high, at_high = guess, here
            at_low, kept = (at_low / 2 if kept < 0 else at_low), -1
        else:
            low, at_low = guess, here
            at_high, kept = (at_high / 2 if kept > 0 else at_high), 1
    return guess
