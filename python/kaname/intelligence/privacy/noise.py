"""The geometric mechanism: whole numbers with noise that hides one contribution.

Noise has the discrete Laplace distribution, P(x) proportional to exp(-epsilon |x|). It is
drawn exactly, from random bits and whole numbers alone (Canonne, Kamath and Steinke, "The
Discrete Gaussian for Differential Privacy", 2020, algorithms 1 and 2): a sampler of floats
leaks what it hides through the floats that it can give. OpenDP draws where it is installed.
"""

from __future__ import annotations

import functools
import secrets
from collections.abc import Callable
from fractions import Fraction

from kaname.model.errors import UsageError

__all__ = ["drawn", "noisy"]

_FINEST = 1_000
_LARGEST = 100


def noisy(count: int, epsilon: Fraction) -> int:
    """``count`` with noise for a sensitivity of one; never below 0.

    Cutting at 0 comes after the noise and tells nothing more.

    Raises:
        UsageError: epsilon is not a positive multiple of 1/1000 up to 100.
    """
    if not 0 < epsilon <= _LARGEST or epsilon.denominator > _FINEST:
        raise UsageError("intelligence.error.epsilon", found=str(epsilon))
    return max(0, count + _noise(epsilon))


def _noise(epsilon: Fraction) -> int:
    mechanism = _mechanism(epsilon)
    return drawn(epsilon) if mechanism is None else int(mechanism(0))


@functools.lru_cache(maxsize=64)
def _mechanism(epsilon: Fraction) -> Callable[[int], int] | None:
    """OpenDP's, if it is installed."""
    try:
        import opendp.prelude as dp
    except ImportError:
        return None
    dp.enable_features("contrib")
    space = dp.atom_domain(T=int), dp.absolute_distance(T=int)
    made: Callable[[int], int] = dp.m.make_geometric(*space, scale=float(1 / epsilon))
    return made


def drawn(epsilon: Fraction) -> int:
    """Discrete Laplace noise of scale 1/epsilon."""
    s, t = epsilon.numerator, epsilon.denominator
    while True:
        fine = secrets.randbelow(t)
        if not _happens(Fraction(fine, t)):
            continue
        coarse = 0
        while _happens(Fraction(1)):
            coarse += 1
        size = (fine + t * coarse) // s
        negative = secrets.randbits(1)
        if not (negative and size == 0):
            return -size if negative else size


def _happens(gamma: Fraction) -> bool:
    """True with probability exp(-gamma), for 0 <= gamma <= 1."""
    k = 1
    while secrets.randbelow(gamma.denominator * k) < gamma.numerator:
        k += 1
    return k % 2 == 1
