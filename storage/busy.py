"""What of staff's time is taken, in five minutes each: by meetings with their travel, and by times held for somebody.

The primary key of the table is what keeps one staff member from being in two places. Nothing here asks first and takes
afterwards.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import bindparam, delete, exists, insert, select, update

from storage.db import Tx
from storage.hot import Hot
from storage.ids import new_id
from storage.sql import per_dialect
from storage.tables_meetings import busy, holds

HELD_FOR: Final = timedelta(minutes=15)
"""How long an offered time is kept for somebody (the design)."""

_TAKE: Final = {
    name: statement.returning(busy.c.five_minutes)
    for name, statement in per_dialect(
        busy, lambda insert: insert.on_conflict_do_nothing(index_elements=["staff_id", "five_minutes"])
    ).items()
}


class Taken(Exception):
    """Somebody else has some of that time. Nothing was written."""


def take(
    tx: Tx,
    staff_id: int,
    numbers: Sequence[int],
    now: datetime,
    *,
    appointment: int | None = None,
    hold: int | None = None,
) -> None:
    """Take five minutes of a staff member's (numbered as rules.slots.five_minutes does) for a meeting or for a hold.

    Holds that have run out by `now` (UTC) give way. Raises Taken, with nothing written, when any of them is taken.
    """
    with tx.savepoint():
        drop_run_out(tx, now, staff_id)
        rows = [
            {"staff_id": staff_id, "five_minutes": each, "appointment_id": appointment, "hold_id": hold}
            for each in sorted(numbers)
        ]
        # One statement, in order: two who take at once wait for each other, and never in a ring.
        got = tx.execute(_TAKE[tx.dialect], rows).all()
        if len(got) < len(rows):
            raise Taken


def of(tx: Tx, staff_ids: Iterable[int], first: int, last: int, now: datetime) -> dict[int, set[int]]:
    """Give each one's taken five minutes from number `first` through `last`; a hold that has run out is none."""
    wanted = sorted(set(staff_ids))
    found: dict[int, set[int]] = {who: set() for who in wanted}
    run_out = exists().where(holds.c.id == busy.c.hold_id, holds.c.expires_at <= now)
    here = busy.c
    for start in range(0, len(wanted), 500):
        some = here.staff_id.in_(wanted[start : start + 500])
        rows = tx.execute(
            select(here.staff_id, here.five_minutes).where(some, here.five_minutes.between(first, last), ~run_out)
        )
        for staff_id, number in rows:
            found[staff_id].add(number)
    return found


def of_appointment(tx: Tx, appointment_id: int) -> set[int]:
    """Give the five minutes that a meeting takes."""
    return set(tx.execute(select(busy.c.five_minutes).where(busy.c.appointment_id == appointment_id)).scalars())


def free(tx: Tx, appointment_id: int) -> None:
    """Let the time of a meeting be anybody's again."""
    tx.execute(delete(busy).where(busy.c.appointment_id == appointment_id))


def hold(
    tx: Tx, now: datetime, participant_id: int, staff_id: int, span: tuple[datetime, datetime], numbers: Sequence[int]
) -> int:
    """Keep a time for somebody, for fifteen minutes; give the hold's id. What they held before is let go.

    Raises Taken when somebody else was there first; then what they held before is kept.
    """
    with tx.savepoint():
        let_go(tx, participant_id)
        hold_id = new_id(now)
        row = {"id": hold_id, "participant_id": participant_id, "staff_id": staff_id, "expires_at": now + HELD_FOR}
        tx.execute(insert(holds), {**row, "starts": span[0], "ends": span[1]})
        take(tx, staff_id, numbers, now, hold=hold_id)
    return hold_id


def let_go(tx: Tx, participant_id: int) -> int:
    """Let go of all that a person holds; give how many holds."""
    theirs = select(holds.c.id).where(holds.c.participant_id == participant_id)
    tx.execute(delete(busy).where(busy.c.hold_id.in_(theirs)))
    return tx.execute(delete(holds).where(holds.c.participant_id == participant_id)).rowcount


def keep_until(tx: Tx, hold_id: int, until: datetime) -> None:
    """Keep a hold for longer or shorter than is usual."""
    tx.execute(update(holds).where(holds.c.id == hold_id).values(expires_at=until))


def any_run_out(tx: Tx, now: datetime) -> bool:
    """Whether there are holds that have run out."""
    return _RUN_OUT.first(tx, {"now": now}) is not None


_RUN_OUT: Final = Hot(select(holds.c.id).where(holds.c.expires_at <= bindparam("now")).limit(1))


def drop_run_out(tx: Tx, now: datetime, staff_id: int | None = None) -> int:
    """Take away the holds that have run out, of one staff member or of all; give how many."""
    gone = holds.c.expires_at <= now
    if staff_id is not None:
        gone &= holds.c.staff_id == staff_id
    ids = list(tx.execute(select(holds.c.id).where(gone)).scalars())
    for start in range(0, len(ids), 500):
        some = ids[start : start + 500]
        tx.execute(delete(busy).where(busy.c.hold_id.in_(some)))
        tx.execute(delete(holds).where(holds.c.id.in_(some)))
    return len(ids)
