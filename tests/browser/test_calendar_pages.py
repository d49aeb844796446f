"""The calendar, a booking and the roster in a real browser: by keyboard, at 1280 and 390, in light and dark."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

import pytest
import uvicorn
from axe_playwright_python.sync_playwright import Axe
from fastapi import FastAPI
from playwright.sync_api import Browser, Page, expect

from rules.roster import Absence
from staff import meetings
from staff.logging_in import LASTS, new_token
from staff.meetings import Ask
from staff.pages import site
from storage import appointments, busy, feeds, roster, sessions, staff, units
from storage.db import Store
from tests import rated
from tests.browser.conftest import NARROW, WIDE, Window
from tests.meeting_town import OPERATOR, MeetingTown, at
from tests.staff.pages.conftest import MadeUpProgram

pytestmark = pytest.mark.browser

PICTURES = os.environ.get("INGANG_TEST_PICTURES")
"""A folder to put a picture of each page in; none: no pictures."""


class Waiting(MadeUpProgram):
    """The program over http, which waits for news as the real one does."""

    async def changed_since(self, version: int, timeout: float) -> int:  # noqa: ASYNC109
        await asyncio.sleep(min(timeout, 0.2))
        return self.version


@dataclass
class Place:
    """The pages of a town, served on this machine."""

    town: MeetingTown
    program: Waiting
    server: uvicorn.Server
    port: int = 0
    meetings: dict[str, int] = field(default_factory=dict)

    @property
    def address(self) -> str:
        """Where they are."""
        return f"http://127.0.0.1:{self.port}"

    def token_of(self, name: str, role: str) -> str:
        """A session of somebody's, as after a log-in."""
        token = new_token()
        with self.town.store.begin() as tx:
            who = next(each.id for each in staff.list_staff(tx) if each.first_name == name)
            staff.set_role(tx, who, role)
            sessions.start(tx, self.program.at, token, who, "full", "Prov", lasts=LASTS, proved=True)
        return token


@pytest.fixture
def place(sqlite_store: Store) -> Iterator[Place]:
    """A town with a week of meetings, and its pages."""
    town = MeetingTown(sqlite_store)
    program = Waiting(town, is_private=False)
    web = FastAPI(openapi_url=None)
    web.router.routes += site.router(program).routes
    server = uvicorn.Server(uvicorn.Config(web, host="127.0.0.1", port=0, log_level="error", lifespan="off"))
    made = Place(town, program, server)
    fill(made)
    runner = threading.Thread(target=server.run, daemon=True)
    runner.start()
    while not server.started:
        runner.join(0.01)
    made.port = server.servers[0].sockets[0].getsockname()[1]
    yield made
    program.stopping = True
    server.should_exit = True
    runner.join(10)


def fill(place: Place) -> None:
    """Meetings that stand in each of the ways, a closed day, a held time, a feed."""
    town = place.town
    told = (
        ("Kim", "2026-11-23 13:00", "yes", "Anna"), ("Sam", "2026-11-24 09:30", None, "Anna"),
        ("Ali", "2026-11-24 13:00", "no", "Erik"), ("Maximilian-Alexander", "2026-11-25 10:00", "move", "Anna"),
        ("Eva", "2026-11-26 13:30", None, "Erik"),
    )  # fmt: skip
    for number, (name, when, answer, member) in enumerate(told):
        phone = town.signed_up(address=f"+4670174062{number}", name=name)
        who = phone.standing().participant_id
        kept = meetings.book(
            town.store, town.house, town.now, OPERATOR, who, Ask(when, 40, member=member, note="Ring porttelefonen.")
        )
        place.meetings[name] = kept.id
        with town.store.begin() as tx:
            if answer:
                appointments.answer(tx, town.now, kept.id, answer)
    meetings.cancel(town.store, town.house, town.now, OPERATOR, place.meetings["Eva"])
    with town.store.begin() as tx:
        unit = units.get_unit(tx, "alvsbyn").id
        anna = next(who for who, name in staff.names(tx, unit).items() if name == "Anna")
        roster.add_exception(tx, unit, Absence(date(2026, 11, 27)))
        busy.hold(tx, town.now, who, anna, (at("2026-11-26 10:00"), at("2026-11-26 10:40")), [1])
        feeds.renew(tx, anna, town.now)
        for meeting in place.meetings.values():
            person = appointments.get(tx, meeting).participant_id
            rated.answered(tx, town.now, person, unit, 3, scale="ors")
            rated.answered(tx, town.now, person, unit, 7.5, scale="ors")
            rated.answered(tx, town.now, person, unit, 9, mode="sms", comment="Bra")
    town.now += timedelta(minutes=5)


@pytest.fixture
def window(browser: Browser, place: Place) -> Iterator[Window]:
    """A way to open pages; fails the test when a page complained or asked another host."""
    opened = Window(browser, place)  # type: ignore[arg-type]
    yield opened
    for context in opened.contexts:
        context.close()
    refused = "status of 422"  # a form that is wrong on purpose: Chromium remarks on it
    assert [what for what in opened.wrong if refused not in what] == []


