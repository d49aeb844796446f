import subprocess
import sys
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from rules.calendar import (
    is_holiday,
    is_red_day,
    is_working_day,
    red_day_name,
    swedish_clock,
    swedish_day,
    swedish_moment,
    to_local,
    to_utc,
    weekday_name,
)

# Taken by hand from almanacs, not from the package under test. Sundays are left out but for those with a name.
RED = {
    2027: {
        "01-01": "nyårsdagen",
        "01-06": "trettondedag jul",
        "03-26": "långfredagen",
        "03-28": "påskdagen",
        "03-29": "annandag påsk",
        "05-01": "första maj",
        "05-06": "Kristi himmelsfärdsdag",
        "05-16": "pingstdagen",
        "06-06": "nationaldagen",
        "06-25": "midsommarafton",
        "06-26": "midsommardagen",
        "11-06": "alla helgons dag",
        "12-24": "julafton",
        "12-25": "juldagen",
        "12-26": "annandag jul",
        "12-31": "nyårsafton",
    },
    2028: {
        "01-01": "nyårsdagen",
        "01-06": "trettondedag jul",
        "04-14": "långfredagen",
        "04-16": "påskdagen",
        "04-17": "annandag påsk",
        "05-01": "första maj",
        "05-25": "Kristi himmelsfärdsdag",
        "06-04": "pingstdagen",
        "06-06": "nationaldagen",
        "06-23": "midsommarafton",
        "06-24": "midsommardagen",
        "11-04": "alla helgons dag",
        "12-24": "julafton",
        "12-25": "juldagen",
        "12-26": "annandag jul",
        "12-31": "nyårsafton",
    },
}
days = st.dates(date(2026, 1, 1), date(2040, 12, 31))
clocks = st.times().map(lambda clock: clock.replace(second=0, microsecond=0))


def every_day(year: int) -> list[date]:
    first = date(year, 1, 1)
    return [first + timedelta(days=n) for n in range((date(year + 1, 1, 1) - first).days)]


@pytest.mark.parametrize("year", RED)
def test_every_day_of_two_years_named(year: int) -> None:
    for day in every_day(year):
        expected = RED[year].get(f"{day:%m-%d}") or ("söndag" if day.isoweekday() == 7 else None)
        assert red_day_name(day) == expected, day
        assert is_red_day(day) == (expected is not None)
        assert is_holiday(day) == (expected not in {None, "söndag"})
        assert is_working_day(day) == (expected is None and day.isoweekday() < 6)


@pytest.mark.parametrize("half", [date(2027, 1, 5), date(2027, 3, 25), date(2027, 4, 30), date(2027, 12, 23)])
def test_half_days_are_ordinary_working_days(half: date) -> None:
    assert is_working_day(half)


def test_easter_eve_is_no_working_day() -> None:
    assert not is_red_day(date(2027, 3, 27))
    assert not is_working_day(date(2027, 3, 27))


def test_two_holidays_on_one_day_are_joined() -> None:
    assert red_day_name(date(2008, 5, 1)) == "första maj och Kristi himmelsfärdsdag"


def test_years_beyond_the_package_keep_sundays() -> None:
    assert red_day_name(date(2500, 1, 3)) == "söndag"
    assert red_day_name(date(2500, 12, 25)) is None


def test_the_holidays_package_waits_until_asked() -> None:
    code = "import rules.calendar, rules.sending, sys; sys.exit('holidays' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize(
    ("day", "said"),
    [
        (date(2026, 11, 22), "i dag"),
        (date(2026, 11, 23), "i morgon"),
        (date(2026, 11, 21), "i går"),
        (date(2026, 11, 25), "onsdag 25 november"),
        (date(2026, 12, 3), "torsdag 3 december"),
        (date(2027, 1, 6), "onsdag 6 januari 2027"),
        (date(2025, 11, 22), "lördag 22 november 2025"),
    ],
)
def test_days_are_said_as_swedes_say(day: date, said: str) -> None:
    assert swedish_day(day, date(2026, 11, 22)) == said


