"""Taking rows out of the outbox to be sent: whose turn it is, a lease on it, and the last look before the request.

A part of storage/outbox.py, which tells the whole road. On PostgreSQL a contact's row is its lane: it is locked, or
skipped where another worker has it, and what may go is asked again once it is held, so that no two workers ever hold
two rows of one contact. On SQLite the write transaction itself is the lane.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    bindparam,
    case,
    func,
    literal_column,
    or_,
    select,
    text,
    true,
    update,
)

from rules.kinds import KINDS
from rules.kinds import kind as kind_named
from storage.bulk import Bulk
from storage.columns import UtcDateTime
from storage.control import SENDING_HOLD
from storage.crypto import PersonKey
from storage.db import Tx
from storage.errors import Unreadable
from storage.hot import Hot
from storage.outbox import Body, release_of
from storage.sql import among, ids_for
from storage.tables import contacts, control, outbox, participants, person_keys
from storage.tables_recalls import recalls

LEASE: Final = timedelta(seconds=60)
"""How long a worker may hold a row. A request may take 20 s at most, and none is begun with under 25 s left."""

OPEN: Final = ("sending", "uncertain")

ANSWER: Final = kind_named("reply").priority
_RECALLED: Final = recalls.c.why.label("called_back")
LEAST_URGENT: Final = max(each.priority for each in KINDS.values())


@dataclass(slots=True)
class Due:
    """A row whose turn it is, with all that decides whether it may go now; or one in doubt.

    `lost`: in doubt because its worker let the lease run out, and not for what the provider answered.
    """

    id: int
    contact_id: int
    participant_id: int | None
    conversation_id: int | None
    channel: str
    address: str
    kind: str
    priority: int
    author: str
    message: str | None
    facts: Mapping[str, Any]
    body: Body | None
    ref: str
    attempt: int
    risked: int
    refused: int
    created_at: datetime
    not_after: datetime | None
    tried_at: datetime | None
    lost: bool
    uncertain_since: datetime | None
    opted_out: bool
    blocked: bool
    resting: bool
    protected: bool
    language: str
    unit_id: int | None
    key: PersonKey
    token: int
    release: int | None  # of which it is one: see storage/sendings.py
    called_back: str | None  # why it is not to go after all: see storage/recalls.py


# --- whose turn it is -------------------------------------------------------------------------------------------------


def held(tx: Tx) -> bool:
    """Say whether nothing at all may be sent: a database was put back, or somebody has said so."""
    return _HELD.first(tx, {}) is not None


def any_due(tx: Tx, now: datetime) -> bool:
    """Is anything queued whose time has come? Cheap, so that an idle dispatcher takes no write lock."""
    return _ANY_DUE.first(tx, {"now": now}) is not None


def due(
    tx: Tx, now: datetime, lease_now: datetime, channel: str, limit: int, *, answers_only: bool = False
) -> list[Due]:
    """The rows of a channel that may be claimed now, most urgent first, at most one a contact.

    `answers_only`: only what somebody waits for, which is distress, alarms, answers and staff's own words.
    """
    most = ANSWER if answers_only else LEAST_URGENT
    asked = {"now": now, "lease": lease_now, "channel": channel, "limit": limit, "most": most}
    if tx.dialect == "sqlite":
        found = _DUE.all(tx, asked)
        return readable(tx, now, sorted(found, key=lambda row: (row.priority, row.id)) if len(found) > 1 else found)
    ours = [row.id for row in _LANES.all(tx, asked)]
    return readable(tx, now, _DUE_OF.all(tx, {**asked, "ids": ours})) if ours else []


def readable(tx: Tx, now: datetime, found: Sequence[Any]) -> list[Due]:
    """The rows that can be opened. One that cannot (its key is gone) ends here, and holds up nobody else's."""
    rows = []
    for each in found:
        try:
            rows.append(_due_row(tx, each))
        except Unreadable:
            drop(tx, each.id, now, "failed", "Meddelandet går inte att läsa: nyckeln är borta.")
    return rows


