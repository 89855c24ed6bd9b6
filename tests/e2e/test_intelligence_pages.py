"""From a pasted string to the reasons behind a score, and what an analyst decides, by key."""

from __future__ import annotations

import json
import re
import struct
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import expect
from tests.e2e.nexus import RunningNexus

from kaname.knowledge import Knowledge
from kaname.knowledge.review_records import Review, review_id
from kaname.knowledge.reviews import Reviews
from kaname.model.marking import Tlp

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

# Software graphics tell that the page was photographed; that is no fault of the page.
GRAPHICS = ("GPU stall due to ReadPixels", "WebGL")


@pytest.fixture
def indicator(nexus: RunningNexus) -> dict[str, Any]:
    """An indicator about an address, made of the analyses' findings."""
    found = nexus.get("/indicators", kind="ip", limit="1").json()["items"]
    return dict(found[0])


def test_a_defanged_value_leads_to_its_reasons_and_their_evidence(
    open_page: Any, nexus: RunningNexus, indicator: dict[str, Any], screen: Any
) -> None:
    value = indicator["artifact"]["value"]
    page = open_page("#/")
    page.get_by_role("heading", level=1).wait_for()
    page.keyboard.press("/")
    page.keyboard.type(value.replace(".", "[.]") + "\n")
    page.get_by_role("heading", level=1, name=value).wait_for()
    page.get_by_text(f"read from {value.replace('.', '[.]')}").wait_for()
    why = page.get_by_role("table", name="Why this score")
    sums = why.get_by_role("row", name=re.compile("^Sum"))
    total = indicator["bias"] + sum(term["now"] for term in indicator["terms"])
    # decay between two questions changes the second digit at most by one
    shown = float(sums.locator("td").nth(1).inner_text().replace("−", "-").replace("+", ""))
    assert shown == pytest.approx(total, abs=0.02)
    page.get_by_role("heading", name="What if").wait_for()
    page.get_by_role("heading", name="Why not higher").wait_for()
    screen(page, "artifact-explained-en")
    why.get_by_role("link", name=re.compile("observation")).first.click()
    page.wait_for_url("**evidence=*")
    observations = page.get_by_role("region", name=re.compile("^Observations"))
    observations.get_by_role("listitem").first.wait_for()
    assert nexus.get("/artifact/observations", kind="ip", value=value).json()["total"] > 0


def test_a_verdict_is_kept_with_its_reason(open_page: Any, indicator: dict[str, Any]) -> None:
    page = open_page(f"#/indicators?id={indicator['id']}")
    page.get_by_role("textbox", name="Reason").fill("seen by hand")
    page.get_by_role("button", name="Unsure").click()
    page.get_by_text("The verdict is evidence now").wait_for()
    page.get_by_role("listitem").filter(has_text="seen by hand").first.wait_for()


def test_ten_thousand_pasted_values_are_answered_filtered_and_saved(
    open_page: Any, indicator: dict[str, Any]
) -> None:
    known = indicator["artifact"]["value"]
    pasted = "\n".join([*(f"10.{i >> 8}.{i & 255}.9" for i in range(9_999)), known])
    page = open_page("#/search")
    page.evaluate("(text) => navigator.clipboard.writeText(text)", pasted)
    page.get_by_label("Anything to look for").press("Control+v")
    page.get_by_role("button", name="Look up").click()
    page.get_by_role("heading", name=re.compile("^10,000 values")).wait_for()
    page.get_by_role("button", name=re.compile("^Known")).click()
    table = page.get_by_role("region", name="Looked-up values")
    table.get_by_role("link", name=known, exact=True).wait_for()
    # Only rows in view are in the document.
    page.get_by_role("button", name=re.compile("^All")).click()
    assert table.locator("tbody tr").count() < 200
    with page.expect_download() as coming:
        page.get_by_role("button", name="CSV").click()
    lines = coming.value.path().read_text(encoding="utf-8").splitlines()
    assert len(lines) == 10_001
    assert any(known in line for line in lines)


