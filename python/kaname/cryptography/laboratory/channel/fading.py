"""What both ends, and a listener near one of them, measure of a Rayleigh-fading channel.

Both probe one after the other. Without noise they would see nearly the same gain (their
``correlation``: time passes between the probes, and their circuits differ); each adds noise
of its own. A listener at a distance from one end sees a gain whose correlation is J0 of the
distance, as waves come from all sides (Clarke 1968, Jakes 1974).

Gains in a row are independent, or, where the ends move by ``spacing`` wavelengths between
probes, have the spectrum of Jakes: close probes then repeat each other.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["Observed", "bessel_j0", "masses", "observed"]

Reals = NDArray[np.float64]


class Observed(NamedTuple):
    """Samples of variance 1: the real parts, then the imaginary ones; shape (2, probes)."""

    alice: Reals
    bob: Reals
    eve: Reals


def observed(
    random: np.random.Generator, probes: int, *, snr: float, correlation: float, distance: float,
    spacing: float | None,
) -> Observed:  # fmt: skip
    """Draw a session.

    ``snr``: power over noise at all three; ``distance``: listener to Bob, in wavelengths.
    """
    gain = _gains(random, probes, spacing)
    noise = 1 / np.sqrt(snr)

    def seen(share: float) -> Reals:
        other = _gains(random, probes, spacing)
        found = share * gain + np.sqrt(1 - share**2) * other
        found = found + noise * random.standard_normal((2, probes))
        return np.asarray(found / np.sqrt(1 + noise**2))

    return Observed(seen(1.0), seen(correlation), seen(float(bessel_j0(distance))))


def _gains(random: np.random.Generator, probes: int, spacing: float | None) -> Reals:
    """Two real processes of variance 1: the parts of the complex gain."""
    if spacing is None:
        return random.standard_normal((2, probes))
    parts = random.standard_normal((2, probes))
    spectrum = (parts[0] + 1j * parts[1]) * np.sqrt(masses(probes, spacing))
    found = np.fft.ifft(spectrum) * probes
    return np.stack((found.real, found.imag))


def masses(bins: int, spacing: float) -> Reals:
    """The part of Jakes' spectrum in each bin of a transform; beyond its half it folds back."""
    reach = int(np.ceil(spacing + 0.5))
    edges = (np.arange(-reach * bins, reach * bins + 1) - 0.5) / bins
    below = np.arcsin(np.clip(edges / spacing, -1, 1)) / np.pi
    return np.asarray(np.diff(below).reshape(2 * reach, bins).sum(axis=0))


def bessel_j0(distance: float) -> float:
    """J0(2 pi distance), by its integral: the midpoint rule converges faster than any power."""
    x = 2 * np.pi * distance
    points = int(64 + 2 * x)
    angle = (np.arange(points) + 0.5) * np.pi / points
    return float(np.cos(x * np.sin(angle)).mean())
