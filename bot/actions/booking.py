"""Booking, moving, calling off and marking meetings: for staff and for the person, each in one transaction.

The other side is told in the same transaction: the person by `reminding.remind`, staff by an inbox item. Under three
hours before, an item says to ring, for a text may not be read in time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from bot.actions import meetings, reminding
from bot.actions.house import House
from rules.slots import five_minutes
from storage import appointments, audit, busy, inbox, page_links, participants, referrals, units, wishes
from storage.appointments import Appointment, NewAppointment, NewTime
from storage.db import Tx
from storage.units import Unit

RING_WITHIN: Final = timedelta(hours=3)
"""A change this near the start is told by phone as well (the design)."""

MEETING_ITEMS: Final = ("silence", "how")
"""Items that a meeting's own answer or mark makes needless."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A meeting that somebody wants. `place` is the slug of one of the unit's places; `where` free words instead."""

    participant_id: int
    unit_id: int
    staff_id: int
    form: str
    starts: datetime
    minutes: int
    place: str | None = None
    details: Mapping[str, Any] = field(default_factory=dict)


def takes(unit: Unit, form: str, place: str | None, starts: datetime, minutes: int) -> tuple[int, ...]:
    """Give the five minutes of a staff member's that a meeting takes, with travel to its place and back."""
    travel = meetings.rules_of(unit).travel.around(place if form in meetings.AT_A_PLACE else None)
    return five_minutes(starts, starts + timedelta(minutes=minutes), *travel)


def book(tx: Tx, house: House, want: Wanted, now: datetime, *, by: str, told: bool = False) -> Appointment:
    """Book a meeting (`by` staff or person) and tell of it; `told`: the person reads the answer in this very turn.

    Raises storage.busy.Taken when the time is not free.
    """
    unit = units.get_unit(tx, want.unit_id)
    taken = takes(unit, want.form, want.place, want.starts, want.minutes)
    busy.let_go(tx, want.participant_id)
    new = NewAppointment(
        want.participant_id, want.unit_id, want.staff_id, want.form, want.starts,
        want.starts + timedelta(minutes=want.minutes), taken, by, want.place, told, want.details,
    )  # fmt: skip
    each = appointments.get(tx, appointments.book(tx, now, new))
    page_links.make(tx, each.id, each.ends)
    wishes.close(tx, each.participant_id)
    if participants.get(tx, each.participant_id).status == "referred":
        participants.set_status(tx, each.participant_id, "active")
    if by == "staff":  # a person of ours has answered
        referrals.mark_answered(tx, each.participant_id, now)
        inbox.close_kinds(tx, each.participant_id, ("referral", "promise", "meeting"), "answered", now)
    if by == "person":
        _tell_staff(tx, each, f"Bokade själv: {what_of(each, now)}.", now, ring=False)
    reminding.remind(tx, house, each, now)
    return each


def move(
    tx: Tx, house: House, each: Appointment, to: Wanted, now: datetime, *, by: str, told: bool = False
) -> Appointment:
    """Give a meeting another time, place or staff member, and tell of it. Raises storage.busy.Taken."""
    unit = units.get_unit(tx, each.unit_id)
    taken = takes(unit, each.form, to.place, to.starts, to.minutes)
    was = reminding.when_of(each, now)
    busy.let_go(tx, each.participant_id)
    ends = to.starts + timedelta(minutes=to.minutes)
    appointments.move(tx, now, each.id, NewTime(to.starts, ends, to.staff_id, taken, to.place, told))
    moved = appointments.get(tx, each.id)
    page_links.make(tx, moved.id, moved.ends)
    if (moved.starts, moved.staff_id) != (each.starts, each.staff_id):
        wishes.close(tx, each.participant_id)
    _close_items(tx, moved, now)
    if by == "person":
        soon = min(each.starts, moved.starts) - now <= RING_WITHIN
        _tell_staff(tx, moved, _what_moved(each, moved, was, now), now, ring=soon)
    reminding.remind(tx, house, moved, now)
    return moved


