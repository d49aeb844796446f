"""The list of who was at an activity: noted by staff with one tap, or by the person at the door.

A correction is a new line: what stood before, who changed it and when stays to be read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from rules.attendance import QUARTER, WHY, quarters
from rules.calendar import to_local
from staff.activity_board import span_of
from staff.activity_deeds import find
from staff.faces import NONE, Face, faces
from staff.labels import moment
from staff.people import Actor, DeskFault, guard
from storage import attendance, audit, calendar, invitations, once
from storage.activities import Activity
from storage.attendance import Lock, Noted
from storage.db import Store, Tx
from storage.invitations import COMES, Invitation

MOST_QUARTERS: Final = 48
"""Twelve hours: longer than any activity of one day. Our choice."""

HOW: Final = {"staff": "", "self": "själv, med koden"}


@dataclass(frozen=True, slots=True)
class Line:
    """One who was expected or came. `number` is that of the note that counts, 0 for none; `quarters` is prefilled."""

    face: Face
    why: str
    number: int
    present: bool | None
    quarters: int
    by: str
    noted_at: datetime | None
    history: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class List:
    """The list."""

    activity: Activity
    clock: str
    lines: tuple[Line, ...]
    usual: int
    locked: Lock | None = None  # when its month was sent in last

    @property
    def present(self) -> int:
        """How many were there."""
        return sum(line.present is True for line in self.lines)

    @property
    def open(self) -> int:
        """How many nothing is noted of."""
        return sum(line.present is None for line in self.lines)


class WhyMissing(DeskFault):
    """The month has been sent in, and nobody said why it is corrected."""

    def __init__(self) -> None:
        super().__init__("månaden är inlämnad", "why", "välj varför det rättas, och tryck en gång till")


class Overtaken(DeskFault):
    """Somebody noted another thing of the same person meanwhile: who, what and when."""

    def __init__(self, said: str) -> None:
        super().__init__(f"någon annan hann före: {said}", "PERSON", "titta på listan och tryck en gång till")


def quarters_of(each: Activity) -> int:
    """Give an activity's length in quarter hours, at least one."""
    return max(1, quarters(each.minutes))


def hours(count: int) -> str:
    """Give quarter hours as they are said: "2 h 15 min"."""
    whole, left = divmod(count * QUARTER, 60)
    return f"{whole} h{f' {left} min' if left else ''}" if whole else f"{left} min"


def decimal_hours(count: int) -> str:
    """Give quarter hours as tables have them: "2,25"."""
    whole, part = divmod(count, 4)
    return f"{whole},{part * 25:02}" if part else f"{whole}"


def look(store: Store, now: datetime, actor: Actor, activity_id: int, zone: str) -> List:
    """Give the list; the look is in the audit log. NoActivity when it is not theirs."""
    with store.begin() as tx:
        each = find(tx, actor, activity_id)
        invited = invitations.of_activity(tx, each.id)
        notes: dict[int, list[Noted]] = {}
        for one in attendance.all_of_activities(tx, [each.id]):
            notes.setdefault(one.participant_id, []).append(one)
        shown = _expected(invited, notes)
        audit.write(tx, now, actor.ref, "attendance.show", f"activity:{each.id}", f"ok {len(shown)}")
        known, locked = faces(tx, actor, shown), _lock_of(tx, each)
        names = calendar.first_names(tx, {one.noted_by for some in notes.values() for one in some if one.noted_by})
    usual = quarters_of(each)
    lines = tuple(_line(known.get(who, NONE), why, notes.get(who, []), names, usual, now) for who, why in shown.items())
    return List(each, span_of(each, zone), lines, usual, locked)


def _expected(invited: Sequence[Invitation], notes: Mapping[int, object]) -> dict[int, str]:
    """Who stands in the list, and why: those with a place, then those who came, then who may come all the same."""
    found = {one.participant_id: "har en plats" for one in invited if one.place is not None}
    words = {one.participant_id: one for one in invited}
    for who in notes:
        found.setdefault(who, "var inte bjuden" if who not in words else _why(words[who]))
    for one in invited:
        if one.state in (*COMES, "maybe"):
            found.setdefault(one.participant_id, _why(one))
    return found


