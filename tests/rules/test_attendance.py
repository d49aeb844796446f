"""Quarter hours that an auditor can follow."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.attendance import QUARTER, quarters
from rules.bad_input import BadInput


@pytest.mark.parametrize(
    ("minutes", "count"),
    [(0, 0), (1, 0), (7, 0), (8, 1), (14, 1), (15, 1), (16, 1), (22, 1), (23, 2), (90, 6), (1440, 96)],
)
def test_minutes_become_quarters(minutes: int, count: int) -> None:
    assert quarters(minutes) == count


@pytest.mark.parametrize("minutes", [-1, 1441])
def test_minutes_that_no_day_has_are_named(minutes: int) -> None:
    with pytest.raises(BadInput, match="från 0 till 1440"):
        quarters(minutes)


@given(st.integers(0, 1440))
def test_a_day_is_never_more_than_half_a_quarter_off(minutes: int) -> None:
    assert abs(quarters(minutes) * QUARTER - minutes) <= QUARTER / 2
