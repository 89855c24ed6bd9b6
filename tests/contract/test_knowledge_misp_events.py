from __future__ import annotations

from typing import Any

import pytest

from kaname.knowledge import Knowledge
from kaname.knowledge.misp_events import MispEvents, Outcome, StoredEvent
from kaname.model.errors import NotFoundError
from kaname.model.marking import Tlp

BODY = '{"uuid":"a", "info":"標的型\\u0000", "x":1.50}'.encode()


@pytest.fixture
def events(knowledge: Knowledge) -> MispEvents:
    return knowledge.part(MispEvents)


def event(uuid: str = "a", **changes: Any) -> StoredEvent:
    values = {"uuid": uuid, "changed": 1_000, "published": True, "tlp": Tlp.GREEN, "body": BODY}
    return StoredEvent(**values | changes)


def test_an_event_is_kept_byte_for_byte_under_uuid_and_number(events: MispEvents) -> None:
    assert events.put_event(event()) == (Outcome.ADDED, None)
    assert events.put_event(event("b"))[0] is Outcome.ADDED
    for key in ("a", "A", "1"):
        found = events.misp_event(key)
        assert (found.number, found.body, found.published) == (1, BODY, True)
    assert events.misp_event("b").number == 2
    for key in ("c", "3", "9" * 30, ""):
        with pytest.raises(NotFoundError):
            events.misp_event(key)


def test_only_a_newer_version_takes_the_place(events: MispEvents) -> None:
    events.put_event(event())
    assert events.put_event(event())[0] is Outcome.SAME
    assert events.put_event(event(body=b"{}"))[0] is Outcome.CONFLICT
    assert events.put_event(event(changed=999, body=b"{}"))[0] is Outcome.OLDER
    assert events.misp_event("a").body == BODY
    outcome, before = events.put_event(event(changed=1_001, body=b"{}", tlp=Tlp.RED))
    assert outcome is Outcome.CHANGED
    assert before is not None
    assert before.body == BODY
    assert events.misp_event("1").body == b"{}"
    with pytest.raises(NotFoundError):
        events.misp_event("a", clearance=Tlp.AMBER_STRICT)


def test_all_are_gone_through_once_within_the_filters(events: MispEvents) -> None:
    for number in range(250):
        published = number % 2 == 0
        tlp = Tlp.RED if number < 10 else Tlp.CLEAR
        events.put_event(event(str(number) + "u", changed=number, published=published, tlp=tlp))
    assert [one.number for one in events.misp_events()] == list(range(1, 251))
    assert len(list(events.misp_events(clearance=Tlp.GREEN))) == 240
    assert [e.changed for e in events.misp_events(since=20, until=23)] == [20, 21, 22]
    assert sum(1 for _ in events.misp_events(published=False)) == 125
