from __future__ import annotations

import gzip
import http.server
import json
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from kaname.intelligence.connectors.fetch import Reach
from kaname.intelligence.connectors.registry import connector, connectors
from kaname.intelligence.connectors.runner import Runner, checked
from kaname.intelligence.records import Observation
from kaname.knowledge import Knowledge
from kaname.knowledge.feeds import Feed, Feeds
from kaname.knowledge.stix_objects import StixObjects
from kaname.model.errors import (
    ConflictError,
    KanameError,
    LimitError,
    NotFoundError,
    UnavailableError,
    UsageError,
)
from kaname.model.instant import DAY, HOUR, parse_us

NOON = parse_us("2025-06-02T12:00:00Z")
Answer = tuple[int, dict[str, str], bytes]


class Site(NamedTuple):
    """A web server on loopback; `pages` may be changed, `asked` says what was asked for."""

    url: str
    pages: dict[str, Callable[[dict[str, str]], Answer]]
    asked: list[tuple[str, dict[str, str]]]


@pytest.fixture
def site() -> Iterator[Site]:
    pages: dict[str, Callable[[dict[str, str]], Answer]] = {}
    asked: list[tuple[str, dict[str, str]]] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            headers = dict(self.headers)
            asked.append((self.path, headers))
            status, own, body = pages.get(self.path, lambda _: (404, {}, b""))(headers)
            self.send_response(status)
            for name, value in ({"Content-Length": str(len(body))} | own).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield Site(f"http://127.0.0.1:{server.server_port}", pages, asked)
    server.shutdown()
    server.server_close()
    thread.join()


def page(body: bytes, **headers: str) -> Callable[[dict[str, str]], Answer]:
    return lambda _: (200, {name.replace("_", "-"): value for name, value in headers.items()}, body)


def tagged(body: bytes, etag: str) -> Callable[[dict[str, str]], Answer]:
    def answer(headers: dict[str, str]) -> Answer:
        known = headers.get("If-None-Match") == etag
        return (304 if known else 200), {"ETag": etag}, b"" if known else body

    return answer


class Taken(NamedTuple):
    new: int
    duplicates: int


class Sink:
    """Keeps observations by id, as the store does."""

    def __init__(self) -> None:
        self.kept: dict[str, Observation] = {}

    def __call__(self, observations: Sequence[Observation]) -> Taken:
        new = [one for one in observations if one.id not in self.kept]
        self.kept.update((one.id, one) for one in new)
        return Taken(len(new), len(observations) - len(new))

    @property
    def values(self) -> list[str]:
        return [mention.value for one in self.kept.values() for mention in one.mentions]


@pytest.fixture
def sink() -> Sink:
    return Sink()


@pytest.fixture
def feeds(tmp_path: Path) -> Iterator[Feeds]:
    with Knowledge.open(f"sqlite:///{tmp_path}/k.sqlite") as knowledge:
        yield knowledge.part(Feeds)


def added(feeds: Feeds, kind: str, url: str = "", path: str = "", **options: Any) -> Feed:
    every = options.pop("every", HOUR)
    feed = Feed(id="f", kind=kind, url=url, path=path, every=every, options=options)
    return feeds.add_feed(checked(feed))


def test_a_csv_feed_is_read_by_its_columns(feeds: Feeds, sink: Sink, site: Site) -> None:
    body = (
        "# made by hand\n"
        "date,indicator,score,why\n"
        '2025-06-01 10:00:00,hxxp://bad[.]example/x,80,"loader, v2"\n'
        "2025-06-01 11:00:00,not an indicator,80,\n"
        "2025-06-01 12:00:00,192.0.2.7,,\n"
    )
    site.pages["/list.csv"] = page(body.encode())
    columns = {"value": "indicator", "at": "date", "confidence": "score", "note": "why"}
    added(feeds, "csv", f"{site.url}/list.csv", private="true", **columns)
    polled = Runner(feeds, sink, clock=lambda: NOON).poll("f")
    assert polled.run.error == ""
    assert (polled.run.new, polled.run.rejected) == (2, 1)
    assert polled.reasons[0].place == 4
    first, second = sink.kept.values()
    assert first.mentions[0].value == "http://bad.example/x"
    assert (first.weight, first.body) == (0.8, {"note": "loader, v2"})
    assert first.at == parse_us("2025-06-01T10:00:00Z")
    assert (second.mentions[0].value, second.mentions[0].role) == ("192.0.2.7", "listed")


