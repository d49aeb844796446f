"""Places at a group activity. The primary key of the table is what keeps one place from being given twice."""

from __future__ import annotations

from typing import Final

from sqlalchemy import delete, func, select

from storage.db import Tx
from storage.sql import per_dialect
from storage.tables_activities import places

_HERE: Final = places.c
_TAKE: Final = {
    name: statement.returning(_HERE.number)
    for name, statement in per_dialect(places, lambda insert: insert.on_conflict_do_nothing()).items()
}


def take(tx: Tx, activity_id: int, invitation_id: int, places_in_all: int) -> int | None:
    """Take a place for an invitation and give its number, the one it has if it has one; None when all are taken.

    Racing takers try the free numbers in order: who loses one tries the next, and nobody gets another's.
    """
    mine = select(_HERE.number).where(_HERE.invitation_id == invitation_id)
    for _ in range(places_in_all + 1):
        has = tx.execute(mine).scalar()
        if has is not None:
            return int(has)
        taken = set(tx.execute(select(_HERE.number).where(_HERE.activity_id == activity_id)).scalars())
        free = next((number for number in range(1, places_in_all + 1) if number not in taken), None)
        if free is None:
            return None
        row = {"activity_id": activity_id, "number": free, "invitation_id": invitation_id}
        if tx.execute(_TAKE[tx.dialect], row).first() is not None:
            return free
    return None


def free(tx: Tx, invitation_id: int) -> int | None:
    """Let an invitation's place be anybody's again; give its number, None when it had none."""
    gone = delete(places).where(_HERE.invitation_id == invitation_id).returning(_HERE.number)
    return tx.execute(gone).scalar()


def free_all(tx: Tx, activity_id: int) -> int:
    """Nobody has a place at an activity any more; give how many had."""
    return tx.execute(delete(places).where(_HERE.activity_id == activity_id)).rowcount


def count(tx: Tx, activity_id: int) -> int:
    """Count the places that are taken or held."""
    wanted = select(func.count()).select_from(places).where(_HERE.activity_id == activity_id)
    return int(tx.execute(wanted).scalar_one())


def highest(tx: Tx, activity_id: int) -> int:
    """Give the highest number that is taken, 0 for none: with fewer places than that somebody would lose theirs."""
    return int(tx.execute(select(func.max(_HERE.number)).where(_HERE.activity_id == activity_id)).scalar() or 0)
