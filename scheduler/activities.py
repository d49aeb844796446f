"""The sweep of group activities: those whose moment has come are looked at, and what is due is done.

It may run twice, late or by two at once without harm: an activity is kept from others while it is looked at, what was
due before its last look is done, and each message has one key for its activity, version, person and kind.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

import structlog

from bot.actions import activity_due
from bot.actions.house import House
from storage import activities
from storage.activities import Activity
from storage.db import Store, Tx
from storage.errors import StoreUnavailable

log = structlog.get_logger(__name__)

AT_ONCE: Final = 50
"""Activities in one transaction: others write in between."""


def sweep(store: Store, house: House, now: datetime) -> int:
    """Do what is due about all activities; give how many things were said or told to staff."""
    count, failed = 0, set[int]()
    while True:
        with store.read() as tx:
            if not activities.any_due(tx, now):
                return count
        with store.begin() as tx:
            due = [each for each in activities.take_due(tx, now, AT_ONCE) if each.id not in failed]
            for each in due:
                said = _look(tx, house, each, now)
                count += said or 0
                failed |= {each.id} if said is None else set()
        if not due:  # another worker has them, or they are to be tried again at the next sweep
            return count


def _look(tx: Tx, house: House, each: Activity, now: datetime) -> int | None:
    """Look at one; None when that went wrong: what is due about it stays due."""
    try:
        with tx.savepoint():
            return activity_due.look(tx, house, each, now)
    except StoreUnavailable:
        raise
    except Exception as error:
        # One activity that cannot be looked at must not hold up everybody else's.
        log.exception("activity.not_looked_at", activity=each.id, error=type(error).__name__)
        return None
