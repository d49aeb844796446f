from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.calendar import swedish_moment, to_local
from rules.promise import LONGEST, Load, half_time, on_duty_on, promise_by, promise_under
from rules.roster import Absence, Roster, Shift, on_duty, spans

OFFICE = Roster(tuple(Shift(1, weekday, time(8), time(16)) for weekday in range(5)))
PARTS = Roster((Shift(1, 0, time(8), time(12)), Shift(2, 0, time(13), time(15)), Shift(1, 3, time(9), time(12))))
ROSTERS = st.sampled_from([OFFICE, PARTS])
moments = st.datetimes(datetime(2027, 1, 1), datetime(2028, 12, 1), timezones=st.just(UTC))  # noqa: DTZ001


def utc(day: int, hour: int, minute: int = 0, month: int = 11) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("at", "staffed_days", "promised"),
    [
        (utc(23, 9), 2, "onsdag 25 november kl. 16"),
        (utc(23, 6), 2, "onsdag 25 november kl. 16"),  # 07.00, before the doors open: the day doesn't count
        (utc(22, 12), 2, "tisdag 24 november kl. 16"),  # a Sunday
        (utc(20, 16), 1, "måndag 23 november kl. 16"),
        (utc(23, 22, 59), 1, "tisdag 24 november kl. 16"),
        (utc(23, 23, 0), 1, "onsdag 25 november kl. 16"),  # past local midnight
        (utc(23, 9, month=12), 1, "måndag 28 december kl. 16"),  # the day before Christmas Eve
    ],
)
def test_promises_follow_the_staffed_days(at: datetime, staffed_days: int, promised: str) -> None:
    found = promise_by(OFFICE, at, staffed_days)
    assert found is not None
    assert swedish_moment(found) == promised


def test_a_promise_ends_with_the_last_stretch() -> None:
    found = promise_by(PARTS, utc(20, 9), 1)
    assert found is not None
    assert swedish_moment(found) == "måndag 23 november kl. 15"


def test_without_a_roster_nothing_is_promised() -> None:
    assert promise_by(Roster(), utc(23, 9), 1) is None
    closed = Roster(OFFICE.shifts, tuple(Absence(date(2026, 11, 23) + timedelta(days=n)) for n in range(500)))
    assert promise_by(closed, utc(23, 9), 1) is None
    with pytest.raises(ValueError, match="1"):
        promise_by(OFFICE, utc(23, 9), 0)


@given(ROSTERS, moments, st.integers(1, 6))
def test_promises_leave_that_many_staffed_days(roster: Roster, at: datetime, staffed_days: int) -> None:
    promised = promise_by(roster, at, staffed_days)
    assert promised is not None
    first, last = to_local(at).date(), to_local(promised).date()
    staffed = [n for n in range(1, (last - first).days + 1) if spans(roster, first + timedelta(days=n))]
    assert len(staffed) == staffed_days
    assert on_duty(roster, promised - timedelta(minutes=1))
    assert not on_duty(roster, promised)


@given(ROSTERS, moments, st.timedeltas(timedelta(0), timedelta(days=9)), st.integers(1, 4))
def test_who_writes_later_is_promised_later(roster: Roster, at: datetime, later: timedelta, staffed_days: int) -> None:
    one, other = promise_by(roster, at, staffed_days), promise_by(roster, at + later, staffed_days)
    assert one is not None
    assert other is not None
    assert one <= other


@pytest.mark.parametrize(
    ("opened", "due", "half"),
    [
        (utc(23, 9), utc(25, 15), utc(24, 12)),  # 6 + 8 + 8 staffed hours from 10.00 on Monday
        (utc(23, 7), utc(24, 15), utc(24, 7)),  # half is up when Monday ends: warned when Tuesday opens
        (utc(20, 18), utc(23, 15), utc(23, 11)),  # over a weekend
        (utc(21, 9), utc(21, 13), utc(21, 11)),  # a Saturday, nobody on: the plain middle
        (utc(23, 9), utc(23, 9), utc(23, 9)),
        (utc(23, 9), utc(23, 8), utc(23, 8)),
    ],
)
def test_half_time_is_counted_in_staffed_time(opened: datetime, due: datetime, half: datetime) -> None:
    assert half_time(opened, due, OFFICE) == half


