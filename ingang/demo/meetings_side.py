"""Meetings as the demo's page shows them: the list that staff see, one person's, and what is coming to be said."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from bot.actions import meetings
from bot.actions.house import House
from ingang.demo import staff_side
from ingang.demo.words import moment
from staff.labels import PLAN
from staff.meetings import FORM, standing_of
from storage import appointments, staff, units
from storage.appointments import Appointment
from storage.db import Tx

LATELY: Final = timedelta(days=2)
TAGS: Final = {"bekräftad": "done", "inte svarat": "taken", "tackat nej": "message", "vill ha en annan tid": "message"}


def coming(tx: Tx, now: datetime) -> list[dict[str, Any]]:
    """Every unit's meetings, from the day before yesterday on, the soonest first."""
    found = appointments.list_between(tx, now - LATELY, now + timedelta(days=60))
    return [_row(tx, each, now) for each in found][:40]


def of_person(tx: Tx, participant_id: int, now: datetime) -> list[dict[str, Any]]:
    """One person's meetings, the latest first."""
    return [_row(tx, each, now) for each in appointments.list_of_person(tx, participant_id)[:6]]


def has_ahead(tx: Tx, participant_id: int, now: datetime) -> bool:
    """Whether the person has a meeting ahead."""
    return bool(appointments.list_coming(tx, participant_id, now))


def to_be_said(tx: Tx, house: House, now: datetime) -> list[tuple[datetime, str, str]]:
    """What the plans of the coming meetings will say, if nothing changes: when, where it shows, what."""
    said = []
    for each in appointments.list_between(tx, now - LATELY, now + timedelta(days=60)):
        if each.state == "booked":
            name = staff_side.name_of(tx, each.participant_id)
            said += [
                (item.when, "Inkorgen" if item.to_staff else "Om tiden", f"{name}. {PLAN[item.kind]}")
                for item in meetings.plan_of(tx, house, each, now).items
                if item.when > now
            ]
    return said


def _row(tx: Tx, each: Appointment, now: datetime) -> dict[str, Any]:
    words, since = standing_of(each)
    unit = units.get_unit(tx, each.unit_id)
    place = meetings.find_place(unit, each.place)
    member = staff.names(tx, each.unit_id).get(each.staff_id, "")
    what = [FORM[each.form], f"{each.minutes} min", place.name if place else "", f"med {member}" if member else ""]
    return {
        "id": str(each.id),
        "person": str(each.participant_id),
        "name": staff_side.name_of(tx, each.participant_id),
        "when": moment(each.starts, now),
        "what": " · ".join(filter(None, what)),
        "standing": words,
        "tag": TAGS.get(words, "taken"),
        "since": f"sedan {moment(since, now)}",
        "ahead": each.state == "booked" and each.outcome is None and each.starts > now,
        "to_mark": each.state == "booked" and each.outcome is None and each.starts <= now,
    }
