"""What the demo's staff side does, each in one transaction and with a line in the audit log."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from bot.actions import reminding
from ingang.app import App
from ingang.demo import phones
from staff import meetings
from staff.people import Actor
from storage import audit, contacts, inbox, participants, receipts, timeline
from storage.db import Store

ACTOR: Final = "demo"
BY: Final = Actor(ACTOR)


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
        reminding.look_again(tx, now, participant_id)
        audit.write(tx, now, ACTOR, "participant.release", f"participant:{participant_id}")


def handle_meeting(app: App, meeting_id: int, deed: str) -> None:
    """Call a meeting off, or say how it went. Raises DeskFault with what stands in the way."""
    now = app.clock.now()
    if deed == "cancel":
        meetings.cancel(app.store, app.house, now, BY, meeting_id)
    else:
        meetings.mark(app.store, app.house, now, BY, meeting_id, meetings.read_outcome(deed))


def offer(app: App, participant_id: int) -> None:
    """Offer a person a walk. Raises DeskFault with what stands in the way."""
    meetings.offer(app.store, app.house, app.clock.now(), BY, participant_id)


def book(app: App, participant_id: int, at: str, member: str) -> None:
    """Book a walk with a person. Raises DeskFault with what stands in the way."""
    ask = meetings.Ask(at, member=member)
    meetings.book(app.store, app.house, app.clock.now(), BY, participant_id, ask)


def note_reading(store: Store, participant_id: int, now: datetime) -> None:
    """A person's page was opened."""
    with store.begin() as tx:
        audit.write(tx, now, ACTOR, "participant.show", f"participant:{participant_id}")
