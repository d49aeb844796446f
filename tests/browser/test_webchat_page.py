"""The web chat on a page of its own: with scripts, without them, and by the rules of accessibility."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.conftest import NARROW, Window

pytestmark = pytest.mark.browser

ANSWERS = ("aa", "kim", "03", "4 o 6", "promenad kanske", "2", "070-174 06 50", "jobbigt m folk", "ja")


def _says(page: Page, text: str) -> None:
    lines = page.locator(".line.bot")
    before = lines.count()
    page.get_by_label("Ditt meddelande").fill(text)
    page.get_by_role("button", name="Skicka").click()
    expect(lines.nth(before)).to_be_visible()


@pytest.mark.parametrize("scripts", [True, False])
def test_sign_up_with_and_without_scripts(window: Window, scripts: bool) -> None:
    page = window.open("/chatt?start=alvsbyn_affisch", scripts=scripts)
    page.get_by_role("button", name="Börja").click()
    expect(page.locator(".line.bot").last).to_contain_text("Får jag ställa")
    page.get_by_role("button", name="Ja", exact=True).click()
    expect(page.locator(".line.bot").last).to_contain_text("kalla dig")
    for text in ANSWERS[1:]:
        _says(page, text)
    expect(page.locator(".line.bot").last).to_contain_text("Tack Kim")
    page.reload()
    expect(page.locator(".line.bot").last).to_contain_text("Tack Kim")
    page.get_by_role("button", name="Stäng chatten").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Chatten är stängd")
    page.goto(f"{window.program.address}/chatt")
    expect(page.locator(".line")).to_have_count(0)


def test_staffs_words_appear_by_themselves(window: Window) -> None:
    page = window.open("/chatt")
    page.get_by_role("button", name="Börja").click()
    _says(page, "jag vill prata med någon")
    desk = window.open("/demo")
    desk.locator("#inbox .item").get_by_role("button").click()
    desk.get_by_label("Skriv till personen").fill("Hej, det är Anna.")
    desk.get_by_label("Skriv till personen").press("Enter")
    expect(page.locator(".line.staff .said")).to_contain_text("Hej, det är Anna.")


def test_words_stay_when_the_program_is_away(window: Window) -> None:
    page = window.open("/chatt")
    page.get_by_role("button", name="Börja").click()
    expect(page.locator(".line.bot").last).to_be_visible()
    window.away = True
    window.program.kill()
    page.get_by_label("Ditt meddelande").fill("aa")
    page.get_by_label("Ditt meddelande").press("Enter")
    window.program.start()
    expect(page.locator(".line.bot").last).to_contain_text("kalla dig")
    expect(page.locator(".line.me .said")).to_have_count(1)


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("path", ["/chatt", "/d/info"])
def test_axe_finds_nothing_wrong(window: Window, path: str, dark: bool) -> None:
    page = window.open(path, dark=dark, size=NARROW)
    assert Axe().run(page).response["violations"] == []
    if path == "/chatt":
        page.get_by_role("button", name="Börja").click()
        expect(page.get_by_role("button", name="Nej")).to_be_visible()
        assert Axe().run(page).response["violations"] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]
