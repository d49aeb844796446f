"""What staff do with a group activity itself: make it, as a series too. A form sent twice is one deed.

What is refused raises `DeskFault` and has changed nothing.
"""

from __future__ import annotations

from datetime import datetime

from staff.activity_form import Plan
from staff.people import Actor, DeskFault
from storage import activities, audit, once
from storage.activities import Activity, NewActivity
from storage.db import Store, Tx
from storage.units import Unit


class NoActivity(DeskFault):
    """There is no such activity, or it is another unit's: a page shows no more than that."""

    def __init__(self, activity_id: int) -> None:
        super().__init__(f"det finns ingen aktivitet {activity_id} här", "ACTIVITY", "titta i listan Grupper")


class Changed(DeskFault):
    """Somebody else changed it after the page was opened."""

    def __init__(self) -> None:
        super().__init__("någon annan hann ändra aktiviteten", "VERSION", "titta på den en gång till")


def find(tx: Tx, actor: Actor, activity_id: int, *, to_change: bool = False) -> Activity:
    """Give an activity that is the actor's to see. NoActivity when there is none."""
    found = activities.find(tx, activity_id, to_change=to_change)
    if found is None or not actor.sees(found.unit_id):
        raise NoActivity(activity_id)
    return found


def make(store: Store, now: datetime, actor: Actor, unit: Unit, plan: Plan, nonce: str, zone: str) -> int | None:
    """Make an activity, or each of a series; give the first one's id, None when this form was used before."""
    if not actor.sees(unit.id):
        raise NoActivity(unit.id)
    with store.begin() as tx:
        if not once.first_time(tx, now, actor.ref, nonce):
            return None
        series = None
        if plan.rule:
            series = activities.add_series(tx, now, unit.id, plan.title, plan.rule, plan.starts)
        new = [
            NewActivity(
                unit.id, plan.title, starts, ends, last, plan.place, plan.where, plan.how, plan.places, plan.least,
                plan.leader, series,
            )
            for starts, ends, last in _times(plan, zone)
        ]  # fmt: skip
        made = [activities.add(tx, now, each) for each in new]
        audit.write(tx, now, actor.ref, "activity.add", f"activity:{made[0]}", f"ok {len(made)}")
    return made[0]


def _times(plan: Plan, zone: str) -> list[tuple[datetime, datetime, datetime]]:
    if not plan.occasions:
        return [(plan.starts, plan.ends, plan.last_answer)]
    length = plan.ends - plan.starts
    return [(each.starts, each.starts + length, plan.last_answer_of(each, zone)) for each in plan.occasions]
