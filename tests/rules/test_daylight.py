"""When it is light: against the almanac for Älvsbyn and Kiruna, and over two years."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.calendar import to_local
from rules.daylight import daylight

ALVSBYN = (65.68, 21.00)
KIRUNA = (67.86, 20.23)


@pytest.mark.parametrize(
    ("day", "rise", "down"),
    [
        (date(2026, 12, 3), "09:14", "13:30"),
        (date(2027, 3, 28), "06:12", "19:16"),
        (date(2027, 6, 21), "01:01", "00:00"),
    ],
)
def test_it_is_light_when_the_almanac_says(day: date, rise: str, down: str) -> None:
    """Within a quarter of an hour; in June the sun sets after midnight, and then nothing is said."""
    light = daylight(day, *ALVSBYN)
    if down == "00:00":
        assert light is None or to_local(light[0]).hour < 3
        return
    assert light is not None
    for moment, clock in zip(light, (rise, down), strict=True):
        wanted = datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=to_local(moment).tzinfo)
        assert abs(moment - wanted) < timedelta(minutes=15)


def test_where_the_sun_does_not_rise_nothing_is_said() -> None:
    """Kiruna at midwinter and at midsummer."""
    assert daylight(date(2026, 12, 21), *KIRUNA) is None
    assert daylight(date(2027, 6, 21), *KIRUNA) is None


@given(st.dates(date(2026, 1, 1), date(2027, 12, 31)), st.floats(55, 69), st.floats(11, 24))
def test_it_gets_light_before_it_gets_dark_on_that_day(day: date, north: float, east: float) -> None:
    """Property: both moments are of that local day, in UTC."""
    light = daylight(day, north, east)
    if light is not None:
        rise, down = light
        assert rise < down
        assert {to_local(rise).date(), to_local(down).date()} == {day}
        assert rise.utcoffset() == down.utcoffset() == UTC.utcoffset(None)


def test_a_place_off_the_globe_is_refused() -> None:
    """With what was given."""
    with pytest.raises(ValueError, match="95"):
        daylight(date(2026, 12, 3), 95, 21)
