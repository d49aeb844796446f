"""The year as a ring, for a page to draw: twelve parts, the first month at the top, and a dot for each activity.

Pure reckoning in a square of 320; what the ring shows stands in words below it on the page as well.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import cos, pi, sin
from typing import Final

from staff.activity_board import Month

SIDE: Final = 320
MIDDLE: Final = SIDE / 2
OUTER: Final = 150.0
INNER: Final = 104.0
WORDS: Final = 127.0
DOTS: Final = 88.0
APART: Final = 0.012
"""Between two months, in radians."""


@dataclass(frozen=True, slots=True)
class Part:
    """One month: its outline as an SVG path, its short name and where that stands, and how many activities it has."""

    path: str
    name: str
    x: float
    y: float
    count: int


@dataclass(frozen=True, slots=True)
class Dot:
    """One activity: where, and of what sort: one | series | off."""

    x: float
    y: float
    sort: str


@dataclass(frozen=True, slots=True)
class Ring:
    """All of it, and the same in one sentence for those who do not see it."""

    parts: tuple[Part, ...]
    dots: tuple[Dot, ...]
    count: int
    told: str


def ring_of(months: Sequence[Month]) -> Ring:
    """Draw months as a ring, each an equal part of it."""
    step = 2 * pi / max(1, len(months))
    parts = tuple(_part(month, place * step, step) for place, month in enumerate(months))
    dots = tuple(dot for place, month in enumerate(months) for dot in _dots(month, place * step, step))
    some = [f"{month.name} {len(month.turns)}" for month in months if month.turns]
    told = f"Årshjulet: {', '.join(some)}." if some else "Årshjulet är tomt."
    return Ring(parts, dots, len(dots), told)


def _at(angle: float, radius: float) -> tuple[float, float]:
    """A point, from the top and with the clock."""
    return round(MIDDLE + radius * sin(angle), 1), round(MIDDLE - radius * cos(angle), 1)


def _part(month: Month, begins: float, step: float) -> Part:
    first, last = begins + APART, begins + step - APART
    corners = (_at(first, OUTER), _at(last, OUTER), _at(last, INNER), _at(first, INNER))
    (ax, ay), (bx, by), (cx, cy), (dx, dy) = corners
    path = f"M{ax} {ay}A{OUTER} {OUTER} 0 0 1 {bx} {by}L{cx} {cy}A{INNER} {INNER} 0 0 0 {dx} {dy}Z"
    return Part(path, month.name[:3], *_at(begins + step / 2, WORDS), len(month.turns))


def _dots(month: Month, begins: float, step: float) -> Iterator[Dot]:
    days = monthrange(month.year, month.number)[1]
    for turn in month.turns:
        angle = begins + step * (turn.day.day - 0.5) / days
        yield Dot(*_at(angle, DOTS), "off" if turn.cancelled else "series" if turn.in_series else "one")
