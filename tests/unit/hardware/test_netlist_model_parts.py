"""Parts of the Trojan model against peers, and against what was worked out by hand."""

from __future__ import annotations

import sys

import lightgbm
import numpy as np
import pytest

from kaname.hardware.netlist import metrics
from kaname.hardware.netlist.calibration import DesignVerdict, fit_curve, isotonic, logistic
from kaname.hardware.netlist.components import components
from kaname.hardware.netlist.graph import Graph
from kaname.hardware.netlist.neighbours import COLUMNS, surroundings
from kaname.hardware.netlist.roles import role_of_region, roles
from kaname.hardware.netlist.trees import Growth, Lesson, Packed, Trees, gains, grow
from kaname.model.errors import IntegrityError, UnavailableError


def ints(*values: int) -> np.ndarray:
    return np.array(values, np.int32)


def sample(rows: int, columns: int, seed: int = 0):
    random = np.random.default_rng(seed)
    values = random.normal(size=(rows, columns)).astype(np.float32)
    truth = values[:, 0] + values[:, 1] * values[:, 2] > 0.7
    return values, truth


GROWTH = Growth(60, 3)


@pytest.fixture(scope="module")
def grown():
    values, truth = sample(3000, 9)
    lesson = Lesson(values, truth, np.where(truth, 2.0, 1.0))
    return lesson, Trees(grow(lesson, GROWTH), 9)


def test_packed_trees_say_what_lightgbm_says(grown, monkeypatch):
    """The same trees, asked in the library that grew them."""
    lesson, trees = grown
    kept = []
    whole = lightgbm.train

    def keeping(*args, **kwargs):
        kept.append(whole(*args, **kwargs))
        return kept[-1]

    monkeypatch.setattr(lightgbm, "train", keeping)
    again = Trees(grow(lesson, GROWTH), 9)
    values, _ = sample(500, 9, seed=5)
    expected = kept[0].predict(values)
    assert expected.std() > 0.2
    assert np.abs(again.score([values]) - expected).max() < 1e-5
    assert np.array_equal(trees.score([values]), again.score([values]))
    assert np.array_equal(trees.score([np.asfortranarray(values)]), trees.score([values]))
    beside = trees.score([values[:, :4], values[:, 4:]])
    assert np.array_equal(beside, trees.score([values]))


def test_thresholds_part_float32_as_float64_does():
    """0.1 as float64 lies below 0.1 as float32: rounding the threshold up would flip it."""
    low = np.float32(0.1)
    pair = np.array([[low], [np.nextafter(low, np.float32(1))]], np.float32)
    values = np.repeat(pair, 200, axis=0)
    lesson = Lesson(values, np.repeat([False, True], 200), np.ones(400))
    scores = Trees(grow(lesson, Growth(20, 1)), 1).score([pair])
    assert scores[0] < 0.2
    assert scores[1] > 0.8


def test_numbers_that_are_none_teach_nothing():
    values, truth = sample(900, 3)
    values[::3, 1], values[1::3, 1] = np.nan, np.inf
    trees = Trees(grow(Lesson(values, truth, np.ones(900)), Growth(9, 7)), 3)
    assert np.isfinite(trees.score([values])).all()


def test_the_column_that_decides_gains_most(grown):
    """Each tree sees one of nine columns, and the first alone tells much by itself."""
    found = gains(grown[0], GROWTH)
    assert found.argmax() == 0
    assert found[0] > 2 * np.sort(found)[-2]


def test_without_lightgbm_the_extra_is_named(grown, monkeypatch):
    monkeypatch.setitem(sys.modules, "lightgbm", None)
    with pytest.raises(UnavailableError, match="train"):
        grow(grown[0], GROWTH)


def test_odds_beyond_every_float_are_sure_and_no_warning():
    """Two leaves of a file that was made to overflow; warnings are errors here."""
    packed = Packed(
        np.array([3], np.uint32),
        np.array([0, 0xFFFF, 0xFFFF], np.uint16),
        np.array([0.5], np.float32),
        np.array([0, -3e38, 3e38], np.float32),
    )
    scores = Trees(packed, 1).score([np.array([[0], [1]], np.float32)])
    assert scores.tolist() == pytest.approx([0, 1])


