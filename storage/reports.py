"""Long readings, for exports and searches: page after page in the order in which things came, never all of it at once.

Whoever reads them holds one `store.read()` meanwhile, and so sees one moment of the database. What belongs to somebody
with protected identity is never opened here.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from heapq import merge
from typing import Any, Final, Literal

from sqlalchemy import Column, Row, Select, bindparam, select

from storage.crypto import PersonKey, key_id_of
from storage.db import Tx
from storage.errors import Unreadable
from storage.hot import Hot
from storage.outbox import Body
from storage.tables import contacts, inbound, outbox, participants, referrals

PAGE: Final = 500

Keys = Mapping[int, PersonKey]


@dataclass(frozen=True, slots=True)
class Scope:
    """What a reading is about: these units (None: all, and those who have none yet), and what came since (UTC)."""

    unit_ids: Collection[int] | None = None
    since: datetime | None = None
    for_staff: int | None = None  # who reads: what somebody keeps from them isn't given


@dataclass(frozen=True, slots=True)
class Way:
    """One way to reach a person. `address` is None when it cannot be read."""

    channel: str
    address: str | None
    last_in_at: datetime | None
    opted_out_at: datetime | None
    blocked_at: datetime | None


@dataclass(frozen=True, slots=True)
class PersonRow:
    """A person. `profile` is None when it is hidden (protected identity) or cannot be read; then there are no ways."""

    id: int
    unit_id: int | None
    created_at: datetime
    status: str
    language: str
    protected: bool
    read_by_others: bool
    resting_since: datetime | None
    profile: Mapping[str, Any] | None
    ways: tuple[Way, ...] = ()


@dataclass(frozen=True, slots=True)
class ReferralRow:
    """A referral and whose it is. `details` and `profile` are None when hidden, or when they cannot be read."""

    id: int
    participant_id: int
    unit_id: int | None
    protected: bool
    source: str
    poster: str | None
    channel: str
    created_at: datetime
    complete: bool
    promise_by: datetime | None
    answered_at: datetime | None
    state: str
    details: Mapping[str, Any] | None
    profile: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class MessageRow:
    """One message, in or out. `text` is None when hidden, not rendered yet, or when it cannot be read."""

    id: int
    participant_id: int
    unit_id: int | None
    protected: bool
    at: datetime
    author: Literal["person", "bot", "staff"]
    channel: str
    kind: str
    state: str
    why: str | None
    outcome: str | None
    text: str | None
    profile: Mapping[str, Any] | None


_PERSON: Final = (
    participants.c.id.label("person_id"),
    participants.c.unit_id.label("of_unit"),
    participants.c.protected,
    participants.c.profile_enc,
)


def list_people(tx: Tx, scope: Scope, *, with_ways: bool = False) -> Iterator[PersonRow]:
    """Give the people of the scope, in the order in which they came."""
    wanted = within(select(participants), scope, participants.c.unit_id, participants.c.created_at)
    for page in pages(tx, wanted, participants.c.id):
        keys = keys_of(tx, page, "profile_enc")
        people = [_person(keys, row) for row in page]
        yield from _with_ways(tx, people) if with_ways else people


_WAYS: Final = Hot(select(contacts).where(contacts.c.participant_id.in_(bindparam("people", expanding=True))))


def list_ways(tx: Tx, participant_ids: Collection[int]) -> dict[int, list[Way]]:
    """Give how each of at most some hundred people can be reached, the way that was heard from last on top."""
    rows = _WAYS.all(tx, {"people": sorted(participant_ids)})
    keys = keys_of(tx, rows, "address_enc")
    found: dict[int, list[Way]] = {}
    for row in sorted(rows, key=lambda row: (row.last_in_at or row.created_at, row.id), reverse=True):
        address = opened(keys, "contacts", "address_enc", row.id, row.address_enc)
        way = Way(row.channel, address, row.last_in_at, row.opted_out_at, row.blocked_at)
        found.setdefault(row.participant_id, []).append(way)
    return found


def list_referrals(tx: Tx, scope: Scope) -> Iterator[ReferralRow]:
    """Give the referrals of the scope, whatever became of them, in the order in which they came."""
    wanted = select(referrals, *_PERSON).join(participants, participants.c.id == referrals.c.participant_id)
    wanted = within(wanted, scope, referrals.c.unit_id, referrals.c.created_at)
    for page in pages(tx, wanted, referrals.c.id):
        keys = keys_of(tx, page, "details_enc", "profile_enc")
        yield from (_referral(keys, row) for row in page)


def list_messages(tx: Tx, scope: Scope) -> Iterator[MessageRow]:
    """Give what was said in the scope, in and out, in the order in which it came; no alarms to work devices."""
    yield from merge(_list_heard(tx, scope), _list_sent(tx, scope), key=lambda message: message.id)


def _list_heard(tx: Tx, scope: Scope) -> Iterator[MessageRow]:
    wanted = select(inbound, *_PERSON).join(contacts, contacts.c.id == inbound.c.contact_id)
    wanted = wanted.join(participants, participants.c.id == contacts.c.participant_id)
    wanted = within(wanted, scope, participants.c.unit_id, inbound.c.received_at)
    for page in pages(tx, wanted, inbound.c.id):
        keys = keys_of(tx, page, "body_enc", "profile_enc")
        for row in page:
            text = None if row.protected else opened(keys, "inbound", "body_enc", row.id, row.body_enc)
            yield _message(keys, row, "person", row.received_at, row.state, text)


def _list_sent(tx: Tx, scope: Scope) -> Iterator[MessageRow]:
    wanted = select(outbox, *_PERSON).join(participants, participants.c.id == outbox.c.participant_id)
    wanted = within(wanted, scope, participants.c.unit_id, outbox.c.created_at)
    for page in pages(tx, wanted, outbox.c.id):
        keys = keys_of(tx, page, "body_enc", "profile_enc")
        for row in page:
            body = None if row.protected else opened(keys, "outbox", "body_enc", row.id, row.body_enc)
            text = None if body is None else Body.load(body).text
            author: Literal["bot", "staff"] = "staff" if row.author == "staff" else "bot"
            found = _message(keys, row, author, row.accepted_at or row.created_at, row.state, text)
            yield replace(found, why=row.why, outcome=row.outcome)


# --- pages and rows ---------------------------------------------------------------------------------------------------


def within(wanted: Select[Any], scope: Scope, unit: Column[Any], at: Column[Any]) -> Select[Any]:
    """Narrow a select to the units and the time of a scope."""
    if scope.unit_ids is not None:
        wanted = wanted.where(unit.in_(scope.unit_ids))
    return wanted if scope.since is None else wanted.where(at >= scope.since)


def pages(tx: Tx, wanted: Select[Any], row_id: Column[int]) -> Iterator[list[Row[*tuple[Any, ...]]]]:
    """Give rows by rising id, a page at a time, so that what is held is one page however much there is."""
    after = 0
    while page := list(tx.execute(wanted.where(row_id > after).order_by(row_id).limit(PAGE))):
        yield page
        after = page[-1].id


def keys_of(tx: Tx, rows: Collection[Row[*tuple[Any, ...]]], *columns: str) -> Keys:
    """Give the keys of what is sealed in these columns of a page, in one question."""
    sealed = (getattr(row, column) for row in rows for column in columns)
    return tx.vault.keys_by_id(tx, {key_id_of(blob) or 0 for blob in sealed if blob})


def opened(keys: Keys, table: str, column: str, row_id: int, blob: bytes | None) -> str | None:
    """Open what is sealed; None where nothing is, or where it can't be read any more."""
    key = keys.get(key_id_of(blob) or 0) if blob else None
    if key is None or blob is None:
        return None
    try:
        return key.open(table, column, row_id, blob)
    except Unreadable:
        return None


