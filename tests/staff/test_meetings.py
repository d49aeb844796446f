"""Staff book, move, cancel, mark and list: what is refused, in which words, and what the audit log keeps."""

from __future__ import annotations

from datetime import UTC, date, timedelta

import pytest

from staff import availability, meetings
from staff.meetings import Ask
from staff.people import Actor, DeskFault
from storage import participants, staff, units
from storage.db import Store
from tests.meeting_town import NEXT_WEEK, OPERATOR, THURSDAY, MeetingTown, at
from tests.town import Phone


@pytest.fixture
def town(sqlite_store: Store) -> MeetingTown:
    return MeetingTown(sqlite_store)


@pytest.fixture
def kim(town: MeetingTown) -> Phone:
    return town.signed_up()


def member(town: MeetingTown, name: str, unit: str) -> Actor:
    """Somebody of that unit, who sees no other."""
    with town.store.read() as tx:
        unit_id = units.get_unit(tx, unit).id
        who = next(one for one, called in staff.names(tx, unit_id).items() if called == name)
    return Actor(f"staff:{who}", who, frozenset({unit_id}))


def asks(town: MeetingTown, kim: Phone, ask: Ask, actor: Actor = OPERATOR) -> meetings.Kept:
    return meetings.book(town.store, town.house, town.now, actor, kim.standing().participant_id, ask)


@pytest.mark.parametrize(("ask", "told"), [
    (Ask(), "det står inte när (--at)"),
    (Ask("i morgon"), "tiden i morgon går inte att läsa (--at)"),
    (Ask("2026-12-03"), "tiden 2026-12-03 går inte att läsa (--at)"),
    (Ask("2026-12-03T13:30+01:00"), "går inte att läsa (--at)"),
    (Ask("2026-13-03 13:30"), "går inte att läsa (--at)"),
    (Ask(""), "går inte att läsa (--at)"),
    (Ask("2026-11-23 09:30"), "Tiden har redan varit (--at)"),
    (Ask("2026-12-03 08:59"), "Enhetens möten är mellan kl. 09.00 och 17.00 (--at)"),
    (Ask("2026-12-03 16:30"), "Enhetens möten är mellan kl. 09.00 och 17.00 (--at)"),
    (Ask("2026-12-03 23:50", 30), "Enhetens möten är mellan"),
    (Ask("2027-03-28 02:30"), "tiden 2027-03-28 02:30 finns inte: klockan ställs fram då (--at)"),
    (Ask(THURSDAY, 0), "0 minuter går inte att boka (--minutes)"),
    (Ask(THURSDAY, -40), "-40 minuter går inte att boka (--minutes)"),
    (Ask(THURSDAY, 481), "481 minuter går inte att boka (--minutes)"),
    (Ask(THURSDAY, form="picknick"), "formen picknick finns inte (--form)"),
    (Ask(THURSDAY, place="ishallen"), "enheten har ingen plats ishallen (--place): välj bland: skutan, storgatan"),
    (Ask(THURSDAY, member="Nils"), "ingen medarbetare som arbetar nu är Nils (--with)"),
    (Ask(THURSDAY, member="Sara"), "Sara arbetar inte i Ingång Älvsbyn (--with)"),
    (Ask("2027-12-03 13:30"), "Tiden är mer än ett år bort (--at)"),
    (Ask("9999-12-31 13:30"), "går inte att läsa (--at)"),
    (Ask("0001-01-01 00:00"), "går inte att läsa (--at)"),
])  # fmt: skip
def test_what_cannot_be_booked_is_told_and_changes_nothing(town: MeetingTown, kim: Phone, ask: Ask, told: str) -> None:
    with_anna = ask if ask.member else Ask(ask.at, ask.minutes, ask.form, "Anna", ask.place)
    with pytest.raises(DeskFault) as fault:
        asks(town, kim, with_anna)
    assert told in str(fault.value)
    assert town.meetings(kim) == []
    assert town.rows() == []


def test_it_must_be_told_whom_it_is_with_unless_it_is_oneself(town: MeetingTown, kim: Phone) -> None:
    with pytest.raises(DeskFault, match="det står inte vem mötet är med"):
        asks(town, kim, Ask(THURSDAY))
    kept = asks(town, kim, Ask(THURSDAY), member(town, "Erik", "alvsbyn"))
    assert town.meeting(kept.id).staff_id == member(town, "Erik", "alvsbyn").staff_id


def test_nobody_is_in_two_places(town: MeetingTown, kim: Phone) -> None:
    """Travel counts, and so does the person's own other meeting."""
    sam = town.signed_up(address="+46701740699", name="Sam")
    town.books(kim)
    with pytest.raises(DeskFault, match="upptagen då, restid medräknad"):
        asks(town, sam, Ask("2026-11-26 14:15", member="Anna"))
    assert asks(town, sam, Ask("2026-11-26 14:30", member="Anna")).person == sam.standing().participant_id
    with pytest.raises(DeskFault, match=r"Personen har redan promenaden torsdag 26 november kl\. 13\.30"):
        asks(town, kim, Ask("2026-11-26 14:00", member="Erik"))


