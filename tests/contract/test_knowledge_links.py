"""With whom links are sealed, as every store keeps it."""

from __future__ import annotations

import pytest

from kaname.knowledge import Knowledge
from kaname.knowledge.links import Links, Partner
from kaname.knowledge.sensor_records import Sensor
from kaname.knowledge.sensors import Sensors
from kaname.model.errors import ConflictError, NotFoundError
from kaname.model.marking import Tlp


def test_two_keys_are_kept_and_no_third(knowledge: Knowledge) -> None:
    links = knowledge.part(Links)
    assert links.partner("sensor", "north") is None
    links.add_key("sensor", "north", "one", "SHA256:a")
    links.add_key("sensor", "north", "one", "SHA256:a")
    kept = links.add_key("sensor", "north", "two", "SHA256:b")
    assert [(key.text, key.fingerprint) for key in kept.keys] == [
        ("one", "SHA256:a"), ("two", "SHA256:b"),
    ]  # fmt: skip
    with pytest.raises(ConflictError):
        links.add_key("sensor", "north", "three", "SHA256:c")
    links.drop_key("sensor", "north", "SHA256:a")
    with pytest.raises(NotFoundError):
        links.drop_key("sensor", "north", "SHA256:a")
    assert links.partner("sensor", "north") == links.add_key("sensor", "north", "two", "SHA256:b")


def test_kinds_and_names_are_kept_apart(knowledge: Knowledge) -> None:
    links = knowledge.part(Links)
    names = ("a", "a_b", "a%", "ab", "sensor:a")
    for name in names:
        links.put_partner(Partner(kind="peer", name=name, tlp=Tlp.AMBER, writes=True))
    links.add_key("sensor", "a", "text", "SHA256:a")
    assert {one.name for one in links.partners("peer")} == set(names)
    assert [one.name for one in links.partners("sensor")] == ["a"]
    kept = links.put_partner(Partner(kind="sensor", name="a"))
    assert kept.keys
    links.remove_partner("peer", "a")
    assert {one.name for one in links.partners("peer")} == set(names) - {"a"}
    assert links.partner("sensor", "a") is not None
    with pytest.raises(NotFoundError):
        links.remove_partner("peer", "a")


def test_a_sensor_that_goes_takes_its_keys_along(knowledge: Knowledge) -> None:
    knowledge.part(Sensors).put_sensor(Sensor(name="north"))
    knowledge.part(Links).add_key("sensor", "north", "one", "SHA256:a")
    knowledge.part(Sensors).remove_sensor("north")
    assert knowledge.part(Links).partner("sensor", "north") is None
