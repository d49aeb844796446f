"""The outbox: the only way out, and the whole truth about every message that should go.

A message is a row before anybody is told that it will be sent, in the same transaction as what caused it. Its road:

    queued -> sending (leased) -> accepted (provider id) -> sent -> delivered | undelivered        rank only rises
                 | not now, and certainly not sent: queued again, later
                 | never: failed, and the contact may be marked
                 | unknown, or the lease ran out: uncertain -> found: accepted | not found: queued once more | parked
    queued -> expired (its moment has passed) | cancelled (STOPP, erased, replaced)

What makes it safe is small:

- why it exists is a unique key (`turn:812:3`), so that doing a turn again queues nothing twice;
- a lease that runs out makes a row `uncertain`, never `queued`: it may have gone out;
- a row is settled by its lease token, so that a worker that slept through its lease changes nothing;
- one row a contact is open at a time, oldest first among those that are due, so that nobody reads our answers in the
  wrong order. Priority 0 (distress and staff alarms) waits for nothing.

What came of a try is settled in storage/outcomes.py. No function here commits, sends, or reads a clock: `now` is
business time, `lease_now` is real time.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, exists, insert, select, update

from rules.kinds import KINDS
from rules.kinds import kind as kind_named
from storage.crypto import PersonKey
from storage.db import Tx
from storage.errors import Unreadable
from storage.hot import Hot
from storage.ids import new_id
from storage.sql import per_dialect
from storage.tables import contacts, outbox, outbox_attempts, participants, person_keys

LEASE = timedelta(seconds=60)
"""How long a worker may hold a row. A request may take 20 s at most, and none is begun with under 25 s left."""

OPEN = ("sending", "uncertain")


@dataclass(frozen=True, slots=True)
class Body:
    """What every try sends, byte for byte: the text and its buttons as (label, value)."""

    text: str
    buttons: tuple[tuple[str, str], ...] = ()

    def dump(self) -> str:
        """As JSON, to be sealed."""
        return json.dumps({"text": self.text, "buttons": self.buttons}, ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def load(cls, data: str) -> Body:
        """From `dump`."""
        kept = json.loads(data)
        return cls(kept["text"], tuple((label, value) for label, value in kept["buttons"]))


@dataclass(slots=True)
class NewMessage:
    """A message to queue: a `body` that is ready, or a `message` to be rendered from `facts` when it is claimed."""

    contact_id: int
    participant_id: int | None
    channel: str
    kind: str  # a row of rules.kinds
    dedupe_key: str
    why: str
    body: Body | None = None
    message: str | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    text_version: str | None = None
    conversation_id: int | None = None
    author: str = "bot"
    not_before: datetime | None = None
    not_after: datetime | None = None


# --- in -----------------------------------------------------------------------------------------------------------


def queue(tx: Tx, key: PersonKey, now: datetime, messages: Sequence[NewMessage]) -> list[int]:
    """Queue messages in the order given; return their ids. One whose dedupe key is known already is left as it is.

    `key` is the person's, or a work device's. The ids are made here, so that a button may carry the id of its message:
    see `reserve` for a body that needs it.
    """
    return queue_as(tx, key, now, [(new_id(now), message) for message in messages])


def reserve(now: datetime) -> int:
    """An id for a message that is about to be rendered with its own id in its buttons."""
    return new_id(now)


def queue_as(tx: Tx, key: PersonKey, now: datetime, messages: Sequence[tuple[int, NewMessage]]) -> list[int]:
    """`queue`, with ids from `reserve`."""
    for row_id, each in messages:
        _INSERT[tx.dialect].run(tx, _row(key, now, row_id, each))
    return [row_id for row_id, _ in messages]


def new_ref(row_id: int) -> str:
    """Our own reference of a row, that nobody can guess: 128 random bits, after the time that its id was made at.

    The time in front lets the newest references stand together in their index, so that queueing touches one page of it.
    """
    return f"{row_id >> 22:011x}{secrets.token_urlsafe(16)}"


def _row(key: PersonKey, now: datetime, row_id: int, each: NewMessage) -> dict[str, Any]:
    facts = json.dumps(each.facts, ensure_ascii=False) if each.body is None else None
    return {
        "id": row_id,
        "contact_id": each.contact_id,
        "participant_id": each.participant_id,
        "conversation_id": each.conversation_id,
        "dedupe_key": each.dedupe_key,
        "channel": each.channel,
        "kind": each.kind,
        "priority": kind_named(each.kind).priority,
        "author": each.author,
        "message": each.message,
        "facts_enc": None if facts is None else key.seal("outbox", "facts_enc", row_id, facts),
        "body_enc": None if each.body is None else key.seal("outbox", "body_enc", row_id, each.body.dump()),
        "text_version": each.text_version,
        "why": each.why,
        "created_at": now,
        "not_before": each.not_before or now,
        "not_after": each.not_after,
        "state": "queued",
        "ref": new_ref(row_id),
    }


_COLUMNS = (
    "id", "contact_id", "participant_id", "conversation_id", "dedupe_key", "channel", "kind", "priority", "author",
    "message", "facts_enc", "body_enc", "text_version", "why", "created_at", "not_before", "not_after", "state", "ref",
)  # fmt: skip
_ONCE = per_dialect(outbox, lambda made: made.on_conflict_do_nothing(index_elements=["dedupe_key"]))
_INSERT = {dialect: Hot(statement, _COLUMNS) for dialect, statement in _ONCE.items()}


def cancel(tx: Tx, now: datetime, why: str, *, contact_id: int, care_too: bool = False) -> int:
    """Cancel what is queued for a contact; return how many rows. What is on its way stays.

    So do the kinds that go out after STOPP as well (the answer to distress), unless nothing at all can reach them.
    """
    done = update(outbox).where(outbox.c.contact_id == contact_id, outbox.c.state == "queued")
    if not care_too:
        done = done.where(outbox.c.kind.not_in([name for name, each in KINDS.items() if each.after_stop == "once"]))
    return tx.conn.execute(done.values(state="cancelled", settled_at=now, outcome=why)).rowcount


def cancel_bots_own(tx: Tx, now: datetime, why: str, *, participant_id: int) -> int:
    """Cancel what is queued for a person that the bot began by itself or sends to many; return how many rows."""
    own = [name for name, each in KINDS.items() if each.starts == "bot" or each.budget]
    done = update(outbox).where(
        outbox.c.participant_id == participant_id, outbox.c.state == "queued", outbox.c.kind.in_(own)
    )
    return tx.conn.execute(done.values(state="cancelled", settled_at=now, outcome=why)).rowcount


# --- the claim ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Due:
    """A row whose turn it is, with all that decides whether it may go now."""

    id: int
    contact_id: int
    participant_id: int | None
    conversation_id: int | None
    channel: str
    address: str
    kind: str
    author: str
    message: str | None
    facts: Mapping[str, Any]
    body: Body | None
    ref: str
    attempt: int
    created_at: datetime
    not_after: datetime | None
    opted_out: bool
    blocked: bool
    resting: bool
    protected: bool
    language: str
    unit_id: int | None
    key: PersonKey
    token: int


def any_due(tx: Tx, now: datetime) -> bool:
    """Is anything queued whose time has come? Cheap, so that an idle dispatcher takes no write lock."""
    waiting = select(outbox.c.id).where(outbox.c.state == "queued", outbox.c.not_before <= now).limit(1)
    return tx.conn.execute(waiting).first() is not None


def due(tx: Tx, now: datetime, limit: int, skip_channels: Sequence[str] = ()) -> list[Due]:
    """The rows that may be claimed now, most urgent first, at most one a contact (but for priority 0).

    On PostgreSQL the contact's row is the lane: it is locked and skipped over, so that two workers never hold two rows
    of one contact. On SQLite the write transaction itself is the lane.
    """
    found = tx.conn.execute(_due(tx.dialect), {"now": now, "limit": limit, "skip": list(skip_channels) or [""]})
    return readable(tx, now, found.all())


def readable(tx: Tx, now: datetime, found: Sequence[Any]) -> list[Due]:
    """The rows that can be opened. One that cannot (its key is gone) ends here, and holds up nobody else's."""
    rows = []
    for each in found:
        try:
            rows.append(_due_row(tx, each))
        except Unreadable:
            drop(tx, each.id, now, "failed", "Meddelandet går inte att läsa: nyckeln är borta.")
    return rows


