"""Whom the lines of the audit log are about: from `inbox:5` to the person whose item it is, and back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Table, select

from storage.db import Tx
from storage.joining import LOG_ACTION
from storage.tables import audit, inbox_items, memberships, participants, referrals
from storage.tables_meetings import appointments

_THINGS: Final[Mapping[str, Table]] = {"inbox": inbox_items, "appointment": appointments, "referral": referrals}
_SOME: Final = 500


@dataclass(frozen=True, slots=True)
class About:
    """Whom a line is about: a person, their unit (or that of the thing itself), and whether they are protected."""

    person: int | None
    unit: int | None
    protected: bool = False


def refs_of(tx: Tx, participant_id: int) -> set[str]:
    """Give every object of the log that is this person or something of theirs, also as whom they were joined from."""
    people = _joined(tx, participant_id)
    refs = {f"participant:{each}" for each in people}
    for kind, table in _THINGS.items():
        wanted = select(table.c.id).where(table.c.participant_id.in_(sorted(people)))
        refs |= {f"{kind}:{row.id}" for row in tx.execute(wanted)}
    return refs


def _joined(tx: Tx, participant_id: int) -> set[int]:
    known, fresh = {participant_id}, {participant_id}
    while fresh:
        refs = sorted(f"participant:{each}" for each in fresh)
        joins = select(audit.c.outcome).where(audit.c.object_ref.in_(refs), audit.c.action == LOG_ACTION)
        told = (row.outcome for row in tx.execute(joins) if row.outcome.startswith("with participant:"))
        fresh = {int(outcome.removeprefix("with participant:")) for outcome in told} - known
        known |= fresh
    return known


def about(tx: Tx, refs: Iterable[str]) -> dict[str, About]:
    """Give whom each object is about, as far as it is anyone; in as few questions as need be."""
    split = [(ref, *_split(ref)) for ref in set(refs)]
    things: dict[str, tuple[int | None, int | None]] = {}
    for kind, table in _THINGS.items():
        columns = (table.c.id, table.c.participant_id, table.c.unit_id)
        ids = sorted(number for _, found, number in split if found == kind and number is not None)
        for start in range(0, len(ids), _SOME):
            rows = tx.execute(select(*columns).where(table.c.id.in_(ids[start : start + _SOME])))
            things |= {f"{kind}:{row.id}": (row.participant_id, row.unit_id) for row in rows}
    things |= {ref: (number, None) for ref, kind, number in split if kind == "participant"}
    people = _people(tx, (person for person, _ in things.values() if person is not None))
    return {ref: _about(person, unit, people) for ref, (person, unit) in things.items()}


def _about(person: int | None, unit: int | None, people: Mapping[int, tuple[int | None, bool]]) -> About:
    theirs, protected = people.get(person or 0, (None, False))
    return About(person, theirs if theirs is not None else unit, protected)


def _people(tx: Tx, ids: Iterable[int]) -> dict[int, tuple[int | None, bool]]:
    wanted = sorted(set(ids))
    found: dict[int, tuple[int | None, bool]] = {}
    for start in range(0, len(wanted), _SOME):
        columns = (participants.c.id, participants.c.unit_id, participants.c.protected)
        rows = tx.execute(select(*columns).where(participants.c.id.in_(wanted[start : start + _SOME])))
        found |= {row.id: (row.unit_id, bool(row.protected)) for row in rows}
    return found


def _split(ref: str) -> tuple[str, int | None]:
    kind, _, number = ref.partition(":")
    return kind, int(number) if number.isdecimal() else None


def units_of_staff(tx: Tx) -> dict[int, set[int]]:
    """Give which units each staff member works for, those who have left too."""
    found: dict[int, set[int]] = {}
    for row in tx.execute(select(memberships.c.staff_id, memberships.c.unit_id)):
        found.setdefault(row.staff_id, set()).add(row.unit_id)
    return found