def _why(one: Invitation) -> str:
    if one.place is not None:
        return "har en plats"
    return {"yes": "i kö", "hard": "i kö", "maybe": "svarade kanske"}.get(one.state, "tackade nej eller svarade inte")


def _line(face: Face, why: str, notes: list[Noted], names: Mapping[int, str], usual: int, now: datetime) -> Line:
    last = notes[-1] if notes else None
    if last is None:
        return Line(face, why, 0, None, usual, "", None, ())
    history = tuple(_said(one, names, now) for one in notes) if len(notes) > 1 else ()
    count = last.quarters if last.present else usual
    return Line(face, why, last.number, last.present, count, _by(last, names), last.noted_at, history)


def _by(one: Noted, names: Mapping[int, str]) -> str:
    return HOW[one.how] or names.get(one.noted_by or 0, "driften")


def _said(one: Noted, names: Mapping[int, str], now: datetime) -> str:
    why = f", {WHY[one.why].lower()}" if one.why else ""
    return f"{what(one)}, {_by(one, names)}, {moment(one.noted_at, now)}{why}"


def _lock_of(tx: Tx, each: Activity) -> Lock | None:
    found = attendance.locks(tx, each.unit_id, f"{to_local(each.starts):%Y-%m}")
    return found[-1] if found else None


def what(one: Noted | None) -> str:
    """Give what was noted, in words."""
    if one is None:
        return "inget noterat"
    return f"var där, {hours(one.quarters)}" if one.present else "var inte där"


# --- noting -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Tap:
    """One tap: was there or was not, how long, and the number of the note that the page showed (0 for none).

    `why` is one of rules.attendance.WHY: asked for when the month has been sent in, and kept only then.
    """

    present: bool
    quarters: int
    after: int | None
    why: str = ""


def note(store: Store, now: datetime, actor: Actor, activity_id: int, person_id: int, tap: Tap, nonce: str) -> bool:
    """Note whether somebody was there; False when it says the same already.

    Overtaken when another was first; WhyMissing for a month that was sent in; DeskFault before the day of the activity,
    and for one that was called off.
    """
    with store.begin() as tx:
        each = find(tx, actor, activity_id)
        _check(each, now)
        person = guard(tx, now, actor, "attendance.note", person_id, named_reader=False, noted=True)
        if not isinstance(person, DeskFault):
            if not once.first_time(tx, now, actor.ref, nonce):
                return False
            return _note(tx, now, actor, each, person_id, tap)
    raise person


def _check(each: Activity, now: datetime) -> None:
    if each.state == "cancelled":
        raise DeskFault("aktiviteten är inställd", "ACTIVITY", "det finns ingen närvaro att notera")
    if to_local(each.starts).date() > to_local(now).date():
        raise DeskFault("aktiviteten har inte varit än", "ACTIVITY", "notera samma dag, eller efteråt")


def _note(tx: Tx, now: datetime, actor: Actor, each: Activity, person_id: int, tap: Tap) -> bool:
    last = attendance.find(tx, each.id, person_id)
    count = tap.quarters if tap.present else 0
    if last is not None and (last.present, last.quarters) == (tap.present, count):
        return False
    locked = _lock_of(tx, each) is not None
    if locked and tap.why not in WHY:
        raise WhyMissing
    stale = tap.after is not None and tap.after != (last.number if last else 0)
    done = not stale and attendance.note(
        tx, now, each.id, person_id, present=tap.present, quarters=count, how="staff", by=actor.staff_id,
        after=tap.after, why=tap.why if locked else None,
    )  # fmt: skip
    if not done:
        last = attendance.find(tx, each.id, person_id)
        names = calendar.first_names(tx, [last.noted_by] if last and last.noted_by else [])
        raise Overtaken(_said(last, names, now) if last else "listan är ändrad")
    outcome = f"ok activity:{each.id} {'1' if tap.present else '0'} {count}"
    audit.write(tx, now, actor.ref, "attendance.note", f"participant:{person_id}", outcome)
    return True
