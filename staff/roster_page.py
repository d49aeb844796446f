"""A unit's roster as a page shows it: who reads when, what differs, whom an alarm reaches, whether the unit is open."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from bot.actions.house import House
from rules.calendar import red_day_name, swedish_clock, swedish_day, to_local
from rules.roster import Absence, Roster, hours_text, next_staffed, on_duty, staffed_until
from staff import roster_open
from staff.labels import CHANNEL, label
from staff.people import Actor
from staff.roster_hours import write_week
from staff.roster_ladder import ladder
from staff.roster_open import Lines, Missing
from storage import audit, roster, staff, units
from storage.db import Store, Tx
from storage.staff import Member
from storage.units import Unit

AHEAD: Final = timedelta(days=366)
DEVICES: Final = ("sms", "telegram", "sim_sms", "device")
"""Channels that a work device can be on."""


@dataclass(frozen=True, slots=True)
class MemberRow:
    """A colleague in a unit. `week` has a line of hours for each weekday; `reached`: an alarm finds the way there."""

    id: int
    name: str
    hours: str
    week: tuple[str, ...]
    channel: str
    channel_word: str
    device: str
    reached: bool
    order: int
    manager: bool
    on_now: bool


@dataclass(frozen=True, slots=True)
class Differs:
    """A day ahead that differs from the week. `who` is empty for the whole unit."""

    day: date
    said: str
    staff: int | None
    who: str
    what: str
    red: str | None


@dataclass(frozen=True, slots=True)
class RosterPage:
    """A unit's roster as its page shows it."""

    unit: Unit
    hours: str
    rows: tuple[MemberRow, ...]
    differs: tuple[Differs, ...]
    on_now: tuple[str, ...]
    until: datetime | None
    next: datetime | None
    ladder: tuple[str, ...]
    missing: tuple[Missing, ...]
    lines: Lines
    channels: Mapping[str, str]

    @property
    def lacks(self) -> dict[str, str]:
        """What keeps the unit from being opened, by where it is mended."""
        return {each.where: each.what for each in self.missing}

    def row(self, staff_id: int) -> MemberRow | None:
        """Give one colleague's row, or None."""
        return next((row for row in self.rows if row.id == staff_id), None)


def show(store: Store, house: House, now: datetime, actor: Actor, unit: Unit) -> RosterPage:
    """Give a unit's page; the look is in the audit log."""
    with store.begin() as tx:
        audit.write(tx, now, actor.ref, "roster.show", f"unit:{unit.id}")
        return _page(tx, house, now, units.get_unit(tx, unit.id))


def _page(tx: Tx, house: House, now: datetime, unit: Unit) -> RosterPage:
    today = to_local(now).date()
    week = roster.load(tx, unit.id, since=today)
    members = staff.list_members(tx, unit.id)
    names = {each.id: each.first_name for each in members}
    working = on_duty(week, now)
    unreached = {each.id for each in members if not _is_reached(each, house.channels)}
    order = [each.id for each in members if not each.manager]
    manager = next((each.id for each in members if each.manager), None)
    return RosterPage(
        unit=unit,
        hours=hours_text(week),
        rows=tuple(_row(each, week, house.channels, working) for each in members),
        differs=tuple(_differs(each, names, today) for each in week.exceptions if each.day <= today + AHEAD),
        on_now=tuple(names[who] for who in working if who in names),
        until=staffed_until(week, now),
        next=next_staffed(week, now),
        ladder=tuple(ladder(week, order, manager, names, now, unreached=unreached)),
        missing=tuple(roster_open.missing(tx, unit, now, house.channels)),
        lines=roster_open.lines_of(tx, unit, today),
        channels={name: label(CHANNEL, name) for name in DEVICES if name in house.channels},
    )


def _is_reached(each: Member, channels: Collection[str]) -> bool:
    return bool(each.device) and each.device_channel in channels


def _row(each: Member, week: Roster, channels: Collection[str], working: Collection[int]) -> MemberRow:
    mine = Roster(tuple(shift for shift in week.shifts if shift.staff == each.id))
    return MemberRow(
        each.id, each.first_name, hours_text(mine), write_week(week.shifts, each.id), each.device_channel or "",
        label(CHANNEL, each.device_channel), each.device or "", _is_reached(each, channels), each.alarm_order,
        each.manager, each.id in working,
    )  # fmt: skip


def _differs(each: Absence, names: Mapping[int, str], today: date) -> Differs:
    who = "" if each.staff is None else names.get(each.staff, "någon som har slutat")
    if each.starts is None or each.ends is None:
        what = "Stängt" if each.staff is None else "Borta"
    else:
        what = f"Kl. {swedish_clock(each.starts)}-{swedish_clock(each.ends)} i stället"
    return Differs(each.day, swedish_day(each.day, today), each.staff, who, what, red_day_name(each.day))