def test_a_text_feed_has_comments_and_defanged_values(
    feeds: Feeds, sink: Sink, tmp_path: Path
) -> None:
    path = tmp_path / "list.txt"
    path.write_text("# head\n; more\n192[.]0[.]2[.]9  # scanner\n\nbad[.]example\n???\n")
    added(feeds, "text", path=str(path))
    run = Runner(feeds, sink, clock=lambda: NOON).poll("f").run
    assert (sink.values, run.rejected) == (["192.0.2.9", "bad.example"], 1)


def test_staying_on_a_list_is_seen_once_a_day(feeds: Feeds, sink: Sink, tmp_path: Path) -> None:
    path = tmp_path / "list.txt"
    path.write_text("192.0.2.9\n")
    added(feeds, "text", path=str(path))
    now = NOON
    runner = Runner(feeds, sink, clock=lambda: now)
    runs = [runner.poll("f").run]
    now += HOUR
    runs.append(runner.poll("f").run)
    now += DAY
    runs.append(runner.poll("f").run)
    assert [(run.new, run.duplicates) for run in runs] == [(1, 0), (0, 1), (1, 0)]


def test_what_did_not_change_is_not_sent_again(feeds: Feeds, sink: Sink, site: Site) -> None:
    site.pages["/list"] = tagged(b"192.0.2.9\n", '"v1"')
    added(feeds, "text", f"{site.url}/list", private="true")
    runner = Runner(feeds, sink, clock=lambda: NOON)
    assert runner.poll("f").run.new == 1
    again = runner.poll("f").run
    assert (again.new, again.duplicates, again.error) == (0, 0, "")
    assert site.asked[1][1]["If-None-Match"] == '"v1"'


def test_good_lines_are_kept_beside_damaged_ones(feeds: Feeds, sink: Sink, tmp_path: Path) -> None:
    good = (
        '{"id":"o%d","ts":"2025-06-02T00:00:18Z","source":"darknet","kind":"scan","tlp":"green",'
        '"artifacts":[{"type":"ipv4-addr","value":"198.18.11.%d","role":"src"}],"port":8080}'
    )
    damaged = [
        "{",
        "[1]",
        '{"ts":"2025-06-02T00:00:18Z","artifacts":[]}',
        '{"ts":"2035-06-02T00:00:18Z","artifacts":[{"type":"url","value":"http://a.example/"}]}',
        '{"ts":"2025-06-02T00:00:18Z","artifacts":[{"type":"ipv4-addr","value":"010.1.1.1"}]}',
        '{"ts":"2025-06-02T00:00:18Z","confidence":"high","artifacts":[]}',
        '{"ts":"yesterday","artifacts":[{"type":"url","value":"http://a.example/"}]}',
        "[" * 5000,
        '{"mentions":[{"kind":"planet","value":"mars"}],"kind":"x","at":1,"source":"s"}',
    ]
    path = tmp_path / "in.ndjson"
    path.write_text("\n".join([good % (1, 1), *damaged, good % (2, 2)]) + "\n\n")
    added(feeds, "ndjson", path=str(path))
    polled = Runner(feeds, sink, clock=lambda: NOON).poll("f")
    assert sink.values == ["198.18.11.1", "198.18.11.2"]
    assert [reason.place for reason in polled.reasons] == list(range(2, 2 + len(damaged)))
    assert all(reason.reason("ja") and reason.reason("en") for reason in polled.reasons)
    first = sink.kept["o1"]
    assert (first.source, first.kind, first.behaviours) == ("darknet", "scan", ("scan",))
    assert first.body == {"port": 8080}


def test_our_own_shape_is_read_too(feeds: Feeds, sink: Sink, tmp_path: Path) -> None:
    path = tmp_path / "in.ndjson"
    path.write_text(
        '{"id":"x1","source":"me","kind":"sighting","at":1748822400000000,"tlp":"amber",'
        '"mentions":[{"kind":"domain","value":"BAD.Example.","role":"dst"}],"behaviours":["c2"]}'
    )
    added(feeds, "ndjson", path=str(path))
    assert Runner(feeds, sink, clock=lambda: NOON).poll("f").run.new == 1
    one = sink.kept["x1"]
    assert (one.mentions[0].value, one.behaviours, one.received) == ("bad.example", ("c2",), NOON)


