"""Meetings as staff keep them: booked, moved, called off, marked, listed. One transaction each, in the audit log.

What is refused raises `DeskFault`, in Swedish, and has changed nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

from bot.actions import booking, inviting, meetings, offering
from bot.actions.booking import Wanted
from bot.actions.house import House
from rules.calendar import to_local, to_utc
from rules.reminders import Plan
from staff.labels import HIDDEN, NOBODY
from staff.people import Actor, DeskFault, find_member, find_unit, guard
from storage import appointments, audit, contacts, participants, staff, units
from storage.appointments import Appointment
from storage.busy import Taken
from storage.db import Store, Tx
from storage.ids import new_id
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


@dataclass(frozen=True, slots=True)
class Kept:
    """A meeting after what was done to it, in words, and what the one who did it should know."""

    id: int
    person: int
    what: str
    notes: tuple[str, ...] = ()


# --- what is done -----------------------------------------------------------------------------------------------------


def book(
    store: Store, house: House, now: datetime, actor: Actor, person_id: int, ask: Ask, *, named_reader: bool = False
) -> Kept:
    """Book a meeting; the person is told at once, as their plan says."""
    with store.begin() as tx:
        person = guard(tx, now, actor, "appointment.book", person_id, named_reader=named_reader, noted=True)
        if not isinstance(person, DeskFault):
            unit = _unit_of(tx, person)
            want = _wanted(tx, house, unit, person_id, actor, ask)
            _refuse(offering.is_free(tx, house, want, now))
            each = _free(lambda: booking.book(tx, house, want, now, by="staff"))
            booking.write_down(tx, now, actor.ref, "appointment.book", each)
            return _kept(tx, house, each, now)
    raise person


def move(store: Store, house: House, now: datetime, actor: Actor, meeting_id: int, ask: Ask) -> Kept:
    """Give a meeting another time, length, place or staff member; the person is told at once."""
    with store.begin() as tx:
        each = _meeting(tx, now, actor, "appointment.move", meeting_id)
        if not isinstance(each, DeskFault):
            unit = units.get_unit(tx, each.unit_id)
            want = _changed(tx, house, unit, each, actor, ask)
            _refuse(offering.is_free(tx, house, want, now, but=each))
            moved = _free(lambda: booking.move(tx, house, each, want, now, by="staff"))
            if ask.note or ask.where:
                appointments.set_details(tx, moved, **_details(ask))
            booking.write_down(tx, now, actor.ref, "appointment.move", moved)
            soon = each.starts - now <= booking.RING_WITHIN or moved.starts - now <= booking.RING_WITHIN
            return _kept(tx, house, moved, now, *(["Det är mindre än tre timmar kvar: ring också."] if soon else []))
    raise each


def cancel(store: Store, house: House, now: datetime, actor: Actor, meeting_id: int) -> Kept:
    """Call a meeting off; the person is told that it isn't their fault, and is offered a new time."""
    with store.begin() as tx:
        each = _meeting(tx, now, actor, "appointment.cancel", meeting_id)
        if not isinstance(each, DeskFault):
            return _cancelled(tx, house, now, actor, each)
    raise each


def mark(store: Store, house: House, now: datetime, actor: Actor, meeting_id: int, outcome: str) -> Kept:
    """Keep how it went: attended, missed, we_failed or cancelled. A later mark takes the place of an earlier one."""
    with store.begin() as tx:
        each = _meeting(tx, now, actor, "appointment.mark", meeting_id, still_booked=False)
        if not isinstance(each, DeskFault):
            if each.state == "cancelled":
                raise DeskFault(f"tiden {meeting_id} är avbokad", "MEETING", "det finns inget att skriva om den")
            if outcome != "cancelled" and each.starts > now:
                raise DeskFault(f"tiden {meeting_id} har inte börjat", "MEETING", "skriv hur det gick efteråt")
            marked = booking.mark(tx, house, each, outcome, actor.staff_id, now)
            booking.write_down(tx, now, actor.ref, "appointment.mark", marked)
            return _kept(tx, house, marked, now)
    raise each


def offer(store: Store, house: House, now: datetime, actor: Actor, person_id: int) -> None:
    """Offer a person a walk: the bot asks which time suits them, out of the times that staff have."""
    with store.begin() as tx:
        person = guard(tx, now, actor, "appointment.offer", person_id, named_reader=False)
        if not isinstance(person, DeskFault):
            _unit_of(tx, person)
            if inviting.begin(tx, house, person_id, f"offer:{new_id(now)}", now, asked_by="staff", offer=None):
                return
            way_out = "vänta tills personen har svarat på det som pågår, eller ring"
            raise DeskFault("boten kan inte fråga personen nu", f"person {person_id}", way_out)
    raise person