@cache
def whole_row() -> Select[Any]:
    """A row with its contact, its person and their key."""
    joined = (
        outbox.join(contacts, contacts.c.id == outbox.c.contact_id)
        .join(person_keys, person_keys.c.id == contacts.c.key_id)
        .outerjoin(participants, participants.c.id == contacts.c.participant_id)
    )
    person = (participants.c.resting_since, participants.c.protected, participants.c.language, participants.c.unit_id)
    contact = (contacts.c.address_enc, contacts.c.key_id, contacts.c.opted_out_at, contacts.c.blocked_at)
    return select(outbox, *contact, *person, person_keys.c.wrapped).select_from(joined)


@cache
def _due(dialect: str) -> Select[Any]:
    other = outbox.alias("other")
    mine = other.c.contact_id == outbox.c.contact_id
    open_row = exists().where(mine, other.c.state.in_(OPEN))
    older = exists().where(
        mine, other.c.state == "queued", other.c.id < outbox.c.id, other.c.not_before <= bindparam("now")
    )
    wanted = whole_row().where(
        outbox.c.state == "queued",
        outbox.c.not_before <= bindparam("now"),
        outbox.c.channel.not_in(bindparam("skip", expanding=True)),
        (outbox.c.priority == 0) | (~open_row & ~older),
    )
    wanted = wanted.order_by(outbox.c.priority, outbox.c.id).limit(bindparam("limit"))
    return wanted.with_for_update(of=[outbox, contacts], skip_locked=True) if dialect == "postgresql" else wanted


