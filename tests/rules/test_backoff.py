import math
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.backoff import LONGEST, SHORTEST, clamp_retry_after, retry_in

SECOND = timedelta(seconds=1)


@given(st.integers(1, 10_000), st.text())
def test_waits_lie_between_half_and_whole(attempt: int, key: str) -> None:
    full = min(5 * 2.0 ** min(attempt - 1, 60), 3600)
    assert full / 2 <= retry_in(attempt, key).total_seconds() <= full
    assert retry_in(attempt, key) == retry_in(attempt, key)


@given(st.text())
def test_waits_grow_until_the_cap(key: str) -> None:
    waits = [retry_in(attempt, key) for attempt in range(1, 11)]
    assert waits == sorted(waits)
    assert retry_in(500, key) >= timedelta(minutes=30)


def test_rows_that_failed_together_spread_out() -> None:
    waits = sorted(retry_in(8, f"turn:{n}:1").total_seconds() for n in range(1000))
    tenths = [sum(1 for wait in waits if 320 + 32 * n <= wait < 320 + 32 * (n + 1)) for n in range(10)]
    assert len(set(waits)) == 1000
    assert min(tenths) > 60
    assert max(tenths) < 140


def test_any_key_and_scale_will_do() -> None:
    assert retry_in(1, "lone \ud800") > timedelta(0)
    assert retry_in(3, "k", base=SECOND, cap=2 * SECOND) <= 2 * SECOND
    with pytest.raises(ValueError, match="from 1"):
        retry_in(0, "k")


@given(st.none() | st.floats())
def test_any_retry_after_becomes_sane(seconds: float | None) -> None:
    assert SHORTEST <= clamp_retry_after(seconds) <= LONGEST


@pytest.mark.parametrize(
    ("said", "waits"),
    [
        (30, 30),
        (0, 1),
        (-5, 1),
        (3600, 3600),
        (3601, 3600),
        (math.inf, 3600),
        (-math.inf, 1),
        (math.nan, 30),
        (None, 30),
    ],
)
def test_retry_after_is_kept_within_limits(said: float | None, waits: int) -> None:
    assert clamp_retry_after(said) == waits * SECOND
