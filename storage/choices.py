"""What each person was told and chose, when, and in which words. Three things that are kept apart."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from sqlalchemy import bindparam, insert, select

from storage.db import Tx
from storage.hot import Hot
from storage.ids import new_id
from storage.tables import choices

Kind = Literal["informed", "chose", "consent"]
_RECORD: Final = Hot(
    insert(choices), ("id", "participant_id", "kind", "purpose", "answer", "text_name", "text_version", "at")
)


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing told or chosen; `answer` is None when there was nothing to answer."""

    id: int
    participant_id: int
    kind: str
    purpose: str
    answer: str | None
    text_name: str
    text_version: str
    at: datetime


def record(
    tx: Tx,
    now: datetime,
    participant_id: int,
    kind: Kind,
    purpose: str,
    answer: str | None,
    text_name: str,
    text_version: str,
) -> int:
    """Record that a person was informed, chose, or consented, in which message; give the row's id."""
    row_id = new_id(now)
    row = {"id": row_id, "participant_id": participant_id, "kind": kind, "purpose": purpose, "answer": answer}
    _RECORD.run(tx, {**row, "text_name": text_name, "text_version": text_version, "at": now})
    return row_id


def list_for(tx: Tx, participant_id: int) -> list[Choice]:
    """Give what a person was told and chose, oldest first."""
    return [
        Choice(row.id, row.participant_id, row.kind, row.purpose, row.answer, row.text_name, row.text_version, row.at)
        for row in _OF_ONE.all(tx, {"person": participant_id})
    ]


_OF_ONE: Final = Hot(select(choices).where(choices.c.participant_id == bindparam("person")).order_by(choices.c.id))
