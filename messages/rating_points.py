"""A person's ratings as plain values to show: points of a drawing (messages/curve.py) and rows of a table.

Pure: nothing is read and nothing is kept here. What is missing is None everywhere, and never a zero.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

from messages.page_words import PageWords
from rules.ratings import Form, form_of

Role = Literal["before", "after", "check_in"]
Mode = Literal["page", "staff_page", "paper", "page_numbers", "sms", "telegram", "chat"]

ROLES: Final[tuple[Role, ...]] = ("before", "after", "check_in")
_ITEM_TOP: Final = 10.0


@dataclass(frozen=True, slots=True)
class Point:
    """One rating that was asked for. `total` is None when it is missing, which is never the same as 0.

    `session` names the meeting: ratings of one meeting share a column. `texts` is what the reader is told of which
    questions were used; what `scale` and `version` differ in is never joined. `mark` and `reliable` are those that were
    stored with the rating, None where none applies. ValueError when a number is no number, or outside its scale.
    """

    session: int
    day: date
    role: Role
    instrument: str
    items: tuple[float | None, ...]
    total: float | None
    mode: Mode | None
    scale: str
    version: str
    texts: str
    episode: int = 0
    mark: float | None = None
    reliable: float | None = None
    straight: bool = False
    state: str = "answered"

    def __post_init__(self) -> None:
        if not self.items:
            raise ValueError("a rating has at least one item")
        numbers = [(value, _ITEM_TOP) for value in self.items]
        numbers += [(self.total, self.top), (self.mark, self.top), (self.reliable, self.top)]
        for value, most in numbers:
            if value is not None and not (math.isfinite(value) and 0 <= value <= most):
                raise ValueError(f"{value} is not between 0 and {most}")

    @property
    def top(self) -> float:
        """The highest total there is: 40 with four items."""
        return _ITEM_TOP * len(self.items)

    @property
    def form(self) -> Form:
        """Whether it was marked on a line or given in numbers: two ways of asking that are not compared."""
        return form_of(self.mode) if self.mode else "line"

    @property
    def compared_with(self) -> tuple[int, str, Form]:
        """What two ratings share whose totals may be compared."""
        return self.episode, self.scale, self.form

    def joins(self, other: Point) -> bool:
        """Whether a line may be drawn between two: both are there, asked for in the same words in the same way."""
        known = self.total is not None and other.total is not None
        return known and (self.compared_with, self.version) == (other.compared_with, other.version)


@dataclass(frozen=True, slots=True)
class Row:
    """One rating as a row of a table; every field is text to show."""

    day: str
    role: str
    total: str
    items: tuple[str, ...]
    mode: str
    texts: str
    note: str


def table(points: Iterable[Point], words: PageWords) -> tuple[Row, ...]:
    """Give the same as the drawing, a row a rating, the oldest first."""
    return tuple(_row(point, words) for point in in_order(points))


def in_order(points: Iterable[Point]) -> list[Point]:
    """Sort ratings as they are shown: by day, meeting and role."""
    return sorted(points, key=lambda point: (point.day, point.session, ROLES.index(point.role)))


def columns(points: Sequence[Point]) -> dict[int, int]:
    """Give the place of each meeting's column, by meeting: equal steps, in the order of their days."""
    return {session: place for place, session in enumerate(dict.fromkeys(p.session for p in in_order(points)))}


def whole(value: float, words: PageWords) -> str:
    """Write a number without a decimal that says nothing: "25", but "25,5"."""
    return words.number(value).removesuffix(f"{words.plain('curve.decimal')}0")


def short_day(day: date, words: PageWords) -> str:
    """Write a day under the drawing: "3 dec"."""
    return f"{day.day} {words.plain(f'curve.months.{day.month}')}"


def long_day(day: date, words: PageWords) -> str:
    """Write a day in the table: "3 dec 2026"."""
    return f"{short_day(day, words)} {day.year}"


def total_of(point: Point, words: PageWords) -> str:
    """Write a total: "27,5 av 40", or that it is missing and why."""
    if point.total is not None:
        return words.plain("curve.total", value=words.number(point.total), most=whole(point.top, words))
    why = words.under("curve.state").get(point.state)
    return words.plain("curve.missing_why", why=why) if why else words.plain("curve.missing")


def _row(point: Point, words: PageWords) -> Row:
    notes = [words.plain("curve.straight")] if point.straight else []
    if point.mark is not None:
        notes.append(words.plain("curve.mark", value=whole(point.mark, words)))
    return Row(
        day=long_day(point.day, words),
        role=words.plain(f"curve.role.{point.role}"),
        total=total_of(point, words),
        items=_items(point, words),
        mode=words.plain(f"curve.mode.{point.mode}") if point.mode else "",
        texts=point.texts,
        note=", ".join(notes),
    )


def _items(point: Point, words: PageWords) -> tuple[str, ...]:
    """Each answer in its place; nothing at all where there is none."""
    if all(value is None for value in point.items):
        return ()
    return tuple(words.plain("curve.missing") if value is None else words.number(value) for value in point.items)