def whole_row() -> Select[Any]:
    """A row with its contact, its person and their key."""
    here = outbox.c
    joined = (
        outbox.join(contacts, contacts.c.id == here.contact_id)
        .join(person_keys, person_keys.c.id == contacts.c.key_id)
        .outerjoin(participants, participants.c.id == contacts.c.participant_id)
        .outerjoin(recalls, recalls.c.outbox_id == here.id)
    )
    row = (
        here.id, here.contact_id, here.participant_id, here.conversation_id, here.channel, here.kind, here.priority,
        here.author, here.message, here.facts_enc, here.body_enc, here.ref, here.attempt, here.risked, here.refused,
        here.created_at, here.not_after, here.tried_at, here.lease_until,
        here.uncertain_since, here.lease_token, here.dedupe_key,
    )  # fmt: skip
    person = (participants.c.resting_since, participants.c.protected, participants.c.language, participants.c.unit_id)
    contact = (contacts.c.address_enc, contacts.c.key_id, contacts.c.opted_out_at, contacts.c.blocked_at)
    return select(*row, *contact, *person, person_keys.c.wrapped, _RECALLED).select_from(joined)


def _may_go(dialect: str) -> ColumnElement[bool]:
    """Queued, its time has come, and nothing of the contact's goes before it."""
    here, other = outbox.c, outbox.alias("other")
    now = bindparam("now", type_=UtcDateTime)
    is_due = other.c.not_before <= now
    # What is to be tried again keeps its place before what is no more urgent. What is held for another reason does not.
    # What goes to many is before nothing but its like: ten thousand of them take minutes, and an answer waits for none.
    alike = other.c.priority <= here.priority
    ahead = or_(and_(is_due, or_(alike, other.c.priority < LEAST_URGENT)), and_(other.c.put_off, alike))
    before_others = or_(other.c.state != "queued", and_(other.c.id < here.id, ahead))
    before_urgent = or_(other.c.state == "sending", and_(other.c.state == "queued", other.c.id < here.id, is_due))
    waits = select(other.c.id).where(
        text("other.state in ('queued','sending','uncertain')"),
        other.c.contact_id == here.contact_id,
        other.c.id != here.id,
        or_(
            and_(here.priority > 0, before_others),
            and_(here.priority == 0, other.c.priority == 0, before_urgent),
        ),
    )
    if dialect == "postgresql":
        # Asked row by row. By its figures of a quiet hour, when nothing was queued, PostgreSQL would else compare each
        # of ten thousand rows with all the others: three minutes for a claim.
        waits = waits.offset(literal_column("0"))
    return and_(
        text("outbox.state = 'queued'"), here.channel == bindparam("channel"), here.priority <= bindparam("most"),
        here.not_before <= now, ~waits.exists(),
    )  # fmt: skip


def _gap_is_over() -> ColumnElement[bool]:
    """The contact's address may be written to again."""
    next_out = contacts.c.next_out_at
    return or_(next_out.is_(None), next_out <= bindparam("lease", type_=UtcDateTime))


def _in_turn(wanted: Select[Any], dialect: str) -> Select[Any]:
    return wanted.where(_may_go(dialect)).order_by(outbox.c.priority, outbox.c.id).limit(bindparam("limit"))


def _lanes() -> Select[Any]:
    """Hold rows whose turn it is, each with its contact; those that another worker has are passed by.

    The contact is looked up beside each row and not joined, or else, by the same figures, all that is queued would be
    sorted first.
    """
    way = select(contacts.c.id).where(contacts.c.id == outbox.c.contact_id, _gap_is_over())
    way = way.with_for_update(key_share=True, skip_locked=True)
    wanted = _in_turn(select(outbox.c.id).join(way.lateral("way"), true()), "postgresql")
    return wanted.with_for_update(of=outbox, key_share=True, skip_locked=True)


