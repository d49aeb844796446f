"""From days as said to days in the calendar. Everything is local dates; today is handed in."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Final

from flows.when.answer import FURTHEST, NoTime, week_of
from flows.when.facts import (
    Ahead,
    DayFact,
    DayRange,
    Feast,
    Month,
    Nth,
    OnDate,
    RelativeDay,
    Shift,
    Week,
    Weekday,
    Weekend,
    Workdays,
)
from flows.when.feasts import next_feast
from flows.when.spec import Item

Days = tuple[date, date]

OPEN_DAYS: Final = 14
"""How long "efter nyår" reaches when no end is said."""

_WEEK: Final = timedelta(days=6)
_NEAR_WEEK: Final = {"early": (0, 1), "middle": (1, 3), "late": (3, 4)}
_NEAR_MONTH: Final = {"early": (1, 10), "middle": (11, 20), "late": (21, 31)}


class Calendar:
    """Finds the days that a spec's items mean, and collects what had to be assumed."""

    def __init__(self, today: date, agreed: date | None, talked_of: Days | None) -> None:
        self.today = today
        self.agreed = agreed
        self.talked_of = talked_of
        self.assumed: list[str] = []

    def find(self, items: Sequence[Item], shade: str | None, today_fits: bool) -> Days:
        """The first and last day. `today_fits`: a bare weekday may be today, for its hour is still to come.

        Raises NoTime when the days do not fit together.
        """
        items = _with_month(items, self.today)
        weekday = next((i.fact for i in items if isinstance(i.fact, Weekday) and not i.edge and not i.shifts), None)
        nth = next((item.fact for item in items if isinstance(item.fact, Nth)), None)
        others = [i for i in items if i.fact is None or (i.fact is not weekday and not isinstance(i.fact, Nth))]
        spans = [self._limit(item) if item.edge else self._days(item, weekday is not None) for item in others]
        if weekday is not None and not spans:
            day = self._weekday(weekday, today_fits)
            return day, day
        if not spans:
            raise NoTime("a day of a month that is not named")
        first, last = max(span[0] for span in spans), min(span[1] for span in spans)
        if first > last:
            raise NoTime("the days that are named do not fit together")
        if nth is not None:
            return self._nth(nth, first)
        if weekday is not None:
            back = any(item.edge in ("before", "latest") for item in others)
            return self._weekday_within(weekday, first, last, back)
        return self._shaded(first, last, shade)

    def _days(self, item: Item, with_weekday: bool) -> Days:
        span = self._talked_of(item) if item.fact is None else self._span(item.fact, with_weekday)
        for shift in item.shifts:
            span = self._shifted(span, shift)
        return span

    def _talked_of(self, item: Item) -> Days:
        if self.talked_of is not None:
            return self.talked_of
        if self.agreed is not None:
            return self.agreed, self.agreed
        if any(shift.unit == "week" for shift in item.shifts):
            self.assumed.append("counted from this week")
            return self.today, self.today
        raise NoTime("a day after another, but which is not said")

    def _shifted(self, span: Days, shift: Shift) -> Days:
        step = timedelta(days=shift.count * (7 if shift.unit == "week" else 1))
        start = span[1] if shift.count > 0 else span[0]
        if shift.unit == "week":
            monday = week_of(start) + step
            return monday, monday + _WEEK
        return start + step, start + step

    def _limit(self, item: Item) -> Days:
        """The days that a limit leaves: two weeks on when the other end is open, from today when the beginning is."""
        first, last = self._days(item, with_weekday=False)
        if item.edge == "after" and isinstance(item.fact, Weekend):
            return last + timedelta(days=1), last + timedelta(days=5)
        if item.edge in ("after", "since"):
            start = last + timedelta(days=1) if item.edge == "after" else first
            self.assumed.append(f"open at its end: {OPEN_DAYS} days")
            return start, start + timedelta(days=OPEN_DAYS - 1)
        end = first - timedelta(days=1) if item.edge == "before" else last
        if end < self.today:
            raise NoTime("already past")
        return self.today, end

    def _span(self, fact: DayFact | DayRange, with_weekday: bool = False) -> Days:
        match fact:
            case DayRange():
                span = self._range(fact)
            case RelativeDay(offset):
                span = _one(self.today + timedelta(days=offset))
            case OnDate():
                span = _one(self._date(fact))
            case Weekday():
                span = _one(self._weekday(fact, today_fits=False))
            case Ahead():
                span = self._ahead(fact, with_weekday)
            case Feast(key):
                span = next_feast(key, self.today)
            case Week():
                span = self._week(fact)
            case Weekend(offset):
                span = self._weekend(offset)
            case Month():
                span = self._month(fact)
            case Workdays():
                span = self._workdays()
            case Nth():
                raise NoTime("a day of a month that is not named")
        return span

    def _weekend(self, offset: int) -> Days:
        saturday = week_of(self.today) + timedelta(days=5 + 7 * offset)
        if offset:
            self.assumed.append("the weekend of next week")
        return saturday, saturday + timedelta(days=1)

    def _workdays(self) -> Days:
        """Monday to Friday: what is left of this week, or on Friday and after it the next."""
        self.assumed.append("Monday to Friday")
        friday = week_of(self.today) + timedelta(days=4)
        if self.today < friday:
            return self.today, friday
        return friday + timedelta(days=3), friday + timedelta(days=7)

    def _range(self, fact: DayRange) -> Days:
        first, _ = self._span(fact.first)
        last_fact = fact.last
        if isinstance(fact.first, Weekday) and isinstance(last_fact, Weekday):
            return first, first + timedelta(days=(last_fact.number - first.weekday()) % 7)
        _, last = self._span(last_fact)
        if last < first:
            raise NoTime("the days end before they begin")
        return first, last

    def _date(self, fact: OnDate) -> date:
        """The date as said, or the next one that fits what is left out."""
        if fact.month is None:
            return self._day_of_month(fact.day)
        years = [fact.year] if fact.year else [self.today.year, self.today.year + 1]
        days = [day for year in years if (day := _valid(year, fact.month, fact.day))]
        if not days:
            raise NoTime("there is no such date")
        coming = [day for day in days if day >= self.today]
        if not coming:
            raise NoTime("already past")
        if len(coming) < len(days) and coming[0] - self.today > FURTHEST:
            raise NoTime("already past")
        if coming[0].year != self.today.year and not fact.year:
            self.assumed.append(f"the year {coming[0].year}")
        return coming[0]

    def _day_of_month(self, number: int) -> date:
        for step in range(13):
            year, month = _add_months(self.today, step)
            day = _valid(year, month, number)
            if day is not None and day >= self.today:
                self.assumed.append(f"the month {day:%Y-%m}")
                return day
        raise NoTime("there is no such date")

    def _ahead(self, fact: Ahead, with_weekday: bool) -> Days:
        if fact.unit == "month":
            year, month = _add_months(self.today, fact.count)
            end = date(year, month, min(self.today.day, monthrange(year, month)[1]))
        elif fact.unit in ("day", "week", "weekend"):
            end = self.today + timedelta(days=fact.count * (1 if fact.unit == "day" else 7))
        else:
            raise NoTime("further away than 180 days")
        if fact.within:
            return self.today, end
        if fact.few:
            self.assumed.append(f"a few: 2 to 4 {fact.unit}s")
            return end, self.today + 2 * (end - self.today)
        if with_weekday and fact.unit != "day":
            return week_of(end), week_of(end) + _WEEK
        return end, end

    def _week(self, fact: Week) -> Days:
        if fact.number is None:
            monday = week_of(self.today) + timedelta(days=7 * (fact.offset or 0))
            return monday, monday + _WEEK
        for year in (self.today.isocalendar().year, self.today.isocalendar().year + 1):
            try:
                monday = date.fromisocalendar(year, fact.number, 1)
            except ValueError:
                continue
            if monday + _WEEK >= self.today:
                return monday, monday + _WEEK
        raise NoTime("there is no such week")

    def _month(self, fact: Month) -> Days:
        if fact.number is None:
            year, month = _add_months(self.today, fact.offset)
        else:
            year, month = self.today.year + (fact.number < self.today.month), fact.number
        return date(year, month, 1), date(year, month, monthrange(year, month)[1])

    def _weekday(self, fact: Weekday, today_fits: bool) -> date:
        ahead = (fact.number - self.today.weekday()) % 7
        if fact.mode == "next":
            self.assumed.append("next: in next week")
            return week_of(self.today) + timedelta(days=7 + fact.number)
        if ahead == 0 and fact.mode in ("", "this"):
            self.assumed.append("today" if today_fits else "not today but in a week")
            return self.today if today_fits else self.today + timedelta(days=7)
        return self.today + timedelta(days=ahead or 7)

    def _weekday_within(self, fact: Weekday, first: date, last: date, back: bool) -> Days:
        start = max(first, self.today)
        day = start + timedelta(days=(fact.number - start.weekday()) % 7)
        if back:
            day = last - timedelta(days=(last.weekday() - fact.number) % 7)
        if not first <= day <= last:
            if first != last and first <= self.today:
                raise NoTime("already past")
            raise NoTime("the weekday and the date do not fit together")
        if (last - first).days > 6 and not back:
            self.assumed.append("the first one")
        return day, day

    def _nth(self, fact: Nth, month: date) -> Days:
        """The nth weekday of a month; of weeks, the nth with its Thursday in that month."""
        year, number = month.year, month.month
        weekday = 3 if fact.weekday is None else fact.weekday
        days = [day for d in range(1, 32) if (day := _valid(year, number, d)) and day.weekday() == weekday]
        if fact.count > len(days):
            raise NoTime("the month has not that many")
        day = days[-1] if fact.count == -1 else days[fact.count - 1]
        return (day, day) if fact.weekday is not None else (week_of(day), week_of(day) + _WEEK)

    def _shaded(self, first: date, last: date, shade: str | None) -> Days:
        """The beginning, middle or end of a week or a month."""
        length = (last - first).days + 1
        if shade is None or length < 7:
            return first, last
        if length == 7:
            begin, end = _NEAR_WEEK[shade]
            if first + timedelta(days=end) < self.today:
                first += timedelta(days=7)
            span = first + timedelta(days=begin), first + timedelta(days=end)
        else:
            begin, end = _NEAR_MONTH[shade]
            span = first + timedelta(days=begin - 1), min(first + timedelta(days=end - 1), last)
        self.assumed.append(f"{shade}: {span[0]:%Y-%m-%d} to {span[1]:%Y-%m-%d}")
        return span


def _with_month(items: Sequence[Item], today: date) -> list[Item]:
    """Such as "den 5 nästa månad": a day's number takes the month that stands beside it."""
    months = [item.fact for item in items if isinstance(item.fact, Month)]
    if len(months) != 1:
        return list(items)
    number = months[0].number or _add_months(today, months[0].offset)[1]
    return [
        replace(item, fact=replace(item.fact, month=number))
        if isinstance(item.fact, OnDate) and item.fact.month is None
        else item
        for item in items
    ]


def _one(day: date) -> Days:
    return day, day


def _valid(year: int, month: int, day: int) -> date | None:
    if not 2000 <= year <= 2200:
        return None
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _add_months(day: date, months: int) -> tuple[int, int]:
    count = day.year * 12 + day.month - 1 + months
    return count // 12, count % 12 + 1
