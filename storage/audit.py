"""Who read and did what. Written in the transaction of the deed; never changed, never about a person by name."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import insert, select

from storage.db import Tx
from storage.tables import audit

_WRITE: Final = insert(audit)


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the log."""

    id: int
    at: datetime
    actor: str
    action: str
    object_ref: str
    outcome: str


def write(tx: Tx, now: datetime, actor: str, action: str, object_ref: str, outcome: str = "ok") -> None:
    """Add a line: `staff:17` did `participant.show` to `participant:812`. Ids only, so that erasing never breaks it."""
    line = {"at": now, "actor": actor, "action": action, "object_ref": object_ref, "outcome": outcome}
    tx.execute(_WRITE, line)


def list_latest(tx: Tx, limit: int = 100, *, object_ref: str | None = None) -> list[Entry]:
    """Give the latest lines, newest first, all or those about one object."""
    wanted = select(audit.c.id, audit.c.at, audit.c.actor, audit.c.action, audit.c.object_ref, audit.c.outcome)
    if object_ref is not None:
        wanted = wanted.where(audit.c.object_ref == object_ref)
    return [Entry(*row) for row in tx.execute(wanted.order_by(audit.c.id.desc()).limit(limit))]
