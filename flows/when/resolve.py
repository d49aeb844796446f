"""From what is said to a minute or a window, always after now."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Final

from flows.when.answer import (
    DAY_BEGINS,
    DAY_ENDS,
    FURTHEST,
    MINUTE,
    NAMES_NONE,
    NoTime,
    When,
    at,
    comes_after,
    furthest,
    later_by,
    next_minute,
)
from flows.when.calendar import Calendar, Days
from flows.when.describe import describe
from flows.when.facts import Ahead, Week
from flows.when.hours import Hours, clock_time, find_hours, written
from flows.when.spec import Spec
from flows.when.terms import Part

SOON: Final = timedelta(days=7)
"""How far "när som helst" and "så snart som möjligt" reach."""

_UNITS: Final = {"minute": 1, "half_hour": 30, "hour": 60}


class Resolver:
    """Resolves the alternatives of one text one after the other; each may lean on the one before."""

    def __init__(
        self, now: datetime, agreed: datetime | None, parts: Mapping[str, Part], talked_of: Days | None
    ) -> None:
        self.now = now
        self.agreed = agreed.astimezone(now.tzinfo) if agreed is not None else None
        self.parts = parts
        self.talked_of = talked_of

    def resolve(self, spec: Spec, alone: bool) -> When:
        """One alternative; only when it is `alone` may a bare weekday be today.

        Raises NoTime with the reason when it gives no time.
        """
        if "unknown_limit" in spec.wholes or ("unknown_day" in spec.wholes and not spec.items):
            raise NoTime("a day that is not known")
        assumed: list[str] = []
        special = self._minutes_ahead(spec, assumed) or self._moved(spec, assumed) or self._whole(spec, assumed)
        if special is not None:
            return special
        hours = find_hours(spec, self.parts, self.agreed, assumed)
        days = self._days(spec, hours, assumed, alone)
        if hours is None and spec.shade in ("early", "late") and days is not None and days[0] == days[1]:
            hours = Hours(7 * 60, 10 * 60, False) if spec.shade == "early" else Hours(15 * 60, 18 * 60, False)
            assumed.append(f"{spec.shade}: {written(hours.first)} to {written(hours.last)}")
        if days is None:
            days = self._nearest_day(hours, assumed)
        self.talked_of = days
        return self._when(days, hours, assumed, describe(spec))

    def _days(self, spec: Spec, hours: Hours | None, assumed: list[str], alone: bool) -> Days | None:
        if not spec.items:
            if "same_day" not in spec.wholes:
                return self._same_time_day(spec)
            if self.agreed is None:
                raise NoTime("the same day, but no time is agreed")
            return self.agreed.date(), self.agreed.date()
        today_fits = alone and hours is not None
        if today_fits and hours is not None:
            today_fits = comes_after(at(self.now.date(), clock_time(hours.first), self.now), self.now)
        calendar = Calendar(self.now.date(), self.agreed.date() if self.agreed else None, self.talked_of)
        first, last = calendar.find(spec.items, spec.shade, today_fits)
        assumed += calendar.assumed
        if "same_time" in spec.wholes and self.agreed and all(isinstance(item.fact, Week) for item in spec.items):
            assumed.append("the same weekday")
            day = first + timedelta(days=self.agreed.weekday())
            return day, day
        return first, last

    def _same_time_day(self, spec: Spec) -> Days | None:
        """Such as "samma tid" and no day: the day agreed, or that weekday as soon as it comes."""
        if "same_time" not in spec.wholes or self.agreed is None:
            return None
        day, clock = self.agreed.date(), self.agreed.time().replace(second=0, microsecond=0)
        while not comes_after(at(day, clock, self.now), self.now):
            day += timedelta(days=7)
        return day, day

    def _nearest_day(self, hours: Hours | None, assumed: list[str]) -> Days:
        """No day is said: the day that was agreed, else today while the hour is still to come, else tomorrow."""
        if hours is None:
            raise NoTime(NAMES_NONE)
        clock = clock_time(hours.last)
        today = self.now.date()
        agreed = self.agreed.date() if self.agreed is not None else None
        if agreed is not None and comes_after(at(agreed, clock, self.now), self.now):
            assumed.append("the day that was agreed")
            return agreed, agreed
        if comes_after(at(today, clock, self.now), self.now):
            assumed.append("today")
            return today, today
        assumed.append("tomorrow")
        return today + timedelta(days=1), today + timedelta(days=1)

    def _when(self, days: Days, hours: Hours | None, assumed: list[str], why: str) -> When:
        first, last = days
        begins, ends = (clock_time(hours.first), clock_time(hours.last)) if hours else (DAY_BEGINS, DAY_ENDS)
        if hours is not None and hours.exact and first == last:
            moment = at(first, begins, self.now)
            if not comes_after(moment, self.now):
                raise NoTime("already past")
            self._near_enough(moment)
            return When(moment, moment, True, tuple(assumed), why)
        first = self._first_day_left(first, last, ends)
        start, end = at(first, begins, self.now), at(last, ends, self.now)
        if not comes_after(start, self.now):
            start = next_minute(self.now)
        self._near_enough(start)
        limit = furthest(self.now)
        end = limit if comes_after(end, limit) else end
        if comes_after(start, end):
            raise NoTime("already past")
        daily = (begins, ends) if hours is not None and first != last else None
        return When(start, end, False, tuple(assumed), why, daily)

    def _first_day_left(self, first: date, last: date, ends: time) -> date:
        """The first of the days whose hours are not over."""
        first = max(first, self.now.date() - timedelta(days=1))
        while not comes_after(at(first, ends, self.now), self.now):
            first += timedelta(days=1)
            if first > last:
                raise NoTime("already past")
        return first

    def _near_enough(self, start: datetime) -> None:
        if comes_after(start, furthest(self.now)):
            raise NoTime("further away than 180 days")

    def _window(self, length: timedelta, assumed: list[str], why: str) -> When:
        start = next_minute(self.now)
        return When(start, later_by(start, length), False, tuple(assumed), why)

    def _minutes_ahead(self, spec: Spec, assumed: list[str]) -> When | None:
        """Such as "om en timme", "inom 20 minuter"."""
        fact = next(
            (item.fact for item in spec.items if isinstance(item.fact, Ahead) and item.fact.unit in _UNITS), None
        )
        if not isinstance(fact, Ahead):
            return None
        if fact.count * _UNITS[fact.unit] > FURTHEST.days * 24 * 60:
            raise NoTime("further away than 180 days")
        ahead = timedelta(minutes=fact.count * _UNITS[fact.unit])
        if fact.within:
            return self._window(max(ahead - MINUTE, MINUTE), assumed, describe(spec))
        moment = later_by(next_minute(self.now), ahead - (MINUTE if self.now.second == 0 else timedelta()))
        moment = max(moment, next_minute(self.now), key=lambda value: value.timestamp())
        return When(moment, moment, True, tuple(assumed), describe(spec))

    def _moved(self, spec: Spec, assumed: list[str]) -> When | None:
        """Such as "en halvtimme senare" than what was agreed."""
        if spec.moved is None:
            return None
        if self.agreed is None:
            raise NoTime("later or earlier, but no time is agreed")
        if max(abs(spec.moved.days), abs(spec.moved.minutes) // (24 * 60)) > FURTHEST.days:
            raise NoTime("further away than 180 days")
        day = self.agreed.date() + timedelta(days=spec.moved.days)
        moment = later_by(at(day, self.agreed.time(), self.now), timedelta(minutes=spec.moved.minutes))
        if not comes_after(moment, self.now):
            raise NoTime("already past")
        self._near_enough(moment)
        assumed.append("counted from the time that was agreed")
        return When(moment, moment, True, tuple(assumed), describe(spec))

    def _whole(self, spec: Spec, assumed: list[str]) -> When | None:
        if spec.has_days or spec.has_hours:
            return None
        for key, length, told in (
            ("now", timedelta(hours=1), "now: within an hour"),
            ("asap", SOON, "as soon as possible: within a week"),
            ("anytime", SOON, "any time: within a week"),
        ):
            if key in spec.wholes:
                return self._window(length, [*assumed, told], key)
        raise NoTime(NAMES_NONE)
