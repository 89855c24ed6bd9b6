"""The detectors that ask for weeks, as analyses over a lake."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.unit.telescope.kept import BIN, DAY, PORT, weeks
from tests.unit.telescope.made import START

from kaname.analysis.evaluate import evaluate
from kaname.analysis.evidence import rerun
from kaname.analysis.frame import Window, analysis, settle
from kaname.analysis.inputs import Inputs
from kaname.lake import Lake
from kaname.model.records import Finding

LAST = Window(START, START + DAY * BIN)
BEGUN = LAST.start + 40 * BIN


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lake]:
    root: Path = tmp_path_factory.mktemp("weeks")
    with Lake.open(root) as opened:
        weeks(opened)
        yield opened


def said(lake: Lake, name: str, window: Window = LAST) -> list[Finding]:
    each = analysis(name)
    params = settle(name, each.parameters, {})
    sensors = Inputs(lake, each, params).sensors(window)
    return evaluate(lake, each, window, sensors, params)


def test_growth_is_told_with_the_counts_behind_it(lake: Lake) -> None:
    (found,) = said(lake, "telescope.growth")
    assert [artifact.value for artifact in found.artifacts] == [f"{PORT}/tcp"]
    assert found.message == "telescope.surge_rise"
    assert abs(found.values["since"] - BEGUN) <= 3 * BIN
    assert found.values["level"] > found.values["before"] + 8
    assert rerun(lake, found).status == "holds"
    assert found.evidence.rows > 100
    for language in ("en", "ja"):
        assert "9530/tcp" in found.title(language)
        assert all(found.because(language))


def test_days_without_growth_say_nothing(lake: Lake) -> None:
    before = Window(LAST.start - DAY * BIN, LAST.start)
    assert said(lake, "telescope.growth", before) == []


def test_changefinder_tells_when_the_totals_jump(lake: Lake) -> None:
    found = said(lake, "telescope.changefinder")
    assert any(0 <= one.first_seen - BEGUN <= 12 * BIN for one in found)
    assert said(lake, "telescope.changefinder", Window(LAST.start - DAY * BIN, LAST.start)) == []


def test_glasso_tells_the_window_and_the_port(lake: Lake) -> None:
    (found,) = said(lake, "telescope.glasso")
    assert found.first_seen == BEGUN
    assert found.values["level"] == 4  # all packets went to one destination
    assert found.values["services"] == f"{PORT}/tcp"
    assert rerun(lake, found).status == "holds"
