"""Meetings as staff keep them: booked, moved, called off, marked, listed. One transaction each, in the audit log.

What is refused raises `DeskFault`, in Swedish, and has changed nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from bot.actions import booking, inviting, meetings, offering
from bot.actions.booking import Wanted
from bot.actions.house import House
from rules.calendar import swedish_clock, to_local, to_utc
from rules.reminders import Plan
from staff.labels import HIDDEN, NOBODY
from staff.meeting_ask import (
    FORM,
    OUTCOME,
    Ask,
    changed,
    details,
    read_form,
    read_moment,
    read_outcome,
    unit_of,
    wanted,
)
from staff.people import Actor, DeskFault, find_member, find_unit, guard
from storage import appointments, audit, calendar, contacts, participants, staff, units
from storage.appointments import Appointment
from storage.busy import Taken
from storage.db import Store, Tx
from storage.ids import new_id
from storage.participants import Participant
from storage.units import Unit

__all__ = [
    "FORM", "OUTCOME", "Ask", "Kept", "MeetingRow", "Stale", "Twice", "book", "book_one", "cancel", "cancel_one",
    "find_meeting", "kept", "list_meetings", "mark", "move", "move_one", "offer", "plan_of", "read_form", "read_moment",
    "read_outcome", "sick", "sick_of", "standing_of",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Kept:
    """A meeting after what was done to it, in words, and what the one who did it should know."""

    id: int
    person: int
    what: str
    notes: tuple[str, ...] = ()


# --- what is done -----------------------------------------------------------------------------------------------------


class Twice(DeskFault):
    """The very same meeting is booked already, such as by a second click: `meeting`."""

    def __init__(self, meeting: int, what: str) -> None:
        super().__init__(f"personen har redan {what}", "--at", "det är bokat, inget mer behövs")
        self.meeting = meeting


class Stale(DeskFault):
    """Somebody else changed the meeting after the page was opened: `what` says how it stands now."""

    def __init__(self, what: str) -> None:
        super().__init__(what, "VERSION", "titta på tiden en gång till")


def book(
    store: Store, house: House, now: datetime, actor: Actor, person_id: int, ask: Ask, *, named_reader: bool = False
) -> Kept:
    """Book a meeting; the person is told at once, as their plan says."""
    with store.begin() as tx:
        person = guard(tx, now, actor, "appointment.book", person_id, named_reader=named_reader, noted=True)
        if not isinstance(person, DeskFault):
            return kept(tx, house, book_one(tx, house, now, actor, person, ask), now)
    raise person


def book_one(tx: Tx, house: House, now: datetime, actor: Actor, person: Participant, ask: Ask) -> Appointment:
    """Book a meeting with somebody whom the actor may book, in this transaction; Twice when it is there already."""
    want = wanted(tx, house, unit_of(tx, person), person.id, actor, ask)
    for each in appointments.list_coming(tx, person.id, now):
        if (each.starts, each.staff_id, each.form, each.minutes) == (
            want.starts, want.staff_id, want.form, want.minutes
        ):  # fmt: skip
            raise Twice(each.id, booking.what_of(each, now))
    _refuse(offering.is_free(tx, house, want, now))
    each = _free(tx, house, want, now, lambda: booking.book(tx, house, want, now, by="staff"))
    booking.write_down(tx, now, actor.ref, "appointment.book", each)
    return each


def move(
    store: Store, house: House, now: datetime, actor: Actor, meeting_id: int, ask: Ask, *,
    version: int | None = None, named_reader: bool = True,
) -> Kept:  # fmt: skip
    """Give a meeting another time, length, place or staff member; the person is told at once.

    With `version`, the one that was looked at: Stale when another stands now.
    """
    with store.begin() as tx:
        each = find_meeting(tx, now, actor, "appointment.move", meeting_id, named_reader=named_reader)
        if not isinstance(each, DeskFault):
            _still(each, version, now)
            moved = move_one(tx, house, now, actor, each, ask)
            if moved.version == each.version:
                return kept(tx, house, moved, now, "Tiden är som den var, så personen får inget nytt besked.")
            soon = each.starts - now <= booking.RING_WITHIN or moved.starts - now <= booking.RING_WITHIN
            return kept(tx, house, moved, now, *(["Det är mindre än tre timmar kvar: ring också."] if soon else []))
    raise each


def move_one(tx: Tx, house: House, now: datetime, actor: Actor, each: Appointment, ask: Ask) -> Appointment:
    """Move a meeting that the actor may move, in this transaction. What the person would not notice is not told."""
    want = changed(tx, house, units.get_unit(tx, each.unit_id), each, actor, ask)
    told = details(ask)
    same = want == offering.as_wanted(each) and told.get("where", each.details.get("where")) == each.details.get(
        "where"
    )
    moved = each
    if not same:
        _refuse(offering.is_free(tx, house, want, now, but=each))
        moved = _free(tx, house, want, now, lambda: booking.move(tx, house, each, want, now, by="staff"), but=each.id)
    if told:
        appointments.set_details(tx, moved, **told)
    booking.write_down(tx, now, actor.ref, "appointment.move", moved)
    return moved


def cancel(
    store: Store, house: House, now: datetime, actor: Actor, meeting_id: int, *,
    version: int | None = None, named_reader: bool = True,
) -> Kept:  # fmt: skip
    """Call a meeting off; the person is told that it isn't their fault, and is offered a new time."""
    with store.begin() as tx:
        each = find_meeting(tx, now, actor, "appointment.cancel", meeting_id, named_reader=named_reader)
        if not isinstance(each, DeskFault):
            _still(each, version, now)
            return cancel_one(tx, house, now, actor, each)
    raise each


