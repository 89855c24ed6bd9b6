"""Non-negative factors: known products are found again, and known groups named."""

from __future__ import annotations

import numpy as np
import pytest

from kaname.telescope.factoring import matrix_factors, otsu, tensor_factors
from kaname.telescope.groups import Cells, nmf_ports, ntd_ports


def test_a_product_of_factors_is_found_again() -> None:
    rng = np.random.default_rng(1)
    matrix = rng.uniform(0, 1, (30, 3)) @ rng.uniform(0, 5, (3, 50))
    found = matrix_factors(matrix, 3)
    assert np.linalg.norm(found.times @ found.hosts - matrix) < 0.05 * np.linalg.norm(matrix)
    assert found.times.sum(0) == pytest.approx([1, 1, 1])
    assert (found.times >= 0).all()
    assert (found.hosts >= 0).all()


def test_scikit_learn_fits_no_better() -> None:
    import sklearn.decomposition as peer

    matrix = np.random.default_rng(2).poisson(1.0, (30, 200)).astype(float)
    theirs = peer.NMF(5, solver="mu", init="nndsvda", max_iter=400, random_state=1).fit(matrix)
    ours = matrix_factors(matrix, 5)
    error = np.linalg.norm(ours.times @ ours.hosts - matrix)
    assert error < 1.03 * theirs.reconstruction_err_


def test_a_tucker_tensor_is_found_again() -> None:
    rng = np.random.default_rng(3)
    modes = [rng.uniform(0, 1, (size, 2)) for size in (6, 7, 8)]
    core = rng.uniform(0, 1, (2, 2, 2))
    tensor = np.einsum("abc,ia,jb,kc->ijk", core, *modes)
    places = tuple(np.indices(tensor.shape).reshape(3, -1).astype(np.int64))
    found = tensor_factors((places[0], places[1], places[2]), tensor.ravel(), rank=2, rounds=600)
    again = np.einsum("abc,ia,jb,kc->ijk", found.core, *found.modes)
    assert np.linalg.norm(again - tensor) < 0.06 * np.linalg.norm(tensor)


def test_otsu_parts_two_heaps() -> None:
    values = np.r_[np.full(50, 0.1), np.full(50, 0.8), np.zeros(900)]
    assert 0.1 <= otsu(values) < 0.8
    assert otsu(np.zeros(4)) == 1.0


def bursts() -> Cells:
    """40 networks to port 5555 in three minutes, among 200 that send to ports of their own."""
    rng = np.random.default_rng(4)
    minute, network, port, packets = [], [], [], []
    for number in range(200):
        for at in rng.choice(30, 6, replace=False):
            minute.append(at)
            network.append(number)
            port.append(10_000 + number)
            packets.append(2)
    for number in range(500, 540):
        for at in (7, 8, 20):
            minute.append(at)
            network.append(number)
            port.append(5555)
            packets.append(12)
    columns = (np.array(column, np.int64) for column in (minute, network, port))
    return Cells(*columns, np.array(packets, np.float64))


def test_a_group_in_the_same_minutes_is_named_by_both() -> None:
    found = bursts()
    assert 5555 in nmf_ports(found)
    assert nmf_ports(found)[5555][0] >= 30
    assert ntd_ports(found).get(5555, 0) >= 20


def test_loud_and_lonely_networks_make_no_group() -> None:
    loud = Cells(np.array([3, 3]), np.array([1, 2]), np.array([23, 23]), np.array([61.0, 90.0]))
    assert nmf_ports(loud) == {}
    assert ntd_ports(loud) == {}
