from __future__ import annotations

from types import SimpleNamespace

import pytest

from kaname.api.health import sensors
from kaname.model.instant import DAY, HOUR, MINUTE

NOW = 20_000 * DAY


def source(last, *, lag=MINUTE, damaged=False, sensor="a", rows=1):
    """What `kaname.lake.Source` says that health looks at."""
    return SimpleNamespace(
        sensor=sensor, last_us=last, ingested=last + lag, damaged=damaged, rows=rows
    )


def hourly(until, count=10, **more):
    return [source(until - number * HOUR, **more) for number in range(count)]


def test_a_sensor_that_keeps_its_rhythm_is_well():
    [health] = sensors(hourly(NOW - 2 * HOUR), NOW)
    assert (health.state, health.sources, health.rows) == ("ok", 10, 10)
    assert health.last_event == NOW - 2 * HOUR


def test_a_live_sensor_that_fell_silent_is_late():
    # Usual interval 1 h, lag 1 min: late from 3 h 1 min on.
    assert sensors(hourly(NOW - 3 * HOUR - 2 * MINUTE), NOW)[0].state == "late"
    assert sensors(hourly(NOW - 3 * HOUR), NOW)[0].state == "ok"


def test_old_data_that_were_brought_in_later_are_not_late():
    assert sensors(hourly(NOW - 900 * DAY, lag=899 * DAY), NOW)[0].state == "ok"


def test_a_sensor_without_a_rhythm_is_never_late():
    assert sensors(hourly(NOW - 30 * DAY, count=3), NOW)[0].state == "ok"


def test_sources_without_events_count_but_do_not_confuse():
    empty = SimpleNamespace(sensor="a", last_us=None, ingested=NOW, damaged=False, rows=0)
    [health] = sensors([empty], NOW)
    assert (health.last_event, health.state) == (None, "ok")


@pytest.mark.parametrize(("damaged", "state"), [(1, "ok"), (2, "damaged")])
def test_more_than_a_tenth_of_damage_shows(damaged, state):
    sources = [source(NOW - number * HOUR, damaged=number < damaged) for number in range(10)]
    [health] = sensors(sources, NOW)
    assert health.state == state
    assert health.damaged_share == damaged / 10


def test_damage_of_former_days_is_forgotten():
    old = [source(NOW - 5 * DAY - n * HOUR, damaged=True) for n in range(10)]
    assert sensors([*old, *hourly(NOW - HOUR)], NOW)[0].state == "ok"


def test_sensors_are_told_apart_and_in_order():
    found = sensors([source(NOW, sensor="b"), source(NOW, sensor="a")], NOW)
    assert [health.sensor for health in found] == ["a", "b"]