def test_the_second_of_a_doubled_hour_is_a_time_like_others(town: MeetingTown, kim: Phone) -> None:
    late = MeetingTown(town.store, at("2027-10-01 10:00").astimezone(UTC))
    with late.store.begin() as tx:
        units.set_settings(tx, units.get_unit(tx, "alvsbyn").id, meetings={"earliest": "00:00", "latest": "23:59"})
    kept = asks(late, kim, Ask("2027-10-31 02:30", member="Anna"))
    assert late.meeting(kept.id).minutes == 40


def test_another_units_people_and_meetings_are_not_theirs(town: MeetingTown, kim: Phone) -> None:
    sara = member(town, "Sara", "pitea")
    meeting = town.books(kim)
    kim.new()
    with pytest.raises(DeskFault, match="hör till en annan enhet"):
        asks(town, kim, Ask(NEXT_WEEK), sara)
    here = (town.store, town.house, town.now, sara)
    for deed in (
        lambda: meetings.move(*here, meeting, Ask(NEXT_WEEK)),
        lambda: meetings.cancel(*here, meeting),
        lambda: meetings.mark(*here, meeting, "missed"),
        lambda: meetings.plan_of(*here, meeting),
        lambda: meetings.cancel(*here, 17),
    ):
        with pytest.raises(DeskFault, match="det finns ingen tid"):
            deed()
    assert meetings.list_meetings(town.store, town.now, sara) == []
    assert meetings.sick(*here, "Anna", date(2026, 11, 26)) == []
    assert town.meeting(meeting).version == 1
    assert kim.new() == []


def test_a_protected_person_is_booked_by_a_named_reader_only_and_hidden_in_lists(town: MeetingTown, kim: Phone) -> None:
    who = kim.standing().participant_id
    with town.store.begin() as tx:
        participants.set_protected(tx, who)
    with pytest.raises(DeskFault, match="har skyddade uppgifter"):
        asks(town, kim, Ask(THURSDAY, member="Anna", note="ring först"))
    kept = meetings.book(
        town.store, town.house, town.now, OPERATOR, who, Ask(THURSDAY, member="Anna", note="ring först"),
        named_reader=True,
    )  # fmt: skip
    assert kept.notes == ("Personen har skyddade uppgifter. Ring som ni har kommit överens om.",)
    (row,) = meetings.list_meetings(town.store, town.now, OPERATOR)
    assert (row.place, row.note) == ("", "")
    assert "Kim" not in row.name
    with pytest.raises(DeskFault, match="har skyddade uppgifter"):
        meetings.list_meetings(town.store, town.now, OPERATOR, person_id=who)
    town.later(days=2)
    assert kim.new() == []


def test_a_move_is_refused_as_a_booking_is_and_leaves_what_was(town: MeetingTown, kim: Phone) -> None:
    sam = town.signed_up(address="+46701740699", name="Sam")
    meeting, _ = town.books(kim), town.books(sam, "2026-11-26 10:00")
    kim.new()
    for ask, told in (
        (Ask("2026-11-26 10:20"), "upptagen då"),
        (Ask("2026-11-20 10:00"), "Tiden har redan varit"),
        (Ask(NEXT_WEEK, form="telefon"), "ett mötes form ändras inte"),
        (Ask("2026-12-02 18:00"), "Enhetens möten är mellan"),
        (Ask(place="ishallen"), "enheten har ingen plats"),
        (Ask(minutes=3), "3 minuter går inte att boka"),
    ):
        with pytest.raises(DeskFault, match=told):
            town.moves(meeting, ask.at, minutes=ask.minutes, form=ask.form, place=ask.place)
    assert town.meeting(meeting).version == 1
    assert kim.new() == []
    town.moves(meeting, "2026-11-26 13:45")  # into its own time
    assert town.meeting(meeting).version == 2


def test_another_staff_member_or_place_is_told_of_too(town: MeetingTown, kim: Phone) -> None:
    meeting = town.books(kim)
    kim.new()
    town.moves(meeting, member="Erik", place="storgatan")
    (told,) = kim.new()
    assert "Nu gäller torsdag 26 november kl. 13.30. Ni ses vid Storgatan 27." in told
    town.moves(meeting, where="Bibliotekets trappa")
    assert "Bibliotekets trappa" in kim.new()[0]


def test_what_is_begun_or_called_off_is_not_changed(town: MeetingTown, kim: Phone) -> None:
    first, second = town.books(kim, "2026-11-23 13:30"), town.books(kim, "2026-11-23 15:00")
    with pytest.raises(DeskFault, match="har inte börjat"):
        town.marks(first, "missed")
    town.cancels(second)
    with pytest.raises(DeskFault, match="är redan avbokad"):
        town.cancels(second)
    with pytest.raises(DeskFault, match="är redan avbokad"):
        town.moves(second, NEXT_WEEK)
    with pytest.raises(DeskFault, match="det finns inget att skriva om den"):
        town.marks(second, "attended")
    town.until("2026-11-23 13:30")
    with pytest.raises(DeskFault, match="har redan börjat"):
        town.moves(first, NEXT_WEEK)
    with pytest.raises(DeskFault, match="har redan börjat"):
        town.cancels(first)


