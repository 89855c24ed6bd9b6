"""A nexus that has seen nothing yet, and how its console fills while one looks on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.e2e.nexus import CAPTURE, up

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


def test_the_empty_console_says_how_to_begin_and_fills_by_itself(
    console: None, open_page: Any, screen: Any, tmp_path: Path
) -> None:
    with up(tmp_path) as empty:
        page = open_page(f"#/login?token={empty.token}", state=None, at=empty)
        page.get_by_role("heading", name="Nothing has been observed yet").wait_for()
        screen(page, "first-run-en")
        page.locator("input[type=file]").set_input_files(CAPTURE)
        page.get_by_role("heading", level=1, name="Ingest").wait_for()
        job = page.locator("li", has_text=CAPTURE.name).first
        job.get_by_text("done", exact=True).wait_for(timeout=60_000)
        page.keyboard.type("gs")
        # ../shared/data/telescope/README.md: five senders, of which Masscan is one.
        page.get_by_role("link", name="Masscan").first.wait_for(timeout=120_000)
        assert "5" in page.get_by_role("link", name="Source hosts").inner_text()
        page.close()  # before its nexus goes away, which it would complain of
