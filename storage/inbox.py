"""The inbox: what a human must look at, the most urgent on top, one clock a person."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import bindparam, func, insert, select, update

from storage import alarms
from storage.crypto import PersonKey, key_id_of
from storage.db import Tx
from storage.errors import NotFound, Unreadable
from storage.hot import Hot
from storage.ids import new_id
from storage.tables import inbox_items

URGENCY: Final[Mapping[str, int]] = {
    "distress": 0,
    "violence": 0,
    "protected": 1,
    "outage": 1,  # messages do not get through: nobody else would tell staff
    "promise": 2,
    "message": 3,
    "callback": 4,
    "referral": 5,
    "silence": 6,
    "meeting": 7,
    "rating": 8,
    "undelivered": 9,
    "expired": 10,
    "how": 11,
    "other": 12,
}
ALARMING: Final = ("distress", "violence")
ANSWERED_BY_WORDS: Final = (
    "promise", "silence", "message", "meeting", "callback", "referral", "undelivered", "expired", "other",
)  # fmt: skip  # the rest a human closes by hand
LONGEST_NOTE: Final = 20_000  # characters; what comes after is in the conversation still
CUT: Final = "\n[…]"

_ADD: Final = Hot(
    insert(inbox_items),
    (
        "id",
        "unit_id",
        "participant_id",
        "kind",
        "urgency",
        "opened_at",
        "last_at",
        "due_at",
        "note_enc",
        "state",
        "hidden_from",
    ),
)
_JOINABLE: Final = Hot(
    select(inbox_items)
    .where(
        inbox_items.c.participant_id == bindparam("participant"),
        inbox_items.c.kind == bindparam("kind"),
        inbox_items.c.state != "closed",
        inbox_items.c.last_at >= bindparam("since"),
    )
    .order_by(inbox_items.c.id.desc())
    .limit(1)
    .with_for_update()
)
_EXTEND: Final = update(inbox_items).where(inbox_items.c.id == bindparam("item"))
_ORDER: Final = (inbox_items.c.urgency, inbox_items.c.due_at.is_(None), inbox_items.c.due_at, inbox_items.c.id)


@dataclass(frozen=True, slots=True)
class Item:
    """Something that a human must look at. `note` is None when there is none, or when `readable` is False."""

    id: int
    kind: str
    urgency: int
    unit_id: int | None
    participant_id: int | None
    opened_at: datetime
    last_at: datetime
    due_at: datetime | None
    note: str | None
    readable: bool
    state: str
    taken_by: int | None
    closed_at: datetime | None
    closed_why: str | None
    taken_at: datetime | None = None
    handed_by: int | None = None
    snoozed_until: datetime | None = None
    closed_by: int | None = None
    hidden_from: int | None = None


def open_item(  # noqa: PLR0917 - the columns, in their order
    tx: Tx,
    now: datetime,
    kind: str,
    urgency: int,
    unit_id: int | None,
    participant_id: int | None,
    due_at: datetime | None,
    note: str | None,
    join_within: timedelta | None = timedelta(minutes=10),
    hidden_from: int | None = None,
) -> tuple[int, bool]:
    """Put something in the inbox; give its id, and whether it is a new item.

    What the same person gives cause for, of the same kind and within `join_within` of the last time, is one item that
    is not closed: its note grows by a line, and it keeps the earlier clock and the greater urgency. None joins nothing.
    The item is kept from the staff member `hidden_from`.
    """
    if participant_id is not None and join_within is not None:
        since = now - join_within
        known = _JOINABLE.first(tx, {"participant": participant_id, "kind": kind, "since": since})
        if known is not None and _extend(tx, now, known, urgency, due_at, note):
            return known.id, False
    item_id = new_id(now)
    row = {
        "id": item_id,
        "unit_id": unit_id,
        "participant_id": participant_id,
        "kind": kind,
        "urgency": urgency,
        "opened_at": now,
        "last_at": now,
        "due_at": due_at,
        "note_enc": None if note is None else _sealed(tx, participant_id, item_id, note),
        "state": "open",
        "hidden_from": hidden_from,
    }
    _ADD.run(tx, row)
    return item_id, True


def _extend(tx: Tx, now: datetime, known: Any, urgency: int, due_at: datetime | None, note: str | None) -> bool:
    """Add to an item; False when what it says cannot be read, and so cannot be added to."""
    clocks = [clock for clock in (known.due_at, due_at) if clock is not None]
    change: dict[str, Any] = {
        "last_at": now,
        "snoozed_until": None,
        "urgency": min(urgency, known.urgency),
        "due_at": min(clocks, default=None),
    }
    if note is not None:
        if known.note_enc is not None:
            place = ("inbox_items", "note_enc", known.id, known.note_enc)
            try:
                note = f"{tx.vault.open_any(tx, known.participant_id, *place)}\n{note}"
            except Unreadable:
                return False
        change["note_enc"] = _sealed(tx, known.participant_id, known.id, note)
    tx.execute(_EXTEND, {"item": known.id, **change})
    return True


def _sealed(tx: Tx, participant_id: int | None, item_id: int, note: str) -> bytes:
    key = tx.vault.own(tx) if participant_id is None else tx.vault.key_for(tx, participant_id)
    if len(note) > LONGEST_NOTE:
        note = note[: LONGEST_NOTE - len(CUT)].removesuffix(CUT) + CUT
    return key.seal("inbox_items", "note_enc", item_id, note)


def list_open(tx: Tx, unit_id: int | None = None) -> list[Item]:
    """Give what is not closed of a unit (None: of all, and what belongs to none), most urgent first, then by clock."""
    wanted = select(inbox_items).where(inbox_items.c.state != "closed").order_by(*_ORDER)
    if unit_id is not None:
        wanted = wanted.where(inbox_items.c.unit_id == unit_id)
    return _read(tx, tx.execute(wanted).all())


def list_for(tx: Tx, participant_id: int, *, closed: bool = True) -> list[Item]:
    """Give all of a person's items, closed ones too unless told not to, newest first."""
    return _read(tx, (_ALL_OF_ONE if closed else _OPEN_OF_ONE).all(tx, {"participant": participant_id}))


