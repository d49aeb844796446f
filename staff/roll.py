"""Who works here: adding somebody with their hours and work device, listing, and taking out those who have left."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, time
from typing import Any, Final

from flows.phone import read_phone
from rules.roster import Roster, Shift, hours_text
from staff import labels
from staff.labels import label
from staff.people import Actor, DeskFault, find_member, find_unit
from staff.roles import EVERY_UNIT, ROLES
from storage import appointments, audit, inbox, logins, roster, sessions, staff, units
from storage.db import Store, Tx
from storage.staff import Member, StaffMember
from storage.units import Unit

LONGEST_NAME: Final = 40
_DAYS: Final = (
    ("mon", "mån", "man"),
    ("tue", "tis"),
    ("wed", "ons"),
    ("thu", "tor"),
    ("fri", "fre"),
    ("sat", "lör", "lor"),
    ("sun", "sön", "son"),
)
_CLOCK: Final = r"\d{1,2}[.:]\d\d"
_HOURS: Final = re.compile(rf"(?P<days>\D+?)\s+(?:kl\.?\s*)?(?P<starts>{_CLOCK})\s*[-–]\s*(?P<ends>{_CLOCK})")
_WAY_OUT: Final = 'skriv "mon-fri 08:00-16:00" eller "mån, ons 10:00-18:00"'


@dataclass(frozen=True, slots=True)
class NewMember:
    """Somebody to add, as it was typed. `hours` are lines such as "mon-fri 08:00-16:00"."""

    first_name: str
    unit_slugs: tuple[str, ...]
    email: str | None = None
    role: str = "handlaggare"
    alarm_order: int = 1
    manager: bool = False
    device: str | None = None
    hours: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RollRow:
    """A staff member in one unit (none: `unit` is empty), as a list shows them."""

    id: int
    name: str
    role: str
    unit: str
    hours: str
    alarm_order: int | None
    manager: bool
    device: str | None
    email: str | None
    disabled_at: datetime | None

    def for_people(self) -> Sequence[str]:
        """Give the cells of a table."""
        alarm = "-" if self.alarm_order is None else "sist" if self.manager else str(self.alarm_order)
        hours = f"slutat {labels.stamp(self.disabled_at)}" if self.disabled_at else self.hours or "inga tider"
        cells = (self.unit or "-", hours, alarm, self.device or "-", self.email or "-")
        return (str(self.id), self.name, label(labels.ROLE, self.role), *cells)

    def for_machines(self) -> dict[str, Any]:
        """Give what JSON can hold."""
        return asdict(self) | {"id": str(self.id), "disabled_at": labels.iso(self.disabled_at)}


@dataclass(frozen=True, slots=True)
class Left:
    """Somebody who was taken out, and what that leaves behind."""

    name: str
    notes: tuple[str, ...]


# --- in ---------------------------------------------------------------------------------------------------------------


def add_member(store: Store, now: datetime, actor: Actor, wanted: NewMember) -> int:
    """Add a staff member and give their id. DeskFault names what is wrong; then nothing has changed."""
    name, email = _first_name(wanted.first_name), None if wanted.email is None else read_email(wanted.email)
    channel, address = _device(wanted.device)
    hours = [one for line in wanted.hours for one in read_hours(line)]
    if wanted.role not in ROLES:
        raise DeskFault(f"rollen {wanted.role} finns inte", "--role", f"välj bland: {', '.join(ROLES)}")
    with store.begin() as tx:
        theirs = _units(tx, wanted.unit_slugs, actor, everywhere=wanted.role in EVERY_UNIT)
        if email and staff.find_by_email(tx, email):
            way_out = "skriv en annan adress, eller se: ingang staff list --all"
            raise DeskFault(f"{email} används redan", "--email", way_out)
        staff_id = staff.add(
            tx,
            now,
            name,
            [unit.id for unit in theirs],
            email=email,
            device_channel=channel,
            device=address,
            role=wanted.role,
            alarm_order=wanted.alarm_order,
            manager=wanted.manager,
        )
        for unit in theirs:
            week = roster.load(tx, unit.id).shifts
            roster.set_shifts(tx, unit.id, [*week, *(Shift(staff_id, *one) for one in hours)])
            appointments.look_again(tx, now, unit_id=unit.id)
        audit.write(tx, now, actor.ref, "staff.add", f"staff:{staff_id}")
        return staff_id


def _units(tx: Tx, slugs: Iterable[str], actor: Actor, *, everywhere: bool) -> list[Unit]:
    found = [find_unit(tx, slug, actor) for slug in dict.fromkeys(slugs)]
    if not found and not (everywhere and actor.unit_ids is None):
        raise DeskFault("ingen enhet är vald", "--unit", "skriv enhetens korta namn")
    return [unit for unit in found if unit is not None]


def _first_name(text: str) -> str:
    name = " ".join(unicodedata.normalize("NFC", text).split())
    if not name or len(name) > LONGEST_NAME or not name.isprintable() or not any(char.isalpha() for char in name):
        way_out = f"skriv ett förnamn på högst {LONGEST_NAME} tecken"
        raise DeskFault("förnamnet går inte att använda", "FIRST_NAME", way_out)
    return name


def read_email(text: str) -> str:
    """Give a work address as it is kept; DeskFault when it is none."""
    email = text.strip()
    if not re.fullmatch(r"[^\s@]+@[^\s@]+\.[^\s@]+", email) or not email.isprintable() or len(email) > 254:
        raise DeskFault("e-postadressen går inte att använda", "--email", "skriv den så här: anna@kommunen.example")
    return email


def _device(text: str | None) -> tuple[str | None, str | None]:
    """Read "sms:070-174 06 05" to ("sms", "+46701740605"); an address on another channel is kept as it is."""
    if not text or not text.strip():
        return None, None
    channel, colon, address = (part.strip() for part in text.strip().partition(":"))
    if not colon or not re.fullmatch(r"[a-z_]{2,20}", channel) or not address.isprintable() or not address:
        raise DeskFault("arbetstelefonen går inte att läsa", "--device", "skriv KANAL:ADRESS, som sms:+46701234567")
    if channel == "sms":
        phone = read_phone(address)
        if phone.e164 is None or not phone.mobile:
            raise DeskFault("numret kan inte ta emot sms", "--device", "skriv ett mobilnummer, som sms:+46701234567")
        return channel, phone.e164
    return channel, address


def read_hours(text: str) -> list[tuple[int, time, time]]:
    """Read "mon-fri 08:00-16:00" (or "mån-fre 8.00-16.00") to (weekday, from, until); 0 is Monday."""
    match = _HOURS.fullmatch(text.strip().casefold())
    if match is None:
        raise _no_hours(text)
    starts, ends = _clock(match["starts"], text), _clock(match["ends"], text)
    if ends <= starts:
        raise _no_hours(text)
    return [(day, starts, ends) for day in _weekdays(match["days"], text)]


def _weekdays(text: str, line: str) -> list[int]:
    days: set[int] = set()
    for part in text.replace("–", "-").split(","):
        first, dash, last = (piece.strip() for piece in part.partition("-"))
        begin, end = _weekday(first), _weekday(last if dash else first)
        if begin is None or end is None or end < begin:
            raise _no_hours(line)
        days.update(range(begin, end + 1))
    return sorted(days)


def _weekday(name: str) -> int | None:
    return next((number for number, names in enumerate(_DAYS) if name in names), None)


def _clock(text: str, line: str) -> time:
    hour, minute = re.split("[.:]", text)
    try:
        return time(int(hour), int(minute))
    except ValueError:
        raise _no_hours(line) from None


def _no_hours(text: str) -> DeskFault:
    return DeskFault(f"tiderna {text} går inte att läsa", "--hours", _WAY_OUT)


# --- the list, and out ------------------------------------------------------------------------------------------------


def list_roll(
    store: Store, now: datetime, actor: Actor, unit_slug: str | None = None, *, everyone: bool = False
) -> list[RollRow]:
    """Give a row for each staff member in each of their units, in alarm order; with `everyone` those who left too."""
    with store.begin() as tx:
        unit = find_unit(tx, unit_slug, actor)
        shown = [unit] if unit else [one for one in units.list_units(tx) if actor.sees(one.id)]
        rows = [row for one in shown for row in _rows_of(tx, one)]
        if everyone and unit is None and actor.unit_ids is None:
            seen = {row.id for row in rows}
            rows += [_row(one) for one in staff.list_staff(tx, disabled=True) if one.id not in seen]
        audit.write(tx, now, actor.ref, "staff.list", f"unit:{unit.id}" if unit else "units", f"ok {len(rows)}")
        return rows


def _rows_of(tx: Tx, unit: Unit) -> list[RollRow]:
    week = roster.load(tx, unit.id)
    return [_row(member, unit.slug, week) for member in staff.list_members(tx, unit.id)]


def _row(one: StaffMember, unit: str = "", week: Roster | None = None) -> RollRow:
    shifts = () if week is None else tuple(shift for shift in week.shifts if shift.staff == one.id)
    return RollRow(
        id=one.id,
        name=one.first_name,
        role=one.role,
        unit=unit,
        hours=hours_text(Roster(shifts)),
        alarm_order=one.alarm_order if isinstance(one, Member) else None,
        manager=isinstance(one, Member) and one.manager,
        device=f"{one.device_channel}:{one.device}" if one.device else None,
        email=one.email,
        disabled_at=one.disabled_at,
    )


def disable_member(store: Store, now: datetime, actor: Actor, wanted: str) -> Left:
    """Take a staff member out, by id, e-mail address or unique first name, and tell what that leaves behind."""
    with store.begin() as tx:
        member = find_member(tx, wanted, "MEMBER")
        theirs = [unit for unit in units.list_units(tx) if member.id in staff.names(tx, unit.id)]
        if not all(actor.sees(unit.id) for unit in theirs):
            raise DeskFault(f"{member.first_name} arbetar också i en annan enhet", "MEMBER", "be driften ta bort hen")
        staff.disable(tx, member.id, now)
        logins.forget(tx, member.id)
        sessions.end_all(tx, member.id)
        for unit in theirs:
            appointments.look_again(tx, now, unit_id=unit.id)
        audit.write(tx, now, actor.ref, "staff.disable", f"staff:{member.id}")
        return Left(member.first_name, tuple(_left_behind(tx, member.id, theirs)))


def _left_behind(tx: Tx, staff_id: int, theirs: Iterable[Unit]) -> Iterable[str]:
    for unit in theirs:
        if not roster.load(tx, unit.id).shifts:
            yield f"I {unit.name} läser ingen nu: boten lovar inga svar och larmar ingen på plats."
        if staff.alarm_order(tx, unit.id) == ([], None):
            yield f"I {unit.name} finns ingen att larma."
    held = [item for item in inbox.list_open(tx) if item.state == "taken" and item.taken_by == staff_id]
    if held:
        yield f"Det här hade hen tagit, och det är inte stängt: {', '.join(str(item.id) for item in held)}."