@given(ROSTERS, moments, st.integers(1, 4))
def test_half_time_finds_somebody_on_duty(roster: Roster, opened: datetime, staffed_days: int) -> None:
    due = promise_by(roster, opened, staffed_days)
    assert due is not None
    half = half_time(opened, due, roster)
    assert opened <= half < due
    assert on_duty(roster, half)


@given(moments, st.timedeltas(timedelta(minutes=1), timedelta(days=20)))
def test_half_time_parts_staffed_minutes_evenly(opened: datetime, length: timedelta) -> None:
    opened = opened.replace(second=0, microsecond=0)
    length = timedelta(minutes=int(length.total_seconds() // 600) * 10 + 10)
    half = half_time(opened, opened + length, OFFICE)
    ticks = [opened + timedelta(minutes=10 * n) for n in range(int(length.total_seconds() // 600))]
    staffed = [tick for tick in ticks if on_duty(OFFICE, tick)]
    before = sum(1 for tick in staffed if tick < half)
    assert not staffed or abs(2 * before - len(staffed)) <= 3


# --- under load -------------------------------------------------------------------------------------------------------

loads = st.builds(Load, st.integers(0, 400), st.integers(1, 30))


@pytest.mark.parametrize(
    ("waiting", "promised"),
    [
        (0, "tisdag 24 november kl. 16"),
        (7, "tisdag 24 november kl. 16"),  # the eighth of the day
        (8, "onsdag 25 november kl. 16"),
        (16, "torsdag 26 november kl. 16"),
        (24, "fredag 27 november kl. 16"),
        (32, "måndag 30 november kl. 16"),  # the weekend answers nobody
    ],
)
def test_a_queue_makes_new_promises_longer(waiting: int, promised: str) -> None:
    found = promise_under(OFFICE, utc(23, 9), 1, Load(waiting, 8))
    assert found is not None
    assert swedish_moment(found) == promised


def test_a_queue_that_is_too_long_is_promised_nothing() -> None:
    assert promise_under(OFFICE, utc(23, 9), 1, Load(20 * 8 - 1, 8)) is not None
    assert promise_under(OFFICE, utc(23, 9), 1, Load(20 * 8, 8)) is None


@pytest.mark.parametrize(("waiting", "manages"), [(-1, 8), (0, 0)])
def test_a_load_that_makes_no_sense_is_refused(waiting: int, manages: int) -> None:
    with pytest.raises(ValueError, match="nobody waits"):
        Load(waiting, manages)


@given(ROSTERS, moments, st.integers(1, 6), loads)
def test_a_promise_under_load_can_be_kept_and_no_earlier_one(
    roster: Roster, at: datetime, staffed_days: int, load: Load
) -> None:
    found = promise_under(roster, at, staffed_days, load)
    first = to_local(at).date()

    def answered_by(day: date) -> int:
        days = [first + timedelta(days=n) for n in range(1, (day - first).days + 1)]
        return sum(load.each_manages * len(on_duty_on(roster, each)) for each in days)

    plain = promise_by(roster, at, staffed_days)
    if found is None:  # more than a month of work stands before them
        longest = promise_by(roster, at, LONGEST)
        assert longest is None or answered_by(to_local(longest).date()) <= load.waiting
        return
    assert plain is not None
    assert found >= plain
    assert answered_by(to_local(found).date()) > load.waiting
    if found > plain:
        assert answered_by(to_local(found).date() - timedelta(days=1)) <= load.waiting


@given(ROSTERS, moments, st.integers(1, 6), loads, st.integers(0, 50), st.integers(0, 10))
def test_fewer_waiting_and_more_hands_never_lengthen_a_promise(
    roster: Roster, at: datetime, staffed_days: int, load: Load, fewer: int, more: int
) -> None:
    lighter = Load(max(load.waiting - fewer, 0), load.each_manages + more)
    heavy, light = promise_under(roster, at, staffed_days, load), promise_under(roster, at, staffed_days, lighter)
    assert heavy is None or (light is not None and light <= heavy)


@given(ROSTERS, moments, st.integers(1, 6))
def test_without_a_queue_the_promise_is_the_usual_one(roster: Roster, at: datetime, staffed_days: int) -> None:
    assert promise_under(roster, at, staffed_days, Load()) == promise_by(roster, at, staffed_days)
