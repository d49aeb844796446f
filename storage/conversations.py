"""Conversations: the journal of each talk, sealed, and when it is to be woken."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Integer, bindparam, insert, select, update

from storage.crypto import PersonKey
from storage.db import Tx
from storage.hot import Hot
from storage.ids import new_id
from storage.tables import conversations


@dataclass(slots=True)
class State:
    """What a turn leaves of a talk."""

    state: str  # open | resting | finished | cancelled | parked
    question: str | None
    asks: str | None
    question_outbox_id: int | None
    outcome: str | None
    answered_at: datetime | None
    touched_at: datetime
    wake_at: datetime | None
    wake_why: str | None


def new_talk_id(now: datetime) -> int:
    """An id for a talk that begins now; `save_new` writes it."""
    return new_id(now)


def save_new(  # noqa: PLR0917 - the columns, in their order
    tx: Tx,
    key: PersonKey,
    talk_id: int,
    contact_id: int,
    participant_id: int,
    flow: str,
    facts: Mapping[str, Any],
    journal: Iterable[Mapping[str, Any]],
    state: State,
) -> None:
    """Write a talk for the first time."""
    row = _values(state) | {
        "id": talk_id,
        "contact_id": contact_id,
        "participant_id": participant_id,
        "flow": flow,
        "facts_enc": key.seal("conversations", "facts_enc", talk_id, _json(facts)),
        "journal_enc": key.seal("conversations", "journal_enc", talk_id, _json(list(journal))),
        "started_at": state.touched_at,
    }
    _INSERT.run(tx, row)


def save(tx: Tx, key: PersonKey, talk_id: int, kept: str, new: Sequence[Mapping[str, Any]], state: State) -> None:
    """Write the state of a talk that goes on, and its journal: what was kept (JSON), and the new entries after it."""
    journal = f"{kept[:-1]}{',' if len(kept) > 2 else ''}{_json(new)[1:]}" if new else kept
    sealed = key.seal("conversations", "journal_enc", talk_id, journal)
    _UPDATE.run(tx, _values(state) | {"talk": talk_id, "journal_enc": sealed})


def set_state(tx: Tx, talk_id: int, state: str, now: datetime) -> None:
    """End or rest a talk from outside, without a turn of its flow; it is not woken."""
    ended = update(conversations).where(conversations.c.id == talk_id)
    tx.conn.execute(ended.values(state=state, touched_at=now, wake_at=None, wake_why=None))


@dataclass(frozen=True, slots=True)
class ToWake:
    """A talk whose time has come."""

    id: int
    contact_id: int
    why: str


def list_to_wake(tx: Tx, now: datetime, limit: int = 200) -> list[ToWake]:
    """The talks that are to be woken by now, the longest waiting first."""
    return [ToWake(*row) for row in _TO_WAKE.all(tx, {"now": now, "most": limit})]


_TO_WAKE: Final = Hot(
    select(conversations.c.id, conversations.c.contact_id, conversations.c.wake_why)
    .where(conversations.c.wake_at <= bindparam("now"))
    .order_by(conversations.c.wake_at)
    .limit(bindparam("most", type_=Integer))
)


def is_to_wake(tx: Tx, talk: ToWake, now: datetime) -> bool:
    """Is it still to be woken, and for that? The person may have written since it was listed."""
    still = select(conversations.c.id).where(conversations.c.id == talk.id, conversations.c.wake_why == talk.why)
    return tx.conn.execute(still.where(conversations.c.wake_at <= now)).first() is not None


def was_touched(tx: Tx, participant_id: int, flows: Collection[str], since: datetime) -> bool:
    """Whether a talk of one of these flows has gone on with a person since then (UTC)."""
    here = conversations.c
    mine = (here.participant_id == participant_id, here.flow.in_(flows), here.touched_at >= since)
    return tx.execute(select(here.id).where(*mine).limit(1)).first() is not None


def last_of(tx: Tx, participant_id: int) -> tuple[str, str | None] | None:
    """The flow and the outcome of the person's latest talk, or None."""
    latest = select(conversations.c.flow, conversations.c.outcome).where(
        conversations.c.participant_id == participant_id
    )
    row = tx.conn.execute(latest.order_by(conversations.c.id.desc()).limit(1)).first()
    return (row.flow, row.outcome) if row else None


def _values(state: State) -> dict[str, Any]:
    return {
        "state": state.state,
        "question": state.question,
        "asks": state.asks,
        "question_outbox_id": state.question_outbox_id,
        "outcome": state.outcome,
        "answered_at": state.answered_at,
        "touched_at": state.touched_at,
        "wake_at": state.wake_at,
        "wake_why": state.wake_why,
    }


_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


_CHANGING = (
    "state", "question", "asks", "question_outbox_id", "outcome", "answered_at", "touched_at", "wake_at", "wake_why",
    "journal_enc",
)  # fmt: skip
_NEW = ("id", "contact_id", "participant_id", "flow", "facts_enc", "started_at")
_INSERT = Hot(insert(conversations), (*_NEW, *_CHANGING))
_UPDATE = Hot(
    update(conversations)
    .where(conversations.c.id == bindparam("talk"))
    .values({column: bindparam(column, type_=conversations.c[column].type) for column in _CHANGING})
)
