"""What the demo's staff side does, each in one transaction and with a line in the audit log."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from ingang.demo import phones
from storage import audit, contacts, inbox, participants, receipts, timeline
from storage.db import Store

ACTOR: Final = "demo"


def renew(store: Store, key: str) -> None:
    """Give a phone a new made-up address."""
    with store.begin() as tx:
        phones.renew(tx, key)


def delivered(store: Store, phone: phones.Phone, ids: Sequence[int], now: datetime) -> int:
    """Note that a phone has got these messages, where they are its own; give how many that is news of."""
    with store.begin() as tx:
        who = contacts.find(tx, phone.channel, phones.addresses(tx)[phone.key])
        if who is None:
            return 0
        wanted = set(ids)
        news = [
            line
            for line in timeline.of_contact(tx, who.contact_id)
            if line.id in wanted and line.ref and line.state in ("accepted", "sent")
        ]
        for line in news:
            receipts.record_status(tx, now, line.ref, "delivered")
        return len(news)


def take(store: Store, item_id: int, now: datetime) -> None:
    """Somebody looks at it: the alarms stop."""
    with store.begin() as tx:
        outcome = "ok" if inbox.take(tx, item_id, None, now) else "too late"
        audit.write(tx, now, ACTOR, "inbox.take", f"inbox:{item_id}", outcome)


def close(store: Store, item_id: int, now: datetime) -> None:
    """It needs nobody any more."""
    with store.begin() as tx:
        outcome = "ok" if inbox.close(tx, item_id, "done", None, now) else "too late"
        audit.write(tx, now, ACTOR, "inbox.close", f"inbox:{item_id}", outcome)


def release(store: Store, participant_id: int, now: datetime) -> None:
    """Let the bot write by itself again after an alarm."""
    with store.begin() as tx:
        participants.end_rest(tx, participant_id)
        audit.write(tx, now, ACTOR, "participant.release", f"participant:{participant_id}")


def note_reading(store: Store, participant_id: int, now: datetime) -> None:
    """A person's page was opened."""
    with store.begin() as tx:
        audit.write(tx, now, ACTOR, "participant.show", f"participant:{participant_id}")
