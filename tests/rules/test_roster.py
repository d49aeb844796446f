from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.calendar import to_local
from rules.roster import (
    Absence,
    Roster,
    Shift,
    Span,
    hours_text,
    next_staffed,
    on_duty,
    spans,
    staffed_days_after,
    staffed_until,
)

ANNA, ERIK = 1, 2
MON, TUE, WED, THU, FRI, SAT, SUN = range(7)


def at(day: date, hour: int, minute: int = 0, *, offset: int = 1) -> datetime:
    """A local moment in UTC; the offset is written by the test, so that it doesn't lean on what it tests."""
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=UTC) - timedelta(hours=offset)


def weekdays(staff: int = ANNA, starts: time = time(8), ends: time = time(16)) -> tuple[Shift, ...]:
    return tuple(Shift(staff, weekday, starts, ends) for weekday in range(5))


MONDAY = date(2026, 11, 23)
OFFICE = Roster(weekdays())

clocks = st.integers(0, 24 * 12 - 1).map(lambda n: time(n // 12, n % 12 * 5))
hours = st.tuples(clocks, clocks).filter(lambda pair: pair[0] != pair[1]).map(sorted)
shifts = st.builds(lambda who, day, span: Shift(who, day, *span), st.integers(1, 3), st.integers(0, 6), hours)
near_days = st.dates(date(2027, 3, 22), date(2027, 4, 5)) | st.dates(date(2027, 10, 25), date(2027, 11, 8))
absences = st.builds(
    lambda day, who, span: Absence(day, who, *span),
    near_days,
    st.none() | st.integers(1, 3),
    st.just((None, None)) | hours,
)
rosters = st.builds(
    Roster,
    st.lists(shifts, max_size=6).map(tuple),
    st.lists(absences, max_size=4).map(tuple),
    works_red_days=st.booleans(),
)
moments = st.builds(
    lambda day, minute: datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(minutes=minute),
    near_days,
    st.integers(0, 24 * 60 - 1),
)


def test_duty_starts_sharp_and_ends_before() -> None:
    assert on_duty(OFFICE, at(MONDAY, 7, 59)) == ()
    assert on_duty(OFFICE, at(MONDAY, 8)) == (ANNA,)
    assert on_duty(OFFICE, at(MONDAY, 15, 59)) == (ANNA,)
    assert on_duty(OFFICE, at(MONDAY, 16)) == ()


def test_summer_time_moves_duty_in_utc() -> None:
    assert on_duty(OFFICE, datetime(2027, 3, 25, 7, tzinfo=UTC)) == (ANNA,)
    assert on_duty(OFFICE, datetime(2027, 3, 30, 6, tzinfo=UTC)) == (ANNA,)
    assert on_duty(OFFICE, datetime(2027, 3, 30, 14, tzinfo=UTC)) == ()


def test_overlapping_shifts_become_one_stretch() -> None:
    roster = Roster((Shift(ERIK, MON, time(10), time(18)), Shift(ANNA, MON, time(8), time(12))))
    assert spans(roster, MONDAY) == (Span(at(MONDAY, 8), at(MONDAY, 18), (ANNA, ERIK)),)
    assert on_duty(roster, at(MONDAY, 11)) == (ANNA, ERIK)
    assert on_duty(roster, at(MONDAY, 13)) == (ERIK,)


def test_a_lunch_break_parts_the_day() -> None:
    roster = Roster((Shift(ANNA, MON, time(8), time(12)), Shift(ANNA, MON, time(13), time(16))))
    assert [span.staff for span in spans(roster, MONDAY)] == [(ANNA,), (ANNA,)]
    assert staffed_until(roster, at(MONDAY, 11)) == at(MONDAY, 12)
    assert staffed_until(roster, at(MONDAY, 12)) is None
    assert staffed_until(roster, at(MONDAY, 12, 30)) is None
    assert staffed_until(roster, at(MONDAY, 13)) == at(MONDAY, 16)


def test_red_days_are_off_unless_worked() -> None:
    epiphany = date(2027, 1, 6)
    assert spans(OFFICE, epiphany) == ()
    assert spans(OFFICE, date(2026, 12, 24)) == ()
    assert len(spans(Roster(weekdays(), works_red_days=True), epiphany)) == 1


def test_a_sunday_shift_is_worked_on_sundays() -> None:
    sundays = Roster((Shift(ANNA, SUN, time(12), time(15)),))
    assert len(spans(sundays, date(2026, 11, 29))) == 1
    assert spans(sundays, date(2027, 3, 28)) == ()  # påskdagen
    assert hours_text(sundays) == "söndag kl. 12-15"


def test_an_absent_person_leaves_the_others() -> None:
    both = Roster(weekdays() + weekdays(ERIK), (Absence(MONDAY, ANNA),))
    assert on_duty(both, at(MONDAY, 9)) == (ERIK,)
    assert on_duty(both, at(MONDAY + timedelta(days=1), 9)) == (ANNA, ERIK)


def test_a_closed_unit_beats_personal_hours() -> None:
    roster = Roster(weekdays(), (Absence(MONDAY, ANNA, time(9), time(10)), Absence(MONDAY)))
    assert spans(roster, MONDAY) == ()


def test_hours_instead_replace_the_weeks_hours() -> None:
    own = Roster(weekdays() + weekdays(ERIK), (Absence(MONDAY, ANNA, time(12), time(19)),))
    assert spans(own, MONDAY) == (Span(at(MONDAY, 8), at(MONDAY, 19), (ANNA, ERIK)),)
    assert on_duty(own, at(MONDAY, 9)) == (ERIK,)
    unit = Roster(weekdays() + weekdays(ERIK), (Absence(MONDAY, None, time(9), time(12)),))
    assert spans(unit, MONDAY) == (Span(at(MONDAY, 9), at(MONDAY, 12), (ANNA, ERIK)),)


def test_personal_hours_beat_the_units_hours() -> None:
    rows = (Absence(MONDAY, None, time(9), time(12)), Absence(MONDAY, ANNA, time(13), time(15)))
    roster = Roster(weekdays() + weekdays(ERIK), rows)
    assert on_duty(roster, at(MONDAY, 14)) == (ANNA,)
    assert on_duty(roster, at(MONDAY, 10)) == (ERIK,)


def test_away_beats_other_hours_that_day() -> None:
    rows = (Absence(MONDAY, ANNA, time(9), time(12)), Absence(MONDAY, ANNA))
    assert spans(Roster(weekdays(), rows), MONDAY) == ()


def test_named_hours_count_on_red_days() -> None:
    eve = date(2026, 12, 24)
    assert spans(Roster(weekdays(), (Absence(eve, ANNA, time(9), time(11)),)), eve) == (
        Span(at(eve, 9), at(eve, 11), (ANNA,)),
    )
    assert len(spans(Roster(weekdays(), (Absence(eve, None, time(9), time(11)),)), eve)) == 1


def test_an_extra_saturday_needs_a_person() -> None:
    saturday = date(2026, 11, 28)
    assert spans(Roster(weekdays(), (Absence(saturday, None, time(10), time(14)),)), saturday) == ()
    assert len(spans(Roster(weekdays(), (Absence(saturday, ERIK, time(10), time(14)),)), saturday)) == 1


def test_a_shift_in_the_skipped_hour_vanishes() -> None:
    spring = date(2027, 3, 28)
    night = Roster((Shift(ANNA, SUN, time(2), time(2, 45)),), works_red_days=True)
    assert spans(night, spring) == ()
    assert len(spans(night, spring - timedelta(days=7))) == 1


def test_next_staffed_skips_the_long_weekend() -> None:
    friday = date(2027, 3, 26)  # långfredagen; Tuesday after Easter is the next staffed day, in summer time
    assert next_staffed(OFFICE, at(friday, 9)) == at(date(2027, 3, 30), 8, offset=2)
    assert next_staffed(OFFICE, at(MONDAY, 9, 30)) == at(MONDAY, 9, 30)
    assert next_staffed(OFFICE, at(MONDAY, 6)) == at(MONDAY, 8)
    assert next_staffed(OFFICE, at(MONDAY, 8)) == at(MONDAY, 8)
    assert next_staffed(OFFICE, at(MONDAY, 16)) == at(date(2026, 11, 24), 8)
    assert next_staffed(Roster(), at(MONDAY, 9)) is None


def test_next_staffed_gives_up_in_time() -> None:
    late = Roster((), (Absence(MONDAY + timedelta(days=31), ANNA, time(9), time(10)),))
    assert next_staffed(late, at(MONDAY, 9)) is None
    assert next_staffed(late, at(MONDAY, 9), within_days=31) is not None


def test_staffed_days_count_from_the_next() -> None:
    friday = date(2026, 11, 20)
    assert staffed_days_after(OFFICE, at(friday, 7), 1) == MONDAY
    assert staffed_days_after(OFFICE, at(friday, 23, 59), 3) == date(2026, 11, 25)
    midnight = at(date(2026, 11, 23), 0)
    assert staffed_days_after(OFFICE, midnight, 1) == date(2026, 11, 24)
    assert staffed_days_after(Roster(), at(friday, 7), 1) is None
    with pytest.raises(ValueError, match="1"):
        staffed_days_after(OFFICE, at(friday, 7), 0)


@pytest.mark.parametrize(
    ("roster", "text"),
    [
        (OFFICE, "vardagar kl. 8-16"),
        (Roster((Shift(1, MON, time(9), time(15)), Shift(2, WED, time(9), time(15)))), "måndag och onsdag kl. 9-15"),
        (Roster(), ""),
        (Roster(weekdays(ends=time(16, 30))), "vardagar kl. 8-16.30"),
        (Roster((*weekdays()[:4], Shift(1, FRI, time(8), time(14)))), "måndag till torsdag kl. 8-16, fredag kl. 8-14"),
        (Roster(tuple(Shift(1, n, time(8), time(20)) for n in range(7))), "alla dagar kl. 8-20"),
        (Roster(tuple(Shift(1, n, time(9), time(12)) for n in (0, 1, 3))), "måndag, tisdag och torsdag kl. 9-12"),
        (Roster(tuple(Shift(1, n, time(9), time(12)) for n in (TUE, WED, THU))), "tisdag till torsdag kl. 9-12"),
        (Roster(tuple(Shift(1, n, time(9), time(12)) for n in (SAT, SUN))), "lördag och söndag kl. 9-12"),
        (
            Roster((Shift(1, TUE, time(8), time(12)), Shift(2, TUE, time(13), time(16)))),
            "tisdag kl. 8-12 och 13-16",
        ),
        (Roster((Shift(1, TUE, time(8), time(12)), Shift(2, TUE, time(12), time(16)))), "tisdag kl. 8-16"),
        (Roster(weekdays() + weekdays(ERIK, time(10), time(18))), "vardagar kl. 8-18"),
    ],
)
def test_the_week_is_said_in_swedish(roster: Roster, text: str) -> None:
    assert hours_text(roster) == text


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: Shift(ANNA, 7, time(8), time(16)),
        lambda: Shift(ANNA, MON, time(16), time(8)),
        lambda: Shift(ANNA, MON, time(8), time(8)),
        lambda: Absence(MONDAY, ANNA, time(8)),
        lambda: Absence(MONDAY, ANNA, time(8), time(7)),
    ],
)
def test_hours_that_cannot_be_are_refused(wrong: object) -> None:
    assert callable(wrong)
    with pytest.raises(ValueError):  # noqa: PT011 - three different sentences
        wrong()


