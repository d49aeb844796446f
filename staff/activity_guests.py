"""What staff do with those who are invited: add one by hand, free a place, take an invitation back, say who meets them.

The answers and the places themselves are kept where those of the people's own answers are. In the audit log; a form
sent twice is one deed. What is refused raises `DeskFault` and has changed nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Final

from bot.actions import activities as deeds
from bot.actions.house import House
from staff.activity_deeds import find
from staff.people import Actor, DeskFault, NotTheirs, find_person, guard
from storage import apart, audit, invitations, named_readers, once, participants, staff
from storage.activities import Activity
from storage.db import Store, Tx
from storage.invitations import COMES, Invitation

Deed = Callable[[Store, House, datetime, Actor, int, int, str], None]
REPLIES: Final = {"yes": "Ja", "hard": "Ja, men det känns svårt", "maybe": "Kanske"}
"""What somebody may have said to staff by word of mouth."""


def add(
    store: Store, house: House, now: datetime, actor: Actor, activity_id: int, who: str | int, reply: str, nonce: str
) -> str:
    """Add somebody by id, name or number, with the answer that they gave; give what came of it, in words.

    ManyFound when several fit. DeskFault when nobody does, when they are in already, or are kept apart from somebody.
    """
    person_id = who if isinstance(who, int) else find_person(store, now, actor, who)
    with store.begin() as tx:
        each = find(tx, actor, activity_id, to_change=True)
        person = guard(tx, now, actor, "activity.join", person_id, named_reader=False)
        if not isinstance(person, DeskFault):
            _may_join(tx, now, each, person_id, reply)
            if not once.first_time(tx, now, actor.ref, nonce):
                return "Personen är tillagd."
            return _join(tx, house, now, each, person_id, reply)
    raise person


def _may_join(tx: Tx, now: datetime, each: Activity, person_id: int, reply: str) -> None:
    if reply not in REPLIES:
        raise DeskFault("välj vad personen svarade", "reply", "ja, känns svårt eller kanske")
    if each.state == "cancelled":
        raise DeskFault("aktiviteten är inställd", "ACTIVITY", "välj en annan")
    mine = invitations.find_for(tx, each.id, person_id)
    if mine is not None and mine.place is not None:
        raise DeskFault("personen har redan en plats", "who", "inget mer behövs")
    there = {one.participant_id for one in invitations.of_activity(tx, each.id) if one.state in (*COMES, "maybe")}
    if apart.of(tx, [person_id]).get(person_id, set()) & there:
        raise DeskFault("ni har bestämt att personen inte ska vara i samma grupp som någon som är med här", "who",
                        "ändra det på personens sida först")  # fmt: skip


def _join(tx: Tx, house: House, now: datetime, each: Activity, person_id: int, reply: str) -> str:
    mine = invitations.find_for(tx, each.id, person_id)
    invitation = mine.id if mine else invitations.add_many(tx, now, each.id, 0, None, [person_id])[person_id]
    if mine is not None and mine.state == "withdrawn":
        invitations.change(tx, invitation, state="asked")
    came = deeds.answer(tx, house, invitation, person_id, each.version, reply, now)
    if came.came == "begun":  # whoever comes all the same stands in the list of who was there
        invitations.change(tx, invitation, state=reply, answered_at=now)
        return "Personen är tillagd. Notera närvaron i listan."
    if reply == "hard":
        invitations.change(tx, invitation, meet="wanted")
    if reply == "maybe":
        return "Personen är tillagd som kanske."
    return "Personen är tillagd och har en plats." if came.came == "in" else "Det är fullt. Personen står i kön."


# --- one who is invited -----------------------------------------------------------------------------------------------


def _guest(tx: Tx, actor: Actor, activity_id: int, invitation_id: int) -> tuple[Activity, Invitation]:
    """Give the activity and the invitation, kept from others.

    NotTheirs when it is none of this activity's, or a protected person's whom only named readers open.
    """
    each = find(tx, actor, activity_id, to_change=True)
    mine = invitations.find(tx, invitation_id, to_change=True)
    if mine is None or mine.activity_id != each.id or not _may_open(tx, actor, mine.participant_id):
        raise NotTheirs(f"det finns ingen inbjudan {invitation_id} här", "INVITATION", "titta på aktiviteten")
    return each, mine


def _may_open(tx: Tx, actor: Actor, person_id: int) -> bool:
    return not participants.get(tx, person_id).protected or named_readers.is_one(tx, person_id, actor.staff_id)


def free(
    store: Store, house: House, now: datetime, actor: Actor, activity_id: int, invitation_id: int, nonce: str
) -> None:
    """Free a place: the person is not coming, and said so to staff. The first in line is offered it."""
    with store.begin() as tx:
        each, mine = _guest(tx, actor, activity_id, invitation_id)
        if not once.first_time(tx, now, actor.ref, nonce) or mine.place is None:
            return
        deeds.answer(tx, house, mine.id, mine.participant_id, each.version, "no", now)
        audit.write(tx, now, actor.ref, "activity.free", f"participant:{mine.participant_id}", f"ok activity:{each.id}")


def take_back(
    store: Store, house: House, now: datetime, actor: Actor, activity_id: int, invitation_id: int, nonce: str
) -> None:
    """Take an invitation back; a place that went with it is offered to the first in line."""
    with store.begin() as tx:
        each, mine = _guest(tx, actor, activity_id, invitation_id)
        if not once.first_time(tx, now, actor.ref, nonce) or mine.state == "withdrawn":
            return
        deeds.take_back(tx, house, mine.id, now)
        audit.write(
            tx, now, actor.ref, "activity.take_back", f"participant:{mine.participant_id}", f"ok activity:{each.id}"
        )


def meet(store: Store, now: datetime, actor: Actor, activity_id: int, invitation_id: int, member: int | None) -> None:
    """Say who meets somebody outside (None: nobody yet). DeskFault for one who is not of the unit."""
    with store.begin() as tx:
        each, mine = _guest(tx, actor, activity_id, invitation_id)
        if member is not None and member not in staff.names(tx, each.unit_id):
            raise DeskFault("välj någon i enheten", "member", "listan har alla")
        invitations.change(tx, mine.id, meet="wanted" if member is None else "agreed", meet_staff=member)
        audit.write(tx, now, actor.ref, "activity.meet", f"participant:{mine.participant_id}", f"ok activity:{each.id}")
