"""Participants: what we know of a person, and how they are erased."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

from sqlalchemy import ColumnElement, bindparam, delete, insert, or_, select, update

from storage.crypto import OWN_KEY, PersonKey, key_id_of
from storage.db import Tx
from storage.errors import NotFound, Unreadable
from storage.hot import Hot
from storage.ids import new_id
from storage.sql import per_dialect
from storage.tables import (
    alarms,
    choices,
    contacts,
    conversations,
    erased_keys,
    inbound,
    inbox_items,
    outbox,
    outbox_attempts,
    participants,
    person_keys,
    receipts,
    referrals,
    retention_marks,
)
from storage.tables_activities import apart, attendance, invitations, places, sending_people
from storage.tables_desk import exits, named_readers, person_notes
from storage.tables_joining import join_codes
from storage.tables_meetings import (
    appointments,
    busy,
    holds,
    page_links,
    plan_done,
    reminder_wishes,
    time_wishes,
)
from storage.tables_ratings import rating_links, rating_tasks, ratings
from storage.tables_recalls import recalls

Status = Literal["new", "referred", "active", "exited", "outside"]


@dataclass(frozen=True, slots=True)
class Participant:
    """A person in touch with a unit. What is private is in their profile."""

    id: int
    unit_id: int | None
    created_at: datetime
    status: str
    language: str
    protected: bool
    read_by_others: bool
    resting_since: datetime | None
    made_up: bool


_PLAIN: Final = (
    participants.c.id,
    participants.c.unit_id,
    participants.c.created_at,
    participants.c.status,
    participants.c.language,
    participants.c.protected,
    participants.c.read_by_others,
    participants.c.resting_since,
    participants.c.made_up,
)
_FIND: Final = Hot(select(*_PLAIN).where(participants.c.id == bindparam("participant")))
_OF_ONE: Final = select(participants.c.profile_enc).where(participants.c.id == bindparam("participant"))
_PROFILE: Final = Hot(_OF_ONE)
_MANY: Final = Hot(
    select(*_PLAIN, participants.c.profile_enc, person_keys.c.id.label("key_id"), person_keys.c.wrapped)
    .select_from(participants.outerjoin(person_keys, person_keys.c.participant_id == participants.c.id))
    .where(participants.c.id.in_(bindparam("people", expanding=True)))
)
"""A row for each person and key of theirs: most have one."""
_PROFILE_TO_CHANGE: Final = Hot(_OF_ONE.with_for_update())
_SET_PROFILE: Final = Hot(
    update(participants)
    .where(participants.c.id == bindparam("participant"))
    .values(profile_enc=bindparam("profile", type_=participants.c.profile_enc.type))
)
_SET_UNIT: Final = Hot(
    update(participants).where(participants.c.id == bindparam("participant")).values(unit_id=bindparam("unit"))
)


def create(
    tx: Tx, now: datetime, unit_id: int | None = None, language: str = "sv", made_up: bool = False
) -> tuple[int, PersonKey]:
    """Make a person and their key; `made_up` for a person of the demo."""
    participant_id = new_id(now)
    row = {"id": participant_id, "unit_id": unit_id, "created_at": now, "language": language, "made_up": made_up}
    tx.execute(insert(participants), row)
    return participant_id, tx.vault.new_key(tx, participant_id, now)


def find(tx: Tx, participant_id: int) -> Participant | None:
    """Give a person, or None."""
    row = _FIND.first(tx, {"participant": participant_id})
    return None if row is None else Participant(*row)


def get(tx: Tx, participant_id: int) -> Participant:
    """Give a person; NotFound when there is none, or none any more."""
    found = find(tx, participant_id)
    if found is None:
        raise NotFound("participant", participant_id)
    return found


def hold(tx: Tx, participant_id: int) -> None:
    """Keep a person from others who do the same until the transaction ends; what is written about them may go on."""
    mine = select(participants.c.id).where(participants.c.id == participant_id)
    tx.execute(mine.with_for_update(key_share=True))


def profile(tx: Tx, participant_id: int) -> dict[str, Any]:
    """Give what a person has told about themselves: name, birth_year, phone, ... Empty when there is no such person."""
    row = _PROFILE.first(tx, {"participant": participant_id})
    return {} if row is None or row.profile_enc is None else _open_profile(tx, participant_id, row.profile_enc)


def _open_profile(tx: Tx, participant_id: int, blob: bytes) -> dict[str, Any]:
    opened = tx.vault.open_any(tx, participant_id, "participants", "profile_enc", participant_id, blob)
    return dict(json.loads(opened))


def set_profile(tx: Tx, participant_id: int, key: PersonKey | None = None, /, **changes: Any) -> None:
    """Change some of what a person has told, and leave the rest; None takes a value away.

    `key` is the person's, looked up when it is not at hand. Raises Unreadable when there is no such person, or none any
    more.
    """
    row = _PROFILE_TO_CHANGE.first(tx, {"participant": participant_id})
    blob = row.profile_enc if row is not None else None
    known = {} if blob is None else _open_profile(tx, participant_id, blob)
    kept = {name: value for name, value in (known | changes).items() if value is not None}
    key = key or tx.vault.key_for(tx, participant_id)
    sealed = key.seal("participants", "profile_enc", participant_id, json.dumps(kept, ensure_ascii=False))
    _SET_PROFILE.run(tx, {"participant": participant_id, "profile": sealed})


def _set(tx: Tx, participant_id: int, **values: Any) -> None:
    tx.execute(update(participants).where(participants.c.id == participant_id).values(values))


def set_unit(tx: Tx, participant_id: int, unit_id: int | None) -> None:
    """Let a unit's staff meet the person."""
    _SET_UNIT.run(tx, {"participant": participant_id, "unit": unit_id})


