"""What people wish for: how they want to be reminded, and a time when none fitted."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import bindparam, insert, select, update

from rules.reminders import Wish
from storage.db import Tx
from storage.errors import Unreadable
from storage.hot import Hot
from storage.ids import new_id
from storage.sql import Insert, per_dialect
from storage.tables_meetings import reminder_wishes, time_wishes

MOST_ASKED: Final = 3
"""How many times somebody is asked about a time that opened (the design)."""


def _replace(made: Insert) -> Insert:
    fresh = {name: made.excluded[name] for name in ("same_day", "reminders", "asked_at")}
    return made.on_conflict_do_update(index_elements=["participant_id"], set_=fresh)


_SET: Final = per_dialect(reminder_wishes, _replace)


def of_reminders(tx: Tx, participant_id: int) -> Wish:
    """Give what a person has said of reminders; what goes for everybody when they have said nothing."""
    return of_many(tx, [participant_id]).get(participant_id, Wish())


def of_many(tx: Tx, participant_ids: Iterable[int]) -> dict[int, Wish]:
    """Give what people have said of reminders; those who have said nothing are left out."""
    here, wanted, found = reminder_wishes.c, sorted(set(participant_ids)), {}
    for start in range(0, len(wanted), 500):
        some = here.participant_id.in_(wanted[start : start + 500])
        for row in tx.execute(select(here.participant_id, here.same_day, here.reminders, here.asked_at).where(some)):
            found[row.participant_id] = Wish(row.same_day, row.reminders, row.asked_at)
    return found


def set_reminders(
    tx: Tx, now: datetime, participant_id: int, *, same_day: bool | None = None, reminders: bool | None = None
) -> Wish:
    """Change what a person wants of reminders, None leaving it as it is; give what holds then."""
    was = of_reminders(tx, participant_id)
    row = {
        "participant_id": participant_id,
        "same_day": was.same_day if same_day is None else same_day,
        "reminders": was.reminders if reminders is None else reminders,
        "asked_at": now,
    }
    tx.execute(_SET[tx.dialect], row)
    return Wish(bool(row["same_day"]), bool(row["reminders"]), now)


@dataclass(frozen=True, slots=True)
class TimeWish:
    """A wish for a time. `need` is what was asked for: form, minutes, part, wanted, words."""

    id: int
    participant_id: int
    unit_id: int
    since: datetime
    need: Mapping[str, Any]
    asked: int
    asked_at: datetime | None
    state: str


def keep(tx: Tx, now: datetime, participant_id: int, unit_id: int, need: Mapping[str, Any]) -> int:
    """Keep a wish, in the place of one that the person has already: who has waited goes on having waited."""
    here = time_wishes.c
    known = tx.execute(
        select(here.id).where(here.participant_id == participant_id, here.state != "closed").order_by(here.id)
    ).scalar()
    row_id = int(known) if known is not None else new_id(now)
    key = tx.vault.key_for(tx, participant_id)
    sealed = key.seal("time_wishes", "need_enc", row_id, json.dumps(dict(need), ensure_ascii=False))
    if known is not None:
        change = {"need_enc": sealed, "state": "waiting", "unit_id": unit_id}
        tx.execute(update(time_wishes).where(here.id == row_id).values(change))
    else:
        row = {"id": row_id, "participant_id": participant_id, "unit_id": unit_id, "since": now, "need_enc": sealed}
        tx.execute(insert(time_wishes), row)
    return row_id


def list_open(tx: Tx, unit_id: int) -> list[TimeWish]:
    """Give a unit's wishes that are not closed, the one who has waited longest first."""
    here = time_wishes.c
    rows = tx.execute(
        select(time_wishes).where(here.unit_id == unit_id, here.state != "closed").order_by(here.since, here.id)
    ).all()
    found = []
    for row in rows:
        try:
            need = tx.vault.open_any(tx, row.participant_id, "time_wishes", "need_enc", row.id, row.need_enc)
        except Unreadable:
            continue  # erased: there is nobody to ask
        found.append(
            TimeWish(
                row.id, row.participant_id, row.unit_id, row.since, json.loads(need), row.asked, row.asked_at, row.state
            )
        )
    return found


def is_any(tx: Tx, unit_id: int) -> bool:
    """Whether anybody waits for a time in a unit."""
    return _ANY.first(tx, {"unit": unit_id}) is not None


_ANY: Final = Hot(
    select(time_wishes.c.id).where(time_wishes.c.unit_id == bindparam("unit"), time_wishes.c.state != "closed").limit(1)
)


def asked(tx: Tx, now: datetime, wish_id: int) -> None:
    """A time was offered."""
    here = time_wishes.c
    values = {"asked": here.asked + 1, "asked_at": now, "state": "asked"}
    tx.execute(update(time_wishes).where(here.id == wish_id).values(values))


def wait_on(tx: Tx, wish_id: int) -> None:
    """The offer ran out, or did not fit: they go on waiting."""
    tx.execute(update(time_wishes).where(time_wishes.c.id == wish_id).values(state="waiting"))


def close(tx: Tx, participant_id: int) -> int:
    """A person waits for no time any more; give how many wishes that was."""
    mine = (time_wishes.c.participant_id == participant_id, time_wishes.c.state != "closed")
    return tx.execute(update(time_wishes).where(*mine).values(state="closed")).rowcount