def test_new_year_is_still_only_tomorrow() -> None:
    assert swedish_day(date(2027, 1, 1), date(2026, 12, 31)) == "i morgon"


@pytest.mark.parametrize(
    ("clock", "written"),
    [(time(8), "8"), (time(13, 30), "13.30"), (time(9, 5), "9.05"), (time(0), "0"), (time(0, 7), "0.07")],
)
def test_clocks_are_written_with_full_stops(clock: time, written: str) -> None:
    assert swedish_clock(clock) == written


def test_a_moment_is_written_in_local_time() -> None:
    winter = datetime(2026, 11, 25, 12, 30, tzinfo=UTC)
    assert swedish_moment(winter) == "onsdag 25 november kl. 13.30"
    assert swedish_moment(winter, date(2026, 11, 24)) == "i morgon kl. 13.30"
    assert swedish_moment(winter, date(2025, 11, 24)) == "onsdag 25 november 2026 kl. 13.30"
    assert swedish_moment(winter, tz="Europe/Helsinki") == "onsdag 25 november kl. 14.30"
    summer_night = datetime(2027, 6, 30, 22, 0, tzinfo=UTC)
    assert swedish_moment(summer_night) == "torsdag 1 juli kl. 0"


@given(days, days)
def test_a_day_is_short_and_plain(day: date, today: date) -> None:
    said = swedish_day(day, today)
    assert said.isprintable()
    assert len(said) <= len("torsdag 30 september 2027")
    assert said.startswith(("i ", weekday_name(day.weekday())))


def test_moments_without_a_zone_are_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        to_local(datetime(2026, 11, 25, 12, 30))  # noqa: DTZ001 - the fault itself


@pytest.mark.parametrize("weekday", [-1, 7])
def test_there_are_only_seven_weekdays(weekday: int) -> None:
    with pytest.raises(ValueError, match="0"):
        weekday_name(weekday)


@pytest.mark.parametrize("spring", [date(2027, 3, 28), date(2028, 3, 26)])
@pytest.mark.parametrize("clock", [time(2), time(2, 30), time(2, 59, 59, 999999)])
def test_skipped_hours_become_the_next_minute(spring: date, clock: time) -> None:
    moment = to_utc(spring, clock)
    assert moment == datetime(spring.year, 3, spring.day, 1, tzinfo=UTC)
    assert to_local(moment).time() == time(3)


@pytest.mark.parametrize("autumn", [date(2027, 10, 31), date(2028, 10, 29)])
def test_doubled_hours_mean_the_first_one(autumn: date) -> None:
    assert to_utc(autumn, time(2, 30)) == datetime(autumn.year, 10, autumn.day, 0, 30, tzinfo=UTC)
    assert to_utc(autumn, time(2, 30, fold=1)) == to_utc(autumn, time(2, 30))
    assert to_utc(autumn, time(3)) == datetime(autumn.year, 10, autumn.day, 2, tzinfo=UTC)


@given(st.dates(date(2027, 1, 1), date(2028, 12, 31)), clocks)
@example(date(2027, 3, 28), time(2, 15))
@example(date(2028, 10, 29), time(2, 15))
def test_wall_time_survives_the_way_back(day: date, clock: time) -> None:
    moment = to_utc(day, clock)
    shown = to_local(moment)
    assert moment.tzinfo is UTC
    assert shown.date() == day
    skipped = day in {date(2027, 3, 28), date(2028, 3, 26)} and clock.hour == 2
    assert shown.time().replace(fold=0) == (time(3) if skipped else clock)
    assert shown.tzinfo == ZoneInfo("Europe/Stockholm")


@given(st.dates(date(2027, 1, 1), date(2028, 12, 31)), clocks, clocks)
@example(date(2027, 3, 28), time(2, 15), time(2, 45))
@example(date(2027, 10, 31), time(2, 15), time(3, 0))
def test_later_on_the_wall_is_later(day: date, one: time, other: time) -> None:
    first, second = sorted((one, other))
    assert to_utc(day, first) <= to_utc(day, second)
