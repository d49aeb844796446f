"""A person's own pages of ratings: a look changes nothing, a score is never guessed, and what was sent is not shown."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from threading import Thread
from types import MappingProxyType
from typing import Any
from unittest.mock import Mock
from urllib.parse import urlencode

import httpx
import pytest
from fastapi import FastAPI
from hypothesis import given
from hypothesis import strategies as st

from bot.doors import meeting_page
from bot.doors.languages import of_person
from bot.doors.rating_page import BUSY, NOT_A_NUMBER, NOTHING, TWO, RatingPages, read
from messages.page_words import page_words
from messages.scales import fill, load_scales
from scheduler import sweeps
from storage import alarms, appointments, contacts, inbox, participants, rating_links, ratings, unit_scales
from storage.db import Store
from storage.errors import StoreUnavailable
from storage.rating_links import Purpose
from storage.ratings import Rating, Wanted
from storage.tables import roster_shifts
from tests.meeting_town import MeetingTown
from tests.staff.pages.conftest import InProcess, MadeUpProgram

KEYS = ("relation", "goals", "approach", "overall")
FULL = {"relation": "7", "goals": "7,5", "approach": "6.5", "overall": "10"}
FORM = {"content-type": "application/x-www-form-urlencoded"}
NAME = "Kimberley"
LICENSED = {
    "items": {key: {"question": f"Prov {key}?", "low": "lågt", "high": "högt"} for key in KEYS},
}


def said(wrong: str) -> str:
    """What the page says of a fault."""
    return page_words().plain(f"rating.wrong.{wrong}")


@dataclass
class Rated:
    """Kimberley met Anna, and may say how it was; a browser on the way to the page."""

    town: MeetingTown
    person: int
    meeting: int
    browser: httpx.Client = field(init=False)
    rating: int = 0
    token: str = ""

    def __post_init__(self) -> None:
        web = FastAPI()
        program: Any = MadeUpProgram(self.town)
        web.include_router(meeting_page.router(program))
        self.browser = httpx.Client(transport=InProcess(web, "192.0.2.7"), base_url="https://ingang.example")

    def asked(self, purpose: Purpose = "answer", role: str = "after", scale: str = "egna_efter", **how: Any) -> None:
        """Ask for a rating, and make the link to its page."""
        own = load_scales()[scale]
        told = {"version": own.version, "instrument": own.instrument} | how
        lasts = self.town.now + timedelta(days=2)
        with self.town.store.begin() as tx:
            unit = participants.get(tx, self.person).unit_id
            assert unit is not None
            wanted = Wanted(self.person, unit, self.meeting, role, scale, expires=lasts, **told)
            rating = ratings.ask(tx, self.town.now, wanted)
            assert rating is not None
            self.rating = rating
            self.token = rating_links.make(tx, purpose, self.person, rating, lasts)

    def curve_link(self) -> None:
        """Make the link to their curve."""
        with self.town.store.begin() as tx:
            ends = self.town.now + rating_links.CURVE_OPEN
            self.token = rating_links.make(tx, "curve", self.person, None, ends)

    def look(self, **how: Any) -> httpx.Response:
        """Open the page."""
        return self.browser.get(f"/d/{self.token}", **how)

    def sends(self, data: Any = None, headers: Mapping[str, str] = MappingProxyType({})) -> httpx.Response:
        """Send the form as a browser does, also an empty one: fields by name, or (name, value) pairs."""
        body = urlencode(FULL if data is None else data)
        return self.browser.post(f"/d/{self.token}", content=body, headers={**FORM, **headers})

    def kept(self) -> Rating:
        """The rating as it stands."""
        with self.town.store.read() as tx:
            found = ratings.find(tx, self.rating)
        assert found is not None
        return found


@pytest.fixture
def rated(store: Store) -> Rated:
    """A person of 23 who met Anna on the Monday."""
    town = MeetingTown(store)
    phone = town.signed_up(name=NAME)
    meeting = town.books(phone, "2026-11-26 13:30")
    town.now += timedelta(days=3, hours=6)
    with store.read() as tx:
        person = appointments.get(tx, meeting).participant_id
    made = Rated(town, person, meeting)
    made.asked()
    return made


# --- the form --------------------------------------------------------------------------------------------------------


def test_the_page_asks_four_things_and_says_who_reads_and_where_help_is(rated: Rated) -> None:
    page = rated.look()
    assert page.status_code == 200
    for words in (
        "Lyssnade Anna på dig?", "Blev det rätt saker att prata om?", "helt och hållet",
        "Anna läser svaren, oftast senast",
        "Ingen läser dem direkt.", "90101", "112", "Frågorna är våra egna.", "nästa gång?",
    ):  # fmt: skip
        assert words in page.text
    assert page.text.count('type="range"') == 4
    assert page.text.count('inputmode="decimal"') == 4
    assert "Bris" not in page.text  # 23 years: the adults' line
    for secret in (NAME, str(rated.person), str(rated.rating), "+46"):
        assert secret not in page.text


def test_nothing_is_marked_from_the_start(rated: Rated) -> None:
    page = rated.look().text
    assert re.findall(r'name="(\w+)"[^>]*value="([^"]*)"', page) == [
        ("how", "numbers"), *[(key, "") for key in KEYS], ("other", "1"),
    ]  # fmt: skip
    assert "checked" not in page
    assert not any("name=" in each for each in re.findall(r'<input type="range"[^>]*>', page))


def test_no_look_changes_anything(rated: Rated) -> None:
    before = rated.kept()
    for _ in range(3):
        rated.look()
        rated.look(params={"relation": "7", "comment": "hej"})
        rated.look(headers={"user-agent": "WhatsApp/2.0", "purpose": "prefetch"})
        rated.browser.head(f"/d/{rated.token}")
        rated.browser.options(f"/d/{rated.token}")
    assert rated.kept() == before
    assert rated.sends().status_code == 303


def test_nobody_keeps_indexes_or_frames_it(rated: Rated) -> None:
    for answer in (rated.look(), rated.sends({"relation": "x"}), rated.sends(), rated.look()):
        assert "no-store" in answer.headers["cache-control"]
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert "style=" not in answer.text


def test_an_answer_is_kept_as_it_was_given(rated: Rated) -> None:
    done = rated.sends({**FULL, "how": "line", "comment": "Bra\r\natt gå ute"})
    assert (done.status_code, done.headers["location"]) == (303, f"/d/{rated.token}")
    kept = rated.kept()
    assert dict(kept.items) == {"relation": 7.0, "goals": 7.5, "approach": 6.5, "overall": 10.0}
    assert (kept.state, kept.total, kept.mode, kept.form) == ("answered", 31.0, "page", "line")
    assert kept.comment == "Bra\natt gå ute"


def test_numbers_that_no_line_was_drawn_for_are_kept_as_numbers(rated: Rated) -> None:
    rated.sends()
    assert (rated.kept().mode, rated.kept().form) == ("page_numbers", "numbers")


def test_half_an_answer_is_kept_as_such_and_zero_is_an_answer(rated: Rated) -> None:
    rated.sends({"relation": "0", "goals": "", "overall": " 3 "})
    kept = rated.kept()
    assert (kept.state, kept.total) == ("partly", None)
    assert dict(kept.items) == {"relation": 0.0, "goals": None, "approach": None, "overall": 3.0}


def test_words_alone_are_an_answer(rated: Rated) -> None:
    rated.sends({"comment": "inomhus nästa gång"})
    assert (rated.kept().state, rated.kept().comment) == ("partly", "inomhus nästa gång")


@pytest.mark.few_on_postgres
@pytest.mark.parametrize("data", [{}, dict.fromkeys(KEYS, ""), {"relation": "  ", "comment": " \r\n "}, {"x": "7"}])
def test_nothing_at_all_is_not_sent_and_uses_nothing_up(rated: Rated, data: dict[str, str]) -> None:
    answer = rated.sends(data)
    assert answer.status_code == 422
    assert said(NOTHING) in answer.text
    assert rated.kept().state == "asked"
    assert rated.sends().status_code == 303


@pytest.mark.few_on_postgres
@pytest.mark.parametrize("odd", [
    "11", "-1", "bra", "7 8", "7,55", "10,1", "1e1", "٧", "７", "NaN", "inf", "7/10", "0x5", "999999999999999999999",
    "--", "5;DROP", "<b>7</b>", "\x00", "5\x00", "1,,5", ",5", "5,",
])  # fmt: skip
def test_what_is_no_number_is_shown_again_with_the_fault_beside_it(rated: Rated, odd: str) -> None:
    answer = rated.sends({**FULL, "goals": odd, "comment": "mina ord"})
    assert answer.status_code == 422
    assert answer.text.count(said(NOT_A_NUMBER)) == 1
    assert 'aria-describedby="e-goals w-goals" aria-invalid="true"' in answer.text
    assert re.search(r'name="relation"[^>]*value="7"', answer.text)
    assert ">mina ord</textarea>" in answer.text
    assert "<b>" not in answer.text
    assert rated.kept().state == "asked"
    assert rated.sends().status_code == 303


def test_two_numbers_for_one_question_are_not_chosen_between(rated: Rated) -> None:
    answer = rated.sends([("relation", "3"), ("relation", "7"), ("goals", "5")])
    assert answer.status_code == 422
    assert said(TWO) in answer.text
    assert rated.kept().state == "asked"


def test_words_that_are_too_long_are_kept_on_the_page(rated: Rated) -> None:
    answer = rated.sends({**FULL, "comment": "å" * 1_001})
    assert answer.status_code == 422
    assert "Högst 1000 tecken" in answer.text
    assert "å" * 1_001 in answer.text
    assert rated.kept().state == "asked"
    assert rated.sends({**FULL, "comment": "å" * 1_000}).status_code == 303


@pytest.mark.parametrize(
    "words", ["<script>alert(1)</script>", "{{ 7*7 }}", "\ud83d\ude00 ok", "a\x00b", "' OR 1=1 --"]
)
def test_words_are_only_ever_words(rated: Rated, words: str) -> None:
    clean = words.encode("utf-16", "surrogatepass").decode("utf-16")
    shown = rated.sends({"goals": "x", "comment": clean})
    assert "<script>alert" not in shown.text
    assert rated.sends({**FULL, "comment": clean}).status_code == 303
    assert rated.kept().comment == clean.replace("\x00", "")


def test_what_could_not_be_kept_stays_on_the_page(rated: Rated, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(Store, "begin", Mock(side_effect=StoreUnavailable("locked")))
        answer = rated.sends({**FULL, "how": "line", "comment": "mina ord", "other": "1"})
    assert answer.status_code == 503
    assert said(BUSY) in answer.text
    assert ">mina ord</textarea>" in answer.text
    assert re.search(r'name="goals"[^>]*value="7,5"', answer.text)
    assert 'name="other" value="1" checked' in answer.text
    assert rated.kept().state == "asked"
    assert rated.sends().status_code == 303


def test_odd_bodies_keep_nothing(rated: Rated) -> None:
    for body in (b"", b"\xff\xfe=7", b"{}", b"relation", b"&" * 1000, b"a=1&" * 200, b"a" * 100_000):
        answer = rated.browser.post(f"/d/{rated.token}", content=body, headers=FORM)
        assert 400 <= answer.status_code < 500, body
    assert rated.browser.post(f"/d/{rated.token}", files={"relation": b"7"}).status_code == 415
    assert rated.kept().state == "asked"


@pytest.mark.few_on_postgres
@pytest.mark.parametrize("headers", [
    {"origin": "https://evil.example"}, {"sec-fetch-site": "cross-site"}, {"sec-fetch-site": "same-site"},
])  # fmt: skip
def test_another_sites_post_is_refused(rated: Rated, headers: dict[str, str]) -> None:
    assert rated.sends(headers=headers).status_code == 403
    assert rated.kept().state == "asked"


@given(st.dictionaries(st.sampled_from((*KEYS, "comment", "how", "z")), st.text(max_size=8)))
def test_no_form_is_ever_half_read(fields: dict[str, str]) -> None:
    sent = read(KEYS, list(fields.items()))
    if not sent.wrong:
        assert set(sent.items) == set(KEYS)
        assert all(value is None or 0 <= value <= 10 for value in sent.items.values())
        assert all(sent.items[key] is None for key in KEYS if not fields.get(key, "").strip())


# --- used, old, unknown, hidden ---------------------------------------------------------------------------------------


def test_a_link_used_twice_says_that_it_is_sent_and_shows_nothing(rated: Rated) -> None:
    rated.sends({**FULL, "comment": "hemliga ord"})
    first = rated.kept()
    again = rated.sends({"relation": "1", "comment": "andra ord"})
    assert again.status_code == 303
    assert rated.kept() == first
    page = rated.look()
    assert page.status_code == 200
    assert "Svaren är skickade." in page.text
    assert "90101" in page.text
    for secret in ("hemliga", "andra ord", "7,5", "Anna", "<form", NAME):
        assert secret not in page.text


def test_answered_by_another_door_the_page_says_that_it_is_sent(rated: Rated) -> None:
    with rated.town.store.begin() as tx:
        ratings.keep_item(tx, rated.town.now, rated.rating, "relation", 4.0, "sms")
        result = ratings.Result("numbers", None, None, None, None, False, 1, {})
        ratings.finish(tx, rated.town.now, rated.rating, "sms", result)
    assert "Svaren är skickade." in rated.look().text
    rated.sends()
    assert rated.kept().mode == "sms"


def test_the_page_waits_for_an_answer_that_is_being_taken(rated: Rated) -> None:
    """By message and on the page at the same moment: the one that came first counts, and neither waits for ever."""
    program: Any = MadeUpProgram(rated.town)
    now, result = rated.town.now, ratings.Result("numbers", None, None, None, None, False, 0, {})
    unknown = of_person(program.house.catalog, "sv")
    sending = Thread(target=RatingPages(program).take, args=(rated.token, list(FULL.items()), unknown))
    with rated.town.store.begin() as tx:
        contacts.wait_for_turn(tx, "sim_sms", rated.town.phone().address)
        sending.start()
        ratings.keep_item(tx, now, rated.rating, "relation", 4.0, "sms")
        ratings.finish(tx, now, rated.rating, "sms", result)
    sending.join(30)
    assert not sending.is_alive()
    assert rated.kept().mode == "sms"


def test_what_was_begun_elsewhere_is_not_shown(rated: Rated) -> None:
    """The link may be opened by another: it shows no answer, and numbers are no marks on a line."""
    with rated.town.store.begin() as tx:
        ratings.keep_item(tx, rated.town.now, rated.rating, "relation", 4.0, "sms")
    assert re.search(r'name="relation"[^>]*value=""', rated.look().text)
    rated.sends({**FULL, "how": "line"})
    assert rated.kept().items["relation"] == 7.0


def _gone(rated: Rated) -> tuple[int, str]:
    token, rated.token = rated.token, "A" * 22
    answer = rated.look()
    rated.token = token
    return answer.status_code, answer.text


def test_what_opens_nothing_looks_the_same(rated: Rated) -> None:
    gone = _gone(rated)
    assert gone[0] == 404
    rated.town.now += timedelta(days=2)
    found = rated.look()
    assert (found.status_code, found.text) == gone
    assert rated.sends().status_code == 404
    assert rated.kept().state == "asked"


def test_one_who_does_not_want_to_is_not_asked_by_the_page_either(rated: Rated) -> None:
    with rated.town.store.begin() as tx:
        ratings.decline(tx, rated.town.now, rated.rating)
    assert rated.look().status_code == 404
    rated.sends()
    assert rated.kept().state == "declined"


@pytest.mark.parametrize("hide", [participants.set_protected, participants.set_read_by_others])
def test_who_is_hidden_has_no_page(rated: Rated, hide: Callable[..., None]) -> None:
    gone = _gone(rated)
    with rated.town.store.begin() as tx:
        hide(tx, rated.person)
    answer = rated.look()
    assert (answer.status_code, answer.text) == gone
    rated.sends()
    assert rated.kept().state == "asked"
    rated.curve_link()
    assert rated.look().status_code == 404
    assert rated.sends({}).status_code == 404


def test_too_many_tries_are_turned_away(rated: Rated) -> None:
    codes = [rated.sends({"relation": "x"}).status_code for _ in range(25)]
    assert codes[0] == 422
    assert codes[-1] == 429
    assert [rated.look().status_code for _ in range(70)][-1] == 429


# --- whose words, whose age -------------------------------------------------------------------------------------------


def test_licensed_texts_name_their_holder(rated: Rated) -> None:
    with rated.town.store.begin() as tx:
        unit = participants.get(tx, rated.person).unit_id or 0
        filled = fill(load_scales()["srs"], LICENSED, "v7")
        unit_scales.keep(
            tx, rated.town.now, unit, "srs", "Älvsbyns kommun", date(2026, 10, 1), LICENSED, "v7", by="os:drift"
        )
    rated.meeting = rated.town.books(rated.town.phone(), "2026-12-01 10:00")
    rated.asked(scale="srs", version=filled.version)
    page = rated.look().text
    assert "Prov relation?" in page
    assert "Frågorna är SRS. Älvsbyns kommun har licens för dem." in page
    with rated.town.store.begin() as tx:
        unit_scales.remove(tx, unit, "srs")
    assert rated.look().status_code == 404  # the words that were asked in are not here any more


@pytest.mark.parametrize(("year", "shown", "not_shown"), [
    (2009, "Bris", "Mind"), (2003, "Mind", "Bris"),
])  # fmt: skip
def test_help_fits_the_age(rated: Rated, year: int, shown: str, not_shown: str) -> None:
    with rated.town.store.begin() as tx:
        participants.set_profile(tx, rated.person, birth_year=year)
    for _ in range(2):
        page = rated.look().text
        assert shown in page
        assert not_shown not in page
        rated.sends()


def test_who_chose_another_reader_is_told_so(rated: Rated) -> None:
    with rated.town.store.begin() as tx:
        ratings.hide_from(tx, rated.rating, appointments.get(tx, rated.meeting).staff_id)
    page = rated.look().text
    assert "Erik läser svaren" in page
    assert "Någon annan än" not in page


def test_the_person_may_choose_that_another_reads(rated: Rated) -> None:
    assert "Någon annan än Anna ska läsa svaren" in rated.look().text
    rated.sends({**FULL, "other": "1"})
    with rated.town.store.read() as tx:
        assert rated.kept().hidden_from == appointments.get(tx, rated.meeting).staff_id


def test_nobody_is_kept_from_reading_by_a_field_that_was_not_shown(rated: Rated) -> None:
    with rated.town.store.begin() as tx:
        tx.execute(roster_shifts.delete())
    assert "Någon annan än" not in rated.look().text
    rated.sends({**FULL, "other": "1"})
    assert rated.kept().hidden_from is None


def test_a_low_answer_and_words_become_a_task_and_distress_an_alarm(rated: Rated) -> None:
    rated.sends({**FULL, "relation": "2", "comment": "orkar inte leva längre"})
    with rated.town.store.read() as tx:
        assert {"rating", "distress"} <= inbox.open_kinds(tx, rated.person)
    rated.town.send()
    assert any("90101" in text for text in rated.town.phone().texts())


def test_distress_on_the_page_alarms_work_devices_at_once(rated: Rated) -> None:
    """Not at the next tick: when the page is answered nothing of the alarm waits any more."""
    rated.town.now -= timedelta(hours=2)  # somebody is on duty
    rated.sends({**FULL, "comment": "orkar inte leva längre"})
    with rated.town.store.read() as tx:
        assert alarms.list_due(tx, rated.town.now) == []
    assert [row.kind for row in rated.town.rows("queued") if row.kind == "staff_alarm"]


def test_an_alarm_that_cannot_go_at_once_leaves_the_answer_kept(rated: Rated, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweeps, "send_alarms", Mock(side_effect=StoreUnavailable("full")))
    rated.town.now -= timedelta(hours=2)
    assert rated.sends({**FULL, "comment": "orkar inte leva längre"}).status_code == 303
    with rated.town.store.read() as tx:
        assert alarms.list_due(tx, rated.town.now) != []  # the tick takes it


# --- staff's device ---------------------------------------------------------------------------------------------------


def _on_the_device(rated: Rated) -> None:
    rated.meeting = rated.town.books(rated.town.phone(), "2026-12-01 10:00")
    rated.asked("device", role="before", scale="egna_fore")


def test_on_staffs_device_nothing_of_the_person_is_left(rated: Rated) -> None:
    _on_the_device(rated)
    with rated.town.store.begin() as tx:
        participants.set_profile(tx, rated.person, birth_year=2010)
    assert "Hur mår du?" in rated.look().text
    sent = rated.sends({"individual": "3", "close": "4", "social": "5", "overall": "2,5", "how": "line"})
    assert sent.status_code == 303
    assert rated.kept().mode == "staff_page"
    page = rated.look().text
    assert "Du kan lämna tillbaka skärmen nu." in page
    assert "Bris" in page
    assert "Mind" in page  # both, so that the age does not show
    for secret in ("Anna", "2,5", NAME, "<form"):
        assert secret not in page


def test_the_device_is_for_those_whose_phone_others_read_too(rated: Rated) -> None:
    _on_the_device(rated)
    with rated.town.store.begin() as tx:
        participants.set_read_by_others(tx, rated.person)
    assert rated.look().status_code == 200
    with rated.town.store.begin() as tx:
        participants.set_protected(tx, rated.person)
    assert rated.look().status_code == 404


# --- their curve ------------------------------------------------------------------------------------------------------


def test_the_curve_is_shown_once_and_only_when_asked_for(rated: Rated) -> None:
    rated.sends({**FULL, "how": "line"})
    rated.curve_link()
    for _ in range(3):
        look = rated.look()
        assert look.status_code == 200
        assert "Visa min kurva" in look.text
        assert "<svg class=" not in look.text
        assert "31" not in look.text
    shown = rated.sends({})
    assert shown.status_code == 200
    assert "no-store" in shown.headers["cache-control"]
    assert '<svg class="curve"' in shown.text
    assert "31,0 av 40" in shown.text
    assert "26 nov 2026" in shown.text
    for secret in (NAME, "klinisk", str(rated.person)):
        assert secret not in shown.text
    again = rated.sends({})
    assert again.status_code == 410
    assert "MIN KURVA" in again.text
    assert "31,0" not in again.text
    assert rated.look().status_code == 410


def test_the_curve_opens_for_half_an_hour(rated: Rated) -> None:
    rated.curve_link()
    rated.town.now += timedelta(minutes=30)
    assert rated.look().status_code == 404
    assert rated.sends({}).status_code == 404


def test_a_curve_of_nothing_says_so(rated: Rated) -> None:
    rated.curve_link()
    shown = rated.sends({})
    assert "Det finns inga svar att visa än." in shown.text  # what can still be answered is not missing yet


def test_what_nobody_answered_is_shown_as_missing(rated: Rated) -> None:
    with rated.town.store.begin() as tx:
        ratings.expire(tx, rated.rating)
    rated.curve_link()
    assert "saknas (inget svar)" in rated.sends({}).text


# --- from the message to the page and back ----------------------------------------------------------------------------


def _link_in(text: str) -> str:
    found = re.search(r"/d/([A-Za-z0-9_-]{22})", text)
    assert found, text
    return found.group(1)


def test_from_the_message_over_the_page_to_the_curve(store: Store) -> None:
    town = MeetingTown(store)
    phone = town.signed_up(name=NAME)
    meeting = town.books(phone, "2026-11-26 13:30")
    town.until("2026-11-26 14:30")
    town.marks(meeting, "attended")
    town.later(minutes=30)
    asked = next(text for text in phone.texts() if "korta frågor" in text)
    rated = Rated(town, town.meeting(meeting).participant_id, meeting, token=_link_in(asked))
    phone.writes("ja")
    phone.writes("3")
    assert rated.sends({**FULL, "how": "line"}).status_code == 303
    with store.read() as tx:
        kept = ratings.find_of_session(tx, meeting, "after")
    assert kept is not None
    assert (kept.total, kept.mode, kept.items["relation"]) == (31.0, "page", 7.0)
    assert any("redan fått dina svar" in text for text in phone.writes("4"))
    rated.token = _link_in(" ".join(phone.writes("min kurva")))
    assert "Visa min kurva" in rated.look().text
    assert "31,0 av 40" in rated.sends({}).text
    assert rated.look().status_code == 410
