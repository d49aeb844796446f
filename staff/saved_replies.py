"""Saved replies: a unit's own texts with fields such as {förnamn}, filled in before they are looked at and sent.

The fields are words in braces and nothing more: there is no way to reach anything else of the person or the program.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Final

from bot.actions.staff_words import LONGEST
from staff.people import Actor, DeskFault, NotTheirs, guard
from storage import audit, once, participants, saved_replies, staff, units
from storage.db import Store
from storage.saved_replies import SavedReply
from storage.units import Unit

FIELDS: Final = {"förnamn": "personens förnamn", "enhet": "enhetens namn", "mitt namn": "ditt förnamn"}
_FIELD: Final = re.compile(r"\{([^{}\n]*)\}")
_LEFT_EMPTY: Final = re.compile(r"[ \t]*\{([^{}\n]*)\}")
LONGEST_NAME: Final = 60


def faults_of(text: str) -> Iterator[str]:
    """Tell what is wrong with a text, in Swedish: a field that is not known, a brace that stands alone."""
    known = ", ".join(f"{{{name}}}" for name in FIELDS)
    for name in dict.fromkeys(_FIELD.findall(text)):
        if name.strip().casefold() not in FIELDS:
            yield f"Fältet {{{name}}} finns inte. Det går att skriva {known}."
    if re.search(r"[{}]", _FIELD.sub("", text)):
        yield f"En klammer står ensam. Ett fält skrivs så här: {known}."


def fill(text: str, values: Mapping[str, str]) -> str:
    """Put values in the place of the fields; one that is empty takes the blank before it away too."""

    def of(name: str) -> str:
        return values.get(name.strip().casefold(), "")

    emptied = _LEFT_EMPTY.sub(lambda found: found[0] if of(found[1]) else "", text)
    return _FIELD.sub(lambda found: of(found[1]), emptied)


def list_replies(store: Store, actor: Actor, unit_id: int | None = None) -> list[SavedReply]:
    """Give the replies of a unit, or (None) of all that the actor sees."""
    with store.read() as tx:
        if unit_id is not None:
            return saved_replies.list_for(tx, [unit_id] if actor.sees(unit_id) else [])
        return saved_replies.list_for(tx, None if actor.unit_ids is None else sorted(actor.unit_ids))


def filled(store: Store, now: datetime, actor: Actor, reply_id: int, person_id: int) -> str:
    """Give a reply with its fields filled in for a person. NotTheirs when either is not theirs to see."""
    with store.begin() as tx:
        person = guard(tx, now, actor, "reply.fill", person_id, named_reader=False)
        if not isinstance(person, DeskFault):
            reply = saved_replies.find(tx, reply_id)
            if reply is None or not actor.sees(reply.unit_id):
                return ""
            called = str(participants.profile(tx, person_id).get("name") or "").split()
            me = None if actor.staff_id is None else staff.find_by_id(tx, actor.staff_id)
            name = "" if person.read_by_others else (called or [""])[0]
            unit = units.get_unit(tx, reply.unit_id)
            values = {"förnamn": name, "enhet": unit.name, "mitt namn": me.first_name if me else ""}
            return fill(reply.text, values)
    raise person


def save(
    store: Store, now: datetime, actor: Actor, unit: Unit, name: str, text: str, reply_id: int | None, nonce: str = ""
) -> None:
    """Keep a reply of a unit, new (None) or changed; the same form (`nonce`) once.

    Raises DeskFault beside `name` or `text`, NotTheirs for a reply that is not of that unit.
    """
    if not name or len(name) > LONGEST_NAME:
        raise DeskFault(f"Skriv ett namn på högst {LONGEST_NAME} tecken.", "name", "")
    wrong = next(faults_of(text), None)
    if not text or len(text) > LONGEST:
        wrong = f"Skriv en text på högst {LONGEST} tecken."
    if wrong is not None:
        raise DeskFault(wrong, "text", "")
    with store.begin() as tx:
        known = None if reply_id is None else saved_replies.find(tx, reply_id)
        if reply_id is not None and (known is None or known.unit_id != unit.id):
            raise NotTheirs("svaret finns inte", "reply", "")
        if not once.first_time(tx, now, actor.ref, nonce):
            return
        saved_replies.save(tx, now, unit.id, name, text, reply_id)
        audit.write(tx, now, actor.ref, "reply.save", f"unit:{unit.slug}")


def remove(store: Store, now: datetime, actor: Actor, reply_id: int) -> None:
    """Take a reply away; NotTheirs when it is not theirs."""
    with store.begin() as tx:
        known = saved_replies.find(tx, reply_id)
        if known is None or not actor.sees(known.unit_id):
            raise NotTheirs("svaret finns inte", "reply", "")
        saved_replies.remove(tx, reply_id)
        audit.write(tx, now, actor.ref, "reply.remove", f"unit:{units.get_unit(tx, known.unit_id).slug}")
