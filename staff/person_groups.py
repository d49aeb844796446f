"""A person's groups on their page: what they were invited to, answered and were at; and who is kept apart from them.

That two are kept apart is for staff alone: nothing of it is ever in a text, and neither of them learns of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from staff.activity_page import ANSWER
from staff.attendance_list import what
from staff.faces import Face, faces
from staff.people import Actor, DeskFault, find_person, guard
from storage import activities, apart, attendance, audit, invitations
from storage.activities import Activity
from storage.attendance import Noted
from storage.db import Store, Tx
from storage.invitations import Invitation

MOST = 20
"""Activities on the page: the latest."""


@dataclass(frozen=True, slots=True)
class GroupLine:
    """One activity of theirs. `open`: its page is the looker's to open."""

    activity: int
    title: str
    starts: datetime
    answer: str
    has_place: bool
    was_there: str
    cancelled: bool
    open: bool


@dataclass(frozen=True, slots=True)
class GroupsPart:
    """The part of the page. `apart` are those whom staff keep from being in the same group."""

    lines: tuple[GroupLine, ...]
    apart: tuple[Face, ...]


def part_of(tx: Tx, actor: Actor, person_id: int) -> GroupsPart:
    """Give a person's groups; the caller has seen that the person is the actor's to see."""
    mine = {one.activity_id: one for one in invitations.of_person(tx, person_id)}
    noted = attendance.of_person(tx, person_id)
    there = activities.list_many(tx, {*mine, *noted})
    latest = sorted(there.values(), key=lambda each: each.starts, reverse=True)[:MOST]
    lines = tuple(_line(actor, each, mine.get(each.id), noted.get(each.id)) for each in latest)
    kept = apart.of(tx, [person_id]).get(person_id, set())
    known = faces(tx, actor, kept)
    return GroupsPart(lines, tuple(sorted(known.values(), key=lambda face: (face.name, face.id))))


def _line(actor: Actor, each: Activity, mine: Invitation | None, noted: Noted | None) -> GroupLine:
    return GroupLine(
        each.id, each.title, each.starts, ANSWER[mine.state] if mine else "var inte bjuden",
        mine is not None and mine.place is not None, "" if noted is None else what(noted), each.state == "cancelled",
        actor.sees(each.unit_id),
    )  # fmt: skip


# --- never in the same group ------------------------------------------------------------------------------------------


def keep_apart(store: Store, now: datetime, actor: Actor, person_id: int, other: str | int) -> None:
    """Keep two apart; the other by id, name or number. ManyFound when several fit, DeskFault when nobody does."""
    other_id = other if isinstance(other, int) else find_person(store, now, actor, other)
    if other_id == person_id:
        raise DeskFault("det är samma person", "apart", "sök på den andra")
    with store.begin() as tx:
        seen = [
            guard(tx, now, actor, "apart.add", who, named_reader=False, noted=True) for who in (person_id, other_id)
        ]
        refused = next(_faults(seen), None)
        if refused is None:
            apart.add(tx, now, person_id, other_id, actor.staff_id)
            audit.write(tx, now, actor.ref, "apart.add", f"participant:{person_id}", f"ok participant:{other_id}")
            return
    raise refused


def let_together(store: Store, now: datetime, actor: Actor, person_id: int, other_id: int) -> None:
    """They may be in the same group again."""
    with store.begin() as tx:
        seen = guard(tx, now, actor, "apart.remove", person_id, named_reader=False, noted=True)
        if not isinstance(seen, DeskFault):
            if apart.remove(tx, person_id, other_id):
                outcome = f"ok participant:{other_id}"
                audit.write(tx, now, actor.ref, "apart.remove", f"participant:{person_id}", outcome)
            return
    raise seen


def _faults(seen: Sequence[object]) -> Iterator[DeskFault]:
    yield from (each for each in seen if isinstance(each, DeskFault))
