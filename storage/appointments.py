"""Appointments: booked, moved, answered, called off, marked. What is said about them is rules.reminders' to know.

Whatever changes what the plan of a meeting reads sets its `look_at` to now in the same transaction, and a change of the
meeting itself raises its version: so what was queued for the old one can be told apart, and is cancelled.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Final, NamedTuple

from sqlalchemy import Row, bindparam, func, insert, or_, select, update

from storage import busy, recalls
from storage.crypto import PersonKey, key_id_of
from storage.db import Tx
from storage.errors import NotFound
from storage.hot import Hot
from storage.ids import new_id
from storage.sql import per_dialect
from storage.tables import outbox
from storage.tables_meetings import appointments, plan_done

JUST_BEGUN: Final = timedelta(hours=2)
"""A meeting that began this recently is still "the meeting" to somebody who cannot find the place."""

_HERE: Final = appointments.c


@dataclass(frozen=True, slots=True)
class NewAppointment:
    """A meeting to book. `takes` are the five minutes of the staff member's that go, travel included."""

    participant_id: int
    unit_id: int
    staff_id: int
    form: str
    starts: datetime
    ends: datetime
    takes: tuple[int, ...]
    booked_by: str  # staff | person
    place: str | None = None
    told: bool = False
    details: Mapping[str, Any] = field(default_factory=dict)


