"""In a browser: a text that is worded anew, read on a phone and taken back; a place; the audit log and its sample."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from tests.browser.conftest import NARROW, WIDE, Window
from tests.browser.staff_browser import enter_as
from tests.browser.test_demo_page import _phone, _says
from tests.browser.test_staff_pages import clean, monday, signs_up

__all__ = ["monday"]

pytestmark = pytest.mark.browser


def enter(window: Window, name: str, *, size: ViewportSize = WIDE, scripts: bool = True) -> Page:
    page = window.open("/personal/logga-in", size=size, scripts=scripts)
    enter_as(page, name)
    return page


def test_a_text_is_worded_read_and_taken_back(window: Window) -> None:
    phone = window.open()
    signs_up(phone)
    page = enter(window, "Sara")
    page.goto(f"{window.program.address}/personal/installningar/texter/talk/human?enhet=alvsbyn")
    clean(page)
    field = page.get_by_label("Ord som går ut")
    field.fill("Jag säger till direkt. Du måste vänta.")
    page.get_by_role("button", name="Visa hur det blir").click()
    window.wrong.clear()  # the browser itself tells of an answer 422
    expect(page.locator(".wrong")).to_contain_text("Fältet {läsare} måste vara med.")
    clean(page)
    field.fill("Jag säger till {läsare} direkt. {svarstid} {telefon}")
    page.get_by_role("button", name="Visa hur det blir").click()
    expect(page.locator(".bubble").first).to_contain_text("Jag säger till Anna och Erik direkt.")
    clean(page)
    page.get_by_role("button", name="Spara").click()
    expect(page.locator(".head .badge")).to_have_text("Egen text")
    clean(page)

    _says(phone, "sms", "prata med någon")
    expect(_phone(phone, "sms").locator(".line", has_text="Jag säger till").last).to_be_visible()

    page.get_by_role("button", name="Tillbaka till grundtexten").click()
    expect(page.locator(".told")).to_have_text("Grundtexten används igen.")
    _says(phone, "sms", "prata med någon")
    expect(_phone(phone, "sms").locator(".line", has_text="Jag har sagt till").last).to_be_visible()


@pytest.mark.parametrize("size", [WIDE, NARROW])
def test_a_place_is_added_without_scripts(window: Window, size: ViewportSize) -> None:
    page = enter(window, "Sara", size=size, scripts=False)
    page.goto(f"{window.program.address}/personal/installningar?enhet=alvsbyn")
    page.get_by_role("link", name="Ny plats").click()
    page.get_by_label("Namn").fill("Ån")
    page.get_by_label("Ute eller inne").select_option("ute")
    page.get_by_role("button", name="Spara").click()
    expect(page.locator("#platser")).to_contain_text("Ån")


def test_the_log_is_read_checked_and_sampled(window: Window) -> None:
    signs_up(window.open())
    staff = enter(window, "Anna")
    staff.locator("article.entry").first.get_by_role("link").first.click()
    page = enter(window, "Dag")
    page.goto(f"{window.program.address}/personal/granskning")
    clean(page)
    page.get_by_role("button", name="Kontrollera nu").click()
    expect(page.locator(".chain")).to_contain_text("Kedjan är hel")
    clean(page)
    row = page.locator("tbody tr", has_text="Öppnade ett ärende").first
    expect(row).to_contain_text("Anna")
    row.get_by_role("link").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile(r"Vem har läst om P\d+\?"))
    clean(page)
    page.goto(f"{window.program.address}/personal/granskning/stickprov?enhet=alvsbyn&manad=2026-11")
    expect(page.get_by_role("heading", name=re.compile("Slumpvis utvalda"))).to_be_visible()
    clean(page)
