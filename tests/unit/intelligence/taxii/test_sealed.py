"""TAXII between two nexuses that know each other's keys, over a server that listens."""

from __future__ import annotations

import contextlib
import http.client
import http.server
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

import pytest
from tests.unit.intelligence.taxii.served import listening, version
from tests.unit.intelligence.taxii.test_clients import taken
from tests.unit.intelligence.taxii.test_server import MINE, thing

from kaname.intelligence.connectors.runner import Runner, checked
from kaname.intelligence.sharing.publishing import COLLECTION
from kaname.intelligence.sharing.sending import send
from kaname.intelligence.taxii import sealed
from kaname.intelligence.taxii.answers import Answer, Request
from kaname.intelligence.taxii.client import Client
from kaname.intelligence.taxii.inboxes import set_inbox
from kaname.intelligence.taxii.sealed import Door, Peer, peer_of
from kaname.knowledge import Knowledge
from kaname.knowledge.feeds import Feed, Feeds
from kaname.knowledge.links import Links, Partner
from kaname.knowledge.stix_objects import Collection, StixObjects
from kaname.model.errors import (
    ConflictError,
    ForbiddenError,
    InputError,
    KanameError,
    NotFoundError,
    UsageError,
)
from kaname.model.instant import MINUTE
from kaname.model.marking import Tlp
from kaname.sealing.link_keys import LinkKey, LinkPublicKey
from kaname.sealing.message import is_sealed, seal_message
from kaname.sealing.nexus_keys import NexusKeys


class Site:
    """One nexus: its store, and its keys."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        self.knowledge = Knowledge.open(f"sqlite:///{folder}/knowledge.sqlite")
        self.keys = NexusKeys(folder)

    def knows(self, name: str, key: LinkPublicKey, **may: Any) -> None:
        links = self.knowledge.part(Links)
        links.put_partner(Partner(kind="peer", name=name, **may))
        links.add_key("peer", name, key.text, key.fingerprint)

    def push(self, *numbers: int) -> None:
        store = self.knowledge.part(StixObjects)
        store.add(MINE, [version(json.dumps(thing(n)).encode()) for n in numbers])


class Pair(SimpleNamespace):
    tokyo: Site  # serves
    osaka: Site  # asks
    url: str
    seen: list[bytes]

    def client(self) -> Client:
        place = f"{self.url}/taxii2/kaname/collections/{MINE}/"
        peer = peer_of(self.osaka.knowledge, "tokyo", self.osaka.keys)
        return Client(place, peer=peer, sleep=lambda _seconds: None)


@contextmanager
def tapped(url: str, seen: list[bytes]) -> Iterator[str]:
    """Where TLS ends: what passes is seen."""

    class Passing(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            place = urlsplit(url)
            kept = {"Content-Type": self.headers["Content-Type"], "Accept": self.headers["Accept"]}
            where = http.client.HTTPConnection(place.hostname or "", place.port, timeout=30)
            with contextlib.closing(where) as onward:
                onward.request("POST", self.path, body, kept)
                answer = onward.getresponse()
                content = answer.read()
            seen.extend([self.path.encode() + str(self.headers).encode(), body, content])
            self.send_response(answer.status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: Any) -> None:
            """Quiet."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Passing)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[Pair]:
    tokyo, osaka = Site(tmp_path / "tokyo"), Site(tmp_path / "osaka")
    tokyo.knowledge.part(StixObjects).put_collection(
        Collection(
            id=MINE, title="Mine", readers=("peer:osaka",), writers=("peer:osaka",), concealed=True
        )
    )
    tokyo.knows("osaka", osaka.keys.current.public, tlp=Tlp.RED)
    osaka.knows("tokyo", tokyo.keys.current.public)
    seen: list[bytes] = []
    with listening(tokyo.knowledge, tokyo.keys) as url, tapped(url, seen) as between:
        yield Pair(tokyo=tokyo, osaka=osaka, url=between, seen=seen)
    for site in (tokyo, osaka):
        site.knowledge.close()


def test_objects_pass_and_nobody_in_between_sees_which(pair: Pair) -> None:
    client = pair.client()
    pair.tokyo.push(*range(8))
    keys, state = taken(client, None)
    assert keys == [thing(n)["id"][-2:] for n in range(8)]
    status = client.push([json.dumps(thing(9)).encode()])
    assert status["success_count"] == 1
    assert taken(client, state)[0] == [thing(9)["id"][-2:]]
    assert len(pair.seen) >= 12
    for told in pair.seen:
        for word in (MINE, thing(0)["id"], "objects", "osaka", "tokyo", "Authorization"):
            assert word.encode() not in told
    assert all(is_sealed(body) for body in pair.seen[1::3] + pair.seen[2::3])


