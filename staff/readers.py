"""Who may open a protected person: set by a coordinator, who sees nothing of the person but the number."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from staff.people import Actor, DeskFault, NotTheirs
from storage import audit, named_readers, participants, staff
from storage.db import Store, Tx
from storage.participants import Participant


@dataclass(frozen=True, slots=True)
class Readers:
    """The readers of a person, and who else could be one: (id, first name)."""

    person: int
    readers: tuple[tuple[int, str], ...]
    others: tuple[tuple[int, str], ...]


def look(store: Store, now: datetime, actor: Actor, person_id: int) -> Readers:
    """Give who may open a person. NotTheirs for a person of another unit, or none."""
    with store.begin() as tx:
        person = _person(tx, now, actor, "readers.show", person_id)
        if not isinstance(person, DeskFault):
            audit.write(tx, now, actor.ref, "readers.show", f"participant:{person_id}")
            names = {member.id: member.first_name for member in staff.list_staff(tx)}
            theirs = named_readers.list_for(tx, person_id)
            can = _can_be(tx, actor, person)
            return Readers(
                person_id,
                tuple((who, names.get(who, "Har slutat")) for who in theirs),
                tuple((who, name) for who, name in can.items() if who not in theirs),
            )
    raise person


def add(store: Store, now: datetime, actor: Actor, person_id: int, staff_id: int) -> None:
    """Let a colleague of the person's unit open the person. DeskFault beside `reader` for another."""
    with store.begin() as tx:
        person = _person(tx, now, actor, "readers.add", person_id)
        if not isinstance(person, DeskFault):
            if staff_id not in _can_be(tx, actor, person):
                raise DeskFault("välj en kollega i enheten", "reader", "välj en annan")
            named_readers.add(tx, now, person_id, staff_id)
            audit.write(tx, now, actor.ref, "readers.add", f"participant:{person_id}", f"staff:{staff_id}")
            return
    raise person


def remove(store: Store, now: datetime, actor: Actor, person_id: int, staff_id: int) -> None:
    """Let somebody open the person no more."""
    with store.begin() as tx:
        person = _person(tx, now, actor, "readers.remove", person_id)
        if not isinstance(person, DeskFault):
            if named_readers.remove(tx, person_id, staff_id):
                audit.write(tx, now, actor.ref, "readers.remove", f"participant:{person_id}", f"staff:{staff_id}")
            return
    raise person


def _person(tx: Tx, now: datetime, actor: Actor, action: str, person_id: int) -> Participant | DeskFault:
    """The person, though protected: nothing of them is read here. What is refused is in the audit log."""
    person = participants.find(tx, person_id)
    if person is None or not actor.sees(person.unit_id):
        audit.write(tx, now, actor.ref, action, f"participant:{person_id}", "refused")
        return NotTheirs("det finns ingen sådan person här", "PERSON", "")
    return person


def _can_be(tx: Tx, actor: Actor, person: Participant) -> dict[int, str]:
    if person.unit_id is not None:
        return staff.names(tx, person.unit_id)
    known = {member.id: member.first_name for member in staff.list_staff(tx)}
    return known if actor.unit_ids is None else {
        who: name for unit in actor.unit_ids for who, name in staff.names(tx, unit).items()
    }  # fmt: skip
