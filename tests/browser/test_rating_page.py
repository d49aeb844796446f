"""The four lines of a rating in a browser: by keyboard, finger and number, and the curve that comes of them."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page, ViewportSize, expect

from messages.scales import load_scales
from rules.ratings import Marks, score
from staff import meetings as work
from staff.meetings import Ask
from staff.people import Actor
from storage import contacts, participants, rating_links, ratings, staff, units
from storage.rating_links import Purpose
from storage.ratings import Rating, Result, Wanted
from tests.browser.conftest import NARROW, WIDE, Window
from tests.site import Site, open_site

pytestmark = pytest.mark.browser

OPERATOR = Actor("os:drift")
CENTIMETRES_10 = 100 / 25.4 * 96  # in CSS pixels


class Rated:
    """Kim and Anna met; the demo's pages, and links to them."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.number = 0
        with site.app.store.begin() as tx:
            self.unit = units.list_units(tx)[0].id
            self.person = contacts.create(tx, site.app.clock.now(), "sim_sms", "+46701740699", unit_id=self.unit)
            participants.set_profile(tx, self.person.participant_id, name="Kim", birth_year=2003)
            participants.set_status(tx, self.person.participant_id, "active")
            self.anna = str(next(iter(staff.names(tx, self.unit))))

    def meets(self) -> int:
        """Book one more meeting, a week after the one before."""
        self.number += 1
        app = self.site.app
        at = app.clock.now() + timedelta(days=2 + 7 * self.number)
        ask = Ask(f"{at:%Y-%m-%d} 10:00", member=self.anna)
        return work.book(app.store, app.house, app.clock.now(), OPERATOR, self.person.participant_id, ask).id

    def asked(self, meeting: int | None = None, role: str = "after", scale: str = "egna_efter", **how: Any) -> int:
        """Ask for a rating."""
        own, now = load_scales()[scale], self.site.app.clock.now()
        told: dict[str, Any] = {"version": own.version, "instrument": own.instrument}
        told["expires"] = now + timedelta(days=2)
        meeting = self.meets() if meeting is None else meeting
        with self.site.app.store.begin() as tx:
            wanted = Wanted(self.person.participant_id, self.unit, meeting, role, scale, **told | how)
            rating = ratings.ask(tx, now, wanted)
        assert rating is not None
        return rating

    def link(self, rating: int | None, purpose: Purpose = "answer") -> str:
        """Make a link to a page; give its address."""
        with self.site.app.store.begin() as tx:
            ends = self.site.app.clock.now() + timedelta(minutes=30)
            return f"/d/{rating_links.make(tx, purpose, self.person.participant_id, rating, ends)}"

    def kept(self, rating: int) -> Rating:
        """A rating as it stands."""
        with self.site.app.store.read() as tx:
            found = ratings.find(tx, rating)
        assert found is not None
        return found

    def many(self, sessions: int) -> None:
        """Let there be ratings of both scales, with some missing and some given in numbers."""
        chance, now = random.Random(7), self.site.app.clock.now()
        for number in range(sessions):
            meeting = self.meets()
            for role, scale in (("before", "ors"), ("after", "srs")):
                rating = self.asked(meeting, role, scale)
                with self.site.app.store.begin() as tx:
                    if chance.random() < 0.15:
                        ratings.expire(tx, rating)
                        continue
                    level = 3.5 + number / sessions * 3 + (2 if role == "after" else 0)
                    items = [min(10.0, max(0.0, round(level + chance.uniform(-1, 1), 1))) for _ in range(4)]
                    mode = "sms" if number == sessions // 2 else "page"
                    for key, value in zip(load_scales()[scale].keys, items, strict=True):
                        ratings.keep_item(tx, now, rating, key, value, mode)
                    done = score("ORS" if role == "before" else "SRS", items, age=23)
                    result = Result(
                        "numbers" if mode == "sms" else "line", done.total, None, done.mark, None, done.straight, 0,
                        Marks().as_dict(),
                    )  # fmt: skip
                    ratings.finish(tx, now, rating, mode, result)