def _what_moved(before: Appointment, moved: Appointment, was: str, now: datetime) -> str:
    if before.starts == moved.starts:
        return f"Ändrade {what_of(moved, now)} till {moved.minutes} minuter."
    return f"Flyttade sin tid från {was} till {reminding.when_of(moved, now)}."


@dataclass(frozen=True, slots=True)
class CalledOff:
    """A meeting that was called off; `reached`: a text is on its way; `ring`: it is so near that staff should ring."""

    meeting: Appointment
    reached: bool
    ring: bool


def cancel(tx: Tx, house: House, each: Appointment, now: datetime, *, by: str) -> CalledOff:
    """Call a meeting off, and tell the other side: "det beror inte på dig" when it is staff who do."""
    appointments.cancel(tx, now, each.id, by)
    gone = appointments.get(tx, each.id)
    _close_items(tx, gone, now)
    soon = timedelta(0) <= each.starts - now <= RING_WITHIN
    if by == "person":
        _tell_staff(tx, gone, f"Avbokade {what_of(each, now)}.", now, ring=soon)
        reminding.send_file(tx, house, gone, now)
        return CalledOff(gone, reached=True, ring=soon)
    reached = each.starts > now and reminding.tell_of_cancelling(tx, house, gone, now)
    return CalledOff(gone, reached, ring=soon or not reached)


def answer(tx: Tx, each: Appointment, word: str, now: datetime) -> Appointment:
    """Keep a person's yes, no or wish to move; staff see a no and a wish in the inbox."""
    before = each.answer
    appointments.answer(tx, now, each.id, word)
    inbox.close_kinds(tx, each.participant_id, ("silence",), "answered", now)
    told = appointments.get(tx, each.id)
    if word != before and word in ("no", "move"):
        said = "tackade nej till" if word == "no" else "vill ha en annan tid än"
        soon = each.starts - now <= RING_WITHIN
        _tell_staff(tx, told, f"Personen {said} {what_of(each, now)}.", now, ring=soon)
    elif word == "yes" and before in ("no", "move"):
        _tell_staff(tx, told, f"Ändrade sig: kommer till {what_of(each, now)}.", now, ring=False)
    return told


def mark(tx: Tx, house: House, each: Appointment, outcome: str, staff_id: int | None, now: datetime) -> Appointment:
    """Keep how it went, and say what the plan says then: a kind line after a miss, to ring after a second in a row."""
    appointments.mark(tx, now, each.id, outcome, staff_id)
    if outcome == "cancelled":
        busy.free(tx, each.id)
    _close_items(tx, each, now)
    marked = appointments.get(tx, each.id)
    reminding.remind(tx, house, marked, now)
    return marked


def write_down(tx: Tx, now: datetime, actor: str, action: str, each: Appointment) -> None:
    """Keep in the audit log who did what to a meeting."""
    audit.write(tx, now, actor, action, f"appointment:{each.id}", f"ok participant:{each.participant_id}")


FORM_WORDS: Final = {
    "walk_and_talk": "promenaden",
    "visit": "hembesöket",
    "office": "mötet hos oss",
    "phone": "telefonsamtalet",
    "video": "videosamtalet",
}


def what_of(each: Appointment, now: datetime) -> str:
    """A meeting in Swedish for staff: "promenaden onsdag 2 december kl. 13.30"."""
    return f"{FORM_WORDS[each.form]} {reminding.when_of(each, now)}"


def _close_items(tx: Tx, each: Appointment, now: datetime) -> None:
    inbox.close_kinds(tx, each.participant_id, MEETING_ITEMS, "done", now)


def _tell_staff(tx: Tx, each: Appointment, note: str, now: datetime, *, ring: bool) -> None:
    kind = "callback" if ring else "meeting"
    words = f"{note} Det är mindre än tre timmar kvar: ring också." if ring else note
    inbox.open_item(tx, now, kind, inbox.URGENCY[kind], each.unit_id, each.participant_id, None, words)
