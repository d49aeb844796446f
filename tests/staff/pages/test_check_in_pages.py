"""A unit's own check-ins on the staff pages: which is due, filling it in together, the page that the person gets."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from bot.doors import meeting_page
from staff import person_deeds, rating_deeds
from staff.people import Actor, DeskFault
from staff.rating_forms import OfCheckIn
from storage import audit, named_readers, participants, ratings, referrals
from storage.ratings import Rating
from tests import check_ins
from tests.meeting_town import MeetingTown, at
from tests.staff.pages.conftest import Browser, InProcess, Rooms
from tests.town import Phone

PAPER = {"item-days": "7,5", "item-people": "6", "item-health": "8", "item-hope": "9"}
SENT = {"days": "7", "people": "6", "health": "8", "hope": "9", "how": "line"}


@pytest.fixture
def town(rooms: Rooms) -> MeetingTown:
    check_ins.put_in(rooms.town)
    return rooms.town


@pytest.fixture
def kim(town: MeetingTown) -> Phone:
    """Somebody whose first contact was on Monday 23 November."""
    return town.signed_up()


def of(kim: Phone) -> int:
    return kim.standing().participant_id


def form(kim: Phone) -> str:
    return f"/personal/deltagare/{of(kim)}/avstamning/{check_ins.SLUG}"


def text_of(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def person_page(browser: Browser, kim: Phone) -> str:
    return text_of(browser.see(f"/personal/deltagare/{of(kim)}"))


def given(town: MeetingTown, kim: Phone) -> list[Rating]:
    with town.store.read() as tx:
        return [each for each in ratings.list_of(tx, of(kim)) if each.role == "check_in"]


def types_in(browser: Browser, kim: Phone, **fields: str) -> httpx.Response:
    return browser.fill(form(kim), {**PAPER, **fields}, on=form(kim))


def refers(town: MeetingTown, kim: Phone) -> None:
    """They sign up again."""
    with town.store.begin() as tx:
        unit = participants.get(tx, of(kim)).unit_id
        referrals.register(tx, town.now, of(kim), unit, "self", None, "sim_sms", {}, True, None)


# --- which is due -----------------------------------------------------------------------------------------------------


def test_without_a_file_nothing_is_due(rooms: Rooms) -> None:
    kim, anna = rooms.town.signed_up(), rooms.logged_in()
    assert "Skattningar" not in anna.see(f"/personal/deltagare/{of(kim)}").partition("<main")[2]
    anna.see(form(kim), status=404)


def test_each_is_due_in_its_time(rooms: Rooms, town: MeetingTown, kim: Phone) -> None:
    anna = rooms.logged_in()
    assert "Avstämning, vid start: sedan 23 november Fyll i" in person_page(anna, kim)
    for local, words in (
        ("2027-01-08 23:59", "vid start: sedan 23 november 2026 Fyll i"),
        ("2027-01-09 00:01", "Avstämning: nästa: 23 februari Inget"),
        ("2027-02-22 23:59", "Avstämning: nästa: 23 februari Inget"),
        ("2027-02-23 00:01", "Avstämning, 3 månader: sedan 23 februari Fyll i"),
        ("2027-11-24 10:00", "Avstämning, 12 månader: sedan 23 november Fyll i"),
    ):
        town.now = at(local)
        assert words in person_page(anna, kim), local
    town.now = at("2028-03-01 10:00")
    assert "Avstämning" not in person_page(anna, kim), "the last has run out"
    assert "Ingen avstämning väntar nu." in anna.see(form(kim), status=409)


def test_it_is_too_early_in_words(rooms: Rooms, town: MeetingTown, kim: Phone) -> None:
    anna = rooms.logged_in()
    town.now = at("2027-02-01 10:00")
    assert "Ingen avstämning väntar nu: nästa är 23 februari 2027." in anna.see(form(kim), status=409)
    anna.see(f"/personal/deltagare/{of(kim)}")
    assert anna.fill(form(kim), PAPER).status_code == 409
    assert given(town, kim) == []


def test_a_sign_up_counts_before_the_first_contact_and_a_return_after_an_exit(
    rooms: Rooms, town: MeetingTown, kim: Phone
) -> None:
    anna, erik = rooms.logged_in(), Actor("os:drift")
    town.now = at("2026-11-25 12:00")
    refers(town, kim)
    assert "vid start: sedan 25 november Fyll i" in person_page(anna, kim)
    types_in(anna, kim)
    refers(town, kim)
    town.now = at("2026-12-10 12:00")
    person_deeds.leave(town.store, town.house, town.now, erik, of(kim), "work", "")
    assert "Avstämning, " not in person_page(anna, kim), "nobody is asked who has left"
    assert "Personen har ingen avstämning att göra nu." in anna.see(form(kim), status=409)
    person_deeds.reopen(town.store, town.now, erik, of(kim))
    assert "vid start: gjord, nästa: 25 februari 2027" in person_page(anna, kim), "an exit taken back ends nothing"
    person_deeds.leave(town.store, town.house, town.now, erik, of(kim), "work", "")
    town.now = at("2026-12-14 12:00")
    refers(town, kim)
    assert "vid start: sedan 14 december Fyll i" in person_page(anna, kim), "a return begins anew"
    assert "är sparat" in types_in(anna, kim).text
    assert [each.episode for each in given(town, kim)] == [0, 1]


# --- filling in -------------------------------------------------------------------------------------------------------


def test_paper_is_typed_in_once_and_stands_on_the_persons_page(rooms: Rooms, town: MeetingTown, kim: Phone) -> None:
    anna = rooms.logged_in()
    page = anna.see(form(kim))
    assert "Avstämning, vid start: frågor" in page
    assert "Hur går vardagen?" in page
    assert "Frågorna är era egna." in page
    assert "träff" not in text_of(page.partition("<main")[2])
    assert "Pappersformuläret är sparat." in types_in(anna, kim).text
    (kept,) = given(town, kim)
    assert (kept.state, kept.mode, kept.total, kept.appointment_id) == ("answered", "paper", 30.5, None)
    words = person_page(anna, kim)
    assert "Avstämning, vid start: gjord, nästa: 23 februari 2027" in words
    assert "30,5 av 40" in words
    assert "<svg" in anna.page
    assert "Den här avstämningen är redan gjord." in anna.see(form(kim), status=409)
    anna.see(f"/personal/deltagare/{of(kim)}")
    for way in ("", "/skarm", "/telefon"):
        assert anna.fill(f"{form(kim)}{way}", PAPER, on=f"/personal/deltagare/{of(kim)}").status_code == 409
    assert len(given(town, kim)) == 1
    town.now = at("2027-03-01 10:00")
    types_in(anna, kim)
    assert [each.state for each in given(town, kim)] == ["answered", "answered"]
    assert given(town, kim)[1].first_total == 30.5


def test_a_wrong_number_keeps_what_was_typed(rooms: Rooms, town: MeetingTown, kim: Phone) -> None:
    answer = types_in(rooms.logged_in(), kim, **{"item-hope": "11"})
    assert (answer.status_code, given(town, kim)) == (422, [])
    assert 'id="item-hope-error"' in answer.text
    assert 'value="7,5"' in answer.text


def test_two_of_staff_at_once_make_one(rooms: Rooms, town: MeetingTown, kim: Phone) -> None:
    actors = [Actor(f"staff:{rooms.member(name)}", rooms.member(name)) for name in ("Anna", "Erik")]
    about = OfCheckIn(of(kim), check_ins.SLUG)

    def type_in(actor: Actor) -> str:
        try:
            typed = {name.removeprefix("item-"): value for name, value in PAPER.items()}
            return rating_deeds.keep_paper(town.store, town.house, town.now, actor, about, typed, "").state
        except DeskFault as fault:
            return fault.what

    with ThreadPoolExecutor(2) as pool:
        told = list(pool.map(type_in, actors))
    assert sorted(told) == ["answered", "den här avstämningen är redan gjord"]
    assert len(given(town, kim)) == 1


def test_what_was_done_is_in_the_log(rooms: Rooms, town: MeetingTown, kim: Phone) -> None:
    anna = rooms.logged_in()
    types_in(anna, kim)
    with town.store.read() as tx:
        told = [(each.action, each.object_ref, each.outcome) for each in audit.list_latest(tx, 20)]
    for action in ("checkin.form", "checkin.paper"):
        assert (action, f"participant:{of(kim)}", "ok") in told


# --- the person's page ------------------------------------------------------------------------------------------------


def phone_of(rooms: Rooms) -> httpx.Client:
    """The browser of a phone, or of a screen that was handed over."""
    web, program = FastAPI(), rooms.program
    inside: Any = program
    web.include_router(meeting_page.router(inside))
    return httpx.Client(transport=InProcess(web, "192.0.2.9"), base_url="https://ingang.example")


def sends(browser: httpx.Client, path: str, fields: dict[str, str] | None = None) -> httpx.Response:
    return browser.post(path, data=fields or SENT, headers={"Sec-Fetch-Site": "same-origin"})


def test_the_screen_is_handed_over_and_a_check_in_speaks_of_no_session(
    rooms: Rooms, town: MeetingTown, kim: Phone
) -> None:
    anna = rooms.logged_in()
    anna.see(form(kim))
    anna.follow_redirects = False
    path = anna.fill(f"{form(kim)}/skarm").headers["location"]
    assert re.fullmatch(r"/d/[\w-]{22}", path)
    assert anna.get(f"/personal/deltagare/{of(kim)}").status_code == 303, "nobody is logged in any more"
    screen = phone_of(rooms)
    page = screen.get(path).text
    for words in (
        "Några korta frågor",
        "Hur ser du på tiden som kommer?",
        "4 av 4",
        "Är det något mer du vill skriva?",
    ):
        assert words in page
    assert "Fyra frågor om hur det är just nu." in page
    assert "Frågorna är våra egna." in page
    assert not re.search(r"träff|nästa gång|innan vi ses|någon annan än", page.casefold())
    assert sends(screen, path).status_code == 303
    assert "Du kan lämna tillbaka skärmen nu." in screen.get(path).text
    assert (given(town, kim)[0].mode, given(town, kim)[0].total) == ("staff_page", 30.0)
    assert "vid start: gjord" in person_page(rooms.logged_in(), kim)


def test_a_code_opens_it_on_the_persons_own_phone_until_it_is_sent(rooms: Rooms, town: MeetingTown, kim: Phone) -> None:
    anna = rooms.logged_in()
    anna.see(form(kim))
    code = anna.fill(f"{form(kim)}/telefon").text
    assert "data:image/svg+xml" in code
    found = re.search(r"https://ingang\.example(/d/[\w-]{22})", code)
    assert found is not None
    phone = phone_of(rooms)
    assert "En av oss läser svaren" in phone.get(found[1]).text
    assert "sedan 23 november Fyll i" in person_page(anna, kim), "shown and not sent is not done"
    assert sends(
        phone, found[1], {**SENT, "how": "numbers", "days": "2", "comment": "Jag vill börja träna"}
    ).is_redirect
    (kept,) = given(town, kim)
    assert (kept.state, kept.mode, kept.low, kept.comment) == ("answered", "page_numbers", 1, "Jag vill börja träna")
    assert "Svaren är skickade" in phone.get(found[1]).text
    (item,) = town.inbox("rating")
    assert item.note == "Personen har svarat på en avstämning. Minst ett svar är lågt. Personen skrev också något."
    anna.see(f"/personal/inkorg/{item.id}")
    close = {"parts": str(item.id), "why": "done", "changed": "Vi har lagt in en tid på gymmet."}
    anna.fill(f"/personal/inkorg/{item.id}/stang", close)
    town.later(minutes=5)
    assert "Du gav oss ett förslag. Vi har gjort något åt det." in kim.texts()[-1]


def test_a_link_of_words_that_were_changed_is_gone_and_the_new_words_are_asked(
    rooms: Rooms, town: MeetingTown, kim: Phone
) -> None:
    anna = rooms.logged_in()
    anna.see(form(kim))
    anna.fill(f"{form(kim)}/telefon")
    check_ins.put_in(town, check_ins.shown().replace("Hur mår kroppen?", "Hur mår kroppen i dag?"))
    assert "är sparat" in types_in(anna, kim).text
    assert [each.state for each in given(town, kim)] == ["expired", "answered"]


def test_one_that_nobody_answered_runs_out_and_the_next_is_due(rooms: Rooms, town: MeetingTown, kim: Phone) -> None:
    anna = rooms.logged_in()
    anna.see(form(kim))
    anna.fill(f"{form(kim)}/telefon")
    town.now = at("2027-01-08 23:50")
    town.later(minutes=5)
    assert given(town, kim)[0].state == "asked"
    town.later(minutes=10)
    assert given(town, kim)[0].state == "expired"
    town.now = at("2027-02-23 09:00")
    assert "3 månader: sedan 23 februari Fyll i" in person_page(anna, kim)


def test_nothing_is_asked_by_message(town: MeetingTown, kim: Phone) -> None:
    said = kim.texts()
    for _ in range(20):
        town.now += timedelta(days=7)
        town.later(hours=1)
    assert (kim.texts(), given(town, kim)) == (said, [])


# --- who may ----------------------------------------------------------------------------------------------------------


def test_a_hidden_person_has_paper_alone_and_named_readers(rooms: Rooms, town: MeetingTown, kim: Phone) -> None:
    anna, erik = rooms.logged_in(), rooms.logged_in("Erik")
    with town.store.begin() as tx:
        participants.set_protected(tx, of(kim))
        named_readers.add(tx, town.now, of(kim), rooms.member("Anna"))
    erik.see("/personal/konto")
    for way in ("", "/skarm", "/telefon"):
        assert erik.fill(f"{form(kim)}{way}", PAPER, on="/personal/konto").status_code == 404
    erik.see(form(kim), status=404)
    page = anna.see(form(kim))
    assert "/skarm" not in page
    assert "/telefon" not in page
    for way in ("/skarm", "/telefon"):
        assert "använd papper." in text_of(anna.fill(f"{form(kim)}{way}", on=form(kim)).text)
    assert given(town, kim) == []
    assert "är sparat" in types_in(anna, kim).text


def test_whose_phone_others_read_gets_no_code(rooms: Rooms, town: MeetingTown, kim: Phone) -> None:
    anna = rooms.logged_in()
    with town.store.begin() as tx:
        participants.set_read_by_others(tx, of(kim), True)
    page = anna.see(form(kim))
    assert "/skarm" in page
    assert "/telefon" not in page
    assert anna.fill(f"{form(kim)}/telefon").status_code == 409
    anna.see(form(kim))
    anna.follow_redirects = False
    path = anna.fill(f"{form(kim)}/skarm").headers["location"]
    assert "Hur går vardagen?" in phone_of(rooms).get(path).text


def test_another_unit_and_another_scale_are_not_there(rooms: Rooms, town: MeetingTown, kim: Phone) -> None:
    sara, anna = rooms.logged_in("Sara"), rooms.logged_in()
    sara.see(form(kim), status=404)
    for slug in ("egna_efter", "ors", "finns_inte"):
        anna.see(f"/personal/deltagare/{of(kim)}/avstamning/{slug}", status=404)
    reader = rooms.logged_in("Erik", "lasare")
    assert "sedan 23 november Inget" in person_page(reader, kim), "who may not act sees it, with no way in"
    reader.see(form(kim), status=404)


def test_the_units_year_counts_it_for_itself(rooms: Rooms, town: MeetingTown, kim: Phone) -> None:
    types_in(rooms.logged_in(), kim)
    page = rooms.as_member(rooms.hire("samordnare", "alvsbyn")).see("/personal/skattningar")
    assert "Avstämning" in text_of(page.partition("<main")[2])
