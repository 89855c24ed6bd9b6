"""Clients against a server that listens: taxii2-client as it is, and our own."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

import pytest
from tests.unit.intelligence.taxii.served import account, listening
from tests.unit.intelligence.taxii.test_server import MINE, envelope, thing

from kaname.intelligence.taxii.client import Client, Progress
from kaname.knowledge import Knowledge
from kaname.knowledge.stix_objects import Collection, StixObjects
from kaname.model.errors import InputError, UnavailableError, UsageError


class Listening:
    def __init__(self, knowledge: Knowledge, url: str) -> None:
        self.knowledge = knowledge
        self.url = url
        self.user, self.secret = account(knowledge, "member")
        self.place = f"{url}/taxii2/kaname/collections/{MINE}/"

    def client(self, url: str = "") -> Client:
        return Client(url or self.place, user=self.user, secret=self.secret)

    def push(self, *numbers: int) -> dict[str, Any]:
        return self.client().push([json.dumps(thing(n)).encode() for n in numbers])


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Listening]:
    with Knowledge.open(f"sqlite:///{tmp_path}/knowledge.sqlite") as knowledge:
        knowledge.part(StixObjects).put_collection(Collection(id=MINE, title="Mine"))
        with listening(knowledge) as url:
            yield Listening(knowledge, url)


def test_taxii2_client_finds_reads_adds_and_removes(server: Listening) -> None:
    from taxii2client import ApiRoot
    from taxii2client import Server as TheirServer
    from taxii2client.v21 import as_pages

    theirs = TheirServer(f"{server.url}/taxii2/", user=server.user, password=server.secret)
    (root,) = theirs.api_roots
    assert isinstance(root, ApiRoot)
    assert theirs.default.url == root.url
    (collection,) = root.collections
    assert (collection.id, collection.can_read, collection.can_write) == (MINE, True, True)
    status = collection.add_objects(json.loads(envelope(*map(thing, range(7)))))
    assert (status.status, status.success_count) == ("complete", 7)
    assert root.get_status(status.id).total_count == 7
    pages = list(as_pages(collection.get_objects, per_request=3))
    assert [one["id"] for page in pages for one in page.get("objects", [])] == [
        thing(n)["id"] for n in range(7)
    ]
    manifest = collection.get_manifest()["objects"]
    assert len({one["date_added"] for one in manifest}) == 7
    key = thing(3)["id"]
    assert collection.get_object(key)["objects"][0] == thing(3)
    assert collection.object_versions(key)["versions"] == [thing(3)["modified"]]
    found = collection.get_objects(added_after=manifest[4]["date_added"], type="identity")
    assert [one["id"] for one in found["objects"]] == [thing(5)["id"], thing(6)["id"]]
    collection.delete_object(key)
    assert len(collection.get_manifest()["objects"]) == 6
    theirs.close()


def test_our_client_discovers(server: Listening) -> None:
    (place,) = server.client(f"{server.url}/taxii2/").collections()
    assert place == (server.place, MINE, "Mine", True, True)


def taken(client: Client, progress: Progress | None, limit: int = 3) -> tuple[list[str], Progress]:
    keys: list[str] = []
    state = progress or Progress()
    for page in client.fetch(state, limit=limit):
        keys += [json.loads(raw)["id"][-2:] for raw in page.objects]
        state = page.progress
    return keys, state


def test_our_client_takes_each_object_once_over_polls(server: Listening) -> None:
    client = server.client()
    assert taken(client, None) == ([], Progress())
    server.push(*range(8))
    first, state = taken(client, None)
    assert first == [f"{n:02}" for n in range(8)]
    assert taken(client, state) == ([], state)
    server.push(8, 9)
    assert taken(client, state)[0] == ["08", "09"]


def test_nothing_is_lost_while_others_write(server: Listening) -> None:
    done = threading.Event()

    def write(first: int) -> None:
        for n in range(first, 60, 3):
            server.push(n)

    writers = [threading.Thread(target=write, args=(n,)) for n in range(3)]
    for thread in writers:
        thread.start()
    keys: list[str] = []
    state: Progress | None = None
    while not done.is_set():
        if not any(thread.is_alive() for thread in writers):
            done.set()
        fresh, state = taken(server.client(), state, limit=2)
        keys += fresh
    assert sorted(keys) == [f"{n:02}" for n in range(60)]


class Fake:
    """A server that does things other servers do; answers by a function of the path."""

    def __init__(self, answer: Any) -> None:
        from http.server import BaseHTTPRequestHandler, HTTPServer

        asked = self.asked = []

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                asked.append(self.path)
                status, headers, body = answer(len(asked), self.path)
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/c/"
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)

    def __enter__(self) -> Self:
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()


def page(*numbers: int, last: str = "2025-01-01T00:00:00Z", **more: Any) -> tuple[Any, Any, bytes]:
    body = json.dumps({"objects": list(map(thing, numbers))} | more).encode()
    return 200, {"X-TAXII-Date-Added-Last": last}, body


def test_an_inclusive_server_is_neither_repeated_nor_asked_for_ever() -> None:
    # Some servers give what was added *at* added_after again, and say "more" without next.
    with Fake(lambda n, _: page(1, 2, more=True) if n < 9 else page(1, 2, 3)) as fake:
        client = Client(fake.url)
        keys, state = taken(client, None)
        assert keys == ["01", "02"]
        assert len(fake.asked) == 2
        fake.asked.extend([""] * 9)
        assert taken(client, state)[0] == ["03"]


def test_a_busy_server_is_asked_again_later() -> None:
    waits: list[float] = []
    busy = (503, {"Retry-After": "7"}, b"")
    with Fake(lambda n, _: busy if n < 3 else page(1)) as fake:
        client = Client(fake.url, sleep=waits.append)
        assert taken(client, None)[0] == ["01"]
    assert waits == [7.0, 14.0]


def test_a_server_that_stays_busy_is_left() -> None:
    waits: list[float] = []
    with Fake(lambda *_: (429, {}, b"")) as fake, pytest.raises(InputError):
        list(Client(fake.url, sleep=waits.append).fetch())
    assert waits == [1.0, 2.0, 4.0, 8.0]


def test_no_other_host_is_spoken_to() -> None:
    with Fake(lambda *_: (302, {"Location": "http://127.0.0.1:9/"}, b"")) as fake:
        with pytest.raises(InputError):
            list(Client(fake.url).fetch())
        assert len(fake.asked) == 1
    roots = json.dumps({"title": "x", "api_roots": ["https://elsewhere.example/root/"]}).encode()
    with Fake(lambda *_: (200, {}, roots)) as fake, pytest.raises(InputError):
        Client(fake.url).collections()


def test_plain_http_is_for_this_machine_only() -> None:
    with pytest.raises(UsageError):
        Client("http://taxii.example/")
    with pytest.raises(UsageError):
        Client("file:///etc/passwd")


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'{"objects":5}'])
def test_what_is_no_answer_of_taxii(body: bytes) -> None:
    with Fake(lambda *_: (200, {}, body)) as fake, pytest.raises(InputError):
        list(Client(fake.url).fetch())


def test_a_server_that_is_not_there() -> None:
    with pytest.raises(UnavailableError):
        list(Client("http://127.0.0.1:9/", sleep=lambda _: None).fetch())


def test_the_stores_of_stix2_work_over_it(server: Listening) -> None:
    import stix2
    from taxii2client.v21 import Collection as TheirCollection

    theirs = TheirCollection(server.place, user=server.user, password=server.secret)
    store = stix2.TAXIICollectionStore(theirs)
    made = stix2.Indicator(
        pattern="[ipv4-addr:value = '198.51.100.1']", pattern_type="stix", labels=["c2"]
    )
    store.add(made)
    later = made.new_version(name="renamed")
    store.add(later)
    assert store.get(made.id) == later
    assert {one.modified for one in store.all_versions(made.id)} == {made.modified, later.modified}
    assert store.query([stix2.Filter("type", "=", "indicator")]) == [later]
    theirs.close()
