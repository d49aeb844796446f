"""Referrals (anmälningar): what a sign-up ends in, and by when a person has promised to answer it."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import bindparam, func, insert, select, update

from storage.crypto import PersonKey, key_id_of
from storage.db import Tx
from storage.errors import NotFound
from storage.hot import Hot
from storage.ids import new_id
from storage.sql import among, ids_for
from storage.tables import participants, referrals

_ADD: Final = Hot(
    insert(referrals),
    (
        "id", "participant_id", "unit_id", "source", "poster", "channel", "created_at", "details_enc", "complete",
        "promise_by",
    ),
)  # fmt: skip
_REFERRED: Final = Hot(
    update(participants)
    .where(
        participants.c.id == bindparam("participant"),
        (participants.c.status == "new") | (participants.c.status == "exited"),  # who left may come again
    )
    .values(status="referred")
)
_NOT_CLOSED: Final = referrals.c.state != "closed"
_OPEN_FOR: Final = Hot(
    select(referrals)
    .where(referrals.c.participant_id == bindparam("participant"), _NOT_CLOSED)
    .order_by(referrals.c.id.desc())
    .limit(1)
)


@dataclass(frozen=True, slots=True)
class Referral:
    """A referral. `details` is None when it cannot be read; `state` is new, answered or closed."""

    id: int
    participant_id: int
    unit_id: int | None
    source: str
    poster: str | None
    channel: str
    created_at: datetime
    details: dict[str, Any] | None
    complete: bool
    promise_by: datetime | None
    answered_at: datetime | None
    state: str


def register(  # noqa: PLR0917 - the columns, in their order
    tx: Tx,
    now: datetime,
    participant_id: int,
    unit_id: int | None,
    source: str,
    poster: str | None,
    channel: str,
    details: Mapping[str, Any],
    complete: bool,
    promise_by: datetime | None,
    key: PersonKey | None = None,
) -> int:
    """Register a referral and give its id; a person who was new, or had left, is then `referred`.

    `source` is self, relative, partner or staff; `details` is anything JSON can hold; `complete` False: it was sent
    before the last question. `key` is the person's, looked up when it is not at hand.
    """
    row_id, key = new_id(now), key or tx.vault.key_for(tx, participant_id)
    row = {
        "id": row_id,
        "participant_id": participant_id,
        "unit_id": unit_id,
        "source": source,
        "poster": poster,
        "channel": channel,
        "created_at": now,
        "details_enc": _sealed(key, row_id, details),
        "complete": complete,
        "promise_by": promise_by,
    }
    _ADD.run(tx, row)
    _REFERRED.run(tx, {"participant": participant_id})
    return row_id


def open_for(tx: Tx, participant_id: int) -> Referral | None:
    """Give the person's newest referral that is not closed, answered or not; None when there is none."""
    row = _OPEN_FOR.first(tx, {"participant": participant_id})
    return None if row is None else _read(tx, [row])[0]


def first_at(tx: Tx, participant_id: int, since: datetime | None = None) -> datetime | None:
    """When a person was first referred (UTC), after `since` when given; None when they were not."""
    wanted = select(func.min(referrals.c.created_at)).where(referrals.c.participant_id == participant_id)
    if since is not None:
        wanted = wanted.where(referrals.c.created_at > since)
    found: datetime | None = tx.execute(wanted).scalar_one()
    return found


def list_open(tx: Tx, unit_id: int | None = None) -> list[Referral]:
    """Give the unanswered referrals of a unit (None: of all), the promise that falls due first on top."""
    wanted = select(referrals).where(_NOT_CLOSED, referrals.c.answered_at.is_(None))
    if unit_id is not None:
        wanted = wanted.where(referrals.c.unit_id == unit_id)
    order = (referrals.c.promise_by.is_(None), referrals.c.promise_by, referrals.c.id)
    return _read(tx, tx.execute(wanted.order_by(*order)).all())


@dataclass(frozen=True, slots=True)
class Promised:
    """A sign-up that waits for the answer that was promised; nothing that is sealed."""

    id: int
    participant_id: int
    unit_id: int | None
    created_at: datetime
    promise_by: datetime


def list_promised(tx: Tx) -> list[Promised]:
    """Give the sign-ups with a promise that nobody has answered, the one that falls due first on top."""
    here = referrals.c
    wanted = select(here.id, here.participant_id, here.unit_id, here.created_at, here.promise_by).where(
        here.state == "new", here.answered_at.is_(None), here.promise_by.is_not(None)
    )
    return [Promised(*row) for row in tx.execute(wanted.order_by(here.promise_by, here.id))]


