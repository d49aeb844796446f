"""Saved replies: what a unit's staff often write, with fields such as {förnamn}. Nothing in them is about anybody."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, insert, select, update

from storage.db import Tx
from storage.tables_desk import saved_replies


@dataclass(frozen=True, slots=True)
class SavedReply:
    """A text that staff may put into an answer."""

    id: int
    unit_id: int
    name: str
    text: str


_COLUMNS = (saved_replies.c.id, saved_replies.c.unit_id, saved_replies.c.name, saved_replies.c.text)


def list_for(tx: Tx, unit_ids: Collection[int] | None) -> list[SavedReply]:
    """Give the replies of these units (None: of all), by name."""
    wanted = select(*_COLUMNS).order_by(saved_replies.c.name, saved_replies.c.id)
    if unit_ids is not None:
        wanted = wanted.where(saved_replies.c.unit_id.in_(unit_ids))
    return [SavedReply(*row) for row in tx.execute(wanted)]


def find(tx: Tx, reply_id: int) -> SavedReply | None:
    """Give a reply, or None."""
    row = tx.execute(select(*_COLUMNS).where(saved_replies.c.id == reply_id)).one_or_none()
    return None if row is None else SavedReply(*row)


def save(tx: Tx, now: datetime, unit_id: int, name: str, text: str, reply_id: int | None = None) -> None:
    """Keep a new reply of a unit, or change the one of that id and unit."""
    values = {"unit_id": unit_id, "name": name, "text": text, "changed_at": now}
    if reply_id is None:
        tx.execute(insert(saved_replies), values)
        return
    mine = (saved_replies.c.id == reply_id, saved_replies.c.unit_id == unit_id)
    tx.execute(update(saved_replies).where(*mine).values(values))


def remove(tx: Tx, reply_id: int) -> None:
    """Take a reply away."""
    tx.execute(delete(saved_replies).where(saved_replies.c.id == reply_id))
