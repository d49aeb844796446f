"""Reading hours: "kl 14", "halv två", "fem i halv två", "kvart över tre", "13-15", "efter tre", "mellan 10 och 12"."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from flows.when.facts import Bound, Clock, Fact, Span
from flows.when.terms import Term

Found = tuple[Fact, int]  # a fact and the place after it

_SPOKEN_MINUTES: Final = frozenset({5, 10, 15, 20, 25})
_AFTER: Final = ("after", "since")
_BEFORE: Final = ("before", "latest")
_SAYS_HOUR: Final = ("clock", "half", "half_past", "half_number", "quarter", "about_number")
_BEGIN: Final = (*_AFTER, *_BEFORE, *_SAYS_HOUR, "number", "at", "about", "between")
_BESIDE_NUMBER: Final = ("unit", "year")


class Clocks:
    """Reads hours out of one text's terms."""

    def __init__(self, terms: Sequence[Term], half_before: bool) -> None:
        self.terms = terms
        self.half_before = half_before

    def read(self, place: int) -> Found | None:
        """The longest reading of hours that begins here."""
        if not self._is(place, *_BEGIN):
            return None
        return self._span(place) or self._bound(place) or self._hour(place)

    def _term(self, place: int) -> Term | None:
        return self.terms[place] if 0 <= place < len(self.terms) else None

    def _is(self, place: int, *kinds: str) -> bool:
        return 0 <= place < len(self.terms) and not self.terms[place].means.keys().isdisjoint(kinds)

    def _lead(self, place: int) -> tuple[int, bool, bool]:
        """Past "kl", "vid", "runt": the place, whether one stood there, whether it makes the hour a rough one."""
        begin, about = place, False
        while self._is(place, "at", "about"):
            about = about or not self._is(place, "at")
            place += 1
        return place, place > begin, about

    def _span(self, place: int) -> Found | None:
        """Such as "13-15", "mellan 10 och 12", "från 9 till 11"."""
        opened = self._is(place, "between", "since")
        between = self._is(place, "between")
        start, marked, _ = self._lead(place + opened)
        first = self.clock(start, opened or marked)
        if first is None:
            return None
        joint = first[1]
        if not (self._is(joint, "dash", "until") or (between and self._is(joint, "and"))):
            return None
        after, led, _ = self._lead(joint + 1)
        last = self.clock(after, True)
        if last is None:
            return None
        if not (opened or marked or led) and not self._stands_free(start, last[1], last[0]):
            return None
        return Span(first[0], last[0]), last[1]

    def _bound(self, place: int) -> Found | None:
        """Such as "efter tre", "före kl 12", "senast 15"."""
        for side, kinds in (("after", _AFTER), ("before", _BEFORE)):
            if self._is(place, *kinds):
                start, marked, _ = self._lead(place + 1)
                found = self.clock(start, True)
                if found and (marked or not self._counts_something(start, found[1])):
                    return Bound(side, found[0]), found[1]
        return None

    def _hour(self, place: int) -> Found | None:
        start, marked, about = self._lead(place)
        found = self.clock(start, marked)
        if found is None:
            return None
        clock, end = found
        if not self._stands_free(start, end, clock) if not marked else self._counts_something(start, end):
            return None
        if self._is(end, "later_open"):
            return Bound("after", clock), end + 1
        if self._is(end, "earlier_open"):
            return Bound("before", clock), end + 1
        return Clock(clock.minutes, clock.fixed, clock.about or about), end

    def clock(self, place: int, marked: bool) -> tuple[Clock, int] | None:
        """One hour that begins here; `marked` when words before it say that it is one."""
        term = self._term(place)
        if term is None:
            return None
        if term.is_a("clock"):
            hour, minute = term.means["clock"]
            return Clock(hour * 60 + minute, bool(term.get("zero")) or hour >= 13 or hour == 0), place + 1
        if term.is_a("about_number"):
            return _clock(term.means["about_number"], 0, about=True), place + 1
        if term.is_a("half_number"):
            return self._shift_half(_clock(term.means["half_number"], 0)), place + 1
        return self._spoken(place) or self._plain(place, marked)

    def _spoken(self, place: int) -> tuple[Clock, int] | None:
        """Such as "halv två", "kvart i tre", "tio över fyra", "fem i halv två"."""
        if self._is(place, "half"):
            return self._half(place)
        if self._is(place, "half_past"):
            full = self._full(place + 1)
            return (Clock((full[0].minutes + 30) % 1440, full[0].fixed), full[1]) if full else None
        minutes, after = self._minutes(place)
        if minutes is None or not self._is(after, "past", "to"):
            return None
        sign = 1 if self._is(after, "past") and not self._is(after, "to") else -1
        if self._is(after, "past") and self._is(after, "to"):
            sign = 1
        whole = self._half(after + 1) if self._is(after + 1, "half") else self._full(after + 1)
        if whole is None:
            return None
        return Clock((whole[0].minutes + sign * minutes) % 1440, whole[0].fixed), whole[1]

    def _minutes(self, place: int) -> tuple[int | None, int]:
        if self._is(place, "quarter"):
            return 15, place + 1
        term = self._term(place)
        value = term.get("number") if term else None
        if value is None:
            return None, place
        following = self._term(place + 1)
        if following is not None and following.get("unit") == "minute" and value < 60:
            return value, place + 2
        return (value, place + 1) if value in _SPOKEN_MINUTES else (None, place)

    def _half(self, place: int) -> tuple[Clock, int] | None:
        whole = self._full(place + 1)
        return None if whole is None else (self._shift_half(whole[0]), whole[1])

    def _shift_half(self, whole: Clock) -> Clock:
        shift = -30 if self.half_before else 30
        return Clock((whole.minutes + shift) % 1440, whole.fixed)

    def _full(self, place: int) -> tuple[Clock, int] | None:
        """A whole hour in words or digits."""
        term = self._term(place)
        value = term.get("number") if term else None
        if term is None or value is None or not 0 <= value <= 23 or term.get("digits") not in (None, 1, 2):
            return None
        return _clock(value, 0, zero=bool(term.get("zero"))), place + 1

    def _plain(self, place: int, marked: bool) -> tuple[Clock, int] | None:
        """Such as "14", "1430", "14 30", "3 pm"; and "2-tiden" in two words."""
        term = self.terms[place]
        value, digits = term.get("number"), term.get("digits")
        if value is None:
            return None
        if digits in (3, 4) and (marked or (digits == 4 and value % 5 == 0)):
            hour, minute = divmod(value, 100)
            valid = hour <= 23 and minute <= 59
            return (_clock(hour, minute, zero=bool(term.get("zero"))), place + 1) if valid else None
        whole = self._full(place)
        if whole is None:
            return None
        following = self._term(place + 1)
        if following is not None and following.is_a("am", "pm"):
            hour = value % 12 + (12 if following.is_a("pm") else 0)
            return (Clock(hour * 60, True), place + 2) if 1 <= value <= 12 else whole
        minutes = digits and following is not None and following.get("digits") == 2 and _minute(following, marked)
        if minutes and following is not None and not self._is(place + 2, "month", "unit"):
            return _clock(value, following.means["number"], zero=bool(term.get("zero"))), place + 2
        spoken = self._spoken_minutes(place + 1, marked)
        if spoken is not None:
            return _clock(value, spoken[0]), spoken[1]
        if self._is(place + 1, "about_ending"):
            return _clock(value, 0, about=True), place + 2
        if self._is(place + 1, "dash") and self._is(place + 2, "about_ending"):
            return _clock(value, 0, about=True), place + 3
        return whole

    def _spoken_minutes(self, place: int, marked: bool) -> tuple[int, int] | None:
        """The second half of "fjorton trettio" and "kl fjorton och trettio"."""
        at = place + 1 if marked and self._is(place, "and") else place
        term = self._term(at)
        value = term.get("number") if term is not None and term.get("digits") is None else None
        if value is None or not 10 <= value < 60 or value % 5 or self._is(at + 1, "month", "unit"):
            return None
        return value, at + 1

    def _counts_something(self, start: int, end: int) -> bool:
        """Whether what looks like an hour counts things: "efter en promenad", "vid 2 tillfällen", "om 3 dagar"."""
        following = self._term(end)
        if following is None or end - start > 1 or self._is(start, "clock", "about_number"):
            return False
        if following.get("unit") == "week" and self._is(end + 1, "number"):
            return False
        article = (
            self._is(start, "number")
            and self.terms[start].get("digits") is None
            and self.terms[start].get("number") == 1
        )
        return following.is_a(*_BESIDE_NUMBER) or (article and (following.unknown or following.is_a("weekday", "part")))

    def _stands_free(self, start: int, end: int, clock: Clock) -> bool:
        """Whether a number that nothing marks as an hour has only words about time, or none, beside it."""
        if self._is(start, *_SAYS_HOUR) or end - start > 2 or clock.about:
            return True
        if self._counts_something(start, end):
            return False
        before, following = self._term(start - 1), self._term(end)
        if before is not None and (before.unknown or before.is_a("the")):
            return False
        if following is None or following.is_a("stop", "comma"):
            return True
        article = self.terms[start].get("number") == 1 and self.terms[start].get("digits") is None
        return not article and not following.unknown


def _minute(term: Term, marked: bool) -> bool:
    value = int(term.means["number"])
    return value <= 59 and (marked or value % 5 == 0)


def _clock(hour: int, minute: int, zero: bool = False, about: bool = False) -> Clock:
    return Clock(hour * 60 + minute, zero or hour >= 13 or hour == 0, about)
