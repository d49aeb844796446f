"""A person writes EN in a phone, is booked and met: each page that they open is in English."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import NARROW, Window
from tests.browser.staff_browser import enter_as
from tests.browser.test_demo_page import _says
from tests.browser.test_ratings import _hours_on, _line, _meets, _people, _signs_up, monday
from tests.browser.test_staff_pages import clean

__all__ = ["monday"]

pytestmark = pytest.mark.browser


def _fair(page: Page) -> None:
    """English, clean by axe, and nothing sticks out of a small phone."""
    expect(page.locator("html")).to_have_attribute("lang", "en")
    clean(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]


def _link(phones: Page, words: str) -> str:
    address = _line(phones, "sms", words).locator('a[href^="/d/"]').last.get_attribute("href")
    assert address
    return address


def _the_meeting(window: Window, address: str) -> None:
    own = window.open(address, size=NARROW)
    expect(own.get_by_role("heading", level=1)).to_have_text("Today at 11:15")
    _fair(own)
    own.get_by_role("button", name="Yes, it works").click()
    expect(own.get_by_role("status")).to_have_text("You answered yes. Thank you.")
    _fair(own)
    own.get_by_role("link", name="How we handle what you write").click()
    expect(own.get_by_role("heading", level=1)).to_have_text("How we handle what you write")
    _fair(own)
    own.get_by_role("link", name="Svenska").click()
    expect(own.get_by_role("heading", level=1)).to_have_text("Så hanterar vi det du skriver")


def _the_rating(window: Window, address: str) -> None:
    own = window.open(address, size=NARROW, dark=True)
    first = own.get_by_role("slider", name="Did Anna listen to you?")
    expect(first).to_have_attribute("aria-valuetext", "no answer yet")
    for key in ("7", "ArrowRight"):
        first.press(key)
    expect(first).to_have_attribute("aria-valuetext", "7.1 of 10")
    expect(own.get_by_text("Marked", exact=True)).to_be_visible()
    _fair(own)
    own.get_by_role("button", name="Send").click()
    expect(own.get_by_role("heading", level=1)).to_have_text("Thank you")
    _fair(own)


def test_who_writes_en_reads_english_on_every_page(window: Window) -> None:
    phones, staff = window.open(), window.open("/personal/logga-in")
    _signs_up(phones, "sms")
    _says(phones, "sms", "EN")
    enter_as(staff, "Anna")
    (person,) = _people(staff, window)
    meeting = _meets(staff, window, person, "Anna")
    expect(_line(phones, "sms", "save the time")).to_be_visible()
    _the_meeting(window, _link(phones, "save the time"))
    _hours_on(phones, 2)
    staff.goto(meeting)
    staff.get_by_role("button", name="Vi sågs").click()
    expect(staff.get_by_text("Sparat.")).to_be_visible()
    expect(_line(phones, "sms", "four short questions")).to_be_visible()
    _the_rating(window, _link(phones, "four short questions"))
    _says(phones, "sms", "MY CURVE")
    own = window.open(_link(phones, "see your curve"), size=NARROW)
    _fair(own)
    own.get_by_role("button", name="Show my curve").click()
    expect(own.get_by_role("table")).to_contain_text("After the meeting")
    _fair(own)


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "plain"])
def test_the_chat_begins_in_the_language_that_was_chosen(window: Window, scripts: bool) -> None:
    page = window.open("/chatt?start=alvsbyn_affisch", size=NARROW, scripts=scripts)
    page.get_by_role("link", name="English").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Write to us")
    if scripts:
        _fair(page)
    page.get_by_role("button", name="Begin").click()
    expect(page.locator(".line.bot").last).to_contain_text("May I ask")
    expect(page.get_by_role("link", name="Svenska")).to_have_count(0)
    page.get_by_label("Your message").fill("sv")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_label("Ditt meddelande")).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", "sv")
    expect(page.locator(".line.bot").last).to_contain_text("Får jag ställa")
