"""Polynomials of FIPS 203 as arrays: the last axis is the 256 coefficients, others are many.

Every step works on all polynomials at once. None of it runs in constant time.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from kaname.cryptography.laboratory.parameters import DEGREE, MODULUS

__all__ = [
    "Poly", "binomial", "compressed", "decoded", "decompressed", "encoded", "inverse", "matrix",
    "multiplied", "transformed",
]  # fmt: skip

Poly = NDArray[np.int64]
_BLOCK = 168  # bytes that SHAKE128 gives at a time


def _reversed(seven: int) -> int:
    return int(f"{seven:07b}"[::-1], 2)


_ZETAS = np.array([pow(17, _reversed(i), MODULUS) for i in range(128)])
_GAMMAS = np.array([pow(17, 2 * _reversed(i) + 1, MODULUS) for i in range(128)])


def transformed(one: Poly) -> Poly:
    """Number-theoretic transform (algorithm 9)."""
    shape, width = one.shape, DEGREE // 2
    while width >= 2:
        pairs = one.reshape(*shape[:-1], -1, 2, width)
        blocks = DEGREE // 2 // width
        low = pairs[..., 0, :]
        high = pairs[..., 1, :] * _ZETAS[blocks : 2 * blocks, None] % MODULUS
        one = np.stack(((low + high) % MODULUS, (low - high) % MODULUS), axis=-2).reshape(shape)
        width //= 2
    return one


def inverse(one: Poly) -> Poly:
    """Back again (algorithm 10)."""
    shape, width = one.shape, 2
    while width <= DEGREE // 2:
        pairs = one.reshape(*shape[:-1], -1, 2, width)
        blocks = DEGREE // 2 // width
        low, high = pairs[..., 0, :], pairs[..., 1, :]
        turned = (high - low) * _ZETAS[blocks : 2 * blocks][::-1, None] % MODULUS
        one = np.stack(((low + high) % MODULUS, turned), axis=-2).reshape(shape)
        width *= 2
    return np.asarray(one * 3303 % MODULUS)  # 3303 = 1/128


def multiplied(one: Poly, other: Poly) -> Poly:
    """The product of two transforms (algorithm 11); shapes broadcast."""
    a, b = one[..., ::2], one[..., 1::2]
    c, d = other[..., ::2], other[..., 1::2]
    even = (a * c + b * d % MODULUS * _GAMMAS) % MODULUS
    odd = (a * d + b * c) % MODULUS
    return np.stack((even, odd), axis=-1).reshape(*even.shape[:-1], DEGREE)


@lru_cache(maxsize=64)
def matrix(seed: bytes, k: int) -> Poly:
    """The transform of A, k by k, drawn from ``seed`` (algorithm 7 for each entry)."""
    return np.stack(
        [[_uniform(seed + bytes((column, row))) for column in range(k)] for row in range(k)]
    )


def _uniform(seed: bytes) -> Poly:
    """256 numbers below q by rejection."""
    blocks = 5
    while True:
        stream = np.frombuffer(hashlib.shake_128(seed).digest(blocks * _BLOCK), np.uint8)
        three = stream.reshape(-1, 3).astype(np.int64)
        pairs = np.stack(
            (three[:, 0] | (three[:, 1] & 15) << 8, three[:, 1] >> 4 | three[:, 2] << 4), axis=1
        ).reshape(-1)
        found = pairs[pairs < MODULUS]
        if len(found) >= DEGREE:
            return found[:DEGREE]
        blocks += 1


def binomial(seed: bytes, first: int, count: int, eta: int) -> Poly:
    """``count`` polynomials of small coefficients, of SHAKE256 numbers ``first`` on (alg. 8)."""
    streams = b"".join(
        hashlib.shake_256(seed + bytes((first + i,))).digest(64 * eta) for i in range(count)
    )
    bits = np.unpackbits(np.frombuffer(streams, np.uint8), bitorder="little")
    halves = bits.reshape(count, DEGREE, 2, eta).sum(axis=-1, dtype=np.int64)
    return np.asarray((halves[..., 0] - halves[..., 1]) % MODULUS)


def compressed(one: Poly, bits: int) -> Poly:
    """The nearest of 2^bits steps; with 12 bits itself."""
    if bits >= 12:
        return one
    return ((one << (bits + 1)) + MODULUS) // (2 * MODULUS) % (1 << bits)


def decompressed(one: Poly, bits: int) -> Poly:
    """What stands for a step."""
    if bits >= 12:
        return one
    return (one * (2 * MODULUS) + (1 << bits)) >> (bits + 1)


def encoded(one: Poly, bits: int) -> bytes:
    """All coefficients with ``bits`` bits each (algorithm 5)."""
    return np.packbits(_bits(one, bits), bitorder="little").tobytes()


def _bits(one: Poly, bits: int) -> NDArray[np.uint8]:
    return (one.reshape(-1, 1) >> np.arange(bits) & 1).astype(np.uint8)


def decoded(data: bytes, bits: int) -> Poly:
    """Back again (algorithm 6), as many polynomials as ``data`` holds: shape (many, 256)."""
    each = np.unpackbits(np.frombuffer(data, np.uint8), bitorder="little").reshape(-1, bits)
    return np.asarray((each.astype(np.int64) << np.arange(bits)).sum(axis=1).reshape(-1, DEGREE))