def test_each_deed_is_in_the_audit_log_and_names_nobody(town: MeetingTown, kim: Phone) -> None:
    meeting = town.books(kim, note="gillar hundar")
    town.moves(meeting, NEXT_WEEK)
    town.cancels(meeting)
    who = kim.standing().participant_id
    assert town.log() == [
        (f"appointment.{deed}", f"appointment:{meeting}", f"ok participant:{who}")
        for deed in ("book", "move", "cancel")
    ]


def test_a_list_says_how_it_stands_and_since_when(town: MeetingTown, kim: Phone) -> None:
    meeting = town.books(kim, note="gillar hundar")
    town.later(hours=1)
    kim.writes("ja")
    (row,) = meetings.list_meetings(town.store, town.now, OPERATOR, "alvsbyn")
    assert (row.id, row.name, row.member, row.form, row.place) == (meeting, "Kim", "Anna", "promenad", "Skutan")
    assert (row.standing, row.since, row.note) == ("bekräftad", town.now, "gillar hundar")
    assert meetings.list_meetings(town.store, town.now, OPERATOR, "pitea") == []
    assert meetings.list_meetings(town.store, town.now, OPERATOR, days=3) == []
    with pytest.raises(DeskFault, match="det finns ingen enhet lulea"):
        meetings.list_meetings(town.store, town.now, OPERATOR, "lulea")


def test_no_note_for_staff_ever_goes_out(town: MeetingTown, kim: Phone) -> None:
    meeting = town.books(kim, NEXT_WEEK, note="gillar hundar")
    town.moves(meeting, "2026-12-03 13:30", note="hund med")
    town.until("2026-12-03 13:00")
    town.until("2026-12-03 15:00")
    town.marks(meeting, "missed")
    assert not any("hund" in text for text in kim.texts())


def test_an_offer_is_made_only_when_nothing_is_going_on(town: MeetingTown, kim: Phone) -> None:
    who = kim.standing().participant_id
    kim.writes("promenad")
    with pytest.raises(DeskFault, match="boten kan inte fråga personen nu"):
        meetings.offer(town.store, town.house, town.now, OPERATOR, who)
    kim.writes("STOPP")
    with pytest.raises(DeskFault, match="boten kan inte fråga personen nu"):
        meetings.offer(town.store, town.house, town.now, OPERATOR, who)


@pytest.mark.parametrize(("lines", "told"), [
    (["alltid"], "tiderna alltid går inte att läsa"),
    (["mån 12:00-10:00"], "går inte att läsa"),
    (["mån 09:00-25:00"], "går inte att läsa"),
])  # fmt: skip
def test_hours_that_make_no_sense_change_nothing(town: MeetingTown, lines: list[str], told: str) -> None:
    before = availability.list_rows(town.store, town.now, OPERATOR, "alvsbyn")
    with pytest.raises(DeskFault, match=told):
        availability.set_week(town.store, town.now, OPERATOR, "Anna", lines, None)
    assert availability.list_rows(town.store, town.now, OPERATOR, "alvsbyn") == before


def test_a_week_and_a_day_of_ones_own(town: MeetingTown) -> None:
    here = (town.store, town.now, OPERATOR, "Anna")
    assert availability.set_week(*here, ["tis-tor 09:00-15:30"], None) == "tisdag till torsdag kl. 9-15.30"
    availability.set_day(*here, date(2026, 12, 1), ["10:00-11:00", "13:00-14:00"], None)
    availability.set_day(*here, date(2026, 12, 2), [], None)
    row = next(row for row in availability.list_rows(town.store, town.now, OPERATOR, "alvsbyn") if row.member == "Anna")
    assert row.days == ("2026-12-01: 10.00-11.00", "2026-12-01: 13.00-14.00", "2026-12-02: inte alls")
    availability.set_day(*here, date(2026, 12, 1), None, None)
    row = next(row for row in availability.list_rows(town.store, town.now, OPERATOR, "alvsbyn") if row.member == "Anna")
    assert row.days == ("2026-12-02: inte alls",)
    with pytest.raises(DeskFault, match="har redan varit"):
        availability.set_day(*here, date(2026, 11, 22), [], None)
    with pytest.raises(DeskFault, match="arbetar inte i den enheten"):
        availability.set_week(town.store, town.now, OPERATOR, "Anna", [], "pitea")
    with pytest.raises(DeskFault):
        availability.set_week(town.store, town.now, member(town, "Sara", "pitea"), "Anna", [], None)


def test_a_change_near_the_start_says_to_ring(town: MeetingTown, kim: Phone) -> None:
    meeting = town.books(kim, "2026-11-23 12:30")
    ring = "Det är mindre än tre timmar kvar: ring också."
    assert town.moves(meeting, "2026-11-23 12:45").notes == (ring,)
    assert town.cancels(meeting).notes == (ring,)
    assert town.now + timedelta(hours=3) > town.meeting(meeting).starts
