"""Verdicts over the API: the same as elsewhere, and bad questions are refused."""

from __future__ import annotations

import json
from importlib import resources
from types import SimpleNamespace

import msgspec
from litestar.di import Provide
from litestar.testing import create_test_client

from kaname.cryptography.inventory.item import make
from kaname.cryptography.routes.policy import ROUTES


def client(tables: str | None = None):
    """The routes with a nexus that is nothing but its settings."""
    given = {} if tables is None else {"cryptography.policy": {"tables": tables}}
    services = SimpleNamespace(settings=SimpleNamespace(analyses=given))
    provide = Provide(lambda: services, sync_to_thread=False)
    return create_test_client(list(ROUTES), dependencies={"services": provide})


def test_items_are_judged_and_the_tables_shown():
    items = [
        make("certificate", "a.pem", "RSA", "2048", "sign", details={"signature_hash": "SHA-256"}),
        make("group", "shop:443", "X25519", None, "key-agreement"),
    ]
    body = {"items": msgspec.to_builtins(items), "year": 2026, "use": "new"}
    with client() as asking:
        told = asking.post("/crypto/judge", json=body)
        assert told.status_code == 200
        answer = told.json()
        assert [one["word"] for one in answer["judged"]["verdicts"]] == [
            "finish-migration", "allowed-until",
        ]  # fmt: skip
        assert {len(one["words"]) for one in answer["timeline"]} == {2070 - 2026 + 1}
        assert answer["plan"][0]["harvest_now"]
        tables = asking.get("/crypto/policy").json()
        assert {"source", "date", "verified"} <= tables["lists"]["cells"][0].keys()


def test_what_is_no_item_is_refused():
    with client() as asking:
        for body in ({}, {"items": [{"id": "x"}]}, {"items": [], "use": "both"}, [1]):
            assert asking.post("/crypto/judge", content=json.dumps(body)).status_code == 400


def test_newer_tables_of_the_settings_count(tmp_path):
    """A file that corrects a cell and is of a later date is what the screens show."""
    own = resources.files("kaname.cryptography.policy") / "data" / "japan-pqc-2025.json"
    table = json.loads(own.read_bytes())
    cell = next(one for one in table["cells"] if one["key"] == "target-year")
    cell |= {"value": 2033, "verified": True}
    table["date"] = "2026-11-01"
    place = tmp_path / "tables.json"
    place.write_text(json.dumps([table]))
    item = make("group", "shop:443", "X25519", None, "key-agreement")
    body = {"items": msgspec.to_builtins([item]), "year": 2026}
    with client(str(place)) as asking:
        shown = asking.get("/crypto/policy").json()["quantum"]["cells"]
        assert {one["value"] for one in shown if one["key"] == "target-year"} == {2033}
        verdict = asking.post("/crypto/judge", json=body).json()["judged"]["verdicts"][0]
        assert verdict["quantum"]["target"] == 2033
