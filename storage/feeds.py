"""Secret links to staff's calendars: one each, which its owner makes, renews and switches off.

Only a hash of a link's word is stored. The word is derived with the installation's key, so that its owner can be shown
it again, and from a number that is new each time, so that an old link never opens anything again.
"""

from __future__ import annotations

import secrets
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Final

from sqlalchemy import bindparam, delete, select

from storage.db import Tx
from storage.hot import Hot
from storage.sql import Insert, per_dialect
from storage.tables import staff_members
from storage.tables_calendar import calendar_feeds

_HERE: Final = calendar_feeds.c


@dataclass(frozen=True, slots=True)
class Feed:
    """One staff member's link: its word, and since when (UTC)."""

    token: str
    made_at: datetime


def _instead(made: Insert) -> Insert:
    fresh = {name: made.excluded[name] for name in ("token_hash", "salt", "made_at")}
    return made.on_conflict_do_update(index_elements=["staff_id"], set_=fresh)


_OF_ONE: Final = Hot(select(_HERE.salt, _HERE.made_at).where(_HERE.staff_id == bindparam("staff")))
_MAKE: Final = per_dialect(calendar_feeds, _instead)


def renew(tx: Tx, staff_id: int, now: datetime) -> Feed:
    """Make a link, instead of the one that there may have been, and give it."""
    salt = secrets.randbits(62)
    token = _token(tx, staff_id, salt)
    row = {"staff_id": staff_id, "token_hash": _hashed(token), "salt": salt, "made_at": now}
    tx.execute(_MAKE[tx.dialect], row)
    return Feed(token, now)


def switch_off(tx: Tx, staff_id: int) -> bool:
    """Take the link away; False when there was none."""
    return tx.execute(delete(calendar_feeds).where(_HERE.staff_id == staff_id)).rowcount > 0


def find(tx: Tx, staff_id: int) -> Feed | None:
    """Give a staff member's link, or None."""
    row = _OF_ONE.first(tx, {"staff": staff_id})
    return None if row is None else Feed(_token(tx, staff_id, row.salt), row.made_at)


def owner_of(tx: Tx, token: str) -> int | None:
    """Give whose calendar a link's word opens; None for an unknown one, and for somebody who has left."""
    joined = calendar_feeds.join(staff_members, staff_members.c.id == _HERE.staff_id)
    wanted = select(_HERE.staff_id).select_from(joined)
    wanted = wanted.where(_HERE.token_hash == _hashed(token), staff_members.c.disabled_at.is_(None))
    owner: int | None = tx.execute(wanted).scalar()
    return owner


def _token(tx: Tx, staff_id: int, salt: int) -> str:
    return urlsafe_b64encode(tx.vault.address_hash("feed", f"{staff_id}|{salt}"))[:32].decode()


def _hashed(token: str) -> bytes:
    return sha256(token.encode("utf-8", "surrogatepass")).digest()
