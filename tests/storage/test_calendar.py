from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from storage import busy, calendar, named_readers, participants, staff
from storage.db import Store
from tests.meeting_town import THURSDAY, MeetingTown, at


@pytest.fixture
def town(store: Store) -> MeetingTown:
    return MeetingTown(store)


def test_people_come_by_their_ids_and_the_protected_without_a_name(town: MeetingTown) -> None:
    kim, sam = (town.signed_up(address=f"+4670174061{n}", name=name) for n, name in enumerate(("Kim", "Sam")))
    ids = [phone.standing().participant_id for phone in (kim, sam)]
    with town.store.begin() as tx:
        participants.set_protected(tx, ids[1])
        nameless, _ = participants.create(tx, town.now)
        found = calendar.people(tx, [*ids, nameless, 17])
        assert [found[who].name for who in (*ids, nameless)] == ["Kim", "", ""]
        assert calendar.people(tx, ids, {ids[1]})[ids[1]] == calendar.Who("Sam", hidden=False, read_by_others=False)
        assert calendar.protected(tx, ids) == {ids[1]}
        assert 17 not in found
        assert calendar.people(tx, []) == {}
        participants.erase(tx, ids[0], town.now)
        assert ids[0] not in calendar.people(tx, ids)


def test_meetings_come_once_with_whom_they_are_with_and_to_named_readers(town: MeetingTown) -> None:
    kim, sam = (town.signed_up(address=f"+4670174061{n}", name=name) for n, name in enumerate(("Kim", "Sam")))
    ids = [phone.standing().participant_id for phone in (kim, sam)]
    with town.store.begin() as tx:
        tx.vault.new_key(tx, ids[0], town.now)  # a name sealed with one key, and a place with another
    first = town.books(kim, "2026-11-24 10:00", form="visit", where="vid sjön")
    second = town.books(sam, "2026-11-25 10:00", form="visit", where="hemligt", member="Erik")
    town.cancels(second)
    with town.store.begin() as tx:
        anna, erik = town.meeting(first).staff_id, town.meeting(second).staff_id
        participants.set_protected(tx, ids[1])
        named_readers.add(tx, town.now, ids[1], erik)
        span, units = (at("2026-11-23 00:00"), at("2026-11-30 00:00")), [town.meeting(first).unit_id, 404]
        for reader, sams in ((anna, (True, "", "")), (None, (True, "", "")), (erik, (False, "Sam", "hemligt"))):
            found = calendar.list_booked(tx, *span, units, of=None, reader=reader)
            assert [(each.id, each.state) for each in found] == [(first, "booked"), (second, "cancelled")]
            assert (found[0].hidden, found[0].name, found[0].where) == (False, "Kim", "vid sjön")
            assert (found[1].hidden, found[1].name, found[1].where) == sams
        assert [each.id for each in calendar.list_booked(tx, *span, units, of=erik, reader=erik)] == [second]
        assert calendar.list_booked(tx, *span, [404], of=None, reader=anna) == []
        assert calendar.list_booked(tx, span[1], span[1] + timedelta(days=7), units, of=None, reader=anna) == []


def test_names_of_those_who_have_left_are_still_told(town: MeetingTown) -> None:
    with town.store.begin() as tx:
        anna = next(each.id for each in staff.list_staff(tx) if each.first_name == "Anna")
        staff.disable(tx, anna, town.now)
        assert calendar.first_names(tx, [anna, 17]) == {anna: "Anna"}
        assert calendar.first_names(tx, []) == {}


def test_what_has_some_of_a_time_is_told(town: MeetingTown) -> None:
    meeting = town.meeting(town.books(town.signed_up(), THURSDAY))
    numbers = range(int(meeting.starts.timestamp() // 300), int(meeting.ends.timestamp() // 300))
    with town.store.begin() as tx:
        sam, _ = participants.create(tx, town.now)
        span = (meeting.ends + timedelta(hours=1), meeting.ends + timedelta(hours=2))
        after = [int(span[0].timestamp() // 300)]
        busy.hold(tx, town.now, sam, meeting.staff_id, span, after)
        (clash,) = calendar.clashes(tx, meeting.staff_id, numbers, town.now)
        assert (clash.starts, clash.ends, clash.until) == (meeting.starts, meeting.ends, None)
        assert calendar.clashes(tx, meeting.staff_id, numbers, town.now, but=meeting.id) == []
        (held,) = calendar.clashes(tx, meeting.staff_id, after, town.now)
        assert held.until == town.now + busy.HELD_FOR
        assert [each.starts for each in calendar.list_holds(tx, *span, [meeting.staff_id], town.now)] == [span[0]]
        units = [meeting.unit_id, 404]
        assert [each.starts for each in calendar.list_holds_in(tx, *span, units, town.now)] == [span[0]]
        assert calendar.list_holds_in(tx, *span, [404], town.now) == []
        late = town.now + timedelta(hours=1)
        assert calendar.clashes(tx, meeting.staff_id, after, late) == []
        assert calendar.list_holds(tx, *span, [meeting.staff_id], late) == []


def test_what_was_said_is_told_by_version(town: MeetingTown) -> None:
    meeting = town.books(town.signed_up(), "2026-12-02 13:30")
    town.moves(meeting, "2026-12-03 13:30")
    with town.store.read() as tx:
        said = calendar.said_about(tx, meeting)
        assert [(one.version, one.name, one.state) for one in said] == [
            (1, "confirmation", "accepted"), (2, "confirmation", "accepted"),
        ]  # fmt: skip
        assert calendar.marked_by(tx, meeting) is None
        assert calendar.said_about(tx, meeting + 1) == []


def test_a_week_is_found_by_an_index(sqlite_store: Store) -> None:
    first = datetime(2026, 11, 23, tzinfo=UTC)
    asked = f"explain query plan select * from appointments where starts >= '{first}' and starts < '2027'"
    with sqlite_store.read() as tx:
        for whose in ("unit_id in (1, 2)", "staff_id = 3", "unit_id in (1, 2) and staff_id = 3"):
            plan = str(tx.execute(text(f"{asked} and {whose} order by starts, id")).all())
            assert "USING INDEX ix_appointments_" in plan, plan
            assert "starts>?" in plan, plan
