"""Free times for a person: what their unit's staff can, less what is taken, near what was wished for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

from bot.actions import booking, meetings
from bot.actions.house import House
from rules.calendar import to_local
from rules.slots import AT_ONCE, Free, Need, Offer, Part, Wanted, five_minutes, more, near
from storage import appointments, availability, busy, participants, roster, staff, units
from storage.appointments import Appointment
from storage.db import Tx
from storage.units import Unit

FURTHEST: Final = timedelta(days=366)
"""How far ahead a meeting is booked by hand. Our choice: what is further is a slip of the keys."""


def free_of(tx: Tx, house: House, unit: Unit, now: datetime, *, but: Appointment | None = None) -> Free:
    """Give when a unit's staff can meet, and what of it is taken; the time of the meeting `but` counts as free.

    On a day when the unit is closed, or a colleague is away, nobody is met, whatever times were given before.
    """
    rules, free = meetings.rules_of(unit), availability.load(tx, unit.id, zone=house.hours.zone)
    who = {shift.staff for shift in free.shifts} | {each.staff for each in free.exceptions if each.staff}
    today = to_local(now, house.hours.zone).date()
    away = tuple(each for each in roster.load(tx, unit.id, since=today).exceptions if each.starts is None)
    ahead = timedelta(days=rules.horizon_days + 2)
    first, last = _number(now - timedelta(days=1)), _number(now + ahead)
    taken = busy.of(tx, who, first, last, now)
    if but is not None and but.staff_id in taken:
        taken[but.staff_id] -= busy.of_appointment(tx, but.id)
    return Free(
        replace(free, exceptions=(*free.exceptions, *away)),
        {each: frozenset(numbers) for each, numbers in taken.items()},
        rules,
    )


def need_of(
    tx: Tx, unit: Unit, participant_id: int, form: str, minutes: int, now: datetime, *,
    part: Part | None = None, but: Appointment | None = None,
) -> Need:  # fmt: skip
    """Give what is looked for: their own staff member first, and nothing while they have another meeting."""
    coming = appointments.list_coming(tx, participant_id, now)
    own = [each.staff_id for each in appointments.list_of_person(tx, participant_id)]
    place = (
        meetings.usual_place(unit, form) if but is None or but.place is None else meetings.find_place(unit, but.place)
    )
    taken = {number for each in coming if but is None or each.id != but.id for number in _minutes_of(each)}
    return Need(
        minutes=minutes,
        place=None if place is None else place.slug,
        part=part,
        own=but.staff_id if but is not None else next(iter(own), None),
        busy=frozenset(taken),
    )


def find(
    tx: Tx, house: House, participant_id: int, unit: Unit, *, form: str, minutes: int, now: datetime,
    part: str | None = None, wanted: Mapping[str, Any] | None = None, shown: Sequence[Sequence[Any]] = (),
    but: Appointment | None = None, only: frozenset[int] = frozenset(),
) -> list[Offer]:  # fmt: skip
    """Give up to three free times, as rules.slots chooses them, none that was shown; with `only` of those of ours."""
    free = free_of(tx, house, unit, now, but=but)
    need = need_of(tx, unit, participant_id, form, minutes, now, part=part, but=but)  # type: ignore[arg-type]
    if only:
        shifts = tuple(shift for shift in free.availability.shifts if shift.staff in only)
        given = tuple(each for each in free.availability.exceptions if each.staff is None or each.staff in only)
        free = replace(free, availability=replace(free.availability, shifts=shifts, exceptions=given))
    seen = [(datetime.fromisoformat(starts), int(who)) for starts, who in shown]
    if but is not None:
        seen.append((but.starts, but.staff_id))  # their own old time is no new one
    if wanted is None:
        return list(more(free, need, now, seen))
    wishes = [wanted_of(each) for each in (wanted, *wanted.get("also", ()))]
    if len(wishes) > 1:
        fitting = [each for wish in wishes for each in near(free, need, now, wish, seen) if each.fits]
        several = list({each.starts: each for each in fitting}.values())
        if several:
            return several[:AT_ONCE]
    return list(near(free, need, now, wishes[0], seen))


def wanted_of(told: Mapping[str, Any]) -> Wanted:
    """Give a wish in the person's own words, from its plain form in a journal."""
    daily = told.get("daily")
    return Wanted(
        datetime.fromisoformat(told["starts"]),
        datetime.fromisoformat(told["ends"]),
        None if daily is None else (time.fromisoformat(daily[0]), time.fromisoformat(daily[1])),
        tuple(date.fromisoformat(each) for each in told.get("not_on") or ()),
    )


def is_free(tx: Tx, house: House, want: booking.Wanted, now: datetime, *, but: Appointment | None = None) -> str | None:
    """Say, in Swedish for staff, why a time cannot be booked by hand; None when it can.

    Staff may book outside their availability, for they know why; but not in the past, outside the unit's hours, or when
    the person has another meeting. That the staff member is free is for the table of taken time to say.
    """
    unit = units.get_unit(tx, want.unit_id)
    rules, local = meetings.rules_of(unit), to_local(want.starts, house.hours.zone)
    ends = to_local(want.starts + timedelta(minutes=want.minutes), house.hours.zone)
    if want.starts <= now:
        return "Tiden har redan varit."
    if want.starts - now > FURTHEST:
        return "Tiden är mer än ett år bort."
    if ends.date() != local.date() or local.time() < rules.earliest or ends.time() > rules.latest:
        return f"Enhetens möten är mellan kl. {rules.earliest:%H.%M} och {rules.latest:%H.%M}."
    mine = set(five_minutes(want.starts, want.starts + timedelta(minutes=want.minutes)))
    for each in appointments.list_coming(tx, want.participant_id, now):
        if (but is None or each.id != but.id) and mine & set(_minutes_of(each)):
            return f"Personen har redan {booking.what_of(each, now)}."
    return None


def offered(tx: Tx, unit: Unit, participant_id: int, found: Sequence[Offer], place: str | None) -> list[dict[str, Any]]:
    """Give offers as a talk knows them (flows.commands_meetings.FindTimes)."""
    names = staff.names(tx, unit.id)
    hidden = participants.get(tx, participant_id).read_by_others
    spot = meetings.find_place(unit, place)
    return [
        {
            "starts": each.starts.isoformat(),
            "ends": each.ends.isoformat(),
            "staff": each.staff,
            "name": None if hidden else names.get(each.staff),
            "place": place,
            "where": None if hidden or spot is None else spot.name,
        }
        for each in found
    ]


def _minutes_of(each: Appointment) -> tuple[int, ...]:
    return five_minutes(each.starts, each.ends)


def _number(at: datetime) -> int:
    return int(at.astimezone(UTC).timestamp() // 300)


def as_wanted(each: Appointment, **changes: Any) -> booking.Wanted:
    """Give a meeting as something wanted, with changes: what it is moved to."""
    same = booking.Wanted(
        each.participant_id, each.unit_id, each.staff_id, each.form, each.starts, each.minutes, each.place, each.details
    )
    return replace(same, **changes)
