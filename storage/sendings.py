"""One release of messages to many: a wave of invitations, or a broadcast. Who it goes to, and how far it has come.

Its messages are rows of the outbox, queued with the moment of release as their earliest, so that until then it can be
taken back whole: they are cancelled where they are still queued, and only there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Select, String, cast, delete, exists, func, insert, null, select, text, update

from storage import outbox as outbox_rows
from storage import recalls
from storage.bulk import Bulk
from storage.db import Tx
from storage.errors import NotFound
from storage.ids import new_id
from storage.mass import Mass
from storage.outbox import RELEASE, ToMany
from storage.sql import among, ids_for
from storage.tables import contacts, outbox
from storage.tables_activities import invitations, sending_people, sendings

UNDER_WAY: Final = ("waiting_second", "queued", "going")
NEVER_SENT: Final = ("cancelled", "expired", "failed")

_HERE: Final = sendings.c
_ADD_PEOPLE: Final = Mass(sending_people, ("participant_id", "contact_id"), ("sending_id",))


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
    once: str | None = None
    choice: str | None = None  # whom it was meant for, as JSON
    queued_to: int = 0


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
    once: str | None = None
    choice: str | None = None


def add(tx: Tx, now: datetime, new: NewSending, people: Mapping[int, int]) -> int:
    """Keep a release to `people` (contacts by person); give its id. Nothing is queued by this."""
    row_id = new_id(now)
    state = "waiting_second" if new.release_at is None else "queued"
    row = {
        "id": row_id, "unit_id": new.unit_id, "kind": new.kind, "activity_id": new.activity_id, "wave": new.wave,
        "text_enc": _sealed(tx, "text_enc", row_id, new.text), "state": state,
        "count": new.count, "made_by": new.made_by, "made_at": now, "release_at": new.release_at, "once": new.once,
        "choice_enc": _sealed(tx, "choice_enc", row_id, new.choice),
    }  # fmt: skip
    tx.execute(insert(sendings), row)
    _ADD_PEOPLE.add(tx, list(people.items()), {"sending_id": row_id})
    return row_id


def _sealed(tx: Tx, column: str, row_id: int, value: str | None) -> bytes | None:
    return None if value is None else tx.vault.own(tx).seal("sendings", column, row_id, value)


def queue_some(tx: Tx, now: datetime, each: Sending, alike: ToMany, limit: int) -> int:
    """Queue the messages of a release's next people; give how many people that was, 0 when all have theirs.

    Call it with the release kept from other writers. In parts, for nobody else writes to SQLite meanwhile.
    """
    here = sending_people.c
    wanted = select(here.id, here.participant_id, here.contact_id, contacts.c.channel)
    wanted = wanted.join(contacts, contacts.c.id == here.contact_id)
    rows = tx.execute(
        wanted.where(here.sending_id == each.id, here.id > each.queued_to).order_by(here.id).limit(limit)
    ).all()
    if not rows:
        return 0
    outbox_rows.queue_many(tx, now, alike, [(way, who, channel, key_of(each.id, who)) for _, who, way, channel in rows])
    tx.execute(update(sendings).where(_HERE.id == each.id).values(queued_to=rows[-1].id))
    return len(rows)


def key_of(sending_id: int, participant_id: int) -> str:
    """Why a message of a release exists: the key that keeps it from being queued twice. See outbox.release_of."""
    return f"{RELEASE}{sending_id}:{participant_id}"


def set_state(tx: Tx, sending_id: int, state: str, was: Iterable[str], **values: Any) -> bool:
    """Let a release go from one of the states `was` to another; False when it stood in none of them."""
    still = update(sendings).where(_HERE.id == sending_id, _HERE.state.in_(list(was)))
    return tx.execute(still.values({"state": state, **values})).rowcount == 1


def _keys(sending_id: int) -> Select[str]:
    """The keys of a release's messages: by its people, for an order of keys differs with a database's language."""
    here = sending_people.c
    return select(f"{RELEASE}{sending_id}:" + cast(here.participant_id, String)).where(here.sending_id == sending_id)


def cancel_queued(tx: Tx, now: datetime, sending_id: int, why: str) -> int:
    """Cancel what of a release is still queued; give how many. What has left stays; the rest is called back."""
    return recalls.call_back(tx, now, why, outbox.c.dedupe_key.in_(_keys(sending_id)))


def list_half_forgotten(tx: Tx, since: datetime) -> list[int]:
    """Give releases stopped since then with invitations whose message was on its way, and then did not go after all."""
    key = RELEASE + cast(_HERE.id, String) + ":" + cast(invitations.c.participant_id, String)
    asked = (invitations.c.sending_id == _HERE.id, invitations.c.state == "asked")
    unsent = exists().where(*asked, outbox.c.dedupe_key == key, outbox.c.state.in_(NEVER_SENT))
    stopped = select(_HERE.id).where(_HERE.state == "stopped", _HERE.ended_at >= since, unsent)
    return list(tx.execute(stopped.order_by(_HERE.id)).scalars())


def forget_unsent(tx: Tx, sending_id: int) -> int:
    """Take away the invitations of a release whose message was never sent, so that they may be asked again."""
    sent = exists().where(
        outbox.c.dedupe_key == f"{RELEASE}{sending_id}:" + cast(invitations.c.participant_id, String),
        outbox.c.state.not_in(NEVER_SENT),
    )
    unsent = delete(invitations).where(invitations.c.sending_id == sending_id, invitations.c.state == "asked", ~sent)
    return tx.execute(unsent).rowcount


def has_live(tx: Tx, sending_id: int) -> bool:
    """Whether any message of a release is queued or on its way."""
    mine = outbox.c.dedupe_key.startswith(f"{RELEASE}{sending_id}:")
    live = text("outbox.state in ('queued','sending','uncertain')")
    return tx.execute(select(outbox.c.id).where(live, mine).limit(1)).first() is not None


def list_under_way(tx: Tx) -> list[int]:
    """Give the releases that are queued or going, the oldest first."""
    wanted = select(_HERE.id).where(_HERE.state.in_(("queued", "going"))).order_by(_HERE.id)
    return list(tx.execute(wanted).scalars())


def find_once(tx: Tx, once: str) -> Sending | None:
    """Give the release that was made by pressing that form, or None."""
    row = tx.execute(select(sendings).where(_HERE.once == once)).first()
    return None if row is None else _sending(tx, row)


def of_many(tx: Tx, sending_ids: Iterable[int]) -> dict[int, Sending]:
    """Give some releases by their ids, without their `choice`, which may name everybody. On the dispatcher's road."""
    rows = _MANY[tx.dialect].all(tx, {"ids": ids_for(tx, set(sending_ids))})
    return {row.id: _sending(tx, row) for row in rows}


