"""A meeting as an iCalendar file (RFC 5545): one UID for its whole life, SEQUENCE raised with each change, CANCEL.

Whoever shares the calendar reads it too, so it names the bot, not the reason: no kind of meeting, no note.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from bot.actions import meetings
from bot.actions.house import House
from storage import participants, units
from storage.appointments import Appointment
from storage.db import Tx

NAME: Final = "tid.ics"
MEDIA_TYPE: Final = "text/calendar"
UID_HOST: Final = "ingang"


def calendar_of(tx: Tx, house: House, each: Appointment, now: datetime) -> str:
    """Give the file's text, with lines ended as the standard says.

    Where another reads the phone it holds nothing but the time.
    """
    from icalendar import Calendar, Event  # heavy: only those who ask for a file need it

    unit, facts = units.get_unit(tx, each.unit_id), meetings.facts_of(tx, house, each)
    event = Event()
    event.add("uid", f"{each.id}@{UID_HOST}")
    event.add("sequence", each.version - 1)
    event.add("dtstamp", now.astimezone(UTC))
    event.add("dtstart", each.starts.astimezone(UTC))
    event.add("dtend", each.ends.astimezone(UTC))
    event.add("summary", f"{facts['staff_name']}, {unit.name}" if facts["staff_name"] else _no_name(tx, house, each))
    event.add("status", "CANCELLED" if each.state == "cancelled" else "CONFIRMED")
    if facts["where"]:
        event.add("location", facts["where"])
    words = " ".join(filter(None, (facts["find"], facts["link"])))
    if words:
        event.add("description", words)
    calendar = Calendar()
    calendar.add("prodid", "-//Ingang//SV")
    calendar.add("version", "2.0")
    calendar.add("method", "CANCEL" if each.state == "cancelled" else "PUBLISH")
    calendar.add_component(event)
    return str(calendar.to_ical().decode())


def _no_name(tx: Tx, house: House, each: Appointment) -> str:
    """What it is called where no name may stand: "Tid", in the person's language."""
    language = participants.get(tx, each.participant_id).language
    return house.catalog.page_book(language).pages.plain("meeting.calendar_name")
