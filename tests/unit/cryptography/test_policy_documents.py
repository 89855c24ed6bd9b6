"""Documents that a person hands in: read in every form, judged, refused with a reason."""

from __future__ import annotations

import json

import msgspec
import pytest
from litestar.testing import create_test_client

from kaname.cryptography.inventory.cbom import cbom
from kaname.cryptography.inventory.item import make
from kaname.cryptography.policy.inventories import items_in
from kaname.cryptography.routes.documents import ROUTES
from kaname.model.errors import InputError

ITEMS = [
    make("certificate", "a.pem", "RSA", "1024", "sign", details={"signature_hash": "SHA-256"}),
    make("group", "shop.example:443", "X25519", None, "key-agreement"),
    make("algorithm", "b.conf", "AES-256-GCM", None, "aead"),
]


def _ask(**body: object) -> tuple[int, dict[str, object]]:
    with create_test_client(list(ROUTES)) as client:
        told = client.post("/crypto/judge/document", content=json.dumps(body))
        return told.status_code, told.json()


@pytest.mark.parametrize("form", ["list", "items", "cbom"])
def test_every_form_of_an_inventory_is_judged(form: str) -> None:
    plain = msgspec.to_builtins(ITEMS)
    documents = {"list": plain, "items": {"items": plain, "counts": {}}, "cbom": cbom(ITEMS)}
    status, told = _ask(document=documents[form], year=2026)
    assert status == 200
    # RSA 1024 is below 112 bits; X25519 agrees keys that are read once it is broken (Mosca).
    first, *rest = told["items"]
    assert (first["algorithm"], first["verdict"]["word"]) == ("RSA", "not-usable")
    assert {one["algorithm"] for one in rest} == {"X25519", "AES-256-GCM"}
    group = next(one for one in rest if one["algorithm"] == "X25519")
    assert (group["host"], group["port"], group["at_risk"]) == ("shop.example", 443, True)
    assert (told["total"], told["vulnerable"], told["years"]) == (3, 2, [2026, 2070])
    assert first["cells"]
    assert told["steps"][0]["why"][0].keys() == {"en", "ja"}


def test_the_horizon_of_secrecy_decides_on_what_is_at_risk() -> None:
    # 2026 + 1 year of secrecy + 3 of migration lie before 2035.
    _, told = _ask(document=msgspec.to_builtins(ITEMS), year=2026, confidential_until=2027)
    assert not any(one["at_risk"] for one in told["items"])


@pytest.mark.parametrize(
    "document", [None, 7, "RSA", [1], {"items": [{"id": "x"}]}, {"bomFormat": "SPDX"}]
)
def test_what_is_no_inventory_is_refused_with_a_reason(document: object) -> None:
    with pytest.raises(InputError, match="neither an inventory nor a CBOM"):
        items_in(document)


def test_a_document_without_cryptography_has_no_items() -> None:
    status, told = _ask(document={"bomFormat": "CycloneDX", "components": []})
    assert (status, told["total"], told["items"], told["steps"]) == (200, 0, [], [])
