"""A week of the calendar: whose meetings, how each stands, which days differ, and how many questions it takes."""

from __future__ import annotations

from datetime import date, time, timedelta

import pytest

from rules.roster import Absence
from staff import calendar, meetings
from staff.calendar import Week
from staff.people import Actor, DeskFault
from storage import busy, participants, roster, staff, units
from storage.db import Store
from tests.counting import counted
from tests.meeting_town import OPERATOR, MeetingTown, at
from tests.town import Phone

THIS_WEEK = date(2026, 11, 23)


@pytest.fixture
def town(sqlite_store: Store) -> MeetingTown:
    return MeetingTown(sqlite_store)


@pytest.fixture
def kim(town: MeetingTown) -> Phone:
    return town.signed_up()


def member(town: MeetingTown, name: str, *slugs: str) -> Actor:
    """Somebody of the first unit, who sees all of these."""
    with town.store.read() as tx:
        ids = [units.get_unit(tx, slug).id for slug in slugs]
        who = next(one for one, called in staff.names(tx, ids[0]).items() if called == name)
    return Actor(f"staff:{who}", who, frozenset(ids))


def week(town: MeetingTown, actor: Actor, first: date = THIS_WEEK, *, own: bool = False) -> Week:
    return calendar.look(town.store, town.house, town.now, actor, first, own=own)


def told(shown: Week) -> list[tuple[str, str, str, str]]:
    """Day, clock, name, how it stands."""
    return [(f"{day.day:%a}", each.clock, each.name, each.words) for day in shown.days for each in day.meetings]


def test_how_each_meeting_stands_is_told_apart(town: MeetingTown, kim: Phone) -> None:
    sam, ali, eva = (
        town.signed_up(address=f"+4670174069{n}", name=name) for n, name in enumerate(("Sam", "Ali", "Eva"))
    )
    town.books(kim, "2026-11-24 10:00")
    kim.writes("ja")
    town.books(sam, "2026-11-24 13:00")
    sam.writes("nej")
    town.books(ali, "2026-11-25 10:00")
    ali.writes("byt")
    town.books(eva, "2026-11-25 13:00")
    gone = town.books(eva, "2026-11-26 13:00", member="Erik")
    town.cancels(gone)
    anna = member(town, "Anna", "alvsbyn")
    with town.store.begin() as tx:
        busy.hold(tx, town.now, kim.standing().participant_id, anna.staff_id or 0,
                  (at("2026-11-27 10:00"), at("2026-11-27 10:40")), [1, 2])  # fmt: skip
    assert told(week(town, anna)) == [
        ("Tue", "10.00-10.40", "Kim", "bekräftad"),
        ("Tue", "13.00-13.40", "Sam", "tackat nej"),
        ("Wed", "10.00-10.40", "Ali", "vill ha en annan tid"),
        ("Wed", "13.00-13.40", "Eva", "inte svarat"),
        ("Thu", "13.00-13.40", "Eva", "avbokad av oss"),
        ("Fri", "10.00-10.40", "", "hålls för någon"),
    ]
    own = week(town, member(town, "Erik", "alvsbyn"), own=True)
    assert told(own) == [("Thu", "13.00-13.40", "Eva", "avbokad av oss")]


def test_what_has_been_is_told_as_it_went(town: MeetingTown, kim: Phone) -> None:
    first = town.books(kim, "2026-11-23 13:00")
    town.until("2026-11-23 15:00")
    anna = member(town, "Anna", "alvsbyn")
    assert told(week(town, anna)) == [("Mon", "13.00-13.40", "Kim", "inte ifylld än")]
    for outcome, words in (("attended", "kom"), ("missed", "kom inte"), ("we_failed", "vi kom inte"),
                           ("cancelled", "blev inte av")):  # fmt: skip
        town.marks(first, outcome)
        assert told(week(town, anna))[0][3] == words
    monday = week(town, anna).days[0]
    assert (monday.today, len(monday.begun), len(monday.coming)) == (True, 1, 0)


def test_another_units_meetings_are_not_seen(town: MeetingTown, kim: Phone) -> None:
    town.books(kim)
    assert told(week(town, member(town, "Sara", "pitea"))) == []
    assert len(told(week(town, member(town, "Sara", "pitea", "alvsbyn")))) == 1
    assert told(week(town, OPERATOR, own=True)) == []


def test_a_protected_person_has_neither_name_nor_place_there(town: MeetingTown, kim: Phone) -> None:
    town.books(kim, place="skutan")
    with town.store.begin() as tx:
        participants.set_protected(tx, kim.standing().participant_id)
    (shown,) = [each for day in week(town, OPERATOR).days for each in day.meetings]
    assert (shown.name, shown.what) == ("Skyddade uppgifter", "promenad · med Anna")


