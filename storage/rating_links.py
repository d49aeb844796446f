"""Links to pages of ratings: to answer one, on one's own phone or on staff's device, and to see one's own curve.

Only a hash of the token is stored. It is derived with the installation's key from what it opens, so that the link of a
rating can be written again; that of a curve is another each time.
"""

from __future__ import annotations

from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final, Literal

from sqlalchemy import delete, select, update

from storage.db import Tx
from storage.sql import Insert, per_dialect
from storage.tables_ratings import rating_links

Purpose = Literal["answer", "device", "curve"]

CURVE_OPEN: Final = timedelta(minutes=30)
"""How long the link to one's own curve can be opened, once. Our choice: long enough to find the message."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a link opens. `rating_id` is None for a curve. `used_at`: it was used, and opens nothing more."""

    rating_id: int | None
    participant_id: int
    purpose: Purpose
    used_at: datetime | None


def _longer(made: Insert) -> Insert:
    return made.on_conflict_do_update(index_elements=["token_hash"], set_={"expires_at": made.excluded.expires_at})


_KEEP: Final = per_dialect(rating_links, _longer)
_HERE: Final = rating_links.c


def make(tx: Tx, purpose: Purpose, participant_id: int, rating_id: int | None, expires: datetime) -> str:
    """Let a link open a rating, or a person's curve (no rating), until `expires` (UTC); give its token."""
    about = f"{participant_id}|{expires.isoformat()}" if rating_id is None else str(rating_id)
    digest = tx.vault.address_hash("page", f"rating|{purpose}|{about}")
    token = urlsafe_b64encode(digest)[:22].decode()
    row = {
        "token_hash": _hashed(token), "rating_id": rating_id, "participant_id": participant_id, "purpose": purpose,
        "expires_at": expires,
    }  # fmt: skip
    tx.execute(_KEEP[tx.dialect], row)
    return token


def find(tx: Tx, token: str, now: datetime) -> Found | None:
    """Give what a token opens, also one that was used; None for an unknown or too old one, which look the same."""
    wanted = select(_HERE.rating_id, _HERE.participant_id, _HERE.purpose, _HERE.used_at)
    row = tx.execute(wanted.where(_HERE.token_hash == _hashed(token), _HERE.expires_at > now)).first()
    return None if row is None else Found(*row)


def use(tx: Tx, token: str, now: datetime) -> bool:
    """Use a link up; False when it was used before, is too old, or unknown."""
    still = (_HERE.token_hash == _hashed(token), _HERE.expires_at > now, _HERE.used_at.is_(None))
    return tx.execute(update(rating_links).where(*still).values(used_at=now)).rowcount == 1


def any_old(tx: Tx, now: datetime) -> bool:
    """Whether there are links that open nothing any more."""
    return tx.execute(select(_HERE.token_hash).where(_HERE.expires_at <= now).limit(1)).first() is not None


def drop_old(tx: Tx, now: datetime) -> int:
    """Take away the links that open nothing any more; give how many."""
    return tx.execute(delete(rating_links).where(_HERE.expires_at <= now)).rowcount


def _hashed(token: str) -> bytes:
    return sha256(token.encode("utf-8", "surrogatepass")).digest()
