"""What a time in words was read as, and the calendar arithmetic that all readings share."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

FURTHEST: Final = timedelta(days=180)
MINUTE: Final = timedelta(minutes=1)
DAY_BEGINS: Final = time(0, 0)
DAY_ENDS: Final = time(23, 59)
NAMES_NONE: Final = "no day and no hour in it"
"""Why a text that speaks of no time is unread."""

WHEN_NOT: Final = "it says when not"
"""Why a text that only refuses times is unread."""


@dataclass(frozen=True, slots=True)
class When:
    """A minute (`exact`, start and end the same) or a window, both ends in it; local, aware, always in the future.

    `assumed` says in plain words what was filled in. A window of several days may have hours of its own: `daily` is the
    earliest and the latest hour on each of them, and `not_on` are days within it that the person said no to. `also` are
    the other times that the person named.
    """

    start: datetime
    end: datetime
    exact: bool
    assumed: tuple[str, ...]
    why: str
    daily: tuple[time, time] | None = None
    also: tuple[When, ...] = ()
    not_on: tuple[date, ...] = ()


@dataclass(frozen=True, slots=True)
class Unread:
    """No time was read, and why not."""

    why: str


class NoTime(Exception):
    """A reading failed; the message says why, in plain words."""


def at(day: date, clock: time, like: datetime) -> datetime:
    """A local moment in the time zone of `like`.

    In the hour that is skipped in spring it is the next minute that there is, in the hour that comes twice in autumn
    the first of the two. Raises NoTime where a zone skips a whole day.
    """
    wall = datetime.combine(day, clock)
    for _ in range(24 * 60):
        moment = wall.replace(tzinfo=like.tzinfo, fold=0)
        if moment.astimezone(UTC).astimezone(like.tzinfo).replace(tzinfo=None) == wall:
            return moment
        wall += MINUTE
    raise NoTime("there is no such hour")


def later_by(moment: datetime, delta: timedelta) -> datetime:
    """`moment` plus real time, also over a change of clocks."""
    return (moment.astimezone(UTC) + delta).astimezone(moment.tzinfo)


def comes_after(one: datetime, other: datetime) -> bool:
    """Whether `one` is later in real time; two local times of one zone would be compared by the wall clock."""
    return one.astimezone(UTC) > other.astimezone(UTC)


def furthest(now: datetime) -> datetime:
    """The last moment that counts: 180 days on by the clock on the wall and in real time, whichever comes first."""
    by_wall = at(now.date() + FURTHEST, now.time(), now)
    real = later_by(now, FURTHEST)
    return real if comes_after(by_wall, real) else by_wall


def next_minute(now: datetime) -> datetime:
    """The first whole minute after `now`."""
    whole = now.astimezone(UTC).replace(second=0, microsecond=0) + MINUTE
    return whole.astimezone(now.tzinfo)


def week_of(day: date) -> date:
    """The Monday of the ISO week that `day` is in."""
    return day - timedelta(days=day.weekday())
