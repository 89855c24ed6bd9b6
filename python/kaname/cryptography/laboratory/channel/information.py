"""How much is secret: closed forms for Gaussian samples, and estimates from what was drawn."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from kaname.cryptography.laboratory.channel.fading import masses
from kaname.cryptography.laboratory.channel.quantiser import THRESHOLDS, bits_of

__all__ = [
    "binary_entropy", "conditional_entropy", "disagreement", "gaussian_information",
    "information_rate", "miller_madow", "sign_disagreement", "unknown_given", "word_entropy",
]  # fmt: skip

_POINTS = 2000
_CELLS = 64  # of the listener's samples


def binary_entropy(p: float) -> float:
    """h(p), in bits."""
    return 0.0 if p <= 0 or p >= 1 else -p * math.log2(p) - (1 - p) * math.log2(1 - p)


def sign_disagreement(correlation: float) -> float:
    """How often the signs of two Gaussian samples differ (Sheppard 1899)."""
    return math.acos(correlation) / math.pi


def gaussian_information(correlation: float) -> float:
    """Mutual information of two Gaussian samples, in bits."""
    return -0.5 * math.log2(1 - correlation**2)


def information_rate(snr: float, share: float, spacing: float, bins: int = 1 << 16) -> float:
    """The same for each sample of two processes with Jakes' spectrum (Pinsker 1964).

    ``share``: correlation of their gains; noise of both is white.
    """
    signal = masses(bins, spacing) * bins
    coherence = (share * signal / (signal + 1 / snr)) ** 2
    return float(-0.5 * np.log2(1 - coherence).mean())


def conditional_entropy(bits: int, correlation: float) -> float:
    """H(cell | the listener's sample itself) for Gaussian samples, in bits, by quadrature."""
    if correlation**2 >= 1:
        return 0.0
    density, chance = _cells_given(bits, correlation)
    safe = np.where(chance > 0, chance, 1.0)
    entropy = -(chance * np.log2(safe)).sum(axis=0)
    return float((entropy * density).sum())


def disagreement(bits: int, correlation: float) -> float:
    """How often a bit of two Gaussian samples, quantised without guard, differs."""
    if correlation >= 1:
        return 0.0
    density, chance = _cells_given(bits, correlation)
    own = np.searchsorted(np.array(THRESHOLDS[bits]), _grid(), side="right")
    words = bits_of(np.arange(2**bits), bits).reshape(-1, bits)
    differ = (words[own][:, None] != words[None]).mean(axis=2)  # by sample and other's cell
    return float((density * (differ.T * chance).sum(axis=0)).sum())


def _grid() -> NDArray[np.float64]:
    step = 16 / _POINTS
    return np.asarray((np.arange(_POINTS) + 0.5) * step - 8, np.float64)


def _cells_given(bits: int, correlation: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Weights of samples, and the chance of each cell of the other at each of them."""
    at = _grid()
    density: NDArray[np.float64] = np.exp(-(at**2) / 2)
    edges = np.array([-np.inf, *THRESHOLDS[bits], np.inf])
    scaled = (edges[:, None] - correlation * at) / math.sqrt(1 - correlation**2)
    return np.divide(density, density.sum(), dtype=np.float64), np.diff(_normal(scaled), axis=0)


def _normal(x: NDArray[np.float64]) -> NDArray[np.float64]:
    """The normal law's distribution function."""
    error = np.vectorize(math.erf, otypes=[np.float64])
    return np.asarray((1 + error(x / math.sqrt(2))) / 2)


def miller_madow(counts: NDArray[np.int_]) -> float:
    """Entropy of what was counted, in bits, with Miller's (1955) correction of the bias."""
    seen = counts[counts > 0]
    total = int(seen.sum())
    if total == 0:
        return 0.0
    share = seen / total
    return float(-(share * np.log2(share)).sum() + (len(seen) - 1) / (2 * total * math.log(2)))


def unknown_given(cell: NDArray[np.intp], bits: int, eve: NDArray[np.float64]) -> float:
    """H(cell | the listener's sample) from samples; hers are told apart in 64 equal parts."""
    rank = np.argsort(np.argsort(eve))
    hers = rank * _CELLS // max(1, len(eve))
    both = np.bincount(hers * 2**bits + cell, minlength=_CELLS * 2**bits)
    found = miller_madow(both) - miller_madow(both.reshape(_CELLS, -1).sum(axis=1))
    return min(float(bits), max(0.0, found))


def word_entropy(cell: NDArray[np.intp], bits: int) -> float:
    """Entropy of a cell given those before it, from words of eight bits: an upper bound."""
    length = 8 // bits
    if len(cell) < 2 * length:
        return float(bits)
    word = np.zeros(len(cell) - length + 1, np.intp)
    for at in range(length):
        word = word << bits | cell[at : len(cell) - length + 1 + at]
    whole = miller_madow(np.bincount(word))
    before = miller_madow(np.bincount(word >> bits))
    return min(float(bits), max(0.0, whole - before))
