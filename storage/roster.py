"""A unit's roster, as `rules.roster` reckons with it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, time
from typing import Final

from sqlalchemy import Date, Integer, Select, bindparam, delete, insert, literal, null, select, union_all

from rules.calendar import STOCKHOLM
from rules.roster import Absence, Roster, Shift
from storage.db import Tx
from storage.hot import Hot
from storage.tables import roster_exceptions, roster_shifts, staff_members

_LONG_AGO: Final = date(2020, 1, 1)


def _of_shifts() -> Select[*tuple[int, int, int, date, time, time]]:
    here = roster_shifts.c
    columns = (here.unit_id, here.staff_id, here.weekday, literal(None, Date), here.starts, here.ends)
    working = select(*columns).join(staff_members, staff_members.c.id == here.staff_id)
    return working.where(here.unit_id.in_(bindparam("units", expanding=True)), staff_members.c.disabled_at.is_(None))


def _of_exceptions() -> Select[*tuple[int, int, int, date, time, time]]:
    here = roster_exceptions.c
    columns = (here.unit_id, here.staff_id, literal(None, Integer), here.day, here.starts, here.ends)
    return select(*columns).where(here.unit_id.in_(bindparam("units", expanding=True)), here.day >= bindparam("since"))


_LOAD: Final = Hot(union_all(_of_shifts(), _of_exceptions()))
_DIFFERS: Final = roster_exceptions.c
_EXCEPTIONS: Final = Hot(
    select(_DIFFERS.unit_id, _DIFFERS.staff_id, _DIFFERS.day, _DIFFERS.starts, _DIFFERS.ends).where(
        _DIFFERS.unit_id.in_(bindparam("units", expanding=True)),
        _DIFFERS.day >= bindparam("first"),
        _DIFFERS.day < bindparam("last"),
    )
)


def _in_order(one: Absence) -> tuple[date, int, time]:
    return one.day, one.staff or 0, one.starts or time.min


def load(
    tx: Tx, unit_id: int, *, zone: str = STOCKHOLM, works_red_days: bool = False, since: date = _LONG_AGO
) -> Roster:
    """Give a unit's week and the days from `since` that differ from it. Those who have left are not in it."""
    return load_many(tx, (unit_id,), zone=zone, works_red_days=works_red_days, since=since)[unit_id]


def load_many(
    tx: Tx, unit_ids: Iterable[int], *, zone: str = STOCKHOLM, works_red_days: bool = False, since: date = _LONG_AGO
) -> dict[int, Roster]:
    """Give the same of each of these units, by id, in one question."""
    shifts: dict[int, list[Shift]] = {unit_id: [] for unit_id in unit_ids}
    exceptions: dict[int, list[Absence]] = {unit_id: [] for unit_id in shifts}
    for unit_id, staff_id, weekday, day, starts, ends in _LOAD.all(tx, {"units": list(shifts), "since": since}):
        if day is None:
            shifts[unit_id].append(Shift(staff_id, weekday, starts, ends))
        else:
            exceptions[unit_id].append(Absence(day, staff_id, starts, ends))
    for week in shifts.values():
        week.sort(key=lambda shift: (shift.weekday, shift.starts, shift.ends, shift.staff))
    for days in exceptions.values():
        days.sort(key=_in_order)
    return {
        unit_id: Roster(tuple(week), tuple(exceptions[unit_id]), zone, works_red_days)
        for unit_id, week in shifts.items()
    }


def list_exceptions(tx: Tx, unit_ids: Iterable[int], first: date, last: date) -> dict[int, list[Absence]]:
    """Give the days from `first` and before `last` that differ from the week, by unit; in order."""
    found: dict[int, list[Absence]] = {unit_id: [] for unit_id in unit_ids}
    for unit_id, staff_id, day, starts, ends in _EXCEPTIONS.all(
        tx, {"units": list(found), "first": first, "last": last}
    ):
        found[unit_id].append(Absence(day, staff_id, starts, ends))
    for days in found.values():
        days.sort(key=_in_order)
    return found


def set_shifts(tx: Tx, unit_id: int, shifts: Iterable[Shift]) -> None:
    """Let these be the unit's week, instead of what was. Plans read it: see appointments.look_again."""
    tx.execute(delete(roster_shifts).where(roster_shifts.c.unit_id == unit_id))
    rows = [
        {"unit_id": unit_id, "staff_id": each.staff, "weekday": each.weekday, "starts": each.starts, "ends": each.ends}
        for each in shifts
    ]
    if rows:
        tx.execute(insert(roster_shifts), rows)


def set_week(tx: Tx, unit_id: int, staff_id: int, shifts: Iterable[Shift]) -> None:
    """Let these be one staff member's week in a unit, instead of what was. See appointments.look_again."""
    here = roster_shifts.c
    tx.execute(delete(roster_shifts).where(here.unit_id == unit_id, here.staff_id == staff_id))
    for shift in shifts:
        row = {"unit_id": unit_id, "staff_id": staff_id, "weekday": shift.weekday}
        tx.execute(insert(roster_shifts), {**row, "starts": shift.starts, "ends": shift.ends})


def add_exception(tx: Tx, unit_id: int, absence: Absence) -> None:
    """Add a day that differs from the week. Plans read it: see appointments.look_again."""
    row = {"unit_id": unit_id, "staff_id": absence.staff, "day": absence.day}
    tx.execute(insert(roster_exceptions), {**row, "starts": absence.starts, "ends": absence.ends})


def remove_exceptions(tx: Tx, unit_id: int, day: date, staff_id: int | None = None) -> int:
    """Take away what differed on a day for one staff member, or (None) for the whole unit; give how many rows."""
    here = roster_exceptions.c
    whose = here.staff_id == staff_id if staff_id is not None else here.staff_id.is_(null())
    return tx.execute(delete(roster_exceptions).where(here.unit_id == unit_id, here.day == day, whose)).rowcount
