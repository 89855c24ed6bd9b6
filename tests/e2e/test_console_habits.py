"""Habits of the console that hold on every page: language, zone, theme, keys, narrow screens."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect
from tests.e2e.nexus import RunningNexus

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

AXE = Path(__file__).parents[2] / "ui" / "node_modules" / "axe-core" / "axe.min.js"
PAGES = (
    "",
    "findings",
    "finding",
    "indicators",
    "search",
    "artifact/ip/192.0.2.1",
    "layers",
    "cube?mode=replay",
    "atlas?mode=replay",
    "rings",
    "board",
    "tiles",
    "source",
    "designs",
    "devices",
    "cryptography",
    "cryptography/tables",
    "campaigns",
    "matrix",
    "reports",
    "reviews",
    "cases",
    "watches",
    "feeds",
    "lake?table=flowtuples&sql=SELECT+*+FROM+flowtuples+LIMIT+40",
    "pivot",
    "pivot?value=127.0.1.13",
    "tables",
    "tables/dns",
    "stats",
    "stats?bin=1h&of=packets&survey=without",
    "traffic",
    "analyses",
    "analyses/dns.dga",
    "health",
    "ingest",
    "settings",
    "settings/tokens",
    "settings/accounts",
    "settings/audit",
)
_JAPANESE = re.compile("[\u3041-\u30fa\u4e00-\u9fff]")


def _route(page: str, nexus: RunningNexus) -> str:
    if page == "finding":
        first = nexus.get("/findings", sort="-severity", limit="1").json()["items"][0]
        return f"#/findings/{first['id']}"
    return f"#/{page}"


def _settle(page: Any) -> None:
    page.get_by_role("heading", level=1).wait_for()
    expect(page.locator("[aria-busy=true]")).to_have_count(0, timeout=30_000)
    page.evaluate("document.fonts.ready")


def _name(page: str) -> str:
    return re.sub(r"\W+", "-", page.split("?", maxsplit=1)[0]) or "start"


@pytest.mark.parametrize(
    ("language", "theme", "width"),
    [("ja", "light", 1280), ("en", "dark", 1280), ("ja", "dark", 390)],
)
def test_every_page_is_in_reach_fits_and_speaks_one_language(
    open_page: Any, nexus: RunningNexus, screen: Any, language: str, theme: str, width: int
) -> None:
    zone = "JST" if language == "ja" else "UTC"
    # Software graphics tell that the page was photographed.
    page = open_page(
        "#/", language=language, theme=theme, zone=zone, width=width,
        tolerate=("GPU stall due to ReadPixels",),
    )  # fmt: skip
    page.evaluate(_axe())
    faults = {}
    for name in PAGES:
        page.goto(f"{nexus.url}{_route(name, nexus)}")
        _settle(page)
        screen(page, f"{_name(name)}-{language}-{theme}-{width}")
        found = _barriers(page) + _overflow(page, width)
        if language == "en":
            found += _JAPANESE.findall(page.locator("main").inner_text())
        if found:
            faults[name] = found
    assert faults == {}


def _axe() -> str:
    if not AXE.is_file():
        pytest.skip("axe-core is not installed: npm ci in ui/")
    return AXE.read_text(encoding="utf-8")


def _barriers(page: Any) -> list[str]:
    """Serious violations of WCAG that axe finds: rule and element."""
    violations = page.evaluate("axe.run().then((result) => result.violations)")
    return [
        f"{one['id']}: {node['html'][:200]}"
        for one in violations
        if one["impact"] in {"serious", "critical"}
        for node in one["nodes"][:3]
    ]


def _overflow(page: Any, width: int) -> list[str]:
    needed = page.evaluate("document.documentElement.scrollWidth")
    return [f"{needed} px wide"] if needed > width else []


def test_the_language_changes_at_once_and_is_kept(open_page: Any) -> None:
    page = open_page("#/findings")
    page.get_by_role("heading", level=1, name="Findings").wait_for()
    page.get_by_role("button", name="日本語").click()
    page.get_by_role("heading", level=1, name="検知").wait_for()
    assert page.evaluate("document.documentElement.lang") == "ja"
    page.reload()
    page.get_by_role("heading", level=1, name="検知").wait_for()


def test_the_zone_moves_every_time_by_nine_hours(open_page: Any) -> None:
    page = open_page("#/")
    first = page.locator("main time").first
    first.wait_for()
    utc = first.inner_text()
    assert utc.endswith("UTC")
    page.get_by_role("button", name="JST").click()
    jst = first.inner_text()
    assert jst.endswith("JST")
    hour = (int(utc[11:13]) + 9) % 24
    assert int(jst[11:13]) == hour
    assert all(text.endswith("JST") for text in page.locator("td time").all_inner_texts())


def test_the_theme_goes_round(open_page: Any) -> None:
    page = open_page("#/", theme="light")
    ground = "getComputedStyle(document.documentElement).backgroundColor"
    page.get_by_role("heading", level=1).wait_for()
    light = page.evaluate(ground)
    page.get_by_role("button", name=re.compile("^Theme")).click()
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    assert page.evaluate(ground) != light


def test_everything_is_in_reach_of_the_keyboard(open_page: Any) -> None:
    page = open_page("#/")
    page.get_by_role("heading", level=1).wait_for()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to content"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    page.keyboard.type("gf")
    page.get_by_role("heading", level=1, name="Findings").wait_for()
    assert page.evaluate("document.activeElement.tagName") == "H1"
    page.get_by_role("table", name="Findings").locator("tbody tr").first.wait_for()
    page.keyboard.press("j")
    page.keyboard.press("j")
    title = page.evaluate("document.activeElement.textContent")
    page.keyboard.press("Enter")
    page.get_by_role("heading", level=1, name=title).wait_for()
    page.keyboard.press("r")
    page.get_by_text("It holds", exact=True).wait_for()
    page.keyboard.press("u")
    page.get_by_role("heading", level=1, name="Findings").wait_for()
    page.keyboard.press("/")
    page.keyboard.type("192[.]0[.]2[.]1\n")
    page.wait_for_url("**#/artifact/ip/192.0.2.1*")


def test_the_list_of_keys_opens_closes_and_can_silence_them(open_page: Any, screen: Any) -> None:
    page = open_page("#/")
    page.get_by_role("heading", level=1).wait_for()
    page.keyboard.press("?")
    page.get_by_role("dialog", name="Keyboard").wait_for()
    screen(page, "keyboard-en")
    page.get_by_label("Keys of one character are commands").uncheck()
    page.keyboard.press("Escape")
    page.get_by_role("dialog").wait_for(state="detached")
    page.keyboard.press("?")
    assert page.get_by_role("dialog").count() == 0


def test_a_token_is_shown_once_and_can_be_ended(open_page: Any) -> None:
    page = open_page("#/settings/tokens")
    page.get_by_label("Label").fill("for a test")
    page.get_by_role("button", name="Make token").click()
    secret = page.get_by_role("region", name="Token", exact=True).inner_text().strip()
    assert secret.startswith("kn_")
    page.reload()
    row = page.get_by_role("row", name=re.compile("for a test"))
    row.wait_for()
    assert secret not in page.locator("body").inner_text()
    page.on("dialog", lambda dialog: dialog.accept())
    row.get_by_role("button", name="Revoke").click()
    row.get_by_text("revoked").wait_for()


def test_the_stream_of_events_is_shown_as_live(open_page: Any) -> None:
    page = open_page("#/")
    page.get_by_role("status").filter(has_text="Live").wait_for()
