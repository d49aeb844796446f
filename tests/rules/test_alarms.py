from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from rules.alarms import Step, due_at, steps
from rules.roster import Absence, Roster, Shift, on_duty

ANNA, ERIK, SARA, BOSS = 1, 2, 3, 9
TEN = timedelta(minutes=10)
ORDER = (SARA, ERIK, ANNA)
OFFICE = Roster(tuple(Shift(who, weekday, time(8), time(16)) for who in (ANNA, ERIK) for weekday in range(5)))
WEDNESDAY = datetime(2026, 11, 25, 12, tzinfo=UTC)
SATURDAY = datetime(2026, 11, 28, 12, tzinfo=UTC)
MONDAY_8 = datetime(2026, 11, 30, 7, tzinfo=UTC)

people = st.integers(1, 5)
moments = st.datetimes(datetime(2027, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001
rosters = st.lists(
    st.builds(
        lambda who, day, hour: Shift(who, day, time(hour), time(hour + 5)),
        people,
        st.integers(0, 6),
        st.integers(0, 18),
    ),
    max_size=6,
).map(lambda shifts: Roster(tuple(shifts)))


def test_those_on_duty_then_next_then_manager() -> None:
    assert steps(WEDNESDAY, OFFICE, ORDER, BOSS) == [
        Step(1, WEDNESDAY, (ERIK, ANNA)),
        Step(2, WEDNESDAY + TEN, (SARA,)),
        Step(3, WEDNESDAY + 2 * TEN, (BOSS,)),
    ]


def test_the_manager_is_next_when_all_know() -> None:
    ladder = steps(WEDNESDAY, OFFICE, (ERIK, ANNA), BOSS)
    assert ladder == [Step(1, WEDNESDAY, (ERIK, ANNA)), Step(2, WEDNESDAY + TEN, (BOSS,))]


def test_unstaffed_hours_claim_no_alarm() -> None:
    ladder = steps(SATURDAY, OFFICE, ORDER, BOSS)
    assert ladder == [
        Step(1, SATURDAY, ()),
        Step(2, MONDAY_8, (ERIK, ANNA)),
        Step(3, MONDAY_8 + TEN, (SARA,)),
        Step(4, MONDAY_8 + 2 * TEN, (BOSS,)),
    ]
    assert not ladder[0].staff
    assert due_at(ladder) == MONDAY_8
    assert steps(WEDNESDAY, OFFICE, ORDER)[0].staff


def test_an_empty_roster_reaches_the_manager() -> None:
    assert steps(SATURDAY, Roster(), ORDER, BOSS) == [Step(1, SATURDAY, ()), Step(2, SATURDAY + TEN, (BOSS,))]
    alone = steps(SATURDAY, Roster(), ORDER)
    assert alone == [Step(1, SATURDAY, ())]
    assert due_at(alone) is None


def test_an_absent_person_is_not_first() -> None:
    away = Roster(OFFICE.shifts, (Absence(date(2026, 11, 25), ANNA),))
    assert steps(WEDNESDAY, away, (ANNA, ERIK))[0].staff == (ERIK,)


def test_a_manager_on_duty_is_alarmed_once() -> None:
    ladder = steps(WEDNESDAY, OFFICE, (ERIK, SARA), manager=ANNA)
    assert [one.staff for one in ladder] == [(ERIK, ANNA), (SARA,)]


@given(moments, rosters, st.lists(people, max_size=5), st.none() | people)
def test_ladders_rise_and_repeat_nobody(
    opened: datetime, roster: Roster, order: list[int], manager: int | None
) -> None:
    ladder = steps(opened, roster, order, manager)
    assert [one.step for one in ladder] == list(range(1, len(ladder) + 1))
    assert all(later.at - earlier.at >= TEN or not earlier.staff for earlier, later in pairwise(ladder))
    assert all(earlier.at <= later.at for earlier, later in pairwise(ladder))
    called = [who for one in ladder for who in one.staff]
    assert len(called) == len(set(called))
    assert all(one.staff for one in ladder[1:])
    assert manager is None or manager in called


@given(moments, rosters, st.lists(people, max_size=5))
def test_an_alarm_is_claimed_only_staffed(opened: datetime, roster: Roster, order: list[int]) -> None:
    ladder = steps(opened, roster, order)
    assert set(ladder[0].staff) == set(on_duty(roster, opened))
    assert bool(ladder and ladder[0].staff) == bool(on_duty(roster, opened))
    due = due_at(ladder)
    assert (due is None) == (not roster.shifts)
    assert due is None or on_duty(roster, due)
