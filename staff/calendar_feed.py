"""A staff member's meetings as a calendar that their own program fetches (RFC 5545), by a secret link.

Whoever has the link reads it, and so does every calendar program on the way: it names no person and no number. It says
what sort of meeting it is and at which of the unit's places; a home, or a place in free words, is never in it.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

from bot.actions import meetings
from storage import appointments, calendar, feeds, units
from storage.db import Store, Tx

BEFORE: Final = timedelta(days=14)
AHEAD: Final = timedelta(days=180)
WHAT: Final = {
    "walk_and_talk": "Promenad",
    "visit": "Hembesök",
    "office": "Möte hos oss",
    "phone": "Telefonsamtal",
    "video": "Videosamtal",
}
HIDDEN: Final = "Möte"


def read(store: Store, token: str, now: datetime) -> str | None:
    """Give the calendar that a link's word opens; None for a word that opens nothing."""
    with store.read() as tx:
        owner = feeds.owner_of(tx, token)
        return None if owner is None else _calendar(tx, owner, now)


def _calendar(tx: Tx, staff_id: int, now: datetime) -> str:
    from icalendar import Calendar, Event  # heavy: only those who fetch a calendar need it

    found = appointments.list_between(tx, now - BEFORE, now + AHEAD, staff_id=staff_id)
    ahead = [each for each in found if each.state == "booked" and each.outcome != "cancelled"]
    hidden = calendar.protected(tx, [each.participant_id for each in ahead])
    places = {(unit.id, place.slug): place.name for unit in units.list_units(tx) for place in meetings.places_of(unit)}
    made = Calendar()
    made.add("prodid", "-//Ingang//SV")
    made.add("version", "2.0")
    made.add("x-wr-calname", "Ingång")
    for each in ahead:
        is_hidden = each.participant_id in hidden
        event = Event()
        event.add("uid", f"{each.id}.staff@ingang")
        event.add("sequence", each.version - 1)
        event.add("dtstamp", now.astimezone(UTC))
        event.add("dtstart", each.starts.astimezone(UTC))
        event.add("dtend", each.ends.astimezone(UTC))
        event.add("summary", HIDDEN if is_hidden else WHAT[each.form])
        place = places.get((each.unit_id, each.place or ""))
        if place and not is_hidden:
            event.add("location", place)
        made.add_component(event)
    return str(made.to_ical().decode())
