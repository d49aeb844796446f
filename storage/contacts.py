"""Contacts, and how things stand with the one who writes: everything that a turn must know, in one question."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import BigInteger, BindParameter, Select, bindparam, func, insert, select, update

from storage.bulk import Bulk
from storage.columns import UtcDateTime
from storage.crypto import PersonKey, key_id_of
from storage.db import Tx
from storage.hot import Hot
from storage.ids import new_id
from storage.sql import among, ids_for
from storage.tables import contacts, conversations, outbox, participants, person_keys


@dataclass(slots=True)
class OpenTalk:
    """The conversation in the foreground of a contact."""

    id: int
    flow: str
    state: str  # open | resting
    facts: Mapping[str, Any]
    journal: list[dict[str, Any]]
    journal_text: str  # the same, as it is kept
    question: str | None
    asks: str | None
    question_outbox_id: int | None
    question_state: str | None  # of the row that carries the question
    question_accepted_at: datetime | None
    answered_at: datetime | None
    started_at: datetime
    touched_at: datetime


@dataclass(slots=True)
class Standing:
    """A contact, its person, and the talk that is going on, as they are when the turn begins."""

    contact_id: int
    channel: str
    participant_id: int
    key: PersonKey
    opted_out_at: datetime | None = None
    blocked_at: datetime | None = None
    last_in_at: datetime | None = None
    last_out_at: datetime | None = None
    waiting_inbound: int = 0
    unit_id: int | None = None
    status: str = "new"
    language: str = "sv"
    protected: bool = False
    read_by_others: bool = False
    resting_since: datetime | None = None
    made_up: bool = False
    profile: Mapping[str, Any] = field(default_factory=dict)
    talk: OpenTalk | None = None
    verified_at: datetime | None = None


def find(tx: Tx, channel: str, address: str) -> Standing | None:
    """Who writes from this address, or None when we have never heard of it."""
    row = _BY_ADDRESS.first(tx, {"channel": channel, "hash": tx.vault.address_hash(channel, address)})
    return _standing_of(tx, row) if row is not None else None


def wait_for_turn(tx: Tx, channel: str, address: str) -> None:
    """Let the turns of one address be taken one at a time, until this transaction ends.

    On PostgreSQL this is a lock named after the address, so that it holds for one never heard of too. SQLite has one
    writer as it is.
    """
    if tx.dialect == "postgresql":
        _wait(tx, tx.vault.address_hash(channel, address))


def wait_for_turns(tx: Tx, address_hashes: Iterable[bytes]) -> None:
    """`wait_for_turn` for several addresses, in an order that is the same for everybody: nobody waits in a ring."""
    for each in sorted(set(address_hashes)) if tx.dialect == "postgresql" else ():
        _wait(tx, each)


def wait_for_turn_of(tx: Tx, contact_id: int) -> None:
    """`wait_for_turn`, for a contact that we know the id of."""
    if tx.dialect == "postgresql":
        _wait(tx, tx.conn.execute(select(contacts.c.address_hash).where(contacts.c.id == contact_id)).scalar() or b"")


def wait_for_turns_of(tx: Tx, participant_id: int) -> None:
    """`wait_for_turns` of every address of a person: for a page of theirs, which is no message on any of them."""
    if tx.dialect == "postgresql":
        theirs = select(contacts.c.address_hash).where(contacts.c.participant_id == participant_id)
        wait_for_turns(tx, tx.conn.execute(theirs).scalars())


def take_turn_if_free(tx: Tx, contact_id: int) -> bool:
    """`wait_for_turn_of` for one who may not wait, for others wait for what is held already; False when it is taken."""
    if tx.dialect != "postgresql":
        return True
    hashed = tx.conn.execute(select(contacts.c.address_hash).where(contacts.c.id == contact_id)).scalar() or b""
    return bool(tx.conn.execute(select(func.pg_try_advisory_xact_lock(_lane(hashed)))).scalar())


def _lane(address_hash: bytes) -> BindParameter[int]:
    return bindparam("lane", int.from_bytes(address_hash[:8], signed=True), type_=BigInteger)


def _wait(tx: Tx, address_hash: bytes) -> None:
    tx.conn.execute(select(func.pg_advisory_xact_lock(_lane(address_hash))))


def find_id(tx: Tx, channel: str, address: str) -> int | None:
    """The id of a contact, a work device's too; None when there is none."""
    hashed = tx.vault.address_hash(channel, address)
    wanted = select(contacts.c.id).where(contacts.c.channel == channel, contacts.c.address_hash == hashed)
    return tx.conn.execute(wanted).scalar()


def get(tx: Tx, contact_id: int) -> Standing:
    """How things stand with a contact. Raises LookupError when there is none."""
    first = tx.conn.execute(_standing("id"), {"contact": contact_id}).first()
    if first is None:
        raise LookupError(f"no contact {contact_id}")
    return _standing_of(tx, first)


