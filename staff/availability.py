"""When staff can meet people: their week, and the days that differ. The bot offers times from here and nowhere else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from bot.actions.meetings import rules_of
from rules.calendar import swedish_day, to_local, weekday_name
from rules.roster import Absence, Roster, Shift, hours_text
from staff.people import Actor, DeskFault, find_member, find_unit
from staff.roll import read_hours
from staff.roster_change import BadWeek, Changed, member_of
from staff.roster_hours import read_line, read_week, write_line, write_week
from storage import appointments, audit, availability, staff, units
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


# --- as the page has it -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Hours:
    """One staff member's times in one unit: a line for each weekday, and the days ahead that differ."""

    unit: Unit
    week: tuple[str, ...]
    days: tuple[tuple[date, str, str], ...]
    earliest: str
    latest: str
    notice_hours: int


def of_member(store: Store, now: datetime, actor: Actor, staff_id: int) -> tuple[str, list[Hours]]:
    """Give a member's first name and their times in each unit of the actor's where they work; DeskFault for none."""
    with store.begin() as tx:
        found, name = [], ""
        for unit in units.list_units(tx):
            working = staff.names(tx, unit.id) if actor.sees(unit.id) else {}
            if staff_id in working:
                name = working[staff_id]
                found.append(_hours(tx, unit, staff_id, now))
        if not found:
            raise DeskFault("den medarbetaren arbetar inte här", "MEMBER", "välj någon annan")
        audit.write(tx, now, actor.ref, "availability.show", f"staff:{staff_id}")
        return name, found


def _hours(tx: Tx, unit: Unit, staff_id: int, now: datetime) -> Hours:
    told, today, rules = availability.load(tx, unit.id), to_local(now).date(), rules_of(unit)
    ahead = sorted({each.day for each in told.exceptions if each.staff == staff_id and each.day >= today})
    days = []
    for day in ahead:
        rows = [each for each in told.exceptions if each.staff == staff_id and each.day == day]
        spans = [(each.starts, each.ends) for each in rows if each.starts is not None and each.ends is not None]
        days.append((day, swedish_day(day, today), f"Kl. {write_line(spans)}" if spans else "Inte alls"))
    notice = int(rules.notice.total_seconds() // 3600)
    earliest, latest = f"{rules.earliest:%H:%M}", f"{rules.latest:%H:%M}"
    return Hours(unit, write_week(told.shifts, staff_id), tuple(days), earliest, latest, notice)


def set_lines(
    store: Store, now: datetime, actor: Actor, unit: Unit, staff_id: int, lines: Sequence[str],
    was: Sequence[str] | None = None,
) -> None:  # fmt: skip
    """Let a line for each weekday be a member's week. BadWeek, Changed and DeskFault as roster_change.set_week."""
    shifts, faults = read_week(lines, staff_id)
    if faults:
        raise BadWeek(faults)
    with store.begin() as tx:
        who = member_of(tx, unit, staff_id)
        stands = write_week(availability.load(tx, unit.id).shifts, staff_id)
        if was is not None and stands not in (tuple(was), write_week(shifts, staff_id)):
            raise Changed(who.first_name, stands)
        availability.set_week(tx, unit.id, staff_id, shifts)
        audit.write(tx, now, actor.ref, "availability.week", f"staff:{staff_id}", f"ok unit:{unit.id}")


def set_one_day(
    store: Store, now: datetime, actor: Actor, unit: Unit, staff_id: int, day: date | None, hours: str | None
) -> None:
    """Let a day have these hours, none at all (""), or (None) those of the week again.

    DeskFault for a day that has been; rules NoHours for a line that cannot be read.
    """
    if day is None or day < to_local(now).date():
        raise DeskFault("den dagen går inte att ändra", "DAY", "välj i dag eller en dag som kommer")
    spans = read_line(hours or "")
    differs = [] if hours is None else [Absence(day, staff_id, *span) for span in spans] or [Absence(day, staff_id)]
    with store.begin() as tx:
        member_of(tx, unit, staff_id)
        availability.set_day(tx, unit.id, staff_id, day, differs)
        audit.write(tx, now, actor.ref, "availability.day", f"staff:{staff_id}", f"ok {day}")


def set_limits(
    store: Store, now: datetime, actor: Actor, unit: Unit, earliest: time, latest: time, notice_hours: int
) -> None:
    """Set between which clocks a unit's meetings lie, and how many hours ahead a time must be for the bot to offer it.

    DeskFault when they cannot be; then nothing has changed.
    """
    if earliest >= latest:
        raise DeskFault("mötena behöver sluta efter att de börjar", "LIMITS", "skriv en senare tid")
    if not 0 <= notice_hours <= 168:
        raise DeskFault("framförhållningen går inte att använda", "LIMITS", "skriv 0 till 168 timmar")
    with store.begin() as tx:
        told = units.get_unit(tx, unit.id).settings.get("meetings") or {}
        limits = {"earliest": f"{earliest:%H:%M}", "latest": f"{latest:%H:%M}", "notice_hours": notice_hours}
        units.set_settings(tx, unit.id, meetings={**told, **limits})
        appointments.look_again(tx, now, unit_id=unit.id)
        audit.write(tx, now, actor.ref, "unit.meetings", f"unit:{unit.id}")
