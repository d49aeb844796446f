"""Who reads and answers when: a week of shifts, and the days that differ from it.

All promises, alarms and lines such as "vi läser vardagar kl. 8-16" come from here, and from nowhere else.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from rules.calendar import STOCKHOLM, is_holiday, swedish_clock, to_local, to_utc, weekday_name

SEARCH_DAYS = 400
"""How far ahead we look for staffed days: past a year, no promise means anything. Our choice."""

_Hours = tuple[time, time]


@dataclass(frozen=True, slots=True)
class Shift:
    """One staff member's hours on one weekday (0 is Monday), every week, in the roster's local time.

    Ends the same day, `ends` not included. Raises ValueError for another weekday or an empty span.
    """

    staff: int
    weekday: int
    starts: time
    ends: time

    def __post_init__(self) -> None:
        weekday_name(self.weekday)
        _check_hours(self.starts, self.ends)


@dataclass(frozen=True, slots=True)
class Absence:
    """One day that differs from the week, for one staff member or (staff None) for the whole unit.

    Without times: away, or closed, all day. With times: these hours instead. A person's hours instead count also on a
    red day or a day that they don't else work; a unit's hours instead are for those who have a shift that weekday.
    Raises ValueError when only one time is given or the span is empty.
    """

    day: date
    staff: int | None = None
    starts: time | None = None
    ends: time | None = None

    def __post_init__(self) -> None:
        if (self.starts is None) != (self.ends is None):
            raise ValueError("a day that differs has both times, or none")
        if self.starts is not None and self.ends is not None:
            _check_hours(self.starts, self.ends)


@dataclass(frozen=True, slots=True)
class Roster:
    """A unit's week, the days that differ, the local zone, and whether the week goes on through red days.

    A shift on Sundays is worked on ordinary Sundays all the same, since somebody chose it; on a holiday it is not.
    """

    shifts: tuple[Shift, ...] = ()
    exceptions: tuple[Absence, ...] = ()
    zone: str = STOCKHOLM
    works_red_days: bool = False


@dataclass(frozen=True, slots=True)
class Span:
    """An unbroken stretch (UTC, `ends` not included) when somebody is on duty, and all who are so in any part of it."""

    starts: datetime
    ends: datetime
    staff: tuple[int, ...]


def on_duty(roster: Roster, at_utc: datetime) -> tuple[int, ...]:
    """Return the ids of those on duty at `at_utc`, lowest first; empty outside the roster."""
    day = to_local(at_utc, roster.zone).date()
    return tuple(sorted({who for starts, ends, who in _duties(roster, day) if starts <= at_utc < ends}))


def spans(roster: Roster, day: date) -> tuple[Span, ...]:
    """Return the staffed stretches of the local `day`, earliest first; those that overlap or touch are one."""
    merged: list[Span] = []
    for starts, ends, who in sorted(_duties(roster, day)):
        if merged and starts <= merged[-1].ends:
            last = merged.pop()
            merged.append(Span(last.starts, max(last.ends, ends), _add(last.staff, who)))
        else:
            merged.append(Span(starts, ends, (who,)))
    return tuple(merged)


def staffed_until(roster: Roster, at: datetime) -> datetime | None:
    """Return when the staffed stretch that `at` lies in ends (UTC), or None when nobody is on duty at `at`."""
    today = spans(roster, to_local(at, roster.zone).date())
    return next((span.ends for span in today if span.starts <= at < span.ends), None)


def next_staffed(roster: Roster, at: datetime, within_days: int = 30) -> datetime | None:
    """Return the first moment (UTC), `at` itself included, when somebody is on duty.

    None when that lies more than `within_days` local days ahead.
    """
    first = to_local(at, roster.zone).date()
    for span in _spans_from(roster, first, within_days):
        if at < span.ends:
            return max(at, span.starts)
    return None


def staffed_days_after(roster: Roster, at: datetime, n: int) -> date | None:
    """Return the `n`-th local day with anyone on duty after the day of `at`, which itself never counts.

    None when there are fewer than `n` such days in the next 400. Raises ValueError for `n` under 1.
    """
    if n < 1:
        raise ValueError(f"counting staffed days starts at 1, not {n}")
    day = to_local(at, roster.zone).date()
    for _ in range(SEARCH_DAYS):
        day += timedelta(days=1)
        if _duties(roster, day):
            n -= 1
            if n == 0:
                return day
    return None


def hours_text(roster: Roster) -> str:
    """Return the ordinary week in Swedish: "vardagar kl. 8-16", "måndag och onsdag kl. 9-15"; "" without shifts.

    Days with the same hours stand together, in the order of the week, and groups are parted by commas. Hyphens are
    ASCII, since a dash would double the price of an SMS.
    """
    groups: dict[str, list[int]] = {}
    for weekday in range(7):
        hours = _merged_hours((s.starts, s.ends) for s in roster.shifts if s.weekday == weekday)
        if hours:
            groups.setdefault(_hours_in_words(hours), []).append(weekday)
    return ", ".join(f"{_weekdays_in_words(weekdays)} kl. {hours}" for hours, weekdays in groups.items())


def _check_hours(starts: time, ends: time) -> None:
    if starts >= ends:
        raise ValueError(f"hours end the same day and after they start, not {starts} to {ends}")


def _add(staff: tuple[int, ...], who: int) -> tuple[int, ...]:
    return tuple(sorted({*staff, who}))


def _spans_from(roster: Roster, first: date, days: int) -> Iterator[Span]:
    for ahead in range(days + 1):
        yield from spans(roster, first + timedelta(days=ahead))


def _duties(roster: Roster, day: date) -> list[tuple[datetime, datetime, int]]:
    """Each stretch of duty on the local `day` as (starts, ends, staff), in UTC and unmerged."""
    found = []
    for who, (starts, ends) in _local_duties(roster, day):
        span = to_utc(day, starts, roster.zone), to_utc(day, ends, roster.zone)
        if span[0] < span[1]:  # a span that lies wholly in the hour that spring skips is empty
            found.append((*span, who))
    return found


def _local_duties(roster: Roster, day: date) -> Iterator[tuple[int, _Hours]]:
    """The day's hours per person: a closed unit beats all, a person's own row beats the unit's, that beats the week."""
    rows = [row for row in roster.exceptions if row.day == day]
    unit = [row for row in rows if row.staff is None]
    if any(row.starts is None for row in unit):
        return
    own = {row.staff for row in rows if row.staff is not None}
    away = {row.staff for row in rows if row.starts is None}
    for row in rows:
        if row.staff is not None and row.staff not in away and row.starts is not None and row.ends is not None:
            yield row.staff, (row.starts, row.ends)
    instead = [(row.starts, row.ends) for row in unit if row.starts is not None and row.ends is not None]
    if not instead and not roster.works_red_days and is_holiday(day):
        return
    for shift in roster.shifts:
        if shift.weekday == day.weekday() and shift.staff not in own:
            for hours in instead or [(shift.starts, shift.ends)]:
                yield shift.staff, hours


