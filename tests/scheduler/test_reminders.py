"""The sweep of meetings: each thing said once, in its time, and nothing of a time that holds no more."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from scheduler import reminders
from staff import meetings as work
from storage.db import Store
from tests.meeting_town import NEXT_WEEK, OPERATOR, MeetingTown, at
from tests.town import STOCKHOLM, Phone


@pytest.fixture
def town(sqlite_store: Store) -> MeetingTown:
    return MeetingTown(sqlite_store)


@pytest.fixture
def kim(town: MeetingTown) -> Phone:
    return town.signed_up()


def heard(town: MeetingTown, kim: Phone, until: str, step: timedelta = timedelta(minutes=30)) -> list[tuple[str, str]]:
    """Let the clock go in steps; what reaches the phone, and when by a local clock."""
    told = []
    while town.now < at(until):
        town.later(seconds=min(step, at(until) - town.now).total_seconds())
        told += [(f"{town.now.astimezone(STOCKHOLM):%a %d %H.%M}", text) for text in kim.new()]
    return told


def clocks(told: list[tuple[str, str]]) -> list[str]:
    return [clock for clock, _ in told]


def at_once(*deeds: Callable[[], Any]) -> None:
    """Do all of them at the same moment; none may raise."""
    ready, raised = threading.Barrier(len(deeds)), []

    def run(deed: Callable[[], Any]) -> None:
        ready.wait()
        try:
            deed()
        except Exception as error:  # noqa: BLE001 - what was raised in a thread is what the test looks at
            raised.append(error)

    threads = [threading.Thread(target=run, args=(deed,)) for deed in deeds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert raised == []


# --- its clocks -------------------------------------------------------------------------------------------------------


def test_what_is_said_of_a_meeting_and_when(town: MeetingTown, kim: Phone) -> None:
    """At once, three days before and the day before at five, a question while nobody has answered."""
    town.books(kim, NEXT_WEEK)
    assert len(kim.new()) == 1
    told = heard(town, kim, "2026-12-02 13:30")
    assert clocks(told) == ["Sun 29 17.00", "Tue 01 17.00"]
    assert all(text.endswith("Svara JA, NEJ eller BYT.") for _, text in told)
    assert "I morgon kl. 13.30" in told[1][1]


def test_after_a_yes_the_day_before_is_no_question(town: MeetingTown, kim: Phone) -> None:
    town.books(kim, NEXT_WEEK)
    kim.writes("ja")
    kim.new()
    told = heard(town, kim, "2026-12-02 13:30")
    assert clocks(told) == ["Sun 29 17.00", "Tue 01 17.00"]
    assert not any("?" in text for _, text in told)


@pytest.mark.parametrize("answer", ["nej", "byt"])
def test_after_a_no_or_a_wish_to_move_nobody_is_reminded(town: MeetingTown, kim: Phone, answer: str) -> None:
    town.books(kim, NEXT_WEEK)
    kim.writes(answer)
    kim.new()
    assert heard(town, kim, "2026-12-02 13:30", timedelta(hours=3)) == []


def test_who_wants_it_is_reminded_on_the_day(town: MeetingTown, kim: Phone) -> None:
    town.books(kim, NEXT_WEEK)
    kim.writes("påminn mig samma dag")
    kim.new()
    assert clocks(heard(town, kim, "2026-12-02 13:30")) == ["Sun 29 17.00", "Tue 01 17.00", "Wed 02 11.30"]


def test_a_meeting_in_few_days_has_no_reminder_of_three_days(town: MeetingTown, kim: Phone) -> None:
    town.books(kim)
    kim.new()
    assert clocks(heard(town, kim, "2026-11-26 13:30")) == ["Wed 25 17.00"]


def test_booked_in_the_evening_it_is_told_in_the_morning_and_within_a_day_at_once(
    town: MeetingTown, kim: Phone
) -> None:
    town.until("2026-11-23 20:00")
    kim.new()
    town.books(kim)
    town.books(kim, "2026-11-24 10:00")
    assert "I morgon kl. 10" in kim.new()[0]
    assert clocks(heard(town, kim, "2026-11-24 12:00")) == ["Tue 24 09.00"]


def test_a_reminder_in_closed_hours_goes_the_evening_before(town: MeetingTown, kim: Phone) -> None:
    """Two hours before half past nine nobody is written to; of two close together the later stays."""
    town.books(kim, "2026-12-02 09:30")
    kim.writes("påminn mig samma dag")
    kim.new()
    assert clocks(heard(town, kim, "2026-12-02 09:30")) == ["Sun 29 17.00", "Tue 01 18.30"]


def test_silence_is_told_to_staff_at_one_on_the_last_staffed_day(town: MeetingTown, kim: Phone) -> None:
    """Over Christmas that is the day before Christmas Eve; the reminder itself goes on a red day."""
    town.books(kim, "2026-12-28 10:00")
    kim.new()
    town.until("2026-12-23 12:59")
    assert town.inbox("silence") == []
    town.until("2026-12-23 13:00")
    (item,) = town.inbox("silence")
    assert item.note == "Personen har inte svarat om tiden måndag 28 december kl. 10. Vill du ringa?"
    kim.new()
    assert clocks(heard(town, kim, "2026-12-28 10:00")) == ["Fri 25 17.00", "Sun 27 17.00"]
    assert len(town.inbox("silence")) == 1


def test_an_answer_takes_silence_away(town: MeetingTown, kim: Phone) -> None:
    town.books(kim)
    town.until("2026-11-25 13:00")
    assert len(town.inbox("silence")) == 1
    kim.writes("ja")
    assert town.inbox("silence") == []


@pytest.mark.parametrize(("booked", "starts", "clocks_utc"), [
    ("2026-10-16 10:00", "2026-10-26 10:00", ["2026-10-23 15:00", "2026-10-25 16:00"]),
    ("2026-10-16 10:00", "2026-10-25 10:00", ["2026-10-22 15:00", "2026-10-24 15:00"]),
    ("2027-03-20 12:00", "2027-03-28 10:00", ["2027-03-25 16:00", "2027-03-27 16:00"]),
    ("2027-03-20 12:00", "2027-03-29 10:00", ["2027-03-26 16:00", "2027-03-28 15:00"]),
])  # fmt: skip
def test_local_clocks_hold_over_the_nights_when_they_change(
    sqlite_store: Store, booked: str, starts: str, clocks_utc: list[str]
) -> None:
    town = MeetingTown(sqlite_store, at(booked).astimezone(UTC))
    kim = town.signed_up()
    town.books(kim, starts)
    kim.new()
    found, expected = [], [datetime.fromisoformat(clock).replace(tzinfo=UTC) for clock in clocks_utc]
    while town.now < at(starts):
        near = any(abs(town.now - clock) <= timedelta(hours=3) for clock in expected)
        town.later(minutes=30 if near else 120)  # what comes at another time is seen too, at the next look
        found += [f"{town.now:%Y-%m-%d %H:%M}" for _ in kim.new()]
    assert found == clocks_utc


# --- late, twice, and times that hold no more -------------------------------------------------------------------------


def test_after_three_days_down_what_has_passed_is_listed_and_not_sent(town: MeetingTown, kim: Phone) -> None:
    town.books(kim, NEXT_WEEK)
    kim.new()
    town.until("2026-11-29 16:00")
    town.now = at("2026-12-02 12:30").astimezone(UTC)
    town.restart()
    town.later(seconds=1)
    assert kim.new() == []
    listed = "\n".join(town.notes("expired"))
    assert "påminnelsen tre dagar före om tiden i dag kl. 13.30" in listed
    assert "påminnelsen dagen före om tiden i dag kl. 13.30" in listed
    assert "Ring om du vill vara säker" in listed
    before = len(town.inbox())
    town.later(hours=1)
    assert len(town.inbox()) == before


def test_a_reminder_a_little_late_still_goes(town: MeetingTown, kim: Phone) -> None:
    town.books(kim, NEXT_WEEK)
    kim.new()
    town.until("2026-11-29 16:00")
    town.until("2026-11-30 10:00")
    assert len(kim.new()) == 1
    assert town.notes("expired") == []


def test_a_late_start_at_night_waits_for_the_morning(town: MeetingTown, kim: Phone) -> None:
    town.books(kim, NEXT_WEEK)
    kim.new()
    town.until("2026-11-29 16:00")
    town.until("2026-11-29 23:00")
    assert kim.new() == []
    town.until("2026-11-30 09:00")
    assert len(kim.new()) == 1


def test_two_sweeps_at_once_say_each_thing_once(store: Store) -> None:
    town = MeetingTown(store)
    phones = [town.signed_up(address=f"+4670174{number:04}", name=f"Kim {number}") for number in range(6)]
    for number, phone in enumerate(phones):
        town.books(phone, f"2026-12-02 {9 + number:02}:30", member="Erik")
        phone.new()
    town.now = at("2026-12-01 17:00").astimezone(UTC)
    at_once(*[lambda: reminders.sweep(town.store, town.house, town.now) for _ in range(4)])
    reminders.sweep(town.store, town.house, town.now)
    town.send()
    for phone in phones:
        assert len(phone.new()) == 1
        assert len(town.items(phone, "silence")) == 1


def test_a_sweep_beside_a_move_leaves_no_reminder_of_the_old_time(store: Store) -> None:
    """Whichever comes first, what goes out is of the time that holds."""
    town = MeetingTown(store)
    kim = town.signed_up()
    meeting = town.books(kim, NEXT_WEEK)
    kim.new()
    town.now = at("2026-12-01 17:00").astimezone(UTC)
    to = work.Ask("2026-12-09 10:00")
    at_once(
        lambda: reminders.sweep(town.store, town.house, town.now),
        lambda: work.move(town.store, town.house, town.now, OPERATOR, meeting, to),
    )
    town.later(seconds=1)
    (told,) = kim.new()
    assert "Nu gäller onsdag 9 december kl. 10." in told


@pytest.mark.parametrize("deed", ["move", "cancel"])
def test_a_reminder_that_is_queued_dies_with_its_time(town: MeetingTown, kim: Phone, deed: str) -> None:
    """It waits while they are in the middle of something; then the time changes."""
    meeting = town.books(kim, NEXT_WEEK)
    town.until("2026-12-01 16:50")
    kim.writes("min lillebror sitter bara hemma")
    town.until("2026-12-01 17:00")
    assert [row.message for row in town.rows("queued")] == ["appointment/day_before"]
    kim.new()
    if deed == "move":
        town.moves(meeting, "2026-12-09 10:00")
    else:
        town.cancels(meeting)
    assert town.rows("queued") == []
    told = [text for _, text in heard(town, kim, "2026-12-02 13:30")] + kim.new()
    assert not any("I morgon" in text for text in kim.texts()[1:])
    assert len(told) <= 1


def test_what_we_begin_waits_for_the_talk_but_never_too_long(town: MeetingTown, kim: Phone) -> None:
    town.books(kim, NEXT_WEEK)
    town.until("2026-12-01 16:50")
    kim.writes("min lillebror sitter bara hemma")
    kim.new()
    assert clocks(heard(town, kim, "2026-12-01 19:00", timedelta(minutes=5))) == ["Tue 01 17.20"]


def test_a_move_back_and_forth_tells_of_what_holds(town: MeetingTown, kim: Phone) -> None:
    meeting = town.books(kim, NEXT_WEEK)
    kim.writes("ja")
    kim.new()
    town.until("2026-11-24 20:00")
    for day in ("2026-12-03 10:00", "2026-12-04 10:00", "2026-12-02 13:30"):
        town.moves(meeting, day)
    told = heard(town, kim, "2026-12-02 13:30")
    assert clocks(told) == ["Wed 25 09.00", "Sun 29 17.00", "Tue 01 17.00"]
    assert "Tiden är ändrad. Nu gäller onsdag 2 december kl. 13.30." in told[0][1]
    assert town.meeting(meeting).answer is None


# --- afterwards -------------------------------------------------------------------------------------------------------


def test_an_unmarked_meeting_is_asked_about_within_staffed_hours(town: MeetingTown, kim: Phone) -> None:
    town.books(kim, "2026-11-27 16:00", 60)
    kim.writes("ja")
    kim.new()
    town.until("2026-11-30 07:59")
    assert town.inbox("how") == []
    town.until("2026-11-30 08:00")
    assert town.notes("how")[0].startswith("Hur gick det med tiden fredag 27 november kl. 16?")
    assert kim.new() == [] or "I morgon" in kim.texts()[-1]


def test_missed_once_is_met_kindly_and_twice_in_a_row_is_a_call(town: MeetingTown, kim: Phone) -> None:
    first = town.books(kim, "2026-11-23 14:00")
    town.until("2026-11-23 15:00")
    kim.new()
    town.marks(first, "missed")
    assert kim.new() == ["Hej Kim. Ni sågs inte i dag, och det är okej. Vill du ha en ny tid? Svara JA eller INTE NU."]
    assert town.inbox("callback") == []
    second = town.books(kim, "2026-11-24 14:00")
    town.until("2026-11-24 15:00")
    kim.new()
    town.marks(second, "missed")
    town.later(hours=2)
    assert kim.new() == []
    assert town.notes("callback")[0].endswith("Ring. Boten skriver inte en gång till.")
    third = town.books(kim, "2026-11-25 14:00")
    town.until("2026-11-25 15:00")
    kim.new()
    town.marks(third, "attended")
    fourth = town.books(kim, "2026-11-26 14:00")
    town.until("2026-11-26 15:00")
    kim.new()
    town.marks(fourth, "missed")
    assert len(kim.new()) == 1


def test_a_miss_is_answered_with_a_new_time_or_not_now(town: MeetingTown, kim: Phone) -> None:
    meeting = town.books(kim, "2026-11-23 14:00")
    town.until("2026-11-23 15:00")
    town.marks(meeting, "missed")
    kim.new()
    assert "kan de här tiderna" in kim.writes("ja")[0]
    town.later(minutes=1)
    assert kim.writes("1")[0].startswith("Klart.")
    assert [each.outcome for each in town.meetings(kim)] == ["missed", None]


def test_when_we_did_not_come_we_say_so(town: MeetingTown, kim: Phone) -> None:
    meeting = town.books(kim, "2026-11-23 14:00")
    town.until("2026-11-23 15:00")
    kim.new()
    town.marks(meeting, "we_failed")
    (told,) = kim.new()
    assert told.startswith("Hej Kim. Vi kom inte i dag. Det var vårt fel, inte ditt. Vill du ha en ny tid?")
    town.later(days=2)
    assert kim.new() == []


def test_a_mark_after_many_days_says_nothing_and_a_changed_mark_says_no_more(town: MeetingTown, kim: Phone) -> None:
    meeting = town.books(kim, "2026-11-23 14:00")
    town.until("2026-11-23 15:00")
    kim.new()
    town.marks(meeting, "missed")
    town.marks(meeting, "missed")
    assert len(kim.new()) == 1
    late = town.books(kim, "2026-11-25 14:00")
    town.until("2026-11-30 10:00")
    kim.new()
    town.marks(late, "missed")
    town.later(days=1)
    assert kim.new() == []


def test_a_missed_line_that_waits_for_the_morning_goes_no_more_when_the_mark_was_wrong(
    town: MeetingTown, kim: Phone
) -> None:
    meeting = town.books(kim, "2026-11-23 14:00")
    town.until("2026-11-23 20:00")
    kim.new()
    town.marks(meeting, "missed")
    town.marks(meeting, "attended")
    town.until("2026-11-24 12:00")
    assert kim.new() == []


def test_one_act_calls_off_a_sick_staff_members_day(town: MeetingTown, kim: Phone) -> None:
    sam = town.signed_up(address="+46701740699", name="Sam")
    eva = town.signed_up(address="+46701740698", name="Eva")
    begun, left = town.books(kim, "2026-11-23 12:30"), town.books(sam, "2026-11-23 14:30")
    other, tomorrow = town.books(eva, "2026-11-23 14:30", member="Erik"), town.books(eva, "2026-11-24 10:00")
    town.until("2026-11-23 12:45")
    for phone in (kim, sam, eva):
        phone.new()
    (kept,) = work.sick(town.store, town.house, town.now, OPERATOR, "Anna")
    town.send()
    assert kept.notes == ("Det är mindre än tre timmar kvar: ring också.",)
    (told,) = sam.new()
    assert told == (
        "Hej Sam. Anna kan inte komma i dag kl. 14.30. Det beror inte på dig. Vill du ha en ny tid? "
        "Svara JA eller INTE NU."
    )
    assert kim.new() == eva.new() == []
    assert [town.meeting(each).state for each in (begun, left, other, tomorrow)] == [
        "booked", "cancelled", "booked", "booked",
    ]  # fmt: skip
    assert "kan de här tiderna" in sam.writes("ja")[0]
    assert work.sick(town.store, town.house, town.now, OPERATOR, "Anna", date(2026, 11, 25)) == []
