"""What is forgotten by itself: codes that join contacts and unproved numbers after two days; old log-ins of staff."""

from __future__ import annotations

from datetime import datetime

from bot.actions.house import House
from storage import join_codes, sessions, tries
from storage.db import Store


def forget_codes(store: Store, house: House, now: datetime) -> int:
    """Take away what is two days old; give how many rows and numbers went."""
    with store.read() as tx:
        if not join_codes.anything_to_forget(tx, now):
            return 0
    with store.begin() as tx:
        return join_codes.forget(tx, now)


def forget_logins(store: Store, lease: datetime) -> int:
    """Take away staff's sessions that are over and guesses that no longer count (`lease`: real time); give how many."""
    with store.read() as tx:
        if not sessions.any_old(tx, lease) and not tries.any_old(tx, lease):
            return 0
    with store.begin() as tx:
        return sessions.drop_old(tx, lease) + tries.drop_old(tx, lease)
