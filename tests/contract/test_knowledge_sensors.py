from __future__ import annotations

import pytest

from kaname.knowledge import Knowledge
from kaname.knowledge.sensor_records import Gap, Sensor
from kaname.knowledge.sensors import Sensors
from kaname.model.errors import ConflictError, NotFoundError, UsageError
from kaname.model.marking import Tlp
from kaname.model.sensors import Monitored

NOON = 1_767_268_800_000_000
HOUR = 3_600_000_000


@pytest.fixture
def sensors(knowledge: Knowledge) -> Sensors:
    return knowledge.part(Sensors)


def test_what_a_sensor_monitors_has_a_begin_and_an_end(sensors: Sensors) -> None:
    sensors.put_sensor(Sensor(name="north", description="a /20"))
    sensors.monitor("north", "198.18.0.0/20", NOON)
    sensors.monitor("north", "2001:db8::/32", NOON)
    sensors.release("north", "198.18.0.0/20", NOON + HOUR)
    found = sensors.sensor("north").prefixes
    assert found == (
        Monitored("198.18.0.0/20", NOON, NOON + HOUR),
        Monitored("2001:db8::/32", NOON),
    )
    again = sensors.monitor("north", "198.18.0.0/20", NOON + 2 * HOUR)
    assert len(again.prefixes) == 3
    assert sensors.registry().sensors == {"north": again.prefixes}


def test_one_prefix_is_not_registered_twice_for_a_time(sensors: Sensors) -> None:
    sensors.put_sensor(Sensor(name="north"))
    sensors.monitor("north", "198.18.0.0/20", NOON)
    with pytest.raises(ConflictError):
        sensors.monitor("north", "198.18.0.0/20", NOON + HOUR, NOON + 2 * HOUR)
    sensors.monitor("north", "198.18.0.0/20", NOON - HOUR, NOON)  # ends where the other begins


@pytest.mark.parametrize("prefix", ["198.18.0.1/20", "0.0.0.0/0", "::/0", "198.18.0.0/33", "x"])
def test_what_is_no_prefix_is_refused(sensors: Sensors, prefix: str) -> None:
    sensors.put_sensor(Sensor(name="north"))
    with pytest.raises(UsageError):
        sensors.monitor("north", prefix)


def test_a_prefix_ended_before_it_began_was_never_there(sensors: Sensors) -> None:
    sensors.put_sensor(Sensor(name="north"))
    sensors.monitor("north", "198.18.0.0/20", NOON)
    assert sensors.release("north", "198.18.0.0/20", NOON - HOUR).prefixes == ()
    with pytest.raises(NotFoundError):
        sensors.release("north", "198.18.0.0/20", NOON)


def test_registering_again_keeps_prefixes_token_and_deliveries(sensors: Sensors) -> None:
    assert sensors.put_sensor(Sensor(name="north"))
    sensors.monitor("north", "198.18.0.0/20")
    secret = sensors.issue_token("north")
    sensors.delivered("north", "s1", 7, NOON)
    assert sensors.put_sensor(Sensor(name="north", description="moved"))
    assert not sensors.put_sensor(Sensor(name="north", description="moved"))
    found = sensors.authenticate("north", secret)
    assert found == sensors.sensor("north")
    assert (found.description, found.remote, found.sequence) == ("moved", True, 7)
    assert len(found.prefixes) == 1


def test_a_token_is_of_one_sensor_until_it_is_replaced_or_revoked(sensors: Sensors) -> None:
    sensors.put_sensor(Sensor(name="north"))
    sensors.put_sensor(Sensor(name="south"))
    secret, other = sensors.issue_token("north"), sensors.issue_token("south")
    assert sensors.authenticate("north", other) is None
    assert sensors.authenticate("north", "") is None
    newer = sensors.issue_token("north")
    assert sensors.authenticate("north", secret) is None
    assert sensors.authenticate("north", newer) is not None
    sensors.revoke_token("north")
    assert sensors.authenticate("north", newer) is None
    assert not sensors.sensor("north").remote
    assert sensors.authenticate("south", other) is not None


def test_an_older_delivery_does_not_turn_the_sequence_back(sensors: Sensors) -> None:
    sensors.put_sensor(Sensor(name="north"))
    for sequence, minute in [(1, NOON), (3, NOON + HOUR), (2, NOON - HOUR), (3, NOON)]:
        sensors.delivered("north", "s1", sequence, minute)
    found = sensors.sensor("north")
    assert (found.sequence, found.minutes, found.last_minute) == (3, 2, NOON + HOUR)
    sensors.delivered("north", "s2", 1, NOON)  # a sensor that was set up anew counts from 1
    assert sensors.sensor("north").sequence == 1


def test_clearance_hides_sensors(sensors: Sensors) -> None:
    sensors.put_sensor(Sensor(name="north", tlp=Tlp.RED))
    sensors.put_sensor(Sensor(name="south", tlp=Tlp.GREEN))
    assert [each.name for each in sensors.sensors(clearance=Tlp.AMBER)] == ["south"]
    with pytest.raises(NotFoundError):
        sensors.sensor("north", clearance=Tlp.AMBER)


def test_a_gap_grows_and_is_kept_once(sensors: Sensors) -> None:
    def gap(until: int, amount: int) -> Gap:
        return Gap(sensor="north", kind="outage", since=NOON, until=until, noticed=NOON,
                   amount=amount)  # fmt: skip

    assert sensors.note_gaps([gap(NOON + HOUR, 60)]) == 1
    assert sensors.note_gaps([gap(NOON + 2 * HOUR, 120)]) == 0
    assert sensors.gaps(["north"]) == [gap(NOON + 2 * HOUR, 120)]
    assert sensors.gaps(["north"], since=NOON + 2 * HOUR) == []
    assert sensors.gaps(["south"]) == []


def test_a_removed_sensor_leaves_its_gaps(sensors: Sensors) -> None:
    sensors.put_sensor(Sensor(name="north"))
    sensors.note_gaps(
        [Gap(sensor="north", kind="clock", since=0, until=1, noticed=NOON, amount=-1)]
    )
    sensors.remove_sensor("north")
    with pytest.raises(NotFoundError):
        sensors.remove_sensor("north")
    assert len(sensors.gaps(["north"])) == 1
