"""Promises of an answer: staff are warned at half time, and one that was not kept is said by us, once.

The roster says when: half of the staffed time, and a new day that it can hold.
"""

from __future__ import annotations

from datetime import datetime

from bot.actions import meetings
from bot.actions.house import House
from bot.actions.promising import answer_by
from rules.calendar import swedish_moment, to_local
from rules.promise import half_time
from storage import contacts, inbox, outbox, referrals, roster, units
from storage.db import Store, Tx
from storage.outbox import NewMessage
from storage.referrals import Promised

TEXT = "first_care/broken_promise"


def sweep(store: Store, house: House, now: datetime) -> int:
    """Warn of the promises that fall due, and own up to those that were not kept; give how many of both."""
    with store.read() as tx:
        due = [each for each in referrals.list_promised(tx) if _is_due(tx, each, now)]
    if not due:  # as it nearly always is: nothing is written then
        return 0
    with store.begin() as tx:
        # Answered meanwhile, or another worker has said it: then it is promised no more.
        still = [each for each in due if referrals.is_promised(tx, each.id, each.promise_by)]
        return sum(_own_up(tx, house, each, now) if now >= each.promise_by else _warn(tx, each, now) for each in still)


def _is_due(tx: Tx, each: Promised, now: datetime) -> bool:
    """Whether it was not kept, or half the time has gone and staff have not been warned."""
    if now >= each.promise_by:
        return True
    half = half_time(each.created_at, each.promise_by, roster.load(tx, each.unit_id or 0))
    return now >= half and "promise" not in inbox.open_kinds(tx, each.participant_id)


def _warn(tx: Tx, each: Promised, now: datetime) -> bool:
    if "promise" in inbox.open_kinds(tx, each.participant_id):
        return False  # another worker was first
    note = f"Halva tiden har gått. Svar är lovat senast {swedish_moment(each.promise_by, to_local(now).date())}."
    place = (each.unit_id, each.participant_id, each.promise_by)
    inbox.open_item(tx, now, "promise", inbox.URGENCY["promise"], *place, note)
    return True


def _own_up(tx: Tx, house: House, each: Promised, now: datetime) -> bool:
    """Say it once, with a day that the roster can hold; where nothing reaches them staff are told so."""
    who = meetings.best_way(house, contacts.list_of(tx, each.participant_id))
    unit = None if each.unit_id is None else units.find_by_id(tx, each.unit_id)
    promise = answer_by(tx, unit, roster.load(tx, each.unit_id or 0), now, 1, each.participant_id)
    referrals.set_promise(tx, each.id, promise)
    day = None if promise is None else to_local(promise, house.hours.zone).date().isoformat()
    key, told = f"promise:{each.id}", "Personen har fått veta det."
    if who is None:
        told = "Ingen text når personen: ring."
    elif outbox.is_known(tx, key):
        who, told = None, "Det är andra gången, och boten skriver det inte en gång till: ring."
    note = f"Löftet om svar hölls inte. {told}"
    inbox.open_item(tx, now, "promise", inbox.URGENCY["promise"], each.unit_id, each.participant_id, promise, note)
    if who is None:
        return True
    message = NewMessage(
        contact_id=who.contact_id, participant_id=each.participant_id, channel=who.channel, kind="meeting",
        dedupe_key=key, why=house.catalog.why("broken_promise"), message=TEXT,
        facts={"promise": day}, not_after=promise,
    )  # fmt: skip
    outbox.queue(tx, who.key, now, [message])
    return True