def set_status(tx: Tx, participant_id: int, status: Status) -> None:
    """Say how far the person has come."""
    _set(tx, participant_id, status=status)


def set_language(tx: Tx, participant_id: int, language: str) -> None:
    """Say in which language they are written to."""
    _set(tx, participant_id, language=language)


def set_resting(tx: Tx, participant_id: int, now: datetime) -> None:
    """Let the bot's own messages rest, after distress, until a human ends it."""
    _set(tx, participant_id, resting_since=now)


def end_rest(tx: Tx, participant_id: int) -> None:
    """A human has released the bot's own messages."""
    _set(tx, participant_id, resting_since=None)


def set_protected(tx: Tx, participant_id: int, protected: bool = True) -> None:
    """Mark protected identity (skyddade personuppgifter)."""
    _set(tx, participant_id, protected=protected)


def set_read_by_others(tx: Tx, participant_id: int, read_by_others: bool = True) -> None:
    """Mark that another may read their phone ("annan kan läsa")."""
    _set(tx, participant_id, read_by_others=read_by_others)


@dataclass(frozen=True, slots=True)
class Listed:
    """A person in a list. `profile` is None when it is hidden (protected identity) or cannot be read."""

    person: Participant
    profile: Mapping[str, Any] | None


def list_for_staff(
    tx: Tx,
    unit_id: int | None = None,
    *,
    status: Status | None = None,
    show_protected: bool = False,
    limit: int | None = None,
) -> list[Listed]:
    """Give a unit's people (None: everybody), newest first; the profiles of protected persons only if told so."""
    wanted = select(*_PLAIN, participants.c.profile_enc).order_by(participants.c.id.desc()).limit(limit)
    if unit_id is not None:
        wanted = wanted.where(participants.c.unit_id == unit_id)
    if status is not None:
        wanted = wanted.where(participants.c.status == status)
    rows = tx.execute(wanted).all()
    keys = tx.vault.keys_by_id(tx, (key_id_of(row.profile_enc) or 0 for row in rows if row.profile_enc))
    listed = []
    for row in rows:
        person = Participant(*row[:-1])
        hidden = person.protected and not show_protected
        listed.append(Listed(person, None if hidden else _profile_with(keys, person.id, row.profile_enc)))
    return listed


def list_many(
    tx: Tx,
    participant_ids: Iterable[int],
    *,
    show_protected: Collection[int] = (),
    keys: dict[int, PersonKey] | None = None,
) -> dict[int, Listed]:
    """Give people by their ids, those that there are; profiles of protected persons only of those in `show_protected`.

    The number of questions does not grow with how many they are, up to some hundreds. `keys` are those at hand, and
    grow by those that were needed.
    """
    wanted = sorted(set(participant_ids))
    rows: list[Any] = []
    for start in range(0, len(wanted), 500):
        rows += _MANY.all(tx, {"people": wanted[start : start + 500]})
    keys = {} if keys is None else keys
    hidden = {row.id for row in rows if row.protected and row.id not in show_protected}
    for row in rows:
        if row.wrapped and row.id not in hidden and row.key_id not in keys:
            keys[row.key_id] = tx.vault.unwrap(row.key_id, row.wrapped)
    sealed = [row.profile_enc for row in rows if row.profile_enc and row.id not in hidden]
    tx.vault.add_keys(tx, keys, (key_id_of(blob) or 0 for blob in sealed))  # asks where one lacks
    found = {}
    for row in rows:
        profile = None if row.id in hidden else _profile_with(keys, row.id, row.profile_enc)
        found[row.id] = Listed(Participant(*row[: len(_PLAIN)]), profile)
    return found


