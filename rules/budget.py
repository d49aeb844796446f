"""How often we may write to one person without being written to."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Literal

from rules.calendar import STOCKHOLM, to_local, to_utc
from rules.kinds import Kind

SLOW_AFTER = 3
"""Messages with no answer before the pauses double (the design's table of sending)."""

CLOSES_AFTER = 5
"""Messages with no answer before the next one is the closing one, which leaves the door open. Our choice."""

_FIRST_PAUSE_DAYS = 7
_WEEK_DAYS = 7

Stage = Literal["normal", "slow", "closing", "closed"]


def held_by_budget(
    kind: Kind,
    sent: Sequence[datetime],
    at: datetime,
    per_week: int = 2,
    per_day: int = 1,
    *,
    zone: str = STOCKHOLM,
    unanswered: int = 0,
) -> datetime | None:
    """Return when (UTC) a message of `kind` could go instead, or None when the budget lets it go at `at`.

    `sent` holds when the person got messages that count (kinds with a budget), in any order; `unanswered` is how many
    of ours have had no answer. A day is a local day, and a week is a day and the six before it, so that two messages
    on Friday evening don't make room for two more on Monday. The moment returned is the local midnight that opens the
    first free day: sending hours are another rule's to add. Defaults are the design's. Raises ValueError for a limit
    under 1.
    """
    if per_week < 1 or per_day < 1:
        raise ValueError("a budget of less than one message is never: switch the messages off instead")
    if not kind.budget:
        return None
    today = to_local(at, zone).date()
    days = [to_local(moment, zone).date() for moment in sent]
    day = max([today, *[last + timedelta(days=pause_days(unanswered)) for last in days]])
    while not _has_room(day, days, per_week, per_day):
        day += timedelta(days=1)
    return None if day == today else to_utc(day, time(0), zone)


def pause_days(unanswered: int) -> int:
    """Return the least number of days between our messages after `unanswered` ones with no answer.

    0 up to two: the weekly budget alone decides. Two a week is a pause of half a week; from the third on it is doubled
    for each one more: 7, 14, 28 days, and no longer than that.
    """
    if unanswered < SLOW_AFTER:
        return 0
    doublings = min(unanswered, CLOSES_AFTER) - SLOW_AFTER
    return int(_FIRST_PAUSE_DAYS * 2**doublings)


def stage(unanswered: int) -> Stage:
    """Say where a person who doesn't answer is: normal, slow (pauses doubled), closing (next is the last), closed."""
    if unanswered < SLOW_AFTER:
        return "normal"
    if unanswered < CLOSES_AFTER:
        return "slow"
    return "closing" if unanswered == CLOSES_AFTER else "closed"


def _has_room(day: date, days: Sequence[date], per_week: int, per_day: int) -> bool:
    in_week = sum(1 for one in days if timedelta(0) <= day - one < timedelta(days=_WEEK_DAYS))
    return days.count(day) < per_day and in_week < per_week
