"""Who is never in the same group: noted by staff, shown to nobody else."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Final

from sqlalchemy import delete, select

from storage.db import Tx
from storage.hot import Hot
from storage.sql import among, ids_for, per_dialect
from storage.tables_activities import apart

_HERE: Final = apart.c
_ADD: Final = per_dialect(apart, lambda made: made.on_conflict_do_nothing())

_OF: Final = {
    dialect: Hot(select(_HERE.participant_id, _HERE.other_id).where(among(_HERE.participant_id, dialect)))
    for dialect in ("sqlite", "postgresql")
}


def add(tx: Tx, now: datetime, one: int, other: int, by: int | None) -> None:
    """Keep two apart; nothing changes when they are. ValueError for one and the same."""
    if one == other:
        raise ValueError("nobody is kept apart from themselves")
    for person, from_whom in sorted(((one, other), (other, one))):
        row = {"participant_id": person, "other_id": from_whom, "noted_at": now, "noted_by": by}
        tx.execute(_ADD[tx.dialect], row)


def remove(tx: Tx, one: int, other: int) -> bool:
    """They may be in the same group again; False when they were not kept apart."""
    both = (_HERE.participant_id.in_((one, other))) & (_HERE.other_id.in_((one, other)))
    return bool(tx.execute(delete(apart).where(both)).rowcount)


def of(tx: Tx, participant_ids: Collection[int]) -> dict[int, set[int]]:
    """Give from whom each of some people is kept apart; those who are from nobody are left out."""
    found: dict[int, set[int]] = {}
    for person, other in _OF[tx.dialect].all(tx, {"ids": ids_for(tx, participant_ids)}):
        if person != other:  # two who turned out to be one
            found.setdefault(person, set()).add(other)
    return found