def _header(nexus: RunningNexus) -> dict[str, Any]:
    """What GET /layers says of itself."""
    headers = {"Authorization": f"Bearer {nexus.token}"}
    body = httpx.get(f"{nexus.url}api/v1/layers", headers=headers, timeout=30).content
    (length,) = struct.unpack_from("<I", body, 4)
    assert body[:4] == b"KNL1"
    return dict(json.loads(body[8 : 8 + length]))


def test_two_layers_hide_nothing_and_are_worked_by_key(
    open_page: Any, nexus: RunningNexus, screen: Any
) -> None:
    page = open_page("#/layers", tolerate=GRAPHICS)
    header = _header(nexus)
    withheld = header["total_nodes"] - header["nodes"]
    counts = page.locator("#layers-counts")
    expect(counts).to_contain_text(f"{header['nodes']:,} of {header['total_nodes']:,} nodes")
    expect(counts).to_contain_text(f"{withheld:,} nodes withheld")
    expect(counts).to_contain_text(f"{len(header['gated']):,} hubs not followed")
    page.get_by_role("region", name="Table of the same nodes").get_by_role("link").first.wait_for()
    screen(page, "layers-en")
    with page.expect_download() as coming:
        page.get_by_role("button", name="SVG").click()
    drawn = Path(coming.value.path()).read_text(encoding="utf-8")
    assert drawn.count("<circle") == header["nodes"]
    page.get_by_role("application").focus()
    page.keyboard.press("Enter")
    page.get_by_text("what is chosen, and its neighbours").wait_for()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("#/(artifact|matrix|search)"))


def test_questions_are_decided_by_key(open_page: Any, nexus: RunningNexus) -> None:
    knowledge = Knowledge.open(f"sqlite:///{nexus.data / 'knowledge.sqlite'}")
    asked = [
        Review(
            id=review_id("alias", name), kind="alias", subject=name, title=name, priority=9,
            tlp=Tlp.GREEN, reason="intelligence.fusion.review.campaign",
        )
        for name in ("First question", "Second question")
    ]  # fmt: skip
    for one in asked:
        knowledge.part(Reviews).ask(one)
    page = open_page("#/reviews")
    queue = page.get_by_role("list", name="Questions to an analyst")
    first = queue.get_by_role("listitem").first
    first.wait_for()
    title = first.get_by_role("link").inner_text()
    page.keyboard.press("a")
    first.get_by_text("approved").wait_for()
    page.keyboard.press("r")
    queue.get_by_role("listitem").nth(1).get_by_text("rejected").wait_for()
    states = {one["title"]: one["state"] for one in nexus.get("/reviews").json()["items"]}
    assert states[title] == "approved"


def test_a_case_takes_an_artifact_and_is_carried_on(
    open_page: Any, indicator: dict[str, Any]
) -> None:
    value = indicator["artifact"]["value"]
    page = open_page(f"#/artifact/ip/{value}")
    page.get_by_role("button", name="Add to case").first.click()
    page.get_by_label("Title").fill("A case of the tests")
    page.get_by_role("dialog").get_by_role("button", name="Add to case").click()
    page.get_by_role("link", name="A case of the tests").click()
    page.get_by_role("heading", level=1, name="A case of the tests").wait_for()
    page.get_by_role("link", name=value, exact=True).wait_for()
    # who leaves before the answer is there sees the board as it was before
    with page.expect_response(lambda one: "/cases/" in one.url and one.request.method != "GET"):
        page.get_by_role("button", name="Watching").click()
    page.wait_for_timeout(500)
    page.keyboard.press("u")
    column = page.get_by_role("region", name="Watching")
    column.get_by_role("link", name="A case of the tests").wait_for()
    # the page that is gone would have fetched the case again by now, and complained
    page.wait_for_timeout(1500)


def test_what_is_watched_and_suppressed_can_be_added_and_removed(open_page: Any) -> None:
    page = open_page("#/watches")
    panel = page.get_by_role("region", name=re.compile("^What is watched for"))
    panel.get_by_label("Value").fill("*.watched.example")
    panel.get_by_role("button", name="Watch", exact=True).click()
    panel.get_by_role("listitem").filter(has_text="watched.example").wait_for()
    panel.get_by_role("button", name=re.compile("^Remove .*watched.example")).click()
    panel.get_by_text("Nothing is watched for").wait_for()
