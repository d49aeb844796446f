"""Every page of a person in every language: all of it, marked as what it is, and never a word of another."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, timedelta
from html.parser import HTMLParser
from typing import Any, Final
from urllib.parse import urlencode

import httpx
import pytest
from fastapi import FastAPI
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar

from bot.doors import info, meeting_page, webchat
from bot.doors.languages import preferred
from bot.doors.webchat import COOKIE, address_of
from messages.catalog import Catalog
from messages.page_words import page_words
from storage import page_links, participants, unit_scales
from storage.db import Store
from tests.doors.test_rating_page import FULL, KEYS, LICENSED, Rated
from tests.meeting_town import MeetingTown
from tests.site import Site
from tests.staff.pages.conftest import InProcess, MadeUpProgram

CATALOG: Final = Catalog.load()
LANGUAGES: Final = CATALOG.page_languages()
DAY: Final = date(2026, 10, 1)
TOKEN: Final = "t" * 43
SHOWN: Final = ("title", "aria-label", "aria-valuetext", "data-label", "placeholder", "alt")
"""Attributes whose words people see or hear."""

EMPTY: Final = frozenset({"meta", "link", "input", "br", "path", "rect", "circle", "line"})


class Read(HTMLParser):
    """The words that a page shows in its own language, and those that it marks as another's."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.language, self.own, self.other = "", list[str](), list[str]()
        self._inside: list[tuple[str, bool]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given_attrs = dict(attrs)
        if tag == "html":
            self.language = given_attrs["lang"] or ""
        foreign = (given_attrs.get("lang") or self.language) != self.language or given_attrs.get("class") == "said"
        foreign = foreign or (bool(self._inside) and self._inside[-1][1])
        self._keep(" ".join(given_attrs.get(name) or "" for name in SHOWN), foreign)
        if tag not in EMPTY:
            self._inside.append((tag, foreign))

    def handle_endtag(self, tag: str) -> None:
        while self._inside and self._inside.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        self._keep(data, bool(self._inside) and self._inside[-1][1])

    def _keep(self, text: str, foreign: bool) -> None:
        (self.other if foreign else self.own).append(text)


def words_in(text: str) -> set[str]:
    return set(re.findall(r"[^\W\d_]+", re.sub(r"\{\w+\}|[a-z]+\.se\S*", "", text.casefold())))


def words_of(language: str) -> set[str]:
    """What a page may say in a language: its own words, its days and months, and how help is asked for."""
    book = CATALOG.books[language]
    dates = [*book.words.dates["weekdays"], *book.words.dates["months"], *book.words.dates["near"].values()]
    lines = [f"{line.name} {line.says} {line.hours}" for line in book.help_lines]
    return words_in(" ".join([*page_words(language).words.values(), *dates, *lines, book.words.dates["moment"]]))


def strange(language: str) -> set[str]:
    """Words that only the other languages' pages have."""
    return set[str]().union(*(words_of(other) for other in LANGUAGES if other != language)) - words_of(language)


def check(page: httpx.Response, language: str, *known: str) -> None:
    """A page in `language`, with these words among its own."""
    read = Read(page.text)
    assert read.language == language
    said = " ".join(read.own)
    assert words_in(said) & strange(language) == set()
    for word in known:
        assert word in said
    assert len(page.content) < 100_000
    assert "unsafe" not in page.headers["content-security-policy"]
    assert "{" not in said


@dataclass
class Walker:
    """Somebody with a phone in a language, and a browser on the way to their pages."""

    town: MeetingTown
    language: str
    browser: httpx.Client = field(init=False)
    person: int = 0

    def __post_init__(self) -> None:
        web, program = FastAPI(), MadeUpProgram(self.town)
        at_doors: Any = program
        for door in (webchat, info, meeting_page):
            web.include_router(door.router(at_doors))
        # What the browser says is not what the person reads: it only counts where nobody is known.
        accepts = {"accept-language": "sv" if self.language == "en" else "en"}
        self.browser = httpx.Client(
            transport=InProcess(web, "192.0.2.7"), base_url="https://ingang.example", headers=accepts
        )
        self.phone = self.town.signed_up()
        self.person = self.phone.standing().participant_id
        self.phone.writes({"sv": "SV", "en": "EN"}[self.language])

    def books(self) -> tuple[int, str]:
        """A meeting, and the address of its page."""
        meeting = self.town.books(self.phone, "2026-11-26 13:30")
        with self.town.store.read() as tx:
            return meeting, f"/d/{page_links.token_of(tx, meeting)}"

    def post(self, path: str, data: Any) -> httpx.Response:
        """Send a form as a browser does, and see where it leads."""
        headers = {"content-type": "application/x-www-form-urlencoded"}
        answer = self.browser.post(path, content=urlencode(data), headers=headers)
        return self.browser.get(answer.headers["location"]) if answer.status_code == 303 else answer


@pytest.fixture(params=LANGUAGES)
def walker(request: pytest.FixtureRequest, store: Store) -> Walker:
    """Somebody who wrote EN, and somebody who did not."""
    return Walker(MeetingTown(store), request.param)


def in_both(walker: Walker, swedish: str, english: str) -> str:
    return english if walker.language == "en" else swedish


def test_the_page_of_a_meeting(walker: Walker) -> None:
    meeting, path = walker.books()
    when = in_both(walker, "Torsdag 26 november kl. 13.30", "Thursday 26 November at 13:30")
    first = walker.browser.get(path)
    check(first, walker.language, when, "Anna", "40", in_both(walker, "Promenad, 40 minuter", "A walk, 40 minutes"))
    place = re.search(r"<dd><span( lang=\"sv\")?>Skutan", first.text)
    assert place is not None
    assert bool(place[1]) == (walker.language != "sv")
    told = {
        "yes": in_both(walker, "Du har svarat ja", "You answered yes"),
        "no": in_both(walker, "Du har svarat nej", "You answered no"),
        "move": in_both(walker, "Du vill ha en annan tid", "You want another time"),
    }
    for answer, words in told.items():
        check(walker.post(path, {"answer": answer, "version": "1"}), walker.language, words)
    walker.town.cancels(meeting)
    check(
        walker.browser.get(path), walker.language, in_both(walker, "Tiden är avbokad", "This time is cancelled"), when
    )


@pytest.mark.few_on_postgres
@pytest.mark.parametrize("form", ["walk_and_talk", "visit", "office", "phone", "video"])
def test_every_form_of_meeting_has_words(walker: Walker, form: str) -> None:
    meeting = walker.town.books(walker.phone, "2026-11-26 13:30", form=form)
    with walker.town.store.read() as tx:
        path = f"/d/{page_links.token_of(tx, meeting)}"
    check(walker.browser.get(path), walker.language)
    walker.town.now += timedelta(days=3, hours=6)
    over = in_both(walker, "Tiden har varit, eller har börjat.", "This time has passed, or it has begun.")
    check(walker.browser.get(path), walker.language, over)


def test_the_file_for_a_calendar_says_who_and_where(walker: Walker) -> None:
    _, path = walker.books()
    (event,) = Calendar.from_ical(walker.browser.get(f"{path}/tid.ics").content).walk("VEVENT")
    assert "Anna" in str(event["SUMMARY"])


@pytest.mark.few_on_postgres("role")
@pytest.mark.parametrize(("role", "scale"), [("after", "egna_efter"), ("before", "egna_fore")])
@pytest.mark.parametrize("purpose", ["answer", "device"])
def test_the_page_of_a_rating(walker: Walker, role: str, scale: str, purpose: Any) -> None:
    meeting, _ = walker.books()
    rated = Rated(walker.town, walker.person, meeting)
    rated.asked(purpose, role, scale)
    path = f"/d/{rated.token}"
    question = {
        "after": in_both(walker, "Lyssnade Anna på dig?", "Did Anna listen to you?"),
        "before": in_both(walker, "Hur mår du?", "How do you feel?"),
    }[role]
    check(walker.browser.get(path), walker.language, question, "90101", "112")
    wrong = walker.post(path, {"relation": "bra", "individual": "11", "comment": "x" * 5000})
    assert wrong.status_code == 422
    number = in_both(walker, "till exempel 7 eller 7,5", "for example 7 or 7.5")
    check(wrong, walker.language, number, in_both(walker, "Det är för långt.", "It is too long."))
    nothing = walker.post(path, {"comment": ""})
    check(nothing, walker.language, in_both(walker, "Inget är ifyllt än.", "Nothing is filled in yet."))
    sent = walker.post(path, dict.fromkeys(("relation", "individual"), "7"))
    check(sent, walker.language, in_both(walker, "Svaren är skickade.", "The answers have been sent."))


def test_licensed_words_stay_as_they_were_written_and_are_marked_so(walker: Walker) -> None:
    meeting, _ = walker.books()
    rated = Rated(walker.town, walker.person, meeting)
    with walker.town.store.begin() as tx:
        unit = participants.get(tx, walker.person).unit_id or 0
        unit_scales.keep(tx, walker.town.now, unit, "srs", "Älvsbyns kommun", DAY, LICENSED, "v1", by="os:drift")
    rated.asked(scale="srs", version="v1", instrument="SRS")
    page = walker.browser.get(f"/d/{rated.token}")
    check(page, walker.language, in_both(walker, "Frågorna är SRS.", "The questions are SRS."))
    marked = ' lang="sv"' if walker.language != "sv" else ""
    assert [f"<span{marked}>Prov {key}?</span>" in page.text for key in KEYS] == [True] * 4


def test_ones_own_curve(walker: Walker) -> None:
    meeting, _ = walker.books()
    rated = Rated(walker.town, walker.person, meeting)
    rated.asked()
    walker.post(f"/d/{rated.token}", {**FULL, "how": "line"})
    said = " ".join(walker.phone.writes(in_both(walker, "MIN KURVA", "MY CURVE")))
    assert in_both(walker, "Här kan du se din kurva", "Here you can see your curve") in said
    path = re.findall(r"/d/[A-Za-z0-9_-]{22}", said)[-1]
    check(walker.browser.get(path), walker.language, in_both(walker, "Visa min kurva", "Show my curve"))
    drawn = walker.post(path, {})
    assert drawn.status_code == 200
    check(
        drawn, walker.language, in_both(walker, "31,0 av 40", "31.0 of 40"), in_both(walker, "26 nov", "26 Nov"),
        in_both(walker, "egna frågor", "our own questions"), in_both(walker, "MIN KURVA", "MY CURVE"),
    )  # fmt: skip
    check(walker.browser.get(path), walker.language, in_both(walker, "Länken är använd", "The link has been used"))


def test_the_chat_speaks_as_its_talk_does(walker: Walker) -> None:
    town = walker.town
    phone = town.phone("web", address_of(TOKEN))
    phone.writes("hej")
    phone.writes({"sv": "SV", "en": "EN"}[walker.language])
    walker.browser.cookies.set(f"__Host-{COOKIE}", TOKEN)
    page = walker.browser.get("/chatt")
    check(page, walker.language, in_both(walker, "Ditt meddelande", "Your message"))
    assert 'class="language"' not in page.text
    told = walker.browser.get("/chatt/messages").json()
    assert told["lang"] == walker.language
    assert told["messages"][0]["moment"].startswith(in_both(walker, "i dag kl. ", "today at "))
    closed = walker.browser.post(f"/chatt/leave?lang={walker.language}")
    check(closed, walker.language, in_both(walker, "Chatten är stängd", "The chat is closed"))


# --- who is not known -------------------------------------------------------------------------------------------------


@pytest.mark.few_on_postgres
@pytest.mark.parametrize("path", ["/d/info", "/d/nothing", f"/d/{'x' * 22}", "/d/nothing/tid.ics", "/chatt"])
def test_whoever_is_not_known_chooses(store: Store, path: str) -> None:
    walker = Walker(MeetingTown(store), "sv")
    browser = walker.browser
    for accepts, wanted, language in (
        ("", "", "sv"), ("sv-SE", "", "sv"), ("en-GB,en;q=0.9,sv;q=0.8", "", "en"), ("de", "", "sv"),
        ("sv", "en", "en"), ("en", "sv", "sv"), ("sv", "<script>", "sv"), ("en", "xx", "en"),
    ):  # fmt: skip
        params = {"lang": wanted} if wanted else {}
        page = browser.get(path, params=params, headers={"accept-language": accepts})
        check(page, language)
        other, name = ("sv", "Svenska") if language == "en" else ("en", "English")
        assert f'href="?lang={other}" lang="{other}" hreflang="{other}">{name}</a>' in page.text
        assert f'href="/d/info?lang={language}"' in page.text
        assert "set-cookie" not in page.headers
        assert "<script>" not in page.text


def test_the_language_that_was_chosen_is_carried_into_the_talk(site: Site) -> None:
    page = site.client.get("/chatt", params={"start": "alvsbyn_affisch", "lang": "en"}).text
    assert 'href="?start=alvsbyn_affisch&amp;lang=sv"' in page
    assert 'name="lang" value="en"' in page
    begun = site.client.post("/chatt", data={"begin": "1", "start": "alvsbyn_affisch", "lang": "en"})
    assert begun.status_code == 303
    page = site.client.get("/chatt").text
    assert '<html lang="en">' in page
    assert "I am a bot." in page
    site.client.post("/chatt", data={"text": "sv"})
    assert '<html lang="sv">' in site.client.get("/chatt").text


@pytest.mark.parametrize("language", ["", "xx", "<script>", "EN", "en" * 500])
def test_a_language_that_is_not_there_begins_in_swedish(site: Site, language: str) -> None:
    assert site.client.post("/chatt", data={"text": "hej", "lang": language}).status_code == 303
    page = site.client.get("/chatt").text
    assert '<html lang="sv">' in page
    assert "Jag är en bot." in page


def test_too_much_is_said_in_the_language_of_the_page(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.doors.limits.Bucket.take", lambda *_: False)
    for language, words in (("sv", "Vänta en stund"), ("en", "Wait a little while")):
        told = site.client.post("/chatt/messages", json={"text": "hej", "lang": language})
        assert (told.status_code, words in told.json()["detail"]) == (429, True)
        page = site.client.post("/chatt", data={"text": "hej", "lang": language})
        assert (page.status_code, words in page.text) == (429, True)
        check(page, language)


@pytest.mark.parametrize(("header", "language"), [
    ("", "sv"), ("sv", "sv"), ("en", "en"), ("en-US,en;q=0.9", "en"), ("sv-SE,sv;q=0.9,en;q=0.8", "sv"),
    ("en;q=0.5, sv;q=0.5", "sv"), ("EN-gb", "en"), ("*", "sv"), ("en;q=0.3,*;q=0.1", "en"), ("fi,en;q=0.1", "en"),
    ("sv;q=0,en;q=0.1", "en"), ("en;q=0", "sv"), (";;;,,q=1", "sv"), ("en;q=banan", "sv"), ("fr, de", "sv"),
    ("ar,sv;q=0.9,en;q=0.8", "sv"), ("en ; q = 0.9 , sv ; q = 0.1", "en"),
])  # fmt: skip
def test_what_a_browser_likes_best(header: str, language: str) -> None:
    assert preferred(header, ("sv", "en")) == language


@given(st.text(max_size=2000))
def test_no_header_stops_a_page(header: str) -> None:
    assert preferred(header, ("sv", "en")) in ("sv", "en")