_HELD: Final = Hot(select(control.c.value).where(control.c.name == SENDING_HOLD))
_ANY_DUE: Final = Bulk(
    select(outbox.c.id)
    .where(text("outbox.state = 'queued'"), outbox.c.not_before <= bindparam("now", type_=UtcDateTime))
    .limit(1)
)
_DUE: Final = Bulk(_in_turn(whole_row(), "sqlite").where(_gap_is_over()))
_LANES: Final = Hot(_lanes())
_DUE_OF: Final = Hot(_in_turn(whole_row(), "postgresql").where(_gap_is_over(), among(outbox.c.id, "postgresql")))


def _due_row(tx: Tx, row: Any) -> Due:
    key = tx.vault.unwrap(row.key_id, row.wrapped)
    facts = key.open("outbox", "facts_enc", row.id, row.facts_enc) if row.facts_enc else None
    body = key.open("outbox", "body_enc", row.id, row.body_enc) if row.body_enc else None
    return Due(
        id=row.id,
        contact_id=row.contact_id,
        participant_id=row.participant_id,
        conversation_id=row.conversation_id,
        channel=row.channel,
        address=key.open("contacts", "address_enc", row.contact_id, row.address_enc),
        kind=row.kind,
        priority=row.priority,
        author=row.author,
        message=row.message,
        facts=json.loads(facts) if facts else {},
        body=Body.load(body) if body is not None else None,
        ref=row.ref,
        attempt=row.attempt,
        risked=row.risked,
        refused=row.refused,
        created_at=row.created_at,
        not_after=row.not_after,
        tried_at=row.tried_at,
        lost=row.lease_until is not None,
        uncertain_since=row.uncertain_since,
        opted_out=row.opted_out_at is not None,
        blocked=row.blocked_at is not None,
        resting=row.resting_since is not None,
        protected=bool(row.protected),
        language=row.language or "sv",
        unit_id=row.unit_id,
        key=key,
        token=row.lease_token,
        release=release_of(row.dedupe_key),
        called_back=row.called_back,
    )


# --- what becomes of it in the claim ----------------------------------------------------------------------------------


def take(tx: Tx, rows: Sequence[tuple[Due, Body, str | None]], now: datetime, lease_now: datetime) -> None:
    """Claim rows that `due` gave, in the same transaction: each has its new attempt, and the token to settle it by.

    With each come its words and, where they were written just now, their text's version: then they are frozen, so that
    every later try sends the same, and the facts that they were written from go.
    """
    told = {"until": lease_now + LEASE, "at": now}
    _TAKE.many(tx, [{**told, "row": row.id, **_frozen(row, body, version)} for row, body, version in rows])
    for row, _, _ in rows:
        row.attempt, row.risked, row.token = row.attempt + 1, row.risked + 1, row.token + 1


def _frozen(row: Due, body: Body, version: str | None) -> dict[str, Any]:
    sealed = None if version is None else row.key.seal("outbox", "body_enc", row.id, body.dump())
    return {"body": sealed, "version": version}


_VERSION: Final = bindparam("version", type_=outbox.c.text_version.type)
_TAKE: Final = Bulk(
    update(outbox)
    .where(outbox.c.id == bindparam("row"))
    .values(
        state="sending",
        attempt=outbox.c.attempt + 1,
        risked=outbox.c.risked + 1,
        lease_token=outbox.c.lease_token + 1,
        lease_until=bindparam("until", type_=UtcDateTime),
        tried_at=case((outbox.c.risked == 0, bindparam("at", type_=UtcDateTime)), else_=outbox.c.tried_at),
        put_off=False,
        body_enc=func.coalesce(bindparam("body", type_=outbox.c.body_enc.type), outbox.c.body_enc),
        facts_enc=case((_VERSION.is_(None), outbox.c.facts_enc)),
        text_version=func.coalesce(_VERSION, outbox.c.text_version),
    )
)


def hold(tx: Tx, row_id: int, until: datetime, why: str) -> None:
    """Keep a queued row back until then, saying why. The contact's later ones may pass it."""
    held = update(outbox).where(outbox.c.id == row_id)
    tx.conn.execute(held.values(not_before=until, outcome=why, put_off=False))


