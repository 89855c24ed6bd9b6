"""How fast a victim answers, from what reaches a telescope: an estimate with its bounds.

Forged addresses that are drawn at random reach a telescope of N of the 2^32 addresses with
a chance of N / 2^32 each (Moore et al., ACM TOCS 2006), so k packets in t seconds speak for
k / t * 2^32 / N packets per second. The bounds are those of a Poisson count.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

__all__ = ["SHORTEST", "Rate", "estimate", "lower_count", "upper_count"]

SHORTEST = 60  # seconds: flowtuples tell minutes apart
Z = 1.2815515655446004  # quantile of the normal distribution at 90 %
_TAIL = 0.1
_EXACT = 30  # counts up to this are inverted exactly


@dataclass(frozen=True, slots=True)
class Rate:
    """Packets per second that the victim sent; ``low`` and ``high`` are 90 % bounds, each."""

    pps: float
    low: float
    high: float


def estimate(packets: int, seconds: int, addresses: int) -> Rate:
    """The rate of a victim of which ``addresses`` addresses saw ``packets`` in ``seconds``."""
    scale = 2**32 / max(1, addresses) / max(SHORTEST, seconds)
    return Rate(packets * scale, lower_count(packets) * scale, upper_count(packets) * scale)


def lower_count(seen: int) -> float:
    """The mean below which ``seen`` or more would come by chance in 10 % of cases."""
    if seen <= 0:
        return 0.0
    if seen > _EXACT:
        return _approximate(seen, -Z)
    return _mean(lambda mean: 1 - _at_most(seen - 1, mean) >= _TAIL, seen)


def upper_count(seen: int) -> float:
    """The mean above which ``seen`` or fewer would come by chance in 10 % of cases."""
    if seen > _EXACT:
        return _approximate(seen + 1, Z)
    return _mean(lambda mean: _at_most(seen, mean) <= _TAIL, 10 * seen + 10)


def _approximate(count: int, z: float) -> float:
    """Quantile of the gamma distribution by Wilson and Hilferty."""
    return count * (1 - 1 / (9 * count) + z / (3 * math.sqrt(count))) ** 3


def _at_most(count: int, mean: float) -> float:
    """Chance of ``count`` events or fewer where ``mean`` are expected."""
    term = total = math.exp(-mean)
    for n in range(1, count + 1):
        term *= mean / n
        total += term
    return total


def _mean(reached: Callable[[float], bool], most: float) -> float:
    """The least mean below ``most`` for which ``reached`` holds, by halving."""
    low, high = 0.0, float(most)
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (low, middle) if reached(middle) else (middle, high)
    return high
