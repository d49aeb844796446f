"""What came of a message: how tries are settled, many in one transaction, and how doubt ends.

A part of storage/outbox.py, which tells the whole road. A row is settled by its lease token, and what may have gone out
is looked for before anything is sent again. `lease_now` is real time: doubt is measured in it, for a provider's list
lags in real time whatever the demo's clock shows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Update, bindparam, func, insert, or_, select, update

from rules.delivery import RANK
from storage.bulk import Bulk
from storage.claims import OPEN, Due, readable, whole_row
from storage.columns import UtcDateTime
from storage.db import Tx
from storage.hot import Hot
from storage.sql import among, ids_for
from storage.tables import contacts, outbox, outbox_attempts

LOOKED_AT_BY_ANOTHER: Final = timedelta(seconds=60)
"""A row in doubt that one worker looks for is left to it for so long."""


@dataclass(slots=True)
class Outcome:
    """What one try came to: accepted, queued (again, after `retry_in` if given), failed, uncertain or cancelled.

    row_id, contact_id, token, attempt   of the row as it was claimed
    started_at   when it was claimed (business time)
    why, code    in words, and in the provider's
    mark         what a failure says of the contact: opted_out, blocked or nothing
    refused      the provider was asked and did not take it; such tries are counted by themselves
    look_at      when a row in doubt is first looked for (lease time)
    quiet_until  until when the channel's pace lets nothing more go to this address (lease time)
    """

    row_id: int
    contact_id: int
    token: int
    attempt: int
    started_at: datetime
    state: str
    provider_id: str | None = None
    retry_in: timedelta | None = None
    why: str | None = None
    code: str | None = None
    mark: str = ""
    refused: bool = False
    look_at: datetime | None = None
    quiet_until: datetime | None = None


def settle(tx: Tx, now: datetime, lease_now: datetime, outcomes: Sequence[Outcome]) -> set[int]:
    """Write down what several tries came to; return the ids of rows that were no longer ours.

    A row is ours while its token is the one it was claimed with. What a provider said is kept with the attempt either
    way: proof is never thrown away.
    """
    asked = {"ids": ids_for(tx, [each.row_id for each in outcomes])}
    known = {row.id: row for row in _KNOWN[tx.dialect].all(tx, asked)}
    there = [each for each in outcomes if each.row_id in known]  # the rest were erased meanwhile
    ours = [each for each in there if _is_ours(known[each.row_id], each)]
    _SETTLE.many(tx, [_settled(each, now, lease_now) for each in ours])
    _ATTEMPT.many(tx, [_attempt(each, now) for each in there])
    _reached(tx, now, [each.contact_id for each in ours if each.state == "accepted"])
    quiet = [each for each in there if each.quiet_until is not None]
    _QUIET.many(tx, [{"contact": each.contact_id, "until": each.quiet_until} for each in quiet])
    return {each.row_id for each in outcomes} - {each.row_id for each in ours}


def _is_ours(row: Any, each: Outcome) -> bool:
    return row.lease_token == each.token and row.state in OPEN


def _settled(each: Outcome, now: datetime, lease_now: datetime) -> dict[str, Any]:
    again = each.state == "queued"
    return {
        "row": each.row_id,
        "to_state": each.state,
        "to_rank": RANK.get(each.state, 0),
        "pid": _fits(each.provider_id, 120),
        "accepted": now if each.state == "accepted" else None,
        "settled": now if each.state in ("accepted", "failed", "cancelled") else None,
        "retry": None if each.retry_in is None else now + each.retry_in,
        "put_off": again and each.retry_in is not None,
        "not_risked": int(again),
        "was_refused": int(again and each.refused),
        "what": _fits(each.why, 200),
        "code": _fits(each.code or None, 20),
        "since": lease_now if each.state == "uncertain" else None,
        "look": each.look_at if each.state == "uncertain" else None,
    }


def _attempt(each: Outcome, now: datetime) -> dict[str, Any]:
    return {
        "outbox_id": each.row_id,
        "number": each.attempt,
        "started_at": each.started_at,
        "ended_at": now,
        "outcome": _fits(each.why or each.state, 200),
        "provider_id": _fits(each.provider_id, 120),
        "code": _fits(each.code or None, 20),
    }


def _reached(tx: Tx, now: datetime, contact_ids: Sequence[int]) -> None:
    if contact_ids:
        _REACHED[tx.dialect].run(tx, {"ids": ids_for(tx, contact_ids), "at": now})


def _fits(said: str | None, longest: int) -> str | None:
    """A provider's words as a column takes them: for a NUL or half a sign, PostgreSQL would refuse the lot."""
    if said is None or (said.isascii() and "\x00" not in said):
        return said and said[:longest]
    return said.replace("\x00", "").encode("utf-8", "replace").decode()[:longest]


_HERE: Final = outbox.c
_STANDS: Final = select(_HERE.id, _HERE.lease_token, _HERE.state)
_KNOWN: Final = {
    "sqlite": Bulk(_STANDS.where(among(_HERE.id, "sqlite"))),
    "postgresql": Hot(_STANDS.where(among(_HERE.id, "postgresql")).order_by(_HERE.id).with_for_update(key_share=True)),
}

