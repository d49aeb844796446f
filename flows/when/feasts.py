"""Holidays by name: the days that each is in a year, by the rules of the Swedish calendar (SFS 1989:253 and custom)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Final

Days = tuple[date, date]


def easter(year: int) -> date:
    """Easter Sunday of the Gregorian calendar (the anonymous algorithm, as in Meeus)."""
    a, b, c = year % 19, year // 100, year % 100
    d = (19 * a + b - b // 4 - (b - (b + 8) // 25 + 1) // 3 + 15) % 30
    e = (32 + 2 * (b % 4) + 2 * (c // 4) - d - c % 4) % 7
    f = d + e - 7 * ((a + 11 * d + 22 * e) // 451) + 114
    return date(year, f // 31, f % 31 + 1)


def _on(month: int, day: int, last_month: int = 0, last_day: int = 0) -> Callable[[int], Days]:
    """The same date every year; with a second one the days from the first to it, over new year too."""

    def days(year: int) -> Days:
        first = date(year, month, day)
        if not last_month:
            return first, first
        return first, date(year + (last_month < month), last_month, last_day)

    return days


def _easter(first: int, last: int | None = None) -> Callable[[int], Days]:
    """Days counted from Easter Sunday."""

    def days(year: int) -> Days:
        sunday = easter(year)
        return sunday + timedelta(days=first), sunday + timedelta(days=first if last is None else last)

    return days


def _weekday_from(weekday: int, month: int, day: int, shift: int = 0, length: int = 0) -> Callable[[int], Days]:
    """The first such weekday on or after a date, moved by `shift` days and `length` days longer."""

    def days(year: int) -> Days:
        start = date(year, month, day)
        found = start + timedelta(days=(weekday - start.weekday()) % 7 + shift)
        return found, found + timedelta(days=length)

    return days


def _advent(sunday: int) -> Callable[[int], Days]:
    return _weekday_from(6, 11, 27, shift=7 * (sunday - 1))


def _mothers_day(year: int) -> Days:
    last = date(year, 5, 31)
    found = last - timedelta(days=(last.weekday() - 6) % 7)
    return found, found


FEASTS: Final[Mapping[str, Callable[[int], Days]]] = {
    "new_years_day": _on(1, 1),
    "epiphany_eve": _on(1, 5),
    "epiphany": _on(1, 6),
    "knut": _on(1, 13),
    "valentines": _on(2, 14),
    "shrove_tuesday": _easter(-47),
    "womens_day": _on(3, 8),
    "waffle_day": _on(3, 25),
    "maundy_thursday": _easter(-3),
    "good_friday": _easter(-2),
    "easter_eve": _easter(-1),
    "easter_day": _easter(0),
    "easter_monday": _easter(1),
    "easter": _easter(-2, 1),
    "walpurgis": _on(4, 30),
    "may_day": _on(5, 1),
    "ascension": _easter(39),
    "whit_eve": _easter(48),
    "whit_sunday": _easter(49),
    "mothers_day": _mothers_day,
    "national_day": _on(6, 6),
    "midsummer_eve": _weekday_from(4, 6, 19),
    "midsummer_day": _weekday_from(5, 6, 20),
    "midsummer": _weekday_from(4, 6, 19, length=1),
    "halloween": _on(10, 31),
    "all_saints": _weekday_from(5, 10, 31),
    "fathers_day": _weekday_from(6, 11, 8),
    "advent_1": _advent(1),
    "advent_2": _advent(2),
    "advent_3": _advent(3),
    "advent_4": _advent(4),
    "lucia": _on(12, 13),
    "day_before_christmas_eve": _on(12, 23),
    "christmas_eve": _on(12, 24),
    "christmas_day": _on(12, 25),
    "boxing_day": _on(12, 26),
    "christmas": _on(12, 24, 12, 26),
    "between_days": _on(12, 27, 12, 30),
    "new_years_eve": _on(12, 31),
    "new_year": _on(12, 31, 1, 1),
}


def next_feast(key: str, today: date) -> Days:
    """The days of the holiday that is on now or comes next."""
    for year in range(today.year - 1, today.year + 2):
        first, last = FEASTS[key](year)
        if last >= today:
            return first, last
    raise KeyError(key)