_WITHOUT_CHOICE: Final = [each if each.key != "choice_enc" else null().label(each.key) for each in _HERE]
_MANY: Final = {
    dialect: Bulk(select(*_WITHOUT_CHOICE).where(among(_HERE.id, dialect))) for dialect in ("sqlite", "postgresql")
}


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


def get(tx: Tx, sending_id: int, *, to_change: bool = False) -> Sending:
    """Give a release; NotFound when there is none."""
    found = find(tx, sending_id, to_change=to_change)
    if found is None:
        raise NotFound("sending", sending_id)
    return found


def list_waiting(tx: Tx, unit_id: int) -> list[Sending]:
    """Give a unit's releases that have not begun to go, the oldest first."""
    mine = select(sendings).where(_HERE.unit_id == unit_id, _HERE.state.in_(("waiting_second", "queued")))
    return [_sending(tx, row) for row in tx.execute(mine.order_by(_HERE.id)).all()]


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
    def opened(column: str, blob: bytes | None) -> str | None:
        return None if blob is None else tx.vault.own(tx).open("sendings", column, row.id, blob)

    return Sending(
        row.id, row.unit_id, row.kind, row.activity_id, row.wave, opened("text_enc", row.text_enc), row.state,
        row.count, row.made_by, row.approved_by, row.made_at, row.release_at, row.ended_at, row.once,
        opened("choice_enc", row.choice_enc), row.queued_to,
    )  # fmt: skip
