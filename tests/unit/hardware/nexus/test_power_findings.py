"""A device that errs, and one that is unlike its peers, are found; quiet ones are not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.unit.hardware.nexus.powered import DAY, START, fleet, night
from tests.unit.telescope.kept import keep

from kaname.analysis.evaluate import evaluate
from kaname.analysis.evidence import rerun
from kaname.analysis.frame import ALL, Window, analyses, settle
from kaname.hardware.power.peers import against, confidence
from kaname.lake import Lake
from kaname.model.records import Finding

BURSTS = {"power_energy", "power_novel", "power_shape", "power_duration"}
WINDOW = Window(START, START + DAY)


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lake]:
    with Lake.open(tmp_path_factory.mktemp("fleet")) as opened:
        fleet(opened)
        yield opened


def said(lake: Lake, name: str, window: Window = WINDOW, **given: Any) -> list[Finding]:
    each = analyses()[name]
    sensors = (ALL,) if getattr(each, "across", False) else ("weeks",)
    return evaluate(lake, each, window, sensors, settle(name, each.parameters, given))


def test_bursts_of_thrice_the_energy_are_found_where_they_are(lake: Lake) -> None:
    found = said(lake, "hardware.power")
    assert {one.values["device"] for one in found} == {"node3"}
    bursts = [one for one in found if one.label in BURSTS]
    assert sum(one.values["n"] for one in bursts) >= 12
    for one in bursts:
        assert one.confidence > 0.98
        assert one.evidence.rows == one.values["n"]
    for one in found:
        assert one.evidence.rows > 0
        assert rerun(lake, one).status == "holds"
        for language in ("en", "ja"):
            assert "node3" in one.title(language)
            assert one.explain(language)
            assert all(one.because(language))


def test_a_day_without_a_past_is_judged_by_itself_and_says_so(tmp_path: Path) -> None:
    with Lake.open(tmp_path) as lake:
        keep(lake, "power_segments", night("alone", seed=1, count=160, odd=(80, 81, 82, 83)))
        found = said(lake, "hardware.power")
        assert {one.values["device"] for one in found} == {"alone"}
        assert any(key == "hardware.reason.own_day" for one in found for key, _ in one.reasons)


def test_normal_days_give_nothing(tmp_path: Path) -> None:
    with Lake.open(tmp_path) as lake:
        rows = [row for day in range(3) for row in night("calm", seed=day, start=START + day * DAY,
                                                         count=150)]  # fmt: skip
        keep(lake, "power_segments", rows)
        for day in range(1, 3):
            window = Window(START + day * DAY, START + (day + 1) * DAY)
            assert said(lake, "hardware.power", window) == []


def test_the_device_that_does_not_sleep_is_odd_among_its_peers(lake: Lake) -> None:
    (one,) = [one for one in said(lake, "hardware.fleet") if one.values["device"] == "node6"]
    # Six peers sleep at 2.00 to 2.02 mW (median 2.01), this one at 5.
    assert one.values["measure"] == "sleep_mw"
    assert one.values["median"] == pytest.approx(2.01, abs=0.001)
    assert one.values["value"] == pytest.approx(5.0, abs=0.001)
    assert one.values["peers"] == 6
    assert one.evidence.rows == 14  # what all seven are compared by: asleep and awake
    assert rerun(lake, one).status == "holds"
    assert "node6" in one.title("ja")


def test_few_peers_are_no_fleet(lake: Lake) -> None:
    assert said(lake, "hardware.fleet", peers=7) == []


def test_distances_and_ranks_by_hand() -> None:
    # Median of 1..5 is 3, the median of absolute deviations 1: sigma 1.4826.
    place = against(6.0, [1.0, 2.0, 3.0, 4.0, 5.0])
    assert place.median == 3
    assert place.percentile == 100
    assert place.distance == pytest.approx(3 / 1.4826, abs=0.001)
    assert against(3.0, [1.0, 2.0, 3.0, 4.0, 5.0]).percentile == 50
    # Equal peers: differences below 2 % of the value say nothing.
    assert abs(against(10.1, [10.0] * 6).distance) < 1
    # Cantelli: beyond 20 sigma to either side, 2 * 6 tries / (1 + 400).
    assert confidence({"sleep_mw": -20.0}) == pytest.approx(1 - 12 / 401, abs=1e-4)
