from datetime import UTC, datetime, timedelta

import pytest

from ingang.clock import MovableClock, SystemClock, business_clock, lease_now
from ingang.errors import UserError

CLOSE = timedelta(seconds=5)


def test_business_time_is_aware_utc() -> None:
    assert SystemClock().now().tzinfo is UTC
    assert MovableClock().now().tzinfo is UTC


def test_movable_clock_moves_forward() -> None:
    clock = MovableClock()
    before = clock.now()
    after = clock.move(timedelta(days=2, hours=3))
    assert timedelta(days=2, hours=3) <= after - before < timedelta(days=2, hours=3) + CLOSE
    assert clock.offset == timedelta(days=2, hours=3)


def test_movable_clock_refuses_a_step_back() -> None:
    with pytest.raises(ValueError, match="forward only"):
        MovableClock().move(timedelta(seconds=-1))


def test_clock_starts_where_it_is_told() -> None:
    start = datetime(2026, 11, 25, 12, 30, tzinfo=UTC)
    assert start <= MovableClock.starting_at(start).now() < start + CLOSE


def test_clock_refuses_a_time_without_a_zone() -> None:
    with pytest.raises(ValueError, match="without a zone"):
        MovableClock.starting_at(datetime(2026, 11, 25, 12, 30))  # noqa: DTZ001 - that is what is tested


def test_lease_time_ignores_the_business_clock() -> None:
    clock = MovableClock()
    before = lease_now()
    clock.move(timedelta(days=30))
    assert timedelta(0) <= lease_now() - before < CLOSE
    assert abs(lease_now() - SystemClock().now()) < CLOSE


def test_environment_sets_the_business_time_only() -> None:
    clock = business_clock({"INGANG_TEST_NOW": "2031-05-01T08:00:00+02:00"})
    assert clock.now().isoformat().startswith("2031-05-01T06:00:0")
    assert lease_now().year < 2031


def test_several_processes_may_share_a_moved_clock() -> None:
    one, two = (business_clock({"INGANG_TEST_NOW": "+86400.5"}) for _ in range(2))
    assert abs(one.now() - two.now()) < CLOSE
    assert timedelta(seconds=86400) < one.now() - SystemClock().now() < timedelta(seconds=86401)


def test_without_the_variable_it_is_the_machines_time() -> None:
    assert isinstance(business_clock({}), SystemClock)


@pytest.mark.parametrize("given", ["tomorrow", "2031-05-01T08:00:00", "3600", "+1e9", "+9999999999"])
def test_a_wrong_test_time_is_told_with_a_way_out(given: str) -> None:
    with pytest.raises(UserError, match=r"INGANG_TEST_NOW.*write it as"):
        business_clock({"INGANG_TEST_NOW": given})
