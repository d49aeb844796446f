"""Who is alarmed about distress, in which order."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from rules.roster import Roster, next_staffed, on_duty

NEXT_AFTER = timedelta(minutes=10)
"""How long an alarm may stand unread before it goes on (the design's part on safety)."""


@dataclass(frozen=True, slots=True)
class Step:
    """Alarm `staff` at `at` (UTC) unless a human has taken the item by then. Steps are numbered from 1.

    A first step without staff means that nobody is on duty: the answer to the person may not claim an alarm.
    """

    step: int
    at: datetime
    staff: tuple[int, ...]


def steps(opened_at: datetime, roster: Roster, order: Sequence[int], manager: int | None = None) -> list[Step]:
    """Return the whole ladder for an item opened at `opened_at` (UTC); the first step is always there.

    Those on duty at once; 10 minutes later the first in `order` not yet alarmed, on duty or not, since the unit agreed
    on that order; 10 minutes later the manager. A rung with nobody new on it is left out. With nobody on duty the first
    step is empty and the ladder starts when somebody next is: that moment is when the item is due. With nobody for 30
    days the manager alone is told, after 10 minutes: the roster itself is broken then.
    """
    now = _by_order(on_duty(roster, opened_at), order)
    starts = opened_at if now else next_staffed(roster, opened_at)
    rungs: list[tuple[datetime, tuple[int, ...]]] = [(opened_at, now)]
    if starts is None:
        return _numbered(rungs, opened_at + NEXT_AFTER, manager)
    if not now:
        rungs.append((starts, _by_order(on_duty(roster, starts), order)))
    alarmed = set(rungs[-1][1])
    following = next((who for who in order if who not in alarmed and who != manager), None)
    if following is not None:
        rungs.append((starts + NEXT_AFTER, (following,)))
    return _numbered(rungs, rungs[-1][0] + NEXT_AFTER, None if manager in alarmed else manager)


def due_at(ladder: Sequence[Step]) -> datetime | None:
    """Return when (UTC) the item is due with somebody: the first step that has staff; None when none has."""
    return next((one.at for one in ladder if one.staff), None)


def _by_order(staff: Sequence[int], order: Sequence[int]) -> tuple[int, ...]:
    place = {who: index for index, who in reversed(list(enumerate(order)))}
    return tuple(sorted(staff, key=lambda who: (place.get(who, len(order)), who)))


def _numbered(rungs: list[tuple[datetime, tuple[int, ...]]], then: datetime, manager: int | None) -> list[Step]:
    if manager is not None:
        rungs = [*rungs, (then, (manager,))]
    return [Step(number, at, staff) for number, (at, staff) in enumerate(rungs, start=1)]
