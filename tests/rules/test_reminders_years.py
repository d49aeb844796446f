"""Two years of starts: nothing in closed hours, after the start, too close to another, or twice."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from rules.reminders import BEFORE, Meeting, Policy, Wish, plan
from rules.roster import Roster, Shift
from rules.sending import Hours

SWEDEN = ZoneInfo("Europe/Stockholm")
FIRST, LAST = datetime(2026, 11, 1, tzinfo=UTC), datetime(2028, 11, 1, tzinfo=UTC)
CHANGES = [datetime(*day, 1, tzinfo=UTC) for day in ((2027, 3, 28), (2027, 10, 31), (2028, 3, 26), (2028, 10, 29))]
POLICY = Policy(roster=Roster(tuple(Shift(1, day, time(8), time(16)) for day in range(5))))
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
LEADS = [8 * DAY, 5 * DAY, 5 * DAY - MINUTE, 3 * DAY, 26 * 60 * MINUTE, 20 * 60 * MINUTE, 5 * 60 * MINUTE, 90 * MINUTE]
"""How long before its start a meeting is booked: each takes another road through the rules."""


def every(first: datetime, last: datetime, step: timedelta) -> Iterator[datetime]:
    while first < last:
        yield first
        first += step


def faults(starts: Iterable[datetime], policy: Policy = POLICY) -> Iterator[str]:
    """What is wrong with the plan of a meeting at each of `starts`, in words, by the hours 9-19 and 8-16."""
    for number, begins in enumerate(starts):
        lead = LEADS[number % len(LEADS)]
        meeting = Meeting(begins, begins + 40 * MINUTE, begins - lead, wish=Wish(same_day=number % 3 > 0))
        items = plan(meeting, policy, None, begins - lead).items
        for item in items:
            hour = item.when.astimezone(SWEDEN).hour
            at_once = item.kind == "confirmation" and lead <= DAY
            if not item.to_staff and not at_once and not 9 <= hour < 19:
                yield f"{begins}: {item.kind} in closed hours, {item.when}"
            if item.to_staff and not 8 <= hour < 16:
                yield f"{begins}: {item.kind} asked of staff who are off, {item.when}"
            if item.kind in BEFORE and not begins - lead <= item.when < item.expires <= begins:
                yield f"{begins}: {item.kind} outside its time, {item.when}"
        kinds = [item.kind for item in items]
        if len(kinds) != len(set(kinds)):
            yield f"{begins}: something twice, {kinds}"
        said = [item.when for item in items if not item.to_staff]
        if any(two - one <= timedelta(hours=3) for one, two in pairwise(said)):
            yield f"{begins}: two within three hours, {said}"


@pytest.mark.slow
@pytest.mark.parametrize("change", CHANGES, ids=str)
def test_every_minute_around_the_change_is_right(change: datetime) -> None:
    assert list(faults(every(change - 36 * 60 * MINUTE, change + 36 * 60 * MINUTE, MINUTE))) == []


@pytest.mark.slow
def test_two_years_of_starts_are_right() -> None:
    """Every 61st minute, so that each minute of the day comes up; all of them were walked once."""
    assert list(faults(every(FIRST, LAST, 61 * MINUTE))) == []


def test_a_fault_would_be_seen() -> None:
    evenings = Policy(
        hours=Hours(time(9), time(22)), day_before_at=time(21), roster=Roster((Shift(1, 0, time(17), time(18)),))
    )
    told = " ".join(faults(every(FIRST, FIRST + DAY, 60 * MINUTE), evenings))
    assert "day_before in closed hours" in told
    assert "silence asked of staff who are off" in told
