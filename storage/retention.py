"""What is marked for erasure, by which rule, and what was decided about it. Nothing is erased here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import exists, func, select, update

from rules.retention import HALF_DONE, Subject
from storage.db import Tx
from storage.sql import Insert, per_dialect
from storage.tables import contacts, participants, referrals, retention_marks


def _unless_marked(insert: Insert) -> Insert:
    return insert.on_conflict_do_nothing(index_elements=["participant_id", "rule"])


_MARK: Final = per_dialect(retention_marks, _unless_marked)
_FRESH: Final = retention_marks.c.id


@dataclass(frozen=True, slots=True)
class Marked:
    """A participant marked by a rule; `decision` None waits for one."""

    participant_id: int
    rule: str
    marked_at: datetime
    decision: str | None


def subjects(tx: Tx, now: datetime) -> list[Subject]:
    """Give the sign-ups that were begun and never sent, with when the person last wrote (UTC), longest ago first.

    Those marked already are left out. Whether 30 days have gone is for `rules.retention.due` to say.
    """
    here = participants.c
    heard = select(func.max(contacts.c.last_in_at)).where(contacts.c.participant_id == here.id)
    wanted = select(here.id, here.created_at, heard.scalar_subquery()).where(
        here.status == "new",
        here.created_at <= now,
        ~exists().where(referrals.c.participant_id == here.id),
        ~exists().where(retention_marks.c.participant_id == here.id),
    )
    found = [Subject(row[0], HALF_DONE.what, max(filter(None, row[1:]))) for row in tx.execute(wanted)]
    return sorted(found, key=lambda one: one.since)


def mark(tx: Tx, now: datetime, participant_id: int, rule: str) -> bool:
    """Mark a person for erasure by a rule; False when that rule had marked them before."""
    row = {"participant_id": participant_id, "rule": rule, "marked_at": now}
    return tx.execute(_MARK[tx.dialect].returning(_FRESH), row).first() is not None


def unmark(tx: Tx, participant_id: int, rule: str) -> None:
    """Take a mark away that has not been decided on: the person wrote again."""
    mine = retention_marks.c.participant_id == participant_id
    undecided = retention_marks.c.decision.is_(None)
    tx.execute(retention_marks.delete().where(mine, retention_marks.c.rule == rule, undecided))


def decide(tx: Tx, participant_id: int, rule: str, decision: str) -> None:
    """Note which decision a mark rests on."""
    mine = retention_marks.c.participant_id == participant_id
    tx.execute(update(retention_marks).where(mine, retention_marks.c.rule == rule).values(decision=decision))


def list_marks(tx: Tx, *, undecided: bool = False) -> list[Marked]:
    """Give the marks, oldest first, with `undecided` only those that wait for a decision."""
    here = retention_marks.c
    wanted = select(here.participant_id, here.rule, here.marked_at, here.decision).order_by(here.marked_at, here.id)
    if undecided:
        wanted = wanted.where(here.decision.is_(None))
    return [Marked(*row) for row in tx.execute(wanted)]
