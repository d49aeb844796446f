"""The meetings whose plan is to be asked: which are found, in what order, and what of them is read."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from rules.slots import five_minutes
from storage import appointments, contacts, due_meetings, staff, units
from storage.appointments import NewAppointment
from storage.db import Store
from storage.units import UnitSeed
from tests.databases import ON_POSTGRES

HOUR = timedelta(hours=1)
Book = Callable[[timedelta], int]


@pytest.fixture
def book(store: Store, now: datetime) -> Book:
    """Book a meeting that many hours from now, with a word for staff; its plan is to be asked at once."""
    with store.begin() as tx:
        units.sync(tx, [UnitSeed("ort", "Ort", "Orten", {})], now)
        unit = units.get_unit(tx, "ort").id
        who = contacts.create(tx, now, "sim_sms", "+46701234567", unit_id=unit).participant_id
        sara = staff.add(tx, now, "Sara", [unit])

    def one(ahead: timedelta) -> int:
        starts = now + ahead
        new = NewAppointment(
            who, unit, sara, "phone", starts, starts + HOUR, five_minutes(starts, starts + HOUR), "staff",
            details={"note": "Ring på vid porten"},
        )  # fmt: skip
        with store.begin() as tx:
            return appointments.book(tx, now, new)

    return one


def test_what_is_due_comes_in_the_order_of_ids_and_what_is_not_stays(store: Store, now: datetime, book: Book) -> None:
    first, second, later, never = (book(timedelta(days=day)) for day in range(1, 5))
    with store.begin() as tx:
        appointments.look_next(tx, second, now - HOUR)
        appointments.look_next(tx, later, now + timedelta(microseconds=1))
        appointments.look_next(tx, never, None)
        assert due_meetings.is_any(tx, now)
        assert [each.id for each in due_meetings.take(tx, now)] == [first, second]
        assert [each.id for each in due_meetings.take(tx, now, limit=1)] == [second]  # the longest due
        assert not due_meetings.is_any(tx, now - 2 * HOUR)
        assert due_meetings.take(tx, now - 2 * HOUR) == []


def test_all_but_the_details_is_as_the_meeting_stands(store: Store, now: datetime, book: Book) -> None:
    meeting = book(HOUR)
    with store.begin() as tx:
        appointments.answer(tx, now, meeting, "yes")
        [due], whole = due_meetings.take(tx, now), appointments.get(tx, meeting)
    assert whole.details == {"note": "Ring på vid porten"}
    assert due._replace(details=whole.details) == whole


def test_details_that_were_not_read_are_never_taken_for_empty(store: Store, now: datetime, book: Book) -> None:
    book(HOUR)
    with store.begin() as tx:
        [due] = due_meetings.take(tx, now)
    for look in (lambda: due.details.get("note"), lambda: bool(due.details), lambda: dict(due.details)):
        with pytest.raises(RuntimeError, match="without its details"):
            look()


@ON_POSTGRES
def test_what_another_worker_has_is_left_to_it(store: Store, now: datetime, book: Book) -> None:
    book(HOUR)
    with store.begin() as mine, store.begin() as theirs:
        assert len(due_meetings.take(mine, now)) == 1
        assert due_meetings.take(theirs, now) == []
