"""Has anything happened? One small answer for pages that wait for news in a process that does not do the work."""

from __future__ import annotations

from typing import Final

from sqlalchemy import func, select

from storage.db import Tx
from storage.tables import inbound, inbox_items, outbox_attempts, receipts

Pulse = tuple[object, ...]

_NEWEST: Final = tuple(select(func.max(table.c.id)) for table in (inbound, outbox_attempts, receipts))
_OPEN: Final = select(func.count(), func.max(inbox_items.c.last_at), func.count(inbox_items.c.taken_by)).where(
    inbox_items.c.state != "closed"
)


def take(tx: Tx) -> Pulse:
    """Give what differs once somebody writes, a message leaves or arrives, an item is opened, taken or closed."""
    newest = tuple(tx.execute(each).scalar() for each in _NEWEST)
    return (*newest, *tx.execute(_OPEN).one())
