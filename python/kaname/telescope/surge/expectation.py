"""How many sources a port's past leads one to expect, and how far that scatters.

The past of a series is fitted by a constant and the first two harmonics of a day (least
squares over up to ten days), from running sums, so that every bin has the expectation that
was to be had then, with nothing of later bins in it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["MEMORY", "Sums", "fitted"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

DAY = 144  # bins
MEMORY = 10 * DAY  # bins of the past that an expectation looks back on
_TERMS = 5
_SETTLED = 120  # bins of the past from which the time of day is known
_DEPTH = 0.25  # by how much of the mean a harmonic differs from none, beforehand
_SCATTER = 0.06  # variance by over-dispersion, per squared mean, beforehand
_WEIGHT = 72  # bins that this prior counts for


@dataclass(frozen=True)
class Sums:
    """Running sums over bins, one row longer than the bins: sums of [0, t) at t."""

    terms: Floats  # [t, 5]: of the harmonics, of bins that were seen
    squares: Floats  # [t, 5, 5]
    moments: Floats  # [t, 5, series]
    power: Floats  # [t, series]: of squared counts

    @classmethod
    def of(cls, counts: Floats, seen: NDArray[np.bool_], first: int = 0) -> Sums:
        """Sums of ``counts`` [bin, series] over the bins that were ``seen``.

        ``first`` is the time of day of bin 0, in bins.
        """
        angle = 2 * np.pi * (np.arange(len(counts)) + first) / DAY
        waves = [np.cos(angle), np.sin(angle), np.cos(2 * angle), np.sin(2 * angle)]
        terms = np.stack([np.ones(len(counts)), *waves], axis=1) * seen[:, None]
        own = counts * seen[:, None]
        return cls(
            _running(terms),
            _running(terms[:, :, None] * terms[:, None, :]),
            _running(terms[:, :, None] * own[:, None, :]),
            _running(own * own),
        )


def _running(values: Floats) -> Floats:
    head = np.zeros((1, *values.shape[1:]))
    return np.concatenate([head, np.cumsum(values, axis=0)])


def fitted(sums: Sums, begin: Ints, end: Ints) -> tuple[Floats, Floats, Floats]:
    """Coefficients [n, 5, series], variance of a bin [n, series] and bins [n] of the past.

    Of the past from ``begin`` to ``end`` (bins, one pair each).
    """
    squares = sums.squares[end] - sums.squares[begin]
    moments = sums.moments[end] - sums.moments[begin]
    power = sums.power[end] - sums.power[begin]
    n = squares[:, 0, 0]
    mean = moments[:, 0] / np.maximum(n, 1)[:, None]
    solved = np.linalg.solve(squares + 1e-6 * np.eye(_TERMS), moments)
    rough = power - np.einsum("nks,nks->ns", solved, moments)
    spread = np.maximum(rough, 0) / np.maximum(n - _TERMS, 1)[:, None]
    known = np.broadcast_to((n >= _SETTLED)[:, None], mean.shape)
    kept = np.where(known, _kept(n[:, None], mean, np.maximum(spread, mean)), 0.0)
    factors = np.empty_like(solved)
    factors[:, 0] = np.where(known, 1.0, 0.0)
    factors[:, 1:] = kept[:, None]
    fit = solved * factors
    fit[:, 0] = np.where(known, solved[:, 0], mean)
    # Where harmonics are not trusted, neither is the constant that was fitted with them.
    fit[:, 0] = kept * fit[:, 0] + (1 - kept) * mean
    plain = np.maximum(power - n[:, None] * mean**2, 0) / np.maximum(n - 1, 1)[:, None]
    variance = np.where(known, kept * spread + (1 - kept) * plain, plain)
    return np.asarray(fit, np.float64), _tempered(variance, mean, n[:, None]), n


def _kept(n: Floats, mean: Floats, variance: Floats) -> Floats:
    """Share of a fitted harmonic to believe: signal over signal and noise."""
    signal = (_DEPTH * mean) ** 2 / 2
    noise = 2 * variance / np.maximum(n, 1)
    return signal / np.maximum(signal + noise, 1e-12)


def _tempered(variance: Floats, mean: Floats, n: Floats) -> Floats:
    prior = mean + _SCATTER * mean**2
    mixed = (n * variance + _WEIGHT * prior) / (n + _WEIGHT)
    return np.maximum(mixed, mean)
