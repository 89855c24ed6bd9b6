"""How sure an alarm is said to be, against simulated months that the curve was not made on."""

from __future__ import annotations

import numpy as np

from kaname.telescope.calibration import calibration_error
from kaname.telescope.surge.confidence import confidence
from kaname.telescope.surge.detection import Rise, rises
from kaname.telescope.surge.evaluation import simulated
from kaname.telescope.surge.judging import credited


def rise(chance: float) -> Rise:
    return Rise(series=0, at=0, since=0, scale=1, count=9, mean=1, distance=6, chance=chance,
                first=True)  # fmt: skip


def test_the_rarer_the_surer() -> None:
    sure = [confidence([rise(-chance)]) for chance in range(3, 40)]
    assert sure == sorted(sure)
    assert confidence([]) == confidence([rise(0.0)]) < 0.2
    assert confidence([rise(-5.0), rise(-30.0)]) == confidence([rise(-30.0)]) > 0.95


def test_what_is_said_of_alarms_is_about_as_often_true() -> None:
    sure, true = [], []
    for seed in (411, 412):
        month = simulated(seed)
        for found in rises(month.grid):
            sure.append(confidence([found]))
            true.append(credited(month.truth, (found.at, int(month.grid.ports[found.series]))))
    assert len(sure) > 40
    assert calibration_error(np.array(sure), np.array(true)) < 0.15
