"""What a new unit starts with: settings become rows at the first start; after that the database has them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from ingang.settings import Hours, Place, StaffMember, Unit
from rules.roster import Shift
from storage import availability, roster, staff, units
from storage.db import Tx
from storage.units import UnitSeed


def seed_units(tx: Tx, wanted: Sequence[Unit], now: datetime) -> list[str]:
    """Make the units that the database does not have, with their staff and hours; return their slugs.

    A unit that is there already is left as it is, whatever the settings say. One whose settings name nobody who reads
    is not open yet: staff open it on the page of the roster, when somebody does.
    """
    known = {unit.slug for unit in units.list_units(tx)}
    fresh = [unit for unit in wanted if unit.slug not in known]
    added = units.sync(tx, [_seed(unit) for unit in fresh], now)
    for unit in fresh:
        if unit.slug not in added:
            continue  # another process, started at the same moment, was there first
        unit_id = units.get_unit(tx, unit.slug).id
        shifts = [shift for member in unit.staff for shift in _staff(tx, unit_id, member, now)]
        roster.set_shifts(tx, unit_id, shifts)
        if not shifts:
            units.set_live(tx, unit_id, live=False)
    return added


def unit_settings(unit: Unit) -> dict[str, object]:
    """What the database keeps of a unit's settings, beside its names."""
    return {
        "phone": unit.phone,
        "address": unit.address,
        "villages": _listed(unit.villages),
        "where_under_15": unit.where_under_15,
        "where_over_29": unit.where_over_29,
        "promise_days": unit.promise_days,
        "answers_per_day": unit.answers_per_day,
        "meetings": {
            "earliest": f"{unit.meetings_from:%H:%M}",
            "latest": f"{unit.meetings_to:%H:%M}",
            "notice_hours": unit.meetings_notice,
        },
        "position": unit.position,
        "places": [_place(place) for place in unit.places],
    }


def _place(place: Place) -> dict[str, object]:
    told = {"slug": place.slug, "name": place.name, "find": place.find, "link": place.link}
    return {**told, "travel": place.travel, "starts": _listed(place.starts)}


def _listed(written: str) -> list[str]:
    """What stands between the commas."""
    return [each.strip() for each in written.split(",") if each.strip()]


def _seed(unit: Unit) -> UnitSeed:
    return UnitSeed(unit.slug, unit.name, unit.municipality, unit_settings(unit))


def _staff(tx: Tx, unit_id: int, member: StaffMember, now: datetime) -> list[Shift]:
    channel, _, address = member.device.partition(":")
    who = staff.add(
        tx, now, member.first_name, [unit_id], device_channel=channel or None, device=address or None,
        role=member.role, alarm_order=member.order, manager=member.manager,
    )  # fmt: skip
    availability.set_week(tx, unit_id, who, _shifts(who, member.meets))
    return _shifts(who, member.hours)


def _shifts(who: int, week: Sequence[Hours]) -> list[Shift]:
    return [Shift(who, day, hours.starts, hours.ends) for hours in week for day in hours.days]