def get_many(tx: Tx, contact_ids: Iterable[int], keys: Mapping[int, PersonKey] | None = None) -> dict[int, Standing]:
    """How things stand with many contacts, by their ids; those that are not there, or without a key, are left out.

    `keys` are those that the caller has already, by id; the others are asked for.
    """
    rows, known = _MANY[tx.dialect].all(tx, {"ids": ids_for(tx, set(contact_ids))}), dict(keys or {})
    tx.vault.add_keys(tx, known, (row.key_id for row in rows))
    return {row.id: _standing_of(tx, row, known[row.key_id]) for row in rows if row.key_id in known}


def list_of(tx: Tx, participant_id: int) -> list[Standing]:
    """The contacts of a person, the one heard from last first; at the same moment, the one shown to be theirs last."""
    found = [_standing_of(tx, row) for row in _BY_PERSON.all(tx, {"person": participant_id})]
    return sorted(found, key=_heard_last, reverse=True)


def list_of_many(tx: Tx, participant_ids: Iterable[int]) -> dict[int, list[Standing]]:
    """`list_of` for many at once; one who has no contact has an empty list."""
    wanted = sorted(set(participant_ids))
    found: dict[int, list[Standing]] = {each: [] for each in wanted}
    for start in range(0, len(wanted), 500):
        for row in tx.conn.execute(_standing("people"), {"people": wanted[start : start + 500]}):
            found[row.participant_id].append(_standing_of(tx, row))
    return {each: sorted(ways, key=_heard_last, reverse=True) for each, ways in found.items()}


def _heard_last(who: Standing) -> tuple[float, ...]:
    return tuple(at.timestamp() if at else 0.0 for at in (who.last_in_at, who.verified_at))


@cache
def _standing(by: str) -> Select[Any]:
    keyed = _standing_unkeyed().add_columns(person_keys.c.wrapped)
    return keyed.join(person_keys, person_keys.c.id == contacts.c.key_id).where(*_WHOSE[by])


def _standing_unkeyed() -> Select[Any]:
    talk = conversations
    joined = (
        contacts.join(participants, participants.c.id == contacts.c.participant_id)
        .outerjoin(talk, talk.c.id == contacts.c.conversation_id)
        .outerjoin(outbox, outbox.c.id == talk.c.question_outbox_id)
    )
    return select(
        contacts.c.id,
        contacts.c.participant_id,
        contacts.c.key_id,
        contacts.c.channel,
        contacts.c.verified_at,
        contacts.c.opted_out_at,
        contacts.c.blocked_at,
        contacts.c.last_in_at,
        contacts.c.last_out_at,
        contacts.c.conversation_id,
        contacts.c.waiting_inbound,
        participants.c.unit_id,
        participants.c.status,
        participants.c.language,
        participants.c.protected,
        participants.c.read_by_others,
        participants.c.resting_since,
        participants.c.made_up,
        participants.c.profile_enc,
        talk.c.flow,
        talk.c.state.label("talk_state"),
        talk.c.facts_enc,
        talk.c.journal_enc,
        talk.c.question,
        talk.c.asks,
        talk.c.question_outbox_id,
        talk.c.answered_at,
        talk.c.started_at,
        talk.c.touched_at,
        outbox.c.state.label("question_state"),
        outbox.c.accepted_at.label("question_accepted_at"),
    ).select_from(joined)


_WHOSE = {
    "address": (contacts.c.channel == bindparam("channel"), contacts.c.address_hash == bindparam("hash")),
    "id": (contacts.c.id == bindparam("contact"),),
    "person": (contacts.c.participant_id == bindparam("person"),),
    "people": (contacts.c.participant_id.in_(bindparam("people", expanding=True)),),
}
_BY_ADDRESS = Hot(_standing("address"))
_MANY = {
    dialect: Bulk(_standing_unkeyed().where(among(contacts.c.id, dialect))) for dialect in ("sqlite", "postgresql")
}
_BY_PERSON = Hot(_standing("person"))


def _standing_of(tx: Tx, row: Any, key: PersonKey | None = None) -> Standing:
    key = key or tx.vault.unwrap(row.key_id, row.wrapped)
    profile = _profile_of(tx, key, row.participant_id, row.profile_enc) if row.profile_enc else "{}"
    return Standing(
        contact_id=row.id,
        channel=row.channel,
        participant_id=row.participant_id,
        key=key,
        opted_out_at=row.opted_out_at,
        blocked_at=row.blocked_at,
        last_in_at=row.last_in_at,
        last_out_at=row.last_out_at,
        waiting_inbound=row.waiting_inbound,
        unit_id=row.unit_id,
        status=row.status,
        language=row.language,
        protected=row.protected,
        read_by_others=row.read_by_others,
        resting_since=row.resting_since,
        made_up=row.made_up,
        profile=json.loads(profile),
        talk=_talk_of(key, row) if row.flow is not None else None,
        verified_at=row.verified_at,
    )


def _profile_of(tx: Tx, key: PersonKey, participant_id: int, blob: bytes) -> str:
    """The profile, which is sealed with another of the person's keys where two contacts have been joined."""
    place = ("participants", "profile_enc", participant_id, blob)
    return key.open(*place) if key_id_of(blob) == key.id else tx.vault.open_any(tx, participant_id, *place)


