"""Exits: when somebody's time with the unit ended, why, and whether it was taken back."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, insert, select, update

from storage.db import Tx
from storage.ids import new_id
from storage.tables_desk import exits


@dataclass(frozen=True, slots=True)
class Exit:
    """An exit that holds. `was` is the status before."""

    id: int
    reason: str
    was: str
    at: datetime
    staff_id: int | None


def add(
    tx: Tx, now: datetime, participant_id: int, unit_id: int | None, reason: str, was: str, staff_id: int | None
) -> None:
    """Keep that a person's time with a unit ended."""
    row = {"id": new_id(now), "participant_id": participant_id, "unit_id": unit_id, "reason": reason, "was": was}
    tx.execute(insert(exits), {**row, "at": now, "staff_id": staff_id})


def find_latest(tx: Tx, participant_id: int) -> Exit | None:
    """Give the latest exit of a person that was not taken back, or None."""
    here = exits.c
    mine = select(here.id, here.reason, here.was, here.at, here.staff_id).where(
        here.participant_id == participant_id, here.undone_at.is_(None)
    )
    row = tx.execute(mine.order_by(here.id.desc()).limit(1)).first()
    return None if row is None else Exit(*row)


def latest_of(tx: Tx, participant_ids: Collection[int]) -> dict[int, datetime]:
    """Give when those of some people who have left did so; one that was taken back does not count."""
    here = exits.c
    mine = select(here.participant_id, func.max(here.at)).group_by(here.participant_id)
    mine = mine.where(here.participant_id.in_(sorted(participant_ids)), here.undone_at.is_(None))
    return {row[0]: row[1] for row in tx.execute(mine)}


def undo(tx: Tx, now: datetime, exit_id: int) -> None:
    """The person is with us again: the exit stays in the history, and does not count."""
    tx.execute(update(exits).where(exits.c.id == exit_id).values(undone_at=now))
