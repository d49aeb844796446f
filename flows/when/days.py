"""Reading what is said about days: ranges, limits, days counted from today or from another, and parts of the day."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from flows.when.facts import (
    Ahead,
    Bound,
    Clock,
    DayRange,
    Edge,
    Fact,
    Feast,
    Join,
    Moved,
    OnDate,
    PartOfDay,
    RelativeDay,
    Shade,
    Shift,
    Week,
    Weekday,
    Whole,
)
from flows.when.single import BEGIN_DAY, MODES, SingleDays
from flows.when.terms import Grammar, Term

Found = tuple[list[Fact], int]  # facts and the place after them

_EDGES: Final = ("after", "since", "before", "latest")
_SHIFTS: Final = {
    "day_after": (1, "day"),
    "day_before": (-1, "day"),
    "week_after": (1, "week"),
    "week_before": (-1, "week"),
}
_BEGIN_RANGE: Final = BEGIN_DAY | {"between", "since"}
_MINUTES: Final = {"minute": 1, "half_hour": 30, "hour": 60}


class Days(SingleDays):
    """Reads everything about days out of one text's terms."""

    def __init__(self, terms: Sequence[Term], known: Grammar) -> None:
        super().__init__(terms)
        self.past_before = known.past_before
        self.parts = known.parts
        self.readers: tuple[tuple[frozenset[str], Callable[[int], Found | None]], ...] = (
            (_BEGIN_RANGE, self._range),
            (frozenset({"feast_week"}), self._feast_week),
            (frozenset({*_SHIFTS, "number"}), self._shift),
            (frozenset(_EDGES), self._edge),
            (frozenset({"in", "in_one", "within"}), self._counted),
            (frozenset({"number"}), self._from_now),
            (frozenset({"number", "quarter", "unit"}), self._moved),
            (frozenset({"unit"}), self._weeks),
            (BEGIN_DAY, self._one),
            (frozenset({"part"}), self._part),
            (frozenset({"early", "middle", "late"}), self._shade),
            (frozenset({"whole"}), self._whole),
            (frozenset({"unknown_day"}), self._unknown),
        )

    def read(self, place: int) -> Found | None:
        """The first reading that fits here, the most particular first."""
        kinds = self.terms[place].means.keys()
        for begins, reader in self.readers:
            if not kinds.isdisjoint(begins) and (found := reader(place)):
                return found
        return None

    def _one(self, place: int) -> Found | None:
        term = self._term(place)
        if term is None:
            return None
        if term.is_a("past_form") and place and self.terms[place - 1].said.lower() in self.past_before:
            return [Whole("past")], place + 1
        found = self.day(place)
        if found is None:
            return None
        fact, end = found
        last = self.terms[end - 1]
        extra: list[Fact] = [PartOfDay(last.means["with_part"])] if last.is_a("with_part") else []
        if last.is_a("today_part"):
            extra = [PartOfDay(last.means["today_part"])]
        if self._is(end, "later_open", "earlier_open"):
            return [Edge("since" if self._is(end, "later_open") else "latest"), fact, *extra], end + 1
        return [fact, *extra], end

    def _range(self, place: int) -> Found | None:
        """Such as "mån-fre", "7-9 december", "mellan måndag och onsdag", "från 3/12 till 5/12"."""
        opened = self._is(place, "between", "since")
        at = place + opened
        while self._is(at, "coming", "of") and not self._is(at, "weekday"):
            at += 1
        first = self.day(at) if self._term(at) else None
        if first is None:
            return self._number_range(at, opened)
        joints = ("dash", "until", "and") if self._is(place, "between") else ("dash", "until")
        if not self._is(first[1], *joints) or not isinstance(first[0], Weekday | OnDate | RelativeDay | Feast):
            return None
        last = self.day(first[1] + 1) if self._term(first[1] + 1) else None
        if last is None or not isinstance(last[0], Weekday | OnDate | RelativeDay | Feast):
            return None
        return [DayRange(first[0], last[0])], last[1]

    def _number_range(self, place: int, opened: bool) -> Found | None:
        """A day's number alone before the joint: "7-9 december", "7-9/12", "den 7 till 9"."""
        number = self._day_number(place + self._is(place, "the"))
        joint = place + self._is(place, "the") + 1
        if number is None or not (self._is(joint, "dash", "until") or (opened and self._is(joint, "and"))):
            return None
        last = self.day(joint + 1) if self._term(joint + 1) else None
        if last is None or not isinstance(last[0], OnDate) or (last[0].month is None and not self._is(place, "the")):
            return None
        return [DayRange(OnDate(number, last[0].month, last[0].year), last[0])], last[1]

    def _weeks(self, place: int) -> Found | None:
        """Such as "v 49-50" and "vecka 50 eller 51"."""
        first = self._week(place)
        if first is None or first[0] == Week(offset=0) or not self._is(first[1], "dash", "until", "or", "and"):
            return None
        number = self._number(first[1] + 1)
        if number is None or not 1 <= number <= 53 or self._is(first[1] + 2, "unit", "dash", "month"):
            return None
        last = Week(number=number)
        if self._is(first[1], "or", "and"):
            return [first[0], Join("or"), last], first[1] + 2
        return [DayRange(first[0], last)], first[1] + 2

    def _feast_week(self, place: int) -> Found | None:
        term = self.terms[place]
        return ([Shift(0, "week"), Feast(term.means["feast_week"])], place + 1) if term.is_a("feast_week") else None

    def _shift(self, place: int) -> Found | None:
        """Such as "dagen efter ...", "veckan före ...", "två dagar efter ..."; the day itself comes next."""
        for kind, (count, unit) in _SHIFTS.items():
            if self._is(place, kind):
                return [Shift(count, unit)], place + 1
        count_said = self._number(place)
        unit_said = self._unit(place + 1)
        counted = count_said and unit_said in ("day", "week") and self._is(place + 2, "after", "before")
        if not counted or not count_said or not unit_said or not self._term(place + 3) or not self.day(place + 3):
            return None
        sign = 1 if self._is(place + 2, "after") else -1
        return [Shift(sign * count_said, unit_said)], place + 3

    def _edge(self, place: int) -> Found | None:
        """A day as a limit; of hours and parts of the day others take care."""
        side = next((side for side in _EDGES if self._is(place, side)), None)
        if side is None:
            return None
        at = place + 1
        while self._is(at, "coming", "of") and not self._is(at, "weekday", "this_week"):
            at += 1
        if self._is(at, "part"):
            return [self._beside_part(side, self.terms[at].means["part"])], at + 1
        if self._is(at, "unknown_day"):
            return [Whole("unknown_limit")], at + 1
        return ([Edge(side)], at) if self._term(at) and (self.day(at) or self._is(at, *MODES)) else None

    def _beside_part(self, side: str, key: str) -> Fact:
        """Such as "strax efter lunch": from where the part ends, or until it begins."""
        part = self.parts[key]
        edge = part.ends if side in ("after", "since") else part.begins
        return Bound(
            "after" if side in ("after", "since") else "before", Clock(edge.hour * 60 + edge.minute, fixed=True)
        )

    def _counted(self, place: int) -> Found | None:
        """Such as "om tre dagar", "om ett par veckor", "inom en vecka", "om en kvart"."""
        if self._is(place, "in_one") and (one := self._unit(place + 1)):
            return [Ahead(1, one)], place + 2
        if not self._is(place, "in", "within"):
            return None
        within = self._is(place, "within")
        while self._is(place + 1, "at", "about"):
            place += 1
        if self._is(place + 1, "quarter"):
            return [Ahead(15, "minute", within)], place + 2
        few = self._is(place + 1, "few")
        number = 2 if few else self._number(place + 1)
        at = place + 2
        if number is None:
            number, at = 1, place + 1
        unit = self._unit(at)
        if unit is None or (number == 1 and at == place + 1 and unit not in _MINUTES):
            return None
        return [Ahead(number, unit, within, few)], at + 1

    def _from_now(self, place: int) -> Found | None:
        """Such as "tre veckor från nu"."""
        number, unit = self._number(place), self._unit(place + 1)
        return ([Ahead(number, unit)], place + 3) if number and unit and self._is(place + 2, "from_now") else None

    def _moved(self, place: int) -> Found | None:
        """Such as "en timme senare", "en kvart tidigare": counted from what was agreed."""
        number, at = self._number(place), place + 1
        if self._is(place, "quarter"):
            minutes: int | None = 15
        elif self._unit(place) == "half_hour":
            minutes = 30
        else:
            unit = self._unit(at)
            at += 1
            minutes = number * _MINUTES[unit] if number and unit in _MINUTES else None
            if number and unit in ("day", "week") and self._is(at, "later", "earlier"):
                days = number * (7 if unit == "week" else 1)
                return [Moved(days=days if self._is(at, "later") else -days)], at + 1
        if minutes is None or not self._is(at, "later", "earlier"):
            return None
        return [Moved(minutes if self._is(at, "later") else -minutes)], at + 1

    def _part(self, place: int) -> Found | None:
        term = self.terms[place]
        return ([PartOfDay(term.means["part"])], place + 1) if term.is_a("part") else None

    def _shade(self, place: int) -> Found | None:
        which = next((which for which in ("early", "middle", "late") if self._is(place, which)), None)
        return ([Shade(which)], place + 1) if which else None

    def _unknown(self, place: int) -> Found | None:
        """A word that names a day, but none that is known ("orsdag", "sportlovet")."""
        return [Whole("unknown_day")], place + 1

    def _whole(self, place: int) -> Found | None:
        term = self.terms[place]
        return ([Whole(term.means["whole"])], place + 1) if term.is_a("whole") else None