def enter(
    window: Window, place: Place, path: str, *, name: str = "Anna", role: str = "samordnare", narrow: bool = False,
    dark: bool = False, scripts: bool = True,
) -> Page:  # fmt: skip
    """Open a page as somebody who is logged in."""
    page = window.open("/personal/logga-in", size=NARROW if narrow else WIDE, dark=dark, scripts=scripts)
    page.context.add_cookies([{"name": "ingang", "value": place.token_of(name, role), "url": place.address}])
    page.goto(f"{place.address}{path}")
    return page


def paths(place: Place) -> dict[str, str]:
    """The pages that are looked at."""
    with place.town.store.read() as tx:
        erik = next(each.id for each in staff.list_staff(tx) if each.first_name == "Erik")
    sam = place.town.meeting(place.meetings["Sam"])
    return {
        "week": "/personal/kalender?vecka=2026-V48&vems=enhet",
        "day": "/personal/kalender?dag=2026-11-23&vems=enhet",
        "christmas": "/personal/kalender?vecka=2026-V52",
        "book": f"/personal/kalender/boka?person={sam.participant_id}",
        "whom": "/personal/kalender/boka",
        "meeting": f"/personal/mote/{sam.id}",
        "past": f"/personal/mote/{place.meetings['Kim']}",
        "move": f"/personal/mote/{sam.id}/flytta",
        "cancel": f"/personal/mote/{sam.id}/avboka",
        "hours": "/personal/kalender/tider",
        "sick": "/personal/kalender/sjuk",
        "roster": "/personal/bemanning",
        "member": f"/personal/bemanning/{erik}",
        "groups": "/personal/grupper",
        "ratings": "/personal/skattningar",
        "ratings-settings": "/personal/installningar/skattningar",
        "ratings-texts": "/personal/installningar/skattningar/texter/srs",
    }


def faults_of(page: Page) -> str:
    """What axe finds; empty when nothing."""
    found = Axe().run(page)
    return "" if not found.response["violations"] else found.generate_report()


@pytest.mark.parametrize(("narrow", "dark"), [(False, False), (False, True), (True, False), (True, True)])
def test_every_page_is_sound_and_fits(window: Window, place: Place, narrow: bool, dark: bool) -> None:
    page = enter(window, place, "/personal/grupper", narrow=narrow, dark=dark)
    for name, path in paths(place).items():
        answer = page.goto(f"{place.address}{path}")
        assert answer is not None
        assert answer.status == 200, path
        assert len(answer.body()) < 100_000, path
        if PICTURES:
            file = f"{name}-{390 if narrow else 1280}{'-dark' if dark else ''}.png"
            page.screenshot(path=Path(PICTURES) / file, full_page=True)
        assert faults_of(page) == "", path
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path


def test_a_walk_is_booked_by_keyboard_alone(window: Window, place: Place) -> None:
    page = enter(window, place, paths(place)["book"], name="Anna", role="handlaggare")
    page.get_by_label("När, i ord").focus()
    page.keyboard.type("tors 11")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Läst som torsdag 26 november kl. 11.")).to_be_visible()
    expect(page.get_by_role("heading", name="Vad kommer Sam att få?")).to_be_visible()
    assert faults_of(page) == ""
    page.get_by_role("button", name="Boka", exact=True).focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Mötet är bokat.")).to_be_visible()


@pytest.mark.parametrize("scripts", [True, False])
def test_a_free_time_is_pressed_and_booked(window: Window, place: Place, scripts: bool) -> None:
    page = enter(window, place, paths(place)["book"], narrow=True, scripts=scripts)
    page.locator(".times button").first.click()
    page.get_by_role("button", name="Boka", exact=True).click()
    expect(page.get_by_text("Mötet är bokat.")).to_be_visible()
    page.get_by_role("link", name="Flytta eller ändra").click()
    page.get_by_label("När, i ord").fill("xyz")
    page.get_by_role("button", name="Visa vad Sam får").click()
    expect(page.locator(".wrong")).to_have_text(
        "! Tiden gick inte att läsa. Skriv till exempel: tors 14, eller 3/12 kl. 13.30."
    )
    if scripts:
        assert faults_of(page) == ""


def test_the_week_is_walked_with_the_keyboard(window: Window, place: Place) -> None:
    page = enter(window, place, paths(place)["week"])
    page.get_by_role("link", name="Nästa vecka").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Vecka 49")).to_be_visible()
    page.get_by_role("link", name="I dag", exact=True).click()
    page.locator(".meet a", has_text="Kim").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Promenaden i dag kl. 13")


def test_a_roster_is_changed_and_a_unit_closed(window: Window, place: Place) -> None:
    page = enter(window, place, "/personal/bemanning", name="Maria", narrow=True)
    page.get_by_role("link", name="Erik", exact=True).click()
    page.get_by_label("Måndag").fill("16-8")
    page.get_by_role("button", name="Spara veckan").click()
    expect(page.locator(".wrong")).to_have_text("! Slutet ska vara senare än början, samma dag.")
    assert faults_of(page) == ""
    page.get_by_label("Måndag").fill("9-12")
    page.get_by_role("button", name="Spara veckan").click()
    expect(page.get_by_text("Veckan är sparad.")).to_be_visible()
    page.get_by_role("button", name="Stäng för nya").click()
    expect(page.get_by_text("Enheten är stängd för nya.")).to_be_visible()