def test_a_feed_of_a_peer_is_polled_sealed(pair: Pair) -> None:
    pair.tokyo.push(*range(3))
    place = f"{pair.url}/taxii2/kaname/collections/{MINE}/"
    feeds = pair.osaka.knowledge.part(Feeds)
    options = {"peer": "tokyo", "private": "yes"}
    feeds.add_feed(checked(Feed(id="t", kind="taxii", url=place, options=options)))
    runner = Runner(
        feeds, lambda _observations: SimpleNamespace(new=0, duplicates=0),
        knowledge=pair.osaka.knowledge, data=pair.osaka.folder,
    )  # fmt: skip
    assert runner.poll("t").run.error == ""
    (kept,) = pair.osaka.knowledge.part(StixObjects).collections()
    assert len(list(pair.osaka.knowledge.part(StixObjects).every(kept.id))) == 3
    assert all(is_sealed(body) for body in pair.seen[1::3])


def test_what_is_published_is_pushed_to_a_peer_as_far_as_it_may_see(pair: Pair) -> None:
    store = pair.osaka.knowledge.part(StixObjects)
    published = Collection(id=COLLECTION, title="Published", per_audience=True)
    store.put_collection(published)
    for level, numbers in ((Tlp.GREEN, (1, 2)), (Tlp.RED, (1, 2, 3))):
        rows = [version(json.dumps(thing(n)).encode()) for n in numbers]
        store.add(store.audience(published, level), rows)
    place = f"{pair.url}/taxii2/kaname/collections/{MINE}/"
    sent = send(pair.osaka.knowledge, pair.osaka.keys, "tokyo", place)
    assert sent == (2, 0)  # as a peer that may see green
    assert [key[-2:] for key in taken(pair.client(), None)[0]] == [
        thing(n)["id"][-2:] for n in (1, 2)
    ]
    assert all(is_sealed(body) for body in pair.seen[1::3])


def test_who_is_not_registered_or_no_longer_is_refused(pair: Pair) -> None:
    client = pair.client()
    pair.tokyo.knowledge.part(Links).remove_partner("peer", "osaka")
    with pytest.raises(InputError) as refused:
        taken(client, None)
    assert refused.value.values["status"] == 403
    with pytest.raises(NotFoundError):
        peer_of(pair.osaka.knowledge, "nara", pair.osaka.keys)


def test_a_peer_sees_what_it_may_and_no_more(pair: Pair) -> None:
    store = pair.tokyo.knowledge.part(StixObjects)
    hers = ("somebody",)
    store.put_collection(
        Collection(id=MINE, title="Mine", readers=hers, writers=hers, concealed=True)
    )
    with pytest.raises(InputError) as hidden:
        taken(pair.client(), None)
    assert hidden.value.values["status"] == 404
    store.put_collection(Collection(id=MINE, title="Mine"))  # every account, every analyst
    with pytest.raises(InputError) as reads_only:
        pair.client().push([json.dumps(thing(1)).encode()])
    assert reads_only.value.values["status"] == 403


def test_a_peer_adds_to_its_own_inbox_while_it_may(pair: Pair) -> None:
    alias = set_inbox(pair.tokyo.knowledge, "osaka", opened=True)
    place = f"{pair.url}/taxii2/kaname/collections/{alias}/"
    peer = peer_of(pair.osaka.knowledge, "tokyo", pair.osaka.keys)
    client = Client(place, peer=peer)
    one = json.dumps(thing(1)).encode()
    assert client.push([one])["success_count"] == 1
    with pytest.raises(InputError) as adds_only:
        list(client.fetch())
    assert adds_only.value.values["status"] == 403
    set_inbox(pair.tokyo.knowledge, "osaka", opened=False)
    with pytest.raises(InputError) as closed:
        client.push([one])
    assert closed.value.values["status"] == 404
    (inbox,) = (one for one in pair.tokyo.knowledge.part(StixObjects).collections()
                if one.alias == alias)  # fmt: skip
    assert len(list(pair.tokyo.knowledge.part(StixObjects).every(inbox.id))) == 1


