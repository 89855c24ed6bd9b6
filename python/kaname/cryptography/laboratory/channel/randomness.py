"""Tests of NIST SP 800-22 rev. 1a on a bit string: probabilities that chance does as badly.

They find strings that are plainly not random; passing them shows no secrecy.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

__all__ = ["block_frequency", "checked", "cumulative_sums", "frequency", "runs"]

Bits = NDArray[np.uint8]
LEAST = 100  # bits: the publication's recommendation


def checked(bits: Bits) -> dict[str, float]:
    """All tests; empty for a string too short for them."""
    if len(bits) < LEAST:
        return {}
    return {
        "frequency": frequency(bits),
        "block-frequency": block_frequency(bits, max(20, len(bits) // 99)),
        "runs": runs(bits),
        "cumulative-sums": cumulative_sums(bits),
    }


def frequency(bits: Bits) -> float:
    """Section 2.1: as many ones as zeros."""
    total = abs(2 * int(bits.sum()) - len(bits))
    return math.erfc(total / math.sqrt(2 * len(bits)))


def block_frequency(bits: Bits, size: int) -> float:
    """Section 2.2: in each block of ``size`` bits too."""
    count = len(bits) // size
    share = bits[: count * size].reshape(count, size).mean(axis=1)
    return _upper_gamma(count / 2, 2 * size * float(((share - 0.5) ** 2).sum()))


def runs(bits: Bits) -> float:
    """Section 2.3: as many changes as chance makes."""
    size, share = len(bits), float(bits.mean())
    if abs(share - 0.5) >= 2 / math.sqrt(size):
        return 0.0
    count = 1 + int((bits[1:] != bits[:-1]).sum())
    both = share * (1 - share)
    return math.erfc(abs(count - 2 * size * both) / (2 * math.sqrt(2 * size) * both))


def cumulative_sums(bits: Bits) -> float:
    """Section 2.13, forward: no walk goes far."""
    walk = np.cumsum(2 * bits.astype(np.int64) - 1)
    size, reach = len(bits), int(np.abs(walk).max())
    root = math.sqrt(size)

    def over(first: int, last: int, low: int, high: int) -> float:
        return math.fsum(
            _normal((4 * k + high) * reach / root) - _normal((4 * k + low) * reach / root)
            for k in range(first, last + 1)
        )

    most = math.floor((size / reach - 1) / 4)
    one = over(math.floor((-size / reach + 1) / 4), most, -1, 1)
    other = over(math.floor((-size / reach - 3) / 4), most, 1, 3)
    return min(1.0, max(0.0, 1 - one + other))


def _normal(x: float) -> float:
    return math.erfc(-x / math.sqrt(2)) / 2


def _upper_gamma(a: float, x: float) -> float:
    """The regularised upper incomplete gamma function, by series or continued fraction."""
    if x <= 0:
        return 1.0
    factor = math.exp(a * math.log(x) - x - math.lgamma(a))
    if x < a + 1:
        term = total = 1 / a
        n = a
        while term > total * 1e-16:
            n += 1
            term *= x / n
            total += term
        return 1 - total * factor
    return factor * _fraction(a, x)


def _fraction(a: float, x: float) -> float:
    """Lentz's method."""
    b = x + 1 - a
    c, d = 1e300, 1 / b
    found = d
    for i in range(1, 10_000):
        step = -i * (i - a)
        b += 2
        d = 1 / (step * d + b)
        c = b + step / c
        found *= c * d
        if abs(c * d - 1) < 1e-15:
            break
    return found
