"""How far sources move together: graphs of the covariance of their logarithmic counts.

Dark-GLASSO (C. Han et al., Dark-TRACER, IEEE Access 2022) joins two /16 networks when the
graphical lasso leaves their partial covariance in ten minutes of 12 bins, and takes the
density of that graph. By the theorem of exact thresholding (D. Witten, J. Friedman, N.
Simon, 2011; R. Mazumder, T. Hastie, 2012) the graph in which two are joined where
their covariance exceeds rho has the same components; it costs a hundredth, so that all
networks take part and none are drawn by lot.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["BINS", "RHOS", "correlation", "covariance", "densities", "giant", "shuffled_giants"]

Floats = NDArray[np.float64]

BINS = 12
RHOS = (0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
NOTHING = 0.1  # what a bin without packets counts as
_BLOCK = 1024


def logged(counts: Floats) -> Floats:
    """Logarithms of ``counts`` [bin, host] less their mean over the bins."""
    logs = np.log(np.where(counts > 0, counts, NOTHING))
    return np.asarray(logs - logs.mean(0), np.float64)


def covariance(counts: Floats) -> Floats:
    """Population covariance [host, host] of the logarithms of ``counts`` [bin, host]."""
    own = logged(counts)
    return np.asarray(own.T @ own / len(own), np.float64)


def densities(counts: Floats, *, exact: bool = False) -> tuple[float, ...]:
    """Density of the graph of hosts at each of `RHOS`, as published: edges/(p(p-1)).

    ``exact`` runs the graphical lasso of scikit-learn instead of thresholding.
    """
    hosts = counts.shape[1]
    if hosts < 2:
        return (0.0,) * len(RHOS)
    if exact:
        edges = [_lasso(covariance(counts), rho) for rho in RHOS]
    else:
        edges = _thresholded(logged(counts))
    return tuple(round(float(n) / (hosts * (hosts - 1)), 9) for n in edges)


def _thresholded(own: Floats) -> list[int]:
    """Edges at each of `RHOS`, a block of rows at a time."""
    bins, hosts = own.shape
    narrow = (own / np.sqrt(bins)).astype(np.float32)
    edges = [0] * len(RHOS)
    for start in range(0, hosts, _BLOCK):
        part = np.abs(narrow[:, start : start + _BLOCK].T @ narrow[:, start:])
        rows = np.arange(part.shape[0])[:, None]
        part[rows >= np.arange(part.shape[1])[None, :]] = 0  # each pair once
        for place, rho in enumerate(RHOS):
            edges[place] += int((part > rho).sum())
    return edges


def _lasso(sample: Floats, rho: float) -> int:
    """Edges of the graphical lasso.

    There are fewer bins than hosts, so the covariance is singular; a ridge is added, and a
    stronger one where the solver needs it. That it stops before its own tolerance is usual
    then, and changes next to no edge.
    """
    import warnings

    from sklearn.covariance import graphical_lasso

    for ridge in (1e-6, 1e-3, 1e-1):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                _, precision = graphical_lasso(sample + ridge * np.eye(len(sample)), alpha=rho)
        except FloatingPointError:
            continue
        return int((np.abs(precision[np.triu_indices(len(sample), 1)]) > 1e-10).sum())
    return 0


def correlation(counts: Floats) -> Floats:
    """Correlation [host, host] of the logarithms of ``counts``; 0 of what never changes."""
    own = covariance(counts)
    size = np.sqrt(np.diag(own))
    scale = np.where(size > 1e-9, 1 / np.maximum(size, 1e-9), 0.0)
    return np.asarray(own * scale[:, None] * scale[None, :], np.float64)


def giant(counts: Floats, rho: float) -> float:
    """Share of the hosts of ``counts`` [bin, host] that are in the largest component.

    Two are joined whose correlation exceeds ``rho``: of hosts that send much at times the
    covariance by chance alone is large.
    """
    hosts = counts.shape[1]
    joined = correlation(counts) > rho
    unseen = np.ones(hosts, np.bool_)
    most = 0
    while unseen.any():
        reached = np.zeros(hosts, np.bool_)
        edge = np.zeros(hosts, np.bool_)
        edge[int(np.argmax(unseen))] = True
        while edge.any():
            reached |= edge
            edge = joined[edge].any(0) & ~reached
        unseen &= ~reached
        most = max(most, int(reached.sum()))
    return float(most / max(1, hosts))


def shuffled_giants(counts: Floats, rho: float, times: int, seed: int) -> Floats:
    """`giant` of ``counts`` with the bins of each host in a random order, ``times`` over."""
    rng = np.random.default_rng(seed)
    found = [giant(rng.permuted(counts, axis=0), rho) for _ in range(times)]
    return np.array(found, np.float64)
