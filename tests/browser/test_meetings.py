"""A walk is booked in a phone, kept through the days by moving the clock, and made shorter when it is hard."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, ViewportSize, expect

from tests.browser.conftest import NARROW, WIDE, Window
from tests.browser.test_demo_page import ANSWERS, _begin, _bot_lines, _phone, _says

pytestmark = pytest.mark.browser


@pytest.fixture(autouse=True)
def monday(monkeypatch: pytest.MonkeyPatch) -> None:
    """The demo begins on a Monday morning, whatever day it is."""
    monkeypatch.setenv("INGANG_TEST_NOW", "2026-11-23T10:15:00+01:00")


def _signs_up(page: Page, key: str) -> None:
    _begin(page, key)
    for text in ANSWERS[key]:
        _says(page, key, text)


def _presses(page: Page, key: str, place: int) -> str:
    """Press a button under the last message, wait for the answer, and give it."""
    phone = _phone(page, key)
    before = phone.locator(".line.bot").count()
    phone.locator(".line.bot").last.locator(".key").nth(place).click()
    expect(phone.locator(".line.bot").nth(before)).to_be_visible()
    expect(phone.locator(".waiting")).to_have_count(0)
    return phone.locator(".line.bot").last.inner_text()


def _two_days_on(page: Page) -> None:
    for _ in range(2):
        clock = page.locator("#now").inner_text()
        page.get_by_role("button", name="I morgon kl. 10").click()
        expect(page.locator("#now")).not_to_have_text(clock)


def _kept_and_made_shorter(page: Page, key: str) -> None:
    """From the morning of the walk on. What the new day brings by itself may come between a word and its answer."""
    phone = _phone(page, key)
    for word, answer in (
        ("ja", "Då gäller"),
        ("orkar inte idag", "Vill du något av det här i stället?"),
        ("1", "Det blir 20 minuter"),
    ):
        before = phone.locator(".line.bot", has_text=answer).count()
        _says(page, key, word)
        expect(phone.locator(".line.bot", has_text=answer).nth(before)).to_be_visible()
    said = _bot_lines(page, key)
    assert len(said) == len(set(said)), "something was said twice"


def test_a_walk_by_sms(window: Window) -> None:
    page = window.open()
    _signs_up(page, "sms")
    assert "Vilken tid på dagen" in _says(page, "sms", "promenad")
    assert "FLER" in _says(page, "sms", "2")
    _says(page, "sms", "3")
    _says(page, "sms", "40")
    assert "påminnelse samma dag" in _says(page, "sms", "1")
    assert "Klart." in " ".join(_bot_lines(page, "sms"))
    _says(page, "sms", "ja")
    page.get_by_role("tab", name="Tider").click()
    expect(page.locator("#meetings .item")).to_contain_text("bekräftad")
    expect(page.locator(".plans")).to_contain_text("Påminnelse samma dag")
    _two_days_on(page)
    _kept_and_made_shorter(page, "sms")
    expect(page.locator("#meetings .item")).to_contain_text("20 min")


def test_a_walk_by_telegrams_buttons(window: Window) -> None:
    page = window.open()
    _signs_up(page, "telegram")
    _says(page, "telegram", "promenad")
    for place in (1, 2, 1, 0):  # after lunch, the third time, 40 minutes, indoors when it rains
        _presses(page, "telegram", place)
    expect(_phone(page, "telegram").locator(".line", has_text="kalender").first).to_be_visible()  # comes by itself
    said = " ".join(_bot_lines(page, "telegram"))
    assert "Klart." in said
    assert said.index("Klart.") < said.index("kalender")
    _presses(page, "telegram", 0)
    _two_days_on(page)
    _kept_and_made_shorter(page, "telegram")


def test_staff_book_and_the_person_answers_on_the_page(window: Window) -> None:
    page = window.open()
    _signs_up(page, "sms")
    page.locator("#inbox .item").get_by_role("button").click()
    page.locator(".person summary").click()
    page.get_by_label("Dag och tid för promenaden").fill("2026-11-26T13:30")
    page.get_by_role("button", name="Boka promenad").click()
    expect(_phone(page, "sms").locator(".line.bot").last).to_contain_text("Passar det?")
    expect(page.locator(".times")).to_contain_text("inte svarat")
    address = _phone(page, "sms").locator('.talk a[href^="/d/"]').last.get_attribute("href")
    assert address
    own = window.open(address, size=NARROW)
    expect(own.get_by_role("heading", level=1)).to_contain_text("Torsdag 26 november kl. 13.30")
    expect(page.locator(".times")).to_contain_text("inte svarat")  # to open it answers nothing
    own.get_by_role("button", name="Ja, den passar").click()
    expect(own.get_by_role("status")).to_contain_text("Du har svarat ja")
    page.reload()
    expect(page.locator(".times")).to_contain_text("bekräftad")
    page.get_by_role("button", name="Vi kan inte").click()
    expect(_phone(page, "sms").locator(".line.bot").last).to_contain_text("Det beror inte på dig")
    own.reload()
    expect(own.get_by_role("heading", level=1)).to_contain_text("Tiden är avbokad")


def test_a_time_that_cannot_be_booked_says_why(window: Window) -> None:
    page = window.open()
    _signs_up(page, "sms")
    page.locator("#inbox .item").get_by_role("button").click()
    page.locator(".person summary").click()
    page.get_by_label("Dag och tid för promenaden").fill("2026-11-20T13:30")
    page.get_by_role("button", name="Boka promenad").click()
    expect(page.locator(".book .fault")).to_contain_text("Tiden har redan varit")
    window.wrong.clear()  # the browser tells of the refused request


@pytest.mark.parametrize(("size", "dark"), [(WIDE, False), (NARROW, True)], ids=["wide-light", "narrow-dark"])
def test_meetings_can_be_used_by_all(window: Window, size: ViewportSize, dark: bool) -> None:
    page = window.open()
    _signs_up(page, "sms")
    page.locator("#inbox .item").get_by_role("button").click()
    page.locator(".person summary").click()
    page.get_by_label("Dag och tid för promenaden").fill("2026-11-26T13:30")
    page.get_by_role("button", name="Boka promenad").click()
    address = _phone(page, "sms").locator('.talk a[href^="/d/"]').last.get_attribute("href")
    assert address
    page.emulate_media(color_scheme="dark" if dark else "light", reduced_motion="reduce")
    page.set_viewport_size(size)
    for seen in (page, window.open(address, size=size, dark=dark)):
        found = Axe().run(seen)
        assert found.violations_count == 0, found.generate_report()
        assert seen.evaluate("document.documentElement.scrollWidth") <= size["width"]
