"""When a unit's own check-ins are due: at the start and so many months on, as the scale's file says. Local dates.

Programmes' evaluators want them at about the same time for everybody, so one that is late is given late, or not at all:
an answer at five months is no answer at three.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

A_YEAR: Final = 12
"""Months: the way that counts for a scale with nothing but a check-in at the start. Our choice."""


@dataclass(frozen=True, slots=True)
class CheckIn:
    """One check-in: `month` from the start, the day when it is due, and the last day when it can be given."""

    month: int
    due: date
    last: date

    def is_open_on(self, day: date) -> bool:
        """Whether it can be given on a day."""
        return self.due <= day <= self.last


def months_after(start: date, months: int) -> date:
    """The same day of the month so many months on; the month's last day where it has no such day."""
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    return date(year, month + 1, min(start.day, monthrange(year, month + 1)[1]))


def all_of(months: Sequence[int], start: date) -> tuple[CheckIn, ...]:
    """Every check-in of somebody whose time began on `start`; `months` each once, in order, none: no check-ins.

    One that is late by more than half the way to the next is skipped. The last has no next: the way that led to it
    counts, so that an answer after three years is not kept as the one after a year. Our choice, both.
    """
    days = [months_after(start, each) for each in months]
    made = []
    for place, (month, due) in enumerate(zip(months, days, strict=True)):
        if place + 1 < len(days):
            way = days[place + 1] - due
        else:
            way = due - (days[place - 1] if place else start) or months_after(start, A_YEAR) - start
        made.append(CheckIn(month, due, due + timedelta(days=way.days // 2)))
    return tuple(made)


def open_on(check_ins: Sequence[CheckIn], day: date) -> CheckIn | None:
    """The one that can be given on a day: there is at most one."""
    return next((each for each in check_ins if each.is_open_on(day)), None)


def next_after(check_ins: Sequence[CheckIn], day: date) -> CheckIn | None:
    """The first that is due on a later day, or None."""
    return next((each for each in check_ins if each.due > day), None)
