"""STOPP, the rest after distress, protected identity, settings, wishes: each counts at once for meetings ahead."""

from __future__ import annotations

import pytest

from staff import desk
from staff import meetings as work
from storage import contacts, participants, roster, units
from tests.meeting_town import NEXT_WEEK, OPERATOR, MeetingTown, at
from tests.town import Phone


@pytest.fixture
def town(meeting_town: MeetingTown) -> MeetingTown:
    return meeting_town


@pytest.fixture
def kim(town: MeetingTown) -> Phone:
    return town.signed_up()


def planned(town: MeetingTown, meeting: int) -> dict[str, str]:
    """What is said and when, or why not, as staff are shown."""
    _, plan = work.plan_of(town.store, town.house, town.now, OPERATOR, meeting)
    told = {str(item.kind): f"{item.when.astimezone(at('2026-11-23 10:00').tzinfo):%m-%d %H.%M}" for item in plan.items}
    return told | {str(each.kind): each.why for each in plan.dropped}


def set_reminders(town: MeetingTown, **settings: object) -> None:
    with town.store.begin() as tx:
        units.set_settings(tx, units.get_unit(tx, "alvsbyn").id, reminders=settings)


def test_stopp_ends_reminders_and_borja_brings_them_back(town: MeetingTown, kim: Phone) -> None:
    meeting = town.books(kim, NEXT_WEEK)
    town.later(days=1)
    (receipt,) = kim.writes("STOPP")[-1:]
    assert "Du har kvar din tid." in receipt
    assert planned(town, meeting)["three_days"] == "Personen har skrivit STOPP."
    town.later(hours=5)
    kim.writes("BÖRJA")
    kim.new()
    town.until("2026-11-29 17:01")
    assert "Onsdag 2 december kl. 13.30" in kim.new()[0]
    town.until("2026-12-01 16:59")
    assert kim.new() == []
    town.until("2026-12-01 17:01")
    assert len(kim.new()) == 1


def test_stopp_all_through_leaves_silence_and_tells_staff(town: MeetingTown, kim: Phone) -> None:
    town.books(kim, NEXT_WEEK)
    kim.writes("STOPP")
    kim.new()
    town.until("2026-12-01 13:01")
    assert any("har inte svarat om tiden" in note for note in town.notes("silence"))
    town.until("2026-12-02 15:00")
    assert kim.new() == []


def test_a_booking_that_stopp_took_away_is_told_after_borja(town: MeetingTown, kim: Phone) -> None:
    """Queued in the evening, cancelled by STOPP, and never seen: they are told when they are back."""
    town.until("2026-11-23 20:00")
    meeting = town.books(kim, NEXT_WEEK)
    assert kim.new() == []
    kim.writes("STOPP")
    town.until("2026-11-24 10:00")
    kim.new()
    kim.writes("BÖRJA")
    kim.new()
    town.later(minutes=1)
    assert "Onsdag 2 december kl. 13.30 har du och Anna en promenad." in kim.new()[0]
    kim.writes("ja")
    assert town.stands(meeting) == "bekräftad"
    town.later(days=1)


def test_a_booking_while_stopped_reaches_nobody_and_says_so(town: MeetingTown, kim: Phone) -> None:
    kim.writes("STOPP")
    kim.new()
    who = kim.standing().participant_id
    kept = work.book(town.store, town.house, town.now, OPERATOR, who, work.Ask(NEXT_WEEK, member="Anna"))
    assert kept.notes[-1:] == ("Personen har skrivit STOPP: inget går ut om tiden. Ring.",)
    town.later(days=1)
    assert kim.new() == []
    kim.writes("BÖRJA")
    town.later(minutes=1)
    assert "Onsdag 2 december" in kim.texts()[-1]


def test_distress_holds_what_is_said_of_meetings_and_release_lets_it_go(town: MeetingTown, kim: Phone) -> None:
    meeting = town.books(kim, NEXT_WEEK)
    kim.writes("orkar inte leva längre")
    kim.new()
    assert planned(town, meeting)["day_before"] == "Botens meddelanden till personen vilar efter ett larm."
    town.until("2026-11-30 10:00")
    assert kim.new() == []
    desk.release(town.store, town.now, OPERATOR, kim.standing().participant_id)
    assert planned(town, meeting)["day_before"] == "12-01 17.00"
    town.until("2026-12-01 17:01")
    assert len(kim.new()) == 1


def test_a_change_during_the_rest_is_told_when_it_is_released(town: MeetingTown, kim: Phone) -> None:
    meeting = town.books(kim, NEXT_WEEK)
    kim.writes("orkar inte leva längre")
    kim.new()
    town.later(hours=1)
    town.moves(meeting, "2026-12-03 10:00")
    assert kim.new() == []
    town.later(hours=1)
    desk.release(town.store, town.now, OPERATOR, kim.standing().participant_id)
    town.later(minutes=1)
    assert kim.new()[0].startswith("Hej Kim. Tiden är ändrad. Nu gäller torsdag 3 december kl. 10.")


