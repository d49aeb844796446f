"""A bucket lets a few through at once, and then as many as time gives."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.doors.limits import Bucket


def test_burst_passes_then_time_decides() -> None:
    now = [0.0]
    bucket = Bucket(burst=3, per_minute=60, ticking=lambda: now[0])
    assert [bucket.take("a") for _ in range(5)] == [True, True, True, False, False]
    assert bucket.take("b")
    now[0] = 2.0
    assert [bucket.take("a") for _ in range(3)] == [True, True, False]


def test_only_the_latest_senders_are_remembered() -> None:
    bucket = Bucket(burst=1, per_minute=0, most=2, ticking=lambda: 0.0)
    for key in "abc":
        bucket.take(key)
    assert [bucket.knows(key) for key in "abc"] == [False, True, True]


@given(st.lists(st.floats(0, 30), max_size=60), st.integers(1, 10), st.floats(0, 120))
def test_never_more_than_burst_and_rate(gaps: list[float], burst: int, per_minute: float) -> None:
    now = [0.0]
    bucket = Bucket(burst, per_minute, ticking=lambda: now[0])
    passed = 0
    for gap in gaps:
        now[0] += gap
        passed += bucket.take("a")
    assert passed <= burst + now[0] * per_minute / 60 + 1e-6
