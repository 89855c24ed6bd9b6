from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.unit.intelligence.misp.samples import RECEIVED, UUID, attribute, encoded, event

from kaname.intelligence.misp.observations import Origin
from kaname.intelligence.misp.taking import take
from kaname.knowledge import Knowledge
from kaname.knowledge.misp_events import MispEvents
from kaname.model.marking import Tlp

ORIGIN = Origin("misp.cert", Tlp.GREEN, RECEIVED)


@pytest.fixture
def events(tmp_path: Path) -> Iterator[MispEvents]:
    with Knowledge.open(f"sqlite:///{tmp_path}/k.sqlite") as knowledge:
        yield knowledge.part(MispEvents)


def test_taking_twice_gives_the_same_observations(events: MispEvents) -> None:
    data = encoded(event(attribute(1, "ip-src", "198.51.100.7"), attribute(2, "md5", "ab" * 16)))
    first, second = take(data, events, ORIGIN), take(data, events, ORIGIN)
    assert (first.outcomes, second.outcomes) == ({"added": 1}, {"same": 1})
    assert [one.id for one in first.observations] == [one.id for one in second.observations]
    assert len({one.id for one in first.observations}) == 2


def test_a_newer_version_takes_back_what_it_no_longer_says(events: MispEvents) -> None:
    one, two = attribute(1, "ip-src", "198.51.100.7"), attribute(2, "md5", "ab" * 16)
    before = take(encoded(event(one, two)), events, ORIGIN)
    changed = two | {"value": "cd" * 16, "timestamp": "1700000200"}
    after = take(encoded(event(one, changed, timestamp="1700000200")), events, ORIGIN)
    assert after.outcomes == {"changed": 1}
    assert after.retracted == [before.observations[1].id]
    assert after.observations[0].id == before.observations[0].id


def test_an_older_or_other_version_changes_nothing(events: MispEvents) -> None:
    data = encoded(event(attribute(1, "ip-src", "198.51.100.7")))
    take(data, events, ORIGIN)
    older = take(encoded(event(timestamp="1600000000")), events, ORIGIN)
    other = take(encoded(event(info="another")), events, ORIGIN)
    for taken in (older, other):
        assert (taken.observations, taken.retracted, len(taken.problems)) == ([], [], 1)
    assert json.loads(events.misp_event(UUID).body) == json.loads(data)["Event"]


def test_attributes_of_a_search_are_taken_with_their_event(events: MispEvents) -> None:
    found = attribute(1, "ip-src", "198.51.100.7", Event={"uuid": UUID, "info": "x"})
    data = json.dumps({"response": {"Attribute": [found]}}).encode()
    (one,) = take(data, events, ORIGIN).observations
    assert one.body["event"] == UUID
    assert list(events.misp_events()) == []
