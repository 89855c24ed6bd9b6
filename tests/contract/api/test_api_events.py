"""Live events: order, replay, markings, and an end when the server ends."""

from __future__ import annotations

import contextlib
import json
import threading
import time
from collections.abc import Iterator

import httpx
import pytest
from tests.contract.api.conftest import Running

from kaname.model.marking import Tlp


class Event(dict):
    """One event of a stream: event, id, data."""


def events(client: httpx.Client, headers=None, **params) -> Iterator[Event]:
    """Events as they come (WHATWG HTML, 9.2.6, as far as the server uses it)."""
    with client.stream("GET", "/api/v1/events", params=params, headers=headers) as answer:
        assert answer.status_code == 200, answer.read()
        assert answer.headers["content-type"].startswith("text/event-stream")
        found = Event()
        for line in answer.iter_lines():
            name, _, value = line.partition(": ")
            if line == "" and "data" in found:
                yield found
                found = Event()
            elif name in {"event", "id", "data"}:
                found[name] = json.loads(value) if name == "data" else value


def take(stream: Iterator[Event], count: int) -> list[Event]:
    with contextlib.closing(stream):
        return [next(stream) for _ in range(count)]


def test_a_cursor_replays_what_came_after_it_in_order(running, client):
    publish = running.services.bus.publish
    before = publish("health", {"tlp": "clear", "n": 0})
    cursors = [publish("health", {"tlp": "clear", "n": n}) for n in range(1, 4)]
    found = take(events(client(), topics="health", cursor=before), 3)
    assert [event["id"] for event in found] == [str(cursor) for cursor in cursors]
    assert [event["data"]["n"] for event in found] == [1, 2, 3]
    assert {event["event"] for event in found} == {"health"}


def test_last_event_id_goes_on_where_the_browser_was(running, client):
    publish = running.services.bus.publish
    seen = publish("health", {"tlp": "clear", "n": 7})
    publish("health", {"tlp": "clear", "n": 8})
    headers = {"Last-Event-ID": str(seen)}
    [event] = take(events(client(), headers, topics="health"), 1)
    assert event["data"]["n"] == 8


def test_new_messages_arrive_while_the_stream_is_open(running, client):
    stream = events(client(), topics="lake.*,health", cursor=running.services.bus.cursor)
    timer = threading.Timer(0.3, running.services.bus.publish, ("lake.committed", {"tlp": "clear"}))
    timer.start()
    [event] = take(stream, 1)
    assert event["event"] == "lake.committed"


def test_only_the_topics_asked_for_come(running, client):
    publish = running.services.bus.publish
    start = publish("health", {"tlp": "clear"})
    publish("ingest.progress", {"tlp": "clear"})
    publish("health", {"tlp": "clear", "n": 1})
    [event] = take(events(client(), topics="health", cursor=start), 1)
    assert event["event"] == "health"


def test_messages_above_the_clearance_are_not_told(running, client):
    publish = running.services.bus.publish
    start = publish("health", {"tlp": "clear"})
    publish("ingest.done", {"tlp": "amber", "path": "secret.pcap"})
    publish("health", {"secret": "a message without a marking"})
    publish("health", {"tlp": "green", "n": 1})
    found = take(events(client("viewer", Tlp.GREEN), cursor=start, topics="health,ingest.*"), 2)
    assert "secret" not in json.dumps(found)
    assert found[-1]["data"] == {"tlp": "green", "n": 1}
    whole = take(events(client("viewer", Tlp.RED), cursor=start, topics="health,ingest.*"), 3)
    assert whole[0]["data"]["path"] == "secret.pcap"


def test_of_changed_findings_only_readable_ids_are_told(running, client):
    page = client("viewer", Tlp.RED).get("/api/v1/findings").json()["items"]
    ids = {item["tlp"]: item["id"] for item in page}
    body = {"analysis": "darknet.sources", "added": [ids["red"], ids["clear"]], "changed": []}
    publish = running.services.bus.publish
    start = publish("health", {"tlp": "clear"})
    publish("findings.changed", {"analysis": "x", "added": [ids["red"]], "withdrawn": []})
    publish("findings.changed", body)
    [event] = take(events(client("viewer", Tlp.CLEAR), cursor=start, topics="findings.*"), 1)
    assert event["data"]["added"] == [ids["clear"]]
    assert ids["red"] not in json.dumps(event)


def test_a_stream_ends_when_the_client_goes_and_frees_its_place(running, client):
    streams = running.services.streams
    stream = events(client(), cursor=0)
    next(stream)
    assert len(streams._open) == 1
    stream.close()
    deadline = time.monotonic() + 10
    while streams._open and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not streams._open


def test_the_server_stops_though_streams_are_open(tmp_path):
    with Running(tmp_path / "data") as running, running.client() as client:
        stream = events(client, cursor=0, topics="health")
        running.services.bus.publish("health", {"tlp": "clear"})
        next(stream)
        running.nexus.stop()
        with contextlib.suppress(httpx.HTTPError):
            assert list(stream) == []


def test_a_stream_ends_with_the_token_that_opened_it(running, monkeypatch):
    monkeypatch.setattr("kaname.api.streams.ASK_AGAIN_S", 0.1)
    with running.client("analyst") as client:
        stream = events(client, cursor=0)
        next(stream)
        [newest, *_] = running.services.knowledge.tokens("analyst-red")
        running.services.knowledge.revoke_token(newest.id)
        for _ in stream:  # what was on its way
            pass


@pytest.mark.parametrize("topics", ["", "no such pattern", "a..b"])
def test_patterns_that_are_none_are_refused(client, topics):
    answer = client().get("/api/v1/events", params={"topics": topics})
    assert answer.status_code == 400
