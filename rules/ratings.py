"""Scoring ORS, SRS and a unit's own short scales: totals, marks by age, reliable change, low items.

All sums are made in whole tenths, so that 0.1 + 0.2 is 0.3 and no boundary is missed by float dust. A missing item is
None and never 0; with one missing there is no total (OpenFIT: partly filled is invalid). Marks hold for the licensed
texts only; rules/rating_marks.py says where each comes from.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from rules.rating_marks import SOURCES, TENTHS, BadMark, Marks, in_tenths, jacobson_truax, swedish

__all__ = [
    "INSTRUMENTS",
    "SOURCES",
    "BadItem",
    "BadMark",
    "Change",
    "Form",
    "Instrument",
    "Marks",
    "Scored",
    "change_of",
    "form_of",
    "jacobson_truax",
    "read_item",
    "score",
    "srs_fell",
    "swedish",
]

Instrument = Literal["ORS", "SRS", "own"]
Form = Literal["line", "numbers"]
Outcome = Literal["recovered", "improved", "no_change", "deteriorated"]

INSTRUMENTS: Final = ("ORS", "SRS", "own")
MOST: Final = 10
"""The highest that an item can be; the lowest is 0."""
LICENSED_ITEMS: Final = 4
OWN_ITEMS: Final = 20
"""More than this is no short scale."""
ADULT: Final = 18
YOUNGEST: Final = 13
"""ORS is for 13 and up (Socialstyrelsen, Metodguiden)."""
FALL: Final = 1.0
"""A fall of the SRS since the last session that is worth asking about, in points (OpenFIT's alert table)."""

_LINES: Final = frozenset({"page", "staff_page", "paper"})
_NUMBERS: Final = frozenset({"sms", "telegram", "chat", "page_numbers"})


class BadItem(ValueError):
    """An answer that cannot be scored. `place` is which item, from 1; None when it is about all of them."""

    def __init__(self, wrong: str, place: int | None = None) -> None:
        self.place = place
        super().__init__(wrong if place is None else f"item {place}: {wrong}")


@dataclass(frozen=True, slots=True)
class Change:
    """From a first total to a later one. `change` in points; None throughout when there is nothing to compare.

    `from_below` says which side of the mark it began on: who began above cannot recover and is counted apart.
    """

    change: float | None = None
    reliable: bool | None = None
    outcome: Outcome | None = None
    from_below: bool | None = None


@dataclass(frozen=True, slots=True)
class Scored:
    """A rating, scored. Totals and marks in points; None where it cannot be said.

    `low_items` are places from 1 of answers at or under the low mark, `outcome` the class of the change, `straight`
    whether all was answered alike, `sources` a Swedish line for each rule that was used.
    """

    instrument: Instrument
    total: float | None
    mark: float | None
    below_mark: bool | None
    low_items: tuple[int, ...]
    change: float | None
    reliable: bool | None
    outcome: Outcome | None
    from_below: bool | None
    straight: bool
    sources: tuple[str, ...]


def score(
    instrument: Instrument,
    items: Sequence[float | None],
    marks: Marks = Marks(),  # noqa: B008 - frozen
    *,
    age: int | None = None,
    turns_18_this_year: bool = False,
    first_total: float | None = None,
) -> Scored:
    """Score the items of one rating, in the scale's order.

    `age` in whole years on the day; `turns_18_this_year` says that only the year is known and it is that one.
    `first_total` is the first total of the same episode, scale and form. Raises BadItem for an item that is not 0-10
    with at most one decimal, for a wrong count and for an impossible first total, ValueError for an impossible age.
    """
    tenths = _items(instrument, items)
    first = _first(first_total, len(tenths))
    years = _age(age)
    summed = None if None in tenths else sum(each for each in tenths if each is not None)
    total = None if summed is None else summed / TENTHS
    mark = _mark(instrument, marks, years, turns_18_this_year=turns_18_this_year)
    changed = change_of(first, total, marks, mark) if instrument == "ORS" else _difference(first, total)
    low = tuple(place for place, each in enumerate(tenths, start=1) if each is not None and each <= _in(marks.low_item))
    return Scored(
        instrument=instrument,
        total=total,
        mark=mark,
        below_mark=_below(instrument, tenths, summed, mark, marks),
        low_items=low,
        change=changed.change,
        reliable=changed.reliable,
        outcome=changed.outcome,
        from_below=changed.from_below,
        straight=len(tenths) > 1 and summed is not None and len(set(tenths)) == 1,
        sources=tuple(
            _sources(instrument, marks, years, total, changed, low=bool(low), turns_18_this_year=turns_18_this_year)
        ),
    )


def change_of(first: float | None, last: float | None, marks: Marks, mark: float | None) -> Change:
    """Say whether the ORS has changed reliably from the first total to the last, and in which of the four classes.

    Reliable is more than `marks.reliable` points either way (the developers' rule, and Jacobson & Truax's "more
    than"). Recovered: reliably up, from below `mark` to it or above. Without a mark nobody is called recovered.
    """
    changed = _difference(first, last)
    if first is None or last is None or changed.change is None:
        return changed
    by = _in(changed.change)
    reliable = abs(by) > _in(marks.reliable)
    below = None if mark is None else _in(first) < _in(mark)
    if not reliable:
        outcome: Outcome = "no_change"
    elif by < 0:
        outcome = "deteriorated"
    else:
        outcome = "recovered" if mark is not None and below and _in(last) >= _in(mark) else "improved"
    return Change(changed.change, reliable, outcome, below)


def srs_fell(last_before: float | None, total: float | None) -> bool | None:
    """Whether the SRS fell by a point or more since the session before; None with nothing to compare."""
    if last_before is None or total is None:
        return None
    return _in(last_before) - _in(total) >= _in(FALL)


def form_of(mode: str) -> Form:
    """In which form a mode of answering is: marks on lines, or numbers. They are never compared with each other.

    Raises ValueError for an unknown mode.
    """
    if mode in _LINES:
        return "line"
    if mode in _NUMBERS:
        return "numbers"
    raise ValueError(f"{mode!r} is no mode; the modes are {', '.join(sorted(_LINES | _NUMBERS))}")


def read_item(text: str) -> float | None:
    """Read an item as it is written in a form's field: "7", "7,5" or "7.5"; None for an empty one.

    Raises BadItem for anything else: this is for fields with one number; replies are read by flows.numbers.
    """
    written = text.strip()
    if not written:
        return None
    if not re.fullmatch(r"[0-9]{1,2}([.,][0-9])?", written):
        raise BadItem(f"{text!r} is not a number from 0 to 10 with at most one decimal")
    value = float(written.replace(",", "."))
    if value > MOST:
        raise BadItem(f"{text!r} is more than 10")
    return value


def _in(points: float) -> int:
    return round(points * TENTHS)


def _items(instrument: str, items: Sequence[float | None]) -> tuple[int | None, ...]:
    if instrument not in INSTRUMENTS:
        raise ValueError(f"{instrument!r} is no instrument; write ORS, SRS or own")
    if instrument != "own" and len(items) != LICENSED_ITEMS:
        raise BadItem(f"{instrument} has four items and {len(items)} were given; write null for one that was skipped")
    if not 1 <= len(items) <= OWN_ITEMS:
        raise BadItem(f"a scale has 1 to {OWN_ITEMS} items and {len(items)} were given")
    return tuple(_item(value, place) for place, value in enumerate(items, start=1))


def _item(value: object, place: int) -> int | None:
    if value is None:
        return None
    tenths = in_tenths(value)
    if tenths is None or not 0 <= tenths <= MOST * TENTHS:
        shown = "a number of many digits" if isinstance(value, int) and abs(value) > 10**9 else repr(value)[:40]
        raise BadItem(f"{shown} is not a number from 0 to 10 with at most one decimal", place)
    return tenths


def _first(total: float | None, items: int) -> float | None:
    if total is None:
        return None
    tenths, most = in_tenths(total), items * MOST
    if tenths is None or not 0 <= tenths <= most * TENTHS:
        raise BadItem(f"first_total: it is not a number from 0 to {most} with at most one decimal")
    return tenths / TENTHS


def _age(age: int | None) -> int | None:
    if age is None:
        return None
    years: object = age
    if isinstance(years, bool) or not isinstance(years, int) or not 0 <= years <= 120:
        raise ValueError("age: it is not a whole number of years from 0 to 120; write null when it is not known")
    return age


def _mark(instrument: str, marks: Marks, age: int | None, *, turns_18_this_year: bool) -> float | None:
    if instrument == "SRS":
        return marks.srs
    if instrument == "own" or turns_18_this_year or age is None or age < YOUNGEST:
        return None
    return marks.ors_adult if age >= ADULT else marks.ors_youth


def _below(
    instrument: str, tenths: tuple[int | None, ...], summed: int | None, mark: float | None, marks: Marks
) -> bool | None:
    if summed is None or mark is None:
        return None
    low = instrument == "SRS" and any(each is not None and each < _in(marks.srs_item) for each in tenths)
    return summed < _in(mark) or low


def _difference(first: float | None, last: float | None) -> Change:
    """How much a total has changed, for scales where no rule says what that means."""
    if first is None or last is None:
        return Change()
    return Change((_in(last) - _in(first)) / TENTHS)


def _sources(
    instrument: str,
    marks: Marks,
    age: int | None,
    total: float | None,
    changed: Change,
    *,
    low: bool,
    turns_18_this_year: bool,
) -> Iterator[str]:
    yield SOURCES["missing" if total is None else "total"]
    if instrument == "own":
        yield SOURCES["own"]
    elif instrument == "SRS":
        yield marks.source("srs")
        yield marks.source("srs_item")
    elif turns_18_this_year:
        yield SOURCES["ors_turns_18"]
    elif age is None or age < YOUNGEST:
        yield SOURCES["ors_no_age"]
    else:
        yield marks.source("ors_adult" if age >= ADULT else "ors_youth")
    if changed.reliable is not None:
        yield marks.source("reliable")
        yield SOURCES["class"]
    if low:
        yield marks.source("low_item")
