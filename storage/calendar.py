"""What the pages of the calendar ask: a stretch of meetings and whom they are with, in as few questions as need be."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, Final, NamedTuple

from sqlalchemy import and_, bindparam, exists, select

from storage.crypto import PersonKey, key_id_of
from storage.db import Tx
from storage.errors import Unreadable
from storage.hot import Hot
from storage.staff import working_in
from storage.tables import outbox, participants, person_keys, staff_members
from storage.tables_desk import named_readers
from storage.tables_meetings import appointments, busy, holds

_SOME: Final = 500


# --- a stretch of meetings --------------------------------------------------------------------------------------------


class Booked(NamedTuple):
    """A meeting among others, as the calendar shows it; times in UTC.

    `hidden`: the person has protected identity, and is not for the one who looks. Then there is neither `name` nor
    `where` (the place in free words).
    """

    id: int
    participant_id: int
    unit_id: int
    staff_id: int
    form: str
    starts: datetime
    ends: datetime
    place: str | None
    state: str
    cancelled_by: str | None
    answer: str | None
    outcome: str | None
    hidden: bool
    name: str
    where: str


def list_booked(
    tx: Tx, first: datetime, last: datetime, unit_ids: Iterable[int], *, of: int | None, reader: int | None
) -> list[Booked]:
    """Give the meetings of units that start from `first` and before `last` (UTC), called off too, in order.

    `of`: those of that staff member alone. `reader` is the staff member who looks.
    """
    given = {"first": first, "last": last, "units": sorted(unit_ids), "reader": reader}
    rows = _booked(of is not None).all(tx, given if of is None else {**given, "staff": of})
    keys: dict[int, PersonKey] = {}
    for row in rows:
        if row.wrapped and not row.hidden and row.key_id not in keys:
            keys[row.key_id] = tx.vault.unwrap(row.key_id, row.wrapped)
    once = {row.id: row for row in rows}.values()
    sealed = (blob for row in once if not row.hidden for blob in (row.profile_enc, row.details_enc) if blob)
    tx.vault.add_keys(tx, keys, (key_id_of(blob) or 0 for blob in sealed))  # asks where one lacks
    return [_opened(row, keys) for row in once]


def _opened(row: Any, keys: Mapping[int, PersonKey]) -> Booked:
    if row.hidden:
        return Booked._make((*row[:_SHOWN], "", ""))
    profile = _told(keys, "participants", "profile_enc", row.participant_id, row.profile_enc)
    details = _told(keys, "appointments", "details_enc", row.id, row.details_enc)
    return Booked._make((*row[:_SHOWN], str(profile.get("name") or ""), str(details.get("where", ""))))


def _told(keys: Mapping[int, PersonKey], table: str, column: str, row_id: int, blob: bytes | None) -> dict[str, Any]:
    """Give what was sealed as JSON in that place; nothing when there is none, or it cannot be read any more."""
    key = keys.get(key_id_of(blob) or 0) if blob else None
    if key is None or blob is None:
        return {}
    try:
        told: dict[str, Any] = json.loads(key.open(table, column, row_id, blob))
    except Unreadable:
        return {}
    return told


@cache  # to put a question together takes longer than to answer it
def _booked(of_one: bool) -> Hot:
    here, person, key, named = appointments.c, participants.c, person_keys.c, named_readers.c
    may_read = exists().where(named.participant_id == person.id, named.staff_id == bindparam("reader"))
    shown = (
        here.id, here.participant_id, here.unit_id, here.staff_id, here.form, here.starts, here.ends, here.place,
        here.state, here.cancelled_by, here.answer, here.outcome, and_(person.protected, ~may_read).label("hidden"),
    )  # fmt: skip
    joined = appointments.join(participants, person.id == here.participant_id)
    wanted = select(*shown, here.details_enc, person.profile_enc, key.id.label("key_id"), key.wrapped).where(
        here.unit_id.in_(bindparam("units", expanding=True)),
        here.starts >= bindparam("first"),
        here.starts < bindparam("last"),
    )
    if of_one:
        wanted = wanted.where(here.staff_id == bindparam("staff"))
    # A row for each meeting and key of the person's: most have one.
    joined = joined.outerjoin(person_keys, key.participant_id == person.id)
    return Hot(wanted.select_from(joined).order_by(here.starts, here.id))


_SHOWN: Final = Booked._fields.index("name")
"""How many of a meeting's values are as the database has them; the others are opened."""


# --- people -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Who:
    """Whom a meeting is with. `hidden`: protected identity, and not for the one who looks. Then there is no `name`."""

    name: str
    hidden: bool
    read_by_others: bool


_PERSON: Final = participants.c
_WHO: Final = Hot(
    select(
        _PERSON.id, _PERSON.protected, _PERSON.read_by_others, _PERSON.profile_enc,
        person_keys.c.id.label("key_id"), person_keys.c.wrapped,
    )
    .select_from(participants.outerjoin(person_keys, person_keys.c.participant_id == _PERSON.id))
    .where(_PERSON.id.in_(bindparam("people", expanding=True)))
)  # fmt: skip
"""A row for each person and key of theirs: most have one."""


def people(tx: Tx, ids: Iterable[int], readable: Collection[int] = ()) -> dict[int, Who]:
    """Give people by their ids. The names of those with protected identity are not even opened.

    But for those in `readable`: whom the one who looks may open all the same.
    """
    wanted = sorted(set(ids))
    rows: list[Any] = []
    for start in range(0, len(wanted), _SOME):
        rows += _WHO.all(tx, {"people": wanted[start : start + _SOME]})
    hidden = {row.id for row in rows if row.protected and row.id not in readable}
    open_ones = {row.id: row for row in rows if row.id not in hidden and row.profile_enc}
    keys = {row.key_id: tx.vault.unwrap(row.key_id, row.wrapped) for row in rows if row.id in open_ones and row.wrapped}
    tx.vault.add_keys(tx, keys, (key_id_of(row.profile_enc) or 0 for row in open_ones.values()))  # asks where one lacks
    profiles = {
        row.id: _told(keys, "participants", "profile_enc", row.id, row.profile_enc) for row in open_ones.values()
    }
    return {
        row.id: Who(str(profiles.get(row.id, {}).get("name") or ""), row.id in hidden, row.read_by_others)
        for row in rows
    }


