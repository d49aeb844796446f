"""When staff can meet people: a week of their own, and the days that differ. Reckoned with as rules.slots does."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from sqlalchemy import delete, insert, select

from rules.calendar import STOCKHOLM
from rules.roster import Absence, Roster, Shift
from storage.db import Tx
from storage.tables import staff_members
from storage.tables_meetings import free_shifts

_HERE = free_shifts.c


def load(tx: Tx, unit_id: int, *, zone: str = STOCKHOLM) -> Roster:
    """Give when the unit's working staff can meet people; empty when nobody has said."""
    joined = free_shifts.join(staff_members, staff_members.c.id == _HERE.staff_id)
    wanted = select(_HERE.staff_id, _HERE.weekday, _HERE.day, _HERE.starts, _HERE.ends).select_from(joined)
    rows = tx.execute(wanted.where(_HERE.unit_id == unit_id, staff_members.c.disabled_at.is_(None)).order_by(_HERE.id))
    shifts, exceptions = [], []
    for staff_id, weekday, day, starts, ends in rows:
        if weekday is not None:
            shifts.append(Shift(staff_id, weekday, starts, ends))
        else:
            exceptions.append(Absence(day, staff_id, starts, ends))
    return Roster(tuple(shifts), tuple(exceptions), zone)


def set_week(tx: Tx, unit_id: int, staff_id: int, shifts: Iterable[Shift]) -> None:
    """Let these be one staff member's week in a unit, instead of what was; days that differ stay."""
    mine = (_HERE.unit_id == unit_id, _HERE.staff_id == staff_id)
    tx.execute(delete(free_shifts).where(*mine, _HERE.weekday.is_not(None)))
    mine_now = {"unit_id": unit_id, "staff_id": staff_id}
    rows = [{**mine_now, "weekday": each.weekday, "starts": each.starts, "ends": each.ends} for each in shifts]
    if rows:
        tx.execute(insert(free_shifts), rows)


def set_day(tx: Tx, unit_id: int, staff_id: int, day: date, absences: Iterable[Absence]) -> None:
    """Let one day differ from the week: not at all, other hours, or (nothing given) as the week has it."""
    mine = (_HERE.unit_id == unit_id, _HERE.staff_id == staff_id, _HERE.day == day)
    tx.execute(delete(free_shifts).where(*mine))
    for each in absences:
        row = {"unit_id": unit_id, "staff_id": staff_id, "day": day}
        tx.execute(insert(free_shifts), {**row, "starts": each.starts, "ends": each.ends})
