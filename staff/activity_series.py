"""A change of one occasion of a series, carried over to those after it: what differs there, and nothing else.

Whoever moves Tuesday's group to Wednesday at 15 moves each later one by a day and to 15, also over the night when the
clocks change; a place or a leader that was another one for one occasion only stays so, unless that is what is changed.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any, Final

from rules.bad_input import BadInput
from rules.calendar import swedish_moment, to_local, to_utc
from staff.activity_form import Plan
from storage import activities
from storage.activities import Activity
from storage.db import Tx

PLAIN: Final = ("title", "how", "places", "least", "leader")
"""What is carried over as it is, field by field."""


def later_of(tx: Tx, each: Activity, now: datetime) -> tuple[Activity, ...]:
    """Give the occasions of its series after it that are still ahead and not called off, the soonest first."""
    if each.series_id is None:
        return ()
    found = activities.list_of_series(tx, [each.series_id])
    return tuple(one for one in found if one.starts > max(now, each.starts) and one.state == "planned")


def carried(before: Activity, plan: Plan, other: Activity, now: datetime, zone: str) -> dict[str, Any]:
    """Give what of `other` becomes another when `before` becomes `plan`; {} for nothing. Times are UTC.

    Days are moved by as many as in `before`, a new clock and length are taken as they are, and the last day to answer
    keeps its distance. Raises BadInput, by field, for an occasion that would be in the past.
    """
    values = {name: getattr(plan, name) for name in PLAIN if getattr(plan, name) != getattr(before, name)}
    if (plan.place, plan.where) != (before.place, before.where):
        values |= {"place": plan.place, "where": plan.where}
    length = plan.ends - plan.starts
    starts = _moved(before.starts, plan.starts, other.starts, zone)
    ends = starts + (length if length != before.ends - before.starts else other.ends - other.starts)
    if (starts, ends) != (other.starts, other.ends):
        values |= {"starts": starts, "ends": ends}
    last = _last_answer(before, plan, other, starts, zone)
    if last != other.last_answer:
        values["last_answer"] = last
    if starts <= now:
        raise BadInput("day", f"Gången {swedish_moment(other.starts, tz=zone)} skulle då redan ha varit.")
    return values


def _moved(was: datetime, becomes: datetime, other: datetime, zone: str) -> datetime:
    here, there, mine = (to_local(at, zone) for at in (was, becomes, other))
    clock = mine.time() if there.time() == here.time() else there.time()
    return to_utc(mine.date() + (there.date() - here.date()), clock, zone)


def _last_answer(before: Activity, plan: Plan, other: Activity, starts: datetime, zone: str) -> datetime:
    """As long before as in the plan, where that is another distance than it was; else as long before as it was."""
    days, clock = _distance(plan.starts, plan.last_answer, zone)
    if (days, clock) == _distance(before.starts, before.last_answer, zone):
        days, clock = _distance(other.starts, other.last_answer, zone)
    return min(to_utc(to_local(starts, zone).date() - timedelta(days=days), clock, zone), starts)


def _distance(starts: datetime, last: datetime, zone: str) -> tuple[int, time]:
    local = to_local(last, zone)
    return (to_local(starts, zone).date() - local.date()).days, local.time()


def named(fault: BadInput, other: Activity, zone: str) -> BadInput:
    """Give a fault again with the occasion that it is about."""
    return BadInput(fault.field, f"Gången {swedish_moment(other.starts, tz=zone)}: {fault.why_sv}")
