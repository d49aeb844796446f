"""The year as a ring: every month has its part, every activity its dot, and none lies outside."""

from __future__ import annotations

from datetime import date
from math import hypot

from hypothesis import given
from hypothesis import strategies as st

from staff.activity_board import Month, Turn
from staff.year_ring import DOTS, MIDDLE, ring_of

NAMES = ("januari", "februari", "mars", "april", "maj", "juni")


def _turn(day: date, cancelled: bool = False, in_series: bool = False) -> Turn:
    return Turn(1, day, "13-15", "fikar vi", cancelled, in_series, None)


@given(st.lists(st.dates(date(2026, 1, 1), date(2026, 6, 30)), max_size=60))
def test_each_activity_has_a_dot_in_its_months_part(days: list[date]) -> None:
    months = [
        Month(name, 2026, number, tuple(_turn(day) for day in days if day.month == number))
        for number, name in enumerate(NAMES, start=1)
    ]
    ring = ring_of(months)
    assert len(ring.parts) == 6
    assert ring.count == len(ring.dots) == len(days)
    assert [part.count for part in ring.parts] == [len(month.turns) for month in months]
    for dot in ring.dots:
        assert abs(hypot(dot.x - MIDDLE, dot.y - MIDDLE) - DOTS) < 0.2


def test_the_first_month_is_at_the_top_and_told_in_words() -> None:
    months = [
        Month(name, 2026, number, (_turn(date(2026, number, 1), number == 2, number == 3),) if number < 4 else ())
        for number, name in enumerate(NAMES, start=1)
    ]
    ring = ring_of(months)
    assert ring.told == "Årshjulet: januari 1, februari 1, mars 1."
    assert [dot.sort for dot in ring.dots] == ["one", "off", "series"]
    assert ring.dots[0].x > MIDDLE
    assert ring.dots[0].y < MIDDLE
    assert ring_of([Month("maj", 2026, 5, ())]).told == "Årshjulet är tomt."
