"""Who was at a group activity, in quarter hours: only ever added to, so that a correction shows who and when.

A month that was sent in stays open for corrections: what was noted after it was locked is told apart by its time.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Final, NamedTuple

from sqlalchemy import bindparam, func, insert, or_, select

from storage.activities import look_soon
from storage.db import Tx
from storage.hot import Hot
from storage.sql import per_dialect
from storage.tables_activities import activities, attendance, attendance_locks

_HERE: Final = attendance.c
_LOCKS: Final = attendance_locks.c


class Noted(NamedTuple):
    """One note of attendance; the highest number of a person and an activity counts."""

    activity_id: int
    participant_id: int
    number: int
    present: bool
    quarters: int
    how: str  # staff | self
    noted_at: datetime
    noted_by: int | None
    why: str | None = None  # of a correction after the month was sent in: one of rules.attendance.WHY


class Lock(NamedTuple):
    """A month of a unit that was sent in: for the first time, the second, ..."""

    unit_id: int
    month: str  # 2026-11
    number: int
    locked_at: datetime
    locked_by: int | None
    signed: str


_COLUMNS: Final = (
    _HERE.activity_id, _HERE.participant_id, _HERE.number, _HERE.present, _HERE.quarters, _HERE.how, _HERE.noted_at,
    _HERE.noted_by, _HERE.why,
)  # fmt: skip
_ADD: Final = per_dialect(attendance, lambda made: made.on_conflict_do_nothing())


def note(
    tx: Tx, now: datetime, activity_id: int, participant_id: int, *, present: bool, quarters: int, how: str,
    by: int | None, after: int | None = None, why: str | None = None,
) -> bool:  # fmt: skip
    """Note whether somebody was there; False when it says the same already, or another was first.

    `after` is the number that the writer had before them, 0 for none; None takes what stands now. `why` is one of
    rules.attendance.WHY where the month had been sent in.
    """
    last = find(tx, activity_id, participant_id)
    if last is not None and (last.present, last.quarters) == (present, quarters):
        return False
    number = (0 if last is None else last.number) if after is None else after
    row = {
        "activity_id": activity_id, "participant_id": participant_id, "number": number + 1, "present": present,
        "quarters": quarters if present else 0, "how": how, "noted_at": now, "noted_by": by,
        "why": why,
    }  # fmt: skip
    if tx.execute(_ADD[tx.dialect].returning(_HERE.id), row).first() is None:
        return False
    look_soon(tx, now, activity_id)  # whoever was there is asked how it was
    return True


def find(tx: Tx, activity_id: int, participant_id: int) -> Noted | None:
    """Give what counts now, or None when nothing was noted."""
    return next(iter(history(tx, activity_id, participant_id)), None)


def history(tx: Tx, activity_id: int, participant_id: int) -> list[Noted]:
    """Give all that was noted of a person at an activity, the newest first."""
    mine = select(*_COLUMNS).where(_HERE.activity_id == activity_id, _HERE.participant_id == participant_id)
    return [Noted(*row) for row in tx.execute(mine.order_by(_HERE.number.desc()))]


def of_activities(tx: Tx, activity_ids: Collection[int]) -> list[Noted]:
    """Give what counts now of some activities."""
    last = select(_HERE.activity_id, _HERE.participant_id, func.max(_HERE.number).label("number"))
    last = last.where(_HERE.activity_id.in_(sorted(activity_ids))).group_by(_HERE.activity_id, _HERE.participant_id)
    newest = last.subquery()
    same = (
        (newest.c.activity_id == _HERE.activity_id)
        & (newest.c.participant_id == _HERE.participant_id)
        & (newest.c.number == _HERE.number)
    )
    rows = tx.execute(select(*_COLUMNS).join(newest, same).order_by(_HERE.activity_id, _HERE.participant_id))
    return [Noted(*row) for row in rows]


def all_of_activities(tx: Tx, activity_ids: Collection[int]) -> list[Noted]:
    """Give all that was ever noted of some activities, the oldest first: for what was corrected, and when."""
    wanted = select(*_COLUMNS).where(_HERE.activity_id.in_(sorted(activity_ids)))
    return [Noted(*row) for row in tx.execute(wanted.order_by(_HERE.id))]


def of_person(tx: Tx, participant_id: int) -> dict[int, Noted]:
    """Give what counts now of a person, by activity."""
    return {row.activity_id: Noted(*row) for row in _OF_PERSON.all(tx, {"person": participant_id})}


_OF_PERSON: Final = Hot(select(*_COLUMNS).where(_HERE.participant_id == bindparam("person")).order_by(_HERE.number))


def noted_among(tx: Tx, activity_ids: Collection[int]) -> dict[int, int]:
    """Count whose attendance was noted, by activity; those where nobody's was are left out."""
    wanted = select(_HERE.activity_id, func.count(func.distinct(_HERE.participant_id)))
    rows = tx.execute(wanted.where(_HERE.activity_id.in_(sorted(activity_ids))).group_by(_HERE.activity_id))
    return {row[0]: int(row[1]) for row in rows}


