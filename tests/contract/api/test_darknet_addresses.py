"""Whatever leaves a nexus that observed a telescope names none of its addresses."""

from __future__ import annotations

import ipaddress
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from tests.contract.api.conftest import Running

from kaname.analysis.runner import run
from kaname.intelligence.score.bundle import Outcome, verify
from kaname.intelligence.service import Intelligence
from kaname.knowledge import FindingQuery, Knowledge
from kaname.lake import Lake
from kaname.model.address import IPv4_LOW
from kaname.model.instant import HOUR, floor, now_us
from kaname.model.marking import Tlp
from kaname.readers.ingest import ingest
from kaname.telescope.reports.period import parse_period
from kaname.telescope.reports.report import Stores, make, write
from kaname.telescope.simulator import simulate
from kaname.writers import writers
from kaname.writers.shielding import shield_of

DARK = ("198.18.0.0/20", "198.19.128.0/24")
NETWORKS = [ipaddress.ip_network(one) for one in DARK]
ANALYSES = ("telescope.sources", "telescope.floods", "telescope.reflection")
pytestmark = pytest.mark.timeout(400)  # a simulation is analysed first
_TEXT = re.compile(r"(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?![\d.]*\d)")
_NUMBER = re.compile(r"(?<!\d)(?:\d{10}|\d{15})(?!\d)")


def dark(data: bytes | str) -> set[str]:
    """The telescope's addresses in ``data``, as text or as a number of either kind."""
    text = data if isinstance(data, str) else data.decode(errors="replace")
    found = {one for one in _TEXT.findall(text) if _is_dark(one)}
    numbers = {int(one) for one in _NUMBER.findall(text)}
    lows = {one - IPv4_LOW if one >= IPv4_LOW else one for one in numbers}
    return found | {str(one) for one in lows if 0 <= one < 1 << 32 and _is_dark(one)}


def _is_dark(one: str | int) -> bool:
    try:
        address = ipaddress.IPv4Address(one)
    except ValueError:
        return False
    return any(address in network for network in NETWORKS)


@pytest.fixture(scope="module")
def observed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder in which a simulated hour of a telescope was analysed and fused."""
    folder = tmp_path_factory.mktemp("darknet")
    capture = folder / "sample.pcap"
    start = floor(now_us() - 2 * HOUR, HOUR)
    simulate(capture, 11, start=start, duration=HOUR // 6, scale=0.4, darknet=DARK)
    data = folder / "data"
    with Lake.open(data) as lake, Knowledge.open(f"sqlite:///{data}/knowledge.sqlite") as known:
        ingest(lake, capture, sensor="darknet", tlp=Tlp.GREEN)
        for name in ANALYSES:
            run(lake, known, name)
        with Intelligence(data, known) as fusion:
            fusion.fuse_findings()
    return data


@pytest.fixture(scope="module")
def running(observed: Path) -> Iterator[Running]:
    with Running(observed) as nexus:
        yield nexus


@pytest.fixture(scope="module")
def client(running: Running) -> Iterator[Callable[..., httpx.Client]]:
    made: list[httpx.Client] = []

    def make_client(*args: object, **kwargs: object) -> httpx.Client:
        made.append(running.client(*args, **kwargs))
        made[-1].timeout = httpx.Timeout(150)  # nothing here is about time
        return made[-1]

    yield make_client
    for one in made:
        one.close()


def test_the_findings_themselves_name_them(running: Running) -> None:
    """Otherwise the other tests would prove nothing."""
    findings = running.services.knowledge.every_finding(FindingQuery())
    assert len(dark("".join(repr(one) for one in findings))) > 10


@pytest.mark.parametrize("form", sorted(writers()))
def test_no_export_names_them(client: Callable[..., httpx.Client], form: str) -> None:
    answer = client("publisher").get(
        "/api/v1/indicators/export", params={"format": form, "active": False}
    )
    assert answer.status_code == 200
    assert dark(answer.content) == set()


def test_an_export_is_as_good_as_ever(client: Callable[..., httpx.Client]) -> None:
    """Scores are derived and signed without the addresses: each is verified offline."""
    params = {"format": "jsonl", "active": False}
    answer = client("publisher").get("/api/v1/indicators/export", params=params)
    lines = [json.loads(line) for line in answer.text.splitlines()]
    assert len(lines) > 5
    assert any(line["findings"][0]["evidence"]["sample"] for line in lines if line["findings"])
    outcomes = {one.outcome for one in verify(answer.content)}
    assert outcomes == {Outcome.HOLDS}


def test_nothing_that_is_published_names_them(
    running: Running, client: Callable[..., httpx.Client]
) -> None:
    rule = {"name": "all", "min_score": 40, "evidence": 2}
    policy = {"rules": [rule], "review_from": 40}
    assert client("admin").post("/api/v1/share/policy", json=policy).status_code == 200
    publisher = client("publisher")
    for review in publisher.get(
        "/api/v1/reviews", params={"state": "review", "kind": "publish", "limit": 20}
    ).json()["items"]:
        publisher.post(f"/api/v1/reviews/{review['id']}", json={"decision": "approve"})
    assert publisher.post("/api/v1/share/publish").status_code == 200
    taxii = {"Accept": "application/taxii+json;version=2.1"}
    root = "/taxii2/kaname"
    listed = publisher.get(f"{root}/collections/", headers=taxii)
    assert listed.status_code == 200
    size = 0
    for one in listed.json().get("collections", []):
        objects = publisher.get(f"{root}/collections/{one['id']}/objects/", headers=taxii)
        assert dark(objects.content) == set()
        size += len(objects.json().get("objects", []))
    assert size > 0
    manifest = publisher.get("/misp-feed/manifest.json")
    for key in manifest.json():
        assert dark(publisher.get(f"/misp-feed/{key}.json").content) == set()
    key = {"Authorization": running.token("publisher"), "Accept": "application/json"}
    for path in ("/events/restSearch", "/attributes/restSearch"):
        answer = httpx.post(f"{publisher.base_url}".rstrip("/") + path, json={}, headers=key)
        assert answer.status_code == 200
        assert dark(answer.content) == set()
    for form in writers():
        assert dark(publisher.get(f"/api/v1/share/export/{form}").content) == set()


@pytest.mark.parametrize("path", ["/api/v1/lake/tables/flowtuples/ocsf", "/n6/flowtuples.json"])
def test_rows_in_words_of_exchange_do_not_name_them(
    client: Callable[..., httpx.Client], path: str
) -> None:
    answer = client("viewer").get(path, params={"limit": 500})
    assert answer.status_code == 200
    assert len(answer.content) > 10_000
    assert dark(answer.content) == set()


def test_explanations_do_not_name_them(client: Callable[..., httpx.Client]) -> None:
    asked = client("viewer")
    found = asked.get("/api/v1/indicators", params={"limit": 20}).json()["items"]
    assert found
    for one in found:
        answer = asked.get(f"/api/v1/indicators/{one['id']}/explanation")
        assert dark(answer.content) == set()


def test_a_report_does_not_name_them(running: Running, observed: Path) -> None:
    services = running.services
    shield = shield_of(observed, services.knowledge)
    stores = Stores(services.lake, services.knowledge, None, shield)
    first = services.lake.files("flowtuples")[0].dt
    document = make(stores, parse_period("day", first), "en")
    for form in ("html", "json"):
        assert dark(write(document, form)) == set()