def _merged_hours(hours: Iterable[_Hours]) -> tuple[_Hours, ...]:
    merged: list[_Hours] = []
    for starts, ends in sorted(hours):
        if merged and starts <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], ends))
        else:
            merged.append((starts, ends))
    return tuple(merged)


def _hours_in_words(hours: tuple[_Hours, ...]) -> str:
    return _listed([f"{swedish_clock(starts)}-{swedish_clock(ends)}" for starts, ends in hours])


def _weekdays_in_words(weekdays: list[int]) -> str:
    if weekdays == list(range(7)):
        return "alla dagar"
    if weekdays == list(range(5)):
        return "vardagar"
    unbroken = weekdays == list(range(weekdays[0], weekdays[-1] + 1))
    if unbroken and len(weekdays) > 2:
        return f"{weekday_name(weekdays[0])} till {weekday_name(weekdays[-1])}"
    return _listed([weekday_name(weekday) for weekday in weekdays])


def _listed(words: list[str]) -> str:
    """Join words as Swedish does: "a", "a och b", "a, b och c"."""
    return " och ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else words[0]


def together(rosters: Sequence[Roster]) -> Roster:
    """Return one roster for several units: everybody's shifts, and what differs for each.

    A day when a whole unit is closed, or keeps other hours, becomes a row for each of its own staff.
    """
    shifts = tuple(shift for roster in rosters for shift in roster.shifts)
    exceptions: list[Absence] = []
    for roster in rosters:
        own = {shift.staff for shift in roster.shifts}
        for each in roster.exceptions:
            exceptions += [each] if each.staff is not None else [replace(each, staff=who) for who in sorted(own)]
    zone = rosters[0].zone if rosters else STOCKHOLM
    return Roster(shifts, tuple(exceptions), zone, any(roster.works_red_days for roster in rosters))
