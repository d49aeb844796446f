"""One release of messages to many: a wave of invitations, or a broadcast. Who it goes to, and how far it has come.

Its messages are rows of the outbox, queued with the moment of release as their earliest, so that until then it can be
taken back whole: they are cancelled where they are still queued, and only there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Select, String, cast, func, insert, select, update

from storage.bulk import Bulk
from storage.db import Tx
from storage.ids import new_id
from storage.tables import outbox
from storage.tables_activities import sending_people, sendings

UNDER_WAY: Final = ("waiting_second", "queued", "going")

_HERE: Final = sendings.c
_ADD_PEOPLE: Final = Bulk(insert(sending_people), ("sending_id", "participant_id", "contact_id"))


@dataclass(frozen=True, slots=True)
class Sending:
    """A release. `text` is a broadcast's words; `made_by` None: the next wave, by itself."""

    id: int
    unit_id: int
    kind: str  # invitation | broadcast
    activity_id: int | None
    wave: int
    text: str | None
    state: str  # waiting_second | queued | going | stopped | taken_back | done
    count: int
    made_by: int | None
    approved_by: int | None
    made_at: datetime
    release_at: datetime | None
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class NewSending:
    """A release to be. `release_at` None: it waits for a second pair of eyes."""

    unit_id: int
    kind: str
    count: int
    made_by: int | None
    release_at: datetime | None
    activity_id: int | None = None
    wave: int = 1
    text: str | None = None


def add(tx: Tx, now: datetime, new: NewSending, people: Mapping[int, int]) -> int:
    """Keep a release to `people` (contacts by person); give its id. Nothing is queued by this."""
    row_id = new_id(now)
    sealed = None if new.text is None else tx.vault.own(tx).seal("sendings", "text_enc", row_id, new.text)
    row = {
        "id": row_id, "unit_id": new.unit_id, "kind": new.kind, "activity_id": new.activity_id, "wave": new.wave,
        "text_enc": sealed, "state": "waiting_second" if new.release_at is None else "queued", "count": new.count,
        "made_by": new.made_by, "made_at": now, "release_at": new.release_at,
    }  # fmt: skip
    tx.execute(insert(sendings), row)
    _ADD_PEOPLE.many(
        tx, [{"sending_id": row_id, "participant_id": who, "contact_id": way} for who, way in people.items()]
    )
    return row_id


def set_state(tx: Tx, sending_id: int, state: str, was: Iterable[str], **values: Any) -> bool:
    """Let a release go from one of the states `was` to another; False when it stood in none of them."""
    still = update(sendings).where(_HERE.id == sending_id, _HERE.state.in_(list(was)))
    return tx.execute(still.values({"state": state, **values})).rowcount == 1


def key_of(sending_id: int, participant_id: int) -> str:
    """Why a message of a release exists: the key that keeps it from being queued twice."""
    return f"sending:{sending_id}:{participant_id}"


def _keys(sending_id: int) -> Select[str]:
    """The keys of a release's messages: by its people, for an order of keys differs with a database's language."""
    here = sending_people.c
    return select(f"sending:{sending_id}:" + cast(here.participant_id, String)).where(here.sending_id == sending_id)


def cancel_queued(tx: Tx, now: datetime, sending_id: int, why: str) -> int:
    """Cancel what of a release is still queued; give how many. What has left, or is on its way, stays."""
    mine = (outbox.c.dedupe_key.in_(_keys(sending_id)), outbox.c.state == "queued")
    values = {"state": "cancelled", "settled_at": now, "outcome": why}
    return tx.execute(update(outbox).where(*mine).values(values)).rowcount


def states(tx: Tx, sending_id: int) -> dict[str, int]:
    """Count a release's messages by their states."""
    mine = outbox.c.dedupe_key.in_(_keys(sending_id))
    rows = tx.execute(select(outbox.c.state, func.count()).where(mine).group_by(outbox.c.state))
    return {row[0]: row[1] for row in rows}


def find(tx: Tx, sending_id: int, *, to_change: bool = False) -> Sending | None:
    """Give a release, kept from other writers `to_change`; None when there is none."""
    wanted = select(sendings).where(_HERE.id == sending_id)
    row = tx.execute(wanted.with_for_update() if to_change else wanted).first()
    return None if row is None else _sending(tx, row)


def list_of_activity(tx: Tx, activity_id: int) -> list[Sending]:
    """Give the releases of an activity, the oldest first."""
    rows = tx.execute(select(sendings).where(_HERE.activity_id == activity_id).order_by(_HERE.id)).all()
    return [_sending(tx, row) for row in rows]


def list_latest(tx: Tx, unit_ids: Iterable[int] | None, limit: int = 50) -> list[Sending]:
    """Give the latest releases of some units (None: of all), the newest first."""
    wanted = select(sendings).order_by(_HERE.id.desc()).limit(limit)
    if unit_ids is not None:
        wanted = wanted.where(_HERE.unit_id.in_(sorted(unit_ids)))
    return [_sending(tx, row) for row in tx.execute(wanted).all()]


def people_of(tx: Tx, sending_id: int) -> dict[int, int]:
    """Give whom a release goes to: contacts by person."""
    here = sending_people.c
    rows = tx.execute(select(here.participant_id, here.contact_id).where(here.sending_id == sending_id))
    return {row[0]: row[1] for row in rows}


def _sending(tx: Tx, row: Any) -> Sending:
    text = None if row.text_enc is None else tx.vault.own(tx).open("sendings", "text_enc", row.id, row.text_enc)
    return Sending(
        row.id, row.unit_id, row.kind, row.activity_id, row.wave, text, row.state, row.count, row.made_by,
        row.approved_by, row.made_at, row.release_at, row.ended_at,
    )  # fmt: skip