# --- months -----------------------------------------------------------------------------------------------------------


def lock(tx: Tx, now: datetime, unit_id: int, month: str, by: int | None, signed: str) -> int:
    """A month is sent in; give for which time. What is noted from now on is a correction after that."""
    number = len(locks(tx, unit_id, month)) + 1
    row = {"unit_id": unit_id, "month": month, "number": number, "locked_at": now, "locked_by": by, "signed": signed}
    tx.execute(insert(attendance_locks), row)
    return number


def last_changes(tx: Tx, unit_id: int) -> list[tuple[datetime, datetime]]:
    """Give, for each activity of a unit with notes that count, when it began and when such a note was last made.

    A first note of somebody who was not there changes no hours, and does not count.
    """
    here = activities.c
    wanted = select(here.starts, func.max(_HERE.noted_at)).join(activities, here.id == _HERE.activity_id)
    wanted = wanted.where(here.unit_id == unit_id, or_(_HERE.present.is_(True), _HERE.number > 1))
    return [(row[0], row[1]) for row in tx.execute(wanted.group_by(here.id, here.starts).order_by(here.starts))]


def months_of(tx: Tx, unit_ids: Collection[int] | None, since: datetime | None) -> tuple[datetime, datetime] | None:
    """Give when the first and the last activity with notes began, of some units (None: of all); None for none."""
    here = activities.c
    wanted = select(func.min(here.starts), func.max(here.starts)).where(here.id.in_(select(_HERE.activity_id)))
    if unit_ids is not None:
        wanted = wanted.where(here.unit_id.in_(sorted(unit_ids)))
    if since is not None:
        wanted = wanted.where(here.starts >= since)
    row = tx.execute(wanted).one()
    return None if row[0] is None else (row[0], row[1])


def first_present(tx: Tx, participant_ids: Collection[int]) -> dict[int, datetime]:
    """Give when the first activity began that each of some people is noted to have been at, as it counts now."""
    last = select(_HERE.activity_id, _HERE.participant_id, func.max(_HERE.number).label("number"))
    last = last.where(_HERE.participant_id.in_(sorted(participant_ids)))
    newest = last.group_by(_HERE.activity_id, _HERE.participant_id).subquery()
    same = (
        (newest.c.activity_id == _HERE.activity_id)
        & (newest.c.participant_id == _HERE.participant_id)
        & (newest.c.number == _HERE.number)
    )
    wanted = select(_HERE.participant_id, func.min(activities.c.starts)).join(newest, same)
    wanted = wanted.join(activities, activities.c.id == _HERE.activity_id).where(_HERE.present.is_(True))
    return {row[0]: row[1] for row in tx.execute(wanted.group_by(_HERE.participant_id))}


def locks(tx: Tx, unit_id: int, month: str | None = None) -> list[Lock]:
    """Give when a unit's months were sent in, one month's or all, the oldest first."""
    wanted = select(
        _LOCKS.unit_id, _LOCKS.month, _LOCKS.number, _LOCKS.locked_at, _LOCKS.locked_by, _LOCKS.signed
    ).where(_LOCKS.unit_id == unit_id)
    if month is not None:
        wanted = wanted.where(_LOCKS.month == month)
    return [Lock(*row) for row in tx.execute(wanted.order_by(_LOCKS.month, _LOCKS.number))]
