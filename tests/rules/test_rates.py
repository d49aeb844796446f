from bisect import bisect_left
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.rates import Pace

START = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
rates = st.sampled_from([0.1, 0.5, 1.0, 1.5, 2.0, 3.0, 7.0, 10.0, 25.0, 30.0, 49.0, 100.0, 333.0, 1000.0])
pauses = st.lists(st.integers(1, 400), min_size=1, max_size=150)


def walk(pace: Pace, waits: list[int], share: float = 1.0) -> list[datetime]:
    """When messages go, for somebody who looks after these many milliseconds and takes such a share of the room."""
    at, next_at, starts = START, None, list[datetime]()
    for wait in waits:
        count = int(pace.room(next_at, at) * share)
        if count:
            next_at = pace.spend(next_at, at, count)
            starts += [at] * count
        at += timedelta(milliseconds=wait)
    return starts


@given(rates, pauses, st.sampled_from([1.0, 0.5]))
def test_no_second_ever_holds_more_than_the_rate(rate: float, waits: list[int], share: float) -> None:
    starts = walk(Pace.of(rate), waits, share)
    most = max((bisect_left(starts, each + SECOND) - n for n, each in enumerate(starts)), default=0)
    assert most <= max(1, rate)


@pytest.mark.parametrize("rate", [1.0, 10.0, 25.0, 100.0, 1000.0])
def test_who_looks_often_gets_nearly_the_whole_rate(rate: float) -> None:
    starts = walk(Pace.of(rate), [20] * 500)
    assert 0.9 * rate * 10 <= len(starts) <= rate * 10 + 1


@given(rates, pauses)
def test_it_says_when_it_opens(rate: float, waits: list[int]) -> None:
    pace, at, next_at = Pace.of(rate), START, None
    for wait in waits:
        opens = pace.opens(next_at, at)
        assert pace.room(next_at, opens) >= 1
        assert (pace.room(next_at, at) == 0) == (opens > at)
        next_at = pace.spend(next_at, at, pace.room(next_at, at))
        at += timedelta(milliseconds=wait)


def test_a_reply_waits_for_one_step_at_most() -> None:
    """The rate is spread evenly: nobody waits for the next second to begin."""
    pace = Pace.of(25)
    next_at = pace.spend(None, START, pace.room(None, START))
    assert pace.opens(next_at, START) - START <= timedelta(milliseconds=40)


@pytest.mark.parametrize("rate", [0, -1, float("inf"), float("nan")])
def test_a_rate_is_a_number_above_zero(rate: float) -> None:
    with pytest.raises(ValueError, match="a rate"):
        Pace.of(rate)