_SETTLE: Final = Bulk(
    update(outbox)
    .where(_HERE.id == bindparam("row"))
    .values(
        state=bindparam("to_state"),
        rank=bindparam("to_rank"),
        provider_id=func.coalesce(bindparam("pid", type_=_HERE.provider_id.type), _HERE.provider_id),
        provider_code=func.coalesce(bindparam("code", type_=_HERE.provider_code.type), _HERE.provider_code),
        accepted_at=func.coalesce(_HERE.accepted_at, bindparam("accepted", type_=UtcDateTime)),
        settled_at=bindparam("settled", type_=UtcDateTime),
        not_before=func.coalesce(bindparam("retry", type_=UtcDateTime), _HERE.not_before),
        put_off=bindparam("put_off"),
        risked=_HERE.risked - bindparam("not_risked"),
        refused=_HERE.refused + bindparam("was_refused"),
        outcome=bindparam("what"),
        uncertain_since=bindparam("since", type_=UtcDateTime),
        look_at=bindparam("look", type_=UtcDateTime),
        lease_until=None,
    )
)
_ATTEMPT: Final = Bulk(
    insert(outbox_attempts),
    ("outbox_id", "number", "started_at", "ended_at", "outcome", "provider_id", "code"),
)
_LAST_OUT: Final = update(contacts).values(last_out_at=bindparam("at", type_=UtcDateTime))
_REACHED: Final = {dialect: Hot(_LAST_OUT.where(among(contacts.c.id, dialect))) for dialect in ("sqlite", "postgresql")}
_QUIET: Final = Bulk(
    update(contacts)
    .where(contacts.c.id == bindparam("contact"))
    .values(next_out_at=bindparam("until", type_=UtcDateTime))
)


# --- doubt ------------------------------------------------------------------------------------------------------------


def lose_leases(tx: Tx, now: datetime, lease_now: datetime) -> int:
    """Make rows uncertain whose worker let its lease run out; return how many. They may have gone out."""
    gone = (
        update(outbox)
        .where(_HERE.state == "sending", _HERE.lease_until < lease_now)
        .values(state="uncertain", outcome="lease ran out", uncertain_since=lease_now, look_at=lease_now)
        .returning(_HERE.id, _HERE.attempt, _HERE.tried_at)
    )
    lost = tx.conn.execute(gone).all()
    said = {"ended_at": now, "outcome": "lease ran out", "provider_id": None, "code": None}
    tries = [{"outbox_id": row.id, "number": row.attempt, "started_at": row.tried_at or now} for row in lost]
    _ATTEMPT.many(tx, [said | each for each in tries])
    return len(lost)


def take_doubtful(tx: Tx, now: datetime, lease_now: datetime, limit: int) -> list[Due]:
    """Rows in doubt whose time it is to be looked for, the longest waiting first; others leave them alone for now."""
    wanted = whole_row().where(_HERE.state == "uncertain", or_(_HERE.look_at.is_(None), _HERE.look_at <= lease_now))
    wanted = wanted.order_by(_HERE.look_at, _HERE.id).limit(limit)
    if tx.dialect == "postgresql":
        wanted = wanted.with_for_update(of=outbox, skip_locked=True)
    rows = readable(tx, now, tx.conn.execute(wanted).all())
    for row in rows:
        row.uncertain_since = row.uncertain_since or lease_now
    looking = [{"row": row.id, "since": row.uncertain_since, "look": lease_now + LOOKED_AT_BY_ANOTHER} for row in rows]
    _LOOKING.many(tx, looking)
    return rows


_LOOKING: Final = Bulk(
    update(outbox)
    .where(_HERE.id == bindparam("row"))
    .values(uncertain_since=bindparam("since", type_=UtcDateTime), look_at=bindparam("look", type_=UtcDateTime))
)


def others_of(tx: Tx, row: Due, limit: int = 200) -> frozenset[str]:
    """The provider's ids of the other messages to the same contact, the latest: none of these is the row in doubt."""
    wanted = select(_HERE.provider_id).where(_HERE.contact_id == row.contact_id, _HERE.id != row.id)
    wanted = wanted.where(_HERE.provider_id.is_not(None)).order_by(_HERE.id.desc()).limit(limit)
    return frozenset(tx.conn.execute(wanted).scalars())


def look_later(tx: Tx, row: Due, look_at: datetime) -> None:
    """The look told nothing: it stays in doubt, and is looked for again then (lease time)."""
    tx.conn.execute(_doubted(row).values(look_at=look_at))


def resolve(
    tx: Tx,
    now: datetime,
    row: Due,
    state: str,
    provider_id: str | None = None,
    *,
    flag: bool = False,
    unsent: bool = False,
) -> bool:
    """End an uncertain row's doubt: `accepted` (found), `queued` (to go once more) or `parked` (for staff).

    False when the doubt was another's to end: the row has been sent again, or was settled, since it was listed.
    `flag` marks a row that goes out once more although it may have gone out before; `unsent` says that its last try did
    not go out, and is not counted.
    """
    values: dict[str, Any] = {
        "state": state, "rank": RANK.get(state, 0), "lease_until": None, "uncertain_since": None, "look_at": None,
    }  # fmt: skip
    if state == "accepted":
        values |= {"provider_id": _fits(provider_id, 120), "accepted_at": now, "settled_at": now, "outcome": None}
    if flag:
        values["possible_duplicate"] = True
    if unsent:
        values["risked"] = _HERE.risked - 1
    ours = tx.conn.execute(_doubted(row).values(**values)).rowcount == 1
    if ours and state == "accepted":
        _reached(tx, now, [row.contact_id])
    return ours


def _doubted(row: Due) -> Update:
    return update(outbox).where(_HERE.id == row.id, _HERE.state == "uncertain", _HERE.lease_token == row.token)