_OF_ONE: Final = (
    select(inbox_items)
    .where(inbox_items.c.participant_id == bindparam("participant"))
    .order_by(inbox_items.c.id.desc())
)
_ALL_OF_ONE: Final = Hot(_OF_ONE)
_OPEN_OF_ONE: Final = Hot(_OF_ONE.where(inbox_items.c.state != "closed"))


def get_item(tx: Tx, item_id: int) -> Item:
    """Give an item; NotFound when there is none."""
    rows = tx.execute(select(inbox_items).where(inbox_items.c.id == item_id)).all()
    if not rows:
        raise NotFound("inbox item", item_id)
    return _read(tx, rows)[0]


def keep_from_others(tx: Tx, item_id: int) -> None:
    """Let others wait, until the transaction ends, who would change what is open of the same person."""
    here, same = inbox_items.c, inbox_items.alias()
    whose = select(same.c.participant_id).where(same.c.id == item_id).scalar_subquery()
    mine = (here.id == item_id) | ((here.participant_id == whose) & (here.state != "closed"))
    tx.execute(select(here.id).where(mine).order_by(here.id).with_for_update()).all()


def count_open(tx: Tx, unit_id: int | None = None) -> int:
    """Count what is not closed."""
    wanted = select(func.count()).select_from(inbox_items).where(inbox_items.c.state != "closed")
    if unit_id is not None:
        wanted = wanted.where(inbox_items.c.unit_id == unit_id)
    return int(tx.execute(wanted).scalar_one())


def take(tx: Tx, item_id: int, staff_id: int | None, now: datetime) -> bool:
    """Somebody looks at it: the alarms that are left stop. False when another has it, or it is closed."""
    still_open = (inbox_items.c.id == item_id) & (inbox_items.c.state == "open")
    values = {"state": "taken", "taken_by": staff_id, "taken_at": now, "handed_by": None}
    taken = tx.execute(update(inbox_items).where(still_open).values(values)).rowcount
    if taken:
        alarms.stop(tx, item_id, now)
    return bool(taken)