def _profile(keys: Keys, person_id: int, protected: bool, blob: bytes | None) -> Mapping[str, Any] | None:
    if protected:
        return None
    if blob is None:
        return {}
    text = opened(keys, "participants", "profile_enc", person_id, blob)
    return None if text is None else dict(json.loads(text))


def _person(keys: Keys, row: Any) -> PersonRow:
    return PersonRow(
        id=row.id,
        unit_id=row.unit_id,
        created_at=row.created_at,
        status=row.status,
        language=row.language,
        protected=row.protected,
        read_by_others=row.read_by_others,
        resting_since=row.resting_since,
        profile=_profile(keys, row.id, row.protected, row.profile_enc),
    )


def _with_ways(tx: Tx, people: list[PersonRow]) -> Iterator[PersonRow]:
    ways = list_ways(tx, [person.id for person in people if not person.protected])
    return (replace(person, ways=tuple(ways.get(person.id, ()))) for person in people)


def _referral(keys: Keys, row: Any) -> ReferralRow:
    details = None if row.protected else opened(keys, "referrals", "details_enc", row.id, row.details_enc)
    return ReferralRow(
        id=row.id,
        participant_id=row.participant_id,
        unit_id=row.unit_id,
        protected=row.protected,
        source=row.source,
        poster=row.poster,
        channel=row.channel,
        created_at=row.created_at,
        complete=row.complete,
        promise_by=row.promise_by,
        answered_at=row.answered_at,
        state=row.state,
        details=None if details is None else dict(json.loads(details)),
        profile=_profile(keys, row.person_id, row.protected, row.profile_enc),
    )


def _message(keys: Keys, row: Any, author: Any, at: datetime, state: str, text: str | None) -> MessageRow:
    return MessageRow(
        id=row.id,
        participant_id=row.person_id,
        unit_id=row.of_unit,
        protected=row.protected,
        at=at,
        author=author,
        channel=row.channel,
        kind=row.kind,
        state=state,
        why=None,
        outcome=None,
        text=text,
        profile=_profile(keys, row.person_id, row.protected, row.profile_enc),
    )
