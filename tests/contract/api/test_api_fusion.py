"""Feeds, cases, campaigns, entities and observations over HTTP."""

from __future__ import annotations

import gzip
import json
import lzma
from pathlib import Path

import pyarrow as pa
import pytest

from kaname.intelligence.fusion.attack_catalogue import keep, load
from kaname.intelligence.fusion.book import Book
from kaname.intelligence.fusion.campaigns import propose
from kaname.intelligence.fusion.links import gather
from kaname.intelligence.fusion.scenario import scenario
from kaname.knowledge.entities import Entities
from kaname.knowledge.report_records import Reading, Report, TechniqueClaim
from kaname.knowledge.reports import Reports
from kaname.model.marking import Tlp

ATTACK = Path("../shared/data/fusion/attack/enterprise-attack-18.1.trimmed.stix21.json.xz")
LINE = (
    '{"ts":"2025-06-02T00:00:18Z","source":"%s","kind":"scan","tlp":"green",'
    '"artifacts":[{"type":"ipv4-addr","value":"198.18.11.%d","role":"src"}]}'
)


def lines(source: str, count: int) -> bytes:
    return "\n".join(LINE % (source, n) for n in range(count)).encode()


@pytest.mark.parametrize("packing", ["", "gzip", "zstd"])
def test_observations_are_taken_once_and_damage_is_told(running, client, packing):
    body = lines(f"sensor-{packing}", 3) + b"\n{broken\n" + lines(f"late-{packing}", 1)
    packed = {
        "": body,
        "gzip": gzip.compress(body),
        "zstd": pa.compress(body, "zstd", asbytes=True),
    }
    headers = {"Content-Encoding": packing} if packing else {}
    answer = client("analyst").post(
        "/api/v1/observations", content=packed[packing], headers=headers
    )
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert (told["new"], told["duplicates"], told["rejected_total"]) == (4, 0, 1)
    assert told["rejected"][0]["line"] == 4
    again = client("analyst").post("/api/v1/observations", content=body).json()
    assert (again["new"], again["duplicates"]) == (0, 4)


def test_a_body_that_cannot_be_unpacked_is_refused(client):
    post = client("analyst").post
    for packing, body in (("gzip", b"xx"), ("gzip", gzip.compress(b"a" * 99)[:-5]), ("br", b"x")):
        answer = post("/api/v1/observations", content=body, headers={"Content-Encoding": packing})
        assert answer.status_code == 422, packing
        assert answer.headers["content-type"] == "application/problem+json"


def test_a_case_from_opening_to_closing(client):
    analyst = client("analyst")
    made = analyst.post("/api/v1/cases", json={"title": "不審な通信", "tlp": "green"}).json()
    path = f"/api/v1/cases/{made['id']}"
    item = {"kind": "domain", "value": "BAD[.]example", "note": "C2"}
    assert analyst.post(f"{path}/items", json=item).json()["items"][0]["value"] == "bad.example"
    assert analyst.post(f"{path}/items", json={"kind": "ip", "value": "x"}).status_code == 400
    analyst.post(f"{path}/notes", json={"text": "端末を隔離した"})
    analyst.post(f"{path}/state", json={"state": "closed"})
    shown = client("viewer").get(path).json()
    assert shown["state"] == "closed"
    assert [step["what"] for step in shown["history"]] == ["open", "item", "note", "state"]
    assert made["id"] in {one["id"] for one in analyst.get("/api/v1/cases").json()["items"]}
    assert client("viewer", Tlp.CLEAR).get(path).status_code == 404


def test_a_case_is_as_closed_as_what_is_put_into_it(client):
    analyst = client("analyst")
    line = LINE.replace("green", "amber") % ("secret", 200)
    assert analyst.post("/api/v1/observations", content=line).json()["new"] == 1
    made = analyst.post("/api/v1/cases", json={"title": "a", "tlp": "clear"}).json()
    path = f"/api/v1/cases/{made['id']}"
    assert client("viewer", Tlp.CLEAR).get(path).status_code == 200
    item = {"kind": "ip", "value": "198.18.11.200"}
    assert analyst.post(f"{path}/items", json=item).json()["tlp"] == "amber"
    assert client("viewer", Tlp.CLEAR).get(path).status_code == 404


