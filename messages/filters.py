"""What a text can do with a value: dates and names as people of that language write them.

Everything that differs between languages comes from messages/<language>/language.toml, so that one more needs no code.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from jinja2 import pass_context
from jinja2.runtime import Context

from messages.options import Options
from rules.calendar import to_local


@dataclass(frozen=True, slots=True)
class Words:
    """A language's small words and patterns, as they stand in its language.toml."""

    lists: Mapping[str, str]
    places: Mapping[str, Any]
    dates: Mapping[str, Any]
    hours: Mapping[str, str]
    meets: Mapping[str, str]

    def names(self, people: Iterable[str], joint: str, at_most: int, more: str) -> str:
        """List names ("Anna, Erik och Bo"); with more than `at_most`, the last place is `more`."""
        listed = list(people)
        if not listed:
            return self.lists["nobody"]
        if len(listed) > at_most:
            listed = [*listed[: at_most - 1], more.format(n=len(listed) - at_most + 1)]
        return f" {self.lists[joint]} ".join(filter(None, [", ".join(listed[:-1]), listed[-1]]))

    def municipality(self, name: str) -> str:
        """Write out a municipality ("Älvsbyns kommun", "Piteå kommun")."""
        places = self.places
        if name.casefold().endswith(tuple(places["already"])):
            return name
        ending = "" if name[-1:].casefold() in places["not_after"] else places["possessive"]
        return str(places["municipality"]).format(name=name, possessive=name + ending)

    def day(self, when: date, today: date, *, near: bool = True) -> str:
        """Write a day ("onsdag 25 november"), the nearest ones as "i dag"; another year than this is written out."""
        dates = self.dates
        close = dates["near"].get(str((when - today).days)) if near else None
        if close:
            return str(close)
        pattern = dates["day"] if when.year == today.year else dates["with_year"]
        weekday, month = dates["weekdays"][when.weekday()], dates["months"][when.month - 1]
        return str(pattern).format(weekday=weekday, day=when.day, month=month, year=when.year)

    def clock(self, at: datetime) -> str:
        """Write a clock ("13.30", and "8" on the hour)."""
        return str(self.dates["clock" if at.minute else "full_hour"]).format(hour=at.hour, minute=at.minute)

    def ordinary_hours(self, text: str) -> str:
        """Say the ordinary hours of a unit, as its roster has them in Swedish, in this language."""
        for swedish, ours in self.hours.items():
            text = text.replace(swedish, ours)
        return text

    def minute(self, at: datetime) -> str:
        """Write a clock with its minutes, also on the hour: "8.00"."""
        return str(self.dates["clock"]).format(hour=at.hour, minute=at.minute)

    def at(self, day: str, at: datetime) -> str:
        """A day in words and its clock: "i dag kl. 16"."""
        return self.joined(day, self.clock(at))

    def joined(self, day: str, clock: str) -> str:
        """A day and a clock, both in words."""
        return str(self.dates["moment"]).format(day=day, clock=clock)

    def time_with(self, meeting: Mapping[str, Any], now: datetime) -> str:
        """When a meeting is, and with whom where that is told: "torsdag 3 december kl. 13.30, Anna"."""
        at = local(meeting["starts"])
        moment = self.at(self.day(at.date(), to_local(now).date()), at)
        return self.dates["with"].format(moment=moment, name=meeting["with"]) if meeting["with"] else moment

    def meets_there(self, form: str | None, where: str | None, staff_name: str | None) -> str:
        """A sentence on where one meets, by the form of the meeting; "" when it is not known."""
        pattern = self.meets.get(f"{form}_there" if where else str(form), "")
        return pattern.format(
            where=where, staff=staff_name or self.lists["nobody"], Staff=up(staff_name or self.lists["nobody"])
        )


def local(value: Any) -> datetime:
    """A datetime, a date or either as ISO text, as Swedish wall time; a date alone is its midnight.

    Raises ValueError for a datetime without a zone and for text that is no ISO date.
    """
    if isinstance(value, str):
        value = datetime.fromisoformat(value) if len(value) > len("2026-11-25") else date.fromisoformat(value)
    if isinstance(value, datetime):
        return to_local(value)
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day)  # noqa: DTZ001  a day has no zone
    raise ValueError(f"{value!r} is no date")


def _today(context: Context) -> date:
    return to_local(context["now"]).date()


def _whole_day(value: Any) -> bool:
    return (isinstance(value, str) and len(value) == len("2026-11-25")) or not isinstance(value, (str, datetime))


def time_filters(words: Words) -> dict[str, Callable[..., Any]]:
    """Filters of days and clocks; each reads `now` from the text's facts."""

    @pass_context
    def day(context: Context, value: Any) -> str:
        return words.day(local(value).date(), _today(context))

    @pass_context
    def moment(context: Context, value: Any) -> str:
        at = local(value)
        return words.at(words.day(at.date(), _today(context)), at)

    @pass_context
    def soon(context: Context, value: Any) -> str:
        """As `moment`, but "måndag kl. 8" is enough for the six days that come."""
        at, today = local(value), _today(context)
        ahead = (at.date() - today).days
        name = words.dates["weekdays"][at.weekday()] if 2 <= ahead <= 6 else words.day(at.date(), today)
        return words.at(name, at)

    def clock(value: Any) -> str:
        return words.clock(local(value))

    @pass_context
    def time_with(context: Context, meeting: Mapping[str, Any]) -> str:
        return words.time_with(meeting, context["now"])

    return {"day": day, "moment": moment, "soon": soon, "clock": clock, "time_with": time_with}


@pass_context
def ahead(context: Context, value: Any) -> bool:
    """Whether a moment, or a whole day, has not passed yet: a promise for yesterday is not said again."""
    now = context["now"]
    if _whole_day(value):
        return local(value).date() >= _today(context)
    return local(value) > to_local(now)


@pass_context
def today(context: Context, value: Any) -> bool:
    """Whether a moment is on the day that is now: a reminder for early in the day goes out the evening before."""
    return local(value).date() == _today(context)


def word_filters(words: Words, options: Options) -> dict[str, Callable[..., Any]]:
    """Filters of names, places and labels."""

    def names(people: Iterable[str], at_most: int = 3) -> str:
        return words.names(people, "and", at_most, words.lists["more"])

    def names_or(people: Iterable[str], at_most: int = 3) -> str:
        return words.names(people, "or", at_most, words.lists["someone_else"])

    def any_of(things: Sequence[str]) -> str:
        return words.names(things, "or", len(things), "")

    @pass_context
    def label(context: Context, key: str, option_set: str) -> str:
        return options.label(option_set, key, context["units"] if option_set == "unit" else {})

    def labels(keys: Iterable[str], option_set: str) -> list[str]:
        return [options.label(option_set, key, {}) for key in keys]

    return {
        "names": names,
        "names_or": names_or,
        "any_of": any_of,
        "hours": words.ordinary_hours,
        "label": label,
        "labels": labels,
        "about": options.about,
        "meets_there": words.meets_there,
        "municipality": words.municipality,
        "up": up,
    }


def up(text: str) -> str:
    """With a capital first, for the start of a sentence or a button."""
    return text[:1].upper() + text[1:]