@pytest.fixture
def rated(tmp_path: Path) -> Iterator[Rated]:
    """The program in this process, with a person who was met."""
    with open_site(tmp_path / "data") as site:
        yield Rated(site)


@pytest.fixture
def window(browser: Browser, rated: Rated) -> Iterator[Window]:
    """A way to open its pages; fails the test when one complained."""
    served: Any = rated.site
    opened = Window(browser, served)
    yield opened
    for context in opened.contexts:
        context.close()
    assert opened.wrong == []


def _lines(page: Page) -> Locator:
    return page.get_by_role("slider")


def _fair(page: Page, width: int) -> None:
    """What axe finds, and whether anything sticks out."""
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize(("size", "dark"), [(WIDE, False), (NARROW, True)], ids=["wide-light", "narrow-dark"])
def test_with_the_keyboard_alone(window: Window, rated: Rated, size: ViewportSize, dark: bool) -> None:
    rating = rated.asked()
    page = window.open(rated.link(rating), size=size, dark=dark)
    _fair(page, size["width"])
    expect(_lines(page)).to_have_count(4)
    for line in _lines(page).all():
        expect(line).to_have_attribute("aria-valuetext", "inget svar än")
    while not page.evaluate("document.activeElement.matches('input[type=range]')"):
        page.keyboard.press("Tab")
    for key in ("7", "ArrowRight", "ArrowRight", "PageUp", "ArrowLeft"):
        page.keyboard.press(key)
    expect(_lines(page).first).to_have_attribute("aria-valuetext", "8,1 av 10")
    page.keyboard.press("Tab")  # to the button that takes the mark away
    page.keyboard.press("Tab")
    page.keyboard.press("End")
    page.keyboard.press("PageDown")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("5")
    page.keyboard.press("Delete")  # skipped
    page.keyboard.press("Tab")
    page.keyboard.press("Home")
    _fair(page, size["width"])
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.type("Lite kortare")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Tack")
    _fair(page, size["width"])
    kept = rated.kept(rating)
    assert dict(kept.items) == {"relation": 8.1, "goals": 9.0, "approach": None, "overall": 0.0}
    assert (kept.mode, kept.form, kept.state, kept.comment) == ("page", "line", "partly", "Lite kortare")


def test_the_line_is_ten_centimetres_where_the_screen_allows(window: Window, rated: Rated) -> None:
    address = rated.link(rated.asked())
    wide = window.open(address).locator(".line").first.bounding_box()
    assert wide is not None
    assert wide["width"] == pytest.approx(CENTIMETRES_10, abs=0.1)
    assert wide["height"] >= 44
    narrow = window.open(address, size=NARROW).locator(".line").first.bounding_box()
    assert narrow is not None
    assert 280 <= narrow["width"] <= CENTIMETRES_10


def test_a_mark_lies_where_the_line_was_touched(window: Window, rated: Rated) -> None:
    rating = rated.asked()
    page = window.open(rated.link(rating))
    box = page.locator(".line").first.bounding_box()
    assert box is not None
    for share, told in ((0.5, "5,0 av 10"), (0.732, "7,3 av 10"), (0.001, "0,0 av 10"), (0.999, "10,0 av 10")):
        page.mouse.click(box["x"] + box["width"] * share, box["y"] + 20)
        expect(_lines(page).first).to_have_attribute("aria-valuetext", told)
    page.mouse.move(box["x"] + box["width"] * 0.9, box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.3, box["y"] + 60)
    page.mouse.up()
    expect(_lines(page).first).to_have_attribute("aria-valuetext", "3,0 av 10")
    page.get_by_role("button", name="Ta bort").first.click()
    expect(_lines(page).first).to_have_attribute("aria-valuetext", "inget svar än")
    box = page.locator(".line").nth(1).bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + 20)  # where a browser keeps its own thumb
    page.get_by_role("button", name="Skicka").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Tack")
    assert dict(rated.kept(rating).items) == {"relation": None, "goals": 5.0, "approach": None, "overall": None}


