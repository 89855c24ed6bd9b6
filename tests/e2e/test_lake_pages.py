"""Looking through the lake in the browser: tables, one artifact, an analysis, health."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from playwright.sync_api import expect
from tests.e2e.nexus import NAMES, RunningNexus

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


def _infected() -> str:
    """A client that ../shared/data/lake/dns/labels.json says runs a generator of names."""
    labels = json.loads((NAMES.parent / "labels.json").read_text(encoding="utf-8"))
    return next(str(client) for client, label in labels.items() if label.startswith("dga:"))


def test_a_table_is_narrowed_by_the_brush_and_by_filters(
    open_page: Any, nexus: RunningNexus, screen: Any
) -> None:
    page = open_page("#/tables")
    page.get_by_role("link", name="DNS queries and responses").click()
    page.get_by_role("heading", level=1, name="DNS queries and responses").wait_for()
    total = nexus.get("/lake/tables/dns").json()["rows"]
    page.get_by_text(re.compile(f"of {total:,}$")).wait_for()
    plot = page.get_by_role("slider")
    box = plot.bounding_box()
    page.mouse.move(box["x"] + box["width"] * 0.4, box["y"] + 60)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.6, box["y"] + 60, steps=4)
    page.mouse.up()
    page.wait_for_url(re.compile(r"since=\d+&until=\d+"))
    page.get_by_label("Address or network").fill(_infected())
    page.get_by_label("Address or network").press("Enter")
    page.wait_for_url("**address=*")
    part = page.url.split("?")[1]
    query = dict(pair.split("=") for pair in part.split("&"))
    histogram = nexus.get(
        "/lake/tables/dns/histogram",
        ip=query["address"], since=query["since"], until=query["until"],
    ).json()  # fmt: skip
    found = sum(one["rows"] for one in histogram["bins"])
    assert 0 < found < total
    page.get_by_text(re.compile(f"of {found:,}$")).wait_for()
    screen(page, "table-narrowed-en")


def test_the_brush_is_in_reach_of_the_keyboard(open_page: Any) -> None:
    page = open_page("#/tables/dns")
    plot = page.get_by_role("slider")
    plot.focus()
    page.keyboard.press("Home")
    for _ in range(5):
        page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"since=\d+&until=\d+"))
    page.get_by_role("button", name="Whole period").click()
    page.wait_for_url(re.compile(r"#/tables/dns$"))


def test_one_artifact_leads_through_all_tables_to_its_findings(
    open_page: Any, nexus: RunningNexus, screen: Any
) -> None:
    client = _infected()
    page = open_page("#/pivot")
    box = page.get_by_label("What to look for")
    box.fill(client.replace(".", "[.]"))
    box.press("Enter")
    page.get_by_role("heading", level=1, name=client).wait_for()
    held = nexus.get("/lake/pivot", value=client).json()["tables"]
    rows = sum(one["rows"] for one in held)
    assert rows > 0
    page.get_by_text(f"of {rows:,}").wait_for()
    finding = nexus.get("/findings", artifact=client).json()["items"][0]
    page.get_by_role("link", name=finding["title"]["en"]).wait_for()
    screen(page, "pivot-en")
    page.get_by_role("button", name=re.compile("Details$")).first.click()
    drawer = page.get_by_role("dialog")
    drawer.get_by_role("link", name=client).first.wait_for()
    page.keyboard.press("Escape")
    drawer.wait_for(state="detached")


def test_pasted_lines_give_hits_for_each(open_page: Any) -> None:
    client = _infected()
    page = open_page("#/pivot")
    page.get_by_label("What to look for").fill(f"{client}\n203[.]0[.]113[.]254")
    page.get_by_role("button", name="Look up").click()
    table = page.get_by_role("table", name="Hits of 2 values")
    known = table.get_by_role("row", name=re.compile(re.escape(client)))
    expect(known.locator("strong")).to_have_count(1)
    expect(table.get_by_role("row", name=re.compile("203.0.113.254"))).to_contain_text("0")


def test_an_analysis_shows_its_findings_with_evidence_and_runs(
    open_page: Any, nexus: RunningNexus, screen: Any
) -> None:
    page = open_page("#/analyses")
    page.get_by_role("row", name=re.compile("dns.dga")).get_by_role("link").first.click()
    page.get_by_role("heading", name="What it asks").wait_for()
    finding = nexus.get("/findings", analysis="dns.dga", sort="-severity").json()["items"][0]
    page.get_by_role("heading", name=finding["title"]["en"]).wait_for()
    page.get_by_role("heading", name="Evidence").wait_for()
    page.get_by_text("which do not exist (NXDOMAIN)").wait_for()
    screen(page, "analysis-en")
    page.get_by_role("button", name="Run on all data").click()
    page.get_by_text("Started: dns.dga").wait_for()


def test_health_says_what_came_from_where_and_how_long_there_is_room(open_page: Any) -> None:
    page = open_page("#/health")
    page.get_by_role("table", name="Deliveries").get_by_role(
        "row", name=re.compile("resolver")
    ).wait_for()
    page.get_by_role("heading", name="Retention forecast").wait_for()
    page.get_by_text(re.compile("come in a day")).wait_for()
