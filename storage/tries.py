"""Wrong guesses, counted for all processes: by account and address, by known browser, by address.

What is counted under is a keyed hash, so that the table tells nobody's address or account.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, select, update

from storage.db import Tx
from storage.sql import Insert, per_dialect
from storage.tables_staff import login_tries

FORGOTTEN: Final = timedelta(days=1)
"""How long after the last wrong guess they count. Our choice."""


def _nothing(made: Insert) -> Insert:
    return made.on_conflict_do_nothing(index_elements=["key_hash"])


_BEGIN: Final = per_dialect(login_tries, _nothing)


def closed_until(tx: Tx, keys: Iterable[str], at: datetime) -> datetime | None:
    """Give when the last of these opens again, None when all are open."""
    hashes = [_hash(tx, key) for key in keys]
    here = login_tries.c
    wanted = select(here.closed_until).where(here.key_hash.in_(hashes), here.closed_until > at)
    found = [row[0] for row in tx.execute(wanted).all()]
    return max(found, default=None)


def miss(
    tx: Tx, key: str, at: datetime, closes: Callable[[int], timedelta | None], counts_for: timedelta = FORGOTTEN
) -> int:
    """Count a wrong guess and give the number of them; `closes` tells from that how long none is taken.

    When none came for `counts_for` after the last one, the count begins anew.
    """
    hashed, here = _hash(tx, key), login_tries.c
    tx.execute(_BEGIN[tx.dialect], {"key_hash": hashed, "misses": 0, "last_at": at})
    row = tx.execute(select(here.misses, here.last_at).where(here.key_hash == hashed).with_for_update()).one()
    misses = 1 if row.last_at + counts_for <= at else row.misses + 1
    pause = closes(misses)
    values = {"misses": misses, "last_at": at, "closed_until": None if pause is None else at + pause}
    tx.execute(update(login_tries).where(here.key_hash == hashed).values(values))
    return misses


def forget(tx: Tx, keys: Iterable[str]) -> None:
    """The right one came: begin anew."""
    tx.execute(delete(login_tries).where(login_tries.c.key_hash.in_([_hash(tx, key) for key in keys])))


def any_old(tx: Tx, at: datetime) -> bool:
    """Whether there are guesses that no longer count."""
    wanted = select(login_tries.c.key_hash).where(login_tries.c.last_at <= at - FORGOTTEN)
    return tx.execute(wanted.limit(1)).first() is not None


def drop_old(tx: Tx, at: datetime) -> int:
    """Take away what no longer counts; give how many."""
    return tx.execute(delete(login_tries).where(login_tries.c.last_at <= at - FORGOTTEN)).rowcount


def _hash(tx: Tx, key: str) -> bytes:
    return tx.vault.address_hash("try", key)