def test_a_failing_feed_is_asked_less_and_less_often(feeds: Feeds, sink: Sink, site: Site) -> None:
    added(feeds, "text", f"{site.url}/gone", private="true")
    runner = Runner(feeds, sink, clock=lambda: NOON)
    waits = []
    for _ in range(7):
        assert "404" in runner.poll("f").run.error
        waits.append((feeds.feed("f").due - NOON) // HOUR)
    assert waits == [2, 4, 8, 16, 24, 24, 24]
    site.pages["/gone"] = page(b"192.0.2.9\n")
    assert runner.poll("f").run.error == ""
    feed = feeds.feed("f")
    assert (feed.state, feed.failures, feed.due - NOON) == ("idle", 0, HOUR)
    assert (feed.days[0].polls, feed.days[0].errors) == (8, 7)


def test_only_what_is_due_is_polled_and_the_bus_hears_of_it(
    feeds: Feeds, sink: Sink, tmp_path: Path
) -> None:
    path = tmp_path / "list.txt"
    path.write_text("192.0.2.9\n")
    feed = added(feeds, "text", path=str(path))
    told: list[tuple[str, dict[str, Any]]] = []
    runner = Runner(
        feeds, sink, clock=lambda: feed.due + 1, announce=lambda *args: told.append(args)
    )
    assert len(runner.run_due()) == 1
    assert runner.run_due() == []
    assert [(topic, body["feed"], body["new"]) for topic, body in told] == [("feed.state", "f", 1)]


def test_a_poll_can_be_cancelled_and_keeps_what_it_had(feeds: Feeds, tmp_path: Path) -> None:
    path = tmp_path / "in.txt"
    path.write_text("\n".join(f"192.0.{n // 256}.{n % 256}" for n in range(12_000)))
    feeds.add_feed(checked(Feed(id="f", kind="text", path=str(path))))
    kept = Sink()

    def stop(observations: Sequence[Observation]) -> Taken:
        runner.cancel("f")
        with pytest.raises(ConflictError):
            runner.poll("f")
        return kept(observations)

    runner = Runner(feeds, stop, clock=lambda: NOON)
    run = runner.poll("f").run
    assert run.error
    assert 0 < run.new == len(kept.kept) < 12_000
    assert runner.cancel("f") is False


def test_a_private_network_is_reached_only_when_that_was_said(site: Site) -> None:
    site.pages["/x"] = page(b"ok")
    with pytest.raises(UsageError, match="127"):
        Reach().get(f"{site.url}/x")
    assert site.asked == []
    assert Reach(private=True).get(f"{site.url}/x").body == b"ok"


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "ftp://a.example/", "http://", "gopher://x", "http://a:99999/"]
)
def test_only_http_is_spoken(url: str) -> None:
    with pytest.raises(UsageError):
        Reach(private=True).get(url)


def test_a_redirect_to_another_host_is_not_followed(site: Site) -> None:
    port = site.url.rpartition(":")[2]
    site.pages["/there"] = lambda _: (302, {"Location": f"http://localhost:{port}/x"}, b"")
    site.pages["/here"] = lambda _: (302, {"Location": "/x"}, b"")
    site.pages["/loop"] = lambda _: (302, {"Location": "/loop"}, b"")
    site.pages["/x"] = page(b"ok")
    reach = Reach(private=True)
    assert reach.get(f"{site.url}/here").body == b"ok"
    with pytest.raises(UsageError):
        reach.get(f"{site.url}/there")
    with pytest.raises(UnavailableError):
        reach.get(f"{site.url}/loop")
    assert [path for path, _ in site.asked].count("/x") == 1


def test_what_is_too_large_is_not_kept_packed_or_not(site: Site) -> None:
    site.pages["/plain"] = page(b"x" * 3000)
    site.pages["/bomb"] = page(gzip.compress(b"x" * 5_000_000), Content_Encoding="gzip")
    site.pages["/cut"] = page(gzip.compress(b"x" * 500)[:-9], Content_Encoding="gzip")
    site.pages["/gz"] = page(gzip.compress(b"x" * 500), Content_Encoding="gzip")
    reach = Reach(private=True, most=2000)
    for path in ("/plain", "/bomb"):
        with pytest.raises(LimitError):
            reach.get(f"{site.url}{path}")
    with pytest.raises(UnavailableError):
        reach.get(f"{site.url}/cut")
    assert reach.get(f"{site.url}/gz").body == b"x" * 500