def test_a_booking_that_the_rest_took_away_is_told_when_it_is_released(town: MeetingTown, kim: Phone) -> None:
    town.until("2026-11-23 20:00")
    town.books(kim, NEXT_WEEK)
    kim.writes("orkar inte leva längre")
    kim.new()
    town.until("2026-11-24 10:00")
    assert kim.new() == []
    desk.release(town.store, town.now, OPERATOR, kim.standing().participant_id)
    town.later(minutes=1)
    assert "Onsdag 2 december kl. 13.30" in kim.new()[0]


def test_protected_identity_holds_everything(town: MeetingTown, kim: Phone) -> None:
    meeting = town.books(kim, NEXT_WEEK)
    kim.new()
    with town.store.begin() as tx:
        participants.set_protected(tx, kim.standing().participant_id)
    town.until("2026-12-02 12:00")
    assert kim.new() == []
    kept = town.moves(meeting, "2026-12-10 10:00")
    assert kept.notes[-1:] == ("Personen har skyddade uppgifter. Ring som ni har kommit överens om.",)
    town.later(days=9)
    assert kim.new() == []


def test_the_wish_for_reminders_counts_at_once(town: MeetingTown, kim: Phone) -> None:
    meeting = town.books(kim, NEXT_WEEK)
    kim.writes("ja")
    town.later(minutes=1)
    assert "Du får inga påminnelser." in kim.writes("inga påminnelser")[0]
    assert planned(town, meeting)["three_days"] == "Personen vill inte ha påminnelser."
    town.until("2026-11-30 10:00")
    assert kim.new() == []
    assert "en påminnelse samma dag" in kim.writes("påminn mig samma dag")[0]
    town.until("2026-12-01 17:01")
    assert len(kim.new()) == 1
    town.until("2026-12-02 11:31")
    assert "I dag kl. 13.30" in kim.new()[0]


def test_a_reminder_that_is_queued_goes_no_more_when_it_is_not_wanted(town: MeetingTown, kim: Phone) -> None:
    """It waits while they are in the middle of a talk, and then they say that they want none."""
    town.books(kim, NEXT_WEEK)
    kim.writes("ja")
    town.until("2026-11-29 16:50")
    kim.writes("promenad")
    kim.new()
    town.until("2026-11-29 17:01")
    assert kim.new() == []
    kim.writes("avbryt")
    kim.writes("inga påminnelser")
    kim.new()
    town.until("2026-11-30 12:00")
    assert kim.new() == []


def test_what_a_unit_switches_off_or_moves_counts_at_once(town: MeetingTown, kim: Phone) -> None:
    meeting = town.books(kim, NEXT_WEEK)
    kim.new()
    set_reminders(town, off=["three_days", "thank_you"], day_before_at="12:00")
    town.later(minutes=1)
    assert planned(town, meeting)["three_days"] == "Enheten har stängt av det här."
    town.until("2026-12-01 11:59")
    assert kim.new() == []
    town.until("2026-12-01 12:00")
    assert len(kim.new()) == 1
    set_reminders(town, off=["thank_you"])
    town.until("2026-12-02 13:00")
    assert kim.new() == []


def test_another_roster_moves_the_question_to_staff(town: MeetingTown, kim: Phone) -> None:
    """Nobody works on Tuesdays any more: silence is told on Monday."""
    meeting = town.books(kim, NEXT_WEEK)
    assert planned(town, meeting)["silence"] == "12-01 13.00"
    with town.store.begin() as tx:
        unit = units.get_unit(tx, "alvsbyn").id
        week = [shift for shift in roster.load(tx, unit).shifts if shift.weekday != 1]
        roster.set_shifts(tx, unit, week)
    assert planned(town, meeting)["silence"] == "11-30 13.00"
    town.until("2026-11-30 13:00")
    assert town.notes("silence") == ["Personen har inte svarat om tiden onsdag 2 december kl. 13.30. Vill du ringa?"]


def test_an_address_that_works_again_is_written_to(town: MeetingTown, kim: Phone) -> None:
    meeting = town.books(kim, NEXT_WEEK)
    kim.new()
    with town.store.begin() as tx:
        contacts.block(tx, kim.standing().contact_id, town.now, "blocked")
    town.until("2026-11-29 10:00")
    assert planned(town, meeting)["three_days"] == "Personen skrev på ett sätt som vi inte kan nå senare."
    kim.writes("hej")
    kim.new()
    town.until("2026-11-29 17:01")
    assert "Onsdag 2 december" in kim.new()[-1]