def test_campaigns_are_shown_as_far_as_they_may_be_seen(running, client):
    week = scenario(11, background=600)
    made = Book(running.services.knowledge).renew(propose(gather(week.observations)))
    listed = client("viewer").get("/api/v1/campaigns").json()
    assert {one.id for one in made} <= {one["id"] for one in listed["items"]}
    path = f"/api/v1/campaigns/{made[0].id}"
    whole = client("viewer").get(path).json()
    less = client("viewer", Tlp.GREEN).get(path).json()
    assert len(less["members"]) < len(whole["members"])
    assert whole["reason"]["ja"]
    assert "amber" not in json.dumps(less)
    analyst = client("analyst")
    merge = whole["merges"][0]
    undo = {"decision": "undo", "assertion": merge["assertion"], "note": "no"}
    assert analyst.post(f"{path}/decision", json=undo).json()["state"] == "split"
    assert analyst.post(f"{path}/decision", json=undo).status_code == 409
    other = f"/api/v1/campaigns/{made[1].id}/decision"
    assert analyst.post(other, json={"decision": "confirm"}).json()["state"] == "confirmed"
    assert analyst.post(other, json={"decision": "maybe"}).status_code == 400


def test_a_feed_is_added_by_an_administrator_and_shows_how_it_does(client):
    admin = client("admin")
    feed = {"id": "list", "kind": "text", "url": "http://127.0.0.1:9/list", "every_s": 3600}
    added = admin.post("/api/v1/feeds", json=feed)
    assert added.status_code == 201, added.text
    assert (added.json()["state"], added.json()["every"]) == ("idle", 3_600_000_000)
    assert admin.post("/api/v1/feeds", json=feed).status_code == 409
    local = {"id": "passwd", "kind": "text", "path": "/etc/passwd"}
    assert admin.post("/api/v1/feeds", json=local).status_code == 400
    secret = feed | {"id": "s", "options": {"secret": "x"}}
    assert admin.post("/api/v1/feeds", json=secret).status_code == 400
    polled = client("analyst").post("/api/v1/feeds/list/poll").json()
    assert "public Internet" in polled["feed"]["last"]["error"]  # loopback, and not allowed
    kinds = client("viewer").get("/api/v1/feeds").json()["kinds"]
    assert {"csv", "misp", "ndjson", "stix", "taxii", "text"} <= kinds.keys()
    assert admin.delete("/api/v1/feeds/list").status_code == 204
    assert admin.delete("/api/v1/feeds/list").status_code == 404


def keep_report(running, technique: str, tlp: Tlp) -> None:
    claim = TechniqueClaim(id=technique, score=1, sentence=0, reasons=(), start=5, end=15)
    report = Report(
        id="report-1",
        title="r",
        name="r.txt",
        language="en",
        received=1,
        tlp=tlp,
        source="x",
        text="with powershell.",
        reading=Reading(techniques=(claim,)),
    )
    running.services.knowledge.part(Reports).keep(report)


def test_entities_are_found_by_the_names_that_others_give_them(running, client):
    entities = running.services.knowledge.part(Entities)
    keep(load(lzma.decompress(ATTACK.read_bytes())), entities)
    viewer = client("viewer")
    found = viewer.get("/api/v1/entities", params={"q": "cozy be"}).json()["items"]
    assert "G0016" in {one["id"] for one in found}
    assert viewer.get("/api/v1/entities/G0016").json()["name"] == "APT29"
    matrix = viewer.get("/api/v1/attack/matrix").json()
    assert [one["id"] for one in matrix["tactics"]][:2] == ["TA0043", "TA0042"]
    before = sum(len(tactic["techniques"]) for tactic in matrix["tactics"])
    assert before > 216  # some stand in two columns
    keep_report(running, "T1059.001", Tlp.AMBER)
    technique = viewer.get("/api/v1/attack/techniques/T1059.001").json()
    assert technique["reports"] == [{"id": "report-1", "title": "r", "sentence": "powershell"}]
    less = client("viewer", Tlp.GREEN).get("/api/v1/attack/techniques/T1059.001").json()
    assert less["reports"] == []
    again = viewer.get("/api/v1/attack/matrix").json()
    assert again["total"] == matrix["total"] + 1
    assert technique["name"] == "PowerShell"
    assert "G0016" in {one["id"] for one in technique["users"]}
    assert viewer.get("/api/v1/attack/techniques/G0016").status_code == 404
