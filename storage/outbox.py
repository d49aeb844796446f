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
  wrong order. Priority 0 (distress and staff alarms) waits for nothing but another of its kind.

This file queues and cancels; storage/recalls.py cancels what is on its way too, storage/claims.py takes rows out to be
sent, storage/outcomes.py settles what came of it, storage/receipts.py keeps what a provider says afterwards. None of
their functions commits, sends, or reads a clock: `now` is business time, `lease_now` is real time.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select, update

from rules.kinds import KINDS
from rules.kinds import kind as kind_named
from storage import recalls
from storage.crypto import PersonKey
from storage.db import Tx
from storage.hot import Hot
from storage.ids import new_id
from storage.mass import Mass
from storage.sql import per_dialect
from storage.tables import outbox


@dataclass(frozen=True, slots=True)
class Body:
    """What every try sends, byte for byte: the text, its buttons as (label, value), and a file as (name, its text)."""

    text: str
    buttons: tuple[tuple[str, str], ...] = ()
    file: tuple[str, str] | None = None

    def dump(self) -> str:
        """As JSON, to be sealed."""
        kept: dict[str, Any] = {"text": self.text, "buttons": self.buttons}
        if self.file is not None:
            kept["file"] = self.file
        return json.dumps(kept, ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def load(cls, data: str) -> Body:
        """From `dump`."""
        kept = json.loads(data)
        file = kept.get("file")
        buttons = tuple((label, value) for label, value in kept["buttons"])
        return cls(kept["text"], buttons, None if file is None else (file[0], file[1]))


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
    written_by: int | None = None  # the staff member whose own words they are
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


RELEASE: Final = "sending:"
"""How the dedupe keys of what goes to many begin; the release's id comes next."""


def release_of(dedupe_key: str) -> int | None:
    """Give the release that a message of that key belongs to, None for every other message."""
    return int(dedupe_key.split(":")[1]) if dedupe_key.startswith(RELEASE) else None


_TO_MANY: Final = Mass(
    outbox,
    ("id", "contact_id", "participant_id", "dedupe_key", "channel", "ref"),
    ("kind", "priority", "author", "message", "why", "created_at", "not_before", "not_after", "state"),
    unless="dedupe_key",
)


@dataclass(frozen=True, slots=True)
class ToMany:
    """What the messages of one release have alike. Their words are found from the release when they are claimed."""

    message: str | None
    why: str
    author: str
    not_before: datetime
    not_after: datetime | None
    kind: str = "invitation"


def queue_many(tx: Tx, now: datetime, alike: ToMany, people: Iterable[tuple[int, int, str, str]]) -> int:
    """Queue a message each to (contact, person, channel, dedupe key); give how many are new.

    Nothing of it is sealed, for there is nothing personal in it: so nobody's key is asked for, and a hundred thousand
    are one statement.
    """
    rows = [
        (row_id := new_id(now), contact, person, key, channel, new_ref(row_id))
        for contact, person, channel, key in people
    ]
    shared = {
        "kind": alike.kind, "priority": kind_named(alike.kind).priority, "author": alike.author,
        "message": alike.message, "why": alike.why, "created_at": now, "not_before": alike.not_before,
        "not_after": alike.not_after, "state": "queued",
    }  # fmt: skip
    return _TO_MANY.add(tx, rows, shared)


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
        "written_by": each.written_by,
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
    "written_by", "message", "facts_enc", "body_enc", "text_version", "why", "created_at", "not_before", "not_after",
    "state", "ref",
)  # fmt: skip
_ONCE = per_dialect(outbox, lambda made: made.on_conflict_do_nothing(index_elements=["dedupe_key"]))
_INSERT = {dialect: Hot(statement, _COLUMNS) for dialect, statement in _ONCE.items()}


def is_known(tx: Tx, dedupe_key: str) -> bool:
    """Whether a message has that key, whatever became of it."""
    return find_id(tx, dedupe_key) is not None


def find_id(tx: Tx, dedupe_key: str) -> int | None:
    """Give the id of the message of that key, whatever became of it, or None."""
    return tx.execute(select(outbox.c.id).where(outbox.c.dedupe_key == dedupe_key)).scalar()


def cancel(tx: Tx, now: datetime, why: str, *, contact_id: int, care_too: bool = False) -> int:
    """Cancel what is queued for a contact; return how many rows. What is on its way stays.

    So do the kinds that go out after STOPP as well (the answer to distress), unless nothing at all can reach them.
    """
    done = update(outbox).where(outbox.c.contact_id == contact_id, outbox.c.state == "queued")
    if not care_too:
        done = done.where(outbox.c.kind.not_in([name for name, each in KINDS.items() if each.after_stop == "once"]))
    return tx.conn.execute(done.values(state="cancelled", settled_at=now, outcome=why)).rowcount


def cancel_bots_own(tx: Tx, now: datetime, why: str, *, participant_id: int) -> int:
    """Cancel what is queued for a person that the bot began by itself or sends to many; return how many rows.

    What is on its way is called back.
    """
    own = [name for name, each in KINDS.items() if each.starts == "bot" or each.budget]
    return recalls.call_back(tx, now, why, outbox.c.participant_id == participant_id, outbox.c.kind.in_(own))
