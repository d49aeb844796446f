"""A meeting as a staff member asks for it: what was typed, read against the unit, its places and its people."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from bot.actions import meetings, offering
from bot.actions.booking import Wanted
from bot.actions.house import House
from rules.calendar import to_local, to_utc
from staff.people import Actor, DeskFault, find_member
from storage import staff, units
from storage.appointments import Appointment
from storage.db import Tx
from storage.participants import Participant
from storage.units import Unit

FORM: Final = {
    "walk_and_talk": "promenad",
    "visit": "hembesök",
    "office": "hos oss",
    "phone": "telefon",
    "video": "video",
}
OUTCOME: Final = {"attended": "kom", "missed": "uteblev", "we_failed": "vi", "cancelled": "avbokad"}
LONGEST: Final = 480
"""Minutes of a meeting. Our choice: a day of work."""
YEARS: Final = range(2000, 2101)
"""Years that a typed day can be of; others have no reckoning at their edges."""


@dataclass(frozen=True, slots=True)
class Ask:
    """A meeting as a staff member asks for it, as it was typed. None: as it was, or as is usual."""

    at: str | None = None
    minutes: int | None = None
    form: str | None = None
    member: str | None = None
    place: str | None = None
    where: str | None = None
    note: str | None = None


def unit_of(tx: Tx, person: Participant) -> Unit:
    """Give the unit that meets the person; DeskFault while nobody knows which."""
    known = units.list_units(tx)
    unit = next((each for each in known if each.id == person.unit_id), known[0] if len(known) == 1 else None)
    if unit is None:
        raise DeskFault(f"person {person.id} har ingen enhet än", "PERSON", "personen behöver säga vilken kommun först")
    return unit


def wanted(tx: Tx, house: House, unit: Unit, person_id: int, actor: Actor, ask: Ask) -> Wanted:
    """Give the new meeting that was asked for; DeskFault names what cannot be read."""
    form = read_form(ask.form or "walk_and_talk")
    if ask.at is None:
        raise DeskFault("det står inte när", "--at", 'skriv dag och tid: "2026-12-03 13:30"')
    place = _place(unit, form, ask)
    return Wanted(
        person_id, unit.id, _member(tx, unit, actor, ask.member), form, read_moment(ask.at, house.hours.zone),
        _minutes(ask.minutes if ask.minutes is not None else 40), place, details(ask),
    )  # fmt: skip


def changed(tx: Tx, house: House, unit: Unit, each: Appointment, actor: Actor, ask: Ask) -> Wanted:
    """Give what a meeting is to become; DeskFault names what cannot be read."""
    if ask.form is not None:
        raise DeskFault("ett mötes form ändras inte", "--form", "avboka tiden och boka en ny")
    return offering.as_wanted(
        each,
        starts=each.starts if ask.at is None else read_moment(ask.at, house.hours.zone),
        minutes=each.minutes if ask.minutes is None else _minutes(ask.minutes),
        staff_id=each.staff_id if ask.member is None else _member(tx, unit, actor, ask.member),
        place=each.place if ask.place in (None, each.place) and ask.where is None else _place(unit, each.form, ask),
    )


def details(ask: Ask) -> dict[str, str]:
    """Give what is kept sealed of what was asked: the place in free words, and the note."""
    told = {"where": ask.where, "note": ask.note}
    return {name: value.strip() for name, value in told.items() if value and value.strip()}


def _place(unit: Unit, form: str, ask: Ask) -> str | None:
    if ask.place is not None:
        place = meetings.find_place(unit, ask.place.strip().casefold())
        if place is None or place.retired:
            known = ", ".join(each.slug for each in meetings.open_places(unit)) or "ingen"
            raise DeskFault(
                f"enheten har ingen plats {ask.place}", "--place", f"välj bland: {known}, eller skriv --where"
            )
        return place.slug
    usual = None if ask.where else meetings.usual_place(unit, form)
    return None if usual is None else usual.slug


def _member(tx: Tx, unit: Unit, actor: Actor, wanted: str | None) -> int:
    theirs = staff.names(tx, unit.id)
    if wanted is not None:
        member = find_member(tx, wanted, "--with")
        if member.id not in theirs:
            raise DeskFault(f"{member.first_name} arbetar inte i {unit.name}", "--with", "se: ingang staff list")
        return member.id
    if actor.staff_id in theirs:
        return int(actor.staff_id or 0)
    raise DeskFault("det står inte vem mötet är med", "--with", f"välj bland: {', '.join(theirs.values())}")


def _minutes(minutes: int) -> int:
    if not 5 <= minutes <= LONGEST:
        raise DeskFault(f"{minutes} minuter går inte att boka", "--minutes", f"skriv 5 till {LONGEST}")
    return minutes


def read_form(word: str) -> str:
    """Give the form that a word means: the code, or the Swedish word."""
    said = word.strip().casefold()
    found = next((code for code, words in FORM.items() if said in (code, words)), None)
    if found is None:
        raise DeskFault(f"formen {word} finns inte", "--form", f"välj bland: {', '.join(FORM.values())}")
    return found


def read_outcome(word: str) -> str:
    """Give the outcome that a word means: the code, or the Swedish word."""
    said = word.strip().casefold()
    found = next((code for code, words in OUTCOME.items() if said in (code, words)), None)
    if found is None:
        raise DeskFault(
            f"{word} är inget sätt som det kan gå på", "OUTCOME", f"välj bland: {', '.join(OUTCOME.values())}"
        )
    return found


def read_moment(text: str, zone: str) -> datetime:
    """Read "2026-12-03 13:30" (or with a T), local time, to UTC. DeskFault for all else, and for a skipped hour."""
    way_out = 'skriv dag och tid: "2026-12-03 13:30"'
    try:
        wall = datetime.fromisoformat(text.strip())
    except ValueError:
        raise DeskFault(f"tiden {text} går inte att läsa", "--at", way_out) from None
    if wall.tzinfo is not None or wall.year not in YEARS or len(text.strip()) < len("2026-12-03T13:30"):
        raise DeskFault(f"tiden {text} går inte att läsa", "--at", way_out)
    moment = to_utc(wall.date(), wall.time(), zone)
    if to_local(moment, zone).replace(tzinfo=None) != wall:
        raise DeskFault(f"tiden {text} finns inte: klockan ställs fram då", "--at", "skriv en annan tid")
    return moment
