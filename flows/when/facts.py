"""What a text says about time, one fact for each thing said, before any calendar is looked at."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Clock:
    """Minutes after midnight. `fixed` when morning or afternoon is said with it (14, 07, 13.30); `about` is "runt"."""

    minutes: int
    fixed: bool
    about: bool = False


@dataclass(frozen=True, slots=True)
class Span:
    """From one hour to another on the same day."""

    first: Clock
    last: Clock


@dataclass(frozen=True, slots=True)
class Bound:
    """Not before, or not after, an hour: `side` is "after" or "before"."""

    side: str
    clock: Clock


@dataclass(frozen=True, slots=True)
class PartOfDay:
    """A key of the parts in the word lists."""

    key: str


@dataclass(frozen=True, slots=True)
class Shade:
    """Such as "early", "middle" or "late" in whatever stands with it: a part of the day, a week, a month."""

    which: str


@dataclass(frozen=True, slots=True)
class Weekday:
    """Monday is 0. `mode` is "" or how it was pointed at: "coming", "this", "next", "plural"."""

    number: int
    mode: str = ""


@dataclass(frozen=True, slots=True)
class RelativeDay:
    """Days from today."""

    offset: int


@dataclass(frozen=True, slots=True)
class OnDate:
    """A date; without a year, or without a month, the next one that there is."""

    day: int
    month: int | None = None
    year: int | None = None


@dataclass(frozen=True, slots=True)
class Ahead:
    """A number of units from now ("om tre dagar"); `within` is the whole time until then; `few` is "några"."""

    count: int
    unit: str
    within: bool = False
    few: bool = False


@dataclass(frozen=True, slots=True)
class Feast:
    """A holiday by its key."""

    key: str


@dataclass(frozen=True, slots=True)
class Nth:
    """The nth (-1: last) weekday of a month, or week of one where `weekday` is None."""

    count: int
    weekday: int | None


@dataclass(frozen=True, slots=True)
class Week:
    """An ISO week by number, or counted from this one."""

    offset: int | None = None
    number: int | None = None


@dataclass(frozen=True, slots=True)
class Weekend:
    """A weekend counted from the one of this week."""

    offset: int


@dataclass(frozen=True, slots=True)
class Month:
    """A month by number, or counted from this one."""

    number: int | None = None
    offset: int = 0


@dataclass(frozen=True, slots=True)
class Workdays:
    """Such as "vardagar"."""


@dataclass(frozen=True, slots=True)
class Shift:
    """Days or weeks before or after the day that follows in the text, or the day that was agreed."""

    count: int
    unit: str = "day"


@dataclass(frozen=True, slots=True)
class Edge:
    """The day that follows in the text is a limit: "after", "since" (with it), "before", "latest" (with it)."""

    side: str


@dataclass(frozen=True, slots=True)
class DayRange:
    """From one day to another."""

    first: DayFact
    last: DayFact


@dataclass(frozen=True, slots=True)
class Moved:
    """So many minutes and days later than what was agreed; fewer than nothing is earlier."""

    minutes: int = 0
    days: int = 0


@dataclass(frozen=True, slots=True)
class Whole:
    """A phrase that is an answer by itself, by its key in the word lists (now, asap, same_time, past ...).

    Two more are the reader's: "unknown_day", a word that names a day that is not known, and "unknown_limit" after one.
    """

    key: str


@dataclass(frozen=True, slots=True)
class Join:
    """What stands between: or, and, comma, slash, dash, but, stop, not, noise."""

    kind: str


DayFact = Weekday | RelativeDay | OnDate | Ahead | Feast | Nth | Week | Weekend | Month | Workdays
TimeFact = Clock | Span | Bound | PartOfDay
Fact = DayFact | TimeFact | Shade | Shift | Edge | DayRange | Moved | Whole | Join
