"""When check-ins are due, whatever the months and the day that it began."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.check_ins import all_of, months_after, next_after, open_on

some_months = st.lists(st.integers(0, 120), unique=True, max_size=8).map(sorted)
starts = st.dates(date(2020, 1, 1), date(2060, 12, 31))


def test_a_year_of_four() -> None:
    made = all_of([0, 3, 6, 12], date(2026, 11, 12))
    assert [(each.month, each.due, each.last) for each in made] == [
        (0, date(2026, 11, 12), date(2026, 12, 28)),  # 92 days to the next: 46 late is in time
        (3, date(2027, 2, 12), date(2027, 3, 28)),
        (6, date(2027, 5, 12), date(2027, 8, 12)),
        (12, date(2027, 11, 12), date(2028, 2, 12)),
    ]


@pytest.mark.parametrize(
    ("start", "months", "day"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2027, 11, 30), 3, date(2028, 2, 29)),
        (date(2028, 2, 29), 12, date(2029, 2, 28)),
        (date(2026, 12, 1), 0, date(2026, 12, 1)),
        (date(2026, 12, 31), 12, date(2027, 12, 31)),
    ],
)
def test_a_day_that_a_month_has_not_is_its_last(start: date, months: int, day: date) -> None:
    assert months_after(start, months) == day


@pytest.mark.parametrize(
    ("months", "last"), [([0], date(2027, 5, 13)), ([6], date(2027, 8, 10)), ([0, 1], date(2026, 12, 27))]
)
def test_the_last_has_the_way_that_led_to_it(months: list[int], last: date) -> None:
    assert all_of(months, date(2026, 11, 12))[-1].last == last


@given(some_months, starts)
def test_each_is_given_in_its_own_time(months: list[int], start: date) -> None:
    made = all_of(months, start)
    assert [each.month for each in made] == months
    for one, following in pairwise(made):
        assert start <= one.due <= one.last < following.due
        half = (following.due - one.due) / 2
        assert one.last - one.due <= half < one.last + timedelta(days=1) - one.due, "late by more than half is skipped"
    assert all(each.last > each.due for each in made)


@given(some_months, starts, st.integers(-40, 5_000))
def test_one_is_open_at_most_and_the_next_is_later(months: list[int], start: date, days: int) -> None:
    made, day = all_of(months, start), start + timedelta(days=days)
    here, following = open_on(made, day), next_after(made, day)
    assert [each for each in made if each.is_open_on(day)] == ([here] if here else [])
    assert following is None or following.due > day
    assert len([each for each in made if each.due > day]) == (made[::-1].index(following) + 1 if following else 0)
    if day < start:
        assert here is None


@given(some_months, starts, st.integers(0, 120), st.integers(1, 28))
def test_a_later_start_never_makes_one_due_sooner(months: list[int], start: date, month: int, days: int) -> None:
    later = start + timedelta(days=days)
    assert months_after(start, month) <= months_after(later, month)
    pairs = zip(all_of(months, start), all_of(months, later), strict=True)
    assert all(one.due <= other.due for one, other in pairs)