def protected(tx: Tx, ids: Iterable[int]) -> set[int]:
    """Give which of these people have protected identity."""
    wanted, here = sorted(set(ids)), participants.c
    found: set[int] = set()
    for start in range(0, len(wanted), _SOME):
        some = select(here.id).where(here.id.in_(wanted[start : start + _SOME]), here.protected.is_(True))
        found.update(tx.execute(some).scalars())
    return found


def first_names(tx: Tx, staff_ids: Iterable[int]) -> dict[int, str]:
    """Give the first names of staff members by id, those who have left too."""
    wanted = sorted(set(staff_ids))
    if not wanted:
        return {}
    key, rows = tx.vault.own(tx), _FIRST_NAMES.all(tx, {"staff": wanted})
    return {row.id: key.open("staff_members", "first_name_enc", row.id, row.first_name_enc) for row in rows}


_FIRST_NAMES: Final = Hot(
    select(staff_members.c.id, staff_members.c.first_name_enc).where(
        staff_members.c.id.in_(bindparam("staff", expanding=True))
    )
)


@dataclass(frozen=True, slots=True)
class Hold:
    """A time that is kept for somebody who is choosing, until `expires_at` (UTC)."""

    staff_id: int
    starts: datetime
    ends: datetime
    expires_at: datetime


def list_holds(tx: Tx, first: datetime, last: datetime, staff_ids: Collection[int], now: datetime) -> list[Hold]:
    """Give the times held from `first` and before `last` (UTC) that have not run out, of these staff members."""
    given = {"now": now, "first": first, "last": last, "staff": sorted(staff_ids)}
    return [Hold(*row) for row in _HOLDS_OF.all(tx, given)]


def list_holds_in(tx: Tx, first: datetime, last: datetime, unit_ids: Collection[int], now: datetime) -> list[Hold]:
    """Give the same of those working in these units who see people."""
    given = {"now": now, "first": first, "last": last, "units": sorted(unit_ids)}
    return [Hold(*row) for row in _HOLDS_IN.all(tx, given)]


_HELD: Final = holds.c
_HOLDS: Final = (
    select(_HELD.staff_id, _HELD.starts, _HELD.ends, _HELD.expires_at)
    .where(_HELD.expires_at > bindparam("now"), _HELD.starts >= bindparam("first"), _HELD.starts < bindparam("last"))
    .order_by(_HELD.starts)
)
_HOLDS_OF: Final = Hot(_HOLDS.where(_HELD.staff_id.in_(bindparam("staff", expanding=True))))
_HOLDS_IN: Final = Hot(_HOLDS.where(_HELD.staff_id.in_(working_in(bindparam("units", expanding=True)))))


@dataclass(frozen=True, slots=True)
class Clash:
    """What has some of a staff member's time: a meeting, or (`until`, UTC) a time held for somebody."""

    starts: datetime
    ends: datetime
    until: datetime | None = None


def clashes(tx: Tx, staff_id: int, numbers: Sequence[int], now: datetime, *, but: int | None = None) -> list[Clash]:
    """Give what has any of these five minutes (as rules.slots numbers them), but for the meeting `but`; in order."""
    mine = (busy.c.staff_id == staff_id, busy.c.five_minutes.between(min(numbers), max(numbers)))
    taken = tx.execute(select(busy.c.appointment_id, busy.c.hold_id).where(*mine).distinct()).all()
    meetings = [row.appointment_id for row in taken if row.appointment_id not in (None, but)]
    held = [row.hold_id for row in taken if row.hold_id is not None]
    found = []
    if meetings:
        here = appointments.c
        found = [Clash(*row) for row in tx.execute(select(here.starts, here.ends).where(here.id.in_(meetings)))]
    if held:
        here = holds.c
        wanted = select(here.starts, here.ends, here.expires_at).where(here.id.in_(held), here.expires_at > now)
        found += [Clash(*row) for row in tx.execute(wanted)]
    return sorted(found, key=lambda each: each.starts)


@dataclass(frozen=True, slots=True)
class Said:
    """A message about a meeting: of which version, what of its plan, and how far it has come (times in UTC)."""

    version: int
    name: str
    state: str
    queued_at: datetime
    accepted_at: datetime | None
    outcome: str | None


def said_about(tx: Tx, appointment_id: int) -> list[Said]:
    """Give what has been queued about a meeting, of all its versions, the oldest first."""
    here, start = outbox.c, f"plan:{appointment_id}:"
    wanted = select(
        here.dedupe_key, here.state, here.created_at, here.accepted_at, here.outcome
    ).where(here.dedupe_key.between(start, f"{start}~")).order_by(here.id)  # fmt: skip
    return [_said(row) for row in tx.execute(wanted)]


def _said(row: Any) -> Said:
    _, _, version, name = row.dedupe_key.split(":", 3)
    return Said(int(version), name, row.state, row.created_at, row.accepted_at, row.outcome)


def marked_by(tx: Tx, appointment_id: int) -> int | None:
    """Give who wrote how a meeting went; None while nobody has."""
    who: int | None = tx.execute(select(appointments.c.marked_by).where(appointments.c.id == appointment_id)).scalar()
    return who
