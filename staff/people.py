"""Who looks, and at whom: the actor that the audit log names, and the person meant by an id, a name or a number.

Whoever acts as a staff member sees that member's units, and those whose unit is not known yet. Persons with protected
identity are never found by name or number.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from flows.phone import read_phone
from staff.labels import NOBODY
from storage import audit, contacts, joining, named_readers, participants, reports, staff, units
from storage.db import Store, Tx
from storage.inbox import Item
from storage.participants import Participant
from storage.reports import PersonRow, Scope
from storage.units import Unit

SMS_CHANNELS: Final = ("sms", "sim_sms")
_ID: Final = re.compile(r"[pP]?(\d{15,19})")


class DeskFault(Exception):
    """What could not be done for a staff member: what is wrong, where, and the way out, in Swedish."""

    def __init__(self, what: str, where: str, way_out: str) -> None:
        super().__init__(f"{what} ({where}): {way_out}")
        self.what = what
        self.where = where
        self.way_out = way_out

    @property
    def sentence(self) -> str:
        """What is wrong, as a page says it: a sentence with its capital and its full stop."""
        return f"{self.what[:1].upper()}{self.what[1:].rstrip('.')}."


class NotTheirs(DeskFault):
    """There is nobody of that id, or not for this one to see: a page shows no more than that.

    `now_is` is who the person is now, when they were joined with another.
    """

    now_is: int | None = None


# --- the one who looks ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does it. `ref` is what the audit log says; `unit_ids` None: the operator, who sees every unit."""

    ref: str
    staff_id: int | None = None
    unit_ids: frozenset[int] | None = None

    def sees(self, unit_id: int | None) -> bool:
        """Tell whether a person of that unit, or of none yet, is theirs to see."""
        return self.unit_ids is None or unit_id is None or unit_id in self.unit_ids

    def may_read(self, item: Item) -> bool:
        """Whether an item of the inbox is their unit's, and the person did not choose to keep it from them."""
        return self.sees(item.unit_id) and not (item.hidden_from is not None and item.hidden_from == self.staff_id)


def find_actor(tx: Tx, login: str, as_whom: str | None) -> Actor:
    """Give the actor for an operating-system user, who may act as a staff member: by e-mail, id or unique first name.

    Raises DeskFault when there is no such staff member, or more than one.
    """
    operator = f"os:{login}"[:80]
    if as_whom is None:
        return Actor(operator)
    member = find_member(tx, as_whom, "--as")
    theirs = frozenset(unit.id for unit in units.list_units(tx) if member.id in staff.names(tx, unit.id))
    return Actor(f"staff:{member.id} via {operator}"[:80], member.id, theirs)


def find_member(tx: Tx, wanted: str, where: str) -> staff.StaffMember:
    """Give the working staff member of that id, e-mail address or first name; DeskFault unless it is exactly one."""
    name = wanted.strip().casefold()
    found = [one for one in staff.list_staff(tx) if name and name in _names_of(one)]
    if len(found) != 1:
        what = f"flera medarbetare heter {wanted}" if found else f"ingen medarbetare som arbetar nu är {wanted}"
        raise DeskFault(what, where, "skriv e-postadressen, eller numret ur: ingang staff list")
    return found[0]


def _names_of(member: staff.StaffMember) -> tuple[str, ...]:
    return (member.first_name.casefold(), str(member.id), (member.email or "").casefold())


def find_unit(tx: Tx, slug: str | None, actor: Actor) -> Unit | None:
    """Give the unit of that short name, None for no name. DeskFault when there is none, or it is not the actor's."""
    if slug is None:
        return None
    known = [unit for unit in units.list_units(tx) if actor.sees(unit.id)]
    unit = next((unit for unit in known if unit.slug == slug), None)
    if unit is None:
        slugs = ", ".join(unit.slug for unit in known) or "ingen"
        raise DeskFault(f"det finns ingen enhet {slug} här", "--unit", f"välj bland: {slugs}")
    return unit


# --- the one who is looked at -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Match:
    """One that a search found: enough to choose by."""

    id: int
    name: str
    birth_year: int | None
    unit: str


class ManyFound(DeskFault):
    """More than one fits; `matches` are those to choose among."""

    def __init__(self, wanted: str, matches: list[Match]) -> None:
        super().__init__(f"{len(matches)} personer passar på {wanted}", "PERSON", "välj en med id")
        self.matches = matches


def read_id(text: str) -> int | None:
    """Give the id that a text is, as lists and exports write it ("P867...", or only digits), or None."""
    match = _ID.fullmatch(text.strip())
    return int(match.group(1)) if match and int(match.group(1)) < 1 << 63 else None


