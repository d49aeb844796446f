from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from rules.budget import held_by_budget, pause_days, stage
from rules.calendar import to_local, to_utc
from rules.kinds import KINDS, kind

NUDGE = kind("follow_up")
DAY = timedelta(days=1)
moments = st.datetimes(datetime(2027, 3, 20), datetime(2027, 4, 10), timezones=st.just(UTC))  # noqa: DTZ001


def noon(day: int) -> datetime:
    return datetime(2026, 11, day, 11, tzinfo=UTC)


def midnight(day: int) -> datetime:
    return datetime(2026, 11, day - 1, 23, tzinfo=UTC)


@pytest.mark.parametrize("name", [name for name, row in KINDS.items() if not row.budget])
def test_kinds_without_budget_are_never_held(name: str) -> None:
    assert held_by_budget(kind(name), [noon(23)] * 9, noon(23), unanswered=9) is None


@pytest.mark.parametrize(
    ("sent", "goes"),
    [
        ([], None),
        ([noon(20)], None),
        ([noon(23)], midnight(24)),  # one a day
        ([midnight(23)], midnight(24)),
        ([midnight(23) - timedelta(minutes=1)], None),  # yesterday by one minute
        ([noon(18), noon(20)], midnight(25)),  # two within seven days: free when the first is a week old
        ([noon(20), noon(18)], midnight(25)),
        ([noon(16), noon(20)], None),  # the first is a week old today
        ([noon(17), noon(23)], midnight(24)),
        ([noon(21), noon(23)], midnight(28)),
    ],
)
def test_the_week_and_the_day_have_room(sent: list[datetime], goes: datetime | None) -> None:
    assert held_by_budget(NUDGE, sent, noon(23)) == goes


def test_other_limits_are_kept() -> None:
    sent = [noon(23), noon(23)]
    assert held_by_budget(NUDGE, sent, noon(23), per_week=3, per_day=3) is None
    assert held_by_budget(NUDGE, sent, noon(23), per_week=3, per_day=2) == midnight(24)
    assert held_by_budget(NUDGE, sent, noon(23), per_week=1, per_day=1) == midnight(30)
    assert held_by_budget(NUDGE, [noon(23)], noon(23), per_week=1, per_day=2) == midnight(30)


@pytest.mark.parametrize(("per_week", "per_day"), [(0, 1), (1, 0), (-1, 1)])
def test_a_budget_of_none_is_refused(per_week: int, per_day: int) -> None:
    with pytest.raises(ValueError, match="never"):
        held_by_budget(NUDGE, [], noon(23), per_week=per_week, per_day=per_day)


def test_pauses_double_after_three_unanswered() -> None:
    assert [pause_days(n) for n in range(9)] == [0, 0, 0, 7, 14, 28, 28, 28, 28]


def test_one_closing_message_then_none() -> None:
    stages = [stage(n) for n in range(8)]
    assert stages == ["normal", "normal", "normal", "slow", "slow", "closing", "closed", "closed"]


def test_a_silent_person_is_left_longer() -> None:
    assert held_by_budget(NUDGE, [noon(16)], noon(22), unanswered=3) == midnight(23)
    assert held_by_budget(NUDGE, [noon(16)], noon(23), unanswered=3) is None
    assert held_by_budget(NUDGE, [noon(9), noon(16)], noon(23), unanswered=4) == midnight(30)
    assert held_by_budget(NUDGE, [], noon(23), unanswered=4) is None


@given(st.lists(moments, max_size=8), moments, st.integers(1, 4), st.integers(1, 2), st.integers(0, 6))
@example([datetime(2027, 3, 27, 12, tzinfo=UTC)], datetime(2027, 3, 27, 13, tzinfo=UTC), 2, 1, 0)
def test_the_moment_given_is_the_first_free(
    sent: list[datetime], at: datetime, per_week: int, per_day: int, unanswered: int
) -> None:
    def held(moment: datetime) -> datetime | None:
        return held_by_budget(NUDGE, sent, moment, per_week, per_day, unanswered=unanswered)

    found = held(at)
    if found is None:
        return
    assert found > at
    assert held(found) is None
    today = to_local(at).date()
    between = [today + n * DAY for n in range(1, (to_local(found).date() - today).days)]
    assert all(held(to_utc(day, time(12))) == found for day in between)


@given(moments, st.integers(1, 3))
def test_nobody_gets_more_than_the_budget(start: datetime, per_week: int) -> None:
    sent: list[datetime] = []
    for hour in range(0, 24 * 30, 5):
        at = start + timedelta(hours=hour)
        if held_by_budget(NUDGE, sent, at, per_week=per_week) is None:
            sent.append(at)
    days: list[date] = [to_local(moment).date() for moment in sent]
    assert len(set(days)) == len(days)
    assert all(sum(1 for other in days if day <= other < day + 7 * DAY) <= per_week for day in days)
    assert len(days) >= 4 * per_week
