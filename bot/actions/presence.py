"""A person has blocked us, or let us in again, and said nothing: what is to be known of it."""

from __future__ import annotations

from datetime import datetime

from bot.actions import reminding
from bot.channels.base import Presence
from storage import contacts, inbox
from storage.db import Store, Tx

BLOCKED = "Personen har stängt av vår chatt. Inget vi skriver där går fram, förrän personen öppnar den igen."


def take(store: Store, told: Presence, now: datetime) -> bool:
    """Note it, in one transaction; False when it changed nothing. Raises StoreUnavailable: then do not acknowledge."""
    with store.begin() as tx:
        contacts.wait_for_turn(tx, told.channel, told.address)
        return note(tx, told, now)


def note(tx: Tx, told: Presence, now: datetime) -> bool:
    """Mark the contact, and put a block before staff: someone who shut the door may need another way. Safe to repeat.

    False when it changed nothing: it was known, or we have never heard of the address.
    """
    who = contacts.find(tx, told.channel, told.address)
    if who is None or (who.blocked_at is not None) == told.blocked:
        return False
    if not told.blocked:
        contacts.unblock(tx, who.contact_id)
        reminding.look_again(tx, now, who.participant_id)
        return True
    contacts.block(tx, who.contact_id, now, "Personen har stängt av chatten.")
    # After an alarm it is no small thing that nobody can be reached.
    urgency = inbox.URGENCY["undelivered" if who.resting_since is None else "message"]
    inbox.open_item(tx, now, "undelivered", urgency, who.unit_id, who.participant_id, None, BLOCKED)
    return True
