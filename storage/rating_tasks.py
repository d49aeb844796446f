"""Staff's tasks that came of a rating: at most one a rating, and what was done about it in words for the person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import select, update

from storage.crypto import key_id_of
from storage.db import Tx
from storage.sql import per_dialect
from storage.tables_ratings import rating_tasks, ratings

_HERE: Final = rating_tasks.c
_ADD: Final = per_dialect(rating_tasks, lambda insert: insert.on_conflict_do_nothing())


@dataclass(frozen=True, slots=True)
class Task:
    """A task. `changed` is what staff did, in words for the person; `told`: asked | told | declined, None before."""

    item_id: int
    rating_id: int
    participant_id: int
    hidden_from: int | None
    changed: str | None
    closed_at: datetime | None
    told: str | None


def open_task(tx: Tx, item_id: int, rating_id: int) -> bool:
    """Let an inbox item be the task of a rating; False when the rating has one."""
    row = {"item_id": item_id, "rating_id": rating_id}
    return tx.execute(_ADD[tx.dialect].returning(_HERE.item_id), row).first() is not None


def find_of_rating(tx: Tx, rating_id: int) -> Task | None:
    """Give a rating's task, or None."""
    return next(iter(_list(tx, [], [rating_id])), None)


def find(tx: Tx, item_id: int) -> Task | None:
    """Give the task that an inbox item is, or None."""
    return next(iter(_list(tx, [item_id], [])), None)


def list_of_items(tx: Tx, item_ids: Sequence[int]) -> dict[int, Task]:
    """Give the tasks among some inbox items, by the item's id."""
    return {task.item_id: task for task in _list(tx, item_ids, [])}


def list_of_ratings(tx: Tx, rating_ids: Sequence[int]) -> dict[int, Task]:
    """Give the tasks of some ratings, by the rating's id."""
    return {task.rating_id: task for task in _list(tx, [], rating_ids)}


def close(tx: Tx, now: datetime, item_id: int, changed: str | None) -> bool:
    """Keep that a task is done, and what changed in words for the person (None: nothing to tell). False if it was."""
    task = find(tx, item_id)
    if task is None or task.closed_at is not None:
        return False
    sealed = None
    if changed:
        sealed = tx.vault.key_for(tx, task.participant_id).seal("rating_tasks", "changed_enc", item_id, changed)
    still = update(rating_tasks).where(_HERE.item_id == item_id, _HERE.closed_at.is_(None))
    return tx.execute(still.values(closed_at=now, changed_enc=sealed)).rowcount == 1


def note_told(tx: Tx, item_id: int, told: str) -> None:
    """Keep whether the person was asked (`asked`), wanted to know (`told`) or not (`declined`)."""
    tx.execute(update(rating_tasks).where(_HERE.item_id == item_id).values(told=told))


def _list(tx: Tx, item_ids: Sequence[int], rating_ids: Sequence[int]) -> list[Task]:
    wanted = select(rating_tasks, ratings.c.participant_id, ratings.c.hidden_from)
    wanted = wanted.join(ratings, ratings.c.id == _HERE.rating_id)
    which = _HERE.item_id.in_(item_ids) if item_ids else _HERE.rating_id.in_(rating_ids)
    rows = tx.execute(wanted.where(which)).all()
    keys = tx.vault.keys_by_id(tx, (key_id_of(row.changed_enc) or 0 for row in rows if row.changed_enc is not None))
    found = []
    for row in rows:
        key = None if row.changed_enc is None else keys.get(key_id_of(row.changed_enc) or 0)
        changed = None if key is None else key.open("rating_tasks", "changed_enc", row.item_id, row.changed_enc)
        found.append(
            Task(row.item_id, row.rating_id, row.participant_id, row.hidden_from, changed, row.closed_at, row.told)
        )
    return found