def test_contributions_add_up_to_the_odds(grown):
    _, trees = grown
    values, _ = sample(3, 9, seed=7)
    score = trees.score([values]).astype(np.float64)
    base = np.log(score / (1 - score)) - [trees.contributions(row).sum() for row in values]
    assert np.allclose(base, base[0], atol=1e-4)  # the same for every row: the roots' sum


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("sizes", [3, 3]),
        ("sizes", []),
        ("feature", [9, 0xFFFF, 0xFFFF]),
        ("threshold", []),
        ("threshold", [np.nan]),
        ("value", [0, 0, np.inf]),
        ("feature", [0xFFFF, 0xFFFF, 0]),
    ],
)
def test_hostile_trees_are_refused(field, value):
    sound = {
        "sizes": np.array([3], np.uint32),
        "feature": np.array([0, 0xFFFF, 0xFFFF], np.uint16),
        "threshold": np.array([0.5], np.float32),
        "value": np.array([0, 0, 3], np.float32),
    }
    assert Trees(Packed(**sound), 9).score([np.zeros((1, 9), np.float32)]).tolist() == [0.5]
    hostile = Packed(**sound | {field: np.array(value, sound[field].dtype)})
    with pytest.raises(IntegrityError):
        Trees(hostile, 9, "m.npz")


def test_metrics_are_those_of_scikit_learn():
    from sklearn.metrics import average_precision_score, f1_score, roc_auc_score

    random = np.random.default_rng(3)
    for levels in (5, 1000):  # many ties, and few
        truth = random.random(400) < 0.1
        score = (np.round((random.random(400) + truth) * levels) / levels).astype(np.float32)
        assert metrics.average_precision(truth, score) == pytest.approx(
            average_precision_score(truth, score)
        )
        assert metrics.roc_area(truth, score) == pytest.approx(roc_auc_score(truth, score))
        assert metrics.f_score(truth, score > 0.8) == pytest.approx(f1_score(truth, score > 0.8))


def test_sensitivity_at_a_specificity():
    truth = np.array([1, 0, 1, 0, 0, 1], np.bool_)
    score = np.array([0.9, 0.8, 0.7, 0.6, 0.5, 0.4], np.float32)
    assert metrics.sensitivity(truth, score, 1.0) == pytest.approx(1 / 3)
    assert metrics.sensitivity(truth, score, 0.6) == pytest.approx(2 / 3)
    assert metrics.sensitivity(truth, score, 0.0) == 1.0
    tied = np.full(6, 0.5, np.float32)
    assert metrics.sensitivity(truth, tied, 0.9) == 0.0  # flagging them all passes no clean cell


def test_isotonic_regression_is_scikit_learns():
    from sklearn.isotonic import IsotonicRegression

    random = np.random.default_rng(4)
    score, weight = random.random(200), random.random(200) + 0.1
    truth = (random.random(200) < score).astype(float)
    expected = IsotonicRegression().fit(score, truth, weight).predict(score)
    at, says = isotonic(score, truth, weight)
    # Each pool's mean score has the pool's value.
    assert np.allclose(np.interp(at, np.sort(score), np.sort(expected)), says, atol=0.02)
    assert (np.diff(says) > 0).all()


def test_a_curve_keeps_the_order_and_the_rates():
    random = np.random.default_rng(5)
    score = random.random(20_000)
    truth = (random.random(20_000) < score**2).astype(float)
    curve = fit_curve(score, truth, np.ones(20_000))
    assert np.abs(curve(np.array([0.2, 0.5, 0.8])) - [0.04, 0.25, 0.64]).max() < 0.05
    fine = curve(np.linspace(0, 1, 1000))
    assert fine[0] == 0
    assert (np.diff(fine) >= 0).all()


