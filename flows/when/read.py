"""The door of this package: a text, the time now and the word lists in; a time, or why there is none, out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

from flows.when.answer import NAMES_NONE, WHEN_NOT, NoTime, Unread, When
from flows.when.calendar import Calendar, Days
from flows.when.clocks import Clocks
from flows.when.days import Days as DayReader
from flows.when.facts import DayFact, Fact, Join, OnDate, RelativeDay, TimeFact, Week, Weekday, Whole
from flows.when.resolve import Resolver
from flows.when.spec import Item, alternatives, split_clauses
from flows.when.terms import Grammar, Term, grammar, read_terms

_JOINS: Final = ("but", "or", "comma", "stop", "slash", "and")
_TIMES: Final = ("weekday", "day", "date", "clock", "part", "month", "feast", "at", "coming", "number", "half")
_MOST: Final = 8  # so many times are read out of one text; nobody offers more


def read_when(text: str, now: datetime, words: Mapping[str, Any], same_as: datetime | None = None) -> When | Unread:
    """The time that `text` names, read at `now`.

    In: any text; `now` aware and local (Europe/Stockholm); the word lists (`Lexicon.extra`); `same_as`, aware, what
    "samma tid" and "en timme senare" count from. Out: always after `now` and within 180 days. Never raises on any text.
    """
    known = grammar(words)
    facts = _facts(read_terms(text, known), known)
    kept, refused = split_clauses(facts)
    specs = alternatives(kept)[:_MOST]
    if not [spec for spec in specs if set(spec.wholes) - {"past"} or spec.has_days or spec.has_hours]:
        return Unread(_why_nothing(kept, refused))
    resolver = Resolver(now, same_as, known.parts, _talked_of(refused, now))
    read: list[When] = []
    trouble = ""
    for spec in specs:
        try:
            read.append(resolver.resolve(spec, alone=len(specs) == 1))
        except NoTime as problem:
            trouble = trouble or str(problem)
    if not read or (trouble and trouble not in (NAMES_NONE, "already past")):
        return Unread(trouble)
    first, *others = [_without(when, refused, now) for when in read]
    if not first.exact and _refuses_hours_only(refused):
        return Unread(WHEN_NOT)
    return replace(first, also=tuple(other for other in others if other.start != first.start or other.end != first.end))


def _refuses_hours_only(refused: Sequence[Fact]) -> bool:
    says_day = any(isinstance(fact, DayFact) for fact in refused)
    return not says_day and any(isinstance(fact, TimeFact) for fact in refused)


def _without(when: When, refused: Sequence[Fact], now: datetime) -> When:
    """The days in a window that were refused ("nästa vecka men inte onsdag")."""
    days = (when.end.date() - when.start.date()).days
    if not days or not any(isinstance(fact, DayFact) for fact in refused):
        return when
    elsewhere = any(isinstance(fact, Week) for fact in refused)  # "torsdag i den här veckan" is no other Thursday
    weekdays = {fact.number for fact in refused if isinstance(fact, Weekday) and not elsewhere}
    dates = [found[0] for fact in refused if isinstance(fact, OnDate | RelativeDay) and (found := _days_of(fact, now))]
    window = [when.start.date() + timedelta(days=step) for step in range(days + 1)]
    not_on = tuple(day for day in window if day.weekday() in weekdays or day in dates)
    return replace(when, not_on=not_on, assumed=(*when.assumed, *(f"not on {day}" for day in not_on)))


def _why_nothing(kept: Sequence[Fact], refused: Sequence[Fact]) -> str:
    if any(not isinstance(fact, Join) for fact in refused):
        return WHEN_NOT
    if any(isinstance(fact, Whole) and fact.key == "past" for fact in kept):
        return "it speaks of the past"
    return NAMES_NONE


def _talked_of(refused: Sequence[Fact], now: datetime) -> Days | None:
    """The days of a clause that was refused: "nästa vecka går inte, men veckan efter" counts from them."""
    for fact in reversed(refused):
        if isinstance(fact, DayFact):
            return _days_of(fact, now)
    return None


def _days_of(fact: DayFact, now: datetime) -> Days | None:
    try:
        return Calendar(now.date(), None, None).find([Item(fact)], None, today_fits=False)
    except NoTime:
        return None


def _facts(terms: Sequence[Term], known: Grammar) -> list[Fact]:
    """Every fact in the text, with what joins them; what says nothing about time is passed over."""
    days = DayReader(terms, known)
    clocks = Clocks(terms, known.half_before)
    facts: list[Fact] = []
    place = 0
    while place < len(terms):
        if terms[place].unknown:
            place += 1
            continue
        found = days.read(place)
        if found is not None:
            facts += found[0]
            place = found[1]
            continue
        hour = clocks.read(place)
        if hour is not None:
            facts.append(hour[0])
            place = hour[1]
            continue
        facts += [Join(joint) for joint in _joints(terms, place)]
        place += 1
    return facts


def _joints(terms: Sequence[Term], place: int) -> tuple[str, ...]:
    """What the term joins or refuses. A "not" right before a time refuses only what follows it."""
    term = terms[place]
    if term.is_a("instead_of"):
        return "but", "not"
    if term.is_a("not"):
        before_time = place + 1 < len(terms) and terms[place + 1].is_a(*_TIMES)
        return ("but", "not") if before_time else ("not",)
    if term.is_a("in"):
        return ("if",)
    kind = next((kind for kind in _JOINS if term.is_a(kind)), None)
    if kind is None or (kind == "stop" and _abbreviates(terms, place)):
        return ()
    return (kind,)


def _abbreviates(terms: Sequence[Term], place: int) -> bool:
    """Whether a full stop only ends a short word ("tors. 3 dec.")."""
    before = terms[place - 1] if place else None
    return before is not None and terms[place].glued and len(before.said) <= 4 and before.is_a("weekday", "month")
