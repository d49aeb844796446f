"""Staff at work in a browser: a sign-up appears by itself, is answered in place, and a person's page says it all."""

from __future__ import annotations

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, ViewportSize, expect

from tests.browser.conftest import NARROW, WIDE, Window
from tests.browser.test_demo_page import ANSWERS, _begin, _phone, _says

pytestmark = pytest.mark.browser


@pytest.fixture(autouse=True)
def monday(monkeypatch: pytest.MonkeyPatch) -> None:
    """The demo begins on a Monday morning, whatever day it is."""
    monkeypatch.setenv("INGANG_TEST_NOW", "2026-11-23T10:15:00+01:00")


def _signs_up(page: Page, key: str = "sms") -> None:
    _begin(page, key)
    for text in ANSWERS[key]:
        _says(page, key, text)


def _staff(window: Window, *, size: ViewportSize = WIDE, dark: bool = False, scripts: bool = True) -> Page:
    page = window.open("/personal/logga-in", size=size, dark=dark, scripts=scripts)
    page.get_by_role("button", name="Anna").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Inkorg")
    return page


def test_what_comes_appears_by_itself_and_is_answered(window: Window) -> None:
    demo = window.open()
    staff = _staff(window)
    expect(staff).to_have_title("Inkorg – Ingång")
    _signs_up(demo)
    card = staff.locator(".entry")
    expect(card).to_contain_text("Anmälan")
    expect(staff).to_have_title("(1) Inkorg – Ingång")
    expect(staff.locator("#nytt")).to_have_text(re.compile("Nytt i inkorgen: Kim"))
    card.locator(".answer summary").click()
    box = card.get_by_label("Ditt svar")
    box.fill("Hej Kim! Vi ses på")
    _says(demo, "sms", "prata med någon")
    expect(card).to_contain_text("prata med någon")
    expect(box).to_have_value("Hej Kim! Vi ses på")
    expect(box).to_be_focused()
    box.press_sequentially(" torsdag.")
    card.get_by_role("button", name="Skicka").click()
    expect(staff.locator(".fate")).to_contain_text("Ditt svar till Kim")
    expect(staff.locator(".fate .badge")).to_have_text(re.compile("Lämnad|Skickad|Framme"))
    expect(staff.locator(".entry")).to_have_count(0)
    expect(_phone(demo, "sms").locator(".line").last).to_contain_text("Vi ses på torsdag.")


def test_it_works_without_scripts_and_by_keyboard(window: Window) -> None:
    demo = window.open()
    _signs_up(demo)
    staff = _staff(window, scripts=False)
    staff.locator(".answer summary").focus()
    staff.keyboard.press("Enter")
    staff.keyboard.press("Tab")
    staff.keyboard.type("Hej Kim!")
    staff.keyboard.press("Tab")
    staff.keyboard.press("Enter")
    expect(staff.locator(".fate")).to_contain_text("Ditt svar till Kim")
    expect(_phone(demo, "sms").locator(".line").last).to_contain_text("Hej Kim!")


def _all_pages(page: Page) -> list[str]:
    """The addresses of both rooms that a staff member comes to, each with something in it."""
    person = page.locator(".entry h2 a").first.get_attribute("href")
    assert person
    page.goto(page.url.split("/personal")[0] + person)
    home = page.get_by_role("link", name="Hela personens sida").get_attribute("href")
    assert home
    return ["/personal/inkorg", person, "/personal/inkorg/svar", "/personal/deltagare?q=kim", home, f"{home}/avsluta"]


@pytest.mark.parametrize(("size", "dark"), [(WIDE, False), (NARROW, True)], ids=["wide-light", "narrow-dark"])
def test_the_rooms_can_be_used_by_all(window: Window, size: ViewportSize, dark: bool) -> None:
    demo = window.open()
    _signs_up(demo)
    _says(demo, "sms", "jag vill inte leva längre")
    staff = _staff(window, size=size, dark=dark)
    staff.locator(".answer summary").first.click()
    start = staff.url.split("/personal")[0]
    for path in _all_pages(staff):
        staff.goto(start + path)
        for fold in staff.locator("details").all():
            fold.evaluate("each => each.open = true")
        found = Axe().run(staff)
        assert found.violations_count == 0, (path, found.generate_report())
        assert staff.evaluate("document.documentElement.scrollWidth") <= size["width"], path