def _due_row(tx: Tx, row: Any) -> Due:
    key = tx.vault.unwrap(row.key_id, row.wrapped)
    facts = key.open("outbox", "facts_enc", row.id, row.facts_enc) if row.facts_enc else "{}"
    body = key.open("outbox", "body_enc", row.id, row.body_enc) if row.body_enc else None
    return Due(
        id=row.id,
        contact_id=row.contact_id,
        participant_id=row.participant_id,
        conversation_id=row.conversation_id,
        channel=row.channel,
        address=key.open("contacts", "address_enc", row.contact_id, row.address_enc),
        kind=row.kind,
        author=row.author,
        message=row.message,
        facts=json.loads(facts),
        body=Body.load(body) if body is not None else None,
        ref=row.ref,
        attempt=row.attempt,
        created_at=row.created_at,
        not_after=row.not_after,
        opted_out=row.opted_out_at is not None,
        blocked=row.blocked_at is not None,
        resting=row.resting_since is not None,
        protected=bool(row.protected),
        language=row.language or "sv",
        unit_id=row.unit_id,
        key=key,
        token=row.lease_token,
    )


def take(tx: Tx, row: Due, now: datetime, lease_now: datetime) -> int:
    """Claim a row that `due` gave, in the same transaction; return the lease token to settle it by."""
    token = row.token + 1
    claimed = (
        update(outbox)
        .where(outbox.c.id == row.id)
        .values(state="sending", attempt=row.attempt + 1, lease_token=token, lease_until=lease_now + LEASE)
    )
    tx.conn.execute(claimed)
    tx.conn.execute(insert(outbox_attempts).values(outbox_id=row.id, number=row.attempt + 1, started_at=now))
    return token


def freeze(tx: Tx, row: Due, body: Body, text_version: str) -> None:
    """Keep the rendered words of a row that `due` gave, so that every later try sends the same."""
    sealed = row.key.seal("outbox", "body_enc", row.id, body.dump())
    frozen = update(outbox).where(outbox.c.id == row.id)
    tx.conn.execute(frozen.values(body_enc=sealed, facts_enc=None, text_version=text_version))


def hold(tx: Tx, row_id: int, until: datetime, why: str) -> None:
    """Keep a queued row back until then, saying why."""
    tx.conn.execute(update(outbox).where(outbox.c.id == row_id).values(not_before=until, outcome=why))


def drop(tx: Tx, row_id: int, now: datetime, state: str, why: str) -> None:
    """End a row that may not go, or cannot: `cancelled`, `expired` or `failed`."""
    tx.conn.execute(update(outbox).where(outbox.c.id == row_id).values(state=state, settled_at=now, outcome=why))


def expire(tx: Tx, now: datetime) -> list[tuple[int, int | None, str]]:
    """Expire what is still queued past its moment; return (id, participant, kind) of each, for staff to see."""
    passed = update(outbox).where(outbox.c.state == "queued", outbox.c.not_after < now)
    passed = passed.values(state="expired", settled_at=now, outcome="Tiden för meddelandet har gått ut.")
    gone = tx.conn.execute(passed.returning(outbox.c.id, outbox.c.participant_id, outbox.c.kind))
    return [(row.id, row.participant_id, row.kind) for row in gone]


@dataclass(frozen=True, slots=True)
class Now:
    """How things stand with the contact of a claimed row, a moment before the request."""

    opted_out: bool
    blocked: bool
    resting: bool
    protected: bool


def look_again(tx: Tx, row_id: int, token: int) -> Now | None:
    """The last look before the request. None when the row is no longer ours: erased, or claimed by another."""
    row = tx.conn.execute(_LAST_LOOK, {"row": row_id, "token": token}).first()
    if row is None:
        return None
    return Now(
        row.opted_out_at is not None, row.blocked_at is not None, row.resting_since is not None, bool(row.protected)
    )


_LAST_LOOK = (
    select(contacts.c.opted_out_at, contacts.c.blocked_at, participants.c.resting_since, participants.c.protected)
    .select_from(
        outbox.join(contacts, contacts.c.id == outbox.c.contact_id).outerjoin(
            participants, participants.c.id == contacts.c.participant_id
        )
    )
    .where(outbox.c.id == bindparam("row"), outbox.c.lease_token == bindparam("token"), outbox.c.state == "sending")
)


def sent_lately(tx: Tx, participant_id: int, since: datetime) -> list[datetime]:
    """When messages that count against the budget were accepted for a person since then, oldest first."""
    counting = [name for name, each in KINDS.items() if each.budget]
    wanted = select(outbox.c.accepted_at).where(
        outbox.c.participant_id == participant_id, outbox.c.accepted_at >= since
    )
    wanted = wanted.where(outbox.c.kind.in_(counting)).order_by(outbox.c.accepted_at)
    return list(tx.conn.execute(wanted).scalars())
