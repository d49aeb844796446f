"""What came in: one row for each message, once, whatever becomes of its turn."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Integer, bindparam, select, update

from storage import contacts as contact_rows
from storage.crypto import PersonKey
from storage.db import Tx
from storage.hot import Hot
from storage.ids import new_id
from storage.sql import per_dialect
from storage.tables import contacts, inbound, person_keys

MOST_TRIES = 3
"""After three turns that raised, a person of ours gets the message and the next ones go on."""


def receive(  # noqa: PLR0917 - the columns, in their order
    tx: Tx,
    key: PersonKey,
    now: datetime,
    contact_id: int,
    channel: str,
    provider_id: str,
    kind: str,
    body: str,
    state: str = "handled",
) -> int | None:
    """Keep what came in; return its id, or None when it has come before. `now` is when we got it."""
    row_id = new_id(now)
    row = {
        "id": row_id,
        "contact_id": contact_id,
        "channel": channel,
        "provider_id": provider_id,
        "kind": kind,
        "body_enc": key.seal("inbound", "body_enc", row_id, body),
        "received_at": now,
        "state": state,
    }
    return row_id if _INSERT[tx.dialect].run(tx, row) == 1 else None


_COLUMNS = ("id", "contact_id", "channel", "provider_id", "kind", "body_enc", "received_at", "state")
_ONCE = per_dialect(inbound, lambda made: made.on_conflict_do_nothing(index_elements=["channel", "provider_id"]))
_INSERT = {dialect: Hot(statement, _COLUMNS) for dialect, statement in _ONCE.items()}


def understood(tx: Tx, row_id: int, meaning: str, conversation_id: int | None) -> None:
    """Note how a message was read; never its text."""
    _UNDERSTOOD.run(tx, {"row": row_id, "how": meaning, "talk": conversation_id})


_UNDERSTOOD = Hot(
    update(inbound)
    .where(inbound.c.id == bindparam("row"))
    .values(meaning=bindparam("how"), conversation_id=bindparam("talk"))
)


def fail(tx: Tx, row_id: int, contact_id: int, now: datetime) -> bool:
    """The turn raised: try again later, or give up after three tries. True when given up."""
    known = tx.conn.execute(select(inbound.c.attempts, inbound.c.state).where(inbound.c.id == row_id)).one()
    tries = known.attempts + 1
    given_up = bool(tries >= MOST_TRIES)
    changed = update(inbound).where(inbound.c.id == row_id)
    again = None if given_up else now + timedelta(seconds=10 * 3**tries)
    tx.conn.execute(changed.values(state="given_up" if given_up else "failed", attempts=tries, retry_at=again))
    if known.state == "handled":  # it came just now: one that has waited is counted already
        contact_rows.set_waiting(tx, contact_id, 1)
    if given_up:
        contact_rows.set_waiting(tx, contact_id, -1)
    return given_up


def wait(tx: Tx, row_id: int, contact_id: int, now: datetime) -> None:
    """An earlier message of this contact waits for its turn: so does this one."""
    changed = update(inbound).where(inbound.c.id == row_id)
    tx.conn.execute(changed.values(state="waiting", retry_at=now))
    contact_rows.set_waiting(tx, contact_id, 1)


def handled(tx: Tx, row_id: int, contact_id: int) -> None:
    """A message that had waited has had its turn."""
    changed = update(inbound).where(inbound.c.id == row_id)
    tx.conn.execute(changed.values(state="handled", retry_at=None))
    contact_rows.set_waiting(tx, contact_id, -1)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A message that has not had its turn."""

    id: int
    contact_id: int
    channel: str
    address: str
    provider_id: str
    kind: str
    body: str
    received_at: datetime
    attempts: int


def is_waiting(tx: Tx, row_id: int, now: datetime) -> bool:
    """Is it still this message's time for a new try? Another sweep may have taken it since it was listed."""
    still = select(inbound.c.id).where(inbound.c.id == row_id, inbound.c.retry_at <= now)
    return tx.conn.execute(still).first() is not None


def _waiting() -> Hot:
    other = inbound.alias("other")
    first = ~(
        select(other.c.id)
        .where(other.c.contact_id == inbound.c.contact_id, other.c.retry_at.is_not(None), other.c.id < inbound.c.id)
        .exists()
    )
    joined = inbound.join(contacts, contacts.c.id == inbound.c.contact_id)
    joined = joined.join(person_keys, person_keys.c.id == contacts.c.key_id)
    wanted = select(inbound, contacts.c.address_enc, contacts.c.key_id, person_keys.c.wrapped).select_from(joined)
    wanted = wanted.where(inbound.c.retry_at <= bindparam("now"), first).order_by(inbound.c.id)
    return Hot(wanted.limit(bindparam("most", type_=Integer)))


_WAITING: Final = _waiting()


def list_waiting(tx: Tx, now: datetime, limit: int = 50) -> list[Waiting]:
    """The oldest waiting message of each contact whose time for a new try has come."""
    found = []
    for row in _WAITING.all(tx, {"now": now, "most": limit}):
        key = tx.vault.unwrap(row.key_id, row.wrapped)
        found.append(
            Waiting(
                id=row.id,
                contact_id=row.contact_id,
                channel=row.channel,
                address=key.open("contacts", "address_enc", row.contact_id, row.address_enc),
                provider_id=row.provider_id,
                kind=row.kind,
                body=key.open("inbound", "body_enc", row.id, row.body_enc),
                received_at=row.received_at,
                attempts=row.attempts,
            )
        )
    return found
