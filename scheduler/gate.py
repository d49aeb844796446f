"""May this row go now? Asked in the claim and once more right before the request; the rules are in rules/."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Literal

from bot.actions import spending
from bot.actions.house import House
from rules.budget import held_by_budget
from rules.consent import State, may_go
from rules.kinds import KINDS, Kind
from rules.sending import Hours, may_send
from rules.verdict import Verdict
from storage.claims import Due, Now

STOP_RECEIPT = "first_care/stop_receipt"
COMMAND_ANSWERS = (
    "talk/help", "talk/human", "talk/call_me", "talk/my_data", "talk/language", "first_care/", "joining/",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Gate:
    """What is to become of a row: `go`, `hold` until then, or `drop` it in that state. `why` is Swedish, for staff."""

    act: Literal["go", "hold", "drop"]
    why: str = ""
    until: datetime | None = None
    state: str = "cancelled"


GO = Gate("go")


def check(
    house: House, row: Due, now: datetime, reached: Sequence[datetime], ceiling: datetime | None = None,
    hours: Hours | None = None,
) -> Gate:  # fmt: skip
    """The whole question, in the claim: consent, rest, its own moment, sending hours, how much they and we have had.

    `reached` holds when messages that count reached the person in the last week (see storage.budget.reached_lately).
    `ceiling` is until when it waits because the day's SMS are spent, None when they are not.
    `hours` are those of the person's unit, None for the house's.
    """
    barred = consent(row, row)
    if barred is not None:
        return barred
    if row.not_after is not None and now >= row.not_after:
        return Gate("drop", "Tiden för meddelandet har gått ut.", state="expired")
    open_now = _hours(KINDS[row.kind], now, hours or house.hours)
    if not open_now.ok:
        return _later(row, open_now.retry_at, open_now.why_sv)
    if ceiling is not None:
        return _later(row, ceiling, spending.WHY)
    return _budget(house, row, now, reached)


@lru_cache(maxsize=16)
def _hours(kind: Kind, now: datetime, hours: Hours) -> Verdict:
    """`may_send`, asked once for all the rows of a claim."""
    return may_send(kind, now, hours)


def counts(row: Due) -> bool:
    """Whether the row counts against the few messages a week that a person gets."""
    return KINDS[row.kind].budget and row.participant_id is not None


def consent(row: Due, look: Due | Now) -> Gate | None:
    """Whether it may go to this person at all, as things stand at the `look`. None when nothing bars it."""
    if look.called_back is not None:
        return Gate("drop", look.called_back)
    if not (look.opted_out or look.blocked or look.resting or look.protected):
        return None
    state = State(
        opted_out=look.opted_out, erased=False, blocked=look.blocked, resting=look.resting, protected=look.protected
    )
    name = row.message or ""
    verdict = may_go(
        KINDS[row.kind], state, is_receipt=name == STOP_RECEIPT, is_command_answer=name.startswith(COMMAND_ANSWERS)
    )
    return None if verdict.ok else Gate("drop", verdict.why_sv)


def _budget(house: House, row: Due, now: datetime, reached: Sequence[datetime]) -> Gate:
    if not reached or not counts(row):
        return GO
    kind, zone = KINDS[row.kind], house.hours.zone
    until = held_by_budget(kind, reached, now, per_week=house.budget_per_week, zone=zone)
    return GO if until is None else _later(row, until, "Personen har fått så många meddelanden som är lagom.")


def _later(row: Due, until: datetime | None, why: str) -> Gate:
    if until is None or (row.not_after is not None and until >= row.not_after):
        return Gate("drop", why, state="expired")
    return Gate("hold", why, until)
