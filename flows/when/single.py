"""Reading one day, week or month: weekdays, dates, weeks, months and holidays by name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from flows.when.facts import DayFact, Feast, Month, Nth, OnDate, RelativeDay, Week, Weekday, Weekend, Workdays
from flows.when.terms import Term

_Day = tuple[DayFact, int]  # a day and the place after it

BEGIN_DAY: Final = frozenset(
    "weekday day today_part feast month weekdays unit next_but_one next coming this the ordinal last number date"
    " maybe_date next_week this_week week_after_next this_month".split()
)
MODES: Final = {"next_but_one": 2, "next": 1, "coming": 1, "this": 0}
_HOUR_COMES: Final = ("at", "about", "after", "since", "before", "latest", "between", "until", "dash")
_MOST: Final = 9999  # no count of days, weeks or months is larger; what is larger is further away than any calendar


class SingleDays:
    """Reads single days out of one text's terms."""

    def __init__(self, terms: Sequence[Term]) -> None:
        self.terms = terms
        self.known_days: dict[int, _Day | None] = {}

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

    def day(self, place: int) -> _Day | None:
        """One day, week or month that begins here."""
        if place not in self.known_days:
            self.known_days[place] = self._day(place) if self._is(place, *BEGIN_DAY) else None
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
        mode = next((mode for mode in MODES if self._is(place, mode)), None)
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
        offset = MODES[mode]
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
