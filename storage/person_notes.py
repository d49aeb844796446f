"""What staff write down about a person. Nothing is changed afterwards: the author may strike a note, and it stays."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Integer, bindparam, insert, select, update

from storage.crypto import key_id_of
from storage.db import Tx
from storage.hot import Hot
from storage.ids import new_id
from storage.tables_desk import person_notes

LONGEST: Final = 3_000
"""Characters of a note. Our choice: more is a document, and belongs where those are kept."""


@dataclass(frozen=True, slots=True)
class Note:
    """One note. `text` is None when it cannot be read; `staff_id` None: the operator wrote it."""

    id: int
    staff_id: int | None
    written_at: datetime
    text: str | None
    struck_at: datetime | None


def add(tx: Tx, now: datetime, participant_id: int, staff_id: int | None, text: str) -> int:
    """Keep a note, sealed with the person's key; give its id. Unreadable when they were erased."""
    row_id = new_id(now)
    sealed = tx.vault.key_for(tx, participant_id).seal("person_notes", "body_enc", row_id, text)
    row = {"id": row_id, "participant_id": participant_id, "staff_id": staff_id, "written_at": now, "body_enc": sealed}
    tx.execute(insert(person_notes), row)
    return row_id


def strike(tx: Tx, now: datetime, participant_id: int, note_id: int, staff_id: int | None) -> bool:
    """The author takes a note back; False when it is not theirs, not this person's, or struck already."""
    here = person_notes.c
    mine = (here.id == note_id, here.participant_id == participant_id, here.staff_id == staff_id)
    struck = update(person_notes).where(*mine, here.struck_at.is_(None)).values(struck_at=now)
    return bool(tx.execute(struck).rowcount)


_LATEST: Final = Hot(
    select(person_notes)
    .where(person_notes.c.participant_id == bindparam("person"))
    .order_by(person_notes.c.id.desc())
    .limit(bindparam("most", type_=Integer))
)


def list_for(tx: Tx, participant_id: int, limit: int = 100) -> list[Note]:
    """Give the latest notes about a person, struck ones too, newest first."""
    rows = _LATEST.all(tx, {"person": participant_id, "most": limit})
    keys = tx.vault.keys_by_id(tx, (key_id_of(row.body_enc) or 0 for row in rows))
    found = []
    for row in rows:
        key = keys.get(key_id_of(row.body_enc) or 0)
        text = None if key is None else key.open("person_notes", "body_enc", row.id, row.body_enc)
        found.append(Note(row.id, row.staff_id, row.written_at, text, row.struck_at))
    return found