def drop(tx: Tx, row_id: int, now: datetime, state: str, why: str) -> None:
    """End a row that may not go, or cannot: `cancelled`, `expired` or `failed`."""
    tx.conn.execute(update(outbox).where(outbox.c.id == row_id).values(state=state, settled_at=now, outcome=why))


def expire(tx: Tx, now: datetime) -> list[tuple[int, int | None, str]]:
    """Expire what is still queued past its moment; return (id, participant, kind) of each, for staff to see."""
    passed = update(outbox).where(text("outbox.state = 'queued'"), outbox.c.not_after < now)
    passed = passed.values(state="expired", settled_at=now, outcome="Tiden för meddelandet har gått ut.")
    gone = tx.conn.execute(passed.returning(outbox.c.id, outbox.c.participant_id, outbox.c.kind))
    return [(row.id, row.participant_id, row.kind) for row in gone]


def fail_unknown(tx: Tx, now: datetime, known: Sequence[str]) -> list[tuple[int, int | None, str]]:
    """End what is due on a channel that is not among `known`; return what `expire` does."""
    off = update(outbox).where(text("outbox.state = 'queued'"), outbox.c.not_before <= now)
    off = off.where(outbox.c.channel.not_in(known) if known else true())
    off = off.values(state="failed", settled_at=now, outcome="Kanalen är inte på.")
    gone = tx.conn.execute(off.returning(outbox.c.id, outbox.c.participant_id, outbox.c.kind))
    return [(row.id, row.participant_id, row.kind) for row in gone]


# --- the last look ----------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Now:
    """How things stand with the contact of a claimed row, a moment before the request."""

    opted_out: bool
    blocked: bool
    resting: bool
    protected: bool
    called_back: str | None


def look(tx: Tx, rows: Sequence[Due]) -> dict[int, Now | None]:
    """The last look at claimed rows, in a write transaction that is kept open until their requests have begun.

    None: the row is no longer ours (erased, or another has it). A row that is not in the answer has a contact who is
    being written down at this moment: look again. As long as the transaction lasts, no STOPP of theirs is committed.
    """
    tokens = {row.id: row.token for row in rows}
    asked = {"ids": ids_for(tx, tokens)}
    if tx.dialect == "sqlite":
        seen = _LOOK.all(tx, asked)
        busy = set[int]()
    else:
        seen = _LOOK_LOCKED.all(tx, asked)
        missing = tokens.keys() - {row.id for row in seen}
        rest = _STILL_OURS.all(tx, {"ids": list(missing)}) if missing else ()
        busy = {row.id for row in rest if row.lease_token == tokens[row.id]}
    found: dict[int, Now | None] = {row_id: None for row_id in tokens if row_id not in busy}
    for row in seen:
        if row.lease_token == tokens[row.id]:
            found[row.id] = Now(
                row.opted_out_at is not None,
                row.blocked_at is not None,
                row.resting_since is not None,
                bool(row.protected),
                row.called_back,
            )
    return found


def _looked_at(dialect: str) -> Select[Any]:
    joined = outbox.join(contacts, contacts.c.id == outbox.c.contact_id)
    joined = joined.outerjoin(participants, participants.c.id == contacts.c.participant_id)
    joined = joined.outerjoin(recalls, recalls.c.outbox_id == outbox.c.id)
    wanted = select(
        outbox.c.id, outbox.c.lease_token, contacts.c.opted_out_at, contacts.c.blocked_at,
        participants.c.resting_since, participants.c.protected, _RECALLED,
    )  # fmt: skip
    return wanted.select_from(joined).where(among(outbox.c.id, dialect), outbox.c.state == "sending")


_LOOK: Final = Bulk(_looked_at("sqlite"))
_LOOK_LOCKED: Final = Hot(_looked_at("postgresql").with_for_update(of=contacts, read=True, skip_locked=True))
_STILL_OURS: Final = Hot(
    select(outbox.c.id, outbox.c.lease_token).where(among(outbox.c.id, "postgresql"), outbox.c.state == "sending")
)
