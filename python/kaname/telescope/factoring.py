"""Groups that act alike, by non-negative factors: Dark-NMF and Dark-NTD.

C. Han et al., Dark-TRACER, IEEE Access 2022. Both are least squares by the multiplicative
updates of D. Lee and H. Seung (2001), which for the sparse tensor are sums over its cells
and never its whole extent. They begin from what the singular vectors, or a fixed seed,
give, so that the same window has the same groups.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Factors", "Tucker", "matrix_factors", "otsu", "tensor_factors"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_TINY = 1e-12


@dataclass(frozen=True)
class Factors:
    """``times`` [bin, group] and ``hosts`` [group, host], whose product is the matrix.

    The columns of ``times`` add up to 1, so that ``hosts`` are packets.
    """

    times: Floats
    hosts: Floats


def matrix_factors(matrix: Floats, rank: int, *, most: int = 3000, least: float = 1e-5) -> Factors:
    """Non-negative factors of ``matrix`` [bin, host], as published.

    From the absolute singular vectors; until the mean squared error changes by less than
    ``least`` or ``most`` updates are made.
    """
    left, size, right = np.linalg.svd(matrix, full_matrices=False)
    rank = min(rank, len(size))
    w = np.abs(left[:, :rank]) * np.sqrt(size[:rank]) + _TINY
    h = np.abs(right[:rank]) * np.sqrt(size[:rank])[:, None] + _TINY
    power, cells = float((matrix**2).sum()), matrix.size
    before = np.inf
    for _ in range(most):
        h *= (w.T @ matrix) / np.maximum(w.T @ w @ h, _TINY)
        cross, square = matrix @ h.T, h @ h.T
        w *= cross / np.maximum(w @ square, _TINY)
        error = (power - 2 * float((w * cross).sum()) + float(((w.T @ w) * square).sum())) / cells
        if abs(before - error) < least:
            break
        before = error
    sums = w.sum(0)
    return Factors(w / np.maximum(sums, _TINY), h * sums[:, None])


@dataclass(frozen=True)
class Tucker:
    """``core`` [5, 5, 5] and the factors of the three modes [n, 5], each at most 1."""

    core: Floats
    modes: tuple[Floats, Floats, Floats]


def tensor_factors(
    places: tuple[Ints, Ints, Ints],
    values: Floats,
    *,
    rank: int = 5,
    rounds: int = 60,
    seed: int = 1,
) -> Tucker:
    """Non-negative Tucker factors of a sparse tensor: ``values`` at ``places`` (its modes)."""
    rng = np.random.default_rng(seed)
    sizes = [int(place.max()) + 1 for place in places]
    modes = [rng.uniform(0.1, 1.0, (size, rank)) for size in sizes]
    core = rng.uniform(0.1, 1.0, (rank, rank, rank))
    core *= float(values.sum()) / max(_TINY, float(core.sum()) * float(np.prod(sizes)) / 8)
    for _ in range(rounds):
        for mode in range(3):
            _update_mode(mode, modes, core, places, values)
        _update_core(modes, core, places, values)
    for mode in range(3):
        most = np.maximum(modes[mode].max(0), _TINY)
        modes[mode] /= most
        core = core * most.reshape([-1 if axis == mode else 1 for axis in range(3)])
    return Tucker(core, (modes[0], modes[1], modes[2]))


_OTHERS = {0: (1, 2), 1: (0, 2), 2: (0, 1)}
_TURNED = {0: "abc,nb,nc->na", 1: "abc,na,nc->nb", 2: "abc,na,nb->nc"}
_SQUARED = {
    0: "abc,be,cf,gef->ag",
    1: "abc,ae,cf,egf->bg",
    2: "abc,ae,bf,efg->cg",
}


def _update_mode(
    mode: int, modes: list[Floats], core: Floats, places: tuple[Ints, Ints, Ints], values: Floats
) -> None:
    one, two = _OTHERS[mode]
    near = (modes[one][places[one]], modes[two][places[two]])
    turned = np.einsum(_TURNED[mode], core, *near, optimize=True) * values[:, None]
    above = np.zeros_like(modes[mode])
    for group in range(above.shape[1]):
        above[:, group] = np.bincount(places[mode], weights=turned[:, group], minlength=len(above))
    grams = (modes[one].T @ modes[one], modes[two].T @ modes[two])
    square = np.einsum(_SQUARED[mode], core, *grams, core, optimize=True)
    modes[mode] *= above / np.maximum(modes[mode] @ square, _TINY)


def _update_core(
    modes: list[Floats], core: Floats, places: tuple[Ints, Ints, Ints], values: Floats
) -> None:
    near = [factor[place] for factor, place in zip(modes, places, strict=True)]
    above = np.einsum("n,na,nb,nc->abc", values, *near, optimize=True)
    grams = [factor.T @ factor for factor in modes]
    below = np.einsum("abc,ad,be,cf->def", core, *grams, optimize=True)
    core *= above / np.maximum(below, _TINY)


def otsu(values: Floats, steps: int = 256) -> float:
    """The threshold of N. Otsu (1979) on values in [0, 1] over 1e-10; 1 without any."""
    own = values[values > 1e-10]
    if not len(own):
        return 1.0
    counts, edges = np.histogram(own, bins=steps, range=(0.0, 1.0))
    middle = (edges[:-1] + edges[1:]) / 2
    below = np.cumsum(counts).astype(np.float64)
    above = below[-1] - below
    total = np.cumsum(counts * middle)
    with np.errstate(divide="ignore", invalid="ignore"):
        apart = (total / below - (total[-1] - total) / above) ** 2 * below * above
    apart = np.where((below > 0) & (above > 0), apart, -1.0)
    return float(edges[int(np.argmax(apart)) + 1])
