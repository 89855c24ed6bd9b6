"""Watches, suppressions and lists over HTTP."""

from __future__ import annotations

from kaname.model.marking import Tlp


def test_a_watch_is_added_listed_and_removed(client) -> None:
    analyst = client("analyst")
    made = analyst.post("/api/v1/watches", json={"kind": "domain", "value": "Example[.]jp"})
    assert made.status_code == 201
    found = made.json()
    assert (found["value"], found["purpose"], found["delivers"]) == ("example.jp", "watch", False)
    assert found in client().get("/api/v1/watches").json()["items"]
    assert analyst.delete(f"/api/v1/watches/{found['id']}").status_code == 204
    assert found not in client().get("/api/v1/watches").json()["items"]
    assert analyst.delete(f"/api/v1/watches/{found['id']}").status_code == 404


def test_what_is_ours_is_seen_by_the_cleared_alone(client) -> None:
    own = {"kind": "prefix", "value": "203.0.113.0/24", "own": True}
    assert client("analyst", Tlp.GREEN).post("/api/v1/watches", json=own).status_code == 403
    made = client("analyst").post("/api/v1/watches", json=own).json()
    assert made["tlp"] == "amber+strict"
    items = client("viewer", Tlp.AMBER).get("/api/v1/watches").json()["items"]
    assert made["id"] not in {item["id"] for item in items}


def test_a_webhook_cannot_be_set_from_afar(client) -> None:
    body = {"kind": "ip", "value": "192.0.2.1", "delivery": {"webhook": "http://127.0.0.1/"}}
    assert client("analyst").post("/api/v1/watches", json=body).status_code == 400
    wrong = {"kind": "regex", "value": "("}
    assert client("analyst").post("/api/v1/watches", json=wrong).status_code == 400


def test_a_suppression_speaks_at_once(client) -> None:
    asked = {"values": ["203.0.114[.]9", "10.0.0.1", "nothing at all"]}
    analyst = client("analyst")
    body = {"kind": "ip", "value": "203.0.114.9", "note": "our scanner"}
    made = analyst.post("/api/v1/suppressions", json=body).json()
    answer = client().post("/api/v1/lists/check", json=asked).json()
    names = [[match["category"] for match in one] for one in answer["matches"]]
    assert names == [["suppression"], ["unroutable"], []]
    assert analyst.delete(f"/api/v1/suppressions/{made['id']}").status_code == 204
    again = client().post("/api/v1/lists/check", json=asked).json()
    assert again["matches"][0] == []
    assert again["version"] != answer["version"]
    assert client().get("/api/v1/lists").json()["version"] == again["version"]


def test_hits_are_empty_at_first_and_unknown_ones_are_refused(client) -> None:
    page = client().get("/api/v1/watches/hits").json()
    assert page == {"items": [], "next": None, "total": 0}
    assert client("analyst").post("/api/v1/watches/hits/none/seen").status_code == 404
    assert client().post("/api/v1/watches/hits/none/seen").status_code == 403
