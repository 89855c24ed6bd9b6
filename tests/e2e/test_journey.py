"""What an analyst does in the console, from signing in to sharing, in a real browser."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from tests.e2e.nexus import RunningNexus

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


def test_a_token_in_the_link_signs_in_and_does_not_stay_in_the_address(
    open_page: Any, nexus: RunningNexus
) -> None:
    page = open_page(f"#/login?token={nexus.token}", state=None)
    page.get_by_role("heading", name="What changed since yesterday").wait_for()
    assert nexus.token not in page.url
    cookies = page.context.cookies()
    assert [(c["httpOnly"], c["sameSite"]) for c in cookies] == [(True, "Strict")]
    assert nexus.token not in page.evaluate("JSON.stringify(localStorage) + document.cookie")


def test_a_wrong_token_is_refused_in_words(open_page: Any, screen: Any) -> None:
    page = open_page("#/login?token=kn_wrong", state=None, language="ja", tolerate=("401",))
    page.get_by_role("alert").filter(has_text="サインインできませんでした").wait_for()
    screen(page, "login-refused-ja")


def test_without_a_session_every_page_asks_to_sign_in_and_then_shows_itself(
    open_page: Any, nexus: RunningNexus
) -> None:
    page = open_page("#/findings?severity=high", state=None, tolerate=("401",))
    page.get_by_label("Access token").fill(nexus.token)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("heading", level=1, name="Findings").wait_for()
    assert page.url.endswith("#/findings?severity=high")


def test_the_first_page_has_answers_and_each_number_leads_to_its_rows(open_page: Any) -> None:
    page = open_page("#/")
    page.get_by_role("heading", name="Top services").wait_for()
    assert page.get_by_role("table", name="Findings").locator("tbody tr").count() > 0
    page.get_by_role("link", name=re.compile("^Source hosts")).click()
    page.wait_for_url("**/#/lake?sql=*")
    page.get_by_role("heading", name=re.compile("^Result")).wait_for()
    assert page.get_by_role("region", name="Result").locator("tbody tr").count() > 0


def test_filters_are_in_the_address_and_go_back_with_it(
    open_page: Any, nexus: RunningNexus
) -> None:
    page = open_page("#/findings?sensor=north")  # nobody else writes there meanwhile
    rows = page.get_by_role("table", name="Findings").locator("tbody tr")
    rows.first.wait_for()
    total = nexus.get("/findings", sensor="north").json()["total"]
    assert str(total) in page.get_by_label("Pages of the list").inner_text().replace(",", "")
    label = nexus.get("/findings", sensor="north").json()["items"][0]["label"]
    page.get_by_label("Label").select_option(label)
    page.wait_for_url(f"**label={label}*")
    shown = nexus.get("/findings", sensor="north", label=label).json()["total"]
    page.get_by_text(re.compile(f"of {shown:,}$")).wait_for()
    page.go_back()
    page.get_by_text(re.compile(f"of {total:,}$")).wait_for()


def test_a_finding_says_why_and_proves_itself_again(
    open_page: Any, nexus: RunningNexus, screen: Any
) -> None:
    first = nexus.get("/findings", sort="-severity", limit="1").json()["items"][0]
    page = open_page("#/findings?sort=-severity")
    page.get_by_role("link", name=first["title"]["en"]).first.click()
    page.get_by_role("heading", level=1, name=first["title"]["en"]).wait_for()
    finding = nexus.get(f"/findings/{first['id']}").json()
    page.get_by_text(finding["text"]["en"]).wait_for()
    for reason in finding["reasons"]:
        page.get_by_text(reason["en"]).first.wait_for()
    page.get_by_role("button", name="Prove it again").click()
    page.get_by_text("It holds", exact=True).wait_for()
    digest = page.get_by_role("row", name="Digest").locator("td")
    assert digest.all_inner_texts() == [finding["evidence"]["digest"]] * 2
    screen(page, "finding-proved-en")
    page.get_by_role("link", name="Open in the lake").click()
    page.get_by_role("heading", name=re.compile("^Result")).wait_for()
    shown = min(finding["evidence"]["rows"], 1000)  # the limit that the page sets
    heading = page.get_by_role("heading", name=re.compile("^Result")).inner_text()
    assert f"{shown:,} row" in heading


def test_sql_runs_within_limits_and_says_so(open_page: Any, nexus: RunningNexus) -> None:
    page = open_page("#/lake", tolerate=("400",))
    editor = page.get_by_role("textbox", name="SQL")
    # ../shared/data/telescope/README.md: the real tools sent 17,520 packets.
    editor.fill("SELECT sum(packets)::BIGINT AS n FROM flowtuples WHERE sensor = 'south'")
    editor.press("Control+Enter")
    result = page.get_by_role("region", name="Result").last
    result.get_by_text("17520").wait_for()
    editor.fill("SELECT ts FROM flowtuples")
    page.get_by_label("Rows, at most").select_option("100")
    editor.press("Control+Enter")
    page.get_by_text("There is more").wait_for()
    editor.fill("DROP TABLE flowtuples")
    editor.press("Control+Enter")
    page.get_by_role("alert").get_by_text("The query failed").wait_for()
    editor.press("Alt+ArrowUp")
    assert editor.input_value() == "SELECT ts FROM flowtuples"


def test_a_column_is_inserted_by_a_click_and_the_copy_is_csv(open_page: Any) -> None:
    page = open_page("#/lake?table=flowtuples")
    page.get_by_role("textbox", name="SQL").fill("SELECT sum(")
    page.get_by_role("button", name="packets int32").click()
    assert page.get_by_role("textbox", name="SQL").input_value() == "SELECT sum(packets"
    page.keyboard.type(")::BIGINT AS n FROM flowtuples WHERE sensor = 'south'")
    page.get_by_role("button", name="Run").click()
    page.get_by_role("button", name="CSV").click()
    page.get_by_text("Copied: CSV").wait_for()
    assert page.evaluate("navigator.clipboard.readText()").split() == ["n", "17520"]


def test_an_indicator_opens_beside_the_list_and_all_can_be_taken_out(
    open_page: Any, nexus: RunningNexus, screen: Any
) -> None:
    page = open_page("#/indicators")
    table = page.get_by_role("table", name="Indicators")
    row = table.locator("tbody tr").first
    name = row.get_by_role("link").first.inner_text()
    row.get_by_role("link").first.click()
    page.get_by_role("table", name="Why this score").wait_for()
    assert table.is_visible()
    screen(page, "indicator-beside-en")
    with page.expect_download() as coming:
        page.get_by_role("button", name="STIX 2.1").click()
    bundle = json.loads(coming.value.path().read_text(encoding="utf-8"))
    assert bundle["type"] == "bundle"
    patterns = [one["pattern"] for one in bundle["objects"] if one["type"] == "indicator"]
    assert any(name in pattern for pattern in patterns)


def test_pasted_addresses_are_looked_up(open_page: Any, nexus: RunningNexus) -> None:
    query = {"sql": "SELECT ip(src_hi, src_lo) AS a FROM flowtuples ORDER BY ts"}
    page = open_page("#/findings")
    known = page.evaluate(
        """async (body) => (await (await fetch('/api/v1/lake/query', {
             method: 'POST', body: JSON.stringify({...body, limit: 1}),
             headers: {'Content-Type': 'application/json', 'X-Kaname-Console': '1'},
           })).json()).rows[0][0]""",
        query,
    )
    page.get_by_role("button", name="Paste a list").click()
    lines = "\n".join(f"10.{i >> 8}.{i & 255}.9" for i in range(9_000))
    pasted = f"{lines}\nsrc={known.replace('.', '[.]')};"
    page.evaluate("(text) => navigator.clipboard.writeText(text)", pasted)
    page.get_by_label("Text with addresses").press("Control+v")
    page.get_by_text("9,001 addresses found").wait_for()
    page.get_by_role("button", name="Look up").click()
    page.get_by_role("region", name="Result").get_by_role("link", name=known, exact=True).wait_for()
