"""What staff are told when a message of ours did not reach anyone."""

from __future__ import annotations

from datetime import datetime

from storage import contacts, inbox
from storage.db import Tx

NOTES = {
    "expired": "Ett meddelande hann inte gå ut i tid, och skickas inte nu.",
    "failed": "Ett meddelande gick inte fram.",
    "parked": "Vi vet inte om ett meddelande gick fram, och skickar det inte igen av oss själva.",
}


def tell(tx: Tx, now: datetime, state: str, participant_id: int | None, why: str | None = None) -> None:
    """Put it before staff that a message ended in `state`; why in Swedish, if it is known.

    A message to a work device has no participant: then everybody sees the item.
    """
    unit = contacts.unit_of(tx, participant_id) if participant_id is not None else None
    note = f"{NOTES[state]} {why}" if why else NOTES[state]
    kind = "expired" if state == "expired" else "undelivered"
    inbox.open_item(tx, now, kind, inbox.URGENCY[kind], unit, participant_id, None, note)
