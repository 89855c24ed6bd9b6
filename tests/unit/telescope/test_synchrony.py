"""Graphs of covariance, outliers of their density, and the levels of Dark-GLASSO."""

from __future__ import annotations

import numpy as np
import pytest

from kaname.telescope.analyses.glasso import levels, outlying
from kaname.telescope.synchrony import RHOS, covariance, densities, giant, shuffled_giants


def test_covariance_is_that_of_numpy_on_logarithms() -> None:
    counts = np.random.default_rng(1).poisson(2.0, (12, 7)).astype(float)
    expected = np.cov(np.log(np.where(counts > 0, counts, 0.1)).T, bias=True)
    assert covariance(counts) == pytest.approx(expected)


def test_density_counts_the_pairs_over_each_threshold() -> None:
    counts = np.random.default_rng(2).poisson(1.0, (12, 1500)).astype(float)
    own = np.abs(covariance(counts)[np.triu_indices(1500, 1)])
    expected = [float((own > rho).sum()) / (1500 * 1499) for rho in RHOS]
    assert densities(counts) == pytest.approx(expected, abs=1e-6)


@pytest.mark.filterwarnings("ignore:graphical_lasso")
def test_components_of_the_graphical_lasso_are_those_of_the_threshold() -> None:
    import sklearn.covariance as sklearn

    rng = np.random.default_rng(3)
    base = np.stack([rng.permutation([0, 9] * 6), rng.permutation([0, 7] * 6)], axis=1)
    counts = np.concatenate(
        [base[:, [0]] * rng.integers(1, 3, 4), base[:, [1]] * rng.integers(1, 3, 3)], axis=1
    )
    sample = covariance(counts) + 1e-6 * np.eye(7)
    for rho in (0.5, 0.8):
        _, precision = sklearn.graphical_lasso(sample, alpha=rho)
        lasso = np.abs(precision) > 1e-10
        assert _reach(lasso) == _reach(np.abs(sample) > rho)  # Witten, Mazumder: exact thresholding
    assert densities(counts, exact=True)[0] > 0


def _reach(graph: np.ndarray) -> list[list[bool]]:
    reach = np.linalg.matrix_power(graph.astype(int) + np.eye(len(graph), dtype=int), len(graph))
    return (reach > 0).tolist()


def test_hosts_in_one_rhythm_are_told_from_shuffled_ones() -> None:
    rng = np.random.default_rng(4)
    rhythm = rng.permutation(np.repeat([0, 9], 15)).astype(float)
    together = rhythm[:, None] + rng.poisson(0.3, (30, 40))
    assert giant(together, 0.6) == 1.0
    assert shuffled_giants(together, 0.6, 50, 1).max() < 0.5
    assert (shuffled_giants(together, 0.6, 5, 1) == shuffled_giants(together, 0.6, 5, 1)).all()


def test_an_outlier_of_three_days_is_an_alert_and_teaches_nothing() -> None:
    series = np.full(440, 0.1) + np.random.default_rng(5).normal(0, 0.001, 440)
    series[435] = series[437] = 0.5
    assert outlying(series, 0.98)[-2:] == [435, 437]
    assert outlying(series[:430], 0.98) == []  # fewer than 431 windows


def test_levels_are_the_published_ones() -> None:
    ports = [{"port": 23, "networks": 60}, {"port": 80, "networks": 15}, {"port": 1, "networks": 2}]
    assert levels(ports, 100, {23: 0.1}) == [(23, 60, 1), (80, 15, 2)]
    assert levels(ports, 100, {23: 0.71}) == [(23, 60, 4), (80, 15, 2)]
    assert levels(ports[2:], 100, {}) == [(1, 2, 3)]
