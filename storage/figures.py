"""How it goes, in numbers that are about no one: what waits, what is in doubt, how long, and the running counts.

Cheap enough to be asked every few seconds: each question goes by an index or by the last days' ids.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import func, select

from storage import control
from storage.db import Tx
from storage.ids import least_id
from storage.tables import counters, inbound, inbox_items, outbox

COUNTED: Final = "ops."  # counters of the running, beside those of a day's sign-ups
REPLY: Final = 1  # the priority of an answer; 0 is distress and alarms
LOOKED_BACK: Final = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Figures:
    """What waits. Ages are None where nothing waits; a row counts as due when its moment has come."""

    by_state: Mapping[tuple[str, str], int] = field(default_factory=dict)  # (channel, state) -> rows not settled
    due: int = 0
    oldest_reply: timedelta | None = None
    oldest_other: timedelta | None = None
    inbound: Mapping[str, int] = field(default_factory=dict)  # failed | waiting
    inbox: Mapping[str, int] = field(default_factory=dict)  # kind -> not closed


def look(tx: Tx, now: datetime) -> Figures:
    """Ask for all of it at `now` (business time)."""
    here = outbox.c
    states: dict[tuple[str, str], int] = {}
    for state, since in (("queued", 0), ("sending", 0), ("uncertain", 0), ("parked", least_id(now - LOOKED_BACK))):
        wanted = select(here.channel, func.count()).where(here.state == state, here.id >= since)
        states |= {(row[0], state): row[1] for row in tx.execute(wanted.group_by(here.channel))}
    due = select(func.count(), func.min(here.not_before)).where(here.state == "queued", here.not_before <= now)
    replies = tx.execute(due.where(here.priority <= REPLY)).one()
    others = tx.execute(due.where(here.priority > REPLY)).one()
    waiting = select(inbound.c.state, func.count()).where(inbound.c.retry_at.is_not(None)).group_by(inbound.c.state)
    items = select(inbox_items.c.kind, func.count()).where(inbox_items.c.state != "closed")
    return Figures(
        by_state=states,
        due=replies[0] + others[0],
        oldest_reply=None if replies[1] is None else now - replies[1],
        oldest_other=None if others[1] is None else now - others[1],
        inbound={row[0]: row[1] for row in tx.execute(waiting)},
        inbox={row[0]: row[1] for row in tx.execute(items.group_by(inbox_items.c.kind))},
    )


def add(tx: Tx, day: datetime, counts: Mapping[str, int]) -> None:
    """Add to the running counts, each name (at most 56 characters) once."""
    for name, by in sorted(counts.items()):  # in one order, so that two processes never wait for each other
        control.count(tx, day.date(), "", COUNTED + name, by)


def refused(counts: Mapping[str, int]) -> list[tuple[str, str, int]]:
    """Give the webhooks that were turned away, out of running counts: (door, why, how many)."""
    found = []
    for name, count in sorted(counts.items()):
        first, _, rest = name.partition(".")
        if first == "refused":
            door, _, why = rest.partition(".")
            found.append((door, why, count))
        elif rest == "forged":
            found.append((first, rest, count))
    return found


def today(tx: Tx, now: datetime) -> dict[str, int]:
    """Give the running counts of the day of `now` (UTC), by name."""
    found = control.list_counts(tx, now.date(), now.date())
    return {name.removeprefix(COUNTED): count for _, _, name, count in found if name.startswith(COUNTED)}


def totals(tx: Tx) -> dict[str, int]:
    """Give every running count since the beginning, by its name."""
    wanted = select(counters.c.name, func.sum(counters.c.count)).where(counters.c.name.like(f"{COUNTED}%"))
    return {row[0].removeprefix(COUNTED): int(row[1]) for row in tx.execute(wanted.group_by(counters.c.name))}
