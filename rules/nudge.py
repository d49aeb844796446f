"""Silence in a talk: the one nudge, the rest after it, quick second messages, and people who come back."""

from datetime import datetime, time, timedelta

from rules.calendar import is_red_day, to_local, to_utc
from rules.sending import Hours

RESTS_AFTER = timedelta(days=1)
"""How long the nudge may go unanswered before the talk rests. Our choice: one whole day to answer it."""

RETURNS_AFTER = timedelta(days=90)
"""Silence after which the number may be someone else's: the first text shows no name and no history (the design)."""

_NUDGE_FROM = time(10)
_NUDGE_TO = time(18)


def nudge_at(last_wrote: datetime, hours: Hours | None = None) -> datetime:
    """Return when (UTC) to nudge, once, one who stopped in the middle of a talk at `last_wrote`.

    The next local day at about the hour when they last wrote, since they had the phone in hand then, but within
    10.00-18.00 (our choice, inside the sending hours with room for an answer), and not on a red day: then the first day
    after. `hours` (default 09.00-19.00) narrows it further; hours wholly outside 10.00-18.00 win.
    """
    hours = hours or Hours()
    wall = to_local(last_wrote, hours.zone)
    clock = _within(wall.time().replace(second=0, microsecond=0), hours)
    day = wall.date() + timedelta(days=1)
    while is_red_day(day):
        day += timedelta(days=1)
    return to_utc(day, clock, hours.zone)


def rests_at(nudged_at: datetime) -> datetime:
    """Return when (UTC) a talk rests that was nudged at `nudged_at` and got no answer. It is never nudged again."""
    return nudged_at + RESTS_AFTER


def is_returning(last_seen: datetime | None, now: datetime) -> bool:
    """Say whether one last seen at `last_seen` has been silent for 90 days; one never seen is new, not returning."""
    return last_seen is not None and now - last_seen >= RETURNS_AFTER


def _within(clock: time, hours: Hours) -> time:
    """Move a clock into 10.00-18.00 and the sending hours, whose end is not included."""
    first, last = max(_NUDGE_FROM, hours.starts), min(_NUDGE_TO, _minute_before(hours.ends))
    return hours.starts if first > last else min(max(clock, first), last)


def _minute_before(clock: time) -> time:
    minutes = max(clock.hour * 60 + clock.minute - 1, 0)
    return time(minutes // 60, minutes % 60)
