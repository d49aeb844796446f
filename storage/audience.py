"""Whom a message to many could go to: people with their contacts, and nothing that is sealed.

Read without anybody's key, for a unit may have thousands and a page asks for all of them.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Final, NamedTuple

from sqlalchemy import select

from storage.db import Tx
from storage.sql import among, ids_for
from storage.tables import contacts, conversations, participants

_WHO: Final = participants.c
_WAY: Final = contacts.c
_TALK: Final = conversations.c


class Way(NamedTuple):
    """A person with one of their contacts, or with none (`contact_id` None), and the talk that goes on there."""

    participant_id: int
    unit_id: int | None
    status: str
    language: str
    protected: bool
    read_by_others: bool
    resting_since: datetime | None
    made_up: bool
    contact_id: int | None
    channel: str | None
    opted_out_at: datetime | None
    blocked_at: datetime | None
    last_in_at: datetime | None
    verified_at: datetime | None
    talk_state: str | None
    talk_touched_at: datetime | None


_ALL: Final = select(
    _WHO.id, _WHO.unit_id, _WHO.status, _WHO.language, _WHO.protected, _WHO.read_by_others, _WHO.resting_since,
    _WHO.made_up, _WAY.id, _WAY.channel, _WAY.opted_out_at, _WAY.blocked_at, _WAY.last_in_at, _WAY.verified_at,
    _TALK.state, _TALK.touched_at,
).select_from(
    participants.outerjoin(contacts, _WAY.participant_id == _WHO.id).outerjoin(
        conversations, _TALK.id == _WAY.conversation_id
    )
).order_by(_WHO.id, _WAY.id)  # fmt: skip


def of_unit(tx: Tx, unit_id: int) -> list[Way]:
    """Give a unit's people, a row for each of their contacts, the one in touch longest first."""
    return [Way(*row) for row in tx.execute(_ALL.where(_WHO.unit_id == unit_id))]


def of_people(tx: Tx, participant_ids: Collection[int]) -> list[Way]:
    """Give certain people, whatever their unit is; those who are not there are left out."""
    wanted = _ALL.where(among(_WHO.id, tx.dialect))
    return [Way(*row) for row in tx.execute(wanted, {"ids": ids_for(tx, participant_ids)})]
