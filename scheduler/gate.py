"""May this row go now? Asked in the claim and once more right before the request; the rules are in rules/."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from bot.actions.house import House
from rules.budget import held_by_budget
from rules.consent import State, may_go
from rules.kinds import KINDS
from rules.sending import may_send
from storage import outbox
from storage.db import Tx
from storage.outbox import Due, Now

STOP_RECEIPT = "first_care/stop_receipt"
COMMAND_ANSWERS = ("talk/help", "talk/human", "talk/call_me", "talk/my_data", "talk/language", "first_care/")
A_WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Gate:
    """What is to become of a row: `go`, `hold` until then, or `drop` it in that state. `why` is Swedish, for staff."""

    act: Literal["go", "hold", "drop"]
    why: str = ""
    until: datetime | None = None
    state: str = "cancelled"


GO = Gate("go")


def check(tx: Tx, house: House, row: Due, now: datetime) -> Gate:
    """The whole question, in the claim: consent, rest, its own moment, sending hours, and how much they have had."""
    barred = consent(row)
    if barred is not None:
        return barred
    if row.not_after is not None and now >= row.not_after:
        return Gate("drop", "Tiden för meddelandet har gått ut.", state="expired")
    hours = may_send(KINDS[row.kind], now, house.hours)
    if not hours.ok:
        return _later(row, hours.retry_at, hours.why_sv)
    return _budget(tx, house, row, now)


def consent(row: Due) -> Gate | None:
    """Whether it may go to this person at all. None when nothing bars it."""
    state = State(
        opted_out=row.opted_out, erased=False, blocked=row.blocked, resting=row.resting, protected=row.protected
    )
    name = row.message or ""
    verdict = may_go(
        KINDS[row.kind], state, is_receipt=name == STOP_RECEIPT, is_command_answer=name.startswith(COMMAND_ANSWERS)
    )
    return None if verdict.ok else Gate("drop", verdict.why_sv)


def still(row: Due, look: Now) -> Gate | None:
    """`consent`, with how things stand at this moment."""
    fresh = replace(row, opted_out=look.opted_out, blocked=look.blocked, resting=look.resting, protected=look.protected)
    return consent(fresh)


def _budget(tx: Tx, house: House, row: Due, now: datetime) -> Gate:
    if not KINDS[row.kind].budget or row.participant_id is None:
        return GO
    sent = outbox.sent_lately(tx, row.participant_id, now - A_WEEK)
    until = held_by_budget(KINDS[row.kind], sent, now, per_week=house.budget_per_week, zone=house.hours.zone)
    return GO if until is None else _later(row, until, "Personen har fått så många meddelanden som är lagom.")


def _later(row: Due, until: datetime | None, why: str) -> Gate:
    if until is None or (row.not_after is not None and until >= row.not_after):
        return Gate("drop", why, state="expired")
    return Gate("hold", why, until)
