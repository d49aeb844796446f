"""What an activity must be before anything is sent, and by when people answer."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.activities import TIME_TO_ANSWER, advice, last_answer
from rules.calendar import is_working_day, to_local

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)  # a Monday, 10.00
STARTS = datetime(2026, 12, 8, 13, tzinfo=UTC)  # a Tuesday, 14.00


@pytest.mark.parametrize(
    ("now", "answer_by"),
    [
        (NOW, datetime(2026, 12, 4, 16, tzinfo=UTC)),
        (datetime(2026, 12, 4, 9, tzinfo=UTC), datetime(2026, 12, 7, 16, tzinfo=UTC)),  # the day before
        (datetime(2026, 12, 7, 16, tzinfo=UTC), datetime(2026, 12, 8, 10, tzinfo=UTC)),  # three hours before
        (datetime(2026, 12, 8, 9, tzinfo=UTC), datetime(2026, 12, 8, 11, tzinfo=UTC)),  # half of what is left
    ],
)
def test_the_last_day_to_answer_is_early_when_there_is_time(now: datetime, answer_by: datetime) -> None:
    assert last_answer(STARTS, now) == answer_by


moments = st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@given(moments, st.timedeltas(timedelta(minutes=1), timedelta(days=700)))
def test_the_last_moment_is_between_now_and_the_start(now: datetime, ahead: timedelta) -> None:
    starts = now + ahead
    by = last_answer(starts, now)
    assert now < by < starts
    if ahead > timedelta(days=15):
        assert is_working_day(to_local(by).date())
        assert by - now >= TIME_TO_ANSWER
        assert (to_local(starts).date() - to_local(by).date()).days >= 2


def test_large_and_small_groups_get_advice() -> None:
    assert advice(12, 3) == ("I grupper med fler än 7 blir en del tysta.",)
    assert advice(2, 2) == ("Med färre än 3 kan det kännas utsatt.",)
    assert advice(7, 3) == ()