def mark(
    store: Store, house: House, now: datetime, actor: Actor, meeting_id: int, outcome: str, *,
    version: int | None = None, was: str | None = None, named_reader: bool = True,
) -> Kept:  # fmt: skip
    """Keep how it went: attended, missed, we_failed or cancelled. A later mark takes the place of an earlier one.

    With `version`: Stale when the meeting, or the mark that it had then (`was`, "" for none), is another by now.
    """
    with store.begin() as tx:
        each = find_meeting(
            tx, now, actor, "appointment.mark", meeting_id, still_booked=False, named_reader=named_reader
        )
        if not isinstance(each, DeskFault):
            if each.state == "cancelled":
                raise DeskFault(f"tiden {meeting_id} är avbokad", "MEETING", "det finns inget att skriva om den")
            if outcome != "cancelled" and each.starts > now:
                raise DeskFault(f"tiden {meeting_id} har inte börjat", "MEETING", "skriv hur det gick efteråt")
            _still(each, version, now)
            if was is not None and outcome != each.outcome and (each.outcome or "") != was:
                who = calendar.marked_by(tx, each.id)
                name = calendar.first_names(tx, [who]).get(who, "Någon") if who else "Någon"
                raise Stale(f"{name} har redan skrivit: {standing_of(each)[0]}")
            marked = booking.mark(tx, house, each, outcome, actor.staff_id, now)
            booking.write_down(tx, now, actor.ref, "appointment.mark", marked)
            return kept(tx, house, marked, now)
    raise each


def _still(each: Appointment, version: int | None, now: datetime) -> None:
    if version is not None and version != each.version:
        raise Stale(f"tiden har ändrats sedan du öppnade sidan: nu är det {booking.what_of(each, now)}")


def offer(store: Store, house: House, now: datetime, actor: Actor, person_id: int) -> None:
    """Offer a person a walk: the bot asks which time suits them, out of the times that staff have."""
    with store.begin() as tx:
        person = guard(tx, now, actor, "appointment.offer", person_id, named_reader=False)
        if not isinstance(person, DeskFault):
            unit_of(tx, person)
            if inviting.begin(tx, house, person_id, f"offer:{new_id(now)}", now, asked_by="staff", offer=None):
                return
            way_out = "vänta tills personen har svarat på det som pågår, eller ring"
            raise DeskFault("boten kan inte fråga personen nu", f"person {person_id}", way_out)
    raise person


def sick(store: Store, house: House, now: datetime, actor: Actor, member: str, day: date | None = None) -> list[Kept]:
    """A staff member is away that day (today): call off all their meetings that are left, and offer new times."""
    with store.begin() as tx:
        who = find_member(tx, member, "MEMBER")
        wanted = day or to_local(now, house.hours.zone).date()
        return [cancel_one(tx, house, now, actor, each) for each in sick_of(tx, house, now, actor, who.id, wanted)]


def sick_of(tx: Tx, house: House, now: datetime, actor: Actor, staff_id: int, day: date) -> list[Appointment]:
    """Give what is left of a staff member's meetings on a local day, as far as the actor sees them."""
    zone = house.hours.zone
    first, last = to_utc(day, time(0), zone), to_utc(day + timedelta(days=1), time(0), zone)
    found = appointments.list_between(tx, max(first, now), last, staff_id=staff_id)
    return [each for each in found if each.state == "booked" and each.outcome is None and actor.sees(each.unit_id)]


