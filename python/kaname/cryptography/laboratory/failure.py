"""How often decryption fails, computed by convolution of the noise and not by trials.

A coefficient of what decryption sees is the message plus

    e.r + e2 + dv - s.(e1 + du)

where du and dv are what compression loses. Its law is the convolution of the laws of its
terms: k*256 products of two binomials, k*256 products of a binomial and a binomial with
rounding, and one of each. All laws live modulo q and all numbers are positive, so that double
precision loses about a part in 10^10 even at 2^-200 (a transform would lose everything below
2^-52). The method is that of Kyber's authors ("CRYSTALS-Kyber", specification 3.02, section
1.4); as there, what compression loses is taken as independent of the rest, as it is when u
and v are uniform, and a ciphertext fails as often as its 256 coefficients together at most.
"""

from __future__ import annotations

import math
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kaname.cryptography.laboratory.parameters import DEGREE, MODULUS, Parameters

__all__ = ["Failure", "convolved", "failure", "noise", "power", "product", "rounding"]

Law = NDArray[np.float64]  # of a number modulo q, at index 0..q-1


class Failure(NamedTuple):
    """Base-2 logarithms of the probability that a ciphertext fails.

    ``bound`` counts |noise| >= 832 for all messages, as FIPS 203 does; a bit 0 is read wrongly
    from |noise| >= 833, a bit 1 from noise <= -833 or noise >= 832 (q is odd).
    """

    bound: float
    zeros: float
    ones: float


def failure(parameters: Parameters) -> Failure:
    """How often ``parameters`` fail."""
    law = noise(parameters.checked())
    at = np.arange(MODULUS)
    signed = np.where(at > MODULUS // 2, at - MODULUS, at)
    zeros = _rare(law, np.abs(signed) >= 833)
    ones = _rare(law, (signed <= -833) | (signed >= 832))
    return Failure(_rare(law, np.abs(signed) >= 832), zeros, ones)


def _rare(law: Law, where: NDArray[np.bool_]) -> float:
    """The logarithm, the smallest summed first; minus infinity where it cannot happen."""
    found = math.fsum(np.sort(law[where]).tolist()) * DEGREE
    return math.log2(min(found, 1.0)) if found > 0 else -math.inf


def noise(parameters: Parameters) -> Law:
    """The law of the noise on one coefficient."""
    key = power(product(_binomial(parameters.eta1), _binomial(parameters.eta1)), parameters.k)
    sent = _sent(parameters.k, parameters.eta1, parameters.eta2, parameters.du)
    last = convolved(_binomial(parameters.eta2), rounding(parameters.dv))
    return convolved(convolved(key, sent), last)


@cache
def _sent(k: int, eta1: int, eta2: int, du: int) -> Law:
    """s.(e1 + du), which is the same for all dv."""
    return power(product(_binomial(eta1), convolved(_binomial(eta2), rounding(du))), k)


@cache
def _binomial(eta: int) -> Law:
    """Centred binomial: the difference of two sums of ``eta`` bits."""
    law = np.zeros(MODULUS)
    for ones in range(2 * eta + 1):
        law[(ones - eta) % MODULUS] = math.comb(2 * eta, ones) / 4**eta
    return law


def rounding(bits: int) -> Law:
    """What compression to ``bits`` loses of a uniform number (FIPS 203, section 4.2.1)."""
    law = np.zeros(MODULUS)
    if bits >= 12:
        law[0] = 1.0
        return law
    x = np.arange(MODULUS)
    kept = (x * 2 ** (bits + 1) + MODULUS) // (2 * MODULUS) % 2**bits
    again = (kept * 2 * MODULUS + 2**bits) // 2 ** (bits + 1)
    np.add.at(law, (x - again) % MODULUS, 1 / MODULUS)
    return law


def convolved(one: Law, other: Law) -> Law:
    """The law of a sum modulo q, term by term: no transform."""
    whole = np.convolve(one, other)
    law = whole[:MODULUS].copy()
    law[: MODULUS - 1] += whole[MODULUS:]
    return law


def product(one: Law, other: Law) -> Law:
    """The law of a product modulo q."""
    law = np.zeros(MODULUS)
    i, j = np.flatnonzero(one), np.flatnonzero(other)
    np.add.at(law, np.outer(i, j) % MODULUS, np.outer(one[i], other[j]))
    return law


def power(law: Law, k: int) -> Law:
    """The law of a sum of k * 256 independent numbers of one law."""
    for _ in range(DEGREE.bit_length() - 1):
        law = convolved(law, law)
    whole = law
    for _ in range(k - 1):
        whole = convolved(whole, law)
    return whole
