"""Changing a unit's roster and alarm contacts. Promises, alarms and reminders go by it from the same moment on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Final

from bot.actions.house import House
from flows.phone import read_phone
from rules.calendar import to_local
from rules.roster import Absence
from staff import roster_hours
from staff.people import Actor, DeskFault
from storage import appointments, audit, contacts, outbox, roster, staff
from storage.db import Store, Tx
from storage.outbox import Body, NewMessage
from storage.staff import Member
from storage.units import Unit

LONGEST_DEVICE: Final = 100
ORDER: Final = range(1, 100)
FURTHEST: Final = timedelta(days=2 * 366)
NUMBERED: Final = ("sms", "sim_sms")


class Changed(DeskFault):
    """Somebody else changed it after the page was opened; `now_is` is what stands."""

    def __init__(self, name: str, now_is: Sequence[str]) -> None:
        super().__init__(f"någon annan har ändrat {name}s tider sedan du öppnade sidan", "CHANGED", "titta igen")
        self.now_is = tuple(now_is)


class BadWeek(DeskFault):
    """Hours that cannot be read, by weekday."""

    def __init__(self, faults: dict[int, str]) -> None:
        super().__init__("några tider går inte att läsa", "HOURS", "rätta dem och spara igen")
        self.faults = faults


def set_week(
    store: Store, now: datetime, actor: Actor, unit: Unit, staff_id: int, lines: Sequence[str],
    was: Sequence[str] | None = None,
) -> None:  # fmt: skip
    """Let these lines be a colleague's week. `was`: the week that the form showed; Changed when another stands.

    Raises BadWeek for what cannot be read, DeskFault for one who does not work there. Then nothing has changed.
    """
    shifts, faults = roster_hours.read_week(lines, staff_id)
    if faults:
        raise BadWeek(faults)
    with store.begin() as tx:
        who = member_of(tx, unit, staff_id)
        stands = roster_hours.write_week(roster.load(tx, unit.id).shifts, staff_id)
        wanted = roster_hours.write_week(shifts, staff_id)
        if was is not None and stands not in (tuple(was), wanted):
            raise Changed(who.first_name, stands)
        roster.set_week(tx, unit.id, staff_id, shifts)
        appointments.look_again(tx, now, unit_id=unit.id)
        audit.write(tx, now, actor.ref, "roster.week", f"staff:{staff_id}", f"ok unit:{unit.id}")


def set_day(
    store: Store, now: datetime, actor: Actor, unit: Unit, staff_id: int | None, day: date | None, hours: str | None
) -> None:
    """Let a day differ for a colleague, or (None) for the whole unit: `hours` instead, or (None) away or closed."""
    today = to_local(now).date()
    if day is None or not today <= day <= today + FURTHEST:
        raise DeskFault("den dagen går inte att ändra", "DAY", "välj i dag eller en dag inom två år")
    try:
        spans = [] if hours is None else roster_hours.read_line(hours)
    except roster_hours.NoHours as fault:
        raise DeskFault(str(fault), "HOURS", "") from None
    if hours is not None and not spans:
        raise DeskFault("det står inga tider", "HOURS", "skriv tiden så här: 8-16")
    with store.begin() as tx:
        if staff_id is not None:
            member_of(tx, unit, staff_id)
        roster.remove_exceptions(tx, unit.id, day, staff_id)
        for each in [Absence(day, staff_id, *span) for span in spans] or [Absence(day, staff_id)]:
            roster.add_exception(tx, unit.id, each)
        _noted(tx, now, actor, unit, "roster.day", staff_id, day)


def clear_day(store: Store, now: datetime, actor: Actor, unit: Unit, staff_id: int | None, day: date) -> bool:
    """Let a day be as the week has it again; False when it was."""
    with store.begin() as tx:
        gone = roster.remove_exceptions(tx, unit.id, day, staff_id)
        _noted(tx, now, actor, unit, "roster.day_as_usual", staff_id, day)
        return gone > 0


def _noted(tx: Tx, now: datetime, actor: Actor, unit: Unit, action: str, staff_id: int | None, day: date) -> None:
    appointments.look_again(tx, now, unit_id=unit.id)
    whose = f"unit:{unit.id}" if staff_id is None else f"staff:{staff_id}"
    audit.write(tx, now, actor.ref, action, whose, f"ok {day} unit:{unit.id}")


# --- alarms -----------------------------------------------------------------------------------------------------------


def set_contact(
    store: Store, house: House, now: datetime, actor: Actor, unit: Unit, staff_id: int, *,
    channel: str, device: str, order: str, manager: bool,
) -> None:  # fmt: skip
    """Set where an alarm reaches a colleague, in which order, and whether they are the manager, who comes last.

    A unit has one manager: the one before is no longer. DeskFault names what is wrong; then nothing has changed.
    """
    address = _address(house, channel, device)
    place = int(order) if order.isascii() and order.isdecimal() and len(order) < 4 else 0
    if place not in ORDER:
        raise DeskFault("ordningen går inte att läsa", "ORDER", f"skriv {ORDER[0]} till {ORDER[-1]}, 1 larmas först")
    with store.begin() as tx:
        member_of(tx, unit, staff_id)
        for each in staff.list_members(tx, unit.id) if manager else ():
            if each.manager and each.id != staff_id:
                staff.set_membership(tx, each.id, unit.id, alarm_order=each.alarm_order, manager=False)
        staff.set_membership(tx, staff_id, unit.id, alarm_order=place, manager=manager)
        staff.set_device(tx, staff_id, channel if address else None, address)
        audit.write(tx, now, actor.ref, "roster.alarm", f"staff:{staff_id}", f"ok unit:{unit.id}")


def _address(house: House, channel: str, device: str) -> str | None:
    address = device.strip()
    if not address:
        return None
    if channel not in house.channels:
        raise DeskFault("den kanalen är inte på", "CHANNEL", "välj en annan")
    if channel in NUMBERED:
        phone = read_phone(address)
        if phone.e164 is None or not phone.mobile:
            raise DeskFault("numret kan inte ta emot sms", "--device", "skriv ett mobilnummer, som 070-123 45 67")
        return phone.e164
    if len(address) > LONGEST_DEVICE or not address.isprintable() or " " in address:
        raise DeskFault("adressen går inte att använda", "--device", "skriv den utan mellanslag")
    return address


TEST: Final = "TEST, inget har hänt. Så här ser ett larm ut: {alarm}"


def try_alarm(store: Store, house: House, now: datetime, actor: Actor, unit: Unit, staff_id: int, nonce: str) -> str:
    """Send the text of an alarm, marked as a test, to one colleague's work device; give their first name.

    `nonce` is the form's: sent twice, it goes out once. DeskFault when there is no device that an alarm reaches.
    """
    with store.begin() as tx:
        who = member_of(tx, unit, staff_id)
        if not who.device or who.device_channel is None or who.device_channel not in house.channels:
            raise DeskFault(f"{who.first_name} har ingen arbetstelefon som larm når", "--device", "skriv en först")
        contact = contacts.work_device(tx, now, who.id, who.device_channel, who.device)
        alarm = house.catalog.render("first_care/staff_alarm", language="sv", style="sms", facts={}, now=now).text
        message = NewMessage(
            contact_id=contact, participant_id=None, channel=who.device_channel, kind="staff_alarm",
            body=Body(TEST.format(alarm=alarm)), dedupe_key=f"alarm_test:{who.id}:{nonce or outbox.reserve(now)}",
            why="Ett prov av larmet, från sidan Bemanning.",
        )  # fmt: skip
        outbox.queue(tx, tx.vault.own(tx), now, [message])
        audit.write(tx, now, actor.ref, "roster.test_alarm", f"staff:{who.id}", f"ok unit:{unit.id}")
        return who.first_name


def member_of(tx: Tx, unit: Unit, staff_id: int) -> Member:
    """Give a working member of a unit; DeskFault when there is none of that id."""
    found = next((each for each in staff.list_members(tx, unit.id) if each.id == staff_id), None)
    if found is None:
        raise DeskFault("den medarbetaren arbetar inte här", "MEMBER", "välj någon annan")
    return found
