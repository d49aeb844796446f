"""When staff can meet people: their week, and the days that differ. The bot offers times from here and nowhere else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from rules.calendar import to_local, weekday_name
from rules.roster import Absence, Roster, Shift, hours_text
from staff.people import Actor, DeskFault, find_member, find_unit
from staff.roll import read_hours
from storage import audit, availability, staff, units
from storage.db import Store, Tx
from storage.units import Unit


@dataclass(frozen=True, slots=True)
class AvailabilityRow:
    """One staff member in one unit: the week in words, and the days ahead that differ."""

    member: str
    unit: str
    week: str
    days: tuple[str, ...]


def set_week(
    store: Store, now: datetime, actor: Actor, member: str, lines: Sequence[str], unit_slug: str | None
) -> str:
    """Let lines such as "tis-tor 09:00-15:30" be a member's week, none for no times; give it in words."""
    hours = [one for line in lines for one in read_hours(line)]
    with store.begin() as tx:
        who, unit = _whose(tx, actor, member, unit_slug)
        shifts = [Shift(who.id, *one) for one in hours]
        availability.set_week(tx, unit.id, who.id, shifts)
        audit.write(tx, now, actor.ref, "availability.week", f"staff:{who.id}", f"ok unit:{unit.id}")
        return hours_text(Roster(tuple(shifts))) or "inga tider"


def set_day(
    store: Store,
    now: datetime,
    actor: Actor,
    member: str,
    day: date,
    hours: Sequence[str] | None,
    unit_slug: str | None,
) -> None:
    """Let one day differ: other hours ("09:00-11:00"), none at all (empty), or (None) as the week has it again."""
    name = weekday_name(day.weekday())
    read = [one for line in hours or () for one in read_hours(f"{name[:3]} {line}")]
    if day < to_local(now).date():
        raise DeskFault(f"{day} har redan varit", "DAY", "välj i dag eller en dag som kommer")
    with store.begin() as tx:
        who, unit = _whose(tx, actor, member, unit_slug)
        differs = [] if hours is None else [Absence(day, who.id, starts, ends) for _, starts, ends in read]
        if hours is not None and not read:
            differs = [Absence(day, who.id)]
        availability.set_day(tx, unit.id, who.id, day, differs)
        audit.write(tx, now, actor.ref, "availability.day", f"staff:{who.id}", f"ok {day}")


def list_rows(store: Store, now: datetime, actor: Actor, unit_slug: str | None) -> list[AvailabilityRow]:
    """Give everybody's week and the days of the coming 60 that differ."""
    with store.begin() as tx:
        unit = find_unit(tx, unit_slug, actor)
        shown = [unit] if unit else [one for one in units.list_units(tx) if actor.sees(one.id)]
        audit.write(tx, now, actor.ref, "availability.list", f"unit:{unit_slug}" if unit_slug else "units")
        return [row for one in shown for row in _rows(tx, one, now)]


def _rows(tx: Tx, unit: Unit, now: datetime) -> list[AvailabilityRow]:
    told, today = availability.load(tx, unit.id), to_local(now).date()
    rows = []
    for who, name in staff.names(tx, unit.id).items():
        week = tuple(shift for shift in told.shifts if shift.staff == who)
        days = sorted(
            (each for each in told.exceptions if each.staff == who and today <= each.day <= today + timedelta(days=60)),
            key=lambda each: (each.day, each.starts or datetime.min.time()),
        )
        rows.append(AvailabilityRow(name, unit.slug, hours_text(Roster(week)), tuple(map(_day, days))))
    return rows


def _day(each: Absence) -> str:
    if each.starts is None or each.ends is None:
        return f"{each.day}: inte alls"
    return f"{each.day}: {each.starts:%H.%M}-{each.ends:%H.%M}"


def _whose(tx: Tx, actor: Actor, member: str, unit_slug: str | None) -> tuple[staff.StaffMember, Unit]:
    who = find_member(tx, member, "MEMBER")
    theirs = [unit for unit in units.list_units(tx) if who.id in staff.names(tx, unit.id) and actor.sees(unit.id)]
    wanted = find_unit(tx, unit_slug, actor)
    if wanted is not None:
        theirs = [unit for unit in theirs if unit.id == wanted.id]
    if len(theirs) != 1:
        slugs = ", ".join(unit.slug for unit in theirs)
        what = f"{who.first_name} arbetar i flera enheter" if theirs else f"{who.first_name} arbetar inte i den enheten"
        raise DeskFault(what, "--unit", f"välj bland: {slugs}" if theirs else "se: ingang staff list")
    return who, theirs[0]
