"""A person's page as staff see it: more than `person_page` gives, with the talk, meetings, notes and what comes.

A talk of any length is shown a page at a time. What the person will get in the next thirty days is asked of the same
functions that send it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from bot.actions import meetings as meeting_facts
from bot.actions.house import House
from bot.actions.meetings import Known
from staff import labels, person_groups, rating_view
from staff.meetings import FORM, standing_of
from staff.people import Actor, DeskFault, NotTheirs, guard
from staff.person_groups import GroupsPart
from staff.person_page import PersonPage, page_of
from staff.rating_view import RatingsPart
from storage import appointments, contacts, exits, participants, person_notes, staff, timeline, units
from storage.appointments import Appointment
from storage.contacts import Standing
from storage.db import Store, Tx
from storage.exits import Exit
from storage.participants import Participant
from storage.timeline import Line
from storage.units import Unit

AHEAD: Final = timedelta(days=30)
LINES: Final = 100
MOST_SIGNS: Final = 40_000
"""Signs of the talk on one page, so that it stays under 100 kB however much was written. Our choice."""

OPEN: Final = 5
"""The newest lines of a talk stand open; the others are opened one by one."""

PAST: Final = 20
"""Meetings that have been, on the page: the latest."""

HELD: Final = {
    "stopped": "Personen har skrivit STOPP: inget går ut av sig självt.",
    "resting": "Botens egna meddelanden vilar tills någon väcker den.",
    "unreachable": "Personen skrev på ett sätt som vi inte kan nå senare. Ring.",
    "protected": "Personen har skyddade uppgifter: boten skriver inget av sig själv.",
}


@dataclass(frozen=True, slots=True)
class Message:
    """One message of the talk, in words. `by`: who of us wrote it, or "". `open`: it stands open on the page."""

    id: int
    at: datetime
    who: str
    by: str
    channel: str
    kind: str
    state: str
    failed: bool
    text: str
    begins: str
    why: str
    outcome: str
    open: bool


@dataclass(frozen=True, slots=True)
class MeetingLine:
    """One meeting in words."""

    id: int
    starts: datetime
    form: str
    member: str
    place: str
    minutes: int
    standing: str
    coming: bool
    note: str


@dataclass(frozen=True, slots=True)
class Ahead:
    """One thing that will come, or will not. `at` None: it doesn't, and `why` says why not."""

    at: datetime | None
    what: str
    why: str


@dataclass(frozen=True, slots=True)
class NoteLine:
    """One note of staff's. `own`: the one who looks wrote it, and may strike it."""

    id: int
    by: str
    at: datetime
    text: str
    struck_at: datetime | None
    own: bool


@dataclass(frozen=True, slots=True)
class PersonView:
    """All of one person's page."""

    page: PersonPage
    messages: tuple[Message, ...]
    older: int | None
    several: bool
    meetings: tuple[MeetingLine, ...]
    ahead: tuple[Ahead, ...]
    held: tuple[str, ...]
    notes: tuple[NoteLine, ...]
    ratings: RatingsPart | None
    groups: GroupsPart
    resting: bool
    read_by_others: bool
    exit: Exit | None
    other_units: tuple[Unit, ...]


def look(
    store: Store, house: House, now: datetime, actor: Actor, person_id: int, before: int | None = None
) -> PersonView:
    """Give a person's page, the talk from before the message `before`, and note who read it. NotTheirs when not."""
    with store.begin() as tx:
        seen = guard(tx, now, actor, "participant.show", person_id, named_reader=False)
    if isinstance(seen, DeskFault):
        raise seen
    with store.read() as tx:  # no turn waits while a page is put together
        person = participants.find(tx, person_id)
        if person is None or (person.protected, person.unit_id) != (seen.protected, seen.unit_id):
            raise NotTheirs("personen har ändrats just nu", "PERSON", "ladda om sidan")
        return _view(tx, house, now, actor, person, before)


def _view(tx: Tx, house: House, now: datetime, actor: Actor, person: Participant, before: int | None) -> PersonView:
    lines, older = timeline.page_of(tx, person.id, before, LINES)
    shown, older = _short_enough(lines, older)
    theirs = appointments.list_of_person(tx, person.id)
    names = staff.all_names(tx)
    known = units.list_units(tx)
    ways = contacts.list_of(tx, person.id)
    return PersonView(
        page=page_of(tx, now, person, actor, 0, names),
        messages=tuple(_message(line, place < OPEN and before is None, names) for place, line in enumerate(shown)),
        older=older,
        several=len({way.channel for way in ways}) > 1,
        meetings=tuple(_meetings(theirs, {unit.id: unit for unit in known}, names, now)),
        ahead=tuple(_ahead(tx, house, theirs, ways, now)),
        held=tuple(_held(house, person, ways)),
        notes=tuple(_note(note, names, actor) for note in person_notes.list_for(tx, person.id)),
        ratings=rating_view.part_of(tx, house, person, actor.staff_id, now),
        groups=person_groups.part_of(tx, actor, person.id),
        resting=person.resting_since is not None,
        read_by_others=person.read_by_others,
        exit=exits.find_latest(tx, person.id) if person.status == "exited" else None,
        other_units=tuple(unit for unit in known if unit.id != person.unit_id),
    )


# --- the talk ---------------------------------------------------------------------------------------------------------