def cancel_one(tx: Tx, house: House, now: datetime, actor: Actor, each: Appointment) -> Kept:
    """Call off a meeting that the actor may call off, in this transaction."""
    done = booking.cancel(tx, house, each, now, by="staff")
    booking.write_down(tx, now, actor.ref, "appointment.cancel", done.meeting)
    notes = []
    if not done.reached:
        notes.append("Ingen text når personen: ring.")
    elif done.ring:
        notes.append("Det är mindre än tre timmar kvar: ring också.")
    return kept(tx, house, done.meeting, now, *notes)


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
        names = staff.all_names(tx)
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
        each = find_meeting(tx, now, actor, "appointment.plan", meeting_id, still_booked=False)
        if not isinstance(each, DeskFault):
            return kept(tx, house, each, now), meetings.plan_of(tx, house, each, now)
    raise each


# --- reading what was typed -------------------------------------------------------------------------------------------


def find_meeting(
    tx: Tx,
    now: datetime,
    actor: Actor,
    action: str,
    meeting_id: int,
    *,
    still_booked: bool = True,
    noted: bool = True,
    named_reader: bool = True,
) -> Appointment | DeskFault:
    """Give a meeting that the actor sees, or why not; a refusal is in the audit log, so the transaction commits.

    `named_reader`: they say that they may open one with protected identity; else only those do who are named.
    """
    each = appointments.find(tx, meeting_id, to_change=True)
    if each is None or not actor.sees(each.unit_id):
        return DeskFault(f"det finns ingen tid {meeting_id} här", "MEETING", "se numren i: ingang meetings")
    person = guard(tx, now, actor, action, each.participant_id, named_reader=named_reader, noted=noted)
    if isinstance(person, DeskFault):
        return person
    if still_booked and each.state == "cancelled":
        return DeskFault(f"tiden {meeting_id} är redan avbokad", "MEETING", "boka en ny med: ingang book")
    if still_booked and each.starts <= now:
        return DeskFault(f"tiden {meeting_id} har redan börjat", "MEETING", "skriv hur det gick: ingang mark")
    return each


def _refuse(why: str | None) -> None:
    if why is not None:
        raise DeskFault(why.rstrip("."), "--at", "välj en annan tid")


def _free(
    tx: Tx, house: House, want: Wanted, now: datetime, done: Callable[[], Appointment], *, but: int | None = None
) -> Appointment:
    try:
        return done()
    except Taken:
        way_out = "välj en annan tid, eller någon annan"
        raise DeskFault(_who_has(tx, house, want, now, but), "--at", way_out) from None


def _who_has(tx: Tx, house: House, want: Wanted, now: datetime, but: int | None) -> str:
    """Say what is in the way, by its time alone: it may be another unit's."""
    unit, zone = units.get_unit(tx, want.unit_id), house.hours.zone
    takes = booking.takes(unit, want.form, want.place, want.starts, want.minutes)
    name = staff.names(tx, want.unit_id).get(want.staff_id, "medarbetaren")
    spans = []
    for each in calendar.clashes(tx, want.staff_id, takes, now, but=but):
        starts, ends = (swedish_clock(to_local(at, zone).time()) for at in (each.starts, each.ends))
        spans.append(
            f"ett möte {starts}-{ends}" if each.until is None else f"en tid {starts}-{ends} som någon väljer nu"
        )
    return f"{name} är redan upptagen då, restid medräknad: {' och '.join(spans) or 'ett annat möte'}"


def kept(tx: Tx, house: House, each: Appointment, now: datetime, *notes: str) -> Kept:
    """Give a meeting after what was done to it, with what the one who did it should know."""
    ways = contacts.list_of(tx, each.participant_id)
    told = list(notes)
    if each.state == "booked" and each.outcome is None and each.starts > now:
        told += _reaches(meetings.held_by(house, ways))
    return Kept(each.id, each.participant_id, booking.what_of(each, now), tuple(told))


def _reaches(held: str | None) -> Iterable[str]:
    if held is not None:
        yield {
            "stopped": "Personen har skrivit STOPP: inget går ut om tiden. Ring.",
            "resting": "Botens meddelanden vilar efter ett larm, tills någon av er släpper dem.",
            "unreachable": "Personen skrev på ett sätt som vi inte kan nå senare. Ring.",
            "protected": "Personen har skyddade uppgifter. Ring som ni har kommit överens om.",
        }[held]
