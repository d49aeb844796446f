"""Somebody is ill for a day: meetings are called off, people told, and nobody counts on that colleague that day."""

from __future__ import annotations

from datetime import date, datetime

from bot.actions.house import House
from rules.roster import Absence
from staff import meetings as work
from staff.meetings import Kept
from staff.people import Actor, DeskFault
from storage import appointments, audit, roster, staff, units
from storage.db import Store


def call_in_sick(store: Store, house: House, now: datetime, actor: Actor, staff_id: int, day: date) -> list[Kept]:
    """Call off what is left of a colleague's day, and take them out of the roster: so no time of theirs is offered.

    Said twice, it is done once. DeskFault for one who works in none of the actor's units.
    """
    with store.begin() as tx:
        theirs = [one for one in units.list_units(tx) if actor.sees(one.id) and staff_id in staff.names(tx, one.id)]
        if not theirs:
            raise DeskFault("den medarbetaren arbetar inte här", "MEMBER", "välj någon annan")
        gone = [
            work.cancel_one(tx, house, now, actor, each) for each in work.sick_of(tx, house, now, actor, staff_id, day)
        ]
        for unit in theirs:
            roster.remove_exceptions(tx, unit.id, day, staff_id)
            roster.add_exception(tx, unit.id, Absence(day, staff_id))
            appointments.look_again(tx, now, unit_id=unit.id)
        audit.write(tx, now, actor.ref, "staff.sick", f"staff:{staff_id}", f"ok {day}, {len(gone)} möten")
        return gone