def close(tx: Tx, item_id: int, why: str, staff_id: int | None, now: datetime) -> bool:
    """It needs nobody any more: `why` in a word. False when it was closed before."""
    here = inbox_items.c
    values = {
        "state": "closed",
        "closed_at": now,
        "closed_why": why[:60],
        "closed_by": staff_id,
        "taken_by": func.coalesce(here.taken_by, staff_id),
    }
    closed = tx.execute(update(inbox_items).where(here.id == item_id, here.state != "closed").values(values)).rowcount
    if closed:
        alarms.stop(tx, item_id, now)
    return bool(closed)


def close_answered(
    tx: Tx, participant_id: int, now: datetime, staff_id: int | None = None, why: str = "answered"
) -> int:
    """A person of ours wrote to them, or rang: close what waited for that, and give how many items.

    Distress, violence and protected identity stay open until a human closes them.
    """
    here = inbox_items.c
    waiting = (here.participant_id == participant_id, here.kind.in_(ANSWERED_BY_WORDS), here.state != "closed")
    values = {"state": "closed", "closed_at": now, "closed_why": why, "closed_by": staff_id}
    return tx.execute(update(inbox_items).where(*waiting).values(values)).rowcount


def close_kinds(tx: Tx, participant_id: int, kinds: Collection[str], why: str, now: datetime) -> int:
    """What happened makes a person's open items of these kinds needless: close them, and give how many."""
    here = inbox_items.c
    needless = (here.participant_id == participant_id, here.kind.in_(kinds), here.state != "closed")
    values = {"state": "closed", "closed_at": now, "closed_why": why}
    return tx.execute(update(inbox_items).where(*needless).values(values)).rowcount


def open_kinds(tx: Tx, participant_id: int) -> set[str]:
    """Give the kinds of a person's items that are not closed."""
    here = inbox_items.c
    wanted = select(here.kind).where(here.participant_id == participant_id, here.state != "closed")
    return set(tx.execute(wanted).scalars())


def has_alarm_since(tx: Tx, participant_id: int, since: datetime) -> bool:
    """Whether distress or violence was written by a person since then (UTC), closed or not."""
    here = inbox_items.c
    mine = (here.participant_id == participant_id, here.kind.in_(ALARMING), here.last_at >= since)
    return tx.execute(select(here.id).where(*mine).limit(1)).first() is not None


def adopt(tx: Tx, participant_id: int, unit_id: int) -> None:
    """The person's unit is known now: let the items that belonged to none be that unit's."""
    _ADOPT.run(tx, {"participant": participant_id, "unit": unit_id})


_ADOPT: Final = Hot(
    update(inbox_items)
    .where(
        inbox_items.c.participant_id == bindparam("participant"),
        inbox_items.c.unit_id.is_(None),
        inbox_items.c.state != "closed",
    )
    .values(unit_id=bindparam("unit"))
)


def _read(tx: Tx, rows: Any) -> list[Item]:
    keys = tx.vault.keys_by_id(tx, (key_id_of(row.note_enc) or 0 for row in rows if row.note_enc is not None))
    return [_item(row, keys) for row in rows]


def _item(row: Any, keys: Mapping[int, PersonKey]) -> Item:
    key = keys.get(key_id_of(row.note_enc) or 0) if row.note_enc is not None else None
    note = None if key is None else key.open("inbox_items", "note_enc", row.id, row.note_enc)
    return Item(
        row.id,
        row.kind,
        row.urgency,
        row.unit_id,
        row.participant_id,
        row.opened_at,
        row.last_at,
        row.due_at,
        note,
        row.note_enc is None or key is not None,
        row.state,
        row.taken_by,
        row.closed_at,
        row.closed_why,
        row.taken_at,
        row.handed_by,
        row.snoozed_until,
        row.closed_by,
        row.hidden_from,
    )