def sick(store: Store, house: House, now: datetime, actor: Actor, member: str, day: date | None = None) -> list[Kept]:
    """A staff member is away that day (today): call off all their meetings that are left, and offer new times."""
    with store.begin() as tx:
        who = find_member(tx, member, "MEMBER")
        zone = house.hours.zone
        wanted = day or to_local(now, zone).date()
        first, last = to_utc(wanted, time(0), zone), to_utc(wanted + timedelta(days=1), time(0), zone)
        found = appointments.list_between(tx, max(first, now), last, staff_id=who.id)
        theirs = [each for each in found if each.state == "booked" and actor.sees(each.unit_id)]
        return [_cancelled(tx, house, now, actor, each) for each in theirs]


def _cancelled(tx: Tx, house: House, now: datetime, actor: Actor, each: Appointment) -> Kept:
    done = booking.cancel(tx, house, each, now, by="staff")
    booking.write_down(tx, now, actor.ref, "appointment.cancel", done.meeting)
    notes = []
    if not done.reached:
        notes.append("Ingen text når personen: ring.")
    elif done.ring:
        notes.append("Det är mindre än tre timmar kvar: ring också.")
    return _kept(tx, house, done.meeting, now, *notes)


# --- lists ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class MeetingRow:
    """One meeting, as a list shows it. `standing` says in Swedish what the person has answered, and since when."""

    id: int
    person: int
    name: str
    unit: str
    member: str
    form: str
    starts: datetime
    minutes: int
    place: str
    standing: str
    since: datetime
    note: str


def list_meetings(
    store: Store, now: datetime, actor: Actor, unit_slug: str | None = None, *,
    days: int = 14, person_id: int | None = None,
) -> list[MeetingRow]:  # fmt: skip
    """Give the meetings from the start of today and `days` ahead, or all of one person's, the soonest first."""
    with store.begin() as tx:
        unit = find_unit(tx, unit_slug, actor)
        first = to_utc(to_local(now).date(), time(0))
        if person_id is not None:
            person = guard(tx, now, actor, "appointment.list", person_id, named_reader=False)
            if isinstance(person, DeskFault):
                raise person
            found = list(reversed(appointments.list_of_person(tx, person_id)))
        else:
            found = appointments.list_between(
                tx, first, first + timedelta(days=days), unit_id=unit.id if unit else None
            )
            audit.write(tx, now, actor.ref, "appointment.list", f"unit:{unit_slug}" if unit_slug else "units")
        places = {each.id: each for each in units.list_units(tx)}
        names = {one.id: one.first_name for one in staff.list_staff(tx, disabled=True)}
        return [_row(tx, each, places[each.unit_id], names) for each in found if actor.sees(each.unit_id)]


def _row(tx: Tx, each: Appointment, unit: Unit, names: dict[int, str]) -> MeetingRow:
    person = participants.get(tx, each.participant_id)
    hidden = person.protected
    place = meetings.find_place(unit, each.place)
    where = "" if hidden else place.name if place else str(each.details.get("where", ""))
    name = HIDDEN if hidden else str(participants.profile(tx, person.id).get("name") or NOBODY)
    words, since = standing_of(each)
    return MeetingRow(
        each.id, each.participant_id, name, unit.municipality, names.get(each.staff_id, ""), FORM[each.form],
        each.starts, each.minutes, where, words, since, "" if hidden else str(each.details.get("note", "")),
    )  # fmt: skip


def standing_of(each: Appointment) -> tuple[str, datetime]:
    """Give how it stands with a meeting, in Swedish, and since when (UTC)."""
    changed = each.changed_at or each.booked_at
    if each.state == "cancelled":
        return ("avbokad av oss" if each.cancelled_by == "staff" else "avbokad av personen"), changed
    if each.outcome is not None:
        words = {"attended": "kom", "missed": "kom inte", "we_failed": "vi kom inte", "cancelled": "blev inte av"}
        return words[each.outcome], each.marked_at or changed
    answers = {"yes": "bekräftad", "no": "tackat nej", "move": "vill ha en annan tid"}
    if each.answer is None:
        return "inte svarat", changed
    return answers[each.answer], each.answered_at or changed


