"""From observations to what leaves, over the API of a running nexus."""

from __future__ import annotations

import logging
from collections.abc import Callable

import httpx
import pytest
from pymisp import PyMISP
from tests.unit.intelligence.sharing.conftest import strong

from kaname.model.marking import Tlp

Client = Callable[..., httpx.Client]


@pytest.fixture(scope="module")
def absorbed(running) -> None:
    fusion = running.services.part("intelligence")
    fusion.absorb(strong("45.33.32.77"))
    fusion.absorb(strong("45.33.32.78", tlp=Tlp.RED))


@pytest.fixture
def asked(running, absorbed) -> str:
    """The question about the first address, put to analysts."""
    from kaname.intelligence.sharing.workflow import KIND, Workflow
    from kaname.knowledge.review_records import review_id
    from kaname.model.instant import now_us

    Workflow(running.services.knowledge).queue(now_us())
    return review_id(KIND, "ip:45.33.32.77")


def test_an_approved_indicator_leaves_by_every_way(running, client: Client, asked: str) -> None:
    analyst, publisher = client("analyst"), client("publisher")
    page = analyst.get("/api/v1/reviews", params={"state": "review", "kind": "publish"}).json()
    one = next(item for item in page["items"] if item["id"] == asked)
    assert (one["title"], one["tlp"]) == ("45.33.32.77", "green")
    assert "45.33" not in one["reason"]["en"]
    assert one["reason"]["ja"].endswith("公開しますか")
    answer = analyst.post(f"/api/v1/reviews/{asked}", json={"decision": "approve", "note": "ok"})
    assert answer.json()["state"] == "approved"
    again = analyst.post(f"/api/v1/reviews/{asked}", json={"decision": "approve"})
    assert again.status_code == 409
    assert publisher.post("/api/v1/share/publish").json()["first"] == 1
    shared = client("viewer", Tlp.GREEN).get("/api/v1/share/indicators").json()
    assert [item["value"] for item in shared["items"]] == ["45.33.32.77"]
    rules = publisher.get("/api/v1/share/export/suricata")
    assert b"45.33.32.77" in rules.content
    feed = client("viewer", Tlp.GREEN)
    manifest = feed.get("/misp-feed/manifest.json").json()
    assert len(manifest) == 1
    event = feed.get(f"/misp-feed/{next(iter(manifest))}.json").json()["Event"]
    assert [item["value"] for item in event["Attribute"]] == ["45.33.32.77"]
    assert feed.get("/misp-feed/hashes.csv").text.count("\n") == 1
    assert feed.get("/misp-feed/..%2f..%2fknowledge.sqlite").status_code == 404


def test_questions_above_the_clearance_are_not_there(client: Client, asked: str) -> None:
    green = client("analyst", Tlp.GREEN)
    page = green.get("/api/v1/reviews", params={"state": ""})
    assert b"45.33.32.78" not in page.content
    assert page.json()["total"] == len(page.json()["items"])
    assert green.get("/api/v1/reviews/review-x").status_code == 404
    assert green.get("/api/v1/reviews", params={"state": "x"}).status_code == 400
    publish = green.post(f"/api/v1/reviews/{asked}", json={"decision": "publish"})
    assert publish.status_code == 400


def test_the_policy_is_the_admins(client: Client) -> None:
    assert client("viewer").get("/api/v1/share/policy").status_code == 403
    assert client("analyst").post("/api/v1/share/policy", json={}).status_code == 403
    wrong = client("admin").post("/api/v1/share/policy", json={"rules": [{"name": "x"}, 1]})
    assert wrong.status_code == 400
    assert client("admin").post("/api/v1/share/policy", json={"review_from": 55}).status_code == 200
    assert client("analyst").get("/api/v1/share/policy").json()["review_from"] == 55


def test_pymisp_meets_the_whole_application(running, absorbed) -> None:
    logging.getLogger("pymisp").setLevel(logging.CRITICAL)
    misp = PyMISP(running.nexus.url, running.token("analyst"))
    added = misp.add_event({"info": "x", "Attribute": [{"type": "ip-dst", "value": "45.33.32.79"}]})
    assert misp.get_event(added["Event"]["uuid"])["Event"]["info"] == "x"
    assert misp.search(value="45.33.32.79", pythonify=True)[0].info == "x"
    misp.add_sighting({"value": "45.33.32.79"})
    store = running.services.part("intelligence").store
    kinds = {item.kind for item in store.items("ip", "45.33.32.79")}
    assert kinds == {"report", "sighting"}
    refused = httpx.get(f"{running.nexus.url}/misp-feed/manifest.json")
    assert refused.status_code == 401
