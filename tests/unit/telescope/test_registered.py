"""The registry reaches analyses by itself, and a change of it is a change of their input."""

from __future__ import annotations

from pathlib import Path

import pytest

from kaname.analysis.frame import analysis, settle
from kaname.knowledge import Knowledge
from kaname.knowledge.sensor_records import Sensor
from kaname.knowledge.sensors import Sensors
from kaname.telescope.prefixes import SENSORS, read_registry
from kaname.telescope.registered import RegisteredParameters, registry_file


@pytest.fixture
def knowledge(tmp_path: Path) -> Knowledge:
    return Knowledge.open(f"sqlite:///{tmp_path}/knowledge.sqlite")


def test_an_empty_registry_changes_nothing(knowledge: Knowledge, tmp_path: Path) -> None:
    knowledge.part(Sensors).put_sensor(Sensor(name="north"))
    given = {"telescope.sources": {"top": 3}}
    parameters = RegisteredParameters(given, knowledge, tmp_path)
    assert parameters.get("telescope.sources") == {"top": 3}
    assert not registry_file(tmp_path).exists()
    assert parameters  # `params or {}` must not lose it


def test_analyses_that_ask_are_given_the_registry(knowledge: Knowledge, tmp_path: Path) -> None:
    sensors = knowledge.part(Sensors)
    sensors.put_sensor(Sensor(name="north"))
    sensors.monitor("north", "198.18.0.0/20")
    parameters = RegisteredParameters({}, knowledge, tmp_path)
    settled = settle(
        "telescope.sources",
        analysis("telescope.sources").parameters,
        parameters.get("telescope.sources", {}),
    )
    before = SENSORS.content(settled)
    assert read_registry(str(settled["sensors"])).sensors["north"][0].prefix == "198.18.0.0/20"
    assert parameters.get("traffic.dga", {}) == {}

    sensors.monitor("north", "198.19.128.0/24")
    assert parameters.get("telescope.floods", {}) == {"sensors": settled["sensors"]}
    assert SENSORS.content(settled) != before

    sensors.remove_sensor("north")
    assert parameters.get("telescope.floods", {}) == {}


def test_what_was_set_goes_before_the_registry(knowledge: Knowledge, tmp_path: Path) -> None:
    sensors = knowledge.part(Sensors)
    sensors.put_sensor(Sensor(name="north"))
    sensors.monitor("north", "198.18.0.0/20")
    own = {"telescope.sources": {"sensors": "/somewhere/else.json"}}
    assert (
        RegisteredParameters(own, knowledge, tmp_path)["telescope.sources"]
        == own["telescope.sources"]
    )
