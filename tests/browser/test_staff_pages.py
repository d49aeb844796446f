"""Staff at work in a real browser: the log-in, a sign-up that appears by itself, the answer, a walk that is moved."""

from __future__ import annotations

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.conftest import NARROW, WIDE, Window
from tests.browser.staff_browser import enter_as, invite, log_in, settle_in
from tests.browser.test_demo_page import ANSWERS, _begin, _phone, _says

pytestmark = pytest.mark.browser


@pytest.fixture(autouse=True)
def monday(monkeypatch: pytest.MonkeyPatch) -> None:
    """The demo begins on a Monday morning, whatever day it is."""
    monkeypatch.setenv("INGANG_TEST_NOW", "2026-11-23T10:15:00+01:00")


def clean(page: Page) -> None:
    """Axe finds nothing on the page."""
    told = Axe().run(page)
    assert told.violations_count == 0, told.generate_report()


def signs_up(page: Page) -> None:
    _begin(page, "sms")
    for text in ANSWERS["sms"]:
        _says(page, "sms", text)


def test_a_day_at_work(window: Window) -> None:
    path = invite(window.program, "Ida")
    staff, phone = window.open(path), window.open()
    secret = settle_in(staff, window.program, path)
    clean(staff)
    staff.get_by_role("link", name="Jag har sparat dem").click()
    staff.get_by_role("button", name="Logga ut").click()
    log_in(staff, window.program, "Ida", secret)
    clean(staff)

    # A sign-up over SMS appears by itself, and the title counts it.
    expect(staff.get_by_text("Inget väntar")).to_be_visible()
    signs_up(phone)
    entry = staff.locator("article.entry", has_text="Anmälan")
    expect(entry).to_have_count(1)
    expect(staff).to_have_title(re.compile(r"^\(1\) "))

    # It is answered in place, and seen to arrive.
    entry.locator("summary").click()
    clean(staff)
    entry.get_by_label("Ditt svar").fill("Hej! Ida här. Vill du ta en promenad?")
    entry.get_by_role("button", name="Skicka").click()
    expect(_phone(phone, "sms").locator(".line", has_text="Ida här").last).to_be_visible()
    expect(staff.locator(".fate")).to_contain_text("Framme")
    expect(staff.get_by_text("Inget väntar")).to_be_visible()
    clean(staff)

    # A walk is booked on the person's page, told on the phone, and moved.
    staff.locator(".fate").get_by_role("link").click()
    clean(staff)
    staff.get_by_role("link", name="Boka", exact=False).first.click()
    staff.get_by_label("När, i ord").fill("tors 14")
    clean(staff)
    staff.get_by_role("button", name=re.compile("^Visa vad")).click()
    clean(staff)
    staff.get_by_role("button", name="Boka").first.click()
    expect(_phone(phone, "sms").locator(".line", has_text="torsdag 26 november kl. 14").last).to_be_visible()
    clean(staff)
    staff.get_by_role("link", name="Flytta").first.click()
    staff.get_by_label("När, i ord").fill("fre 11")
    staff.get_by_role("button", name=re.compile("^Visa vad")).click()
    staff.get_by_role("button", name=re.compile("^Flytta")).first.click()
    expect(_phone(phone, "sms").locator(".line", has_text="fredag 27 november kl. 11").last).to_be_visible()


ROLES = ("Sara", "Mona", "Dag", "Nils")  # one of each kind: who sees people, accounts, the log, the machine


WEIGHT = """() => ["navigation", "resource"].flatMap(each => performance.getEntriesByType(each))
    .reduce((sum, each) => sum + each.encodedBodySize, 0)"""
"""The bytes of a page with all that it fetched."""


def test_every_room_is_clean_and_fits(window: Window) -> None:
    for size, dark in ((WIDE, False), (NARROW, True)):
        for name in ROLES:
            page = window.open("/personal/logga-in", size=size, dark=dark)
            clean(page)
            enter_as(page, name)
            rooms = page.locator("nav.rooms").first.locator("a").evaluate_all("all => all.map(a => a.pathname)")
            assert rooms, name
            for path in (*rooms, "/personal/konto", "/personal/tillganglighet"):
                page.goto(f"{window.program.address}{path}")
                clean(page)
                assert page.evaluate("document.documentElement.scrollWidth") <= size["width"], path
                assert page.evaluate(WEIGHT) < 100_000, path
            page.context.close()


