"""A week as a form has it: one line of hours for each weekday, "8-12, 13-16.30", empty for none."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import time
from itertools import pairwise
from typing import Final

from rules.calendar import swedish_clock, weekday_name
from rules.roster import Shift

Span = tuple[time, time]
DAYS: Final = tuple(weekday_name(weekday) for weekday in range(7))
_SPAN: Final = re.compile(r"(\d{1,2})(?:[.:](\d\d))?\s*(?:-|–|till)\s*(\d{1,2})(?:[.:](\d\d))?")
MOST: Final = 4
"""Stretches in one day. Our choice: more is a slip of the keys."""


class NoHours(ValueError):
    """A line that cannot be read as hours; the message says why, in Swedish."""


def read_line(text: str) -> list[Span]:
    """Read the hours of one day, in order; none for an empty line. Raises NoHours."""
    words = text.strip().casefold().removeprefix("kl.").removeprefix("kl")
    parts = [part.strip() for part in re.split(r",|;| och ", words) if part.strip()]
    spans = sorted(_span(part) for part in parts)
    if len(spans) > MOST:
        raise NoHours(f"Högst {MOST} tider på en dag.")
    for before, after in pairwise(spans):
        if after[0] < before[1]:
            raise NoHours("Tiderna går i varandra.")
    return spans


def _span(text: str) -> Span:
    match = _SPAN.fullmatch(text)
    if match is None:
        raise NoHours("Skriv tiden så här: 8-16, eller 8-12, 13-16.30.")
    try:
        starts = time(int(match[1]), int(match[2] or 0))
        ends = time(int(match[3]), int(match[4] or 0))
    except ValueError:
        raise NoHours("Klockan går från 0.00 till 23.59.") from None
    if ends <= starts:
        raise NoHours("Slutet ska vara senare än början, samma dag.")
    return starts, ends


def write_line(spans: Iterable[Span]) -> str:
    """Write the hours of one day as the form shows them."""
    return ", ".join(f"{swedish_clock(starts)}-{swedish_clock(ends)}" for starts, ends in sorted(spans))


def write_week(shifts: Iterable[Shift], staff_id: int) -> tuple[str, ...]:
    """Write one staff member's week, a line for each weekday."""
    mine = [shift for shift in shifts if shift.staff == staff_id]
    return tuple(
        write_line((shift.starts, shift.ends) for shift in mine if shift.weekday == weekday) for weekday in range(7)
    )


def read_week(lines: Sequence[str], staff_id: int) -> tuple[list[Shift], dict[int, str]]:
    """Read a week's lines to shifts, and what is wrong by weekday."""
    shifts, faults = [], {}
    for weekday, line in enumerate(lines[:7]):
        try:
            shifts += [Shift(staff_id, weekday, *span) for span in read_line(line)]
        except NoHours as fault:
            faults[weekday] = str(fault)
    return shifts, faults
