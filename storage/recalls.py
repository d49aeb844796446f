"""Calling messages back: what is queued is cancelled, and what is on its way goes no further than it has come.

A row that a worker holds may not have been asked of its provider yet, or may be tried again in a minute. It is the
worker's to write until it is settled, so that it is called back is noted beside it, and the claim and the last look
read the note. What the provider has taken stays sent.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, String, bindparam, delete, select, text, update

from storage.columns import UtcDateTime
from storage.db import Tx
from storage.sql import per_dialect
from storage.tables import outbox
from storage.tables_recalls import recalls


def call_back(tx: Tx, now: datetime, why: str, *which: ColumnElement[bool]) -> int:
    """Cancel the rows of the outbox that are `which` and queued; give how many. Those on their way are noted.

    `why` is plain Swedish for staff, of 200 characters at most.
    """
    queued = update(outbox).where(*which, outbox.c.state == "queued")
    count = tx.execute(queued.values(state="cancelled", settled_at=now, outcome=why)).rowcount
    # Queued ones are among these: one may have come back from its provider between the two statements.
    live = select(outbox.c.id, _AT, _WHY).where(text("outbox.state in ('queued','sending','uncertain')"), *which)
    note = _NOTE[tx.dialect].from_select(["outbox_id", "at", "why"], live).on_conflict_do_nothing()
    tx.execute(note, {"recalled_at": now, "recalled_why": why})
    return count


def forget(tx: Tx, *which: ColumnElement[bool]) -> None:
    """Rows of the outbox that are `which` may go after all."""
    tx.execute(delete(recalls).where(recalls.c.outbox_id.in_(select(outbox.c.id).where(*which))))


_AT: Final = bindparam("recalled_at", type_=UtcDateTime)
_WHY: Final = bindparam("recalled_why", type_=String)
_NOTE: Final = per_dialect(recalls, lambda made: made)
