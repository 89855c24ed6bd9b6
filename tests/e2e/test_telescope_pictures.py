"""The cube and the atlas in the browser: stored packets move, are drawn, and can be read."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

# Software that draws says so when pixels are read; nothing is wrong then.
TOLERATED = ("GPU stall due to ReadPixels",)
# Pixels of the picture that are coloured clearly, read when it has just been drawn.
COLOURED = """canvas => new Promise(done => requestAnimationFrame(() => {
  const gl = canvas.getContext("webgl2");
  const [w, h] = [gl.drawingBufferWidth, gl.drawingBufferHeight];
  const pixels = new Uint8Array(4 * w * h);
  gl.readPixels(0, 0, w, h, gl.RGBA, gl.UNSIGNED_BYTE, pixels);
  let found = 0;
  for (let i = 0; i < pixels.length; i += 4) {
    const [r, g, b, a] = pixels.subarray(i, i + 4);
    if (a > 60 && Math.max(r, g, b) - Math.min(r, g, b) > 40) found += 1;
  }
  done(found);
}))"""


@pytest.fixture
def moving(open_page: Any) -> Any:
    """Open a page of a moving picture and wait until packets are in it."""

    def go(route: str, **more: Any) -> tuple[Any, Any]:
        page = open_page(route, tolerate=TOLERATED, **more)
        picture = page.get_by_role("application")
        expect(picture).to_have_attribute("data-drawn", re.compile("[1-9]"), timeout=30_000)
        return page, picture

    return go


def frames(picture: Any) -> int:
    return int(picture.get_attribute("data-frames"))


def wait_for_points(page: Any, picture: Any, least: int = 50) -> None:
    """Wait until so many pixels are coloured; how soon depends on what the replay begins with."""
    for _ in range(50):
        if picture.locator("canvas").evaluate(COLOURED) > least:
            return
        page.wait_for_timeout(300)
    raise AssertionError("nothing is drawn")


def test_stored_packets_fly_through_the_cube(moving: Any, screen: Any) -> None:
    page, picture = moving("#/cube?mode=replay")
    before = frames(picture)
    expect(picture).not_to_have_attribute("data-frames", str(before), timeout=10_000)
    assert frames(picture) > before
    wait_for_points(page, picture)
    source = page.get_by_role("region", name="Sources").get_by_role("link").first
    expect(source).to_have_attribute("href", re.compile(r"^#/source/\d+\.\d+\.\d+\.\d+$"))
    screen(page, "cube-en")


def test_the_cube_is_worked_by_keys(moving: Any) -> None:
    page, picture = moving("#/cube?mode=replay")
    turn = picture.get_attribute("data-turn")
    picture.focus()
    page.keyboard.press("ArrowRight")
    assert picture.get_attribute("data-turn") != turn
    page.keyboard.press("0")
    expect(picture).to_have_attribute("data-turn", turn)
    page.keyboard.press("Space")
    slider = page.get_by_role("slider")
    expect(page.get_by_role("button", name="Play")).to_be_visible()
    still = slider.get_attribute("aria-valuetext")
    page.wait_for_timeout(700)
    assert slider.get_attribute("aria-valuetext") == still
    slider.focus()
    page.keyboard.press("End")
    expect(slider).to_have_attribute("aria-valuenow", "1000")
    page.keyboard.press("Home")
    expect(slider).to_have_attribute("aria-valuenow", "0")
    page.keyboard.press("PageUp")
    expect(slider).to_have_attribute("aria-valuenow", "100")
    page.keyboard.press("Space")
    expect(page.get_by_role("button", name="Pause")).to_be_visible()


def test_a_type_that_is_switched_off_is_not_drawn(moving: Any) -> None:
    page, picture = moving("#/cube?mode=replay")
    wait_for_points(page, picture)
    page.get_by_role("button", name="Pause").click()
    assert picture.locator("canvas").evaluate(COLOURED) > 0
    for name in ("TCP SYN", "TCP SYN-ACK, RST", "other TCP", "UDP", "UDP answer", "ICMP", "other"):
        page.get_by_role("button", name=name, exact=True).click()
    page.wait_for_timeout(300)
    assert picture.locator("canvas").evaluate(COLOURED) == 0


def test_live_the_cube_waits_for_packets_and_says_so(open_page: Any) -> None:
    page = open_page("#/cube?mode=live", tolerate=TOLERATED)
    expect(page.locator("[data-feed]")).to_have_attribute("data-feed", "open", timeout=15_000)
    page.get_by_text("No packet so far").wait_for()
    page.get_by_role("button", name="Stored", exact=True).click()
    page.get_by_role("slider").wait_for()
    page.wait_for_url("**mode=replay*")


def test_the_atlas_shows_countries_and_leads_on(moving: Any, screen: Any) -> None:
    page, picture = moving("#/atlas?mode=replay")
    assert picture.locator("canvas").nth(1).evaluate(COLOURED) > 20
    rows = page.get_by_role("region", name="Countries").get_by_role("button")
    expect(rows.first).to_be_visible()
    name = rows.first.inner_text()
    rows.first.click()
    page.wait_for_url(re.compile(r"country=[A-Z]{2}"))
    expect(page.get_by_role("strong").filter(has_text=name).first).to_be_visible()
    picture.focus()
    page.keyboard.press("+")
    expect(picture).to_have_attribute("data-zoom", "1.40")
    page.get_by_label("The telescope is in").select_option("JP")
    screen(page, "atlas-en")


@pytest.mark.parametrize("route", ["#/cube?mode=replay", "#/atlas?mode=replay"])
def test_narrow_screens_show_it_all(moving: Any, screen: Any, route: str) -> None:
    page, _ = moving(route, language="ja", theme="dark", width=390)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    screen(page, f"{route[2:6]}-narrow-ja")
