"""Receipts: what a provider says of a message that it has taken, and what follows for the contact and for staff."""

from __future__ import annotations

from datetime import datetime

import structlog

from bot.actions.house import House
from bot.channels.base import Status
from scheduler import notices
from scheduler.settle import mark_contact
from storage import contacts, receipts
from storage.db import Store, Tx
from storage.receipts import Heard

log = structlog.get_logger(__name__)


def take(store: Store, house: House, status: Status, now: datetime) -> str | None:
    """Take one in; return the state that its row is in then, or None when there is no such row (yet).

    It may come twice, late, in any order, or before our own request has returned. Raises StoreUnavailable when it could
    not be kept: then do not acknowledge it.
    """
    with store.begin() as tx:
        heard = receipts.hear(tx, now, status.ref, status.state, status.provider_id, status.code, status.mark)
        if heard is not None:
            _follow(tx, now, heard, status.why)
    log.info("receipt.taken", status=status.state, state=heard.state if heard else "unknown")
    return heard.state if heard else None


def match_kept(store: Store, house: House, now: datetime) -> int:
    """Apply the receipts that came before their row was there, forget those a day old; return how many were applied."""
    with store.read() as tx:
        if not receipts.any_kept(tx):
            return 0
    with store.begin() as tx:
        found = receipts.match_kept(tx, now)
        for heard in found:
            _follow(tx, now, heard, "")
    return len(found)


def _follow(tx: Tx, now: datetime, heard: Heard, why: str) -> None:
    """That it did not reach the person is told to staff once, and what it says of the contact is kept."""
    if heard.fell:
        mark_contact(tx, now, heard.contact_id, heard.mark, why or heard.code)
        notices.tell(tx, now, "failed", heard.participant_id, why or None)
    if heard.rose:
        contacts.unblock(tx, heard.contact_id)
