"""A group from beginning to end in a browser: made, looked at, sent, undone, sent again, answered on two phones."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.conftest import NARROW, Window
from tests.browser.staff_browser import enter_as
from tests.browser.test_demo_page import ANSWERS, _begin, _phone, _says

pytestmark = pytest.mark.browser


@pytest.fixture(autouse=True)
def monday(monkeypatch: pytest.MonkeyPatch) -> None:
    """The demo begins on a Monday morning, whatever day it is."""
    monkeypatch.setenv("INGANG_TEST_NOW", "2026-11-23T10:15:00+01:00")


def _signs_up(page: Page, key: str) -> None:
    _begin(page, key)
    for text in ANSWERS[key]:
        _says(page, key, text)


def _sound(page: Page) -> None:
    found = Axe().run(page)
    assert not found.response["violations"], found.generate_report()


def _hears(page: Page, key: str, words: str) -> None:
    """Wait until a phone has got a message with these words."""
    expect(_phone(page, key).locator(".line.bot", has_text=words).last).to_be_visible()


def _on(page: Page, button: str) -> None:
    """Move the demo's clock."""
    clock = page.locator("#now").inner_text()
    page.get_by_role("button", name=button).click()
    expect(page.locator("#now")).not_to_have_text(clock)


def _answered_in_the_inbox(page: Page) -> None:
    """A talk that somebody is in the middle of is not broken into: time passes first."""
    _on(page, "I morgon kl. 10")


def _makes(page: Page) -> None:
    """Anna makes an activity with one place."""
    page.get_by_role("link", name="Ny aktivitet").first.click()
    page.get_by_label("Vad ni gör").fill("lagar vi mat hos oss")
    page.get_by_label("Dag", exact=True).fill("2026-12-02")
    page.get_by_label("Klockan").fill("13:00")
    page.get_by_label("Eller med egna ord").fill("Storgatan 27")
    page.get_by_label("Platser").fill("1")
    page.get_by_label("Minst så många").fill("2")
    page.get_by_role("button", name="Visa hur det blir").click()
    expect(page.locator("#least-error")).to_contain_text("ryms inte")
    _sound(page)
    page.get_by_label("Minst så många").fill("1")
    page.get_by_role("button", name="Visa hur det blir").click()
    expect(page.get_by_text("Onsdag 2 december kl. 13 lagar vi mat hos oss.")).to_be_visible()
    page.get_by_role("button", name="Lägg in").click()
    expect(page.get_by_text("Aktiviteten är inlagd.")).to_be_visible()
    _sound(page)


def _forgive_the_wrong_form(window: Window) -> None:
    """Chromium remarks on the form that was wrong on purpose."""
    window.wrong = [what for what in window.wrong if "status of 422" not in what]


def _invites(page: Page) -> None:
    """She looks at who gets what, and sends."""
    page.get_by_role("link", name="Bjud in").click()
    page.get_by_role("button", name="Visa vem som får vad").click()
    expect(page.get_by_role("heading", name="2 personer får det nu")).to_be_visible()
    expect(page.locator(".readers blockquote").first).to_contain_text("lagar vi mat hos oss")
    _sound(page)
    page.get_by_role("button", name="Skicka", exact=True).click()
    expect(page.get_by_text("Går ut kl.")).to_be_visible()


def test_a_group_from_beginning_to_end(window: Window) -> None:
    phones = window.open()
    _signs_up(phones, "sms")
    _signs_up(phones, "telegram")
    _answered_in_the_inbox(phones)
    page = window.open("/personal/logga-in", size=NARROW)
    enter_as(page, "Anna")
    page.goto(page.url.partition("/personal")[0] + "/personal/grupper")
    _makes(page)
    _forgive_the_wrong_form(window)
    there = page.url
    _invites(page)
    _sound(page)
    page.get_by_role("button", name="Ångra").click()
    expect(page.get_by_text("Ångrat. Inget gick ut.")).to_be_visible()
    page.goto(there)
    _invites(page)
    _on(phones, "+1 timme")
    for key in ("sms", "telegram"):
        _hears(phones, key, "lagar vi mat hos oss")
    expect(page.locator("#lage .count")).to_contain_text("Väntar 0")  # by itself
    assert "Då är du med" in _says(phones, "sms", "1")
    _says(phones, "telegram", "ja")
    page.goto(there)
    expect(page.get_by_role("heading", name="Kommer (1 av 1)")).to_be_visible()
    expect(page.get_by_role("heading", name="I kön (1)")).to_be_visible()
    _sound(page)
    page.get_by_role("button", name="Släpp platsen").click()
    expect(page.get_by_text("platsen hålls till")).to_be_visible()
    _hears(phones, "telegram", "Nu finns en plats")
    _says(phones, "telegram", "ja")
    page.reload()
    expect(page.get_by_text("platsen hålls till")).to_have_count(0)
    expect(page.get_by_role("heading", name="Kommer (1 av 1)")).to_be_visible()
    _sound(page)
