"""Sessions of staff: random tokens, of which only hashes are kept, that end at once when told to.

Times here are lease time: real time, that the demo's clock does not move.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import bindparam, delete, insert, select, update

from storage.db import Tx
from storage.hot import Hot
from storage.ids import new_id
from storage.logins import hashed
from storage.tables import memberships, staff_members
from storage.tables_staff import staff_sessions

SEEN_EVERY: Final = timedelta(minutes=1)
"""How fresh `seen_at` is kept: a page that is looked at need not write each time."""


@dataclass(frozen=True, slots=True)
class Session:
    """A session. `stage` is full when they are in; until then it opens only what leads there."""

    id: int
    staff_id: int | None
    stage: str
    created_at: datetime
    seen_at: datetime
    ends_at: datetime
    proved_at: datetime | None
    misses: int
    device: str
    told: str | None


@dataclass(frozen=True, slots=True)
class Visitor:
    """Whose session it is, as they stand now: the role, the first name, the units."""

    staff_id: int
    first_name: str
    role: str
    unit_ids: frozenset[int]


_COLUMNS: Final = (
    staff_sessions.c.id,
    staff_sessions.c.staff_id,
    staff_sessions.c.stage,
    staff_sessions.c.created_at,
    staff_sessions.c.seen_at,
    staff_sessions.c.ends_at,
    staff_sessions.c.proved_at,
    staff_sessions.c.misses,
    staff_sessions.c.device,
    staff_sessions.c.told,
)
_FIND: Final = Hot(select(*_COLUMNS).where(staff_sessions.c.token_hash == bindparam("token")))
_WHO: Final = Hot(
    select(staff_members.c.id, staff_members.c.first_name_enc, staff_members.c.role, memberships.c.unit_id)
    .select_from(staff_members.outerjoin(memberships, memberships.c.staff_id == staff_members.c.id))
    .where(staff_members.c.id == bindparam("staff"), staff_members.c.disabled_at.is_(None))
)


def start(
    tx: Tx, at: datetime, token: str, staff_id: int | None, stage: str, device: str, *, lasts: timedelta,
    proved: bool = False, state: str | None = None,
) -> int:  # fmt: skip
    """Begin a session that `token` opens for at most `lasts`; give its id. `state` is sealed."""
    session_id = new_id(at)
    sealed = None if state is None else tx.vault.own(tx).seal("staff_sessions", "state_enc", session_id, state)
    row = {
        "id": session_id, "staff_id": staff_id, "token_hash": hashed(token), "stage": stage, "created_at": at,
        "seen_at": at, "ends_at": at + lasts, "proved_at": at if proved else None, "device": device[:80],
        "state_enc": sealed,
    }  # fmt: skip
    tx.execute(insert(staff_sessions), row)
    return session_id


def find(tx: Tx, token: str, at: datetime, idle: timedelta) -> Session | None:
    """Give the session that a token opens; None when it is unknown, has ended, or nobody was there for `idle`."""
    row = _FIND.first(tx, {"token": hashed(token)})
    if row is None or row.ends_at <= at or row.seen_at + idle <= at:
        return None
    return Session(*row)


def find_visitor(tx: Tx, staff_id: int) -> Visitor | None:
    """Give who they are now, or None when they no longer work here."""
    rows = _WHO.all(tx, {"staff": staff_id})
    if not rows:
        return None
    name = tx.vault.own(tx).open("staff_members", "first_name_enc", staff_id, rows[0][1])
    return Visitor(staff_id, name, rows[0][2], frozenset(row[3] for row in rows if row[3] is not None))


def state_of(tx: Tx, session_id: int) -> str | None:
    """Give what was sealed with a session when it began."""
    sealed = tx.execute(select(staff_sessions.c.state_enc).where(staff_sessions.c.id == session_id)).scalar()
    return None if sealed is None else tx.vault.own(tx).open("staff_sessions", "state_enc", session_id, sealed)


def _change(tx: Tx, session_id: int, **values: Any) -> None:
    tx.execute(update(staff_sessions).where(staff_sessions.c.id == session_id).values(values))


def see(tx: Tx, session_id: int, at: datetime) -> None:
    """Somebody was there."""
    _change(tx, session_id, seen_at=at)


def prove(tx: Tx, session_id: int, at: datetime) -> None:
    """The password was given again."""
    _change(tx, session_id, proved_at=at)


def miss(tx: Tx, session_id: int) -> int:
    """A wrong code was typed; give how many by now."""
    _change(tx, session_id, misses=staff_sessions.c.misses + 1)
    return int(tx.execute(select(staff_sessions.c.misses).where(staff_sessions.c.id == session_id)).scalar_one())


def tell(tx: Tx, session_id: int, line: str | None) -> None:
    """Keep a line for the next page, or (None) let it be shown no more. It holds nothing about a person."""
    _change(tx, session_id, told=line if line is None else line[:300])


def end(tx: Tx, session_id: int) -> None:
    """End one session."""
    tx.execute(delete(staff_sessions).where(staff_sessions.c.id == session_id))


def end_all(tx: Tx, staff_id: int, but: int | None = None) -> int:
    """End all of a staff member's sessions, but that one; give how many."""
    theirs = delete(staff_sessions).where(staff_sessions.c.staff_id == staff_id)
    return tx.execute(theirs if but is None else theirs.where(staff_sessions.c.id != but)).rowcount


def list_of(tx: Tx, staff_id: int, at: datetime, idle: timedelta) -> list[Session]:
    """Give a staff member's sessions that are open, the latest first."""
    here = staff_sessions.c
    wanted = select(*_COLUMNS).where(here.staff_id == staff_id, here.ends_at > at, here.seen_at > at - idle)
    return [Session(*row) for row in tx.execute(wanted.order_by(here.seen_at.desc())).all()]


def any_old(tx: Tx, at: datetime) -> bool:
    """Whether there are sessions that are over."""
    wanted = select(staff_sessions.c.id).where(staff_sessions.c.ends_at <= at)
    return tx.execute(wanted.limit(1)).first() is not None


def drop_old(tx: Tx, at: datetime) -> int:
    """Take away the sessions that are over; give how many."""
    return tx.execute(delete(staff_sessions).where(staff_sessions.c.ends_at <= at)).rowcount