def test_red_closed_and_differing_days_are_told(town: MeetingTown) -> None:
    anna = member(town, "Anna", "alvsbyn")
    with town.store.begin() as tx:
        unit = units.get_unit(tx, "alvsbyn").id
        roster.add_exception(tx, unit, Absence(date(2026, 12, 21)))
        roster.add_exception(tx, unit, Absence(date(2026, 12, 22), None, time(9), time(12)))
        roster.add_exception(tx, unit, Absence(date(2026, 12, 23), anna.staff_id))
    days = week(town, anna, date(2026, 12, 21)).days
    assert [day.notes for day in days[:3]] == [("Stängt",), ("Enheten: kl. 9-12",), ("Anna är borta",)]
    assert [day.closed for day in days[:3]] == [True, False, False]
    assert [day.red for day in days[3:]] == ["julafton", "juldagen", "annandag jul", "söndag"]


@pytest.mark.parametrize(("text", "monday"), [
    ("2026-V48", "2026-11-23"), ("2026-W48", "2026-11-23"), ("2026v1", "2025-12-29"), ("2026-V53", "2026-12-28"),
    ("2025-V53", "2026-11-23"), ("2026-V0", "2026-11-23"), ("", "2026-11-23"), ("9999-V52", "2026-11-23"),
    ("0000-V01", "2026-11-23"), ("'; drop", "2026-11-23"),
])  # fmt: skip
def test_a_week_is_read_as_it_is_written(text: str, monday: str) -> None:
    assert f"{calendar.read_week(text, date(2026, 11, 25))}" == monday


def test_a_day_is_read_and_a_week_written() -> None:
    assert calendar.read_day("2026-11-25") == date(2026, 11, 25)
    assert [calendar.read_day(text) for text in ("", "25/11", "9999-01-01", "2026-02-30")] == [None] * 4
    assert calendar.write_week(date(2027, 1, 2)) == "2026-V53"


def test_a_week_takes_as_many_questions_however_much_is_in_it(store: Store) -> None:
    town = MeetingTown(store)
    anna = member(town, "Anna", "alvsbyn")

    def questions() -> int:
        with counted() as asked:
            week(town, anna)
        return len(asked)

    for number in range(2):
        town.books(town.signed_up(address=f"+4670174061{number}"), f"2026-11-25 {10 + number}:00", note="x")
    few = questions()
    for number in range(12):
        phone = town.signed_up(address=f"+467017406{20 + number}")
        town.books(
            phone, f"2026-11-{24 + number % 4} {9 + number // 2:02}:{30 * (number % 2):02}", member="Erik", note="y"
        )
    assert questions() == few
    assert few <= 15


def test_the_look_is_in_the_log_once(town: MeetingTown, kim: Phone) -> None:
    town.books(kim)
    before = len(town.log())
    week(town, member(town, "Anna", "alvsbyn"))
    assert len(town.log()) == before + 1
    assert town.log()[-1][0] == "calendar.show"


def test_the_same_time_twice_and_a_clash_are_named(town: MeetingTown, kim: Phone) -> None:
    sam = town.signed_up(address="+46701740699", name="Sam")
    first = town.books(kim)
    with pytest.raises(meetings.Twice) as twice:
        town.books(kim)
    assert twice.value.meeting == first
    with pytest.raises(DeskFault, match=r"restid medräknad: ett möte 13\.30-14\.10"):
        town.books(sam, "2026-11-26 13:45")
    assert town.meetings(sam) == []


def test_a_move_that_changes_nothing_tells_nobody(town: MeetingTown, kim: Phone) -> None:
    meeting = town.books(kim)
    kim.new()
    told_staff = town.moves(meeting, "2026-11-26 13:30", note="ring porttelefonen")
    assert kim.new() == []
    assert told_staff.notes[0] == "Tiden är som den var, så personen får inget nytt besked."
    assert (town.meeting(meeting).version, town.meeting(meeting).details["note"]) == (1, "ring porttelefonen")


def test_the_second_of_two_is_told_what_the_first_did(town: MeetingTown, kim: Phone) -> None:
    meeting = town.books(kim)
    anna = member(town, "Anna", "alvsbyn")
    here = (town.store, town.house)
    town.moves(meeting, "2026-11-27 10:00")
    stale = "tiden har ändrats sedan du öppnade sidan: nu är det promenaden fredag 27 november kl. 10"
    with pytest.raises(meetings.Stale, match=stale):
        meetings.cancel(*here, town.now, anna, meeting, version=1)
    with pytest.raises(meetings.Stale, match=stale):
        meetings.move(*here, town.now, anna, meeting, meetings.Ask("2026-11-27 11:00"), version=1)
    town.until("2026-11-27 12:00")
    meetings.mark(*here, town.now, anna, meeting, "attended", version=2, was="")
    with pytest.raises(meetings.Stale, match="Anna har redan skrivit: kom"):
        meetings.mark(*here, town.now, anna, meeting, "missed", version=2, was="")
    again = meetings.mark(*here, town.now, anna, meeting, "attended", version=2, was="")  # a second click
    assert again.id == meeting
    meetings.mark(*here, town.now + timedelta(minutes=1), anna, meeting, "missed", version=2, was="attended")
    assert town.stands(meeting) == "kom inte"
