"""What was said about time, in a few plain words for `ingang explain`."""

from __future__ import annotations

from typing import Final

from flows.when.facts import (
    Ahead,
    DayFact,
    DayRange,
    Feast,
    Month,
    Nth,
    OnDate,
    RelativeDay,
    Week,
    Weekday,
    Weekend,
    Workdays,
)
from flows.when.hours import written
from flows.when.spec import Item, Spec
from flows.when.terms import MONTHS, WEEKDAYS

_DAYS: Final = ("today", "tomorrow", "the day after tomorrow")
_FROM_NOW: Final = ("this", "next", "the next but one")


def describe(spec: Spec) -> str:
    """The days, then the hours, in the order that they count."""
    said = [_item(item) for item in spec.items]
    for name, clock in (("at", spec.clock), ("after", spec.lower), ("before", spec.upper)):
        said += [f"{name} {written(clock.minutes)}"] if clock else []
    if spec.span:
        said.append(f"{written(spec.span.first.minutes)} to {written(spec.span.last.minutes)}")
    if spec.moved:
        said.append("moved")
    said += [spec.shade] if spec.shade else []
    said += [key.replace("_", " ") for key in (*spec.parts, *spec.wholes)]
    return ", ".join(said)


def _item(item: Item) -> str:
    words = [f"{shift.count:+d} {shift.unit}" for shift in item.shifts]
    words += [item.edge] if item.edge else []
    words.append("the time before" if item.fact is None else _fact(item.fact))
    return " ".join(words)


def _fact(fact: DayFact | DayRange) -> str:
    match fact:
        case DayRange(first, last):
            said = f"{_fact(first)} to {_fact(last)}"
        case Weekday(number, mode):
            said = f"{mode} {WEEKDAYS[number]}".strip()
        case RelativeDay(offset):
            said = _DAYS[offset]
        case OnDate(day, month, year):
            said = "/".join(str(part) for part in (day, month, year) if part)
        case Ahead(count, unit, within, _):
            said = f"{'within' if within else 'in'} {count} {unit.replace('_', ' ')}{'s' if count != 1 else ''}"
        case Feast(key):
            said = key.replace("_", " ")
        case Nth(count, weekday):
            said = f"{'last' if count < 0 else f'number {count}'} {'week' if weekday is None else WEEKDAYS[weekday]}"
        case Week(offset, number):
            said = f"week {number}" if number else f"{_FROM_NOW[offset or 0]} week"
        case Weekend(offset):
            said = f"{_FROM_NOW[offset]} weekend"
        case Month(number, offset):
            said = MONTHS[number - 1] if number else f"{_FROM_NOW[offset]} month"
        case Workdays():
            said = "monday to friday"
    return said
