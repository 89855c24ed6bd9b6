"""Scores: MISP's decay, sums of terms, and the instants at which a score changes."""

import json
import math
from pathlib import Path

import pytest

from kaname.model.instant import DAY, HOUR, SECOND
from kaname.model.score import (
    NEVER,
    Term,
    decayed,
    falls_below,
    logit,
    points,
    score,
    stands_until,
)

ORACLE = Path("../shared/data/fusion/oracles/decay_polynomial.json")


def term(value, observed=0, tau=0, delta=1.0):
    return Term(name="x", value=value, observed=observed, tau=tau, delta=delta)


def vectors():
    return json.loads(ORACLE.read_text())["vectors"]


@pytest.mark.parametrize("vector", vectors())
def test_the_decay_is_that_of_misp(vector):
    one = term(float(vector["base"]), 0, vector["tau_days"] * DAY, vector["delta"])
    at = round(vector["elapsed_s"] * SECOND)
    assert decayed(one, at) == pytest.approx(vector["score"], rel=1e-9, abs=1e-9)


def test_without_an_end_nothing_decays():
    assert decayed(term(-2.0, observed=5), 0) == -2.0
    assert decayed(term(-2.0, observed=5), 100 * DAY) == -2.0


@pytest.mark.parametrize(
    ("value", "shown"),
    # 100 / (1 + exp(-x)) by hand: logit(0.25) = -1.0986, logit(0.8) = 1.3863
    [(0.0, 50), (-1.0986, 25), (1.3863, 80), (800.0, 100), (-800.0, 0)],
)
def test_a_score_is_a_probability_in_hundredths(value, shown):
    assert points(value) == shown


def test_the_order_of_terms_does_not_count():
    terms = [term(0.1), term(1e16), term(-1e16), term(0.2)]
    assert logit(0.0, terms, 0) == logit(0.0, terms[::-1], 0) == pytest.approx(0.3)


def test_one_term_falls_where_the_closed_form_says():
    """t* = t_last + tau * (1 - theta / base) ** delta, theta for a score of 49.5."""
    one = term(3.0, observed=7 * HOUR, tau=30 * DAY, delta=0.5)
    theta = 2.0 + math.log(0.495 / 0.505)
    expected = 7 * HOUR + 30 * DAY * (1 - theta / 3.0) ** 0.5
    found = falls_below(-2.0, [one], 50, 7 * HOUR)
    assert found == pytest.approx(expected, abs=2)
    assert score(-2.0, [one], found) < 50 <= score(-2.0, [one], found - 1)


def test_a_score_that_is_below_has_fallen_already():
    assert falls_below(-1.0, [term(0.5)], 50, 42) == 42


def test_a_score_of_terms_that_stay_never_falls():
    assert falls_below(0.0, [term(1.0)], 50, 0) == NEVER
    assert stands_until(0.0, [term(1.0)], 0) == NEVER
    assert falls_below(1.0, [term(1.0, 0, DAY)], 50, 2 * DAY) == NEVER


def test_a_score_that_dips_and_rises_falls_at_its_first_dip():
    """3 (1 - d/10) - 4 (1 - (d/4)^2) - 1/2 is 0.25 d^2 - 0.3 d - 1.5, lowest at d = 0.6."""
    terms = [term(5.0, 0, 10 * DAY), term(-4.0, 0, 4 * DAY, 0.5)]
    days = [n / 1000 for n in range(10_000)]
    low = next(d for d in days if score(-0.5, terms, round(d * DAY)) < 61)
    found = falls_below(-0.5, terms, 61, 0)
    assert found / DAY == pytest.approx(low, abs=0.001)


def test_a_term_that_speaks_against_it_eases_off():
    """-2 (1 - d/10) reaches the score 31 at 30.5: d = 10 (1 - 0.8236 / 2)."""
    terms = [term(-2.0, 0, 10 * DAY)]
    steps, at = [], 0
    while (at := stands_until(0.0, terms, at)) != NEVER:
        steps.append(score(0.0, terms, at))
    assert steps == list(range(13, 51))
    found = next(s for s in range(0, 10 * DAY, HOUR) if score(0.0, terms, s) == 31)
    assert found / DAY == pytest.approx(10 * (1 - math.log(0.695 / 0.305) / 2), abs=1 / 12)


def test_evidence_that_is_still_to_come_counts_when_it_comes():
    terms = [term(1.0, 0, DAY), term(2.0, 2 * DAY, DAY)]
    assert score(0.0, terms, DAY) == 50
    assert stands_until(0.0, terms, DAY) == 2 * DAY
    assert score(0.0, terms, 2 * DAY) == 88


def test_each_change_is_found_to_the_microsecond():
    terms = [term(2.0, 0, 9 * DAY, 0.5), term(1.5, DAY, 90 * DAY, 3.0), term(-0.7, 0, 5 * DAY)]
    at, seen = DAY, []
    while (following := stands_until(-1.0, terms, at)) != NEVER:
        assert score(-1.0, terms, following - 1) == score(-1.0, terms, at)
        assert score(-1.0, terms, following) != score(-1.0, terms, at)
        seen.append(following)
        at = following
    assert len(seen) > 20