def test_both_ends_change_keys(pair: Pair) -> None:
    pair.tokyo.push(1)
    made = pair.tokyo.keys.rotate().public
    assert len(taken(pair.client(), None)[0]) == 1  # the old one still opens and answers
    pair.osaka.knows("tokyo", made)
    pair.tokyo.keys.retire()
    assert len(taken(pair.client(), None)[0]) == 1
    second = pair.osaka.keys.rotate().public
    with pytest.raises(InputError):
        taken(pair.client(), None)
    pair.tokyo.knows("osaka", second)
    assert len(taken(pair.client(), None)[0]) == 1


# --- without a network ---


def asked(peer: Peer) -> tuple[bytes, Callable[[bytes], Any]]:
    return peer.ask(Request("GET", "kaname/", (("limit", "1"),), {"accept": "x"}))


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Door, Peer, LinkKey]]:
    site = Site(tmp_path_factory.mktemp("door") / "site")
    own = LinkKey.drawn()
    site.knows("osaka", own.public)
    with site.knowledge:
        nexus = site.keys.current
        yield Door(site.knowledge, site.keys), Peer("t", (nexus.public,), (own,)), nexus


BASE = Request("POST", "", (), {}, client="192.0.2.1")


def echo(request: Request, account: Any) -> Answer:
    return Answer(200, {"X": account.name}, f"{request.method} {request.path}".encode())


def test_a_request_is_done_once_and_answered_once(door: tuple[Door, Peer, LinkKey]) -> None:
    here, peer, _ = door
    sent, opened = asked(peer)
    answer = here.pass_in(sent, BASE, echo)
    told = opened(answer)
    assert (told.status, told.headers, told.body) == (200, {"X": "peer:osaka"}, b"GET kaname/")
    with pytest.raises(ConflictError) as again:
        here.pass_in(sent, BASE, echo)
    assert again.value.key == "intelligence.taxii.sealed.again"
    _, other = asked(peer)
    with pytest.raises(KanameError):  # an answer to another request
        other(answer)
    for wrong in (b"", b"{}", sent, answer[:-1], answer[:200] + b"x" + answer[201:]):
        with pytest.raises(KanameError):
            opened(wrong)


def test_a_request_of_another_time_is_refused(
    door: tuple[Door, Peer, LinkKey], monkeypatch: pytest.MonkeyPatch
) -> None:
    here, peer, _ = door
    now = sealed.now_us()
    for late in (-11 * MINUTE, 11 * MINUTE):
        monkeypatch.setattr(sealed, "now_us", lambda late=late: now + late)
        sent, _ = asked(peer)
        monkeypatch.setattr(sealed, "now_us", lambda: now)
        with pytest.raises(ConflictError) as other_time:
            here.pass_in(sent, BASE, echo)
        assert other_time.value.key == "intelligence.taxii.sealed.time"


def test_what_is_no_request_is_refused(door: tuple[Door, Peer, LinkKey]) -> None:
    here, peer, nexus = door
    for content in (b"", b"\xff", b"\x80", b"{}"):
        with pytest.raises(InputError):
            here.pass_in(
                seal_message(content, nexus.public, peer.own[0], "taxii request"), BASE, echo
            )
    sent, _ = asked(peer)
    for body in (b"", sent[:-9], b"GET / HTTP/1.1\r\n\r\n"):
        with pytest.raises(InputError):
            here.pass_in(body, BASE, echo)
    stranger = Peer("t", peer.keys, (LinkKey.drawn(),))
    with pytest.raises(ForbiddenError):
        here.pass_in(asked(stranger)[0], BASE, echo)
    delivery = seal_message(b"", nexus.public, peer.own[0], "delivery minutes osaka")
    with pytest.raises(InputError):
        here.pass_in(delivery, BASE, echo)


def test_a_server_that_answers_in_clear_is_not_believed(door: tuple[Door, Peer, LinkKey]) -> None:
    _, peer, _ = door
    client = Client("http://127.0.0.1:1/taxii2/kaname/collections/x/", peer=peer)
    plain = SimpleNamespace(status=200, headers={}, body=b'{"objects":[]}')
    client._send = lambda *_: plain  # type: ignore[method-assign,assignment]
    with pytest.raises(InputError):
        list(client.fetch())
    with pytest.raises(UsageError):
        list(Client("http://127.0.0.1:1/elsewhere/", peer=peer).fetch())
