"""The door of this package: a text, the time now and the word lists in; a time, or why there is none, out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from flows.when.answer import NoTime, Unread, When
from flows.when.calendar import Calendar, Days
from flows.when.clocks import Clocks
from flows.when.days import Days as DayReader
from flows.when.facts import DayFact, Fact, Join, Whole
from flows.when.resolve import Resolver
from flows.when.spec import Item, alternatives, split_clauses
from flows.when.terms import Grammar, Term, grammar, read_terms

_JOINS: Final = ("not", "but", "or", "comma", "stop", "slash", "and")
_MOST: Final = 8  # so many times are read out of one text; nobody offers more
_NOTHING: Final = "no day and no hour in it"


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
    if not read or (trouble and trouble not in (_NOTHING, "already past")):
        return Unread(trouble)
    first, *others = read
    return replace(first, also=tuple(other for other in others if other.start != first.start or other.end != first.end))


def _why_nothing(kept: Sequence[Fact], refused: Sequence[Fact]) -> str:
    if any(not isinstance(fact, Join) for fact in refused):
        return "it says when not"
    if any(isinstance(fact, Whole) and fact.key == "past" for fact in kept):
        return "it speaks of the past"
    return _NOTHING


def _talked_of(refused: Sequence[Fact], now: datetime) -> Days | None:
    """The days of a clause that was refused: "nästa vecka går inte, men veckan efter" counts from them."""
    for fact in reversed(refused):
        if isinstance(fact, DayFact):
            try:
                return Calendar(now.date(), None, None).find([Item(fact)], None, today_fits=False)
            except (NoTime, ValueError, OverflowError):
                return None
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
        joint = _joint(terms, place)
        if joint is not None:
            facts.append(Join(joint))
        place += 1
    return facts


def _joint(terms: Sequence[Term], place: int) -> str | None:
    term = terms[place]
    if term.is_a("in"):
        return "if"
    if term.means.keys().isdisjoint(_JOINS):
        return None
    kind = next(kind for kind in _JOINS if term.is_a(kind))
    if (
        kind == "stop"
        and term.glued
        and place
        and len(terms[place - 1].said) <= 4
        and terms[place - 1].is_a("weekday", "month")
    ):
        return None
    return kind
