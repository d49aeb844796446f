"""Queueing what we say of a group activity by ourselves: once for each activity, version, person and kind."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from bot.actions import reminding
from bot.actions.activity_facts import best_way, stamp_of
from bot.actions.house import House
from rules.sending import CHANGE_EXEMPT_WITHIN
from storage import contacts, outbox
from storage.activities import Activity
from storage.db import Tx
from storage.group_words import key_of
from storage.invitations import Invitation
from storage.outbox import NewMessage

KIND: Final = {"how_was_it": "follow_up"}
"""Of what kind a message is that is no word of a time that holds: those are as a meeting's."""

AT_ONCE: Final = ("moved", "cancelled")
"""What waits for no hour when it begins within a day, as a meeting's change."""


def tell(
    tx: Tx, house: House, there: Activity, mine: Invitation, name: str, now: datetime, expires: datetime,
    soonest: datetime | None = None,
) -> bool:  # fmt: skip
    """Queue the message `name` ("moved", "offer2") for somebody; False when nothing of ours can reach them.

    `soonest` is the nearest of the starts that it is about: word of a change within a day waits for no hour.
    """
    base = name.rstrip("0123456789")
    kind = KIND.get(base, "meeting")
    who = best_way(house, contacts.list_of(tx, mine.participant_id), kind)
    if who is None or now >= expires:
        return False
    near = min(soonest or there.starts, there.starts) - now
    if base in AT_ONCE and timedelta(0) <= near <= CHANGE_EXEMPT_WITHIN:
        kind = "change"
    row = NewMessage(
        contact_id=who.contact_id, participant_id=mine.participant_id, channel=who.channel, kind=kind,
        dedupe_key=key_of(there.id, there.version, mine.participant_id, name), why=house.catalog.why(f"group_{base}"),
        message=f"activity/{base}",
        facts={"invitation": mine.id, "activity": there.id, "stamp": stamp_of(mine, there)},
        not_before=None if base in AT_ONCE else reminding.not_before(who, expires, now), not_after=expires,
    )  # fmt: skip
    outbox.queue(tx, who.key, now, [row])
    return True
