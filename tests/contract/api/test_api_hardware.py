"""Designs and devices over the API: pages, one of each, clearance, deliveries of edges."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from tests.contract.api.conftest import Running
from tests.unit.hardware.nexus.designed import BAD, CLEAN, designs
from tests.unit.hardware.nexus.powered import START, fleet, night

from kaname.analysis.runner import run
from kaname.hardware.power.deliveries import SEGMENTS
from kaname.hardware.power.ledger import Ledger
from kaname.knowledge import Knowledge
from kaname.knowledge.sensor_records import Sensor
from kaname.knowledge.sensors import Sensors
from kaname.lake import Lake
from kaname.model.marking import Tlp
from kaname.readers.deliveries.outbox import Outbox
from kaname.readers.deliveries.receiving import take_in


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("hardware") / "data"
    with (
        Lake.open(folder) as lake,
        Knowledge.open(f"sqlite:///{folder}/knowledge.sqlite") as knowledge,
    ):
        designs(lake)
        fleet(lake, days=2)
        for name in ("hardware.trojans", "hardware.fleet"):
            run(lake, knowledge, name, since=START, until=START + 1)
    return folder


@pytest.fixture(scope="module")
def nexus(data: Path) -> Iterator[Running]:
    with Running(data) as started:
        yield started


def bearer(nexus: Running, clearance: Tlp = Tlp.RED) -> dict[str, str]:
    return {"Authorization": f"Bearer {nexus.token('viewer', clearance)}"}


@pytest.fixture(scope="module")
def client(nexus: Running) -> Iterator[httpx.Client]:
    url = f"{nexus.nexus.url}/api/v1/hardware"
    with httpx.Client(base_url=url, headers=bearer(nexus), timeout=60) as made:
        yield made


def test_designs_page_by_page(client: httpx.Client) -> None:
    first = client.get("/designs", params={"limit": 2}).json()
    assert (first["total"], len(first["items"])) == (3, 2)
    second = client.get("/designs", params={"limit": 2, "cursor": first["next"]}).json()
    assert second["next"] is None
    names = {one["name"] for one in first["items"] + second["items"]}
    assert names == {"uart", "adder", "timer"}
    (bad,) = client.get("/designs", params={"verdict": "suspicious"}).json()["items"]
    assert (bad["digest"], bad["verdict"], bad["probability"]) == (BAD, "suspicious", 0.98)
    assert client.get("/designs", params={"cursor": "x"}).status_code == 400


def test_designs_are_found_and_sorted(client: httpx.Client) -> None:
    def names(**query: str) -> list[str]:
        return [one["name"] for one in client.get("/designs", params=query).json()["items"]]

    assert names(sort="name") == ["adder", "timer", "uart"]
    assert names(sort="-name") == ["uart", "timer", "adder"]
    assert names(sort="-probability", limit="1") == ["uart"]  # the only suspicious one
    assert names(q="ADD") == ["adder"]
    assert names(q=BAD[:9]) == ["uart"]
    assert names(q="add", verdict="suspicious") == []
    assert names(q="%' OR true --") == []
    assert client.get("/designs", params={"sort": "digest"}).status_code == 400


def test_one_design_with_its_regions_and_findings(client: httpx.Client) -> None:
    for digest in (BAD, BAD[:10], BAD.upper()):
        found = client.get(f"/designs/{digest}").json()
        assert [region["number"] for region in found["regions"]] == [1, 2]
        assert found["regions"][0]["circuit"]["edges"] == [[11, 12]]
    assert sum(found["histogram"]) == 100
    assert found["density"]["counts"] == [60, 40]
    assert found["problems"][0]["line"] == 3
    assert {one["label"] for one in found["findings"]} == {"trojan_region"}
    assert found["findings"][0]["title"]["ja"] != found["findings"][0]["title"]["en"]
    assert client.get(f"/designs/{CLEAN}").json()["regions"] == []
    assert client.get(f"/designs/{'0' * 64}").status_code == 404
    assert client.get("/designs/no-digest'").status_code == 404


def test_nets_and_why(client: httpx.Client) -> None:
    found = client.get(f"/designs/{BAD}/nets").json()
    assert [net["rank"] for net in found["items"]] == [1, 2, 3, 4, 5]
    assert len(found["items"][0]["why"]) == 2
    sure = client.get(f"/designs/{BAD}/nets", params={"min": 0.6}).json()
    assert [net["place"] for net in sure["items"]] == [11, 12, 13]
    region = client.get(f"/designs/{BAD}/nets", params={"component": 2}).json()
    assert [net["place"] for net in region["items"]] == [13, 14]
    one = client.get(f"/designs/{BAD}/nets/11").json()
    assert one["net"]["net"] == "n11"
    assert [reason["feature"] for reason in one["reasons"]] == ["surroundings", "in_nearest_pin"]
    assert "75.5" in one["reasons"][1]["text"]["ja"]
    assert len(one["circuit"]["nodes"]) == 2
    assert client.get(f"/designs/{BAD}/nets/999").status_code == 404


def test_a_fleet_and_one_device(client: httpx.Client) -> None:
    found = client.get("/power/devices").json()
    assert (found["total"], found["groups"]) == (7, ["nodes"])
    odd = next(one for one in found["items"] if one["device"] == "node6")
    sleep = next(one for one in odd["measures"] if one["name"] == "sleep_mw")
    assert sleep["odd"]
    assert sleep["percentile"] == 100
    one = client.get("/power/devices/node6").json()
    assert len(one["peers"]) == 6
    assert {finding["label"] for finding in one["findings"]} == {"odd_device"}
    assert all(segment["mode"] == "active" for segment in one["segments"])
    assert max(one["segments"][0]["shape"]) == 1
    span = {"since": str(START), "until": str(START + 60_000_000)}
    short = client.get("/power/devices/node6", params=span).json()
    assert 0 < len(short["segments"]) < 15
    assert client.get("/power/devices/none").status_code == 404
    assert client.get("/power/devices", params={"group": "none"}).json()["total"] == 0
    backwards = {"since": str(START + 1_000_000), "until": str(START)}
    assert client.get("/power/devices", params=backwards).status_code == 400


def test_what_is_marked_higher_is_not_there(nexus: Running, tmp_path: Path) -> None:
    services = nexus.services
    sensor = Sensor(name="vault", tlp=Tlp.RED)
    services.knowledge.part(Sensors).put_sensor(sensor)
    body = delivered(tmp_path, "vault", night("hidden", seed=3, count=10))
    take_in(services.lake, services.knowledge, SEGMENTS, sensor, body)
    url = f"{nexus.nexus.url}/api/v1/hardware/power/devices"
    low = httpx.get(url, headers=bearer(nexus, Tlp.GREEN), timeout=60).json()
    high = httpx.get(url, headers=bearer(nexus), timeout=60).json()
    assert "hidden" not in {one["device"] for one in low["items"]}
    assert "hidden" in {one["device"] for one in high["items"]}


def delivered(folder: Path, sensor: str, rows: list[dict[str, object]]) -> bytes:
    outbox = Outbox(folder / "spool", sensor, SEGMENTS)
    with Ledger(outbox, folder / "s.json", sensor=sensor, tlp=Tlp.RED) as ledger:
        ledger.begin("stream:1", START, 1000.0)
        ledger.commit(rows, [])
    waiting = outbox.next()
    assert waiting is not None
    return waiting[1]


def test_a_token_opens_the_door_of_its_sensor_only(nexus: Running, tmp_path: Path) -> None:
    sensors = nexus.services.knowledge.part(Sensors)
    for name in ("edge", "other"):
        sensors.put_sensor(Sensor(name=name, tlp=Tlp.GREEN))
    secret = {"Authorization": f"Bearer {sensors.issue_token('edge')}"}
    door = f"{nexus.nexus.url}/api/v1/hardware/power/segments"
    body = delivered(tmp_path, "edge", night("delivered", seed=4, count=10))
    assert httpx.post(f"{door}/edge", content=body).status_code == 401
    assert httpx.post(f"{door}/other", content=body, headers=secret).status_code == 401
    assert httpx.post(f"{door}/edge", content=b"junk", headers=secret).status_code == 422
    first = httpx.post(f"{door}/edge", content=body, headers=secret)
    again = httpx.post(f"{door}/edge", content=body, headers=secret)
    assert (first.status_code, first.json()["already"], again.json()["already"]) == (
        200, False, True,
    )  # fmt: skip
    assert httpx.get(f"{nexus.nexus.url}/api/v1/hardware/designs",
                     headers=secret).status_code == 401  # fmt: skip