def test_logistic_regression_is_scikit_learns():
    from sklearn.linear_model import LogisticRegression

    values, truth = sample(300, 3)
    expected = LogisticRegression(C=1.0, tol=1e-8, max_iter=5000).fit(values, truth)
    found = logistic(values.astype(np.float64), truth.astype(float), np.ones(300), ridge=1.0)
    assert np.allclose(found[:3], expected.coef_[0], atol=1e-3)
    assert found[3] == pytest.approx(expected.intercept_[0], abs=1e-3)


def test_false_alarms_are_a_parameter():
    clean = tuple(round(one, 2) for one in np.linspace(0, 0.98, 99))
    verdict = DesignVerdict((0.0,), (1.0,), (1.0,), 0.0, clean)
    for rate in (0.01, 0.05, 0.5):
        line = verdict.threshold(rate)
        assert sum(one >= line for one in clean) <= rate * 100
        assert sum(one >= line for one in clean) >= rate * 100 - 1.0001
    assert verdict.as_clean(0.99) == pytest.approx(0.01)
    assert verdict.as_clean(0.0) == 1.0
    assert verdict.threshold(0.001) > 0.98  # 99 clean designs cannot tell 1 in 1000


def test_components_join_through_one_quiet_cell_but_not_through_a_hub():
    # 0 -> 1 -> 2 -> 3, and 4 <- 5 -> many; 0 and 2 flagged join over 1, 4 and 6 do not over 5.
    hub = [(5, load) for load in (4, 6, *range(7, 50))]
    edges = np.array([(0, 1), (1, 2), (2, 3), *hub], np.int32)
    graph = Graph(50, edges[:, 0], edges[:, 1])
    probability = np.zeros(50, np.float32)
    probability[[0, 2, 4, 6]] = [0.5, 0.9, 0.8, 0.7]
    found = components(ints(0, 2, 4, 6), probability, graph)
    assert [one.cells.tolist() for one in found] == [[2, 0], [4], [6]]
    assert found[0].weight == pytest.approx(1.4)
    assert components(ints(), probability, graph) == []


def test_surroundings_by_hand():
    # 0 and 1 drive 2, 2 drives 3.
    graph = Graph(4, ints(0, 1, 2), ints(2, 2, 3))
    score = np.array([0.2, 0.6, 0.4, 0.8], np.float32)
    found = surroundings(score, graph)
    row = dict(zip(COLUMNS, found[2].tolist(), strict=True))
    assert row["drivers_mean"] == pytest.approx(0.4)
    assert row["drivers_highest"] == pytest.approx(0.6)
    assert row["loads_mean"] == pytest.approx(0.8)
    assert row["around_mean"] == pytest.approx(1.6 / 3)
    assert row["around_many"] == 2
    assert row["score_of_best"] == pytest.approx(0.5)
    row = dict(zip(COLUMNS, found[0].tolist(), strict=True))
    assert row["two_steps_highest"] == pytest.approx(0.8)
    assert row["siblings_mean"] == 0  # nothing drives it


def test_roles_by_hand():
    # A ring of three inverters (0 1 2); a trigger AND (3) of host nets that feeds a payload
    # XOR (4), which also takes a host net (5) and drives one (6).
    ring = Graph(3, ints(0, 1, 2), ints(1, 2, 0))
    assert roles(ints(0, 1, 2), ["buffer"] * 3, ring) == ["oscillator"] * 3
    graph = Graph(8, ints(7, 3, 5, 4), ints(3, 4, 4, 6))
    assert roles(ints(3, 4), ["and", "xor"], graph) == ["trigger", "payload"]
    # A flip-flop (0) that an inverter (1) feeds back to itself.
    counter = Graph(3, ints(0, 1, 0), ints(1, 0, 2))
    assert roles(ints(0, 1), ["flip_flop", "buffer"], counter) == ["counter", "counter"]
    assert role_of_region(["oscillator"] * 3) == "oscillator"
