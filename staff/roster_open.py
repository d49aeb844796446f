"""Opening a unit to those who sign up by themselves: what must be there first, and the switch.

A unit without anybody who reads, without anybody whom an alarm reaches, or with help lines that nobody has looked at
for half a year stays closed. One that is open stays open when something lapses, for there are people in it: then it is
told what is missing.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from messages.helplines import FRESH_FOR, HelpLine, load_help_lines
from rules.calendar import to_local
from rules.roster import next_staffed
from staff.people import Actor, DeskFault
from storage import audit, calendar, roster, staff, units
from storage.db import Store, Tx
from storage.units import Unit

CHECKED: Final = "help_lines_checked"
"""In a unit's settings: {"on": "2026-11-23", "by": staff id}, when it last looked through the help lines."""


@dataclass(frozen=True, slots=True)
class Missing:
    """What a unit lacks, in Swedish, and where on its page that is mended (`roster`, `alarm`, `lines`)."""

    what: str
    where: str


@dataclass(frozen=True, slots=True)
class Line:
    """A help line as the unit sees it: checked by the project or by the unit, whichever came last."""

    name: str
    number: str
    web: str
    hours: str
    checked: date
    fresh: bool


@dataclass(frozen=True, slots=True)
class Lines:
    """The help lines in use; when the unit looked through them, and who did."""

    lines: tuple[Line, ...]
    confirmed: date | None
    by: str

    @property
    def fresh(self) -> bool:
        """Whether each was checked within the last half year."""
        return all(line.fresh for line in self.lines)


def lines_of(tx: Tx, unit: Unit, today: date) -> Lines:
    """Give the help lines with the day each was last checked."""
    told = unit.settings.get(CHECKED) or {}
    confirmed = date.fromisoformat(told["on"]) if told.get("on") else None
    by = calendar.first_names(tx, [int(told["by"])]).get(int(told["by"]), "") if told.get("by") else ""
    return Lines(tuple(_line(each, confirmed, today) for each in load_help_lines() if each.on), confirmed, by)


def _line(each: HelpLine, confirmed: date | None, today: date) -> Line:
    checked = max(each.checked, confirmed or each.checked)
    return Line(each.name, each.number, each.web, each.hours, checked, today - checked <= FRESH_FOR)


def missing(tx: Tx, unit: Unit, now: datetime, channels: Collection[str]) -> list[Missing]:
    """Give what keeps a unit from being opened; `channels` are those that are on."""
    week, found = roster.load(tx, unit.id), []
    if next_staffed(week, now) is None:
        found.append(Missing("Ingen är inlagd i bemanningen de närmaste 30 dagarna.", "roster"))
    working = {shift.staff for shift in week.shifts}
    reached = {each.id for each in staff.list_members(tx, unit.id) if each.device and each.device_channel in channels}
    if not reached & working:
        found.append(Missing("Ingen i bemanningen har en arbetstelefon som larm når.", "alarm"))
    if not lines_of(tx, unit, to_local(now).date()).fresh:
        found.append(Missing(f"Hjälplinjerna är inte kontrollerade de senaste {FRESH_FOR.days} dagarna.", "lines"))
    return found


def open_unit(store: Store, now: datetime, actor: Actor, unit: Unit, channels: Collection[str]) -> None:
    """Open a unit; open already, it stays so. DeskFault names what is missing, and nothing has changed."""
    with store.begin() as tx:
        lacks = [each.what for each in missing(tx, units.get_unit(tx, unit.id), now, channels)]
        if not lacks:
            changed = units.set_live(tx, unit.id, live=True)
            audit.write(tx, now, actor.ref, "unit.open", f"unit:{unit.id}", "ok" if changed else "ok already")
            return
    raise DeskFault("enheten kan inte öppna än", "UNIT", " ".join(lacks))


def close_unit(store: Store, now: datetime, actor: Actor, unit: Unit) -> None:
    """Close a unit to new sign-ups. Those who are in touch with it stay so."""
    with store.begin() as tx:
        changed = units.set_live(tx, unit.id, live=False)
        audit.write(tx, now, actor.ref, "unit.close", f"unit:{unit.id}", "ok" if changed else "ok already")


def confirm_lines(store: Store, now: datetime, actor: Actor, unit: Unit) -> None:
    """Note that somebody of the unit has looked through the help lines today."""
    told = {"on": to_local(now).date().isoformat(), "by": actor.staff_id}
    with store.begin() as tx:
        units.set_settings(tx, unit.id, **{CHECKED: told})
        audit.write(tx, now, actor.ref, "unit.help_lines", f"unit:{unit.id}")
