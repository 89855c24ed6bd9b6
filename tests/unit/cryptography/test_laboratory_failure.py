"""Failure rates: the standard's figures, an independent table, closed forms and real trials."""

from __future__ import annotations

import hashlib
import math

import numpy as np
import pytest

from kaname.cryptography.laboratory import failure as laws
from kaname.cryptography.laboratory.compression import around_standard, compare
from kaname.cryptography.laboratory.failure import failure
from kaname.cryptography.laboratory.kem import LaboratoryKey, encapsulate
from kaname.cryptography.laboratory.parameters import MODULUS, STANDARD, Parameters
from kaname.model.errors import UsageError


@pytest.mark.parametrize(
    ("name", "exponent"),  # FIPS 203, section 8: decapsulation failure rates
    [("ML-KEM-512", -138.8), ("ML-KEM-768", -164.8), ("ML-KEM-1024", -174.8)],
)
def test_standard_sets_fail_as_often_as_the_standard_says(name: str, exponent: float):
    assert failure(STANDARD[name]).bound == pytest.approx(exponent, abs=0.05)


@pytest.mark.parametrize(
    ("parameters", "exponent"),
    # computed by another program, which counts |noise| >= 833 for all bits
    [
        ((2, 3, 2, 10, 4), -139.1), ((2, 3, 2, 10, 3), -104.8), ((2, 3, 2, 9, 4), -79.6),
        ((3, 2, 2, 10, 4), -165.2), ((3, 2, 2, 10, 3), -123.9), ((3, 2, 2, 9, 5), -99.3),
        ((3, 2, 2, 9, 4), -87.6), ((4, 2, 2, 11, 5), -175.2), ((4, 2, 2, 10, 5), -143.3),
        ((4, 2, 2, 11, 4), -154.2), ((4, 2, 2, 10, 4), -126.2),
    ],
)  # fmt: skip
def test_other_compressions_agree_with_a_table_made_elsewhere(parameters, exponent):
    assert failure(Parameters(*parameters)).zeros == pytest.approx(exponent, abs=0.06)


def test_a_sum_of_256_coins_is_exact_down_to_its_last_tail():
    """Binomial coefficients: a transform would lose everything below 2^-52."""
    coin = np.zeros(MODULUS)
    coin[1] = coin[MODULUS - 1] = 0.5
    law = laws.power(coin, 1)
    for heads in (0, 1, 2, 64, 128):
        expected = math.comb(256, heads) / 2**256
        assert law[(2 * heads - 256) % MODULUS] == pytest.approx(expected, rel=1e-11, abs=0)
    assert law[1] == 0  # of 256 coins the sum is even


def test_rounding_by_hand():
    """To one bit: 833..2496 become 1665 and the others 0 (FIPS 203, section 4.2.1)."""
    law = laws.rounding(1)
    assert law[832] == pytest.approx(1 / MODULUS)  # 832 - 0, or 2497 - 1665: not both
    assert law[831] == pytest.approx(2 / MODULUS)
    assert law.sum() == pytest.approx(1)
    assert laws.rounding(12)[0] == 1


def test_failures_that_happen_happen_as_often_as_computed():
    """400 real encapsulations at about one failure in eight."""
    parameters = Parameters(2, 3, 2, 7, 3)
    found = failure(parameters)
    chance = 1 - math.exp(-(2**found.zeros + 2**found.ones) / 2)
    failed, trials = 0, 400
    for at in range(trials):
        seed = hashlib.shake_256(b"trial %d" % at).digest(96)
        key = LaboratoryKey(parameters, seed[:64])
        secret, ciphertext = encapsulate(parameters, key.public, seed[64:])
        failed += key.decapsulate(ciphertext) != secret
    spread = math.sqrt(chance * (1 - chance) / trials)
    assert abs(failed / trials - chance) < 4 * spread
    assert 0.05 < chance < 0.25


def test_the_table_says_what_is_saved_and_what_is_best():
    rows = {row.name: row for row in compare(around_standard())}
    four = rows["LAB-k4-eta2.2-du10-dv5"]
    assert (four.ciphertext, four.saved) == (1440, 128)
    assert four.best
    assert four.failure < rows["ML-KEM-512"].failure
    assert not rows["LAB-k3-eta2.2-du10-dv2"].best  # 9, 5 is as short and fails less
    assert [row.ciphertext for row in rows.values() if row.standard] == [768, 1088, 1568]


def test_less_kept_fails_more():
    exponents = [failure(Parameters(3, 2, 2, du, 4)).bound for du in range(12, 4, -1)]
    assert exponents == sorted(exponents)


@pytest.mark.parametrize("wrong", [(0, 2, 2, 10, 4), (3, 2, 2, 13, 4), (3, 9, 2, 10, 4)])
def test_parameters_that_do_not_exist_are_refused(wrong):
    with pytest.raises(UsageError, match="allows 1 to"):
        failure(Parameters(*wrong))
