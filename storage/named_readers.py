"""Named readers: which staff may open a person with protected identity."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import bindparam, delete, select

from storage.db import Tx
from storage.hot import Hot
from storage.sql import per_dialect
from storage.tables_desk import named_readers

_HERE: Final = named_readers.c
_ADD: Final = per_dialect(
    named_readers, lambda insert: insert.on_conflict_do_nothing(index_elements=["participant_id", "staff_id"])
)


def add(tx: Tx, now: datetime, participant_id: int, staff_id: int) -> None:
    """Let a staff member open the person; nothing changes when they may already."""
    tx.execute(_ADD[tx.dialect], {"participant_id": participant_id, "staff_id": staff_id, "added_at": now})


def remove(tx: Tx, participant_id: int, staff_id: int) -> bool:
    """Let a staff member open the person no more; False when they could not."""
    mine = (_HERE.participant_id == participant_id, _HERE.staff_id == staff_id)
    return bool(tx.execute(delete(named_readers).where(*mine)).rowcount)


def is_one(tx: Tx, participant_id: int, staff_id: int | None) -> bool:
    """Tell whether a staff member may open the person; nobody without an id may."""
    if staff_id is None:
        return False
    mine = (_HERE.participant_id == participant_id, _HERE.staff_id == staff_id)
    return tx.execute(select(_HERE.id).where(*mine)).first() is not None


def list_for(tx: Tx, participant_id: int) -> list[int]:
    """Give the ids of the staff who may open the person, in the order in which they were named."""
    mine = select(_HERE.staff_id).where(_HERE.participant_id == participant_id)
    return list(tx.execute(mine.order_by(_HERE.id)).scalars())


_PEOPLE_OF: Final = Hot(select(_HERE.participant_id).where(_HERE.staff_id == bindparam("staff")))


def people_of(tx: Tx, staff_id: int | None) -> frozenset[int]:
    """Give the ids of the people whom a staff member may open though they are protected."""
    if staff_id is None:
        return frozenset()
    return frozenset(row[0] for row in _PEOPLE_OF.all(tx, {"staff": staff_id}))
