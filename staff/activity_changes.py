"""Changing and calling off a group activity: first what would be said to whom, then the deed itself.

The preview is the deed, done, looked at and taken back; so it cannot differ from what happens when somebody presses.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from bot.actions import activities as deeds
from bot.actions.activities import Told
from bot.actions.activity_facts import best_way
from bot.actions.house import House
from bot.actions.scene import Scene
from rules.bad_input import BadInput
from staff.activity_deeds import Changed, find
from staff.activity_form import Plan
from staff.activity_series import carried, later_of, named
from staff.calendar_preview import rehearse
from staff.faces import Face, faces
from staff.people import Actor, DeskFault
from storage import activities, audit, contacts, invitations, once
from storage.activities import Activity
from storage.db import Store, Tx


@dataclass(frozen=True, slots=True)
class WhoIsTold:
    """Who gets word of it and who cannot; `text` as one of them reads it, "" when nobody does. `ring`: it is near.

    `later`: the later occasions of the series that it is done to as well, as they would stand.
    """

    told: tuple[Face, ...]
    unreached: tuple[Face, ...]
    text: str
    ring: bool
    later: tuple[Activity, ...] = ()


@dataclass(frozen=True, slots=True)
class Done:
    """What came of it. `told` and `unreached`: ids of people, each once; `ring`: it is near; `later`: occasions too."""

    first: Told
    told: tuple[int, ...]
    unreached: tuple[int, ...]
    ring: bool
    later: tuple[Activity, ...] = ()


def stands(*found: Activity) -> str:
    """Give a short word for how activities stand: another when anything that staff write is another."""
    told = [(each.title, each.starts, each.ends, each.place, each.where, each.how, each.places, each.least,
             each.last_answer, each.leader, each.state) for each in found]  # fmt: skip
    return sha256(repr(told).encode("utf-8", "replace")).hexdigest()[:16]


def values_of(plan: Plan) -> dict[str, Any]:
    """Give what a form says as the columns that are changed."""
    return {
        "title": plan.title, "starts": plan.starts, "ends": plan.ends, "place": plan.place, "where": plan.where,
        "how": plan.how, "places": plan.places, "least": plan.least, "last_answer": plan.last_answer,
        "leader": plan.leader,
    }  # fmt: skip


# --- what would be said -----------------------------------------------------------------------------------------------


def before_change(
    store: Store, house: House, now: datetime, actor: Actor, activity_id: int, plan: Plan, *, later: bool = False
) -> WhoIsTold:
    """Show who would be told of a change; `later`: of those after it in the series too.

    BadInput as the deed raises it; nothing is changed.
    """
    return _before(
        store, house, now, actor, activity_id, "activity/moved",
        lambda tx, each: _change(tx, house, now, each, plan, later=later),
    )  # fmt: skip


def before_cancelling(
    store: Store, house: House, now: datetime, actor: Actor, activity_id: int, *, later: bool = False
) -> WhoIsTold:
    """Show who would be told that it is called off, and those after it too; nothing is changed."""
    return _before(
        store, house, now, actor, activity_id, "activity/cancelled",
        lambda tx, each: _cancel(tx, house, now, each, later=later),
    )  # fmt: skip


def _before(
    store: Store, house: House, now: datetime, actor: Actor, activity_id: int, message: str,
    deed: Callable[[Tx, Activity], Done],
) -> WhoIsTold:  # fmt: skip
    with store.begin() as tx:
        each = find(tx, actor, activity_id)
        done, text = rehearse(tx, lambda: _tried(tx, house, now, message, deed(tx, each)))
        known = faces(tx, actor, {*done.told, *done.unreached})
        audit.write(tx, now, actor.ref, "activity.preview", f"activity:{activity_id}", f"ok {len(known)}")
    return WhoIsTold(
        tuple(known[who] for who in done.told if who in known),
        tuple(known[who] for who in done.unreached if who in known), text, done.ring, done.later,
    )  # fmt: skip


def _tried(tx: Tx, house: House, now: datetime, message: str, done: Done) -> tuple[Done, str]:
    for who, there in ((who, there) for who in done.told[:1] for there in (done.first.there, *done.later)):
        mine = invitations.find_for(tx, there.id, who)
        way = best_way(house, contacts.list_of(tx, who))
        if mine is not None and way is not None:
            scene = Scene(tx, house, way, now, "preview")
            return done, scene.render(message, {"invitation": mine.id, "activity": there.id}).text
    return done, ""


# --- the deeds --------------------------------------------------------------------------------------------------------


def change(
    store: Store, house: House, now: datetime, actor: Actor, activity_id: int, plan: Plan, stood: str, nonce: str,
    *, later: bool = False,
) -> Done | None:  # fmt: skip
    """Change it, and tell everyone who is to know; None when this form was used before.

    `later`: those after it in the series are changed in the same way, all or none of them. Changed when it, or with
    `later` one of those, does not stand as it did (`stood`, see `standing`) when the form was opened. BadInput for what
    cannot be.
    """
    with store.begin() as tx:
        each = find(tx, actor, activity_id, to_change=True)
        if not once.first_time(tx, now, actor.ref, nonce):
            return None
        _refuse_changed(tx, each, now, stood, later=later)
        if each.state != "planned" or each.starts <= now:
            raise DeskFault("aktiviteten är inställd, eller har börjat", "ACTIVITY", "gör en ny")
        done = _change(tx, house, now, each, plan, later=later)
        for one in (each, *done.later):
            audit.write(tx, now, actor.ref, "activity.change", f"activity:{one.id}", f"ok {len(done.told)}")
    return done


def cancel(
    store: Store, house: House, now: datetime, actor: Actor, activity_id: int, stood: str, *, later: bool = False
) -> Done | None:
    """Call it off, and tell everyone who knew of it; None when it was called off already. `later`: as in `change`."""
    with store.begin() as tx:
        each = find(tx, actor, activity_id, to_change=True)
        if each.state == "cancelled":
            return None
        _refuse_changed(tx, each, now, stood, later=later)
        if each.state != "planned":
            raise DeskFault("aktiviteten har varit", "ACTIVITY", "det går inte att ställa in den")
        done = _cancel(tx, house, now, each, later=later)
        for one in (each, *done.later):
            audit.write(tx, now, actor.ref, "activity.cancel", f"activity:{one.id}", f"ok {len(done.told)}")
    return done


def _change(tx: Tx, house: House, now: datetime, each: Activity, plan: Plan, *, later: bool) -> Done:
    followers = later_of(tx, each, now) if later else ()
    results = [deeds.change(tx, house, each.id, now, **values_of(plan))]
    for other in followers:
        values = carried(each, plan, other, now, house.hours.zone)
        try:
            if values:
                results.append(deeds.change(tx, house, other.id, now, **values))
        except BadInput as wrong:
            raise named(wrong, other, house.hours.zone) from wrong
    return _done(tx, results, followers)


def _cancel(tx: Tx, house: House, now: datetime, each: Activity, *, later: bool) -> Done:
    followers = later_of(tx, each, now) if later else ()
    return _done(tx, [deeds.cancel(tx, house, one.id, now) for one in (each, *followers)], followers)


def _done(tx: Tx, results: Sequence[Told], followers: Sequence[Activity]) -> Done:
    told = dict.fromkeys(who for one in results for who in one.told)
    unreached = dict.fromkeys(who for one in results for who in one.unreached if who not in told)
    stand = activities.list_many(tx, [one.id for one in followers]) if followers else {}
    return Done(
        results[0], tuple(told), tuple(unreached), any(one.ring for one in results),
        tuple(stand[one.id] for one in followers),
    )  # fmt: skip


# --- how it stands ----------------------------------------------------------------------------------------------------


def standing(store: Store, actor: Actor, activity_id: int, now: datetime) -> tuple[Activity, tuple[Activity, ...], str]:
    """Give an activity, those after it in its series, and the word for how they stand. NoActivity when not theirs."""
    with store.read() as tx:
        each = find(tx, actor, activity_id)
        followers = later_of(tx, each, now)
    return each, followers, f"{stands(each)}-{stands(*followers)}"


def _refuse_changed(tx: Tx, each: Activity, now: datetime, stood: str, *, later: bool) -> None:
    mine, _, theirs = stood.partition("-")
    if stands(each) != mine or (later and stands(*later_of(tx, each, now)) != theirs):
        raise Changed


def find_one(store: Store, actor: Actor, activity_id: int) -> Activity:
    """Give an activity to change. NoActivity when it is not the actor's."""
    with store.read() as tx:
        return find(tx, actor, activity_id)
