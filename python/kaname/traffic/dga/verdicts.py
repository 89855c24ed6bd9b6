"""What the failures of one client say together: is a generator of names at work there?

One name says little: at one false name in a thousand a third of generated names are
recognised. A client asks for many, so four tests look at all of its names:

- looks: their mean logit lies above that of names that fail ordinarily, measured in
  standard errors, with a spread between clients that more names do not take away;
- odd: more of them look generated than chance would have (binomial tail);
- alike: they share parts with each other, as constants and growing names do;
- many: there are more of them than other clients have (median + 10 MAD).

`ORDINARY` describes ordinary failures: misspelt and abandoned names, as the simulator of a
site makes them. It was measured on benign names that the model did not learn, and is part
of the shipped model's card.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["LEAST", "Ordinary", "Reading", "Thresholds", "alike", "crowded", "read"]

LEAST = 5  # names below which nothing is said
_COMPARED = 200  # names that are compared with each other
_HASHED = 4096
_ODD_LOGIT = 2.0
_PLENTY = 60  # names from which on their number alone may speak


@dataclass(frozen=True, slots=True)
class Ordinary:
    """Ordinary failures: mean and deviation of a name's logit, share of odd-looking names.

    ``between`` is the deviation between clients, in deviations of names.
    """

    mean: float
    deviation: float
    odd: float
    between: float = 0.15


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Where each test speaks."""

    looks: float = 3.8  # standard errors
    odd: float = 6.0  # -log10 of the chance
    alike: float = 0.38  # mean likeness of a name with its nearest
    related: float = 0.19  # the same, of many names
    many: int = 20  # domains, at least


@dataclass(frozen=True, slots=True)
class Reading:
    """The tests of one client; ``crowd`` is the number of domains that counts as many."""

    count: int
    mean: float
    looks: float
    odd: int
    chance: float  # -log10
    alike: float
    crowd: int
    spoke: tuple[str, ...]


def read(
    labels: Sequence[str],
    logits: NDArray[np.float64],
    crowd: int,
    ordinary: Ordinary,
    limits: Thresholds,
) -> Reading:
    """Hold the distinct ``labels`` of one client and their logits against the ordinary."""
    n = len(labels)
    mean = float(logits.mean())
    error = ordinary.deviation * math.sqrt(1 / n + ordinary.between**2)
    looks = (mean - ordinary.mean) / error
    odd = int((logits > _ODD_LOGIT).sum())
    chance = -_log10_tail(odd, n, ordinary.odd)
    likeness = alike(labels)
    spoke = tuple(
        name
        for name, speaks in (
            ("looks", looks >= limits.looks),
            ("odd", odd >= LEAST - 1 and chance >= limits.odd),
            ("alike", likeness >= (limits.alike if n < 3 * LEAST else limits.related)),
            ("many", n >= crowd and (looks >= 2 or n >= max(2 * crowd, _PLENTY))),
        )
        if speaks
    )
    return Reading(n, mean, looks, odd, chance, likeness, crowd, spoke if n >= LEAST else ())


def crowded(counts: Sequence[int], least: int) -> int:
    """From how many domains on a client has many: median + 10 MAD, at least ``least``."""
    if not counts:
        return least
    values = np.asarray(counts, np.float64)
    median = float(np.median(values))
    spread = float(np.median(np.abs(values - median)))
    return max(least, math.ceil(median + 10 * spread))


def alike(labels: Sequence[str]) -> float:
    """Mean over ``labels`` of the greatest share of parts with another (Jaccard, 0 to 1).

    Parts are runs of 2 and 3 characters, hashed; of many labels the first in order count.
    """
    some = sorted(set(labels))[:_COMPARED]
    if len(some) < 2:
        return 0.0
    parts = np.zeros((len(some), _HASHED), np.float32)
    for place, label in enumerate(some):
        parts[place, _parts(label)] = 1
    shared = parts @ parts.T
    sizes = parts.sum(axis=1)
    jaccard = shared / (sizes[:, None] + sizes[None, :] - shared)
    np.fill_diagonal(jaccard, 0)
    return float(jaccard.max(axis=1).mean())


def _parts(label: str) -> NDArray[np.int64]:
    data = np.frombuffer(f"^{label}$".encode("ascii", "replace"), np.uint8).astype(np.int64)
    pairs = data[:-1] * 256 + data[1:]
    triples = pairs[:-1] * 256 + data[2:]
    return np.concatenate((pairs * 40_503 >> 4, triples * 40_503 >> 4)) % _HASHED


def _log10_tail(least: int, n: int, share: float) -> float:
    """log10 of the chance of ``least`` or more of ``n``, each with chance ``share``."""
    if least <= 0:
        return 0.0
    terms = [
        math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)
        + k * math.log(share) + (n - k) * math.log1p(-share)
        for k in range(least, n + 1)
    ]  # fmt: skip
    top = max(terms)
    return min(0.0, (top + math.log(sum(math.exp(t - top) for t in terms))) / math.log(10))
