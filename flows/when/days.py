"""Reading days: weekdays, dates, weeks, months, holidays and days counted from today."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from flows.when.facts import (
    Ahead,
    DayFact,
    DayRange,
    Edge,
    Fact,
    Feast,
    Month,
    Moved,
    Nth,
    OnDate,
    PartOfDay,
    RelativeDay,
    Shade,
    Shift,
    Week,
    Weekday,
    Weekend,
    Whole,
    Workdays,
)
from flows.when.terms import Term

Found = tuple[list[Fact], int]  # facts and the place after them
_Day = tuple[DayFact, int]

_EDGES: Final = ("after", "since", "before", "latest")
_SHIFTS: Final = {
    "day_after": (1, "day"),
    "day_before": (-1, "day"),
    "week_after": (1, "week"),
    "week_before": (-1, "week"),
}
_BEGIN_DAY: Final = frozenset(
    "weekday day today_part feast month weekdays unit next_but_one next coming this the ordinal last number date"
    " maybe_date next_week this_week week_after_next this_month".split()
)
_BEGIN_RANGE: Final = _BEGIN_DAY | {"between", "since"}
_HOUR_COMES: Final = ("at", "about", "after", "since", "before", "latest", "between", "until", "dash")
_MOST: Final = 9999  # no count of days, weeks or months is larger; what is larger is further away than any calendar
_MODES: Final = {"next_but_one": 2, "next": 1, "coming": 1, "this": 0}
_MINUTES: Final = {"minute": 1, "half_hour": 30, "hour": 60}


class Days:
    """Reads days out of one text's terms."""

    def __init__(self, terms: Sequence[Term], past_before: frozenset[str]) -> None:
        self.terms = terms
        self.past_before = past_before
        self.known_days: dict[int, _Day | None] = {}
        self.readers: tuple[tuple[frozenset[str], Callable[[int], Found | None]], ...] = (
            (_BEGIN_RANGE, self._range),
            (frozenset({"feast_week"}), self._feast_week),
            (frozenset({*_SHIFTS, "number"}), self._shift),
            (frozenset(_EDGES), self._edge),
            (frozenset({"in", "in_one", "within"}), self._counted),
            (frozenset({"number", "quarter", "unit"}), self._moved),
            (_BEGIN_DAY, self._one),
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

    def _term(self, place: int) -> Term | None:
        return self.terms[place] if 0 <= place < len(self.terms) else None

    def _is(self, place: int, *kinds: str) -> bool:
        return 0 <= place < len(self.terms) and not self.terms[place].means.keys().isdisjoint(kinds)

    def _unit(self, place: int) -> str | None:
        term = self._term(place)
        return term.get("unit") if term else None

    def _number(self, place: int) -> int | None:
        term = self._term(place)
        value = term.get("number") if term else None
        return None if value is None else min(value, _MOST)

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
        return [fact, *extra], end

    def day(self, place: int) -> _Day | None:
        """One day, week or month that begins here."""
        if place not in self.known_days:
            self.known_days[place] = self._day(place) if self._is(place, *_BEGIN_DAY) else None
        return self.known_days[place]

    def _day(self, place: int) -> _Day | None:
        for reader in (self._pointed, self._nth, self._of_month, self._date, self._week, self._named):
            if found := reader(place):
                return found
        return None

    def _named(self, place: int) -> _Day | None:
        term = self.terms[place]
        if term.is_a("weekday"):
            return Weekday(term.means["weekday"]), place + 1
        if term.is_a("day"):
            return RelativeDay(term.means["day"]), place + 1
        if term.is_a("today_part"):
            return RelativeDay(0), place + 1
        if term.is_a("feast"):
            return Feast(term.means["feast"]), place + 1
        if term.is_a("month"):
            return Month(number=term.means["month"]), place + 1
        if term.is_a("weekdays"):
            return Workdays(), place + 1
        if term.get("unit") == "weekend":
            return Weekend(0), place + 1
        return None

    def _pointed(self, place: int) -> _Day | None:
        """Such as "nästa torsdag", "nu på torsdag", "nästa vecka", "den här helgen", "nästa månad"."""
        mode = next((mode for mode in _MODES if self._is(place, mode)), None)
        if mode is None:
            return None
        at = place + 1
        while self._is(at, "coming", "this", "the") and not self._is(at, "weekday"):
            at += 1
        term = self._term(at)
        if term is None:
            return None
        if term.is_a("weekday"):
            return Weekday(term.means["weekday"], "next" if mode == "next_but_one" else mode), at + 1
        offset = _MODES[mode]
        unit = term.get("unit")
        if mode == "coming" and not term.is_a("unit"):
            return None
        if unit == "week" and not (self._number(at + 1) and mode == "coming"):
            return Week(offset=offset), at + 1
        if unit == "weekend":
            return Weekend(0 if mode == "coming" else offset), at + 1
        if unit == "month":
            return Month(offset=offset), at + 1
        if term.is_a("month") and mode != "coming":
            return Month(number=term.means["month"]), at + 1
        return (RelativeDay(1), at + 1) if unit == "day" and mode == "next" else None

    def _week(self, place: int) -> _Day | None:
        """Such as "vecka 49", "v. 49", "i veckan", "till veckan"."""
        term = self.terms[place]
        if term.get("unit") == "week":
            at = place + 1
            while self._is(at, "stop") and self.terms[at].glued:
                at += 1
            number = self._number(at)
            if number is not None and 1 <= number <= 53 and self.terms[at].get("digits") != 4:
                return Week(number=number), at + 1
        if term.is_a("week_after_next"):
            return Week(offset=2), place + 1
        if term.is_a("this_month"):
            return Month(), place + 1
        if term.is_a("next_week"):
            return Week(offset=1), place + 1
        if term.is_a("this_week"):
            return Week(offset=0), place + 1
        return None

    def _nth(self, place: int) -> _Day | None:
        """Such as "första torsdagen i januari", "sista veckan i december"."""
        at = place + self._is(place, "the")
        term = self._term(at)
        if term is None or not term.is_a("ordinal", "last"):
            return None
        count = -1 if term.is_a("last") else int(term.means["ordinal"])
        following = self._term(at + 1)
        if following is None or not (count == -1 or 1 <= count <= 5):
            return None
        named = following.is_a("weekday") or following.get("unit") == "week"
        end = at + 2
        while self._is(end, "of") and not self._is(end, "month"):
            end += 1
        if not named or not (
            self._is(end, "month") or (self._is(end, "next", "this") and self._unit(end + 1) == "month")
        ):
            return None
        return Nth(count, following.get("weekday")), at + 2

    def _of_month(self, place: int) -> _Day | None:
        """Such as "den 3 december", "3:e dec", "december 3", "3:e i 12:e", and the first of "3 eller 4 december"."""
        at = place + self._is(place, "the")
        number = self._day_number(at)
        if number is None:
            if (
                self._is(place, "month")
                and (day := self._day_number(place + 1))
                and not self._is(place + 2, "unit", "until")
            ):
                return OnDate(day, self.terms[place].means["month"]), place + 2
            return None
        end = at + 1
        if self._is(end, "of") and self._is(end + 1, "month"):
            end += 1
        if self._is(end, "month"):
            return OnDate(number, self.terms[end].means["month"], self._year(end + 1)), end + 1 + bool(
                self._year(end + 1)
            )
        if self._is(end, "of") and self._is(end + 1, "ordinal") and self.terms[end + 1].means["ordinal"] <= 12:
            return OnDate(number, self.terms[end + 1].means["ordinal"]), end + 2
        if self._is(end, "or", "and", "comma") and self._day_number(end + 1) and self._is(end + 2, "month"):
            return OnDate(number, self.terms[end + 2].means["month"]), end
        return None

    def _year(self, place: int) -> int | None:
        term = self._term(place)
        value = self._number(place)
        return value if term and value and term.get("digits") == 4 and 2000 <= value < 2100 else None

    def _day_number(self, place: int) -> int | None:
        term = self._term(place)
        if term is None or term.get("digits") not in (None, 1, 2):
            return None
        value = term.get("ordinal") or term.get("number")
        return value if value and 1 <= value <= 31 else None

    def _date(self, place: int) -> _Day | None:
        """Such as "3/12", "2026-12-03", "den 3", "3:e"."""
        term = self.terms[place]
        if term.is_a("date"):
            year, month, day = term.means["date"]
            return OnDate(day, month, year), place + 1
        if term.is_a("maybe_date") and not self._is(place - 1, *_HOUR_COMES):
            day, month = term.means["maybe_date"]
            return OnDate(day, month), place + 1
        if term.get("digits") == 2 and 24 <= term.means["number"] <= 31 and self._is(place - 1, "weekday"):
            return OnDate(term.means["number"]), place + 1
        if term.is_a("marked"):
            return (OnDate(term.means["ordinal"]), place + 1) if 1 <= term.means["ordinal"] <= 31 else None
        following = self._term(place + 1)
        if not term.is_a("the") or following is None:
            return None
        number = self._day_number(place + 1)
        after = self._term(place + 2)
        counts = after is not None and (after.unknown or after.is_a("unit", "weekday"))
        if number is None or (counts and not following.is_a("marked")):
            return None
        return OnDate(number), place + 2

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
        if self._is(at, "unknown_day"):
            return [Whole("unknown_limit")], at + 1
        return ([Edge(side)], at) if self._term(at) and (self.day(at) or self._is(at, *_MODES)) else None

    def _counted(self, place: int) -> Found | None:
        """Such as "om tre dagar", "om ett par veckor", "inom en vecka", "om en kvart"."""
        if self._is(place, "in_one") and (one := self._unit(place + 1)):
            return [Ahead(1, one)], place + 2
        if not self._is(place, "in", "within"):
            return None
        within = self._is(place, "within")
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
