"""Links to a person's own page of a meeting. Only a hash of the token is stored; the token itself is in the link alone.

It is derived with the installation's key from what it opens, so that the same link can be written again in a reminder.
"""

from __future__ import annotations

from base64 import urlsafe_b64encode
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

from sqlalchemy import bindparam, delete, select

from storage.db import Tx
from storage.hot import Hot
from storage.sql import Insert, per_dialect
from storage.tables_meetings import page_links

OPEN_AFTER: Final = timedelta(days=2)
"""How long after a meeting its page still opens: somebody may look up where they were. Our choice."""


def _longer(made: Insert) -> Insert:
    return made.on_conflict_do_update(index_elements=["token_hash"], set_={"expires_at": made.excluded.expires_at})


_KEEP: Final = per_dialect(page_links, _longer)


def token_of(tx: Tx, appointment_id: int) -> str:
    """The token of a meeting's page: 132 bits that nobody without the installation's key can tell."""
    return urlsafe_b64encode(tx.vault.address_hash("page", f"appointment|{appointment_id}"))[:22].decode()


def make(tx: Tx, appointment_id: int, ends: datetime) -> str:
    """Let the link of a meeting open its page until some days after `ends` (UTC); give the token."""
    token = token_of(tx, appointment_id)
    row = {"token_hash": _hashed(token), "appointment_id": appointment_id, "expires_at": ends + OPEN_AFTER}
    tx.execute(_KEEP[tx.dialect], row)
    return token


def open_one(tx: Tx, token: str, now: datetime) -> int | None:
    """Give the meeting that a token opens, or None: unknown or too old, which look the same from outside."""
    here = page_links.c
    found = select(here.appointment_id).where(here.token_hash == _hashed(token), here.expires_at > now)
    appointment: int | None = tx.execute(found).scalar()
    return appointment


def any_old(tx: Tx, now: datetime) -> bool:
    """Whether there are links that open nothing any more."""
    return _OLD.first(tx, {"now": now}) is not None


_OLD: Final = Hot(select(page_links.c.appointment_id).where(page_links.c.expires_at <= bindparam("now")).limit(1))


def drop_old(tx: Tx, now: datetime) -> int:
    """Take away the links that open nothing any more; give how many."""
    return tx.execute(delete(page_links).where(page_links.c.expires_at <= now)).rowcount


def _hashed(token: str) -> bytes:
    return sha256(token.encode("utf-8", "surrogatepass")).digest()
