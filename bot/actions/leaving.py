"""Somebody's time with the unit ends: what was ahead is called off, and the bot begins nothing more by itself."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from bot.actions import reminding
from bot.actions.house import House
from storage import appointments, busy, contacts, conversations, inbox, outbox, participants, wishes
from storage.appointments import Appointment
from storage.db import Tx

WHY: Final = "Personen är avslutad hos oss."
NEEDLESS: Final = ("silence", "how", "meeting", "promise", "referral", "expired", "undelivered")
"""Items that nobody needs to look at any more; what the person wrote, and alarms, stay."""


def coming_meetings(tx: Tx, participant_id: int, now: datetime) -> list[Appointment]:
    """Give the meetings that an exit calls off: booked, and not begun."""
    return [each for each in appointments.list_coming(tx, participant_id, now) if each.starts > now]


def leave(tx: Tx, house: House, participant_id: int, now: datetime) -> list[Appointment]:
    """End it, and give the meetings that were called off. Of these the bot says nothing: it would offer a new time."""
    outbox.cancel_bots_own(tx, now, WHY, participant_id=participant_id)
    called_off = coming_meetings(tx, participant_id, now)
    for each in called_off:
        appointments.cancel(tx, now, each.id, "staff")
        reminding.send_file(tx, house, appointments.get(tx, each.id), now)
    busy.let_go(tx, participant_id)
    wishes.close(tx, participant_id)
    inbox.close_kinds(tx, participant_id, NEEDLESS, "done", now)
    for who in contacts.list_of(tx, participant_id):
        if who.talk is not None:
            conversations.set_state(tx, who.talk.id, "finished", now)
            contacts.set_foreground(tx, who.contact_id, None)
    participants.set_status(tx, participant_id, "exited")
    return called_off
