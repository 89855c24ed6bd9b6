from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.unit.intelligence.misp.samples import FILES, UUID, encoded, event, events_in, sample

from kaname.intelligence.misp.reading import manifest, read

EVENT = event()


@pytest.mark.parametrize(
    "document",
    [
        {"Event": EVENT},
        {"response": [{"Event": EVENT}]},
        {"response": {"Event": EVENT}},
        [{"Event": EVENT}],
        [[{"Event": EVENT}]],
        EVENT,
        [EVENT],
    ],
)
def test_every_shape_gives_the_event(document: Any) -> None:
    reading = read(json.dumps(document).encode())
    assert reading.problems == []
    assert [found.event for found in reading.events] == [EVENT]
    assert reading.events[0].uuid == UUID


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name[:24])
def test_bodies_of_real_exports_are_slices_of_the_file(path: Path) -> None:
    data = sample(path)
    reading = read(data)
    assert reading.problems == []
    assert [json.loads(found.body) for found in reading.events] == list(events_in(json.loads(data)))
    assert all(found.body in data for found in reading.events)


def test_an_answer_to_a_search_for_attributes() -> None:
    reading = read(b'{"response":{"Attribute":[{"type":"ip-src","value":"x"},7]}}')
    assert reading.attributes == [{"type": "ip-src", "value": "x"}]
    assert [problem.pointer for problem in reading.problems] == ["/response/Attribute/1"]


def test_one_bad_entry_costs_no_other() -> None:
    reading = read(b'[7,{"Event":"x"},{"a":1},' + encoded(EVENT) + b"]")
    assert [found.uuid for found in reading.events] == [UUID]
    assert [problem.pointer for problem in reading.problems] == ["/0", "/1/Event", "/2"]


@pytest.mark.parametrize(
    "damage",
    [
        b'{"response":[%s,{"Event":{"uuid":"x","info"',
        b'{"response":[%s,{"Event":{"info":"\\ud800"}}]}',
        b'{"response":[{"Event":{"info":NaN}},%s]}',
        b'{"response":[%s]}trailing',
        b'{"response":[%s,{"Event":{"info":"\xff"}}]}',
    ],
)
def test_what_is_whole_in_a_damaged_document_is_saved(damage: bytes) -> None:
    reading = read(damage.replace(b"%s", encoded(EVENT)))
    assert UUID in [found.uuid for found in reading.events]
    assert [problem.key for problem in reading.problems] == ["intelligence.misp.problem.json"]


@pytest.mark.parametrize(
    "data", [b"", b"[", b"null", b'"x"', b"[" * 5000, b'{"a":' * 5000, b"\xff"]
)
def test_what_is_no_event_is_said_and_raises_nothing(data: bytes) -> None:
    reading = read(data)
    assert reading.events == []
    assert len(reading.problems) == 1


@pytest.mark.parametrize("piece", [b'{"Event":{', b'{"Event":{"a":[', b'{"Event":{"info":"x",'])
def test_hostile_nesting_does_not_cost_more_than_reading_it(piece: bytes) -> None:
    reading = read(encoded(EVENT) + piece * 100_000)  # hours, were each tried to its end
    assert [found.uuid for found in reading.events] == [UUID]


def test_an_event_without_a_right_uuid_gets_the_same_one_each_time() -> None:
    data = encoded(event(uuid="../../etc/passwd"))
    first, second = read(data).events[0].uuid, read(data).events[0].uuid
    assert first == second
    assert len(first) == 36


def test_a_manifest_names_events() -> None:
    data = json.dumps({UUID: {"info": "x", "timestamp": "1700000000"}, "../x": {}}).encode()
    assert manifest(data) == [(UUID, 1_700_000_000)]
    assert manifest(b"[]") == manifest(b"{") == []
    assert read(json.dumps({UUID: {}}).encode()).problems == []
