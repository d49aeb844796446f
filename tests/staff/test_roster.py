"""The roster's room: hours as they are typed, what differs, alarms in words, and whether a unit may open."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time, timedelta

import pytest

from bot.actions import offering
from ingang.seeding import seed_units
from messages.helplines import load_help_lines
from rules.roster import Roster, Shift, spans
from rules.slots import offers, only
from staff import availability, calendar_feed, calendar_sick, roster_change, roster_open, roster_page
from staff.people import Actor, DeskFault
from staff.roster_hours import NoHours, read_line, read_week, write_line
from staff.roster_ladder import ladder
from storage import appointments, feeds, participants, roster, staff, units
from storage.db import Store
from storage.units import Unit
from tests.meeting_town import NEXT_WEEK, OPERATOR, MeetingTown, at
from tests.staff.test_calendar import member
from tests.town import Phone


@pytest.fixture
def town(sqlite_store: Store) -> MeetingTown:
    return MeetingTown(sqlite_store)


@pytest.fixture
def kim(town: MeetingTown) -> Phone:
    return town.signed_up()


def unit(town: MeetingTown, slug: str = "alvsbyn") -> Unit:
    with town.store.read() as tx:
        return units.get_unit(tx, slug)


def who(town: MeetingTown, name: str, slug: str = "alvsbyn") -> int:
    return member(town, name, slug).staff_id or 0


def page(town: MeetingTown, slug: str = "alvsbyn") -> roster_page.RosterPage:
    return roster_page.show(town.store, town.house, town.now, OPERATOR, unit(town, slug))


# --- hours ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("text", "written"), [
    ("8-16", "8-16"), ("08.00 - 12.00, 13-16:30", "8-12, 13-16.30"), ("kl. 9 till 11", "9-11"), ("", ""), (" ", ""),
    ("13-16 och 8-12", "8-12, 13-16"),
])  # fmt: skip
def test_hours_of_a_day_are_read_as_they_are_typed(text: str, written: str) -> None:
    assert write_line(read_line(text)) == written


@pytest.mark.parametrize(("text", "why"), [
    ("16-8", "Slutet ska vara senare"), ("8", "Skriv tiden så här"), ("8-25", "Klockan går från"),
    ("8-8", "Slutet ska"), ("8-12, 11-13", "går i"), ("x", "Skriv tiden så här"), ("1-2,3-4,5-6,7-8,9-10", "Högst 4"),
])  # fmt: skip
def test_hours_that_cannot_be_read_say_why(text: str, why: str) -> None:
    with pytest.raises(NoHours, match=why):
        read_line(text)
    assert list(read_week(["", text], 1)[1]) == [1]


# --- the roster -------------------------------------------------------------------------------------------------------


def test_the_page_says_who_reads_when_and_who_is_there_now(town: MeetingTown) -> None:
    shown = page(town)
    assert shown.hours == "vardagar kl. 8-16"
    assert [(row.name, row.hours, row.week[0], row.reached, row.on_now) for row in shown.rows] == [
        ("Anna", "vardagar kl. 8-16", "8-16", True, True),
        ("Erik", "vardagar kl. 8-16", "8-16", True, True),
        ("Maria", "", "", True, False),
    ]
    assert shown.on_now == ("Anna", "Erik")
    assert shown.ladder == ("Först Anna och Erik.", "Sist, efter 10 minuter, chefen Maria.")
    assert shown.missing == ()


def test_a_changed_week_takes_effect_at_once(town: MeetingTown, kim: Phone) -> None:
    meeting = town.books(kim, NEXT_WEEK)
    anna = who(town, "Anna")
    with town.store.begin() as tx:
        appointments.look_next(tx, meeting, town.now + timedelta(days=5))
    roster_change.set_week(town.store, town.now, OPERATOR, unit(town), anna, ["9-12", "", "", "", "", "", ""])
    assert town.meeting(meeting).look_at == town.now
    with town.store.read() as tx:
        mine = [shift for shift in roster.load(tx, unit(town).id).shifts if shift.staff == anna]
        others = [shift for shift in roster.load(tx, unit(town).id).shifts if shift.staff != anna]
    assert mine == [Shift(anna, 0, time(9), time(12))]
    assert len(others) == 5
    assert town.log()[-1][:2] == ("roster.week", f"staff:{anna}")


def test_the_second_of_two_who_change_a_week_is_told(town: MeetingTown) -> None:
    anna, was = who(town, "Anna"), ["8-16"] * 5 + ["", ""]
    new = ["8-12"] + ["8-16"] * 4 + ["", ""]
    roster_change.set_week(town.store, town.now, OPERATOR, unit(town), anna, new, was)
    roster_change.set_week(town.store, town.now, OPERATOR, unit(town), anna, new, was)  # a second click
    with pytest.raises(roster_change.Changed, match="någon annan har ändrat Annas tider") as told:
        roster_change.set_week(town.store, town.now, OPERATOR, unit(town), anna, ["9-10"] * 7, was)
    assert told.value.now_is == tuple(new)
    with pytest.raises(roster_change.BadWeek) as bad:
        roster_change.set_week(town.store, town.now, OPERATOR, unit(town), anna, ["8-16", "x"] + [""] * 5)
    assert list(bad.value.faults) == [1]
    with pytest.raises(DeskFault, match="arbetar inte här"):
        roster_change.set_week(town.store, town.now, OPERATOR, unit(town), who(town, "Sara", "pitea"), [""] * 7)


def test_days_that_differ(town: MeetingTown) -> None:
    here, anna, day = (town.store, town.now, OPERATOR, unit(town)), who(town, "Anna"), date(2026, 12, 23)
    roster_change.set_day(*here, None, day, None)
    roster_change.set_day(*here, anna, day, "9-12")
    roster_change.set_day(*here, anna, day, "9-12")  # a second click
    roster_change.set_day(*here, anna, date(2026, 12, 24), None)
    assert [(each.who, each.what, each.red) for each in page(town).differs] == [
        ("", "Stängt", None), ("Anna", "Kl. 9-12 i stället", None), ("Anna", "Borta", "julafton"),
    ]  # fmt: skip
    assert roster_change.clear_day(*here, None, day)
    assert not roster_change.clear_day(*here, None, day)
    for bad, hours in ((None, None), (date(2026, 11, 22), None), (date(2031, 1, 1), None), (day, ""), (day, "x")):
        with pytest.raises(DeskFault):
            roster_change.set_day(*here, anna, bad, hours)
    with pytest.raises(DeskFault, match="arbetar inte här"):
        roster_change.set_day(*here, 17, day, None)


# --- alarms -----------------------------------------------------------------------------------------------------------


def test_the_ladder_in_words() -> None:
    names = {1: "Sara", 2: "Ali", 3: "Mona", 4: "Eva"}
    week = Roster(tuple(Shift(one, 0, time(8), time(16)) for one in (1, 2)))
    monday, sunday = at("2026-11-23 10:00"), at("2026-11-22 10:00")
    assert ladder(week, [1, 2, 3], 4, names, monday) == [
        "Först Sara och Ali.", "Efter 10 minuter Mona.", "Sist, efter 20 minuter, chefen Eva.",
    ]  # fmt: skip
    assert ladder(week, [1, 2], None, names, sunday, unreached={2}) == [
        "Ingen är på plats nu. Larmet väntar till i morgon kl. 8.",
        "Först Sara och Ali (nås inte: saknar arbetstelefon).",
    ]
    assert ladder(Roster(), [1], None, names, monday) == ["Ingen larmas: ingen är inlagd och ingen chef är vald."]
    assert ladder(Roster(), [1], 4, names, monday) == [
        "Ingen är inlagd de närmaste 30 dagarna. Efter 10 minuter larmas chefen Eva."
    ]


def test_alarm_contacts_and_one_manager(town: MeetingTown) -> None:
    here, anna = (town.store, town.house, town.now, OPERATOR, unit(town)), who(town, "Anna")
    roster_change.set_contact(*here, anna, channel="sim_sms", device="070-174 06 77", order="7", manager=True)
    rows = {row.name: row for row in page(town).rows}
    assert (rows["Anna"].device, rows["Anna"].order, rows["Anna"].manager) == ("+46701740677", 7, True)
    assert not rows["Maria"].manager
    roster_change.set_contact(*here, anna, channel="", device="", order="1", manager=False)
    assert not page(town).rows[0].reached
    for channel, device, order in (
        ("sms_x", "0701740677", "1"), ("sim_sms", "abc", "1"), ("sim_sms", "0980-319200", "1"), ("device", "a b", "1"),
        ("device", "a", "0"), ("device", "a", "x"), ("device", "x" * 101, "1"),
    ):  # fmt: skip
        with pytest.raises(DeskFault):
            roster_change.set_contact(*here, anna, channel=channel, device=device, order=order, manager=False)
    assert not page(town).rows[0].reached


def test_a_test_alarm_goes_out_once_and_says_that_it_is_one(town: MeetingTown) -> None:
    here, anna = (town.store, town.house, town.now, OPERATOR, unit(town)), who(town, "Anna")
    for _ in range(2):
        assert roster_change.try_alarm(*here, anna, "n1") == "Anna"
    town.send()
    (text,) = town.device("anna")
    assert text.startswith("TEST, inget har hänt.")
    assert ("roster.test_alarm", f"staff:{anna}", f"ok unit:{unit(town).id}") in town.log()
    with pytest.raises(DeskFault, match="arbetar inte här"):
        roster_change.try_alarm(*here, who(town, "Sara", "pitea"), "n2")
    with town.store.begin() as tx:
        staff.set_device(tx, anna, None, None)
    with pytest.raises(DeskFault, match="ingen arbetstelefon"):
        roster_change.try_alarm(*here, anna, "n3")


# --- open or closed ---------------------------------------------------------------------------------------------------


def test_a_unit_opens_when_somebody_reads_an_alarm_gets_through_and_the_lines_are_checked(town: MeetingTown) -> None:
    roster_open.close_unit(town.store, town.now, OPERATOR, unit(town))
    assert not unit(town).live
    roster_open.open_unit(town.store, town.now, OPERATOR, unit(town), town.house.channels)
    assert unit(town).live
    assert [entry[0] for entry in town.log()[-2:]] == ["unit.close", "unit.open"]


def test_what_is_missing_is_named_and_keeps_it_closed(town: MeetingTown) -> None:
    here = unit(town)
    roster_open.close_unit(town.store, town.now, OPERATOR, here)
    with town.store.begin() as tx:
        roster.set_shifts(tx, here.id, [])
    town.now += timedelta(days=400)
    assert [each.where for each in page(town).missing] == ["roster", "alarm", "lines"]
    with pytest.raises(DeskFault, match="kan inte öppna än"):
        roster_open.open_unit(town.store, town.now, OPERATOR, here, town.house.channels)
    assert not unit(town).live
    roster_open.confirm_lines(town.store, town.now, OPERATOR, here)
    roster_change.set_week(town.store, town.now, OPERATOR, here, who(town, "Anna"), ["8-16"] * 5 + [""] * 2)
    assert page(town).missing == ()
    assert page(town).lines.confirmed == date(2027, 12, 28)
    town.now += timedelta(days=181)
    assert page(town).lacks == {"lines": "Hjälplinjerna är inte kontrollerade de senaste 180 dagarna."}


def test_the_lines_that_are_shown_are_those_in_use(town: MeetingTown) -> None:
    assert len(page(town).lines.lines) == sum(line.on for line in load_help_lines())


# --- ill, free times, the feed ----------------------------------------------------------------------------------------


def test_ill_today_calls_off_and_takes_them_out_of_roster_and_times(town: MeetingTown, kim: Phone) -> None:
    town.books(kim, "2026-11-23 13:00")
    kim.new()
    anna, today = member(town, "Anna", "alvsbyn"), date(2026, 11, 23)
    for expected in (1, 0):  # a second click
        gone = calendar_sick.call_in_sick(town.store, town.house, town.now, anna, anna.staff_id or 0, today)
        assert len(gone) == expected
    town.send()
    assert "Det beror inte på dig" in kim.new()[0]
    assert page(town).on_now == ("Erik",)
    with town.store.read() as tx:
        free = offering.free_of(tx, town.house, unit(town), town.now)
    assert [spans(only(free.availability, who(town, name)), today) != () for name in ("Anna", "Erik")] == [False, True]
    with pytest.raises(DeskFault, match="arbetar inte här"):
        calendar_sick.call_in_sick(
            town.store, town.house, town.now, member(town, "Sara", "pitea"), anna.staff_id or 0, today
        )


def test_ones_times_for_walks(town: MeetingTown) -> None:
    anna = member(town, "Anna", "alvsbyn")
    mine, here = anna.staff_id or 0, (town.store, town.now, anna)
    name, (hours,) = availability.of_member(*here, mine)
    assert (name, hours.week[0], hours.week[5], hours.notice_hours) == ("Anna", "9-15.30", "", 3)
    availability.set_lines(*here, unit(town), mine, ["10-12"] + [""] * 6, hours.week)
    with pytest.raises(roster_change.Changed):
        availability.set_lines(*here, unit(town), mine, ["11-12"] + [""] * 6, hours.week)
    with pytest.raises(roster_change.BadWeek):
        availability.set_lines(*here, unit(town), mine, ["x"] + [""] * 6)
    availability.set_one_day(*here, unit(town), mine, date(2026, 11, 30), "")
    availability.set_one_day(*here, unit(town), mine, date(2026, 12, 1), "9-10, 11-12")
    assert [each[1:] for each in availability.of_member(*here, mine)[1][0].days] == [
        ("måndag 30 november", "Inte alls"), ("tisdag 1 december", "Kl. 9-10, 11-12"),
    ]  # fmt: skip
    availability.set_one_day(*here, unit(town), mine, date(2026, 12, 1), None)
    assert len(availability.of_member(*here, mine)[1][0].days) == 1
    with pytest.raises(DeskFault, match="den dagen"):
        availability.set_one_day(*here, unit(town), mine, date(2026, 11, 22), "")
    with pytest.raises(DeskFault, match="arbetar inte här"):
        availability.of_member(town.store, town.now, member(town, "Sara", "pitea"), mine)


def test_no_time_is_offered_on_a_closed_day(town: MeetingTown, kim: Phone) -> None:
    person = kim.standing().participant_id

    def days() -> set[date]:
        with town.store.read() as tx:
            need = offering.need_of(tx, unit(town), person, "walk_and_talk", 40, town.now)
            found = offers(offering.free_of(tx, town.house, unit(town), town.now), need, town.now)
        return {each.starts.date() for each in found}

    before = days()
    for day in before:
        roster_change.set_day(town.store, town.now, OPERATOR, unit(town), None, day, None)
    assert before
    assert not before & days()


def test_the_units_limits(town: MeetingTown) -> None:
    availability.set_limits(town.store, town.now, OPERATOR, unit(town), time(10), time(15), 24)
    hours = availability.of_member(town.store, town.now, OPERATOR, who(town, "Anna"))[1][0]
    assert (hours.earliest, hours.latest, hours.notice_hours) == ("10:00", "15:00", 24)
    for bad in ((time(15), time(10), 1), (time(9), time(10), 169), (time(9), time(10), -1)):
        with pytest.raises(DeskFault):
            availability.set_limits(town.store, town.now, OPERATOR, unit(town), *bad)


def test_the_feed_has_times_and_places_and_no_names(store: Store) -> None:
    town = MeetingTown(store)
    kim, sam = town.signed_up(), town.signed_up(address="+46701740699", name="Sam")
    town.books(kim, place="skutan", note="hemligt")
    town.books(sam, "2026-11-27 10:00", form="visit", where="Storgatan 5 hos mamma")
    gone = town.books(sam, "2026-11-27 13:00")
    town.cancels(gone)
    anna = who(town, "Anna")
    with town.store.begin() as tx:
        link = feeds.renew(tx, anna, town.now)
    text = calendar_feed.read(town.store, link.token, town.now)
    assert text is not None
    assert text.count("BEGIN:VEVENT") == 2
    assert "SUMMARY:Promenad" in text
    assert "LOCATION:Skutan" in text
    assert "SUMMARY:Hembesök" in text
    for word in ("Kim", "Sam", "hemligt", "mamma", "Storgatan 5", "46701740", "Anna"):
        assert word not in text
    with town.store.begin() as tx:
        participants.set_protected(tx, kim.standing().participant_id)
    text = calendar_feed.read(town.store, link.token, town.now) or ""
    assert "SUMMARY:Möte\r\n" in text
    assert "Skutan" not in text
    assert calendar_feed.read(town.store, "unknown", town.now) is None
    with town.store.begin() as tx:
        staff.disable(tx, anna, town.now)
    assert calendar_feed.read(town.store, link.token, town.now) is None


def test_sara_sees_her_own_unit_only(town: MeetingTown) -> None:
    assert isinstance(member(town, "Sara", "pitea"), Actor)
    assert [row.name for row in page(town, "pitea").rows] == ["Sara"]


def test_a_unit_whose_settings_name_nobody_who_reads_is_not_open(town: MeetingTown) -> None:
    first = town.units[0]
    with town.store.begin() as tx:
        seed_units(tx, [replace(first, slug="ny", staff=()), replace(first, slug="bemannad")], town.now)
    assert [unit(town, slug).live for slug in ("ny", "bemannad", "alvsbyn")] == [False, True, True]
    assert [each.where for each in page(town, "ny").missing] == ["roster", "alarm"]
