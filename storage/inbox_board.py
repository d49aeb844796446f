"""The inbox as one board: light rows to order and count, what has been taken, handed over and put off.

Everything here asks a number of questions that does not grow with what lies in the inbox.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    and_,
    bindparam,
    case,
    distinct,
    func,
    literal,
    literal_column,
    or_,
    select,
    true,
    update,
)

from storage.columns import UtcDateTime
from storage.crypto import PersonKey, key_id_of
from storage.db import Tx
from storage.errors import Unreadable
from storage.hot import Hot
from storage.tables import inbox_items

_HERE: Final = inbox_items.c
_NOT_CLOSED: Final = _HERE.state != literal_column("'closed'")
"""Written out: an index of what is not closed is gone by for that very word alone, not for a parameter."""

_UNIT: Final = _HERE.unit_id + 0
"""No column with an index: else SQLite reads all that a unit ever had, by that, and not just what is not closed."""

_SHOWN: Final = or_(_HERE.hidden_from.is_(None), _HERE.hidden_from != bindparam("me"))
"""What the person did not choose to keep from the one who looks."""

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


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose inbox: of these units (None: of all) and, `with_nobodys`, of none; `staff_id` is the one who looks.

    What falls due by `tonight` (UTC) goes with the urgency `breaking`, at least: a promise that would be broken.
    """

    unit_ids: Collection[int] | None
    with_nobodys: bool
    staff_id: int | None
    now: datetime
    tonight: datetime
    breaking: int


_KEY: Final = func.coalesce(_HERE.participant_id, -_HERE.id)
_AWAKE: Final = datetime(1970, 1, 1, tzinfo=UTC)


def _params(scope: Scope, **more: Any) -> dict[str, Any]:
    told = {"now": scope.now, "tonight": scope.tonight, "breaking": scope.breaking, "me": scope.staff_id or 0, **more}
    return told if scope.unit_ids is None else {**told, "units": sorted(scope.unit_ids)}


@cache  # to put a question together takes longer than to answer it
def _entries(scoped: bool, with_nobodys: bool) -> Any:
    """A row an entry: one person, or one thing that is nobody's, with its rank and clocks."""
    breaking = bindparam("breaking", type_=Integer)
    soon = and_(_HERE.due_at <= bindparam("tonight", type_=UtcDateTime), _HERE.urgency > breaking)
    asked = select(
        _KEY.label("key"),
        func.min(case((soon, breaking), else_=_HERE.urgency)).label("rank"),
        func.min(_HERE.due_at).label("due"),
        func.min(_HERE.opened_at).label("since"),
        func.min(func.coalesce(_HERE.snoozed_until, literal(_AWAKE, UtcDateTime))).label("asleep"),
        func.max(case((_HERE.taken_by == bindparam("me"), 1), else_=0)).label("mine"),
    ).where(_NOT_CLOSED, _SHOWN)
    if scoped:
        theirs: ColumnElement[bool] = _UNIT.in_(bindparam("units", expanding=True))
        asked = asked.where(or_(theirs, _UNIT.is_(None)) if with_nobodys else theirs)
    return asked.group_by(_KEY).cte("entries")


@dataclass(frozen=True, slots=True)
class Count:
    """How many entries: awake, of them people, of them the one's who looks; and how many sleep."""

    awake: int
    people: int
    mine: int
    asleep: int


@cache
def _page(scoped: bool, with_nobodys: bool, view: str) -> Any:
    """A page of keys, each row with the counts of all of the inbox."""
    rows = _entries(scoped, with_nobodys)
    awake = rows.c.asleep <= bindparam("now", type_=UtcDateTime)
    # Counted once, beside the page: half the time of windows. PostgreSQL would count again for each row unless told.
    counts = _counts(rows, awake).cte("counts").prefix_with("MATERIALIZED", dialect="postgresql")
    here = rows.c
    wanted = {"vilar": ~awake, "mina": and_(awake, here.mine == 1)}.get(view, awake)
    order = (here.rank, here.due.is_(None), here.due, here.since, here.key)
    asked = select(*counts.c, here.key).join_from(rows, counts, true()).where(wanted).order_by(*order)
    return Hot(asked.limit(bindparam("limit", type_=Integer)).offset(bindparam("offset", type_=Integer)))


def _counts(rows: Any, awake: ColumnElement[bool]) -> Any:
    return select(
        func.count(case((awake, 1))).label("awake"),
        func.count(case((and_(awake, rows.c.key > 0), 1))).label("people"),
        func.count(case((and_(awake, rows.c.mine == 1), 1))).label("mine"),
        func.count(case((~awake, 1))).label("asleep"),
    )


