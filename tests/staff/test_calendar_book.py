"""The form that books and moves: how it is read, which times it offers, and what is shown before anything is saved."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from staff import availability, calendar_book, calendar_meeting, calendar_preview, meetings
from staff.calendar_book import Typed, read, typed_of, with_offer
from staff.calendar_faults import field_of, in_words
from staff.people import DeskFault
from storage.db import Store
from tests.meeting_town import NEXT_WEEK, OPERATOR, THURSDAY, MeetingTown
from tests.staff.test_calendar import member
from tests.town import Phone

ZONE = "Europe/Stockholm"


@pytest.mark.parametrize(("typed", "at", "back"), [
    (Typed(day="2026-12-03", clock="13:30"), "2026-12-03 13:30", "Torsdag 3 december kl. 13.30."),
    (Typed(day="2026-12-03", clock="9.30"), "2026-12-03 09:30", "Torsdag 3 december kl. 9.30."),
    (Typed(day="2026-12-03", clock="kl. 9"), "2026-12-03 09:00", "Torsdag 3 december kl. 9."),
    (Typed(when="tors 14"), "2026-11-26 14:00", "Läst som torsdag 26 november kl. 14."),
    (Typed(when="i morgon halv två"), "2026-11-24 13:30", "Läst som i morgon kl. 13.30."),
    (Typed(when="3/12 kl 13.30", day="2026-11-30", clock="08:00"), "2026-12-03 13:30",
     "Läst som torsdag 3 december kl. 13.30."),
])  # fmt: skip
def test_a_time_is_read_in_fields_or_in_words_and_read_back(typed: Typed, at: str, back: str) -> None:
    found = read(typed, MeetingTown.now, ZONE)
    assert found.ask is not None
    assert (found.ask.at, found.back, found.faults) == (at, back, {})


@pytest.mark.parametrize(("typed", "field", "words"), [
    (Typed(), "when", "Skriv när ni ska ses."),
    (Typed(day="2026-12-03"), "when", "Skriv både dag och klockslag"),
    (Typed(day="31/2", clock="10:00"), "when", "Skriv både dag och klockslag"),
    (Typed(day="9999-12-31", clock="10:00"), "when", "Den dagen går inte att boka."),
    (Typed(day="2026-12-03", clock="25:00"), "when", "Skriv både dag och klockslag"),
    (Typed(when="xyzzy"), "when", "Tiden gick inte att läsa."),
    (Typed(when="nästa vecka efter lunch"), "when", "Skriv ett klockslag också"),
    (Typed(when="tors 14", minutes="två"), "minutes", "Skriv längden i minuter"),
    (Typed(when="tors 14", minutes="9" * 5000), "minutes", "Skriv längden i minuter"),
    (Typed(when="tors 14", minutes="²"), "minutes", "Skriv längden i minuter"),
    (Typed(when="tors 14", note="x" * 501), "note", "Det här är 501 tecken."),
    (Typed(when="tors 14", where="x" * 121), "where", "Det här är 121 tecken."),
])  # fmt: skip
def test_what_cannot_be_read_is_named_beside_its_field_and_kept(typed: Typed, field: str, words: str) -> None:
    found = read(typed, MeetingTown.now, ZONE)
    assert found.ask is None
    assert words in found.faults[field]
    assert (found.typed.when, found.typed.note, found.typed.minutes) == (typed.when, typed.note, typed.minutes)


@pytest.fixture
def town(sqlite_store: Store) -> MeetingTown:
    return MeetingTown(sqlite_store)


@pytest.fixture
def kim(town: MeetingTown) -> Phone:
    return town.signed_up()


def form(town: MeetingTown, kim: Phone, typed: Typed, who: str = "Anna") -> calendar_book.FormPage:
    told = read(typed, town.now, ZONE)
    return calendar_book.for_booking(
        town.store,
        town.house,
        town.now,
        member(town, who, "alvsbyn"),
        kim.standing().participant_id,
        typed,
        told.window,
    )


def test_free_times_of_the_one_it_is_with_are_offered(town: MeetingTown, kim: Phone) -> None:
    page = form(town, kim, Typed())
    anna = member(town, "Anna", "alvsbyn").staff_id
    assert (page.name, page.member, page.has_hours) == ("Kim", anna, True)
    assert len(page.free) == 6
    assert all(value.endswith(f"|{anna}") for value, _ in page.free)
    erik = member(town, "Erik", "alvsbyn").staff_id
    value, words = form(town, kim, Typed(member=str(erik))).free[0]
    chosen = with_offer(Typed(when="tors", note="hej"), value)
    assert (chosen.when, chosen.note, chosen.member) == ("", "hej", str(erik))
    assert chosen.day in value
    assert "kl." in words
    assert [place.slug for place in page.places] == ["skutan", "storgatan"]
    assert form(town, kim, Typed(form="phone")).places == ()


def test_a_window_in_words_offers_the_times_in_it(town: MeetingTown, kim: Phone) -> None:
    page = form(town, kim, Typed(when="på torsdag efter lunch"))
    assert page.free[0][1].startswith("torsdag 26 november kl.")


def test_one_without_hours_of_their_own_is_told_so(town: MeetingTown, kim: Phone) -> None:
    availability.set_week(town.store, town.now, OPERATOR, "Anna", [], "alvsbyn")
    page = form(town, kim, Typed())
    assert (page.free, page.has_hours) == ((), False)
    assert with_offer(Typed(day="2026-12-03"), "nonsense|x") == Typed(day="2026-12-03")


def test_nothing_is_saved_by_looking(town: MeetingTown, kim: Phone) -> None:
    """What is shown is what booking does, taken back."""
    anna, who = member(town, "Anna", "alvsbyn"), kim.standing().participant_id
    ask = meetings.Ask(NEXT_WEEK, place="skutan", note="ring först")
    shown = calendar_preview.of_booking(town.store, town.house, town.now, anna, who, ask)
    assert (shown.name, shown.what) == ("Kim", "promenaden onsdag 2 december kl. 13.30")
    theirs = [line for line in shown.lines if not line.to_staff]
    assert [line.what for line in theirs] == ["Besked om tiden", "Påminnelse tre dagar före", "Påminnelse dagen före"]
    assert "Onsdag 2 december kl. 13.30" in theirs[0].text
    assert "i morgon" in theirs[2].text.casefold()
    assert "ring först" not in "".join(line.text for line in shown.lines)
    assert (town.meetings(kim), town.rows(), kim.new()) == ([], [], [])
    meetings.book(town.store, town.house, town.now, anna, who, ask)
    town.send()
    assert [re.sub(r"http://\S+", "(länk till tiden)", text) for text in kim.new()] == [theirs[0].text]


def test_what_stands_in_the_way_is_told_before_saving(town: MeetingTown, kim: Phone) -> None:
    sam = town.signed_up(address="+46701740699", name="Sam")
    town.books(sam)
    with pytest.raises(DeskFault) as fault:
        calendar_preview.of_booking(
            town.store, town.house, town.now, member(town, "Anna", "alvsbyn"), kim.standing().participant_id,
            meetings.Ask(THURSDAY),
        )  # fmt: skip
    assert field_of(fault.value) == "when"
    assert in_words(fault.value) == (
        "Anna är redan upptagen då, restid medräknad: ett möte 13.30-14.10. Välj en annan tid, eller någon annan."
    )


def test_faults_for_pages_name_no_command() -> None:
    assert in_words(DeskFault("det finns ingen tid 4 här", "MEETING", "se numren i: ingang meetings")) == (
        "Det finns ingen tid 4 här."
    )
    assert in_words(DeskFault("fel", "--with", "välj bland: Anna, eller --where")) == "Fel."


def test_a_move_and_a_cancelling_are_shown_first_too(town: MeetingTown, kim: Phone) -> None:
    meeting, anna = town.books(kim), member(town, "Anna", "alvsbyn")
    kim.new()
    here = (town.store, town.house, town.now, anna, meeting)
    moved = calendar_preview.of_move(*here, meetings.Ask("2026-11-27 10:00"))
    assert "redag 27 november kl. 10" in moved.lines[0].text
    gone = calendar_preview.of_cancelling(*here)
    assert "Det beror inte på dig" in gone.lines[0].text
    assert (town.meeting(meeting).version, town.meeting(meeting).state, kim.new()) == (1, "booked", [])
    meetings.cancel(*here)
    town.send()
    assert kim.new() == [gone.lines[0].text]


def test_one_who_stopped_gets_nothing_and_staff_are_told_to_ring(town: MeetingTown, kim: Phone) -> None:
    kim.writes("STOPP")
    shown = calendar_preview.of_booking(
        town.store, town.house, town.now, member(town, "Anna", "alvsbyn"), kim.standing().participant_id,
        meetings.Ask(THURSDAY),
    )  # fmt: skip
    assert [line.text for line in shown.lines if not line.to_staff] == []
    assert any("Ring" in note for note in shown.notes)


def test_a_day_away_lists_whom_it_hits(town: MeetingTown, kim: Phone) -> None:
    sam, anna = town.signed_up(address="+46701740699", name="Sam"), member(town, "Anna", "alvsbyn")
    town.books(kim, "2026-11-23 13:00")
    town.books(sam, "2026-11-23 15:00")
    town.books(sam, "2026-11-24 15:00")
    kim.new()
    hit = calendar_preview.of_sick(town.store, town.house, town.now, anna, str(anna.staff_id), town.now.date())
    assert [(each.name, "Det beror inte på dig" in each.lines[0].text) for each in hit] == [
        ("Kim", True),
        ("Sam", True),
    ]
    assert kim.new() == []
    assert town.log()[-1] == ("appointment.preview", f"staff:{anna.staff_id}", "ok 2")


def test_a_meetings_page(town: MeetingTown, kim: Phone) -> None:
    meeting, anna = town.books(kim, NEXT_WEEK, place="skutan", note="ring först"), member(town, "Anna", "alvsbyn")
    here = (town.store, town.house)
    page = calendar_meeting.show(*here, town.now, anna, meeting)
    assert (page.name, page.member, page.place, page.note) == ("Kim", "Anna", "Skutan", "ring först")
    assert (page.standing, page.may_change, page.may_mark, page.soon) == ("unanswered", True, False, False)
    assert [(line.what, line.state) for line in page.sent] == [("Besked om tiden", "Lämnad till leverantören")]
    assert [line.what for line in page.coming if not line.to_staff] == [
        "Påminnelse tre dagar före", "Påminnelse dagen före",
    ]  # fmt: skip
    kim.writes("ja")
    town.until("2026-12-02 12:00")
    town.moves(meeting, "2026-12-02 14:00")
    page = calendar_meeting.show(*here, town.now, anna, meeting)
    assert (page.standing, page.soon) == ("unanswered", True)
    assert [words for _, words in page.changes] == ["Driften bokade", "Driften flyttade eller ändrade"]
    kim.writes("ja")
    page = calendar_meeting.show(*here, town.now, anna, meeting)
    assert (page.standing, page.changes[-1][1]) == ("confirmed", "Personen svarade ja")
    assert (page.sent[0].what, page.sent[0].earlier) == ("Besked om tiden", True)
    town.until("2026-12-02 14:30")
    assert calendar_meeting.show(*here, town.now, anna, meeting).may_mark
    with pytest.raises(DeskFault, match="det finns inget möte"):
        calendar_meeting.show(*here, town.now, member(town, "Sara", "pitea"), meeting)
    assert town.log()[-2][0] == "appointment.show"


def test_the_form_that_moves_begins_with_what_is(town: MeetingTown, kim: Phone) -> None:
    meeting = town.meeting(town.books(kim, place="skutan"))
    typed = typed_of(meeting, ZONE)
    assert (typed.day, typed.clock, typed.minutes, typed.place) == ("2026-11-26", "13:30", "40", "skutan")
    page = calendar_book.for_moving(
        town.store, town.house, town.now, member(town, "Anna", "alvsbyn"), meeting, replace(typed, note="x")
    )
    assert page.meeting == meeting
    assert f"2026-11-26T13:30|{meeting.staff_id}" not in [value for value, _ in page.free]
