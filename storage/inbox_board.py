"""The inbox as one board: light rows to order and count, what has been taken, handed over and put off.

Everything here asks a number of questions that does not grow with what lies in the inbox.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, bindparam, distinct, func, or_, select, update

from storage.crypto import key_id_of
from storage.db import Tx
from storage.errors import Unreadable
from storage.hot import Hot
from storage.tables import inbox_items

_HERE: Final = inbox_items.c
_LIGHT: Final = (
    _HERE.id, _HERE.unit_id, _HERE.participant_id, _HERE.kind, _HERE.urgency, _HERE.opened_at, _HERE.last_at,
    _HERE.due_at, _HERE.state, _HERE.taken_by, _HERE.taken_at, _HERE.handed_by, _HERE.snoozed_until,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Clock:
    """An item that is not closed, without what it says."""

    id: int
    unit_id: int | None
    participant_id: int | None
    kind: str
    urgency: int
    opened_at: datetime
    last_at: datetime
    due_at: datetime | None
    state: str
    taken_by: int | None
    taken_at: datetime | None
    handed_by: int | None
    snoozed_until: datetime | None


def list_clocks(tx: Tx, unit_ids: Collection[int] | None) -> list[Clock]:
    """Give what is not closed of these units and of none (None: of all), in the order in which it came."""
    wanted = select(*_LIGHT).where(_HERE.state != "closed").order_by(_HERE.id)
    if unit_ids is not None:
        wanted = wanted.where(or_(_HERE.unit_id.in_(unit_ids), _HERE.unit_id.is_(None)))
    return [Clock(*row) for row in tx.execute(wanted)]


def clocks_of(tx: Tx, participant_id: int) -> list[Clock]:
    """Give what is not closed of one person, in the order in which it came."""
    wanted = select(*_LIGHT).where(_HERE.state != "closed", _HERE.participant_id == participant_id)
    return [Clock(*row) for row in tx.execute(wanted.order_by(_HERE.id))]


def notes_of(tx: Tx, item_ids: Iterable[int]) -> dict[int, str | None]:
    """Give what these items say; None for one that cannot be read. Those that say nothing are left out."""
    wanted = select(_HERE.id, _HERE.note_enc).where(_HERE.id.in_(sorted(item_ids)), _HERE.note_enc.is_not(None))
    rows = tx.execute(wanted).all()
    keys = tx.vault.keys_by_id(tx, (key_id_of(row.note_enc) or 0 for row in rows))
    found: dict[int, str | None] = {}
    for row in rows:
        key = keys.get(key_id_of(row.note_enc) or 0)
        try:
            found[row.id] = None if key is None else key.open("inbox_items", "note_enc", row.id, row.note_enc)
        except Unreadable:
            found[row.id] = None
    return found


_WAITING: Final = select(func.count(distinct(_HERE.participant_id)).label("waiting")).where(
    _HERE.state != "closed",
    _HERE.kind != "how",  # these wait for nobody's answer
    _HERE.kind != "rating",
    _HERE.participant_id != bindparam("person"),
)
_WAITING_IN_ALL: Final = Hot(_WAITING)
_WAITING_IN_UNIT: Final = Hot(_WAITING.where(_HERE.unit_id == bindparam("unit")))


def count_waiting(tx: Tx, unit_id: int | None, but: int = 0) -> int:
    """Count the people who wait for an answer from a unit (None: from any); `but` is one who is not counted."""
    if unit_id is None:
        return int(_WAITING_IN_ALL.first(tx, {"person": but}).waiting)
    return int(_WAITING_IN_UNIT.first(tx, {"person": but, "unit": unit_id}).waiting)


# --- changes ----------------------------------------------------------------------------------------------------------


def _open(item_ids: Iterable[int], *more: ColumnElement[bool]) -> Any:
    return update(inbox_items).where(_HERE.id.in_(sorted(item_ids)), _HERE.state != "closed", *more)


def take_all(tx: Tx, item_ids: Iterable[int], staff_id: int | None, now: datetime) -> int:
    """Let a staff member have these items, of those that nobody has; give how many. Their snooze ends."""
    values = {"state": "taken", "taken_by": staff_id, "taken_at": now, "handed_by": None, "snoozed_until": None}
    return int(tx.execute(_open(item_ids, _HERE.state == "open").values(values)).rowcount)


def hand(tx: Tx, item_ids: Iterable[int], to_staff: int, by: int | None, now: datetime) -> int:
    """Let another staff member have these items, whoever has them; give how many."""
    values = {"state": "taken", "taken_by": to_staff, "taken_at": now, "handed_by": by, "snoozed_until": None}
    return int(tx.execute(_open(item_ids).values(values)).rowcount)


def let_go(tx: Tx, item_ids: Iterable[int]) -> int:
    """Nobody has these items any more; give how many."""
    values = {"state": "open", "taken_by": None, "taken_at": None, "handed_by": None}
    return int(tx.execute(_open(item_ids).values(values)).rowcount)


def snooze(tx: Tx, item_ids: Iterable[int], until: datetime | None) -> int:
    """Put these items off until a moment (UTC), or with None take them back; give how many."""
    return int(tx.execute(_open(item_ids).values(snoozed_until=until)).rowcount)


def change_unit(tx: Tx, participant_id: int, unit_id: int) -> None:
    """The person moves to another unit: what is open goes there, and nobody there has it yet."""
    mine = update(inbox_items).where(_HERE.participant_id == participant_id, _HERE.state != "closed")
    free = {"state": "open", "taken_by": None, "taken_at": None, "handed_by": None, "snoozed_until": None}
    tx.execute(mine.values({"unit_id": unit_id, **free}))


# --- who waits, for lists of people -----------------------------------------------------------------------------------


def waiting_people() -> Select[Any]:
    """Give the question for the ids of people with anything that is not closed."""
    return select(_HERE.participant_id).where(_HERE.state != "closed", _HERE.participant_id.is_not(None))


def people_taken_by(staff_id: int) -> Select[Any]:
    """Give the question for the ids of people with something open that a staff member has."""
    return waiting_people().where(_HERE.taken_by == staff_id)
