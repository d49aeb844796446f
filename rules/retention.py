"""What is due for erasure (gallring), by which rule, and whether that rule has been decided."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

WAITING_SV = "väntar på beslut"
DECIDED_SV = "beslutad"


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of retention: things of the kind `what` are due `after` so long.

    What people write to a municipality are public records (allmänna handlingar), so only a decision lets them go:
    `decision` (its name and number), `decided_on` and `approved_by`. A rule without all three only marks.
    """

    name: str
    what: str
    after: timedelta
    decision: str | None = None
    decided_on: date | None = None
    approved_by: str | None = None


@dataclass(frozen=True, slots=True)
class Subject:
    """One thing about a participant that a rule may be for: its kind, and since when (UTC) nothing happened to it."""

    participant: int
    kind: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Mark:
    """A participant marked by the rule of that name; only a decided one may ever be erased."""

    participant: int
    rule: str
    decided: bool

    @property
    def status_sv(self) -> str:
        """The mark as staff read it."""
        return DECIDED_SV if self.decided else WAITING_SV


HALF_DONE = Rule("half_done_sign_up", "half_done_sign_up", timedelta(days=30))
"""Sign-ups that were never finished: 30 days (the project's first issue on sign-up). Ships without a decision."""


def due(rules: Iterable[Rule], facts: Sequence[Subject], now: datetime) -> list[Mark]:
    """Return what the rules mark at `now` (UTC), by participant and rule, each pair once.

    Nothing is erased here: this is also the dry run that people look at first.
    """
    marks = {
        Mark(fact.participant, rule.name, is_decided(rule, now))
        for rule in rules
        for fact in facts
        if fact.kind == rule.what and now - fact.since >= rule.after
    }
    return sorted(marks, key=lambda mark: (mark.participant, mark.rule))


def is_decided(rule: Rule, now: datetime) -> bool:
    """Say whether a rule carries decision, approver and a date that isn't still to come (in UTC)."""
    named = bool(rule.decision and rule.decision.strip() and rule.approved_by and rule.approved_by.strip())
    return named and rule.decided_on is not None and rule.decided_on <= now.astimezone(UTC).date()


def too_many(marked: int, total: int) -> bool:
    """Say whether a run would erase over 20 % at once, which is more likely a fault than a wish: it is refused."""
    return marked * 5 > total
