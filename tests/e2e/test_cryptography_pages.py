"""Cryptography in the browser: from an inventory to a verdict and the cells it rests on."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from playwright.sync_api import expect
from tests.e2e.nexus import RunningNexus, kaname, up
from tests.e2e.test_console_habits import _axe, _barriers, _overflow, _settle

from kaname.cryptography.inventory.cbom import cbom
from kaname.cryptography.inventory.item import Item, make

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

SIGNED = {"signature_algorithm": "RSA", "signature_hash": "SHA-256"}
ITEMS = [
    make("certificate", "/srv/shop/old.pem", "RSA", "1024", "sign", details=SIGNED, line=1),
    make("certificate", "/srv/shop/new.pem", "RSA", "3072", "sign", details=SIGNED, line=1),
    make("group", "shop.example:443", "X25519", None, "key-agreement"),
    make("protocol", "shop.example:443", "TLS", "1.0", "tls", details={"version": "TLS 1.0"}),
    make("algorithm", "/srv/shop/app.conf", "AES-256-GCM", None, "aead", line=7),
]


def _document(folder: Path, name: str, items: list[Item]) -> Path:
    path = folder / name
    path.write_text(json.dumps(cbom(items)), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def crypto(console: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningNexus]:
    """A nexus of its own with one inventory."""
    folder = tmp_path_factory.mktemp("crypto")
    document = _document(folder, "shop.cdx.json", ITEMS)
    kaname(folder / "data", "ingest", str(document), "--option", "subject=shop")
    with up(folder) as running:
        yield running


@pytest.fixture(scope="module")
def state(browser: Any, crypto: RunningNexus) -> Any:
    context = browser.new_context(locale="en-GB")
    page = context.new_page()
    page.goto(f"{crypto.url}#/login?token={crypto.token}")
    page.get_by_role("navigation").first.wait_for()
    kept = context.storage_state()
    context.close()
    return kept


@pytest.fixture
def visit(open_page: Any, crypto: RunningNexus, state: Any) -> Any:
    """Open a page of the nexus that has an inventory."""

    def go(route: str, **more: Any) -> Any:
        page = open_page(route, state=state, at=crypto, **more)
        _settle(page)
        return page

    return go


def _worst(crypto: RunningNexus) -> dict[str, Any]:
    """The item with the worst verdict."""
    digest = crypto.get("/crypto/inventories").json()["items"][0]["id"]
    found: dict[str, Any] = crypto.get(f"/crypto/inventories/{digest}").json()["items"][0]
    return found


def test_a_verdict_leads_to_the_cells_it_rests_on(visit: Any, crypto: RunningNexus) -> None:
    page = visit("#/")
    page.keyboard.type("g5")
    page.get_by_role("heading", level=1, name="Cryptography").wait_for()
    # RSA 1024 has 80 bits; the lowest class of LS-0003 is 112.
    expect(page.get_by_role("alert")).to_contain_text(f"1 of {len(ITEMS)} items: not usable")
    line = page.get_by_role("img", name=re.compile("^RSA 1024"))
    expect(line).to_have_accessible_name(re.compile("2026–2070 not usable.*quantum risk.*2035"))
    year = page.get_by_role("slider", name="Year")
    year.focus()
    page.keyboard.press("End")
    page.wait_for_url("**year=2070**")
    page.keyboard.press("Home")
    page.wait_for_url("**year=2026**")
    _settle(page)
    page.get_by_role("link", name=re.compile("^not usable 1$")).click()
    rows = page.get_by_role("table", name="Items").locator("tbody tr")
    expect(rows).to_have_count(1)
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    first = _worst(crypto)
    page.wait_for_url(f"**#/cryptography/items/{first['id']}**")
    name = " ".join(filter(None, (first["algorithm"], first["parameter"])))
    page.get_by_role("heading", level=1, name=name).wait_for()
    cells = page.get_by_role("table", name="Cells that the verdict rests on").locator("tbody tr")
    expect(cells).to_have_count(len(first["cells"]))
    unverified = sum(not cell["verified"] for cell in first["cells"])
    expect(cells.filter(has_text="unverified")).to_have_count(unverified)
    page.keyboard.press("u")
    expect(rows).to_have_count(len(ITEMS))


def test_a_document_is_judged_and_not_kept(open_page: Any, nexus: RunningNexus) -> None:
    page = open_page("#/cryptography")
    page.get_by_text("kaname crypto inventory").wait_for()
    page.get_by_role("link", name="Judge one without storing it").click()
    paste = page.get_by_label("or paste its text")
    paste.fill("-----BEGIN CERTIFICATE-----")
    page.get_by_role("button", name="Judge", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("Expected JSON")
    paste.fill(json.dumps({"items": msgspec.to_builtins(ITEMS)}))
    page.get_by_role("button", name="Judge", exact=True).click()
    rows = page.get_by_role("table", name="Items").locator("tbody tr")
    expect(rows).to_have_count(len(ITEMS))
    assert nexus.get("/crypto/inventories").json()["total"] == 0


@pytest.mark.parametrize(
    ("language", "theme", "width", "parts"),
    [("ja", "light", 1280, ("", "items", "plan")), ("en", "dark", 390, ("", "item", "judge"))],
)
def test_the_pages_fit_and_have_no_barriers(
    visit: Any, crypto: RunningNexus, screen: Any, language: str, theme: str, width: int,
    parts: tuple[str, ...],
) -> None:  # fmt: skip
    page = visit("#/cryptography", language=language, theme=theme, width=width)
    page.evaluate(_axe())
    faults = {}
    for part in parts:
        way = f"items/{_worst(crypto)['id']}" if part == "item" else part
        page.goto(f"{crypto.url}#/cryptography/{way}".rstrip("/"))
        _settle(page)
        screen(page, f"cryptography-{part or 'overview'}-{language}-{theme}-{width}")
        found = _barriers(page) + _overflow(page, width)
        if found:
            faults[part] = found
    assert faults == {}
