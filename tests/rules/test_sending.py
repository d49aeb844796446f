import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from rules.kinds import KINDS, Kind, kind
from rules.sending import Hours, as_change, earliest, may_send

HOURS = Hours()
MINUTE = timedelta(minutes=1)
MEETING, FOLLOW_UP = kind("meeting"), kind("follow_up")

# An oracle that shares nothing with the code: the EU's changes of clock, and red days from an almanac.
SUMMER = (
    (datetime(2027, 3, 28, 1, tzinfo=UTC), datetime(2027, 10, 31, 1, tzinfo=UTC)),
    (datetime(2028, 3, 26, 1, tzinfo=UTC), datetime(2028, 10, 29, 1, tzinfo=UTC)),
)
RED = set(
    """2027-01-01 2027-01-06 2027-03-26 2027-03-29 2027-05-01 2027-05-06 2027-06-25 2027-06-26 2027-11-06 2027-12-24
    2027-12-25 2027-12-31 2028-01-01 2028-01-06 2028-04-14 2028-04-17 2028-05-01 2028-05-25 2028-06-06 2028-06-23
    2028-06-24 2028-11-04 2028-12-25 2028-12-26 2029-01-01""".split()
)
moments = st.datetimes(datetime(2027, 1, 1), datetime(2028, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001
held = st.sampled_from([row for row in KINDS.values() if row.hours == "held"])


def wall(at: datetime) -> datetime:
    summer = any(starts <= at < ends for starts, ends in SUMMER)
    return at + timedelta(hours=2 if summer else 1)


def is_open(at: datetime, *, red_days: bool) -> bool:
    shown = wall(at)
    red = shown.isoweekday() == 7 or f"{shown:%Y-%m-%d}" in RED
    return 9 <= shown.hour < 19 and (red_days or not red)


def hours_of_two_years() -> Iterator[datetime]:
    at = datetime(2026, 12, 31, 23, tzinfo=UTC)
    while at.year < 2029:
        yield at
        at += timedelta(hours=1)


@pytest.mark.slow
@pytest.mark.parametrize("row", [MEETING, FOLLOW_UP], ids=["meeting", "follow_up"])
def test_every_minute_of_two_years_right(row: Kind) -> None:
    for hour in hours_of_two_years():
        expected = is_open(hour, red_days=row.red_days)  # the oracle only turns on the hour
        found = {earliest(row, at, HOURS) == at for at in (hour + n * MINUTE for n in range(60))}
        assert found == {expected}, hour


@given(held, moments)
@example(FOLLOW_UP, datetime(2027, 3, 27, 18, 30, tzinfo=UTC))
@example(FOLLOW_UP, datetime(2027, 10, 30, 17, 0, tzinfo=UTC))
@example(FOLLOW_UP, datetime(2028, 12, 22, 18, 0, tzinfo=UTC))
def test_held_messages_take_the_first_minute(row: Kind, at: datetime) -> None:
    found = earliest(row, at, HOURS)
    assert found is not None
    assert found >= at
    assert is_open(found, red_days=row.red_days)
    if found > at:
        assert not is_open(found - timedelta(microseconds=1), red_days=row.red_days)
        quarters = range(int((found - at).total_seconds() // 900))
        assert not any(is_open(at + timedelta(minutes=15 * n), red_days=row.red_days) for n in quarters)
    assert earliest(row, found, HOURS) == found


@given(held, moments, st.timedeltas(timedelta(0), timedelta(days=6)))
def test_a_passed_moment_is_never_sent(row: Kind, at: datetime, valid: timedelta) -> None:
    found, free = earliest(row, at, HOURS, not_after=at + valid), earliest(row, at, HOURS)
    assert free is not None
    assert found == (free if free < at + valid else None)


@pytest.mark.parametrize("name", ["distress", "staff_alarm", "reply", "staff"])
def test_answers_go_on_christmas_night(name: str) -> None:
    night = datetime(2027, 12, 25, 2, tzinfo=UTC)
    assert earliest(kind(name), night, HOURS) == night
    assert may_send(kind(name), night, HOURS).ok
    assert earliest(kind(name), night, HOURS, not_after=night) is None


@pytest.mark.parametrize(
    ("name", "at", "goes"),
    [
        # Saturday evening: a reminder goes on Sunday, the rest on Monday
        ("meeting", datetime(2026, 11, 28, 18, 0, tzinfo=UTC), datetime(2026, 11, 29, 8, 0, tzinfo=UTC)),
        ("follow_up", datetime(2026, 11, 28, 18, 0, tzinfo=UTC), datetime(2026, 11, 30, 8, 0, tzinfo=UTC)),
        # the night when summer time begins is also påskdagen, and annandag påsk follows
        ("meeting", datetime(2027, 3, 28, 0, 30, tzinfo=UTC), datetime(2027, 3, 28, 7, 0, tzinfo=UTC)),
        ("invitation", datetime(2027, 3, 28, 0, 30, tzinfo=UTC), datetime(2027, 3, 30, 7, 0, tzinfo=UTC)),
        # the night when it ends
        ("meeting", datetime(2027, 10, 31, 0, 30, tzinfo=UTC), datetime(2027, 10, 31, 8, 0, tzinfo=UTC)),
        # Thursday 23 December 2027 after hours: Christmas Eve, two holidays (one a Sunday), then Monday
        ("follow_up", datetime(2027, 12, 23, 18, 0, tzinfo=UTC), datetime(2027, 12, 27, 8, 0, tzinfo=UTC)),
        # the last second, and the first that is too late
        ("meeting", datetime(2026, 11, 25, 17, 59, 59, tzinfo=UTC), datetime(2026, 11, 25, 17, 59, 59, tzinfo=UTC)),
        ("meeting", datetime(2026, 11, 25, 18, 0, tzinfo=UTC), datetime(2026, 11, 26, 8, 0, tzinfo=UTC)),
    ],
)
def test_held_messages_go_at_the_opening(name: str, at: datetime, goes: datetime) -> None:
    assert earliest(kind(name), at, HOURS) == goes
    verdict = may_send(kind(name), at, HOURS)
    assert verdict.ok == (goes == at)
    assert verdict.retry_at == (None if verdict.ok else goes)


@given(st.sampled_from(sorted(KINDS)), moments)
def test_every_verdict_gives_a_reason(name: str, at: datetime) -> None:
    verdict = may_send(kind(name), at, HOURS)
    assert verdict.ok == (verdict.retry_at is None)
    assert re.fullmatch(r"[A-ZÅÄÖ].*\.", verdict.why_sv)
    assert verdict.ok == (earliest(kind(name), at, HOURS) == at)


def test_reasons_are_said_in_plain_swedish() -> None:
    sunday = datetime(2026, 11, 29, 11, tzinfo=UTC)
    evening = datetime(2026, 11, 25, 19, 10, tzinfo=UTC)
    assert may_send(FOLLOW_UP, sunday, HOURS).why_sv == "Det är söndag. Det här går inte ut på röda dagar."
    assert may_send(FOLLOW_UP, evening, HOURS).why_sv == "Klockan är 20.10. Det här går ut kl. 9-19."
    assert may_send(MEETING, sunday, HOURS).why_sv == "Inom sändningstiden, kl. 9-19."


@pytest.mark.parametrize(("hour", "minute", "warned"), [(8, 59, True), (9, 0, False), (18, 59, False), (19, 0, True)])
def test_the_warning_turns_on_the_hour(hour: int, minute: int, *, warned: bool) -> None:
    at = datetime(2026, 11, 29, hour - 1, minute, tzinfo=UTC)  # a Sunday, which is no reason for a warning
    assert may_send(kind("staff"), at, HOURS).why_sv.startswith("Klockan") is warned


def test_staff_are_warned_late_not_held() -> None:
    evening = datetime(2026, 11, 25, 19, 10, tzinfo=UTC)
    late, early = may_send(kind("staff"), evening, HOURS), may_send(kind("staff"), evening - timedelta(hours=6), HOURS)
    assert late.ok
    assert early.ok
    assert late.why_sv == "Klockan är 20.10. Andra meddelanden går bara ut kl. 9-19."
    assert early.why_sv == "Inom sändningstiden, kl. 9-19."


@pytest.mark.parametrize(
    ("ahead", "exempt"),
    [(timedelta(hours=24), True), (timedelta(0), True), (timedelta(hours=24, minutes=1), False), (-MINUTE, False)],
)
def test_changes_close_at_hand_go_anyway(ahead: timedelta, *, exempt: bool) -> None:
    night = datetime(2026, 11, 25, 2, tzinfo=UTC)
    changed = as_change(MEETING, night, night + ahead)
    assert (earliest(changed, night, HOURS) == night) is exempt
    assert changed.after_stop == MEETING.after_stop


def test_other_hours_and_zones_are_kept() -> None:
    short = Hours(time(10, 30), time(11), "Europe/Helsinki")
    assert earliest(MEETING, datetime(2026, 11, 25, 8, 29, tzinfo=UTC), short) == datetime(
        2026, 11, 25, 8, 30, tzinfo=UTC
    )
    assert earliest(MEETING, datetime(2026, 11, 25, 9, 0, tzinfo=UTC), short) == datetime(
        2026, 11, 26, 8, 30, tzinfo=UTC
    )


def test_hours_inside_the_skipped_hour_wait() -> None:
    night = Hours(time(2), time(3))
    spring = date(2027, 3, 28)
    eve = datetime(spring.year, spring.month, spring.day - 1, 23, 30, tzinfo=UTC)
    assert earliest(MEETING, eve, night) == datetime(2027, 3, 29, 0, tzinfo=UTC)


def test_hours_that_cannot_be_are_refused() -> None:
    for ends in (time(9), time(19)):
        with pytest.raises(ValueError, match="end the same day"):
            Hours(time(19), ends)
    with pytest.raises(ValueError, match="zone"):
        earliest(MEETING, datetime(2026, 11, 25, 12), HOURS)  # noqa: DTZ001 - the fault itself