@given(rosters, near_days)
def test_stretches_are_ordered_and_apart(roster: Roster, day: date) -> None:
    found = spans(roster, day)
    assert all(span.starts < span.ends and span.staff for span in found)
    assert all(one.ends < other.starts for one, other in pairwise(found))


@given(rosters, moments)
def test_duty_and_stretches_tell_the_same(roster: Roster, moment: datetime) -> None:
    until = staffed_until(roster, moment)
    who = on_duty(roster, moment)
    assert (until is not None) == bool(who)
    if until is not None:
        assert until > moment
        assert on_duty(roster, until - timedelta(minutes=1))
        assert not on_duty(roster, until)


@given(rosters, moments)
def test_nobody_is_on_before_next_staffed(roster: Roster, moment: datetime) -> None:
    found = next_staffed(roster, moment, within_days=10)
    end = found or moment + timedelta(days=9)
    minutes = range(0, int((end - moment).total_seconds() // 60), 5)
    assert not any(on_duty(roster, moment + timedelta(minutes=n)) for n in minutes)
    assert found is None or on_duty(roster, found)


@given(rosters, moments, st.integers(1, 5))
def test_counted_days_are_staffed_and_distinct(roster: Roster, moment: datetime, n: int) -> None:
    found = [staffed_days_after(roster, moment, count) for count in range(1, n + 1)]
    known = [day for day in found if day is not None]
    assert all(spans(roster, day) for day in known)
    assert known == sorted(set(known))
    assert all(day > to_local(moment).date() for day in known)
