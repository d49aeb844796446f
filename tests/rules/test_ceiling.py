"""The day's ceiling: what it stops, and when a day begins."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from rules.ceiling import stops_at_ceiling, today
from rules.kinds import KINDS


def test_answers_staff_and_alarms_always_go() -> None:
    assert {name for name, kind in KINDS.items() if stops_at_ceiling(kind)} == {"meeting", "follow_up", "invitation"}


def test_a_day_is_the_local_one() -> None:
    day, began, ends = today(datetime(2026, 11, 23, 23, 30, tzinfo=UTC))
    assert day == date(2026, 11, 24)
    assert began == datetime(2026, 11, 23, 23, 0, tzinfo=UTC)
    assert ends == datetime(2026, 11, 24, 23, 0, tzinfo=UTC)


@given(st.integers(1_700_000_000, 1_900_000_000).map(lambda at: datetime.fromtimestamp(at, UTC)))
def test_every_moment_lies_in_its_day(now: datetime) -> None:
    _, began, ends = today(now)
    assert began <= now < ends
    assert timedelta(hours=23) <= ends - began <= timedelta(hours=25)
