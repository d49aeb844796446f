"""A session ends: both phones are asked, one answers by keyboard on the page, and a written wish becomes a deed."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import NARROW, Window
from tests.browser.staff_browser import enter_as
from tests.browser.test_demo_page import ANSWERS, _begin, _bot_lines, _phone, _says
from tests.browser.test_staff_pages import clean

pytestmark = pytest.mark.browser

ASKED = "fyra korta frågor"
WISH = "Kan vi ta en kortare runda?"
DONE = "Nästa gång blir promenaden kort."


@pytest.fixture(autouse=True)
def monday(monkeypatch: pytest.MonkeyPatch) -> None:
    """The demo begins on a Monday morning, whatever day it is."""
    monkeypatch.setenv("INGANG_TEST_NOW", "2026-11-23T10:15:00+01:00")


def _signs_up(page: Page, key: str) -> None:
    _begin(page, key)
    for text in ANSWERS[key]:
        _says(page, key, text)


def _people(staff: Page, window: Window) -> list[str]:
    """The addresses of the people's own pages."""
    staff.goto(f"{window.program.address}/personal/deltagare")
    found = staff.locator("main a[href^='/personal/deltagare/']").evaluate_all("all => all.map(a => a.pathname)")
    return sorted({path for path in found if re.fullmatch(r"/personal/deltagare/P?\d+", path)})


def _meets(staff: Page, window: Window, path: str, member: str) -> str:
    """Book an hour from now with somebody; give the address of the meeting's page."""
    person = path.rsplit("/", 1)[1].removeprefix("P")
    staff.goto(f"{window.program.address}/personal/kalender/boka?person={person}")
    staff.get_by_label("När, i ord").fill("i dag 11.15")
    staff.get_by_label("Med", exact=True).select_option(label=member)
    staff.get_by_role("button", name=re.compile("^Visa vad")).click()
    staff.get_by_role("button", name="Boka", exact=True).first.click()
    expect(staff.get_by_role("status").first).to_be_visible()
    return staff.url


def _hours_on(phones: Page, hours: int) -> None:
    for _ in range(hours):
        clock = phones.locator("#now").inner_text()
        phones.get_by_role("button", name="+1 timme").click()
        expect(phones.locator("#now")).not_to_have_text(clock)


def _line(page: Page, key: str, words: str) -> Locator:
    return _phone(page, key).locator(".line.bot", has_text=words).last


def _answers_by_keyboard(own: Page) -> None:
    """Four lines and a wish, with nothing but keys."""
    own.keyboard.press("Tab")
    marked = 0
    for _ in range(60):
        focused = own.locator(":focus")
        kind = focused.evaluate("each => each.tagName + (each.type || '')") if focused.count() else ""
        if kind == "INPUTrange" and "unmarked" in (focused.get_attribute("class") or ""):
            for key in ("End", "PageDown", "ArrowLeft", "ArrowLeft"):
                own.keyboard.press(key)
            marked += 1
        elif kind == "TEXTAREAtextarea":
            own.keyboard.type(WISH)
        elif kind == "BUTTONsubmit" and marked == 4:
            own.keyboard.press("Enter")
            return
        own.keyboard.press("Tab")
    raise AssertionError(f"the button was not reached; {marked} lines were marked")


def _by_buttons(phones: Page) -> None:
    """One question a message with both ends named, each answered by a button, and no wish."""
    telegram = _phone(phones, "telegram")
    telegram.locator(".line.bot").last.get_by_role("button", name="Ja", exact=True).click()
    for number in ("8", "3", "10", "9"):
        expect(telegram.locator(".line.bot").last).to_contain_text("0 är")
        before = telegram.locator(".line.bot").count()
        telegram.locator(".line.bot").last.get_by_role("button", name=number, exact=True).click()
        expect(telegram.locator(".line.bot").nth(before)).to_be_visible()
        expect(telegram.locator(".waiting")).to_have_count(0)
    assert "Tack" in _says(phones, "telegram", "nej")
    said = _bot_lines(phones, "telegram")
    assert len(set(said)) == len(said), "something was said twice"


def _on_the_page(phones: Page, window: Window) -> None:
    """The link in the message, opened and answered."""
    link = _line(phones, "sms", ASKED).locator('a[href^="/d/"]').last.get_attribute("href")
    assert link
    own = window.open(link, size=NARROW)
    clean(own)
    _answers_by_keyboard(own)
    expect(own.get_by_text("Tack", exact=False).first).to_be_visible()
    clean(own)


def _read_and_closed(staff: Page, address: str) -> None:
    """The chart and the wish on the person's page; the task is closed with what was done."""
    staff.goto(f"{address}#skattningar")
    expect(staff.locator(".drawn svg").first).to_be_visible()
    expect(staff.locator(".drawn table")).to_contain_text("35,2 av 40")
    expect(staff.locator(".wrote")).to_contain_text(WISH)
    clean(staff)
    staff.get_by_role("link", name="Väntar i inkorgen").click()
    expect(staff.get_by_label("Vad har ni gjort?")).to_be_visible()
    clean(staff)
    staff.get_by_label("Vad har ni gjort?").fill(DONE)
    staff.get_by_label("Hur blev det?").select_option("done")
    staff.get_by_role("button", name="Stäng", exact=True).click()
    expect(staff.get_by_text("Det är stängt.")).to_be_visible()


def test_a_session_is_asked_about_and_what_was_written_becomes_a_deed(window: Window) -> None:
    phones, staff = window.open(), window.open("/personal/logga-in")
    for key in ("sms", "telegram"):
        _signs_up(phones, key)
    enter_as(staff, "Anna")
    by_sms, by_telegram = _people(staff, window)
    meetings = [_meets(staff, window, by_sms, "Anna"), _meets(staff, window, by_telegram, "Erik")]
    _hours_on(phones, 2)
    for meeting in meetings:
        staff.goto(meeting)
        clean(staff)
        staff.get_by_role("button", name="Vi sågs").click()
        expect(staff.get_by_text("Sparat.")).to_be_visible()
    for key in ("sms", "telegram"):
        expect(_line(phones, key, ASKED)).to_be_visible()
    _by_buttons(phones)
    _on_the_page(phones, window)
    _read_and_closed(staff, f"{window.program.address}{by_sms}")

    # The phone hears that something was done, and what only when it wants to.
    phones.get_by_role("button", name="I morgon kl. 10").click()
    expect(_line(phones, "sms", "Vill du veta vad?")).to_be_visible()
    assert not any(DONE in said or WISH in said for said in _bot_lines(phones, "sms"))
    _phone(phones, "sms").get_by_role("textbox").fill("ja")
    _phone(phones, "sms").get_by_role("textbox").press("Enter")
    expect(_phone(phones, "sms").locator(".line", has_text=DONE).last).to_be_visible()
