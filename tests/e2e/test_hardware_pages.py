"""Designs and devices in the browser: from a verdict to a gate, from a fleet to one burst."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect
from tests.e2e.nexus import RunningNexus, kaname, up
from tests.e2e.test_console_habits import _axe, _barriers, _overflow, _settle

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

DATA = Path(__file__).parents[3] / "shared" / "data" / "hardware-crypto"
# ../shared/data/hardware-crypto/netlists/INDEX.csv: with a Trojan, and its host without one.
NETLISTS = [
    DATA / "netlists" / f"{name}.v.gz" for name in ("TRIT-TC_c2670_T008", "clean_TRIT_c2670")
]
TRACE = DATA / "power" / "trace_c_noisy.npz"


@pytest.fixture(scope="module")
def hardware(console: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningNexus]:
    """A nexus of its own with two designs and a device."""
    folder = tmp_path_factory.mktemp("hardware")
    kaname(folder / "data", "ingest", *map(str, NETLISTS))
    options = ("--option", "device=meter-7", "--option", "group=gateway")
    kaname(folder / "data", "ingest", str(TRACE), *options)
    with up(folder) as running:
        yield running


@pytest.fixture(scope="module")
def state(browser: Any, hardware: RunningNexus) -> Any:
    context = browser.new_context(locale="en-GB")
    page = context.new_page()
    page.goto(f"{hardware.url}#/login?token={hardware.token}")
    page.get_by_role("navigation").first.wait_for()
    kept = context.storage_state()
    context.close()
    return kept


@pytest.fixture
def visit(open_page: Any, hardware: RunningNexus, state: Any) -> Any:
    """Open a page of the nexus that has hardware."""

    def go(route: str, **more: Any) -> Any:
        page = open_page(route, state=state, at=hardware, **more)
        _settle(page)
        return page

    return go


def worst(hardware: RunningNexus) -> dict[str, Any]:
    """The design that is most likely to hold a Trojan."""
    found: dict[str, Any] = hardware.get("/hardware/designs", sort="-probability").json()["items"][
        0
    ]
    return found


def test_empty_pages_say_how_to_begin(open_page: Any) -> None:
    page = open_page("#/designs")
    page.get_by_text("kaname ingest design.v.gz").wait_for()
    page.keyboard.type("g4")
    page.get_by_text("kaname hardware power watch").wait_for()


def test_a_verdict_leads_to_its_nets(visit: Any, hardware: RunningNexus, screen: Any) -> None:
    first = worst(hardware)
    page = visit("#/designs?sort=-probability")
    rows = page.get_by_role("table").locator("tbody tr")
    expect(rows).to_have_count(2)
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.get_by_role("heading", level=1, name=first["name"], exact=True).wait_for()
    page.wait_for_url(f"**#/designs/{first['digest']}")
    expect(page.get_by_role("note").or_(page.get_by_role("alert")).first).to_contain_text(
        first["name"]
    )
    # Every cell of the design is on the overview, and in the bars.
    page.get_by_role("group", name=re.compile(f"^Overview of {first['cells']:,} cells")).wait_for()
    slider = page.get_by_role("slider", name="Threshold")
    slider.focus()
    page.keyboard.press("End")
    page.wait_for_url("**min=1**")
    page.get_by_text("No net lies that high").wait_for()
    page.keyboard.press("Home")
    nets = page.get_by_role("table", name="Ranked nets").locator("tbody tr")
    expect(nets.first).to_be_visible()
    screen(page, "design-en")


def test_a_net_is_drawn_with_what_is_around_it(
    visit: Any, hardware: RunningNexus, screen: Any
) -> None:
    digest = worst(hardware)["digest"]
    ranked = hardware.get(f"/hardware/designs/{digest}/nets", limit="5").json()["items"]
    whole = hardware.get(f"/hardware/designs/{digest}/nets/{ranked[0]['place']}").json()
    page = visit(f"#/designs/{digest}/{ranked[0]['place']}")
    drawing = page.get_by_role("application")
    expect(drawing).to_have_attribute("data-gates", str(len(whole["circuit"]["nodes"])))
    focus = drawing.locator("[aria-current]")
    expect(focus).to_have_count(1)
    expect(focus.locator("title")).to_have_text(re.compile(re.escape(ranked[0]["net"])))
    scale = float(drawing.get_attribute("data-scale"))
    drawing.focus()
    page.keyboard.press("+")
    expect(drawing).not_to_have_attribute("data-scale", f"{scale:.2f}")
    page.get_by_text("As a list").click()
    listed = page.locator("details li")
    expect(listed).to_have_count(len(whole["circuit"]["nodes"]))
    # A neighbour that has a page is a step away, by key.
    gate = drawing.locator("a:not([aria-current])").first
    if gate.count():
        name = gate.locator("title").text_content().split(",")[0]
        gate.focus()
        page.keyboard.press("Enter")
        page.get_by_role("heading", level=1, name=name, exact=True).wait_for()
    screen(page, "net-en")
    page.keyboard.press("u")
    page.wait_for_url(f"**#/designs/{digest}")


def test_a_device_shows_when_it_did_something_new(
    visit: Any, hardware: RunningNexus, screen: Any
) -> None:
    told = hardware.get("/hardware/power/devices/meter-7").json()
    page = visit("#/devices")
    page.get_by_role("link", name="meter-7").click()
    page.get_by_role("heading", level=1, name="meter-7").wait_for()
    lanes = page.get_by_role("group", name=re.compile("^Bursts by application"))
    expect(lanes.get_by_role("button")).to_have_count(len(told["anomalies"]))
    lanes.get_by_role("button").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**at=**")
    expect(lanes.get_by_role("button", pressed=True)).to_have_count(1)
    page.get_by_role("button", name="Anomalies", exact=True).click()
    rows = page.get_by_role("table").locator("tbody tr")
    expect(rows).to_have_count(len(told["anomalies"]))
    screen(page, "device-en")
    power = page.get_by_role("slider", name="Power")
    power.focus()
    for key in ("Home", "Shift+PageDown", "Enter"):
        page.keyboard.press(key)
    page.wait_for_url("**since=**")
    expect(lanes.get_by_role("button")).not_to_have_count(len(told["anomalies"]))


@pytest.mark.parametrize(
    ("language", "theme", "width"), [("ja", "light", 1280), ("en", "dark", 390)]
)
def test_the_pages_fit_and_have_no_barriers(
    visit: Any, hardware: RunningNexus, screen: Any, language: str, theme: str, width: int
) -> None:
    digest = worst(hardware)["digest"]
    place = hardware.get(f"/hardware/designs/{digest}/nets", limit="1").json()["items"][0]["place"]
    page = visit("#/designs", language=language, theme=theme, width=width)
    page.evaluate(_axe())
    faults = {}
    for name in (
        "designs",
        f"designs/{digest}",
        f"designs/{digest}/{place}",
        "devices",
        "devices/meter-7",
    ):
        page.goto(f"{hardware.url}#/{name}")
        _settle(page)
        parts = name.split("/")
        screen(page, f"hardware-{parts[0]}-{len(parts)}-{language}-{theme}-{width}")
        found = _barriers(page) + _overflow(page, width)
        if found:
            faults[name] = found
    assert faults == {}