def find_person(store: Store, now: datetime, actor: Actor, wanted: str) -> int:
    """Give the id of the person meant by an id, a name (or the start of its parts) or a phone number.

    Nothing is shown of anyone here, but that the choices are when several fit: that is in the audit log. Raises
    DeskFault when nobody fits, ManyFound when several do. An id is taken as it is: `guard` says whether it is anyone.
    """
    if not wanted.strip():
        raise DeskFault("det står inte vem", "PERSON", "skriv ett id, ett namn eller ett telefonnummer")
    person_id = read_id(wanted)
    if person_id is not None:
        return person_id
    with store.read() as tx:
        found = _search(tx, actor, wanted)
    if not found:
        way_out = "skriv namnet på ett annat sätt, eller ta id ur: ingang referrals"
        raise DeskFault(f"ingen här passar på {wanted}", "PERSON", way_out)
    if len(found) == 1:
        return found[0].id
    with store.begin() as tx:
        audit.write(tx, now, actor.ref, "participant.search", "participants", f"ok {len(found)}")
    raise ManyFound(wanted, found)


def _search(tx: Tx, actor: Actor, wanted: str) -> list[Match]:
    number = read_phone(wanted).e164
    owners = _owners_of(tx, number) if number else frozenset()
    fits = _fits_number(number, owners) if number else _fits_name(wanted)
    names = {unit.id: unit.municipality for unit in units.list_units(tx)}
    everybody = reports.list_people(tx, Scope())
    mine = (row for row in everybody if not row.protected and actor.sees(row.unit_id))
    return [_match(row, names) for row in mine if fits(row)]


def _match(row: PersonRow, names: dict[int, str]) -> Match:
    profile = row.profile or {}
    return Match(row.id, profile.get("name") or NOBODY, profile.get("birth_year"), names.get(row.unit_id or 0, ""))


def _owners_of(tx: Tx, number: str) -> frozenset[int]:
    found = (contacts.find(tx, channel, number) for channel in SMS_CHANNELS)
    return frozenset(who.participant_id for who in found if who is not None)


def _fits_number(number: str, owners: Collection[int]) -> Callable[[PersonRow], bool]:
    return lambda row: row.id in owners or (row.profile or {}).get("phone") == number


def _fits_name(wanted: str) -> Callable[[PersonRow], bool]:
    """Each word that was written begins a word of the name of its own: "ki and" is Kim Andersson."""
    parts = _words(wanted)

    def fits(row: PersonRow) -> bool:
        left = _words(str((row.profile or {}).get("name") or ""))
        for part in parts:
            hit = next((word for word in left if word.startswith(part)), None)
            if hit is None:
                return False
            left.remove(hit)
        return bool(parts)

    return fits


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", unicodedata.normalize("NFKC", text).casefold())


# --- may this be seen? ------------------------------------------------------------------------------------------------


def guard(
    tx: Tx, now: datetime, actor: Actor, action: str, person_id: int, *, named_reader: bool, noted: bool = False
) -> Participant | DeskFault:
    """Give the person, and write in the audit log that `actor` did `action` to them; or why that is refused.

    A protected person is for those alone who are named as readers, or say that they are (`named_reader`). A refusal is
    a value, not an exception: it is in the audit log too, so the transaction must be committed. `noted`: the deed
    writes its own line in the log, so only a refusal and a named reader need one here.
    """
    ref = f"participant:{person_id}"
    person = participants.find(tx, person_id)
    if person is None:
        now_is = joining.became(tx, person_id)
        if now_is is not None:
            what = f"person {person_id} är samma som P{now_is}: två kontaktvägar är ihopkopplade"
            joined = NotTheirs(what, "PERSON", f"ta P{now_is} i stället")
            joined.now_is = now_is
            return joined
        way_out = "sök på namnet, eller ta id ur: ingang referrals"
        return NotTheirs(f"det finns ingen person {person_id}", "PERSON", way_out)
    if not actor.sees(person.unit_id):
        audit.write(tx, now, actor.ref, action, ref, "refused: other unit")
        return NotTheirs(f"person {person_id} hör till en annan enhet", "PERSON", "fråga den enheten")
    if person.protected and not (named_reader or named_readers.is_one(tx, person_id, actor.staff_id)):
        audit.write(tx, now, actor.ref, action, ref, "refused: protected")
        way_out = "bara namngivna läsare öppnar den, med --named-reader; det syns i loggen"
        return NotTheirs(f"person {person_id} har skyddade uppgifter", "PERSON", way_out)
    if person.protected or not noted:
        audit.write(tx, now, actor.ref, action, ref, "ok named reader" if person.protected else "ok")
    return person
