"""A real nexus with real data, and a real browser that looks at it.

Chromium is the one of the machine; where it is missing and we may, it is installed. A
machine without any makes these tests skip loudly, or fail with ``KANAME_REQUIRE_BROWSER=1``.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.e2e.nexus import RunningNexus, start
from tests.e2e.watch import Watch

ROOT = Path(__file__).parents[2]
CONSOLE = ROOT / "python" / "kaname" / "api" / "console" / "index.html"
SCREENS = ROOT / ".screens"
ARGUMENTS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip


def _lack(what: str) -> None:
    """Skip, unless the caller insists on a browser; the summary names and counts it."""
    if os.environ.get("KANAME_REQUIRE_BROWSER") == "1":
        pytest.fail(what)
    pytest.skip(f"BROWSER TESTS DID NOT RUN: {what}")


def _chromium() -> str | None:
    names = ("chromium", "chromium-browser", "google-chrome")
    return next((path for name in names if (path := shutil.which(name))), None)


def _install() -> None:
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        return
    subprocess.run(["apt-get", "install", "-y", "-q", "chromium"], check=False, timeout=300)


@pytest.fixture(scope="session")
def chromium() -> str:
    """Path of a Chromium."""
    if _chromium() is None:
        _install()
    found = _chromium()
    if found is None:
        _lack("no Chromium: apt-get install chromium")
    return str(found)


@pytest.fixture(scope="session")
def console() -> None:
    """The console is built; npm builds it where it is not."""
    if CONSOLE.is_file():
        return
    npm = shutil.which("npm")
    if npm is None:
        _lack("the console is not built and npm is missing: run `make`")
    for command in (["ci"], ["run", "build"]):
        subprocess.run([str(npm), *command], cwd=ROOT / "ui", check=True, timeout=300)


@pytest.fixture(scope="session")
def nexus(console: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningNexus]:
    """`kaname up` on a fresh folder, with a capture read and analysed."""
    with start(tmp_path_factory.mktemp("nexus")) as running:
        yield running


# The event loop that Playwright keeps must not outlive these tests: others run their own.
@pytest.fixture(scope="package")
def browser(chromium: str) -> Iterator[Any]:
    """One browser for all tests."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=chromium, args=list(ARGUMENTS))
        yield launched
        launched.close()


@pytest.fixture(scope="package")
def signed_in(browser: Any, nexus: RunningNexus) -> Any:
    """The storage of a browser that holds a session: cookies and preferences."""
    context = browser.new_context(locale="en-GB", color_scheme="light")
    page = context.new_page()
    page.goto(f"{nexus.url}#/login?token={nexus.token}")
    page.get_by_role("heading", level=1).wait_for()
    page.get_by_role("navigation").first.wait_for()
    state = context.storage_state()
    context.close()
    return state


@pytest.fixture
def open_page(browser: Any, nexus: RunningNexus, signed_in: Any) -> Iterator[Any]:
    """Open a page of the console: ``open_page("#/findings", language="ja")``.

    At the end no page may have complained, broken the content policy, or asked another host.
    """
    opened: list[tuple[Any, Watch]] = []

    def go(
        route: str = "#/",
        *,
        language: str = "en",
        theme: str = "light",
        zone: str = "UTC",
        width: int = 1280,
        state: Any = signed_in,
        tolerate: tuple[str, ...] = (),
        at: RunningNexus = nexus,
    ) -> Any:
        context = browser.new_context(
            storage_state=state,
            viewport={"width": width, "height": 900 if width > 800 else 844},
            locale="ja-JP" if language == "ja" else "en-GB",
            accept_downloads=True,
        )
        context.grant_permissions(["clipboard-read", "clipboard-write"])
        choice = f'{{"language":"{language}","zone":"{zone}","theme":"{theme}"}}'
        context.add_init_script(
            f"localStorage.getItem('kaname.preferences') ?? "
            f"localStorage.setItem('kaname.preferences', '{choice}')"
        )
        page = context.new_page()
        page.set_default_timeout(15_000)
        opened.append((context, Watch(page, at.url, tolerate)))
        page.goto(f"{at.url}{route}")
        return page

    yield go
    for context, watch in opened:
        context.close()
        watch.check()


@pytest.fixture
def screen() -> Any:
    """Keep a picture of a page in ``.screens/``, for people to look at."""
    SCREENS.mkdir(exist_ok=True)

    def take(page: Any, name: str) -> None:
        page.screenshot(path=SCREENS / f"{name}.png", full_page=True)

    return take
