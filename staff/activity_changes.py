"""Changing and calling off a group activity: first what would be said to whom, then the deed itself.

The preview is the deed, done, looked at and taken back; so it cannot differ from what happens when somebody presses.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from bot.actions import activities as deeds
from bot.actions.activities import Told
from bot.actions.activity_facts import best_way
from bot.actions.house import House
from bot.actions.scene import Scene
from staff.activity_deeds import Changed, find
from staff.activity_form import Plan
from staff.calendar_preview import rehearse
from staff.faces import Face, faces
from staff.people import Actor, DeskFault
from storage import audit, contacts, invitations, once
from storage.activities import Activity
from storage.db import Store, Tx


@dataclass(frozen=True, slots=True)
class WhoIsTold:
    """Who gets word of it and who cannot; `text` as one of them reads it, "" when nobody does. `ring`: it is near."""

    told: tuple[Face, ...]
    unreached: tuple[Face, ...]
    text: str
    ring: bool


def stands(each: Activity) -> str:
    """Give a short word for how an activity stands: another when anything that staff write is another."""
    told = (each.title, each.starts, each.ends, each.place, each.where, each.how, each.places, each.least,
            each.last_answer, each.leader, each.state)  # fmt: skip
    return sha256(repr(told).encode("utf-8", "replace")).hexdigest()[:16]


def values_of(plan: Plan) -> dict[str, Any]:
    """Give what a form says as the columns that are changed."""
    return {
        "title": plan.title, "starts": plan.starts, "ends": plan.ends, "place": plan.place, "where": plan.where,
        "how": plan.how, "places": plan.places, "least": plan.least, "last_answer": plan.last_answer,
        "leader": plan.leader,
    }  # fmt: skip


# --- what would be said -----------------------------------------------------------------------------------------------


def before_change(store: Store, house: House, now: datetime, actor: Actor, activity_id: int, plan: Plan) -> WhoIsTold:
    """Show who would be told of a change. BadInput as the deed raises it; nothing is changed."""
    return _before(
        store, house, now, actor, activity_id, "activity/moved",
        lambda tx: deeds.change(tx, house, activity_id, now, **values_of(plan)),
    )  # fmt: skip


def before_cancelling(store: Store, house: House, now: datetime, actor: Actor, activity_id: int) -> WhoIsTold:
    """Show who would be told that it is called off; nothing is changed."""
    return _before(
        store, house, now, actor, activity_id, "activity/cancelled",
        lambda tx: deeds.cancel(tx, house, activity_id, now),
    )  # fmt: skip


def _before(
    store: Store, house: House, now: datetime, actor: Actor, activity_id: int, message: str, deed: Callable[[Tx], Told]
) -> WhoIsTold:
    with store.begin() as tx:
        find(tx, actor, activity_id)
        told, text = rehearse(tx, lambda: _tried(tx, house, now, message, deed))
        known = faces(tx, actor, {*told.told, *told.unreached})
        audit.write(tx, now, actor.ref, "activity.preview", f"activity:{activity_id}", f"ok {len(known)}")
    return WhoIsTold(
        tuple(known[who] for who in told.told if who in known),
        tuple(known[who] for who in told.unreached if who in known), text, told.ring,
    )  # fmt: skip


def _tried(tx: Tx, house: House, now: datetime, message: str, deed: Callable[[Tx], Told]) -> tuple[Told, str]:
    told = deed(tx)
    for who in told.told[:1]:
        mine = invitations.find_for(tx, told.there.id, who)
        way = best_way(house, contacts.list_of(tx, who))
        if mine is not None and way is not None:
            scene = Scene(tx, house, way, now, "preview")
            return told, scene.render(message, {"invitation": mine.id, "activity": told.there.id}).text
    return told, ""


# --- the deeds --------------------------------------------------------------------------------------------------------


def change(
    store: Store, house: House, now: datetime, actor: Actor, activity_id: int, plan: Plan, stood: str, nonce: str
) -> Told | None:
    """Change it, and tell everyone who is to know; None when this form was used before.

    Changed when it does not stand as it did (`stood`) when the form was opened. BadInput for what cannot be.
    """
    with store.begin() as tx:
        each = find(tx, actor, activity_id, to_change=True)
        if not once.first_time(tx, now, actor.ref, nonce):
            return None
        if stands(each) != stood:
            raise Changed
        if each.state != "planned" or each.starts <= now:
            raise DeskFault("aktiviteten är inställd, eller har börjat", "ACTIVITY", "gör en ny")
        told = deeds.change(tx, house, activity_id, now, **values_of(plan))
        audit.write(tx, now, actor.ref, "activity.change", f"activity:{activity_id}", f"ok {len(told.told)}")
    return told


def cancel(store: Store, house: House, now: datetime, actor: Actor, activity_id: int, stood: str) -> Told | None:
    """Call it off, and tell everyone who knew of it; None when it was called off already."""
    with store.begin() as tx:
        each = find(tx, actor, activity_id, to_change=True)
        if each.state == "cancelled":
            return None
        if stands(each) != stood:
            raise Changed
        if each.state != "planned":
            raise DeskFault("aktiviteten har varit", "ACTIVITY", "det går inte att ställa in den")
        told = deeds.cancel(tx, house, activity_id, now)
        audit.write(tx, now, actor.ref, "activity.cancel", f"activity:{activity_id}", f"ok {len(told.told)}")
    return told


def find_one(store: Store, actor: Actor, activity_id: int) -> Activity:
    """Give an activity to change. NoActivity when it is not the actor's."""
    with store.read() as tx:
        return find(tx, actor, activity_id)
