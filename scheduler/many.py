"""What goes to many, taken further: the rest of a large release is queued, and each is known to be going or done."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

import structlog

from bot.actions import sending_many
from bot.actions.house import House
from storage import sendings
from storage.db import Store
from storage.errors import StoreUnavailable

log = structlog.get_logger(__name__)

PARTS: Final = 20
"""Transactions for one release at one look: a hundred thousand messages are all queued within their two minutes."""

SETTLED_WITHIN: Final = timedelta(days=1)
"""After a stop, what was on its way is settled within this, doubt and all."""


def sweep(store: Store, house: House, now: datetime) -> int:
    """Look at every release that is queued or going; give how many there are."""
    with store.read() as tx:
        under_way = sendings.list_under_way(tx)
        half_forgotten = sendings.list_half_forgotten(tx, now - SETTLED_WITHIN)
    for each in half_forgotten:
        with store.begin() as tx:
            sendings.forget_unsent(tx, each)
    for each in under_way:
        try:
            _follow(store, house, each, now)
        except StoreUnavailable:
            raise
        except Exception as error:
            # One release that cannot be followed must not keep the others.
            log.exception("many.not_followed", error=type(error).__name__)
    return len(under_way)


def _follow(store: Store, house: House, sending_id: int, now: datetime) -> None:
    """A part a transaction, so that turns are taken in between."""
    for _ in range(PARTS):
        with store.begin() as tx:
            if not sending_many.queue_more(tx, house, sending_id, now):
                sending_many.follow(tx, sending_id, now)
                return
