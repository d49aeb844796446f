"""Whom an index of names has to read again: the database itself keeps it, whoever changes a person."""

from __future__ import annotations

from typing import Final

from sqlalchemy import bindparam, func, select

from storage.db import Tx
from storage.hot import Hot
from storage.tables_desk import people_changes

BACK = 200
"""How far behind the newest change one may still be written on PostgreSQL, where many write at once, and transactions
are not committed in the order of their counts. SQLite has one writer."""


def newest(tx: Tx) -> int:
    """Give the count of the newest change; 0 when there is none."""
    return int(tx.execute(select(func.max(people_changes.c.id))).scalar() or 0)


def since(tx: Tx, count: int) -> dict[int, int]:
    """Give who was changed after `count`, or so shortly before it that it may be news: the person by the count."""
    first = count if tx.dialect == "sqlite" else count - BACK
    return {row.id: row.person for row in _SINCE.all(tx, {"first": first})}


_SINCE: Final = Hot(
    select(people_changes.c.id, people_changes.c.person).where(people_changes.c.id > bindparam("first"))
)
