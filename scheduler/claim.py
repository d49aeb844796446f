"""The claim: what is due, whether it may go, its words frozen, a lease on it; inside the caller's transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog

from bot.actions import activity_facts, meetings, reminding, spending
from bot.actions.house import House
from bot.actions.scene import Scene
from bot.actions.sending_words import IN_TALK, Batch
from rules.kinds import KINDS
from rules.sending import Hours
from scheduler import gate, notices
from scheduler.gate import Gate
from scheduler.pace import Lane
from storage import budget, claims, contacts
from storage.claims import Due
from storage.db import Tx
from storage.errors import StoreUnavailable
from storage.outbox import Body

log = structlog.get_logger(__name__)

A_WEEK = timedelta(days=7)


@dataclass(slots=True)
class Claimed:
    """A row that is ours to send: at which business time it was claimed, and at which lease time."""

    row: Due
    body: Body
    claimed_at: datetime
    leased_at: datetime


def claim(
    tx: Tx, house: House, lane: Lane, spent: spending.Spent, now: datetime, lease_now: datetime
) -> tuple[list[Claimed], int]:
    """Claim what may go on a channel; hold or drop what may not. Return the claimed, and how many were looked at."""
    rows = claims.due(tx, now, lease_now, lane.name, lane.room, answers_only=lane.answers_only)
    people = {row.participant_id for row in rows if row.participant_id is not None and gate.counts(row)}
    reached = budget.reached_lately(tx, people, now - A_WEEK, now) if people else {}
    taken, ceiling = list[tuple[Due, Body, str | None]](), spending.Ceiling(tx, house, lane.name, now, spent)
    many = Batch(tx, house, rows, now)
    hours = _hours_by_unit(house, rows, many)
    for row in rows:
        theirs = reached.setdefault(row.participant_id or 0, [])
        words = _decide(tx, house, row, now, theirs, ceiling, hours.get(row.unit_id or 0), many)
        if words is not None:
            ceiling.took()
            taken.append((row, *words))
            if gate.counts(row):
                theirs.append(now)
    claims.take(tx, taken, now, lease_now)
    return [Claimed(row, body, now, lease_now) for row, body, _ in taken], len(rows)


def _hours_by_unit(house: House, rows: Sequence[Due], many: Batch) -> dict[int, Hours]:
    """When each unit's people may be written to; asked only where a row has hours to keep."""
    if not any(row.unit_id is not None and KINDS[row.kind].hours == "held" for row in rows):
        return {}
    return {unit.id: meetings.hours_of(house, unit) for unit in many.units}


def _decide(
    tx: Tx, house: House, row: Due, now: datetime, reached: Sequence[datetime], ceiling: spending.Ceiling,
    hours: Hours | None, many: Batch,
) -> tuple[Body, str | None] | None:  # fmt: skip
    """The words to send, and their text's version where they are new; None for a row that may not go now.

    Why it may not is then written down.
    """
    try:
        verdict = _of_many(many, row) or gate.check(
            house, row, now, reached, ceiling.held_until(KINDS[row.kind]), hours
        )
        if verdict.act == "go" and row.body is None and row.release is not None:
            verdict = _undisturbed(many, row)
        elif verdict.act == "go" and row.body is None and "invitation" in row.facts:
            why = activity_facts.is_pointless(tx, row.message or "", row.facts["invitation"], now)
            verdict = verdict if why is None else Gate("drop", why)
        if verdict.act == "go":
            if row.body is not None:
                return row.body, None
            return _write(tx, house, row, now) if row.release is None else many.write(row)
        if verdict.act == "hold" and verdict.until is not None:
            claims.hold(tx, row.id, verdict.until, verdict.why)
        else:
            _drop(tx, row, now, verdict)
    except StoreUnavailable:
        raise
    except Exception as error:
        # One row that cannot be judged or written must not hold up everybody else's.
        log.exception("dispatcher.not_rendered", outbox=row.id, error=type(error).__name__)
        _drop(tx, row, now, Gate("drop", "Texten gick inte att skriva.", state="failed"))
    return None


def _of_many(many: Batch, row: Due) -> Gate | None:
    """Whether a row of a release was called back after it was queued; None when it was not."""
    why = many.barred(row)
    return None if why is None else Gate("drop", why)


def _undisturbed(many: Batch, row: Due) -> Gate:
    """Who is in the middle of a talk gets what goes to many when it is over."""
    until = many.waits_until(row)
    if until is None:
        return gate.GO
    if row.not_after is not None and until >= row.not_after:
        return Gate("drop", IN_TALK, state="expired")
    return Gate("hold", IN_TALK, until)


def _drop(tx: Tx, row: Due, now: datetime, verdict: Gate) -> None:
    claims.drop(tx, row.id, now, verdict.state, verdict.why)
    if verdict.state != "cancelled" and row.release is None:
        notices.tell(tx, now, verdict.state, row.participant_id, verdict.why)


def _write(tx: Tx, house: House, row: Due, now: datetime) -> tuple[Body, str]:
    """Render what was queued as facts: "i morgon", a new name or language is right at the moment of sending."""
    with tx.savepoint():
        scene = Scene(tx, house, contacts.get(tx, row.contact_id), now, "late")
        rendered = scene.render(row.message or "", row.facts)
        stamp = str(row.facts.get("stamp", ""))
        if "invitation" in row.facts:  # it may have been moved since: the buttons are of what the text says
            stamp = activity_facts.stamp_at(tx, row.facts["invitation"])
        body = Body(rendered.text, tuple((button.label, f"{stamp}:{button.value}") for button in rendered.buttons))
        if row.message in (reminding.CALENDAR, reminding.CALENDAR_GONE):
            body = replace(body, file=reminding.calendar_for(tx, house, row.facts["meeting"], now))
        return body, rendered.version
