"""What a person will get if a meeting is booked, moved or called off: the deed is done, looked at, and taken back.

So what is shown before saving is what the same functions do when it is saved, and cannot differ from it.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, NoReturn, TypeVar

from bot.actions import booking, meetings, reminding
from bot.actions.house import House
from bot.actions.scene import Scene
from rules.rating_times import QUESTIONS
from rules.reminders import Dropped, Item
from staff import meetings as work
from staff.labels import HIDDEN, NOBODY, PLAN
from staff.meeting_ask import Ask
from staff.people import Actor, DeskFault, find_member, guard
from storage import appointments, audit, calendar, contacts, named_readers
from storage.appointments import Appointment
from storage.db import Store, Tx

T = TypeVar("T")
LINK: Final = "(länk till tiden)"
GONE: Final = "appointment/cancelled_by_us"


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that will be said: when (UTC), what, the text as it stands today ("" for staff), and why."""

    when: datetime
    what: str
    text: str
    why: str
    to_staff: bool
    late: bool = False


@dataclass(frozen=True, slots=True)
class Preview:
    """What comes of it: the meeting in words, what will be said and what not (and why), what staff should know."""

    what: str
    name: str
    starts: datetime
    lines: tuple[Line, ...]
    dropped: tuple[str, ...]
    notes: tuple[str, ...]


class _TakenBack(Exception):
    """Leaves the savepoint, so that nothing of what was tried is kept."""


def rehearse(tx: Tx, deed: Callable[[], T]) -> T:
    """Do something, give what came of it, and take it back. What the deed raises goes on up."""
    came: list[T] = []
    with suppress(_TakenBack), tx.savepoint():
        came.append(deed())
        _take_back()
    return came[0]


def _take_back() -> NoReturn:
    raise _TakenBack


def of_booking(store: Store, house: House, now: datetime, actor: Actor, person_id: int, ask: Ask) -> Preview:
    """Show what booking does. DeskFault as `staff.meetings.book` raises it; nothing is booked."""
    with store.begin() as tx:
        person = guard(tx, now, actor, "appointment.preview", person_id, named_reader=False)
        if not isinstance(person, DeskFault):
            return rehearse(
                tx, lambda: _shown(tx, house, actor, work.book_one(tx, house, now, actor, person, ask), now)
            )
    raise person


def of_move(store: Store, house: House, now: datetime, actor: Actor, meeting_id: int, ask: Ask) -> Preview:
    """Show what moving does. DeskFault as `staff.meetings.move` raises it; nothing is moved."""
    with store.begin() as tx:
        each = work.find_meeting(tx, now, actor, "appointment.preview", meeting_id, noted=False, named_reader=False)
        if not isinstance(each, DeskFault):
            return rehearse(tx, lambda: _shown(tx, house, actor, work.move_one(tx, house, now, actor, each, ask), now))
    raise each


def of_cancelling(store: Store, house: House, now: datetime, actor: Actor, meeting_id: int) -> Preview:
    """Show what calling a meeting off does. DeskFault as `staff.meetings.cancel` raises it."""
    with store.begin() as tx:
        each = work.find_meeting(tx, now, actor, "appointment.preview", meeting_id, noted=False, named_reader=False)
        if not isinstance(each, DeskFault):
            return rehearse(tx, lambda: _gone(tx, house, now, actor, each))
    raise each


def of_sick(store: Store, house: House, now: datetime, actor: Actor, member: str, day: date) -> list[Preview]:
    """Show which meetings a day away takes, and what each person will be told; nothing is called off."""
    with store.begin() as tx:
        who = find_member(tx, member, "MEMBER")
        found = work.sick_of(tx, house, now, actor, who.id, day)
        audit.write(tx, now, actor.ref, "appointment.preview", f"staff:{who.id}", f"ok {len(found)}")
        return rehearse(tx, lambda: [_gone(tx, house, now, actor, each) for each in found])


# --- in words ---------------------------------------------------------------------------------------------------------


def lines_of(tx: Tx, house: House, each: Appointment, now: datetime) -> tuple[list[Line], list[str]]:
    """Give what the plan of a meeting will still say, with its texts, and what it will not say and why."""
    plan = meetings.plan_of(tx, house, each, now)  # a question opens a talk: what it says is not put together here
    ways = contacts.list_of(tx, each.participant_id)
    who = meetings.best_way(house, ways)
    lines = []
    for item in plan.items:
        text = ""
        if not item.to_staff and item.kind not in QUESTIONS and who is not None and not item.expired:
            text = _text(Scene(tx, house, who, max(item.when, now), "preview"), _message(each, item), each)
        lines.append(Line(item.when, PLAN[item.kind], text, item.why, item.to_staff, item.expired))
    return lines, [_not_said(one) for one in plan.dropped]


def _text(scene: Scene, message: str, each: Appointment) -> str:
    """The words as they will be; the link to the person's own page is theirs alone."""
    page = meetings.page_of(scene.tx, scene.house, each)
    text = scene.render(message, {"meeting": each.id}).text
    return text.replace(page, LINK) if page else text


def _message(each: Appointment, item: Item) -> str:
    if item.kind == "confirmation" and each.changed_at is not None:
        return "appointment/changed"
    return reminding.TEXT_OF[item.kind]


def _not_said(one: Dropped) -> str:
    return f"{PLAN[one.kind]}: {one.why}"


def _shown(tx: Tx, house: House, actor: Actor, each: Appointment, now: datetime) -> Preview:
    lines, dropped = lines_of(tx, house, each, now)
    told = work.kept(tx, house, each, now)
    notes = list(told.notes)
    if each.starts - now <= booking.RING_WITHIN:
        notes.append("Det är mindre än tre timmar kvar: ring också.")
    return Preview(told.what, _name(tx, actor, each), each.starts, tuple(lines), tuple(dropped), tuple(notes))


def _gone(tx: Tx, house: House, now: datetime, actor: Actor, each: Appointment) -> Preview:
    told = work.cancel_one(tx, house, now, actor, each)
    gone = appointments.get(tx, each.id)
    who = meetings.best_way(house, contacts.list_of(tx, each.participant_id))
    lines: tuple[Line, ...] = ()
    if who is not None and each.starts > now:
        text = _text(Scene(tx, house, who, now, "preview"), GONE, gone)
        lines = (Line(now, "Besked om att vi avbokar", text, "Personen ska veta att det inte blir av.", False),)
    return Preview(told.what, _name(tx, actor, each), each.starts, lines, (), told.notes)


def _name(tx: Tx, actor: Actor, each: Appointment) -> str:
    readable = named_readers.people_of(tx, actor.staff_id)
    who = calendar.people(tx, [each.participant_id], readable).get(each.participant_id)
    return HIDDEN if who is None or who.hidden else who.name or NOBODY