def test_a_finger_marks_too(window: Window, rated: Rated) -> None:
    rating = rated.asked()
    page = window.open(rated.link(rating), size=NARROW)
    page.locator(".line").nth(3).scroll_into_view_if_needed()
    box = page.locator(".line").nth(3).bounding_box()
    assert box is not None
    page.touchscreen.tap(box["x"] + box["width"] * 0.25, box["y"] + 22)
    expect(_lines(page).nth(3)).to_have_attribute("aria-valuetext", "2,5 av 10")


def test_nothing_marked_is_not_sent(window: Window, rated: Rated) -> None:
    rating = rated.asked()
    page = window.open(rated.link(rating))
    page.get_by_role("button", name="Skicka").click()
    expect(page.get_by_role("alert")).to_contain_text("Inget är ifyllt än")
    expect(_lines(page).first).to_have_attribute("aria-valuetext", "inget svar än")
    assert rated.kept(rating).state == "asked"
    window.wrong.clear()  # the browser tells of the 422
    _lines(page).first.press("6")
    page.get_by_role("button", name="Skicka").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Tack")


@pytest.mark.parametrize(("size", "dark"), [(WIDE, False), (NARROW, True)], ids=["wide-light", "narrow-dark"])
def test_without_scripts(window: Window, rated: Rated, size: ViewportSize, dark: bool) -> None:
    rating = rated.asked()
    page = window.open(rated.link(rating), size=size, dark=dark, scripts=False)
    expect(_lines(page)).to_have_count(0)
    fields = page.get_by_label("Din siffra")
    expect(fields).to_have_count(4)
    fields.nth(0).fill("7,5")
    fields.nth(1).fill("bra")
    page.get_by_role("button", name="Skicka").click()
    expect(page.get_by_role("alert")).to_contain_text("Inget är skickat än")
    window.wrong.clear()  # the browser tells of the 422
    expect(fields.nth(0)).to_have_value("7,5")
    expect(fields.nth(1)).to_have_value("bra")
    expect(fields.nth(1)).to_have_attribute("aria-invalid", "true")
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    fields.nth(1).fill("8")
    page.get_by_role("button", name="Skicka").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Tack")
    kept = rated.kept(rating)
    assert dict(kept.items) == {"relation": 7.5, "goals": 8.0, "approach": None, "overall": None}
    assert (kept.mode, kept.form) == ("page_numbers", "numbers")


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "plain"])
def test_the_back_button_shows_no_answer(window: Window, rated: Rated, scripts: bool) -> None:
    rating = rated.asked(role="before", scale="egna_fore")
    page = window.open("/d/info", scripts=scripts)
    page.goto(f"{window.program.address}{rated.link(rating, 'device')}")
    if scripts:
        _lines(page).first.press("3")
    else:
        page.get_by_label("Din siffra").first.fill("3")
    page.get_by_label("innan vi ses?").fill("hemliga ord")
    page.get_by_role("button", name="Skicka").click()
    expect(page.get_by_text("Du kan lämna tillbaka skärmen nu.")).to_be_visible()
    for step in (page.go_back, page.go_forward, page.reload, page.go_back):
        step()
        expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("Tack|Så hanterar vi"))
        assert "hemliga" not in page.content()
    assert rated.kept(rating).comment == "hemliga ord"


@pytest.mark.parametrize(("size", "dark"), [(WIDE, False), (NARROW, True)], ids=["wide-light", "narrow-dark"])
def test_ones_own_curve(window: Window, rated: Rated, size: ViewportSize, dark: bool) -> None:
    rated.many(40)
    page = window.open(rated.link(None, "curve"), size=size, dark=dark)
    _fair(page, size["width"])
    page.get_by_role("button", name="Visa min kurva").click()
    expect(page.get_by_role("img", name="Skattningar träff för träff")).to_be_visible()
    expect(page.get_by_role("table").get_by_role("row")).to_have_count(81)
    _fair(page, size["width"])
    page.emulate_media(media="print", color_scheme="dark" if dark else "light")
    for part in (".c-missing", ".c-point", ".c-panel text"):
        expect(page.locator(part).first).to_have_css("color", "rgb(0, 0, 0)")  # on paper, once the browser has seen it
    page.emulate_media(media="screen")
    page.go_back()
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text("Länken är använd")
    window.wrong.clear()  # the browser tells of the 410
