"""A unit's settings as its planners change them: each change counts at once, and who made it is in the audit log.

What is shown carries a mark of what stood there; when that has changed since, the second one is told by whom.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime, time
from typing import Any, Final

from bot.actions.house import House
from messages.guard import Guard
from staff.audit_words import actor_words
from staff.people import Actor
from staff.settings_fields import SECTIONS, Section
from storage import appointments, audit, staff, units
from storage.audit import Wanted
from storage.db import Store, Tx
from storage.units import Unit

LONGEST_OUTCOME: Final = 60
CHANGED: Final = "settings.change"


class Overtaken(Exception):
    """Somebody else has changed the same thing since it was opened; `who` did."""

    def __init__(self, who: str) -> None:
        super().__init__(who)
        self.who = who


def values(unit: Unit, section: Section, house: House) -> dict[str, str]:
    """Give what stands in a section's fields now, as it is typed."""
    return {field.name: _shown(_at(unit, field.at, _usual(field.name, field.usual, house))) for field in section.fields}


def _usual(name: str, usual: Any, house: House) -> Any:
    return {"from": f"{house.hours.starts:%H:%M}", "to": f"{house.hours.ends:%H:%M}"}.get(name, usual)


def _at(unit: Unit, at: tuple[str, ...], usual: Any) -> Any:
    if at == ("name",):
        return unit.name
    found: Any = unit.settings
    for key in at:
        found = found.get(key) if isinstance(found, Mapping) else None
    return usual if found is None else found


def _shown(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def mark(shown: Any) -> str:
    """Give a short mark of what a form showed, to be sent back with it."""
    return hashlib.sha256(json.dumps(shown, sort_keys=True, ensure_ascii=True).encode()).hexdigest()[:16]


def change(
    store: Store, house: House, now: datetime, actor: Actor, unit: Unit, key: str, typed: Mapping[str, str], seen: str
) -> dict[str, str]:
    """Keep what was typed in a section; give what is wrong, by field: then nothing has changed.

    Raises KeyError for a section that there is not, Overtaken when it shows something else now than `seen`.
    """
    section = SECTIONS[key]
    kept, wrong = _read(section, typed, house)
    if wrong:
        return wrong
    with store.begin() as tx:
        fresh = units.get_to_change(tx, unit.id)
        before = values(fresh, section, house)
        after = {field.name: _shown(kept[field.name]) for field in section.fields}
        if before == after:
            return {}
        if mark(before) != seen:
            raise Overtaken(last_changer(tx, unit.id))
        _write(tx, fresh, section, kept)
        settle(tx, now, unit.id)
        for field in section.fields:
            if before[field.name] != after[field.name]:
                note(tx, now, actor, unit.id, field.name, before[field.name], after[field.name])
    return {}


def _read(section: Section, typed: Mapping[str, str], house: House) -> tuple[dict[str, Any], dict[str, str]]:
    kept: dict[str, Any] = {}
    wrong: dict[str, str] = {}
    for field in section.fields:
        try:
            kept[field.name] = field.read(typed.get(field.name, ""))
        except ValueError as fault:
            wrong[field.name] = str(fault)
    if not wrong:
        wrong |= _between(section, kept, house)
    return kept, wrong


def _between(section: Section, kept: Mapping[str, Any], house: House) -> dict[str, str]:
    if section.key == "moten" and kept["latest"] <= kept["earliest"]:
        return {"latest": "Skriv en tid som är senare än den tidigaste."}
    if section.key == "sandning":
        starts, ends = time.fromisoformat(kept["from"]), time.fromisoformat(kept["to"])
        if ends <= starts:
            return {"to": "Skriv en tid som är senare än den första."}
        if starts < house.hours.starts:
            return {"from": f"Tidigast kl. {house.hours.starts:%H.%M}: så är det för hela kommunen."}
        if ends > house.hours.ends:
            return {"to": f"Senast kl. {house.hours.ends:%H.%M}: så är det för hela kommunen."}
    return {}


def _write(tx: Tx, unit: Unit, section: Section, kept: Mapping[str, Any]) -> None:
    changes: dict[str, Any] = {}
    for field in section.fields:
        if field.at == ("name",):
            units.set_name(tx, unit.id, kept[field.name])
        elif len(field.at) == 1:
            changes[field.at[0]] = kept[field.name]
        else:
            group, key = field.at
            changes.setdefault(group, dict(unit.settings.get(group) or {}))[key] = kept[field.name]
    if changes:
        units.set_settings(tx, unit.id, **changes)


def settle(tx: Tx, now: datetime, unit_id: int) -> None:
    """The plans of all the unit's meetings are asked anew: they read its settings."""
    appointments.look_again(tx, now, unit_id=unit_id)


def note(tx: Tx, now: datetime, actor: Actor, unit_id: int, name: str, before: str, after: str) -> None:
    """Write one change in the audit log, with what it was and is where that has room; none of it is about a person."""
    told = f"ok {name}: {before or '-'} > {after or '-'}"
    outcome = told if len(told) <= LONGEST_OUTCOME else f"ok {name}"
    audit.write(tx, now, actor.ref, CHANGED, f"unit:{unit_id}", outcome)


def last_changer(tx: Tx, unit_id: int) -> str:
    """Give the name of whoever changed the unit's settings last."""
    found = audit.list_lines(tx, Wanted(refs={f"unit:{unit_id}"}, sort="changes"), 1)
    names = staff.all_names(tx)
    return actor_words(found[0].actor, names) if found else "Någon annan"


def refused(guard: Guard, text: str) -> str:
    """Give what is wrong with words that go out in an SMS; empty when nothing is."""
    found = guard.findings(text)
    return f"”{found[0].words}” får inte stå i ett sms: någon annan kan läsa det." if found else ""
