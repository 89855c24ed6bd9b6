"""Organisations and their alerts over HTTP: who may see and set what."""

from __future__ import annotations

import time

import pytest
from tests.contract.api.observations import flowtuple, observe

from kaname.model.instant import now_us
from kaname.model.marking import Tlp

# Ibis calls names that DuckDB has renamed, in a thread that outlives the filters of one test.
pytestmark = pytest.mark.filterwarnings("ignore:.*is deprecated:DeprecationWarning")

BODY = {
    "id": "delta", "name_en": "Delta", "name_ja": "デルタ", "language": "ja",
    "live": ["203.0.114.0/25"], "dark": ["203.0.114.128/25"],
    "mail": ["csirt@delta.example"], "tlp": "green",
}  # fmt: skip
PATH = "/api/v1/telescope/organisations"
ALERTS = "/api/v1/telescope/alerts"


def test_contacts_are_told_to_administrators_only(client) -> None:
    admin = client("admin")
    assert admin.post(PATH, json=BODY | {"webhook": "http://127.0.0.1:9/x"}).status_code == 201
    (mine,) = [one for one in admin.get(PATH).json()["items"] if one["id"] == "delta"]
    assert mine["mail"] == ["csirt@delta.example"]
    assert "secret" not in mine
    (theirs,) = [one for one in client().get(PATH).json()["items"] if one["id"] == "delta"]
    assert (theirs["mail"], theirs["webhook"], theirs["contacts"]) == ([], "", 2)
    assert admin.delete(f"{PATH}/delta").status_code == 204
    assert admin.delete(f"{PATH}/delta").status_code == 404


def test_what_was_answered_can_be_sent_back(client) -> None:
    admin = client("admin")
    rule = {"prefix": "203.0.114.1/32", "port": 53, "kind": "misconfig", "until": 19 * 10**14}
    given = BODY | {"suppressions": [rule], "valid_from": "2026-01-01T00:00:00Z"}
    first = admin.post(PATH, json=given).json()
    again = BODY | {"suppressions": first["suppressions"], "valid_from": "2026-01-01T00:00:00.000Z"}
    assert admin.post(PATH, json=again).json() == first
    admin.delete(f"{PATH}/delta")


def test_what_is_unfit_is_named(client) -> None:
    admin = client("admin")
    for wrong in ({"live": ["203.0.114.1/25"]}, {"mail": ["a@b\r\nBcc: c@d"]}, {"id": "Ä"}):
        answer = admin.post(PATH, json=BODY | wrong)
        assert answer.status_code == 400, wrong
        assert answer.json()["code"] == "telescope.error.organisation"
    assert admin.post(PATH, json=BODY).status_code == 201
    assert admin.post(PATH, json=BODY | {"id": "epsilon"}).status_code == 409
    assert client("admin", Tlp.CLEAR).post(PATH, json=BODY).status_code == 403
    admin.delete(f"{PATH}/delta")


def test_a_packet_becomes_an_alert_that_is_decided(running, client) -> None:
    admin, analyst = client("admin"), client("analyst")
    admin.post(PATH, json=BODY)
    begun = now_us() // 60_000_000 * 60_000_000
    row = flowtuple(begun, src="203.0.114.7", dst="203.0.114.200", port=23, packets=3, place=0)
    observe(running.services.lake, [row], sensor="organisations", tlp=Tlp.GREEN)
    until = time.monotonic() + 20
    while not (items := client().get(ALERTS, params={"organisation": "delta"}).json()["items"]):
        assert time.monotonic() < until, "no alert came"
        time.sleep(0.2)
    (alert,) = items
    assert (alert["host"], alert["kind"], alert["packets"]) == ("203.0.114.7", "internal", 3)
    whole = client().get(f"{ALERTS}/{alert['id']}").json()
    assert whole["reasons"]
    assert all(notice["target"] == "" for notice in whole["notices"])
    assert "デルタ" in whole["text"]["ja"]
    seen = client("viewer", Tlp.CLEAR).get(ALERTS, params={"organisation": "delta"}).json()
    assert seen["total"] == 0
    assert client("viewer", Tlp.CLEAR).get(f"{ALERTS}/{alert['id']}").status_code == 404
    state = f"{ALERTS}/{alert['id']}/state"
    assert client().post(state, json={"state": "acknowledged"}).status_code == 403
    decided = analyst.post(state, json={"state": "false_positive", "note": "ours"}).json()
    assert (decided["state"], decided["note"]) == ("false_positive", "ours")
    assert client().get(ALERTS, params={"organisation": "delta"}).json()["total"] == 0
    assert client().get(ALERTS, params={"state": "unknown"}).status_code == 400
    admin.delete(f"{PATH}/delta")