def test_without_scripts_it_all_works(window: Window) -> None:
    phone = window.open()
    page = window.open("/personal/logga-in", scripts=False)
    enter_as(page, "Anna")
    expect(page.get_by_text("Inget väntar")).to_be_visible()
    signs_up(phone)
    page.reload()
    entry = page.locator("article.entry", has_text="Anmälan")
    entry.get_by_role("button", name="Ta", exact=False).first.click()
    expect(page.locator("article.entry .badge-green")).to_contain_text("Ditt")


def test_keyboard_alone_reaches_and_sends_an_answer(window: Window) -> None:
    phone = window.open()
    signs_up(phone)
    page = window.open("/personal/logga-in")
    page.get_by_role("button", name="Anna", exact=True).focus()
    page.keyboard.press("Enter")
    expect(page.locator("article.entry")).to_have_count(1)
    page.keyboard.press("Tab")  # to the link past the menu
    expect(page.locator(":focus")).to_have_text("Till innehållet")
    page.keyboard.press("Enter")
    for _ in range(20):
        page.keyboard.press("Tab")
        if page.locator(":focus").evaluate("each => each.tagName") == "SUMMARY":
            break
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type("Hej! Vi ringer dig i morgon.")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(_phone(phone, "sms").locator(".line", has_text="Vi ringer dig").last).to_be_visible()


def test_newcomer_books_a_walk_by_pressing_alone(window: Window) -> None:
    """From the log-in page to a booked walk, as docs/pages.md says: five presses, nothing to type or to know."""
    phone = window.open()
    signs_up(phone)
    page = window.open("/personal/logga-in")
    for press in (
        page.get_by_role("button", name="Anna", exact=True),
        page.locator("article.entry h2 a").first,
        page.get_by_role("link", name="Boka en tid"),
        page.locator(".times button").nth(1),
        page.get_by_role("button", name="Boka", exact=True),
    ):
        press.click()
        page.wait_for_load_state()
    expect(page.get_by_role("status").first).to_be_visible()
    expect(_phone(phone, "sms").locator(".line", has_text="Passar det?").last).to_be_visible()


def test_units_own_words_go_out_and_can_be_taken_back(window: Window) -> None:
    page = window.open("/personal/logga-in")
    enter_as(page, "Sara")
    expect(page.get_by_role("heading", name="Inkorg")).to_be_visible()
    page.goto(f"{window.program.address}/personal/installningar/texter/self_referral/meet?enhet=alvsbyn")
    words = page.get_by_label("Ord som går ut")
    base = words.input_value()
    words.fill("Tack. {finns inte}")
    page.get_by_role("button", name="Spara").click()
    expect(page.locator(".wrong").first).to_be_visible()
    assert page.get_by_label("Ord som går ut").input_value() == "Tack. {finns inte}"
    assert all("422" in said for said in window.wrong)  # the browser's own word for a form that is shown again
    window.wrong.clear()
    clean(page)
    page.get_by_label("Ord som går ut").fill(base.replace("Tack.", "Så bra."))
    page.get_by_role("button", name="Visa hur det blir").click()
    expect(page.locator(".bubble").first).to_contain_text("Så bra.")
    clean(page)
    page.get_by_role("button", name="Spara").click()
    expect(page.get_by_text("Egen text")).to_be_visible()
    phone = window.open()
    _begin(phone, "sms")
    for text in ANSWERS["sms"][:5]:
        _says(phone, "sms", text)
    expect(_phone(phone, "sms").locator(".line.bot").last).to_contain_text("Så bra.")
    page.get_by_role("button", name="Tillbaka till grundtexten").click()
    expect(page.get_by_label("Ord som går ut")).to_have_value(base)
    clean(page)
