"""Verdicts over the API: the same as elsewhere, and bad questions are refused."""

from __future__ import annotations

import json

import msgspec
from litestar.testing import create_test_client

from kaname.cryptography.inventory.item import make
from kaname.cryptography.routes.policy import ROUTES


def test_items_are_judged_and_the_tables_shown():
    items = [
        make("certificate", "a.pem", "RSA", "2048", "sign", details={"signature_hash": "SHA-256"}),
        make("group", "shop:443", "X25519", None, "key-agreement"),
    ]
    body = {"items": msgspec.to_builtins(items), "year": 2026, "use": "new"}
    with create_test_client(list(ROUTES)) as client:
        told = client.post("/crypto/judge", json=body)
        assert told.status_code == 200
        answer = told.json()
        assert [one["word"] for one in answer["judged"]["verdicts"]] == [
            "finish-migration", "allowed-until",
        ]  # fmt: skip
        assert {len(one["words"]) for one in answer["timeline"]} == {2070 - 2026 + 1}
        assert answer["plan"][0]["harvest_now"]
        tables = client.get("/crypto/policy").json()
        assert {"source", "date", "verified"} <= tables["lists"]["cells"][0].keys()


def test_what_is_no_item_is_refused():
    with create_test_client(list(ROUTES)) as client:
        for body in ({}, {"items": [{"id": "x"}]}, {"items": [], "use": "both"}, [1]):
            assert client.post("/crypto/judge", content=json.dumps(body)).status_code == 400