def plan_of(store: Store, house: House, now: datetime, actor: Actor, meeting_id: int) -> tuple[Kept, Plan]:
    """Give what is said about a meeting and when, and what is not and why."""
    with store.begin() as tx:
        each = _meeting(tx, now, actor, "appointment.plan", meeting_id, still_booked=False)
        if not isinstance(each, DeskFault):
            return _kept(tx, house, each, now), meetings.plan_of(tx, house, each, now)
    raise each


# --- reading what was typed -------------------------------------------------------------------------------------------


def _meeting(
    tx: Tx, now: datetime, actor: Actor, action: str, meeting_id: int, *, still_booked: bool = True
) -> Appointment | DeskFault:
    each = appointments.find(tx, meeting_id, to_change=True)
    if each is None or not actor.sees(each.unit_id):
        return DeskFault(f"det finns ingen tid {meeting_id} här", "MEETING", "se numren i: ingang meetings")
    person = guard(tx, now, actor, action, each.participant_id, named_reader=True, noted=True)
    if isinstance(person, DeskFault):
        return person
    if still_booked and each.state == "cancelled":
        return DeskFault(f"tiden {meeting_id} är redan avbokad", "MEETING", "boka en ny med: ingang book")
    if still_booked and each.starts <= now:
        return DeskFault(f"tiden {meeting_id} har redan börjat", "MEETING", "skriv hur det gick: ingang mark")
    return each


def _unit_of(tx: Tx, person: Participant) -> Unit:
    known = units.list_units(tx)
    unit = next((each for each in known if each.id == person.unit_id), known[0] if len(known) == 1 else None)
    if unit is None:
        raise DeskFault(f"person {person.id} har ingen enhet än", "PERSON", "personen behöver säga vilken kommun först")
    return unit


def _wanted(tx: Tx, house: House, unit: Unit, person_id: int, actor: Actor, ask: Ask) -> Wanted:
    form = read_form(ask.form or "walk_and_talk")
    if ask.at is None:
        raise DeskFault("det står inte när", "--at", 'skriv dag och tid: "2026-12-03 13:30"')
    place = _place(unit, form, ask)
    return Wanted(
        person_id, unit.id, _member(tx, unit, actor, ask.member), form, read_moment(ask.at, house.hours.zone),
        _minutes(ask.minutes if ask.minutes is not None else 40), place, _details(ask),
    )  # fmt: skip


def _changed(tx: Tx, house: House, unit: Unit, each: Appointment, actor: Actor, ask: Ask) -> Wanted:
    if ask.form is not None:
        raise DeskFault("ett mötes form ändras inte", "--form", "avboka tiden och boka en ny")
    return offering.as_wanted(
        each,
        starts=each.starts if ask.at is None else read_moment(ask.at, house.hours.zone),
        minutes=each.minutes if ask.minutes is None else _minutes(ask.minutes),
        staff_id=each.staff_id if ask.member is None else _member(tx, unit, actor, ask.member),
        place=each.place if ask.place is None and ask.where is None else _place(unit, each.form, ask),
    )


def _details(ask: Ask) -> dict[str, str]:
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


def _refuse(why: str | None) -> None:
    if why is not None:
        raise DeskFault(why.rstrip("."), "--at", "välj en annan tid")


def _free(done: Callable[[], Appointment]) -> Appointment:
    try:
        return done()
    except Taken:
        way_out = "välj en annan tid, eller någon annan med --with"
        raise DeskFault("medarbetaren är redan upptagen då, restid medräknad", "--at", way_out) from None


def _kept(tx: Tx, house: House, each: Appointment, now: datetime, *notes: str) -> Kept:
    ways = contacts.list_of(tx, each.participant_id)
    told = list(notes)
    if each.state == "booked" and each.outcome is None and each.starts > now:
        told += _reaches(meetings.held_by(house, ways))
    return Kept(each.id, each.participant_id, booking.what_of(each, now), tuple(told))


def _reaches(held: str | None) -> Iterable[str]:
    if held is not None:
        yield {
            "stopped": "Personen har skrivit STOPP: inget går ut om tiden. Ring.",
            "resting": "Botens meddelanden vilar efter ett larm. Släpp dem med: ingang release.",
            "unreachable": "Personen skrev på ett sätt som vi inte kan nå senare. Ring.",
            "protected": "Personen har skyddade uppgifter. Ring som ni har kommit överens om.",
        }[held]
