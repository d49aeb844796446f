"""What a provider says of messages that it has taken: every word kept, and each only ever moves a row forward.

A word may come twice, late, before our own request has returned, or for a reference that no row has (a restored
database, another installation). Such a one waits for its row for a day.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import and_, delete, or_, select, text, update

from rules.delivery import FAILING, RANK, contradicts, merge_status
from storage.claims import OPEN
from storage.db import Tx
from storage.sql import per_dialect
from storage.tables import contacts, outbox, receipts

KEPT: Final = timedelta(hours=24)
"""So long does a receipt for an unknown reference wait for its row."""

BOTH: Final = "Leverantören har sagt både att det kom fram och att det inte gjorde det."


@dataclass(frozen=True, slots=True)
class Heard:
    """What a provider's word came to.

    state   of the row, after it
    fell    it is known now, and was not before, that the message did not reach the person
    rose    the reverse: it did, although the provider had said that it did not
    mark    what it says of the contact (opted_out, blocked or nothing); nothing where they have written to us since the
            message went out, for that is the newer word
    """

    row_id: int
    contact_id: int
    participant_id: int | None
    state: str
    code: str
    fell: bool
    rose: bool
    mark: str


def hear(
    tx: Tx, now: datetime, ref: str, status: str, provider_id: str | None = None, code: str = "", mark: str = ""
) -> Heard | None:
    """Take a provider's word about the row with our reference; None when there is none: then the word is kept.

    Where the reference is nobody's, a row with the provider's own id is as good.
    """
    row = _row(tx, ref, provider_id)
    word = {
        "ref": _fits(ref, 60), "provider_id": _fits(provider_id or "", 120), "status": _fits(status, 20),
        "code": _fits(code, 20), "mark": mark, "received_at": now, "outbox_id": None if row is None else row.id,
    }  # fmt: skip
    tx.conn.execute(_KEEP[tx.dialect], word)
    return None if row is None else _apply(tx, now, row, status, provider_id, code, mark)


def record_status(tx: Tx, now: datetime, ref: str, status: str, provider_id: str | None = None) -> str | None:
    """`hear`, for who only wants the state that the row is in then; None when there is no such row."""
    heard = hear(tx, now, ref, status, provider_id)
    return None if heard is None else heard.state


def any_kept(tx: Tx) -> bool:
    """Say whether any word waits for its row."""
    return tx.conn.execute(select(receipts.c.id).where(_WAITS).limit(1)).first() is not None


def match_kept(tx: Tx, now: datetime, limit: int = 500) -> list[Heard]:
    """Apply the words whose row is there by now, in the order in which they came; forget those that waited a day."""
    by_id = and_(receipts.c.provider_id != "", receipts.c.provider_id == outbox.c.provider_id)
    there = select(outbox.c.id).where(or_(outbox.c.ref == receipts.c.ref, by_id)).exists()
    wanted = select(receipts).where(_WAITS, there).order_by(receipts.c.id).limit(limit)
    heard = []
    for word in tx.conn.execute(wanted).all():
        row = _row(tx, word.ref, word.provider_id)
        if row is not None:
            tx.conn.execute(update(receipts).where(receipts.c.id == word.id).values(outbox_id=row.id))
            heard.append(_apply(tx, now, row, word.status, word.provider_id or None, word.code, word.mark))
    tx.conn.execute(delete(receipts).where(_WAITS, receipts.c.received_at < now - KEPT))
    return heard


def _row(tx: Tx, ref: str, provider_id: str | None) -> Any:
    row = tx.conn.execute(_ROW.where(outbox.c.ref == ref)).first()
    if row is None and provider_id:
        row = tx.conn.execute(_ROW.where(outbox.c.provider_id == provider_id).order_by(outbox.c.id).limit(1)).first()
    return row


def _apply(tx: Tx, now: datetime, row: Any, status: str, provider_id: str | None, code: str, mark: str) -> Heard:
    state, values = merge_status(row.state, status), dict[str, Any]()
    if contradicts(row.state, status):
        values["outcome"] = BOTH
    if state != row.state:
        # It is proof that the row was accepted; whoever holds it, or is in doubt about it, has no more say.
        values |= {"state": state, "rank": RANK[state], "settled_at": now, "accepted_at": row.accepted_at or now}
        values |= {"lease_token": row.lease_token + (1 if row.state in ("queued", *OPEN) else 0), "look_at": None}
    if provider_id and row.provider_id is None:
        values["provider_id"] = _fits(provider_id, 120)
    if code:
        values["provider_code"] = _fits(code, 20)
    if values:
        tx.conn.execute(update(outbox).where(outbox.c.id == row.id).values(**values))
    if row.accepted_at is None and "accepted_at" in values:
        tx.conn.execute(update(contacts).where(contacts.c.id == row.contact_id).values(last_out_at=now))
    since = row.last_in_at is not None and row.last_in_at > (row.accepted_at or now)
    return Heard(
        row.id, row.contact_id, row.participant_id, state, code,
        fell=state in FAILING and row.state not in FAILING, rose=row.state in FAILING and state not in FAILING,
        mark="" if since else mark,
    )  # fmt: skip


def _fits(said: str, longest: int) -> str:
    return said.replace("\x00", "").encode("utf-8", "replace").decode()[:longest]


_WAITS: Final = text("receipts.outbox_id is null")
_ROW: Final = (
    select(
        outbox.c.id, outbox.c.contact_id, outbox.c.participant_id, outbox.c.state, outbox.c.lease_token,
        outbox.c.accepted_at, outbox.c.provider_id, contacts.c.last_in_at,
    )
    .select_from(outbox.join(contacts, contacts.c.id == outbox.c.contact_id))
    .with_for_update(of=outbox)
)  # fmt: skip
_KEEP: Final = per_dialect(
    receipts, lambda made: made.on_conflict_do_nothing(index_elements=["ref", "provider_id", "status", "code"])
)
