"""What we may promise ("senast onsdag 25 november"), and when staff are warned that a promise is coming due."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from rules.calendar import to_local
from rules.roster import SEARCH_DAYS, Roster, Span, spans, staffed_days_after

ANSWERS_A_DAY = 8
"""How many people a staff member answers in a staffed day, walks and meetings beside it. Our choice; a unit sets it."""

LONGEST = 20
"""Staffed days: a queue longer than this is no promise any more, and no date is said. Our choice: a month."""


@dataclass(frozen=True, slots=True)
class Load:
    """How many people wait for an answer already, and how many each one on duty usually answers in a day.

    Raises ValueError for fewer than none, or when nobody would ever be answered.
    """

    waiting: int = 0
    each_manages: int = ANSWERS_A_DAY

    def __post_init__(self) -> None:
        if self.waiting < 0 or self.each_manages < 1:
            raise ValueError("nobody waits less than none, and each answers at least one a day")


def promise_under(roster: Roster, at: datetime, staffed_days: int, load: Load) -> datetime | None:
    """Return `promise_by`, later when those who wait already could not all be answered by then.

    Each staffed day after the day of `at` its colleagues answer as many as they usually do; the promise is the end of
    the first day by which all who wait, and this one too, can have been answered. The rest of today is no part of it,
    so that a promise that is made is one that can be kept. None when that lies more than LONGEST staffed days ahead.
    Raises ValueError for `staffed_days` under 1.
    """
    if staffed_days < 1:
        raise ValueError(f"counting staffed days starts at 1, not {staffed_days}")
    left, count, day = load.waiting + 1, 0, to_local(at, roster.zone).date()
    for _ in range(SEARCH_DAYS):
        day += timedelta(days=1)
        stretches = spans(roster, day)
        if not stretches:
            continue
        count += 1
        left -= load.each_manages * len({who for each in stretches for who in each.staff})
        if left <= 0 and count >= staffed_days:
            return stretches[-1].ends
        if count >= max(LONGEST, staffed_days):
            return None
    return None


def on_duty_on(roster: Roster, day: date) -> frozenset[int]:
    """Return the ids of all who are on duty in any part of a local day."""
    return frozenset(who for span in spans(roster, day) for who in span.staff)


def promise_by(roster: Roster, at: datetime, staffed_days: int) -> datetime | None:
    """Return the latest moment (UTC) by which an answer to what came at `at` may be promised.

    It is the end of the last staffed stretch on the `staffed_days`-th staffed day after the local day of `at`. The day
    of the message itself never counts, not even for one that came at 07.00 before the doors opened (our choice): a
    promise is a latest, the same rule at every hour can be explained, and a date too soon is a broken promise.

    None when the roster holds no such day: then no date may be promised. Raises ValueError for `staffed_days` under 1.
    """
    day = staffed_days_after(roster, at, staffed_days)
    return None if day is None else spans(roster, day)[-1].ends


def half_time(opened: datetime, due: datetime, roster: Roster) -> datetime:
    """Return the moment (UTC) when half the staffed time between `opened` and `due` has gone: staff are warned then.

    When that falls on the end of a stretch, it is the start of the next one, so that the warning reaches someone. With
    no staffed time in between it is the plain middle, and `due` when that isn't after `opened`.
    """
    if due <= opened:
        return due
    stretches = _stretches(roster, opened, due)
    left = sum((ends - starts for starts, ends in stretches), timedelta()) / 2
    for starts, ends in stretches:
        if left < ends - starts:
            return starts + left
        left -= ends - starts
    return opened + (due - opened) / 2


def _stretches(roster: Roster, opened: datetime, due: datetime) -> list[tuple[datetime, datetime]]:
    """The staffed stretches between two moments, cut at both."""
    first, last = to_local(opened, roster.zone).date(), to_local(due, roster.zone).date()
    found: list[Span] = []
    for ahead in range((last - first).days + 1):
        found += spans(roster, first + timedelta(days=ahead))
    cut = [(max(span.starts, opened), min(span.ends, due)) for span in found]
    return [(starts, ends) for starts, ends in cut if starts < ends]