def _short_enough(lines: Sequence[Line], older: int | None) -> tuple[Sequence[Line], int | None]:
    """As many of the newest lines as fit a page, and from where the next goes on."""
    signs = 0
    by_id = sorted(lines, key=lambda line: line.id, reverse=True)
    for place, line in enumerate(by_id):
        signs += len(line.text or "") + 200
        if signs > MOST_SIGNS and place:
            kept = {each.id for each in by_id[:place]}
            return [each for each in lines if each.id in kept], by_id[place - 1].id
    return lines, older


def _message(line: Line, is_open: bool, names: Mapping[int, str]) -> Message:
    told = labels.typed(line.text) if line.text is not None and line.who == "person" else line.text
    if told is None:
        told = "(ordnas när det går ut)" if line.state in timeline.UNDER_WAY else "(går inte att läsa)"
    kind = "" if line.who != "person" or line.kind == "text" else labels.label(labels.HEARD, line.kind)
    return Message(
        id=line.id, at=line.at, who=line.who, by=names.get(line.written_by or 0, ""),
        channel=labels.label(labels.CHANNEL, line.channel), kind=kind,
        state="" if line.who == "person" else labels.label(labels.SENT_STATE, line.state),
        failed=line.who != "person" and not line.reached and line.state not in timeline.UNDER_WAY,
        text=told, begins=labels.cut(told, 70),
        why=line.why or "", outcome=line.outcome or "", open=is_open,
    )  # fmt: skip


# --- meetings and notes -----------------------------------------------------------------------------------------------


def _meetings(
    theirs: Sequence[Appointment], known: Mapping[int, Unit], names: Mapping[int, str], now: datetime
) -> Iterator[MeetingLine]:
    coming = [each for each in theirs if each.state == "booked" and each.ends > now]
    past = [each for each in theirs if each not in coming][:PAST]
    for each in (*reversed(coming), *past):
        unit = known.get(each.unit_id)
        place = None if unit is None else meeting_facts.find_place(unit, each.place)
        where = place.name if place else str(each.details.get("where") or "")
        yield MeetingLine(
            each.id, each.starts, FORM[each.form], names.get(each.staff_id, ""), where, each.minutes,
            standing_of(each)[0], each in coming, str(each.details.get("note") or ""),
        )  # fmt: skip


def _note(note: person_notes.Note, names: Mapping[int, str], actor: Actor) -> NoteLine:
    own = note.staff_id == actor.staff_id and actor.staff_id is not None
    by = names.get(note.staff_id or 0, "Driften")
    return NoteLine(note.id, by, note.written_at, note.text or "(går inte att läsa)", note.struck_at, own)


# --- what will come ---------------------------------------------------------------------------------------------------


def _ahead(
    tx: Tx, house: House, theirs: Sequence[Appointment], ways: Sequence[Standing], now: datetime
) -> Iterator[Ahead]:
    """What is queued, what each coming meeting's plan says, what a talk will be woken for: soonest first."""
    waking = timeline.coming(tx, [way.contact_id for way in ways])
    silent = _NEVER_SAID if meeting_facts.held_by(house, ways) in _HELD_TALKS else {"rest"}
    found = [_queued(each) for each in waking if each.sort not in silent]
    booked = [each for each in theirs if each.state == "booked" and each.outcome is None and each.starts > now]
    known = Known(tx, house, booked)
    for meeting in booked:
        found += _planned(tx, house, meeting, known, now)
    soon = [(each.at, each) for each in found if each.at is not None and each.at <= now + AHEAD]
    yield from (each for _, each in sorted(soon, key=lambda pair: pair[0]))
    yield from (each for each in found if each.at is None)


_HELD_TALKS: Final = {"resting", "protected", "stopped"}
_NEVER_SAID: Final = {"rest", "nudge", "no_reply"}
"""What a talk is woken for and says nothing at: to be laid aside, and in one that is held back all of it."""


def _queued(each: timeline.Coming) -> Ahead:
    if each.sort != "queued":
        return Ahead(each.at, labels.label(labels.COMING, each.sort), "")
    return Ahead(each.at, f"Köat meddelande{f': ”{each.text}”' if each.text else ''}", each.why or "")


def _planned(tx: Tx, house: House, meeting: Appointment, known: Known, now: datetime) -> Iterator[Ahead]:
    """What a meeting's plan says to the person before it, and what it does not say and why."""
    plan, done = meeting_facts.plan_of(tx, house, meeting, now, known), known.done(meeting)
    about = f"{FORM[meeting.form]} {labels.moment(meeting.starts, now)}"
    for item in plan.items:
        if item.kind in _BEFORE and not item.expired and item.kind not in done:
            yield Ahead(max(item.when, now), f"{labels.PLAN[item.kind]}: {about}", item.why)
    for dropped in plan.dropped:
        if dropped.kind in _BEFORE and dropped.kind not in done:
            yield Ahead(None, f"{labels.PLAN[dropped.kind]}: {about}", dropped.why)


_BEFORE: Final = ("confirmation", "three_days", "day_before", "same_day", "before")


def _held(house: House, person: Participant, ways: Sequence[Standing]) -> Iterator[str]:
    """What keeps the bot's own messages from the person."""
    held = meeting_facts.held_by(house, ways)
    if held is not None:
        yield HELD[held]
    if person.status == "exited":
        yield "Personen är avslutad: boten börjar inget av sig själv."
    if person.read_by_others:
        yield "Annan kan läsa: texterna nämner varken plats, namn eller länk."
