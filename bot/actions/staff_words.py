"""Staff's own words to a person: frozen as they were written, on the channel that the person wrote from last."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot.actions.house import House
from bot.actions.meetings import state_of
from bot.channels.base import keepable
from rules.consent import may_go
from rules.kinds import KINDS
from storage import audit, contacts, inbox, outbox, referrals
from storage.contacts import Standing
from storage.db import Tx
from storage.ids import new_id
from storage.outbox import Body, NewMessage

LONGEST = 1_600
"""Characters: the longest that an SMS provider takes in one message."""


class CannotSay(Exception):
    """Why staff's words cannot go to this person, in Swedish for staff."""


def say(
    tx: Tx, house: House, participant_id: int, text: str, actor: str, now: datetime, nonce: str = "",
    staff_id: int | None = None,
) -> int:  # fmt: skip
    """Queue `text` for a person; return the row's id.

    `nonce` is the form's: the same form sent twice queues once. What waits in the inbox for an answer is closed, by
    `staff_id`, and a sign-up counts as answered. Raises CannotSay when there is nothing to say, no way to reach them,
    or they have written STOPP.
    """
    known = is_said(tx, nonce)
    if known is not None:
        return known
    words = text.strip()
    if not words:
        raise CannotSay("Meddelandet är tomt. Skriv något och skicka igen.")
    if len(words) > LONGEST:
        raise CannotSay(f"Meddelandet är {len(words)} tecken. Högst {LONGEST} får plats: dela det i två.")
    who = best_way(house, contacts.list_of(tx, participant_id))
    if who is None:
        raise CannotSay("Det finns ingen kontaktväg till personen.")
    verdict = may_go(KINDS["staff"], state_of(who))
    if not verdict.ok:
        raise CannotSay(verdict.why_sv)
    message = NewMessage(
        contact_id=who.contact_id, participant_id=participant_id, channel=who.channel, kind="staff", author="staff",
        written_by=staff_id, dedupe_key=f"staff:{nonce or new_id(now)}",
        why=house.catalog.why("staff"), body=Body(keepable(words)),
    )  # fmt: skip
    (row_id,) = outbox.queue(tx, who.key, now, [message])
    referrals.mark_answered(tx, participant_id, now)
    inbox.close_answered(tx, participant_id, now, staff_id)
    audit.write(tx, now, actor, "say", f"participant:{participant_id}")
    return row_id


def is_said(tx: Tx, nonce: str) -> int | None:
    """Give the id of the message that the form `nonce` has queued already, or None."""
    return outbox.find_id(tx, f"staff:{nonce}") if nonce else None


def best_way(house: House, ways: Sequence[Standing]) -> Standing | None:
    """The contact last written from, among those that may be written to; a place that is only fetched from goes last.

    STOPP stops the contact where it was written. Where nothing may go, the last one says why. None: there are no ways.
    """

    def rank(who: Standing) -> tuple[bool, bool]:
        channel = house.channels.get(who.channel)
        return not may_go(KINDS["staff"], state_of(who)).ok, channel is None or not channel.reachable

    return min(ways, key=rank, default=None)
