"""Ratings on the staff pages: filling in together, the curve on a person's page, a task and what was done about it."""

from __future__ import annotations

import re

import pytest

from storage import participants, ratings, staff
from storage.ratings import Rating
from tests.meeting_town import MeetingTown
from tests.staff.pages.conftest import Browser, Rooms
from tests.town import Phone

PAPER = {"item-relation": "7,5", "item-goals": "3", "item-approach": "", "item-overall": "10"}


@pytest.fixture
def town(rooms: Rooms) -> MeetingTown:
    return rooms.town


@pytest.fixture
def kim(town: MeetingTown) -> Phone:
    return town.signed_up()


def held(town: MeetingTown, kim: Phone) -> int:
    """A session that took place, and about which nobody is asked any more by message."""
    meeting = town.books(kim)
    town.until("2026-11-26 20:00")
    town.marks(meeting, "attended")
    return meeting


def form(meeting: int, role: str = "efter") -> str:
    return f"/personal/mote/{meeting}/skattning/{role}"


def rating(town: MeetingTown, meeting: int, role: str = "after") -> Rating | None:
    with town.store.read() as tx:
        return ratings.find_of_session(tx, meeting, role)


def text_of(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def types_in(browser: Browser, meeting: int, role: str = "efter", **fields: str) -> str:
    return browser.fill(form(meeting, role), {**PAPER, **fields}, on=form(meeting, role)).text


# --- filling in -------------------------------------------------------------------------------------------------------


def test_a_paper_form_is_typed_in_and_stands_on_the_persons_page(rooms: Rooms, town: MeetingTown, kim: Phone) -> None:
    meeting, anna = held(town, kim), rooms.logged_in()
    assert "Efter: Inte frågad än" in text_of(anna.see(f"/personal/mote/{meeting}"))
    assert "Lyssnade Anna på dig?" in anna.see(form(meeting))
    assert "Pappersformuläret är sparat." in types_in(anna, meeting, comment="Mer promenader <b>ute</b>")
    kept = rating(town, meeting)
    assert kept is not None
    assert kept.items == {"relation": 7.5, "goals": 3.0, "approach": None, "overall": 10.0}
    assert (kept.state, kept.mode, kept.form, kept.total, kept.low) == ("partly", "paper", "line", None, 1)
    assert "Efter: Har svarat på en del" in text_of(anna.see(f"/personal/mote/{meeting}"))
    page = anna.see(f"/personal/deltagare/{kept.participant_id}")
    assert "<svg" in page
    words = text_of(page)
    assert "på papper" in words
    assert "7,5; 3,0; saknas; 10,0" in words
    assert "Mer promenader &lt;b&gt;ute&lt;/b&gt;" in page
    assert "I bruk: egna frågor" in words
    assert len(page.encode()) < 100_000


@pytest.mark.few_on_postgres
@pytest.mark.parametrize("wrong", ["11", "-1", "bra", "5 6", "7,55", "NaN", "1e1"])
def test_a_wrong_number_keeps_what_was_typed_and_says_where(
    rooms: Rooms, town: MeetingTown, kim: Phone, wrong: str
) -> None:
    meeting, anna = held(town, kim), rooms.logged_in()
    answer = anna.fill(form(meeting), {**PAPER, "item-goals": wrong, "comment": "ord"}, on=form(meeting))
    assert answer.status_code == 422
    assert 'id="item-goals-error"' in answer.text
    assert f'value="{wrong}"' in answer.text
    assert 'value="7,5"' in answer.text
    assert "ord</textarea>" in answer.text
    assert rating(town, meeting) is None


def test_an_empty_paper_is_not_a_rating(rooms: Rooms, town: MeetingTown, kim: Phone) -> None:
    meeting, anna = held(town, kim), rooms.logged_in()
    empty = dict.fromkeys(PAPER, "")
    answer = anna.fill(form(meeting), empty, on=form(meeting))
    assert (answer.status_code, rating(town, meeting)) == (422, None)
    assert "Skriv minst ett svar." in answer.text


def test_the_same_form_is_given_once(rooms: Rooms, town: MeetingTown, kim: Phone) -> None:
    meeting, anna = held(town, kim), rooms.logged_in()
    anna.see(form(meeting))
    for _ in range(2):
        answer = anna.fill(form(meeting), PAPER)
    assert answer.status_code == 409
    assert "redan besvarade" in answer.text
    assert "redan besvarade" in anna.see(form(meeting), status=409)


def test_it_is_too_early_before_the_day_and_wrong_for_a_session_that_was_not(
    rooms: Rooms, town: MeetingTown, kim: Phone
) -> None:
    meeting, anna = town.books(kim), rooms.logged_in()
    for role in ("fore", "efter"):
        assert "för tidigt" in anna.see(form(meeting, role), status=409)
    town.until("2026-11-26 09:00")
    assert "Hur mår du?" in anna.see(form(meeting, "fore"))
    assert "för tidigt" in anna.see(form(meeting, "efter"), status=409)
    town.until("2026-11-26 15:00")
    town.marks(meeting, "missed")
    assert "blev inte av" in anna.see(form(meeting, "efter"), status=409)
    anna.see(form(meeting, "mitt"), status=404)
    anna.see(form(meeting + 1), status=404)


def test_the_screen_is_handed_over_with_nobody_logged_in(rooms: Rooms, town: MeetingTown, kim: Phone) -> None:
    meeting, anna = held(town, kim), rooms.logged_in()
    anna.see(form(meeting))
    anna.follow_redirects = False
    answer = anna.fill(f"{form(meeting)}/skarm")
    assert answer.status_code == 303
    assert re.fullmatch(r"/d/[\w-]{22}", answer.headers["location"])
    assert anna.get(f"/personal/mote/{meeting}").status_code == 303, "nobody is logged in any more"
    asked = rating(town, meeting)
    assert asked is not None
    assert asked.is_open


def test_a_code_opens_it_on_the_persons_own_phone(rooms: Rooms, town: MeetingTown, kim: Phone) -> None:
    meeting, anna = held(town, kim), rooms.logged_in()
    anna.see(form(meeting))
    page = anna.fill(f"{form(meeting)}/telefon").text
    assert "data:image/svg+xml" in page
    assert re.search(r"https://ingang\.example/d/[\w-]{22}", page)


def test_who_is_hidden_has_no_page_but_paper(rooms: Rooms, town: MeetingTown, kim: Phone) -> None:
    meeting, anna = held(town, kim), rooms.logged_in()
    with town.store.begin() as tx:
        participants.set_read_by_others(tx, kim.standing().participant_id, True)
    anna.see(form(meeting))
    answer = anna.fill(f"{form(meeting)}/telefon")
    assert (answer.status_code, rating(town, meeting)) == (409, None)
    assert "Pappersformuläret är sparat." in types_in(anna, meeting)


# --- who reads --------------------------------------------------------------------------------------------------------


def test_what_is_kept_from_one_of_the_staff_is_not_on_that_ones_pages(
    rooms: Rooms, town: MeetingTown, kim: Phone
) -> None:
    meeting, anna = held(town, kim), rooms.logged_in()
    types_in(anna, meeting, comment="Anna lyssnar inte")
    kept = rating(town, meeting)
    assert kept is not None
    with town.store.begin() as tx:
        ratings.hide_from(tx, kept.id, rooms.member("Anna"))
    assert "Anna lyssnar inte" not in anna.see(f"/personal/deltagare/{kept.participant_id}")
    assert "någon annan läser det" in anna.see(f"/personal/mote/{meeting}")
    assert "någon annan läser det" in anna.see(form(meeting), status=409)
    assert "Anna lyssnar inte" in rooms.logged_in("Erik").see(f"/personal/deltagare/{kept.participant_id}")


# --- what came of it --------------------------------------------------------------------------------------------------


def tasks(town: MeetingTown) -> list[int]:
    return [item.id for item in town.inbox("rating")]


def test_a_task_is_closed_with_what_was_done_and_the_person_may_hear_of_it(
    rooms: Rooms, town: MeetingTown, kim: Phone
) -> None:
    meeting, anna = held(town, kim), rooms.logged_in()
    types_in(anna, meeting, comment="Kan vi gå långsammare?")
    (item,) = tasks(town)
    page = anna.see(f"/personal/inkorg/{item}")
    assert "Kan vi gå långsammare?" in page
    assert "Vad har ni gjort?" in page
    close = {"parts": str(item), "why": "done"}
    refused = anna.fill(f"/personal/inkorg/{item}/stang", {**close, "changed": "Du satte 3 på din skattning."})
    assert refused.status_code == 422
    assert "en skattning" in refused.text
    assert tasks(town) == [item]
    echoed = anna.fill(f"/personal/inkorg/{item}/stang", {**close, "changed": "Du skrev: kan vi gå långsammare?"})
    assert "det som personen själv skrev" in echoed.text
    anna.see(f"/personal/inkorg/{item}")
    anna.fill(f"/personal/inkorg/{item}/stang", {**close, "changed": "Nästa gång tar vi en kortare runda."})
    assert tasks(town) == []
    town.until("2026-11-27 12:00")
    assert "Vill du veta vad?" in kim.texts()[-1]
    assert "långsammare" not in kim.texts()[-1]
    kim.writes("ja")
    town.later(minutes=5)
    assert kim.texts()[-1] == "Nästa gång tar vi en kortare runda."
    with town.store.read() as tx:
        person = staff.list_staff(tx)[0].first_name, kim.standing().participant_id
    words = text_of(anna.see(f"/personal/deltagare/{person[1]}"))
    assert "Ni har gjort: Nästa gång tar vi en kortare runda." in words
    assert "har fått veta" in words


def test_a_task_with_nothing_to_tell_asks_nothing(rooms: Rooms, town: MeetingTown, kim: Phone) -> None:
    meeting, anna = held(town, kim), rooms.logged_in()
    types_in(anna, meeting)
    (item,) = tasks(town)
    said = len(kim.texts())
    anna.fill(f"/personal/inkorg/{item}/stang", {"parts": str(item), "why": "met"}, on=f"/personal/inkorg/{item}")
    town.until("2026-11-30 12:00")
    assert (tasks(town), len(kim.texts())) == ([], said)


def test_nothing_is_offered_that_cannot_be_filled_in(rooms: Rooms, town: MeetingTown, kim: Phone) -> None:
    """A form was offered days before the session, and of one that did not take place, and then refused."""
    meeting = town.books(kim)
    anna, page = rooms.logged_in(), f"/personal/mote/{meeting}"
    assert "skattning/" not in anna.see(page)
    town.until("2026-11-26 09:00")
    assert f"{form(meeting, 'fore')}" in anna.see(page)
    assert f"{form(meeting)}" not in anna.see(page)
    town.until("2026-11-26 20:00")
    assert f"{form(meeting)}" in anna.see(page)
    town.marks(meeting, "missed")
    missed = anna.see(page)
    assert "skattning/" not in missed
    assert "Efter: Frågas inte, för träffen blev inte av" in text_of(missed)
