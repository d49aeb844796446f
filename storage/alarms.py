"""Alarms to work devices: who is told of an urgent item, when, unless somebody has taken it by then."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import bindparam, select, update
from sqlalchemy.dialects.postgresql import insert as insert_postgres
from sqlalchemy.dialects.sqlite import insert as insert_sqlite

from storage.db import Tx
from storage.hot import Hot
from storage.ids import new_id
from storage.tables import alarms, inbox_items


def plan(tx: Tx, now: datetime, inbox_item_id: int, ladder: Sequence[tuple[int, datetime, int]]) -> None:
    """Plan alarms as (step, when in UTC, staff id). One that is planned already for that moment stays as it is."""
    make = insert_postgres if tx.dialect == "postgresql" else insert_sqlite
    for step, at, staff_id in ladder:
        row = {"id": new_id(now), "inbox_item_id": inbox_item_id, "staff_id": staff_id, "step": step, "due_at": at}
        tx.execute(make(alarms).on_conflict_do_nothing(index_elements=["inbox_item_id", "staff_id", "due_at"]), row)


@dataclass(frozen=True, slots=True)
class DueAlarm:
    """An alarm whose moment has come."""

    id: int
    staff_id: int
    step: int


def list_due(tx: Tx, now: datetime) -> list[DueAlarm]:
    """The alarms to send now: planned for now or before, and the item neither taken nor closed."""
    return [DueAlarm(*row) for row in _DUE.all(tx, {"now": now})]


_DUE: Final = Hot(
    select(alarms.c.id, alarms.c.staff_id, alarms.c.step)
    .join(inbox_items, inbox_items.c.id == alarms.c.inbox_item_id)
    .where(alarms.c.due_at <= bindparam("now"), alarms.c.sent_at.is_(None), alarms.c.stopped_at.is_(None))
    .where(inbox_items.c.state == "open")
    .order_by(alarms.c.due_at)
)


def sent(tx: Tx, alarm_id: int, now: datetime) -> None:
    """The alarm was queued."""
    tx.execute(update(alarms).where(alarms.c.id == alarm_id).values(sent_at=now))


def stop(tx: Tx, inbox_item_id: int, now: datetime) -> None:
    """Somebody has taken the item: the alarms that are left are not sent."""
    waiting = update(alarms).where(alarms.c.inbox_item_id == inbox_item_id, alarms.c.sent_at.is_(None))
    tx.execute(waiting.values(stopped_at=now))
