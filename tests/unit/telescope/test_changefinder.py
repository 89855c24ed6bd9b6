"""ChangeFinder against the alerts that its authors' program gave on a real sensor."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from kaname.telescope.changefinder import SKIPPED, alerts, scores
from kaname.telescope.surge.change_evaluation import evaluate

SHARED = Path("../shared/data/telescope")


def test_the_published_alerts_are_repeated_bin_for_bin() -> None:
    measured = evaluate([SHARED / "nict_sensor999_count.csv"], {}).measures
    assert measured == {"bins": 432, "published": 15, "equal": 15, "missing": 0, "invented": 0}


def test_the_alerts_find_their_counts() -> None:
    beside = SHARED / "nict_sensor999_changefinder_alerts.txt"
    assert evaluate([beside], {}).measures["equal"] == 15


def test_a_short_series_has_no_alerts() -> None:
    for values in ([], [5.0], [5.0, 6.0]):
        assert not alerts(scores(np.array(values))).any()


def test_a_constant_series_has_no_alerts_once_it_is_learnt() -> None:
    assert not alerts(scores(np.full(400, 7.0)))[100:].any()


def test_nothing_is_said_while_it_warms_up() -> None:
    values = np.r_[np.full(5, 10.0), np.full(300, 5000.0)]
    assert not alerts(scores(values))[:SKIPPED].any()
