from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from rules.calendar import is_red_day, swedish_moment, to_local
from rules.kinds import kind
from rules.nudge import is_returning, nudge_at, rests_at
from rules.sending import Hours, may_send

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
moments = st.datetimes(datetime(2027, 1, 1), datetime(2028, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001
clocks = st.times().map(lambda clock: clock.replace(second=0, microsecond=0))
any_hours = (
    st.tuples(clocks, clocks).filter(lambda pair: pair[0] != pair[1]).map(lambda pair: Hours(min(pair), max(pair)))
)


@pytest.mark.parametrize(
    ("wrote", "nudged"),
    [
        (datetime(2026, 11, 25, 12, 20, 7, tzinfo=UTC), "torsdag 26 november kl. 13.20"),
        (datetime(2026, 11, 25, 22, 30, tzinfo=UTC), "torsdag 26 november kl. 18"),
        (datetime(2026, 11, 25, 5, 30, tzinfo=UTC), "torsdag 26 november kl. 10"),
        (datetime(2026, 11, 25, 23, 30, tzinfo=UTC), "fredag 27 november kl. 10"),  # past local midnight
        (datetime(2026, 11, 28, 12, 0, tzinfo=UTC), "måndag 30 november kl. 13"),  # Saturday: not on Sunday
        (datetime(2026, 12, 23, 12, 0, tzinfo=UTC), "måndag 28 december kl. 13"),  # over Christmas
        (datetime(2027, 3, 27, 12, 0, tzinfo=UTC), "tisdag 30 mars kl. 13"),  # over Easter, into summer time
    ],
)
def test_the_nudge_comes_the_next_day(wrote: datetime, nudged: str) -> None:
    assert swedish_moment(nudge_at(wrote)) == nudged


@given(moments)
@example(datetime(2027, 3, 27, 23, 30, tzinfo=UTC))
@example(datetime(2027, 10, 30, 22, 30, tzinfo=UTC))
def test_nudges_come_at_kind_hours_only(wrote: datetime) -> None:
    nudged = nudge_at(wrote)
    shown, before = to_local(nudged), to_local(wrote)
    assert may_send(kind("follow_up"), nudged, Hours()).ok
    assert time(10) <= shown.time() <= time(18)
    assert (shown.second, shown.microsecond) == (0, 0)
    assert shown.date() > before.date()
    if time(10) <= before.time() <= time(18):
        assert (shown.hour, shown.minute) == (before.hour, before.minute)
    assert all(is_red_day(before.date() + timedelta(days=n)) for n in range(1, (shown.date() - before.date()).days))


@given(moments, any_hours)
@example(datetime(2027, 5, 3, 12, tzinfo=UTC), Hours(time(10), time(18)))
@example(datetime(2027, 5, 3, 20, tzinfo=UTC), Hours(time(10), time(18)))
@example(datetime(2027, 5, 3, 20, tzinfo=UTC), Hours(time(7), time(9)))
@example(datetime(2027, 5, 3, 20, tzinfo=UTC), Hours(time(19), time(23)))
@example(datetime(2027, 5, 3, 20, tzinfo=UTC), Hours(time(0), time(0, 0, 30)))
def test_nudges_keep_any_sending_hours(wrote: datetime, hours: Hours) -> None:
    shown = to_local(nudge_at(wrote, hours)).time()
    if not time(1) < hours.starts < time(3, 1):  # the hour that spring skips has its own tests
        assert hours.starts <= shown < hours.ends


@pytest.mark.parametrize(
    ("hours", "clock"),
    [
        (Hours(time(9), time(17, 30)), "17.29"),
        (Hours(time(9), time(18)), "17.59"),
        (Hours(time(7), time(10, 1)), "10"),
        (Hours(time(7), time(10)), "7"),
        (Hours(time(18), time(20)), "18"),
        (Hours(time(18, 5), time(20)), "18.05"),
        (Hours(time(0), time(0, 0, 30)), "0"),
    ],
)
def test_narrow_sending_hours_move_the_nudge(hours: Hours, clock: str) -> None:
    late_at_night = datetime(2026, 11, 25, 21, tzinfo=UTC)
    assert swedish_moment(nudge_at(late_at_night, hours)) == f"torsdag 26 november kl. {clock}"


def test_a_nudged_talk_rests_after_a_day() -> None:
    assert rests_at(NOW) == NOW + timedelta(days=1)


def test_ninety_silent_days_make_a_return() -> None:
    assert is_returning(NOW - timedelta(days=90), NOW)
    assert not is_returning(NOW - timedelta(days=90) + timedelta(seconds=1), NOW)
    assert not is_returning(None, NOW)
