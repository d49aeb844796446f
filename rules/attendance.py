"""Attendance that can be audited: quarter hours for each person, activity and month, locked when they are sent in.

Nothing is ever overwritten: an entry stands beside the one it corrects, with who and when, and a month that was sent
keeps what was sent beside what is right now. A participant's absence is not kept here: it counts toward nothing.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise
from typing import Final, Literal

from rules.bad_input import BadInput

QUARTER: Final = 15  # minutes

Rounding = Literal["nearest", "down", "up"]
"""How minutes become quarter hours: `nearest` (half a quarter and more is one), `down` (only whole ones), or `up`
(one that has begun). A setting, for those who are reported to differ; the one used is stored with what is sent."""

LONGEST: Final = 24 * 60
"""Minutes of one day."""

CORRECTION_NEEDS: Final = "Månaden är redan inskickad. Skriv varför det ändras."


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """A calendar month, in the unit's local time."""

    year: int
    month: int

    @classmethod
    def of(cls, day: date) -> "Month":
        """The month of a day."""
        return cls(day.year, day.month)

    def __str__(self) -> str:
        return f"{self.year}-{self.month:02}"


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing noted: that somebody was at an activity on a local day for so many minutes (0: was not there).

    The newest of a person, activity and day is what counts. `at` is UTC, `by` who noted it (a staff member's id; None:
    the person, by the day's code), `why` is needed when the month has been sent.
    """

    person: int
    activity: int
    day: date
    minutes: int
    at: datetime
    by: int | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class Lock:
    """A month of one unit that was sent in: when (UTC), by whom (who signed), and how minutes were rounded then."""

    month: Month
    at: datetime
    by: int
    rounding: Rounding = "nearest"


@dataclass(frozen=True, slots=True)
class Correction:
    """A change of one day, after it was first noted: from how many minutes to how many, who, when, why."""

    day: date
    was: int
    now: int
    at: datetime
    by: int | None
    why: str
    after_sent: bool


@dataclass(frozen=True, slots=True)
class Row:
    """A person's month at one activity, in quarter hours. `sent` is what was sent in, None when the month is open."""

    person: int
    activity: int
    month: Month
    quarters: int
    days: int
    sent: int | None
    corrections: tuple[Correction, ...]

    @property
    def differs(self) -> bool:
        """Whether what was sent in is no longer right."""
        return self.sent is not None and self.sent != self.quarters


def quarters(minutes: int, rounding: Rounding = "nearest") -> int:
    """Return how many quarter hours so many minutes of one day are: 7 minutes are none, 8 are one, by `nearest`.

    Each day is rounded by itself, so that the sum is that of the signed lists. Raises BadInput for fewer minutes than
    none or more than a day has.
    """
    if not 0 <= minutes <= LONGEST:
        raise BadInput("minutes", f"Skriv minuter från 0 till {LONGEST}.")
    more = {"nearest": QUARTER // 2, "down": 0, "up": QUARTER - 1}[rounding]
    return (minutes + more) // QUARTER


def check_entry(entry: Entry, locks: Collection[Lock], today: date) -> None:
    """See that an entry may be kept. Raises BadInput: a day to come, minutes no day has, a sent month unexplained."""
    quarters(entry.minutes)
    if entry.day > today:
        raise BadInput("day", "Dagen har inte varit än.")
    if not entry.why.strip() and any(lock.month == Month.of(entry.day) for lock in locks):
        raise BadInput("why", CORRECTION_NEEDS)


def month_rows(entries: Iterable[Entry], locks: Collection[Lock] = (), rounding: Rounding = "nearest") -> list[Row]:
    """Give the table: a row for each person, activity and month, in that order of month, activity, person.

    A month with a lock is rounded as it was when it was sent; the newest lock of a month counts. Entries come in any
    order. A row whose only entries say 0 is there too when it was corrected or sent, so that a change is always seen.
    """
    newest = {lock.month: lock for lock in sorted(locks, key=lambda lock: (lock.at, lock.by, lock.rounding))}
    grouped: dict[tuple[Month, int, int], dict[date, list[Entry]]] = {}
    for entry in sorted(entries, key=lambda each: (each.at, each.by or 0, each.minutes, each.why)):
        key = (Month.of(entry.day), entry.activity, entry.person)
        grouped.setdefault(key, {}).setdefault(entry.day, []).append(entry)
    rows = (
        _row(*key, days, newest.get(key[0]), rounding) for key, days in sorted(grouped.items(), key=lambda of: of[0])
    )
    return [row for row in rows if row.quarters or row.days or row.sent or row.corrections]


def to_send_again(changed: Iterable[Month], locks: Collection[Lock]) -> list[Month]:
    """Give the sent months that are to be sent anew, the oldest first: those that changed, and every later one.

    So the receiver of the monthly participant reports wants it (SCB, for the programme of 2014-2020; the present one
    is not verified).
    """
    sent = sorted({lock.month for lock in locks})
    first = min((month for month in changed if month in sent), default=None)
    return [] if first is None else [month for month in sent if month >= first]


def _row(
    month: Month,
    activity: int,
    person: int,
    days: Mapping[date, Sequence[Entry]],
    lock: Lock | None,
    rounding: Rounding,
) -> Row:
    how = lock.rounding if lock else rounding
    now = [noted[-1].minutes for noted in days.values()]
    sent = None
    if lock is not None:
        then = (_as_of(noted, lock.at) for noted in days.values())
        sent = sum(quarters(minutes, how) for minutes in then)
    return Row(
        person=person,
        activity=activity,
        month=month,
        quarters=sum(quarters(minutes, how) for minutes in now),
        days=sum(minutes > 0 for minutes in now),
        sent=sent,
        corrections=tuple(one for day in sorted(days) for one in _corrections(days[day], lock)),
    )


def _as_of(noted: Sequence[Entry], at: datetime) -> int:
    """The minutes of a day as they stood at a moment; 0 when nothing was noted yet."""
    return next((entry.minutes for entry in reversed(noted) if entry.at <= at), 0)


def _corrections(noted: Sequence[Entry], lock: Lock | None) -> Iterable[Correction]:
    first = noted[0]
    if lock is not None and first.at > lock.at:
        yield Correction(first.day, 0, first.minutes, first.at, first.by, first.why, after_sent=True)
    for before, after in pairwise(noted):
        if before.minutes != after.minutes:
            late = lock is not None and after.at > lock.at
            yield Correction(after.day, before.minutes, after.minutes, after.at, after.by, after.why, after_sent=late)
