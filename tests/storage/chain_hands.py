"""What the tests of the audit log's chain do to it, with our hands and with another's."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy import text

from storage import audit, audit_chain, audit_check
from storage.audit_check import Found
from storage.db import Store, Tx

SHOW, TAKE = "participant.show", "inbox.take"


def write(store: Store, now: datetime, *actions: str, actor: str = "staff:17") -> None:
    with store.begin() as tx:
        for action in actions:
            audit.write(tx, now, actor, action, "participant:812")


def seal(store: Store) -> int:
    with store.begin() as tx:
        return audit_chain.seal(tx)


def verify(store: Store, anchor: tuple[str, int] | None = None) -> Found:
    with store.read() as tx:
        return audit_check.verify(tx, anchor)


def faults(store: Store) -> list[tuple[str, int | None]]:
    return [(fault.kind, fault.line) for fault in verify(store).faults]


def ids(store: Store) -> list[int]:
    with store.read() as tx:
        return [line.id for line in reversed(audit.list_latest(tx, 1000))]


@contextmanager
def tampering(store: Store) -> Iterator[Tx]:
    """A hand that goes around the database's own refusal, as its owner can."""
    with store.begin() as tx:
        for table in ("audit", "audit_chain"):
            if tx.dialect == "postgresql":
                tx.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER ALL"))
                continue
            for act in ("update", "delete"):
                tx.execute(text(f"DROP TRIGGER IF EXISTS {table}_no_{act}"))
        yield tx


def insert_by_hand(tx: Tx, now: datetime, line_id: int) -> None:
    words = (
        "INSERT INTO audit (id, at, actor, action, object_ref) VALUES (:id, :at, 'staff:9', 'participant.show', 'z')"
    )
    at = now if tx.dialect == "postgresql" else f"{now:%Y-%m-%d %H:%M:%S}.000000"
    tx.execute(text(words), {"id": line_id, "at": at})


CHANGES: dict[str, Callable[[Tx, int], None]] = {
    "actor": lambda tx, one: run(tx, "UPDATE audit SET actor = 'staff:18' WHERE id = :one", one),
    "action": lambda tx, one: run(tx, "UPDATE audit SET action = 'staff.list' WHERE id = :one", one),
    "object": lambda tx, one: run(tx, "UPDATE audit SET object_ref = 'participant:1' WHERE id = :one", one),
    "outcome": lambda tx, one: run(tx, "UPDATE audit SET outcome = 'refused' WHERE id = :one", one),
    "mark": lambda tx, one: run(tx, "UPDATE audit SET mark = NULL WHERE id = :one", one),
}


def run(tx: Tx, words: str, one: int) -> None:
    tx.execute(text(words), {"one": one})