class Appointment(NamedTuple):
    """A meeting as it stands. `details` is empty when it cannot be read any more."""

    id: int
    participant_id: int
    unit_id: int
    staff_id: int
    form: str
    starts: datetime
    ends: datetime
    place: str | None
    details: Mapping[str, Any]
    booked_by: str
    booked_at: datetime
    changed_at: datetime | None
    told: bool
    version: int
    state: str
    cancelled_by: str | None
    answer: str | None
    answered_at: datetime | None
    outcome: str | None
    marked_at: datetime | None
    look_at: datetime | None

    @property
    def minutes(self) -> int:
        """Its length."""
        return int((self.ends - self.starts).total_seconds() // 60)


# --- changes ----------------------------------------------------------------------------------------------------------


def book(tx: Tx, now: datetime, new: NewAppointment) -> int:
    """Book a meeting and give its id. Raises storage.busy.Taken, with nothing written, when the time is not free."""
    row_id = new_id(now)
    key = tx.vault.key_for(tx, new.participant_id)
    row = {
        "id": row_id,
        "participant_id": new.participant_id,
        "unit_id": new.unit_id,
        "staff_id": new.staff_id,
        "form": new.form,
        "starts": new.starts,
        "ends": new.ends,
        "place": new.place,
        "details_enc": _sealed(key, row_id, new.details),
        "booked_by": new.booked_by,
        "booked_at": now,
        "told": new.told,
        "look_at": now,
    }
    with tx.savepoint():
        tx.execute(insert(appointments), row)
        busy.take(tx, new.staff_id, new.takes, now, appointment=row_id)
    return row_id


@dataclass(frozen=True, slots=True)
class NewTime:
    """When, where and with whom a meeting is from now on."""

    starts: datetime
    ends: datetime
    staff_id: int
    takes: tuple[int, ...]
    place: str | None = None
    told: bool = False


def move(tx: Tx, now: datetime, appointment_id: int, to: NewTime) -> int:
    """Give a meeting another time; give its new version. What was queued for the old one is cancelled.

    Raises storage.busy.Taken, with nothing changed, when the time is not free.
    """
    values = {
        "starts": to.starts, "ends": to.ends, "staff_id": to.staff_id, "place": to.place, "told": to.told,
        "changed_at": now, "answer": None, "answered_at": None, "look_at": now,
    }  # fmt: skip
    with tx.savepoint():
        busy.free(tx, appointment_id)
        busy.take(tx, to.staff_id, to.takes, now, appointment=appointment_id)
        return _raise_version(tx, now, appointment_id, values, "Tiden är ändrad.")


def cancel(tx: Tx, now: datetime, appointment_id: int, by: str) -> int:
    """Call a meeting off (`by` staff or person): its time is free, what was queued is cancelled. The new version."""
    busy.free(tx, appointment_id)
    values = {"state": "cancelled", "cancelled_by": by, "changed_at": now, "look_at": None}
    return _raise_version(tx, now, appointment_id, values, "Tiden är avbokad.")


def answer(tx: Tx, now: datetime, appointment_id: int, word: str | None) -> None:
    """Keep the person's answer (yes, no, move, or None for none) to the version that stands; the last one holds."""
    values = {"answer": word, "answered_at": now if word else None, "look_at": now}
    tx.execute(update(appointments).where(_HERE.id == appointment_id).values(values))


def mark(tx: Tx, now: datetime, appointment_id: int, outcome: str, staff_id: int | None) -> None:
    """Keep how it went: attended, missed, we_failed or cancelled. A later mark takes the place of an earlier."""
    values = {"outcome": outcome, "marked_at": now, "marked_by": staff_id, "look_at": now}
    tx.execute(update(appointments).where(_HERE.id == appointment_id).values(values))


def set_details(tx: Tx, appointment: Appointment, **changes: Any) -> None:
    """Change some of what is written about a meeting, and leave the rest."""
    key = tx.vault.key_for(tx, appointment.participant_id)
    sealed = _sealed(key, appointment.id, {**appointment.details, **changes})
    tx.execute(update(appointments).where(_HERE.id == appointment.id).values(details_enc=sealed))


def _raise_version(tx: Tx, now: datetime, appointment_id: int, values: Mapping[str, Any], why: str) -> int:
    changed = tx.execute(
        update(appointments)
        .where(_HERE.id == appointment_id)
        .values({**values, "version": _HERE.version + 1})
        .returning(_HERE.version)
    ).one_or_none()
    if changed is None:
        raise NotFound("appointment", appointment_id)
    cancel_queued(tx, now, appointment_id, why)
    return int(changed.version)


def cancel_queued(tx: Tx, now: datetime, appointment_id: int, why: str) -> int:
    """Cancel what is queued about a meeting, of whatever version, and call back what is on its way; give how many."""
    mine = outbox.c.dedupe_key.between(f"plan:{appointment_id}:", f"plan:{appointment_id}:~")
    return recalls.call_back(tx, now, why, mine)


# --- what is next to be looked at -------------------------------------------------------------------------------------


def look_again(tx: Tx, now: datetime, *, participant_id: int | None = None, unit_id: int | None = None) -> int:
    """Something that plans read has changed for a person or a unit: ask their coming meetings' plans anew. How many.

    One that is overdue keeps its moment, which tells what was missed. For a person see also bot.actions.reminding.
    """
    theirs = _HERE.participant_id == participant_id if participant_id is not None else _HERE.unit_id == unit_id
    still = (_HERE.state == "booked", _HERE.outcome.is_(None), _HERE.ends > now)
    later = or_(_HERE.look_at.is_(None), _HERE.look_at > now)
    return tx.execute(update(appointments).where(theirs, *still, later).values(look_at=now)).rowcount


def look_next(tx: Tx, appointment_id: int, at: datetime | None) -> None:
    """Set when the plan of a meeting is next to be asked; None: never."""
    _LOOK.run(tx, {"meeting": appointment_id, "next_look": at})


_LOOK: Final = Hot(update(appointments).where(_HERE.id == bindparam("meeting")).values(look_at=bindparam("next_look")))


def done(tx: Tx, ids: Iterable[int]) -> dict[tuple[int, int], set[str]]:
    """Give what of each version's plan has been queued, told to staff, or found too late, by (meeting, version)."""
    here, wanted = plan_done.c, sorted(set(ids))
    found: dict[tuple[int, int], set[str]] = {}
    for start in range(0, len(wanted), 500):
        some = here.appointment_id.in_(wanted[start : start + 500])
        for row in tx.execute(select(here.appointment_id, here.version, here.kind).where(some)):
            found.setdefault((row.appointment_id, row.version), set()).add(row.kind)
    return found


def note_done(tx: Tx, now: datetime, appointment: Appointment, kind: str, outcome: str) -> bool:
    """Note that one kind of a version's plan is done (queued, told or expired); False when it was noted before."""
    row = {"appointment_id": appointment.id, "version": appointment.version, "kind": kind, "outcome": outcome}
    return _DONE[tx.dialect].run(tx, {**row, "at": now}) > 0


_NOTE: Final = per_dialect(
    plan_done, lambda insert: insert.on_conflict_do_nothing(index_elements=["appointment_id", "version", "kind"])
)
_DONE: Final = {
    name: Hot(statement, ("appointment_id", "version", "kind", "outcome", "at")) for name, statement in _NOTE.items()
}


# --- questions --------------------------------------------------------------------------------------------------------


def find(tx: Tx, appointment_id: int, *, to_change: bool = False) -> Appointment | None:
    """Give a meeting, or None. With `to_change` its row is kept from others until the transaction ends."""
    if not 0 < appointment_id < 2**63:
        return None  # no id of ours, whatever was typed or stood in a button
    wanted = select(appointments).where(_HERE.id == appointment_id)
    rows = tx.execute(wanted.with_for_update() if to_change else wanted).all()
    return _read(tx, rows)[0] if rows else None


def get(tx: Tx, appointment_id: int, *, to_change: bool = False) -> Appointment:
    """Give a meeting; NotFound when there is none."""
    found = find(tx, appointment_id, to_change=to_change)
    if found is None:
        raise NotFound("appointment", appointment_id)
    return found


def list_coming(tx: Tx, participant_id: int, now: datetime) -> list[Appointment]:
    """Give a person's booked meetings that have not been long begun, the soonest first."""
    mine = (_HERE.participant_id == participant_id, _HERE.state == "booked", _HERE.outcome.is_(None))
    rows = tx.execute(
        select(appointments).where(*mine, _HERE.starts > now - JUST_BEGUN).order_by(_HERE.starts, _HERE.id)
    ).all()
    return _read(tx, rows)


def list_of_person(tx: Tx, participant_id: int) -> list[Appointment]:
    """Give all of a person's meetings, the latest first."""
    return _read(tx, _OF_PERSON.all(tx, {"person": participant_id}))


_OF_PERSON: Final = Hot(
    select(appointments)
    .where(_HERE.participant_id == bindparam("person"))
    .order_by(_HERE.starts.desc(), _HERE.id.desc())
)


def list_between(
    tx: Tx, first: datetime, last: datetime, *, unit_id: int | None = None, staff_id: int | None = None
) -> list[Appointment]:
    """Give the meetings that start from `first` and before `last` (UTC), called off too, in order."""
    given = {"first": first, "last": last, "unit": unit_id, "staff": staff_id}
    wanted = _between(unit_id is not None, staff_id is not None)
    return _read(tx, wanted.all(tx, {name: value for name, value in given.items() if value is not None}))


@cache  # to put a question together takes longer than to answer it
def _between(of_unit: bool, of_one: bool) -> Hot:
    wanted = select(appointments).where(_HERE.starts >= bindparam("first"), _HERE.starts < bindparam("last"))
    if of_unit:
        wanted = wanted.where(_HERE.unit_id == bindparam("unit"))
    if of_one:
        wanted = wanted.where(_HERE.staff_id == bindparam("staff"))
    return Hot(wanted.order_by(_HERE.starts, _HERE.id))


def misses_before(tx: Tx, appointment: Appointment) -> int:
    """How many meetings in a row the person had missed right before this one; called off ones do not count."""
    mine = (_HERE.participant_id == appointment.participant_id, _HERE.starts < appointment.starts)
    told = _HERE.outcome.in_(("attended", "missed"))
    outcomes = tx.execute(select(_HERE.outcome).where(*mine, told).order_by(_HERE.starts.desc()).limit(10)).scalars()
    count = 0
    for outcome in outcomes:
        if outcome != "missed":
            break
        count += 1
    return count


_NOT_A_FILE: Final = ~outbox.c.dedupe_key.endswith(":calendar")


@dataclass(frozen=True, slots=True)
class Word:
    """When (UTC) word of a meeting's version was first and last taken by the provider."""

    first: datetime
    last: datetime


def word_of(tx: Tx, appointment: Appointment) -> Word | None:
    """When the person was told of the version that stands; None when no message about it has left."""
    start = f"plan:{appointment.id}:{appointment.version}:"
    mine = (outbox.c.dedupe_key.between(start, f"{start}~"), outbox.c.accepted_at.is_not(None), _NOT_A_FILE)
    row = tx.execute(select(func.min(outbox.c.accepted_at), func.max(outbox.c.accepted_at)).where(*mine)).one()
    return None if row[0] is None else Word(row[0], row[1])


def was_told_before(tx: Tx, appointment: Appointment) -> bool:
    """Whether the person knows an earlier version: word of it left, or they booked it themselves."""
    if appointment.version == 1:
        return False
    mine = outbox.c.dedupe_key.between(f"plan:{appointment.id}:", f"plan:{appointment.id}:~")
    left = select(outbox.c.id).where(mine, outbox.c.accepted_at.is_not(None)).limit(1)
    return appointment.booked_by == "person" or tx.execute(left).first() is not None


@dataclass(frozen=True, slots=True)
class LastWord:
    """The last message about a meeting: which meeting, what of its plan, and when (UTC) the provider took it."""

    meeting: int
    name: str
    at: datetime


def last_word(tx: Tx, participant_id: int, since: datetime) -> LastWord | None:
    """What the last message about a meeting was; None for none since `since` (UTC)."""
    mine = (outbox.c.participant_id == participant_id, outbox.c.accepted_at >= since)
    about = outbox.c.dedupe_key.between("plan:", "plan:~")
    words = select(outbox.c.dedupe_key, outbox.c.accepted_at).where(
        *mine, about, ~outbox.c.dedupe_key.endswith(":calendar")
    )
    row = tx.execute(words.order_by(outbox.c.accepted_at.desc(), outbox.c.id.desc()).limit(1)).first()
    if row is None:
        return None
    _, meeting, _, name = row.dedupe_key.split(":")
    return LastWord(int(meeting), name, row.accepted_at)


def _read(tx: Tx, rows: Iterable[Row[Any]]) -> list[Appointment]:
    rows = list(rows)
    keys = tx.vault.keys_by_id(tx, (key_id_of(row.details_enc) or 0 for row in rows if row.details_enc is not None))
    return [_appointment(row, keys) for row in rows]


def _appointment(row: Row[Any], keys: Mapping[int, PersonKey]) -> Appointment:
    key = None if row.details_enc is None else keys.get(key_id_of(row.details_enc) or 0)
    details = {} if key is None else json.loads(key.open("appointments", "details_enc", row.id, row.details_enc))
    return Appointment(
        row.id, row.participant_id, row.unit_id, row.staff_id, row.form, row.starts, row.ends, row.place, details,
        row.booked_by, row.booked_at, row.changed_at, row.told, row.version, row.state, row.cancelled_by, row.answer,
        row.answered_at, row.outcome, row.marked_at, row.look_at,
    )  # fmt: skip


def _sealed(key: PersonKey, row_id: int, details: Mapping[str, Any]) -> bytes | None:
    kept = {name: value for name, value in details.items() if value not in (None, "")}
    if not kept:
        return None
    return key.seal("appointments", "details_enc", row_id, json.dumps(kept, ensure_ascii=False))
