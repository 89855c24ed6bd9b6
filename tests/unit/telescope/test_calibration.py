"""Calibration: curves by hand, and what the shipped one is worth on what it never saw."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kaname.model.errors import InputError
from kaname.telescope.calibration import (
    MOST,
    Judgement,
    calibration_error,
    fit,
    load,
    shipped,
)
from kaname.telescope.labels import LABELS, SURE


def _judged(label: str, believed: list[float], right: list[bool]) -> Judgement:
    return Judgement(label, np.array(believed), np.array(right))


def test_a_belief_becomes_how_often_it_was_right() -> None:
    # 400 times 0.9 was said and half of it was right; with four cases of the common curve,
    # (200 + 4 * 201/402) / 404 = 0.5
    found = fit([_judged("mirai", [0.9] * 400, [True, False] * 200)], {})
    assert found.probability("mirai", np.array([0.9]))[0] == pytest.approx(0.5, abs=0.001)


def test_curves_rise_even_where_counts_do_not() -> None:
    # 0.5: 9 of 10 right, 0.7: 1 of 10: neighbours that violate the order are pooled
    beliefs = [0.5] * 10 + [0.7] * 10
    found = fit([_judged("mirai", beliefs, [True] * 9 + [False] * 10 + [True])], {})
    low, high = found.probability("mirai", np.array([0.5, 0.7]))
    assert low == pytest.approx(high)
    assert 0.4 < low < 0.6


def test_below_what_was_seen_nothing_is_lifted() -> None:
    found = fit([_judged("masscan", [0.999] * 50, [True] * 50)], {})
    low, most = found.probability("masscan", np.array([0.4, 0.999]))
    assert low < 0.4  # a chance match stays one
    assert SURE < most <= MOST


def test_a_label_nobody_saw_takes_the_curve_of_all() -> None:
    found = fit([_judged("mirai", [0.8] * 100, [True] * 100)], {})
    # the curve of all begins with one right and one wrong case: (100 + 1) / (100 + 2)
    assert found.probability("nmap", np.array([0.8]))[0] == pytest.approx(101 / 102, abs=1e-4)


@given(
    st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=60),
    st.floats(0, 1),
)
def test_probabilities_are_probabilities_and_rise(
    cases: list[tuple[float, bool]], at: float
) -> None:
    found = fit([_judged("mirai", [b for b, _ in cases], [r for _, r in cases])], {})
    values = found.probability("mirai", np.array([0.0, at, 1.0]))
    assert np.all((values >= 0) & (values <= MOST))
    assert np.all(np.diff(values) >= -1e-9)


def test_calibration_error_by_hand() -> None:
    # bin [0.9, 1]: says 0.9, right 1 of 2; bin [0.1, 0.2): says 0.1, right 0 of 2
    sure = np.array([0.9, 0.9, 0.1, 0.1])
    right = np.array([True, False, False, False])
    assert calibration_error(sure, right) == pytest.approx((2 * 0.4 + 2 * 0.1) / 4)
    assert calibration_error(np.array([]), np.array([], np.bool_)) == 0.0


def test_the_shipped_table_says_where_it_comes_from_and_what_it_is_worth() -> None:
    table = shipped()
    assert set(table.curves) <= {*LABELS, "*"}
    assert table.provenance["activities"] > 10_000
    assert len(table.scores) >= 4
    assert all(score["calibration_error"] <= 0.02 for score in table.scores.values())
    assert not set(table.provenance["sets"]) & set(table.scores)


@pytest.mark.parametrize(
    "text", ["", "{", '{"curves": 7}', '{"curves": {"mirai": [[0.5, 2.0]]}}',
             '{"curves": {"mirai": [[0.5, 0.9], [0.6, 0.1]]}}'],
)  # fmt: skip
def test_what_is_no_table_is_one_clear_error(tmp_path: Path, text: str) -> None:
    path = tmp_path / "table.json"
    path.write_text(text)
    with pytest.raises(InputError) as caught:
        load(str(path))
    assert str(path) in str(caught.value)