def _profile_with(keys: Mapping[int, PersonKey], participant_id: int, blob: bytes | None) -> Mapping[str, Any] | None:
    if blob is None:
        return {}
    key = keys.get(key_id_of(blob) or 0)
    if key is None:
        return None
    try:
        known: dict[str, Any] = json.loads(key.open("participants", "profile_enc", participant_id, blob))
    except Unreadable:
        return None
    return known


# --- erasure ----------------------------------------------------------------------------------------------------------

_ERASED: Final = per_dialect(erased_keys, lambda insert: insert.on_conflict_do_nothing(index_elements=["key_id"]))


def erase(tx: Tx, participant_id: int, now: datetime) -> bool:
    """Take away all that is a person's, their keys first of all; what is left of them in backups cannot be read.

    The audit log and the counts name nobody, and stay. The ids of the keys are kept, so that a restored backup does not
    bring them back. False when nothing was there; may be run again. After the commit: Store.empty_wal.
    """
    theirs = person_keys.c.participant_id == participant_id
    of_contacts = select(contacts.c.key_id).where(contacts.c.participant_id == participant_id)
    wanted = select(person_keys.c.id).where(or_(theirs, person_keys.c.id.in_(of_contacts)), person_keys.c.id != OWN_KEY)
    key_ids = [row[0] for row in tx.execute(wanted)]
    note_erased(tx, key_ids, now)
    for table, belongs in _theirs(participant_id):
        tx.execute(delete(table).where(belongs))
    tx.execute(delete(person_keys).where(person_keys.c.id.in_(key_ids)))
    gone = tx.execute(delete(participants).where(participants.c.id == participant_id)).rowcount
    return bool(gone or key_ids)


def note_erased(tx: Tx, key_ids: Iterable[int], now: datetime) -> None:
    """Keep the ids of erased keys, and when; an id that is kept already stays as it is."""
    for key_id in key_ids:
        tx.execute(_ERASED[tx.dialect], {"key_id": key_id, "erased_at": now})


def _theirs(participant_id: int) -> list[tuple[Any, ColumnElement[bool]]]:
    """Every table with rows about a person, children first, and which rows are this person's."""
    ways = select(contacts.c.id).where(contacts.c.participant_id == participant_id)
    sent = or_(outbox.c.participant_id == participant_id, outbox.c.contact_id.in_(ways))
    messages = select(outbox.c.id).where(sent)
    talks = or_(conversations.c.participant_id == participant_id, conversations.c.contact_id.in_(ways))
    items = select(inbox_items.c.id).where(inbox_items.c.participant_id == participant_id)
    meetings = select(appointments.c.id).where(appointments.c.participant_id == participant_id)
    held = select(holds.c.id).where(holds.c.participant_id == participant_id)
    rated = select(ratings.c.id).where(ratings.c.participant_id == participant_id)
    asked = select(invitations.c.id).where(invitations.c.participant_id == participant_id)
    return [
        (places, places.c.invitation_id.in_(asked)),
        (invitations, invitations.c.participant_id == participant_id),
        (attendance, attendance.c.participant_id == participant_id),
        (apart, or_(apart.c.participant_id == participant_id, apart.c.other_id == participant_id)),
        (sending_people, sending_people.c.participant_id == participant_id),
        (rating_links, rating_links.c.participant_id == participant_id),
        (rating_tasks, rating_tasks.c.rating_id.in_(rated)),
        (ratings, ratings.c.participant_id == participant_id),
        (page_links, page_links.c.appointment_id.in_(meetings)),
        (plan_done, plan_done.c.appointment_id.in_(meetings)),
        (busy, or_(busy.c.appointment_id.in_(meetings), busy.c.hold_id.in_(held))),
        (holds, holds.c.participant_id == participant_id),
        (appointments, appointments.c.participant_id == participant_id),
        (reminder_wishes, reminder_wishes.c.participant_id == participant_id),
        (time_wishes, time_wishes.c.participant_id == participant_id),
        *((table, table.c.outbox_id.in_(messages)) for table in (outbox_attempts, receipts, recalls)),
        (outbox, sent),
        (inbound, inbound.c.contact_id.in_(ways)),
        (join_codes, join_codes.c.contact_id.in_(ways)),
        (conversations, talks),
        (alarms, alarms.c.inbox_item_id.in_(items)),
        (inbox_items, inbox_items.c.participant_id == participant_id),
        (referrals, referrals.c.participant_id == participant_id),
        (choices, choices.c.participant_id == participant_id),
        (person_notes, person_notes.c.participant_id == participant_id),
        (named_readers, named_readers.c.participant_id == participant_id),
        (exits, exits.c.participant_id == participant_id),
        (retention_marks, retention_marks.c.participant_id == participant_id),
        (contacts, contacts.c.participant_id == participant_id),
    ]