def _talk_of(key: PersonKey, row: Any) -> OpenTalk:
    talk_id = row.conversation_id
    journal = key.open("conversations", "journal_enc", talk_id, row.journal_enc)
    return OpenTalk(
        id=talk_id,
        flow=row.flow,
        state=row.talk_state,
        facts=json.loads(key.open("conversations", "facts_enc", talk_id, row.facts_enc)),
        journal=json.loads(journal),
        journal_text=journal,
        question=row.question,
        asks=row.asks,
        question_outbox_id=row.question_outbox_id,
        question_state=row.question_state,
        question_accepted_at=row.question_accepted_at,
        answered_at=row.answered_at,
        started_at=row.started_at,
        touched_at=row.touched_at,
    )


def create(
    tx: Tx,
    now: datetime,
    channel: str,
    address: str,
    *,
    unit_id: int | None = None,
    made_up: bool = False,
    language: str = "sv",
) -> Standing:
    """A person is a participant from the first message on: make the person, their key and this contact."""
    person, contact = new_id(now), new_id(now)
    _NEW_PERSON.run(tx, {"id": person, "created_at": now, "unit_id": unit_id, "made_up": made_up, "language": language})
    key = tx.vault.new_key(tx, person, now)
    row = {
        "id": contact,
        "participant_id": person,
        "key_id": key.id,
        "channel": channel,
        "address_hash": tx.vault.address_hash(channel, address),
        "address_enc": key.seal("contacts", "address_enc", contact, address),
        "created_at": now,
        "verified_at": now,
    }
    _NEW_CONTACT.run(tx, row)
    return Standing(contact, channel, person, key, unit_id=unit_id, made_up=made_up, language=language)


_NEW_PERSON = Hot(insert(participants), ("id", "created_at", "unit_id", "made_up", "language"))
_NEW_CONTACT = Hot(
    insert(contacts),
    ("id", "participant_id", "key_id", "channel", "address_hash", "address_enc", "created_at", "verified_at"),
)


def work_device(tx: Tx, now: datetime, staff_id: int, channel: str, address: str) -> int:
    """The contact of a staff member's work device, made when it is first needed. Sealed with the installation's key."""
    known = find_id(tx, channel, address)
    if known is not None:
        return known
    key, contact = tx.vault.own(tx), new_id(now)
    row = {
        "id": contact, "staff_id": staff_id, "key_id": key.id, "channel": channel,
        "address_hash": tx.vault.address_hash(channel, address),
        "address_enc": key.seal("contacts", "address_enc", contact, address), "created_at": now, "verified_at": now,
    }  # fmt: skip
    tx.conn.execute(insert(contacts), row)
    return contact


_HEARD = Hot(
    update(contacts).where(contacts.c.id == bindparam("contact")).values(last_in_at=bindparam("at", type_=UtcDateTime))
)


def heard_from(tx: Tx, contact_id: int, at: datetime) -> None:
    """They wrote: remember when."""
    _HEARD.run(tx, {"contact": contact_id, "at": at})


def set_foreground(tx: Tx, contact_id: int, conversation_id: int | None) -> None:
    """Let this conversation, or none, be the one in the foreground."""
    _FOREGROUND.run(tx, {"contact": contact_id, "talk": conversation_id})


_FOREGROUND = Hot(
    update(contacts).where(contacts.c.id == bindparam("contact")).values(conversation_id=bindparam("talk"))
)


def opt_out(tx: Tx, contact_id: int, now: datetime) -> None:
    """STOPP: nothing more goes to this contact until they come back."""
    tx.conn.execute(update(contacts).where(contacts.c.id == contact_id).values(opted_out_at=now))


def opt_in(tx: Tx, contact_id: int) -> None:
    """They came back."""
    tx.conn.execute(update(contacts).where(contacts.c.id == contact_id).values(opted_out_at=None))


def block(tx: Tx, contact_id: int, now: datetime, why: str) -> None:
    """The provider says that nothing reaches this address."""
    tx.conn.execute(update(contacts).where(contacts.c.id == contact_id).values(blocked_at=now, blocked_why=why[:60]))


def unblock(tx: Tx, contact_id: int) -> None:
    """Something came from the address again."""
    tx.conn.execute(update(contacts).where(contacts.c.id == contact_id).values(blocked_at=None, blocked_why=None))


def unit_of(tx: Tx, participant_id: int) -> int | None:
    """The id of a person's unit, or None while it is not known."""
    return tx.conn.execute(select(participants.c.unit_id).where(participants.c.id == participant_id)).scalar()


def set_waiting(tx: Tx, contact_id: int, by: int) -> None:
    """Count one more, or one fewer, message that waits for a turn that failed."""
    changed = update(contacts).where(contacts.c.id == contact_id)
    tx.conn.execute(changed.values(waiting_inbound=contacts.c.waiting_inbound + by))
