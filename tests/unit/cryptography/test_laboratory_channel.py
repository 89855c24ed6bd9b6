"""The simulated channel: closed forms, NIST's worked examples, and figures made elsewhere."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kaname.cryptography.laboratory.channel import information, randomness
from kaname.cryptography.laboratory.channel.agreement import Setting, by_distance, simulate
from kaname.cryptography.laboratory.channel.amplification import secret_length, toeplitz
from kaname.cryptography.laboratory.channel.fading import bessel_j0, masses, observed
from kaname.cryptography.laboratory.channel.quantiser import bits_of, cells
from kaname.cryptography.laboratory.channel.reconciliation import Oracle, reconciled
from kaname.model.errors import UsageError


@pytest.mark.parametrize(
    ("x", "value"),  # Abramowitz and Stegun, table 9.1
    [(0.0, 1.0), (1.0, 0.7651976866), (2.404825557695773, 0.0), (10.0, -0.2459357645)],
)
def test_bessel_function(x: float, value: float):
    assert bessel_j0(x / (2 * math.pi)) == pytest.approx(value, abs=1e-9)


def test_the_listener_sees_nothing_at_the_first_zero_of_jakes():
    """2.4048 / 2 pi = 0.3827 wavelengths."""
    assert bessel_j0(0.38274) == pytest.approx(0, abs=1e-5)
    seen = observed(np.random.default_rng(1), 100_000, snr=100, correlation=1.0,
                    distance=0.38274, spacing=None)  # fmt: skip
    assert np.corrcoef(seen.bob[0], seen.eve[0])[0, 1] == pytest.approx(0, abs=0.02)


def test_moving_ends_see_the_correlation_of_jakes():
    seen = observed(np.random.default_rng(2), 200_000, snr=1e8, correlation=1.0, distance=9,
                    spacing=0.1)  # fmt: skip
    for lag in (1, 3, 7):
        found = float((seen.alice[0][:-lag] * seen.alice[0][lag:]).mean())
        assert found == pytest.approx(bessel_j0(0.1 * lag), abs=0.03)
    for spacing in (0.02, 0.3, 0.5, 3.7):
        assert masses(1024, spacing).sum() == pytest.approx(1)


@pytest.mark.parametrize("correlation", [0.0, 0.5, 0.9, 0.98911])
def test_signs_differ_as_sheppard_says(correlation: float):
    expected = math.acos(correlation) / math.pi
    assert information.sign_disagreement(correlation) == expected
    assert information.disagreement(1, correlation) == pytest.approx(expected, abs=1e-4)


def test_entropies_by_hand():
    assert information.miller_madow(np.array([1, 1])) == pytest.approx(1 + 1 / (4 * math.log(2)))
    assert information.gaussian_information(0.6) == pytest.approx(-0.5 * math.log2(0.64))
    assert information.binary_entropy(0.11) == pytest.approx(0.49992, abs=1e-5)
    for bits in (1, 2):
        assert information.conditional_entropy(bits, 0.0) == pytest.approx(bits, abs=1e-6)
        assert information.conditional_entropy(bits, 1.0) == 0
    turning = np.arange(4000) % 2
    assert information.word_entropy(turning, 1) == pytest.approx(0, abs=1e-9)


def test_what_is_estimated_is_what_the_integral_says():
    random = np.random.default_rng(3)
    hers = random.standard_normal(200_000)
    own = 0.8 * hers + 0.6 * random.standard_normal(200_000)
    for bits in (1, 2):
        found = information.unknown_given(cells(own, bits), bits, hers)
        assert found == pytest.approx(information.conditional_entropy(bits, 0.8), abs=0.01)


def test_rates_of_processes_become_those_of_samples_when_probes_are_far_apart():
    far = information.information_rate(10.0, 0.7, 60.3, bins=4096)
    assert far == pytest.approx(information.gaussian_information(0.7 / 1.1), rel=0.02)
    assert information.information_rate(10.0, 0.7, 0.05) < far / 2


def test_gray_code_neighbours_differ_in_one_bit():
    words = bits_of(np.arange(4), 2).reshape(-1, 2)
    assert (np.abs(np.diff(words.astype(int), axis=0)).sum(axis=1) == 1).all()


# SP 800-22 rev. 1a, examples 2.1.8, 2.2.8, 2.3.8 and 2.13.8: the first 100 bits of pi
PI = np.array(list(map(int, (
    "11001001000011111101101010100010001000010110100011"
    "00001000110100110001001100011001100010100010111000"
))), np.uint8)  # fmt: skip


def test_nists_worked_examples():
    assert randomness.frequency(PI) == pytest.approx(0.109599, abs=1e-6)
    assert randomness.block_frequency(PI, 10) == pytest.approx(0.706438, abs=1e-6)
    assert randomness.runs(PI) == pytest.approx(0.500798, abs=1e-6)
    assert randomness.cumulative_sums(PI) == pytest.approx(0.219194, abs=1e-6)
    assert randomness.checked(PI[:99]) == {}
    constant = randomness.checked(np.ones(1000, np.uint8))
    assert all(value < 1e-10 for value in constant.values())


@given(st.integers(1, 60), st.integers(1, 40), st.integers(0, 2**32 - 1))
@settings(max_examples=40, deadline=None)
def test_hashing_is_the_product_with_a_toeplitz_matrix(size: int, length: int, seed: int):
    random = np.random.default_rng(seed)
    bits = random.integers(0, 2, size, dtype=np.uint8)
    diagonal = random.integers(0, 2, size + length - 1, dtype=np.uint8)
    matrix = np.array(
        [[diagonal[size - 1 + i - j] for j in range(size)] for i in range(length)], np.int64
    )
    assert (toeplitz(bits, length, diagonal) == matrix @ bits % 2).all()


def test_the_length_of_a_key_by_hand():
    """10000 - sqrt(2 * 10000 * 64) log2(5) - 128 = 7245.03."""
    assert secret_length(10_000, 2, 1.0, 0) == 7245
    assert secret_length(10_000, 2, 1.0, 1000) == 6245
    assert secret_length(100, 2, 1.0, 0) == 0


@given(st.integers(1, 3000), st.floats(0, 0.12), st.integers(0, 2**32 - 1))
@settings(max_examples=40, deadline=None)
def test_cascade_removes_errors_and_never_makes_odd_ones(size: int, rate: float, seed: int):
    """After its passes every block of every pass has the parity that was told."""
    random = np.random.default_rng(seed)
    alice = random.integers(0, 2, size, dtype=np.uint8)
    bob = alice ^ (random.random(size) < rate)
    oracle = Oracle(alice)
    found = reconciled(oracle, bob, max(rate, 0.001), random)
    left = int((alice != found.bits).sum())
    assert left % 2 == 0
    assert found.told == oracle.told >= 4
    assert left <= int((alice != bob).sum())


def test_cascade_corrects_all_and_tells_about_what_the_paper_says():
    """Efficiency about 1.1 to 1.25 of n h(p) (Martinez-Mateo and others, 2015, figure 1)."""
    random = np.random.default_rng(4)
    alice = random.integers(0, 2, 20_000, dtype=np.uint8)
    bob = alice ^ (random.random(20_000) < 0.05)
    found = reconciled(Oracle(alice), bob, 0.05, random)
    assert (found.bits == alice).all()
    least = 20_000 * information.binary_entropy(0.05)
    assert 1.05 < found.told / least < 1.3


@pytest.mark.parametrize(
    ("asked", "disagreement", "kept"),
    # from a simulation made elsewhere with 200,000 probes; 0.3 deviations of the complex gain
    # without noise are 0.3 * sqrt(2 / 1.1) of a sample at 10 dB
    [
        ({}, 0.047, 1.0),
        ({"bits": 2}, 0.061, 1.0),
        ({"snr": 10.0, "guard": 0.3 * math.sqrt(2 / 1.1)}, 0.0072, 0.56),
    ],
)
def test_disagreement_is_what_another_simulation_found(asked, disagreement, kept):
    found = simulate(Setting(probes=40_000, **asked))
    assert found.disagreement == pytest.approx(disagreement, abs=0.0025)
    assert found.kept == pytest.approx(kept, abs=0.01)
    if found.expected is not None:
        assert found.disagreement == pytest.approx(found.expected, abs=0.0025)


@pytest.mark.parametrize(
    ("distance", "secret", "tolerance"),
    # the other simulation took 1.2 n h(p) for reconciliation and a listener who decides bits
    # first: she knows less than ours, who keeps her samples
    [(0.38, 1.34, 0.05), (0.5, 1.29, 0.07), (0.1, 0.56, 0.35)],
)
def test_secret_bits_by_distance(distance: float, secret: float, tolerance: float):
    found = simulate(Setting(distance=distance))
    assert found.asymptotic == pytest.approx(secret, abs=tolerance)
    assert found.asymptotic <= secret + 0.05
    curve = dict(by_distance(found.setting, 1, found.efficiency or 1.0))
    assert curve[round(distance, 2)] == pytest.approx(found.asymptotic, abs=0.03)


def test_a_key_is_equal_at_both_ends_and_not_at_the_listener():
    found = simulate(Setting(probes=20_000, seed=7))
    assert found.key_equal
    assert found.verified == found.blocks
    assert found.wrong == 0
    assert found.disagreement_after == 0
    assert found.key_known == pytest.approx(0.5, abs=4 * 0.5 / math.sqrt(found.key_bits))
    assert found.finite < found.asymptotic < found.bound
    assert all(value > 1e-4 for value in found.key_randomness.values())
    assert found == simulate(Setting(probes=20_000, seed=7))
    assert found != simulate(Setting(probes=20_000, seed=8))


def test_no_key_for_ends_next_to_the_listener_or_in_noise():
    assert simulate(Setting(probes=20_000, distance=0.0)).key_bits == 0
    drowned = simulate(Setting(probes=20_000, snr=-10.0))
    assert drowned.key_bits == 0
    assert not drowned.key_equal


def test_probes_that_are_close_together_give_no_more_secrets():
    """The bits repeat each other: tests see it, and the key shrinks to nothing."""
    close = simulate(Setting(probes=20_000, spacing=0.02))
    assert close.raw_randomness["runs"] < 1e-10
    assert close.asymptotic < 0.2
    assert close.key_bits == 0


@pytest.mark.parametrize(
    "wrong", [{"probes": 10}, {"bits": 3}, {"snr": 90.0}, {"guard": -1.0}, {"spacing": 0.0}]
)
def test_settings_outside_their_limits_are_refused(wrong):
    with pytest.raises(UsageError):
        simulate(Setting(**wrong))


def test_a_session_too_short_for_a_block_is_refused_with_figures():
    with pytest.raises(UsageError, match="10100"):
        simulate(Setting(probes=1000))
