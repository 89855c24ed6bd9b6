"""Bringing captures in through the browser: progress, counters, damage."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.e2e.nexus import DATA, RunningNexus

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


def test_an_uploaded_capture_is_read_while_one_watches(
    open_page: Any, nexus: RunningNexus, screen: Any
) -> None:
    page = open_page("#/ingest", language="en")
    page.locator("input[type=file]").set_input_files(
        DATA / "stopddos_tcp_reflection_synack.pcap.gz"
    )
    jobs = page.get_by_role("region", name="Jobs").or_(page.locator("section", has_text="Jobs"))
    job = jobs.locator("li", has_text="stopddos_tcp_reflection_synack.pcap.gz").first
    job.get_by_text("done", exact=True).wait_for(timeout=60_000)
    # ../shared/data/telescope/README.md: 8,000 packets.
    assert "8,000 records" in job.inner_text()
    screen(page, "ingest-done-en")
    job.get_by_role("link", name="Details").click()
    page.get_by_text("equals the 8,000 records seen").wait_for()


def test_the_same_capture_again_is_known(open_page: Any) -> None:
    page = open_page("#/ingest")
    page.locator("input[type=file]").set_input_files(DATA / "scanner_tools.pcap.gz")
    page.locator("li", has_text="scanner_tools.pcap.gz").get_by_text("known already").wait_for(
        timeout=60_000
    )


def test_damage_is_shown_with_its_place_and_bytes(
    open_page: Any, tmp_path: Path, screen: Any
) -> None:
    whole = (DATA / "formats" / "100_packets.pcap").read_bytes()
    cut = tmp_path / "cut-short.pcap"
    cut.write_bytes(whole[: len(whole) * 2 // 3])
    page = open_page("#/ingest", language="ja", zone="JST")
    page.locator("input[type=file]").set_input_files(cut)
    job = page.locator("li", has_text="cut-short.pcap").first
    job.get_by_text("完了(破損あり)").wait_for(timeout=60_000)
    job.get_by_role("link", name="詳細").click()
    page.get_by_role("heading", name="読み取れなかった箇所").wait_for()
    page.get_by_role("region", name="この箇所のバイト列").first.wait_for()
    screen(page, "ingest-damaged-ja")


def test_what_no_reader_knows_is_refused_with_what_is_known(open_page: Any, tmp_path: Path) -> None:
    letter = tmp_path / "letter.txt"
    letter.write_text("Dear analyst,\n" * 40, encoding="utf-8")
    page = open_page("#/ingest", tolerate=("400", "415", "422"))
    page.locator("input[type=file]").set_input_files(letter)
    job = page.locator("li", has_text="letter.txt").first
    job.get_by_text("failed", exact=True).wait_for(timeout=60_000)
    assert "kaname ingest --list" in job.inner_text()
