"""The facts of a text sorted into what belongs together: refused clauses taken out, alternatives apart."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from flows.when.facts import (
    Bound,
    Clock,
    DayFact,
    DayRange,
    Edge,
    Fact,
    Join,
    Month,
    Moved,
    OnDate,
    PartOfDay,
    Shade,
    Shift,
    Span,
    Week,
    Weekday,
    Whole,
)

_ENDS_CLAUSE: Final = ("but", "stop", "comma", "if")
_SPLITS: Final = ("and", "slash")


@dataclass(frozen=True, slots=True)
class Item:
    """One day said, with what moves it and what makes a limit of it; no fact: the day that was talked about before."""

    fact: DayFact | DayRange | None
    shifts: tuple[Shift, ...] = ()
    edge: str | None = None


@dataclass(slots=True)
class Spec:
    """One alternative: its days and its hours."""

    items: list[Item] = field(default_factory=list)
    clock: Clock | None = None
    span: Span | None = None
    lower: Clock | None = None
    upper: Clock | None = None
    parts: list[str] = field(default_factory=list)
    shade: str | None = None
    moved: Moved | None = None
    wholes: list[str] = field(default_factory=list)

    @property
    def has_days(self) -> bool:
        """Whether a day is said."""
        return bool(self.items) or "same_day" in self.wholes

    @property
    def has_hours(self) -> bool:
        """Whether a time of day is said."""
        hours = self.clock or self.span or self.lower or self.upper or self.parts or self.moved
        return bool(hours) or "same_time" in self.wholes

    @property
    def empty(self) -> bool:
        """Whether nothing is said at all."""
        return not (self.has_days or self.has_hours or self.wholes)

    def take_hours(self, other: Spec) -> None:
        """The same hours as another alternative."""
        self.clock, self.span, self.lower, self.upper = other.clock, other.span, other.lower, other.upper
        self.parts, self.moved = list(other.parts), other.moved


def split_clauses(facts: Sequence[Fact]) -> tuple[list[Fact], list[Fact]]:
    """The facts that are meant, and those of clauses with a "not" in them."""
    kept: list[Fact] = []
    refused: list[Fact] = []
    clause: list[Fact] = []
    for fact in [*facts, Join("stop")]:
        clause.append(fact)
        if isinstance(fact, Join) and fact.kind in _ENDS_CLAUSE:
            into = refused if any(isinstance(said, Join) and said.kind == "not" for said in clause) else kept
            into += clause
            clause = []
    return kept, refused


def alternatives(facts: Sequence[Fact]) -> list[Spec]:
    """One spec for each time that is offered ("tisdag eller onsdag kl 14"), what is shared filled in."""
    specs = [spec for spec in _Sorter().sort(facts) if not spec.empty]
    _share_days(specs)
    _share_hours(specs)
    return specs


class _Sorter:
    """Puts facts into specs one by one; a second fact of a kind begins a new alternative."""

    def __init__(self) -> None:
        self.spec = Spec()
        self.shifts: tuple[Shift, ...] = ()
        self.edge: str | None = None
        self.joint: str | None = None

    def sort(self, facts: Sequence[Fact]) -> Iterator[Spec]:
        for fact in facts:
            if isinstance(fact, Join):
                if fact.kind == "or":
                    self._close_item()
                    yield self._new()
                self.joint = fact.kind if fact.kind in (*_SPLITS, "comma", "or") else self.joint
                continue
            if self._collides(fact):
                yield self._new()
            self._add(fact)
            self.joint = None
        self._close_item()
        yield self.spec

    def _new(self) -> Spec:
        done, self.spec = self.spec, Spec()
        return done

    def _close_item(self) -> None:
        """A shift with no day after it counts from the day that was talked about before."""
        if self.shifts:
            self.spec.items.append(Item(None, self.shifts, self.edge))
        self.shifts, self.edge = (), None

    def _collides(self, fact: Fact) -> bool:
        spec = self.spec
        if isinstance(fact, Clock | Span):
            return spec.clock is not None or spec.span is not None
        if isinstance(fact, Bound):
            return (spec.lower if fact.side == "after" else spec.upper) is not None
        if isinstance(fact, PartOfDay):
            return bool(spec.parts) and (self.joint is not None or fact.key in spec.parts)
        if isinstance(fact, DayFact | DayRange):
            return any(self._quarrels(item, fact) for item in spec.items)
        return False

    def _quarrels(self, item: Item, fact: DayFact | DayRange) -> bool:
        """Whether two days cannot describe one: two of a sort, or two that "och" stands between."""
        if item.edge != self.edge or item.fact is None or item.shifts != self.shifts:
            return False
        if type(item.fact) is type(fact):
            return True
        apart = self.joint in _SPLITS
        return apart and not isinstance(fact, Week | Month) and not isinstance(item.fact, Week | Month)

    def _add(self, fact: Fact) -> None:
        spec = self.spec
        if isinstance(fact, DayFact | DayRange):
            spec.items.append(Item(fact, self.shifts, self.edge))
            self.shifts, self.edge = (), None
        elif isinstance(fact, Edge):
            self.edge = fact.side
        elif isinstance(fact, Shift):
            self.shifts = (*self.shifts, fact)
        elif isinstance(fact, Clock):
            spec.clock = fact
        elif isinstance(fact, Span):
            spec.span = fact
        elif isinstance(fact, Bound):
            if fact.side == "after":
                spec.lower = fact.clock
            else:
                spec.upper = fact.clock
        elif isinstance(fact, PartOfDay):
            spec.parts.append(fact.key)
        elif isinstance(fact, Shade):
            spec.shade = spec.shade or fact.which
        elif isinstance(fact, Moved):
            spec.moved = fact
        elif isinstance(fact, Whole):
            spec.wholes.append(fact.key)


def _share_days(specs: list[Spec]) -> None:
    """Such as "torsdag kl 14 eller 15", "14 eller 15 på torsdag", "nästa vecka tisdag eller onsdag"."""
    for place, spec in enumerate(specs):
        near = [specs[other] for other in (place - 1, place + 1) if 0 <= other < len(specs)]
        if not spec.has_days and not set(spec.wholes) & {"now", "asap", "anytime"}:
            source = next((other for other in near if other.has_days), None)
            if source is not None and spec.has_hours:
                spec.items = list(source.items)
                spec.wholes += [key for key in source.wholes if key == "same_day"]
        elif [type(item.fact) for item in spec.items] == [Weekday]:
            spec.items += next((found for other in near if (found := _context(other))), [])
        _share_month(spec, near)


def _context(spec: Spec) -> list[Item]:
    if not any(isinstance(item.fact, Weekday) for item in spec.items):
        return []
    return [item for item in spec.items if isinstance(item.fact, Week | Month) and item.edge is None]


def _share_month(spec: Spec, near: list[Spec]) -> None:
    """Such as "den 3 eller 4 december": the first lacks the month."""
    for place, item in enumerate(spec.items):
        if isinstance(item.fact, OnDate) and item.fact.month is None:
            months = [
                other.fact.month
                for one in near
                for other in one.items
                if isinstance(other.fact, OnDate) and other.fact.month
            ]
            if months:
                spec.items[place] = replace(item, fact=replace(item.fact, month=months[0]))


def _share_hours(specs: list[Spec]) -> None:
    """Such as "tisdag eller onsdag kl 14": the hour is said once, at the end."""
    for spec, following in zip(reversed(specs[:-1]), reversed(specs[1:]), strict=True):
        if spec.has_days and not spec.has_hours and following.has_days and following.has_hours:
            spec.take_hours(following)
