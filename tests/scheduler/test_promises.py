"""A promise of an answer: staff are warned at half time, and one that was not kept is owned up to, once."""

from __future__ import annotations

import pytest

from scheduler import promises
from staff import desk
from storage import contacts, referrals
from storage.db import Store
from tests.meeting_town import OPERATOR, MeetingTown, at
from tests.scheduler.test_reminders import at_once
from tests.town import Phone


@pytest.fixture
def town(store: Store) -> MeetingTown:
    return MeetingTown(store)


@pytest.fixture
def kim(town: MeetingTown) -> Phone:
    """Kim signed up on Monday at ten, and was promised an answer before four on Wednesday."""
    phone = town.signed_up()
    promised(town, phone)
    return phone


def promised(town: MeetingTown, phone: Phone) -> None:
    referral = town.referral(phone.standing().participant_id)
    with town.store.begin() as tx:
        referrals.set_promise(tx, referral, at("2026-11-25 16:00"))


def sweeps(town: MeetingTown, local: str) -> int:
    town.until(local)
    count = promises.sweep(town.store, town.house, town.now)
    town.send()
    return count


def test_staff_are_warned_at_half_of_the_staffed_time(town: MeetingTown, kim: Phone) -> None:
    """22 staffed hours, so at one on Tuesday; and only once."""
    assert sweeps(town, "2026-11-24 12:59") == 0
    assert sweeps(town, "2026-11-24 13:00") == 1
    (item,) = town.inbox("promise")
    assert item.note == "Halva tiden har gått. Svar är lovat senast i morgon kl. 16."
    assert item.due_at == at("2026-11-25 16:00")
    assert sweeps(town, "2026-11-24 15:00") == 0
    assert kim.new() == []


def test_a_broken_promise_is_owned_up_to_once(town: MeetingTown, kim: Phone) -> None:
    sweeps(town, "2026-11-24 13:00")
    assert sweeps(town, "2026-11-25 15:59") == 0
    sweeps(town, "2026-11-25 16:00")
    (told,) = kim.new()
    assert "Vi lovade att svara dig, och vi har inte hunnit. Det är vårt fel." in told
    assert "Anna eller Erik skriver senast torsdag 26 november" in told or "senast i morgon" in told
    assert any("Löftet om svar hölls inte. Personen har fått veta det." in note for note in town.notes("promise"))
    for day in (26, 27, 30):
        sweeps(town, f"2026-11-{day} 16:00")
    assert kim.new() == []
    assert any("Det är andra gången" in note for note in town.notes("promise"))


def test_who_was_answered_hears_nothing_of_it(town: MeetingTown, kim: Phone) -> None:
    who = kim.standing().participant_id
    desk.say(town.store, town.house, town.now, OPERATOR, who, "Hej Kim, Anna här.")
    town.send()
    kim.new()
    assert sweeps(town, "2026-11-24 13:00") == 0
    assert sweeps(town, "2026-11-25 16:00") == 0
    assert kim.new() == []


def test_a_booking_by_staff_keeps_the_promise(town: MeetingTown, kim: Phone) -> None:
    sweeps(town, "2026-11-24 13:00")
    town.books(kim, "2026-12-02 13:30")
    kim.new()
    assert town.inbox("promise") == []
    assert sweeps(town, "2026-11-25 16:00") == 0
    assert kim.new() == []


def test_where_nothing_reaches_them_staff_are_told_to_ring(town: MeetingTown, kim: Phone) -> None:
    with town.store.begin() as tx:
        contacts.block(tx, kim.standing().contact_id, town.now, "blocked")
    sweeps(town, "2026-11-25 16:00")
    assert kim.new() == []
    assert any("Ingen text når personen: ring." in note for note in town.notes("promise"))


def test_two_sweeps_at_once_own_up_once(town: MeetingTown, kim: Phone) -> None:
    town.until("2026-11-25 16:00")
    at_once(*[lambda: promises.sweep(town.store, town.house, town.now) for _ in range(3)])
    town.send()
    assert len(kim.new()) == 1
    (item,) = town.inbox("promise")
    assert (item.note or "").count("Löftet om svar hölls inte") == 1


def test_after_days_down_it_is_still_owned_up_to_with_a_day_that_holds(town: MeetingTown, kim: Phone) -> None:
    sweeps(town, "2026-11-30 10:00")
    (told,) = kim.new()
    assert "senast i morgon" in told
