"""What came of a message: how a try is settled, how doubt ends, and what a provider says afterwards.

The other half of storage/outbox.py, which tells the whole road. Rank only rises, a row is settled by its lease token,
and what may have gone out is looked for before anything is sent again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, case, func, select, update

from rules.delivery import RANK, merge_status
from storage.db import Tx
from storage.outbox import OPEN, Due, readable, whole_row
from storage.tables import contacts, outbox, outbox_attempts


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one try came to: accepted, queued (again, at `retry_at`), failed, uncertain or cancelled.

    `attempt` is which try it was. `mark` is what a failure says of the contact: opted_out, blocked or nothing.
    """

    row_id: int
    contact_id: int
    token: int
    attempt: int
    state: str
    provider_id: str | None = None
    retry_at: datetime | None = None
    why: str | None = None
    mark: str = ""


def settle(tx: Tx, now: datetime, outcomes: Sequence[Outcome]) -> list[int]:
    """Write down what several tries came to; return the ids of rows that were no longer ours.

    A row is ours while its token is the one it was claimed with. What a provider said is kept with the attempt either
    way: proof is never thrown away.
    """
    lost = []
    for each in outcomes:
        ours = tx.conn.execute(_SETTLE, _settled(each, now)).rowcount == 1
        if not ours:
            lost.append(each.row_id)
        said = {"row": each.row_id, "try": each.attempt, "at": now, "pid": _fits(each.provider_id, 120)}
        tx.conn.execute(_SETTLE_ATTEMPT, said | {"what": _fits(each.why or each.state, 200)})
        if ours and each.state == "accepted":
            tx.conn.execute(update(contacts).where(contacts.c.id == each.contact_id).values(last_out_at=now))
    return lost


def _settled(each: Outcome, now: datetime) -> dict[str, Any]:
    accepted = each.state == "accepted"
    return {
        "row": each.row_id,
        "token": each.token,
        "to_state": each.state,
        "to_rank": RANK.get(each.state, 0),
        "pid": _fits(each.provider_id, 120),
        "accepted": now if accepted else None,
        "settled": now if each.state in ("accepted", "failed", "cancelled") else None,
        "retry": each.retry_at,
        "what": _fits(each.why, 200),
    }


def _fits(said: str | None, longest: int) -> str | None:
    """A provider's words as a column takes them: for a NUL or one sign too many, PostgreSQL would refuse the lot."""
    return None if said is None else said.replace("\x00", "")[:longest]


_SETTLE = (
    update(outbox)
    .where(outbox.c.id == bindparam("row"), outbox.c.lease_token == bindparam("token"), outbox.c.state.in_(OPEN))
    .values(
        state=bindparam("to_state"),
        rank=bindparam("to_rank"),
        provider_id=func.coalesce(bindparam("pid"), outbox.c.provider_id),
        accepted_at=func.coalesce(outbox.c.accepted_at, bindparam("accepted", type_=outbox.c.accepted_at.type)),
        settled_at=bindparam("settled", type_=outbox.c.settled_at.type),
        not_before=func.coalesce(bindparam("retry", type_=outbox.c.not_before.type), outbox.c.not_before),
        outcome=bindparam("what"),
        lease_until=None,
    )
)
_SETTLE_ATTEMPT = (
    update(outbox_attempts)
    .where(outbox_attempts.c.outbox_id == bindparam("row"), outbox_attempts.c.number == bindparam("try"))
    .values(ended_at=bindparam("at"), outcome=bindparam("what"), provider_id=bindparam("pid"))
)


def lose_leases(tx: Tx, lease_now: datetime) -> int:
    """Make rows uncertain whose worker let its lease run out; return how many."""
    gone = update(outbox).where(outbox.c.state == "sending", outbox.c.lease_until < lease_now)
    return tx.conn.execute(gone.values(state="uncertain", outcome="lease ran out")).rowcount


def list_uncertain(tx: Tx, now: datetime, limit: int = 100) -> list[Due]:
    """Rows that may have gone out, oldest first, to be looked for at the provider."""
    wanted = whole_row().where(outbox.c.state == "uncertain").order_by(outbox.c.id).limit(limit)
    return readable(tx, now, tx.conn.execute(wanted).all())


def resolve(tx: Tx, now: datetime, row: Due, state: str, provider_id: str | None = None, *, flag: bool = False) -> bool:
    """End an uncertain row's doubt: `accepted` (found), `queued` (certainly not there) or `parked` (for staff).

    False when the doubt was another's to end: the row has been sent again, or was settled, since it was listed.
    `flag` marks a row that goes out once more although it may have gone out before.
    """
    values: dict[str, Any] = {"state": state, "rank": RANK.get(state, 0), "lease_until": None}
    if state == "accepted":
        values |= {"provider_id": provider_id, "accepted_at": now, "settled_at": now}
    if flag:
        values["possible_duplicate"] = True
    doubted = update(outbox).where(outbox.c.id == row.id, outbox.c.state == "uncertain")
    ours = tx.conn.execute(doubted.where(outbox.c.lease_token == row.token).values(**values)).rowcount == 1
    if ours and state == "accepted":
        tx.conn.execute(update(contacts).where(contacts.c.id == row.contact_id).values(last_out_at=now))
    return ours


def record_status(tx: Tx, now: datetime, ref: str, status: str, provider_id: str | None = None) -> str | None:
    """Take a provider's word about the row with our reference; return its state after, or None when there is none.

    The word may come twice, late, or before our own request has returned; it only ever moves a row forward, and it
    proves that the row was accepted.
    """
    wanted = select(outbox.c.id, outbox.c.state, outbox.c.lease_token, outbox.c.accepted_at)
    row = tx.conn.execute(wanted.where(outbox.c.ref == ref).with_for_update()).first()
    if row is None:
        return None
    state = merge_status(row.state, status)
    if state != row.state:
        open_still = row.state in ("queued", *OPEN)
        values: dict[str, Any] = {"state": state, "rank": RANK.get(state, 0), "settled_at": now}
        values["accepted_at"] = row.accepted_at or now
        values["lease_token"] = row.lease_token + (1 if open_still else 0)
        values["provider_id"] = case((outbox.c.provider_id.is_(None), provider_id), else_=outbox.c.provider_id)
        tx.conn.execute(update(outbox).where(outbox.c.id == row.id).values(**values))
    return state
