"""Whom to invite to a group activity: in a fair order, and a reason in Swedish for everybody who is left out.

The reasons are for staff. What a person wished for, or why they are in touch, is no part of any of it.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Literal

from rules.bad_input import BadInput
from rules.calendar import STOCKHOLM, to_local

BETWEEN_DAYS: Final = 7
"""Days between two invitations to one person: a day and the six before it, as the budget counts a week."""

Reason = Literal[
    "protected",
    "stopp",
    "read_by_others",
    "resting",
    "no_way",
    "invited_here",
    "invited_this_week",
    "over_budget",
    "in_talk",
    "apart",
]

WHY_SV: Final[dict[Reason, str]] = {
    "protected": "Har skyddade personuppgifter. Fråga på det sätt som ni har kommit överens om.",
    "stopp": "Har skrivit STOPP.",
    "read_by_others": "Någon annan kan läsa på telefonen. Fråga när ni ses eller hörs.",
    "resting": "Botens egna meddelanden vilar tills någon av er släpper dem.",
    "no_way": "Har ingen väg som vi kan skriva på.",
    "invited_here": "Är redan inbjuden hit.",
    "invited_this_week": "Blev inbjuden till något för mindre än en vecka sedan.",
    "over_budget": "Har redan fått så många meddelanden som vi skickar på en vecka.",
    "in_talk": "Är mitt i ett samtal med boten.",
    "apart": "Ska inte vara i samma grupp som någon som är med här.",
}
"""Why somebody is left out, in the order in which the first that holds is told: what matters most stands first."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who could be asked. Moments are UTC.

    turned_away   when they last said yes and got no place, with no place since; None: not so
    last_invited  when they were last invited to anything; None: never
    The rest is what stands in the way: protected identity, STOPP, somebody who may read their
    phone (no activity in texts then: the design), a rest after an alarm, no way to reach them, a talk
    that is open, and a week's messages used up (rules/budget.py says so).
    """

    person: int
    turned_away: datetime | None = None
    last_invited: datetime | None = None
    protected: bool = False
    opted_out: bool = False
    read_by_others: bool = False
    resting: bool = False
    reachable: bool = True
    over_budget: bool = False
    in_talk: bool = False


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Somebody who is not asked, and why."""

    person: int
    reason: Reason

    @property
    def why_sv(self) -> str:
        """The reason in plain Swedish, for staff."""
        return WHY_SV[self.reason]


@dataclass(frozen=True, slots=True)
class Choice:
    """Who is asked now, in which order; who is next; and who is left out."""

    ask: tuple[int, ...]
    later: tuple[int, ...]
    left_out: tuple[LeftOut, ...]


def choose(
    candidates: Iterable[Candidate],
    count: int,
    now: datetime,
    *,
    invited: Collection[int] = (),
    apart: Collection[frozenset[int]] = (),
    zone: str = STOCKHOLM,
) -> Choice:
    """Choose whom to ask, `count` at most (as `next_wave` says), of those that staff picked.

    First those who were turned away last time, the one who has waited longest first; then those who have gone longest
    without an invitation, those who never had one first; then by id, the oldest in touch first. Nothing is drawn by
    lot: the same values give the same choice. `invited`: who has been asked to this activity already. `apart`: pairs
    who are never asked to the same one; of two, the one who is first in order is asked, and the other is told of as
    left out, whether the first comes or not. Raises BadInput when nobody was picked, ValueError for a count below 0.
    """
    if count < 0:
        raise ValueError("nobody is asked less than none")
    queue = sorted({each.person: each for each in candidates}.values(), key=_order)
    if not queue:
        raise BadInput("audience", "Ingen är vald. Välj minst en person att bjuda in.")
    ask: list[int] = []
    later: list[int] = []
    left_out: list[LeftOut] = []
    there = set(invited)
    for each in queue:
        reason = reason_against(each, now, invited, zone)
        if reason is None and any(pair - {each.person} & there for pair in apart if each.person in pair):
            reason = "apart"
        if reason is not None:
            left_out.append(LeftOut(each.person, reason))
        else:
            # Who comes later keeps others out too, or the next wave would part from what the preview showed.
            there.add(each.person)
            (ask if len(ask) < count else later).append(each.person)
    return Choice(tuple(ask), tuple(later), tuple(left_out))


def reason_against(
    who: Candidate, now: datetime, invited: Collection[int] = (), zone: str = STOCKHOLM
) -> Reason | None:
    """Say what stands in the way of asking somebody, the gravest first; None when nothing does."""
    against: dict[Reason, bool] = {
        "protected": who.protected,
        "stopp": who.opted_out,
        "read_by_others": who.read_by_others,
        "resting": who.resting,
        "no_way": not who.reachable,
        "invited_here": who.person in invited,
        "invited_this_week": who.last_invited is not None and _days_since(who.last_invited, now, zone) < BETWEEN_DAYS,
        "over_budget": who.over_budget,
        "in_talk": who.in_talk,
    }
    return next((reason for reason, holds in against.items() if holds), None)


def _days_since(then: datetime, now: datetime, zone: str) -> int:
    return (to_local(now, zone).date() - to_local(then, zone).date()) // timedelta(days=1)


def _order(who: Candidate) -> tuple[bool, datetime, datetime, int]:
    never = datetime.min.replace(tzinfo=UTC)
    return (who.turned_away is None, who.turned_away or never, who.last_invited or never, who.person)
