"""When it is light on a day at a place: for what to wear, and for walks that end before dark."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache

from rules.calendar import STOCKHOLM, to_utc


@lru_cache(maxsize=512)
def daylight(day: date, latitude: float, longitude: float, zone: str = STOCKHOLM) -> tuple[datetime, datetime] | None:
    """Return sunrise and sunset (UTC) on the local `day`; None where the sun doesn't rise, or doesn't set, that day.

    Degrees north and east. Raises ValueError for a place that is not on the globe.
    """
    from astral import Observer  # only those who write of a walk need it
    from astral.sun import sunrise, sunset

    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        raise ValueError(f"no place lies at {latitude}, {longitude}")
    place = Observer(latitude, longitude)
    starts = to_utc(day, time(0), zone)
    try:
        rise, down = sunrise(place, day, tzinfo=UTC), sunset(place, day, tzinfo=UTC)
    except ValueError:  # astral's word for a sun that stays below, or above
        return None
    return (rise, down) if starts <= rise < down < starts + timedelta(days=1) else None
