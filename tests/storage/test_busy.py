"""One staff member's same five minutes are never taken twice, whoever asks and however fast."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rules.slots import five_minutes
from storage import appointments, busy
from storage.appointments import NewAppointment, NewTime
from storage.busy import Taken
from storage.db import Store
from storage.errors import StoreUnavailable
from tests.town import Town

STARTS = datetime(2026, 12, 3, 12, 30, tzinfo=UTC)
LENGTH = timedelta(minutes=40)


@pytest.fixture
def town(store: Store) -> Town:
    """A town with a unit and its staff."""
    return Town(store)


def _people(town: Town, count: int) -> list[int]:
    found = []
    for number in range(count):
        phone = town.phone(address=f"+4670174{number:04}")
        phone.writes("hej")
        found.append(phone.standing().participant_id)
    return found


def _of(town: Town) -> tuple[int, int]:
    """A unit, and one of its staff."""
    from storage import staff, units

    with town.store.read() as tx:
        unit = units.list_units(tx)[0]
        return unit.id, next(iter(staff.names(tx, unit.id)))


def _new(town: Town, person: int, starts: datetime = STARTS) -> NewAppointment:
    unit, member = _of(town)
    takes = five_minutes(starts, starts + LENGTH, 10, 10)
    return NewAppointment(person, unit, member, "walk_and_talk", starts, starts + LENGTH, takes, "staff")


def _race(deeds: list[Callable[[], None]]) -> list[BaseException | None]:
    """Do them all at the same moment; give what each raised."""
    ready, raised = threading.Barrier(len(deeds)), [None] * len(deeds)

    def run(place: int, deed: Callable[[], None]) -> None:
        ready.wait()
        try:
            deed()
        except Exception as error:  # noqa: BLE001 - what each raised is what the test looks at
            raised[place] = error  # type: ignore[call-overload]

    threads = [threading.Thread(target=run, args=each) for each in enumerate(deeds)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return list(raised)


def test_of_eight_who_book_the_same_time_one_gets_it(town: Town) -> None:
    """The others are told that it went, and nothing of theirs is left behind."""
    people = _people(town, 8)

    def books(person: int, late: int) -> Callable[[], None]:
        def deed() -> None:
            with town.store.begin() as tx:
                appointments.book(tx, town.now, _new(town, person, STARTS + timedelta(minutes=5 * late)))

        return deed

    raised = _race([books(person, late % 3) for late, person in enumerate(people)])
    assert sum(each is None for each in raised) == 1
    assert all(each is None or isinstance(each, Taken) for each in raised)
    with town.store.read() as tx:
        found = appointments.list_between(tx, STARTS - LENGTH, STARTS + 2 * LENGTH)
        assert len(found) == 1
        assert len(busy.of_appointment(tx, found[0].id)) == 12  # forty minutes, and ten before and after


def test_two_who_swap_times_leave_no_time_taken_twice(town: Town) -> None:
    """Each moves to where the other is: one of them at most can, and nobody hangs."""
    one, other = _people(town, 2)
    late = STARTS + timedelta(hours=2)
    with town.store.begin() as tx:
        first = appointments.book(tx, town.now, _new(town, one))
        second = appointments.book(tx, town.now, _new(town, other, late))
    _, member = _of(town)

    def moves(meeting: int, to: datetime) -> Callable[[], None]:
        def deed() -> None:
            with town.store.begin() as tx:
                where = NewTime(to, to + LENGTH, member, five_minutes(to, to + LENGTH))
                appointments.move(tx, town.now, meeting, where)

        return deed

    raised = _race([moves(first, late), moves(second, STARTS)])
    # PostgreSQL ends a ring of two who wait for each other: that one is told to try again.
    assert all(each is None or isinstance(each, Taken | StoreUnavailable) for each in raised), raised
    assert any(each is not None for each in raised)
    with town.store.read() as tx:
        taken = [busy.of_appointment(tx, meeting) for meeting in (first, second)]
    assert all(taken)
    assert not taken[0] & taken[1]


def test_a_hold_keeps_others_out_until_it_runs_out(town: Town) -> None:
    """Fifteen minutes; then it gives way, without anybody having tidied."""
    one, other = _people(town, 2)
    _, member = _of(town)
    numbers = five_minutes(STARTS, STARTS + LENGTH)
    with town.store.begin() as tx:
        busy.hold(tx, town.now, one, member, (STARTS, STARTS + LENGTH), numbers)
    with pytest.raises(Taken), town.store.begin() as tx:
        appointments.book(tx, town.now + timedelta(minutes=14), _new(town, other))
    with town.store.read() as tx:
        assert busy.of(tx, [member], numbers[0], numbers[-1], town.now)[member] == set(numbers)
        assert busy.of(tx, [member], numbers[0], numbers[-1], town.now + busy.HELD_FOR)[member] == set()
    with town.store.begin() as tx:
        appointments.book(tx, town.now + busy.HELD_FOR, _new(town, other))


def test_one_who_holds_another_time_lets_go_of_the_first_only_if_they_got_it(town: Town) -> None:
    """A hold that fails leaves the one before it."""
    one, other = _people(town, 2)
    _, member = _of(town)
    late = STARTS + timedelta(hours=1)
    with town.store.begin() as tx:
        busy.hold(tx, town.now, one, member, (STARTS, STARTS + LENGTH), five_minutes(STARTS, STARTS + LENGTH))
        busy.hold(tx, town.now, other, member, (late, late + LENGTH), five_minutes(late, late + LENGTH))
    with pytest.raises(Taken), town.store.begin() as tx:
        busy.hold(tx, town.now, one, member, (late, late + LENGTH), five_minutes(late, late + LENGTH))
    with town.store.begin() as tx:
        assert busy.let_go(tx, one) == 1
        assert busy.let_go(tx, other) == 1


def test_a_person_who_is_erased_leaves_no_meeting_and_no_time_taken(town: Town) -> None:
    """Staff's time is free again."""
    from storage import participants, wishes

    (person,) = _people(town, 1)
    unit, member = _of(town)
    with town.store.begin() as tx:
        meeting = appointments.book(tx, town.now, _new(town, person))
        wishes.set_reminders(tx, town.now, person, same_day=True)
        wishes.keep(tx, town.now, person, unit, {"form": "walk_and_talk", "minutes": 40, "words": "kvällar"})
        participants.erase(tx, person, town.now)
    with town.store.read() as tx:
        assert appointments.find(tx, meeting) is None
        assert busy.of(tx, [member], 0, 10**12, town.now)[member] == set()
        assert wishes.list_open(tx, unit) == []