def test_a_misp_feed_of_a_site_is_asked_only_for_what_is_new(
    tmp_path: Path, sink: Sink, site: Site
) -> None:
    key = "5d3f036b-0f50-4499-af4c-695a0a016219"
    attribute = {"type": "ip-dst", "value": "198.51.100.7", "category": "Network activity"}
    event = {"Event": {"uuid": key, "info": "x", "timestamp": "100", "Attribute": [attribute]}}
    site.pages["/feed/manifest.json"] = page(json.dumps({key: {"timestamp": "100"}}).encode())
    site.pages[f"/feed/{key}.json"] = page(json.dumps(event).encode())
    with Knowledge.open(f"sqlite:///{tmp_path}/k.sqlite") as knowledge:
        feeds = knowledge.part(Feeds)
        added(feeds, "misp", f"{site.url}/feed", private="true")
        runner = Runner(feeds, sink, knowledge=knowledge)
        assert runner.poll("f").run.new == 1
        site.pages["/feed/manifest.json"] = page(json.dumps({key: {"timestamp": "99"}}).encode())
        assert runner.poll("f").run.new == 0
    assert sink.values == ["198.51.100.7"]
    assert [path for path, _ in site.asked].count(f"/feed/{key}.json") == 1


def test_a_taxii_collection_is_read_on_from_where_it_was(
    tmp_path: Path, sink: Sink, site: Site
) -> None:
    indicator = {
        "type": "indicator",
        "spec_version": "2.1",
        "id": "indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f",
        "created": "2025-06-01T00:00:00.000Z",
        "modified": "2025-06-01T00:00:00.000Z",
        "valid_from": "2025-06-01T00:00:00Z",
        "pattern": "[ipv4-addr:value = '198.51.100.7']",
        "pattern_type": "stix",
    }
    last = "2025-06-01T00:00:01.000000Z"
    body = json.dumps({"objects": [indicator]}).encode()
    head = {"Content-Type": "application/taxii+json;version=2.1", "X-TAXII-Date-Added-Last": last}
    start = "/c/objects/?limit=1000&match%5Bversion%5D=all"
    site.pages[start] = lambda _: (200, head, body)
    site.pages[f"{start}&added_after={last.replace(':', '%3A')}"] = lambda _: (200, head, b"{}")
    with Knowledge.open(f"sqlite:///{tmp_path}/k.sqlite") as knowledge:
        feeds = knowledge.part(Feeds)
        added(feeds, "taxii", f"{site.url}/c", private="true")
        runner = Runner(feeds, sink, knowledge=knowledge)
        first = runner.poll("f").run
        assert (first.new, first.error) == (1, "")
        again = runner.poll("f").run
        assert (again.new, again.error) == (0, "")
        kept = knowledge.part(StixObjects)
        (collection,) = kept.collections()
        assert collection.concealed  # what others gave is not handed on
    assert sink.values == ["198.51.100.7"]


@pytest.mark.parametrize(
    "changes",
    [
        {"url": "http://a.example/", "path": "/x"},
        {"url": "", "path": ""},
        {"url": "http://a.example/", "reliability": "G"},
        {"url": "http://a.example/", "every": 1},
    ],
)
def test_a_feed_that_cannot_work_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(UsageError):
        checked(Feed(**{"id": "f", "kind": "csv"} | changes))
    with pytest.raises(NotFoundError):
        checked(Feed(id="f", kind="telepathy", url="http://a.example/"))


def test_options_that_the_connector_does_not_know_are_an_error(
    feeds: Feeds, sink: Sink, tmp_path: Path
) -> None:
    (tmp_path / "x").write_text("192.0.2.1\n")
    added(feeds, "text", path=str(tmp_path / "x"), colour="red")
    assert "colour" in Runner(feeds, sink).poll("f").run.error


def test_every_connector_says_what_it_is() -> None:
    for name, one in connectors().items():
        assert one.manifest.kind == name
        assert one.manifest.en
        assert one.manifest.ja
    with pytest.raises(KanameError):
        connector("telepathy")
