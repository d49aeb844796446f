"""What was queued about meetings and reached nobody: taken back, so that the plan may say it anew, or not at all."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Final

from sqlalchemy import delete, select, update

from storage import recalls
from storage.appointments import Appointment
from storage.db import Tx
from storage.tables import outbox
from storage.tables_meetings import appointments, plan_done

_FELL: Final = ("cancelled", "failed")


def take_back(tx: Tx, now: datetime, appointment: Appointment, kinds: Collection[str], why: str) -> int:
    """Cancel what is queued of these kinds of a meeting's plan, for they are not to be said now; give how many."""
    keys = [f"plan:{appointment.id}:{appointment.version}:{kind}" for kind in sorted(kinds)]
    queued = outbox.c.dedupe_key.in_(keys), outbox.c.state == "queued"
    found = tx.execute(
        update(outbox).where(*queued).values(state="cancelled", settled_at=now, outcome=why).returning(outbox.c.id)
    ).scalars()
    return sum(_forget(tx, row_id) for row_id in list(found))


def forget(tx: Tx, now: datetime, participant_id: int) -> int:
    """Let what STOPP, a rest or a closed door took away of a person's coming meetings be said again; how many rows.

    What was sent, and what is on its way, stays said.
    """
    here, count = appointments.c, 0
    mine = (here.participant_id == participant_id, here.starts > now, here.outcome.is_(None))
    for meeting, version, state in tx.execute(select(here.id, here.version, here.state).where(*mine)).all():
        start = f"plan:{meeting}:{version}:"
        lost = (
            outbox.c.dedupe_key.between(start, f"{start}~"), outbox.c.state.in_(_FELL), outbox.c.accepted_at.is_(None),
        )  # fmt: skip
        if state == "cancelled":  # no plan says it: the word that it is off goes out as it was queued
            again = (*lost, outbox.c.state == "cancelled", outbox.c.not_after > now)
            recalls.forget(tx, *again)
            anew = update(outbox).where(*again)
            count += tx.execute(anew.values(state="queued", settled_at=None, outcome=None)).rowcount
        else:
            rows = tx.execute(select(outbox.c.id).where(*lost)).scalars().all()
            count += sum(_forget(tx, row_id) for row_id in rows)
    return count


def _forget(tx: Tx, row_id: int) -> int:
    """The row stays in the history under a key of its own; its kind is no longer done."""
    key = tx.execute(select(outbox.c.dedupe_key).where(outbox.c.id == row_id)).scalar_one()
    _, meeting, version, kind = key.split(":")
    here = plan_done.c
    mine = (here.appointment_id == int(meeting), here.version == int(version), here.kind == kind)
    tx.execute(delete(plan_done).where(*mine))
    tx.execute(update(outbox).where(outbox.c.id == row_id).values(dedupe_key=f"unsaid:{row_id}:{key}"))
    return 1