@cache
def _count(scoped: bool, with_nobodys: bool) -> Any:
    rows = _entries(scoped, with_nobodys)
    return Hot(_counts(rows, rows.c.asleep <= bindparam("now", type_=UtcDateTime)))


def page_of(tx: Tx, scope: Scope, view: str, limit: int, offset: int) -> tuple[Count, list[int]]:
    """Give how much there is, and whose entries stand on a page: a person's id, or an item's below zero.

    The most urgent first. `view` is mina (those of the one who looks), vilar (those that sleep), else those awake.
    """
    kind = scope.unit_ids is not None, scope.with_nobodys
    rows = _page(*kind, view).all(tx, _params(scope, limit=limit, offset=offset))
    if not rows:  # nothing in this view, or past its end: there may be in the others
        return Count(*_count(*kind).first(tx, _params(scope))), []
    return Count(*rows[0][:4]), [row.key for row in rows]


_BEHIND: Final = Hot(
    select(*_LIGHT)
    .where(
        _NOT_CLOSED,
        _SHOWN,
        or_(
            _HERE.participant_id.in_(bindparam("people", expanding=True)),
            and_(_HERE.id.in_(bindparam("items", expanding=True)), _HERE.participant_id.is_(None)),
        ),
    )
    .order_by(_HERE.id)
)


def clocks_behind(tx: Tx, keys: Collection[int], staff_id: int | None) -> dict[int, list[Clock]]:
    """Give what stands open behind entries, by their keys (see `page_of`), in the order in which it came.

    What is kept from the staff member `staff_id` is left out.
    """
    people, items = [key for key in keys if key > 0], [-key for key in keys if key < 0]
    found: dict[int, list[Clock]] = {}
    for row in _BEHIND.all(tx, {"people": people, "items": items, "me": staff_id or 0}):
        found.setdefault(row.participant_id or -row.id, []).append(Clock(*row))
    return found


_NOTES: Final = Hot(
    select(_HERE.id, _HERE.note_enc).where(
        _HERE.id.in_(bindparam("items", expanding=True)), _HERE.note_enc.is_not(None)
    )
)


def notes_of(tx: Tx, item_ids: Iterable[int], keys: dict[int, PersonKey] | None = None) -> dict[int, str | None]:
    """Give what these items say; None for one that cannot be read. Those that say nothing are left out.

    `keys` are those at hand, and grow by those that were needed.
    """
    rows = _NOTES.all(tx, {"items": sorted(item_ids)})
    keys = {} if keys is None else keys
    tx.vault.add_keys(tx, keys, (key_id_of(row.note_enc) or 0 for row in rows))
    found: dict[int, str | None] = {}
    for row in rows:
        key = keys.get(key_id_of(row.note_enc) or 0)
        try:
            found[row.id] = None if key is None else key.open("inbox_items", "note_enc", row.id, row.note_enc)
        except Unreadable:
            found[row.id] = None
    return found


_WAITING: Final = select(func.count(distinct(_HERE.participant_id)).label("waiting")).where(
    _NOT_CLOSED,
    _HERE.kind != "how",  # these wait for nobody's answer
    _HERE.kind != "rating",
    _HERE.participant_id != bindparam("person"),
)
_WAITING_IN_ALL: Final = Hot(_WAITING)
_WAITING_IN_UNIT: Final = Hot(_WAITING.where(bindparam("unit") == _UNIT))


def count_waiting(tx: Tx, unit_id: int | None, but: int = 0) -> int:
    """Count the people who wait for an answer from a unit (None: from any); `but` is one who is not counted."""
    if unit_id is None:
        return int(_WAITING_IN_ALL.first(tx, {"person": but}).waiting)
    return int(_WAITING_IN_UNIT.first(tx, {"person": but, "unit": unit_id}).waiting)


# --- changes ----------------------------------------------------------------------------------------------------------


def _open(item_ids: Iterable[int], *more: ColumnElement[bool]) -> Any:
    return update(inbox_items).where(_HERE.id.in_(sorted(item_ids)), _NOT_CLOSED, *more)


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
    mine = update(inbox_items).where(_HERE.participant_id == participant_id, _NOT_CLOSED)
    free = {"state": "open", "taken_by": None, "taken_at": None, "handed_by": None, "snoozed_until": None}
    tx.execute(mine.values({"unit_id": unit_id, **free}))


# --- who waits, for lists of people -----------------------------------------------------------------------------------


def waiting_people() -> Select[Any]:
    """Give the question for the ids of people with anything that is not closed."""
    return select(_HERE.participant_id).where(_NOT_CLOSED, _HERE.participant_id.is_not(None))


def people_taken_by(staff_id: int) -> Select[Any]:
    """Give the question for the ids of people with something open that a staff member has."""
    return waiting_people().where(_HERE.taken_by == staff_id)