@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, 24), st.integers(1, 12), st.sampled_from("bmc")), max_size=12))
def test_whatever_is_booked_moved_and_called_off_taken_time_is_that_of_the_meetings(
    town: Town, deeds: list[tuple[int, int, str]]
) -> None:
    """Property: each five minutes belongs to the one meeting that stands there."""
    unit, member = _of(town)
    (person,) = _people(town, 1)
    made: dict[int, set[int]] = {}
    for start, length, deed in deeds:
        starts = STARTS + timedelta(minutes=5 * start)
        ends = starts + timedelta(minutes=5 * length)
        takes = five_minutes(starts, ends)
        try:
            with town.store.begin() as tx:
                if deed == "b" or not made:
                    new = NewAppointment(person, unit, member, "office", starts, ends, takes, "staff")
                    made[appointments.book(tx, town.now, new)] = set(takes)
                elif deed == "m":
                    meeting = next(iter(made))
                    appointments.move(tx, town.now, meeting, NewTime(starts, ends, member, takes))
                    made[meeting] = set(takes)
                else:
                    meeting = next(iter(made))
                    appointments.cancel(tx, town.now, meeting, "staff")
                    del made[meeting]
        except Taken:
            assert any(set(takes) & others for others in made.values())
        with town.store.read() as tx:
            assert all(busy.of_appointment(tx, meeting) == takes for meeting, takes in made.items())
            assert busy.of(tx, [member], 0, 10**12, town.now)[member] == set().union(*made.values())
    with town.store.begin() as tx:
        for meeting in made:
            appointments.cancel(tx, town.now, meeting, "staff")