def list_all(tx: Tx, unit_id: int | None = None, *, since: datetime | None = None) -> list[Referral]:
    """Give a unit's referrals (None: every unit's), answered and closed ones too, newest first."""
    wanted = select(referrals).order_by(referrals.c.id.desc())
    if unit_id is not None:
        wanted = wanted.where(referrals.c.unit_id == unit_id)
    if since is not None:
        wanted = wanted.where(referrals.c.created_at >= since)
    return _read(tx, tx.execute(wanted).all())


def wishes_of(tx: Tx, participant_ids: Collection[int]) -> dict[int, dict[str, set[str]]]:
    """Give what people ticked in their newest referral: {"help": ..., "meet": ...}, the keys of messages' options.

    Those without a referral, or with one that cannot be read, are left out. Words of their own are not among it.
    """
    newest = select(func.max(referrals.c.id).label("id")).where(among(referrals.c.participant_id, tx.dialect))
    ids = newest.group_by(referrals.c.participant_id).subquery()
    wanted = select(referrals).join(ids, ids.c.id == referrals.c.id)
    found = {}
    for each in _read(tx, tx.execute(wanted, {"ids": ids_for(tx, participant_ids)}).all()):
        if each.details is not None:
            told = {name: each.details.get(name) for name in ("help", "meet")}
            found[each.participant_id] = {
                name: set(value.get("chosen", ())) for name, value in told.items() if isinstance(value, dict)
            }
    return found


def add_details(tx: Tx, referral_id: int, **details: Any) -> None:
    """Add to what a referral says; words under a name that holds words already come on a line after them.

    Raises NotFound when there is no such referral, Unreadable when it cannot be opened.
    """
    row = tx.execute(select(referrals).where(referrals.c.id == referral_id).with_for_update()).one_or_none()
    if row is None:
        raise NotFound("referral", referral_id)
    known = json.loads(
        tx.vault.open_any(tx, row.participant_id, "referrals", "details_enc", referral_id, row.details_enc)
    )
    for name, value in details.items():
        before = known.get(name)
        known[name] = f"{before}\n{value}" if isinstance(before, str) and isinstance(value, str) else value
    sealed = _sealed(tx.vault.key_for(tx, row.participant_id), referral_id, known)
    tx.execute(update(referrals).where(referrals.c.id == referral_id).values(details_enc=sealed))


def mark_answered(tx: Tx, participant_id: int, now: datetime) -> int:
    """A person of ours wrote or called: note it on what was unanswered, and give how many referrals that was."""
    unanswered = update(referrals).where(referrals.c.participant_id == participant_id, _NOT_CLOSED)
    unanswered = unanswered.where(referrals.c.answered_at.is_(None))
    return tx.execute(unanswered.values(answered_at=now, state="answered")).rowcount


def is_promised(tx: Tx, referral_id: int, by: datetime) -> bool:
    """Whether that answer is still owed by then; the row is kept from others until the transaction ends."""
    here = referrals.c
    mine = (here.id == referral_id, here.promise_by == by, here.answered_at.is_(None), _NOT_CLOSED)
    return tx.execute(select(here.id).where(*mine).with_for_update()).first() is not None


def set_promise(tx: Tx, referral_id: int, promise_by: datetime | None) -> None:
    """Say by when an answer is promised now: the earlier promise was not kept."""
    tx.execute(update(referrals).where(referrals.c.id == referral_id).values(promise_by=promise_by))


def change_unit(tx: Tx, participant_id: int, unit_id: int) -> None:
    """The person moves to another unit: what is open goes there."""
    mine = (referrals.c.participant_id == participant_id, _NOT_CLOSED)
    tx.execute(update(referrals).where(*mine).values(unit_id=unit_id))


def close(tx: Tx, referral_id: int) -> None:
    """The referral has led to what it should, or to nothing: it is no longer open."""
    tx.execute(update(referrals).where(referrals.c.id == referral_id).values(state="closed"))


def _sealed(key: PersonKey, row_id: int, details: Mapping[str, Any]) -> bytes:
    return key.seal("referrals", "details_enc", row_id, json.dumps(dict(details), ensure_ascii=False))


def _read(tx: Tx, rows: Any) -> list[Referral]:
    keys = tx.vault.keys_by_id(tx, (key_id_of(row.details_enc) or 0 for row in rows))
    return [_referral(row, keys.get(key_id_of(row.details_enc) or 0)) for row in rows]


def _referral(row: Any, key: PersonKey | None) -> Referral:
    details = None if key is None else json.loads(key.open("referrals", "details_enc", row.id, row.details_enc))
    return Referral(
        row.id,
        row.participant_id,
        row.unit_id,
        row.source,
        row.poster,
        row.channel,
        row.created_at,
        details,
        row.complete,
        row.promise_by,
        row.answered_at,
        row.state,
    )
