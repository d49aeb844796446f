"""Codes that join two contacts, and numbers that nobody has shown to be theirs, are forgotten after two days."""

from __future__ import annotations

from datetime import datetime

from bot.actions.house import House
from storage import join_codes
from storage.db import Store


def forget_codes(store: Store, house: House, now: datetime) -> int:
    """Take away what is two days old; give how many rows and numbers went."""
    with store.read() as tx:
        if not join_codes.anything_to_forget(tx, now):
            return 0
    with store.begin() as tx:
        return join_codes.forget(tx, now)
