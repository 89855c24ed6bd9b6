"""A long string, partly known to others, made a short one that nobody else knows."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

__all__ = ["SECURITY", "secret_length", "toeplitz"]

SECURITY = 64  # bits: the key differs from a perfect one by 2^-64 at most, twice
Bits = NDArray[np.uint8]


def toeplitz(bits: Bits, length: int, seed: Bits) -> Bits:
    """The product of a Toeplitz matrix, given by ``seed``, with ``bits`` over GF(2).

    A universal hash (Krawczyk, CRYPTO 1994): by the leftover hash lemma what comes out is
    random to those who know less than was taken away. ``seed`` has len(bits) + length - 1 bits.
    """
    if len(seed) != len(bits) + length - 1:
        raise ValueError(f"seed of {len(seed)} bits; {len(bits) + length - 1} are needed")
    if length == 0 or len(bits) == 0:
        return np.zeros(0, np.uint8)
    size = 1 << (len(seed) + len(bits) - 2).bit_length()
    both = np.fft.rfft(seed, size) * np.fft.rfft(bits, size)
    sums = np.rint(np.fft.irfft(both, size)).astype(np.int64)
    return (sums[len(bits) - 1 : len(bits) - 1 + length] & 1).astype(np.uint8)


def secret_length(samples: int, cells: int, entropy: float, told: int) -> int:
    """How many bits of ``samples`` stay secret, for a finite session.

    ``entropy``: bits a sample that the listener lacks; ``told``: bits said in public. The
    first deduction is for the finite number of samples (Holenstein and Renner, IEEE Trans.
    Inf. Theory 57(4), 2011, theorem 1; it supposes independent samples), the last one is of
    the leftover hash lemma.
    """
    spread = math.sqrt(2 * samples * SECURITY) * math.log2(cells + 3)
    return max(0, math.floor(samples * entropy - spread - told - 2 * SECURITY))
