"""Swedish days: which are red, how a day and a clock are written, and how wall time becomes UTC."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

STOCKHOLM = "Europe/Stockholm"

_WEEKDAYS = ("måndag", "tisdag", "onsdag", "torsdag", "fredag", "lördag", "söndag")
_MONTHS = (
    "januari",
    "februari",
    "mars",
    "april",
    "maj",
    "juni",
    "juli",
    "augusti",
    "september",
    "oktober",
    "november",
    "december",
)
_SUNDAY = 6
_SATURDAY = 5


def weekday_name(weekday: int) -> str:
    """Return the Swedish name of a weekday; 0 is Monday. Raises ValueError outside 0-6."""
    if not 0 <= weekday <= _SUNDAY:
        raise ValueError(f"a weekday is 0 (Monday) to 6 (Sunday), not {weekday}")
    return _WEEKDAYS[weekday]


def month_name(month: int) -> str:
    """Return the Swedish name of a month, 1 to 12. Raises ValueError outside."""
    if not 1 <= month <= 12:
        raise ValueError(f"a month is 1 to 12, not {month}")
    return _MONTHS[month - 1]


def day_and_month(day: date) -> str:
    """Return a day as it is said without its weekday: "15 december"."""
    return f"{day.day} {_MONTHS[day.month - 1]}"


def red_day_name(day: date) -> str | None:
    """Return why `day` is red, in lower-case Swedish ("juldagen", "söndag"), or None.

    Public holidays are those of SFS 1989:253. Midsommarafton, julafton and nyårsafton are not in that act, but
    semesterlagen (1977:480, 7 §) puts them on a par with Sundays and everything is closed, so they count. A holiday's
    own name goes before "söndag". Two holidays on one day are joined by "och". Half days such as skärtorsdagen aren't
    red. Good for 1953-2100, the years that the holidays package knows; outside them only Sundays are red.
    """
    name = _named_days(day.year).get(day)
    if name is None and day.weekday() == _SUNDAY:
        return _WEEKDAYS[_SUNDAY]
    return name


def is_red_day(day: date) -> bool:
    """Say whether `day` is a Sunday, a public holiday or one of the three eves."""
    return red_day_name(day) is not None


def is_holiday(day: date) -> bool:
    """Say whether `day` is red for more than being a Sunday: a public holiday or one of the three eves."""
    return day in _named_days(day.year)


def is_working_day(day: date) -> bool:
    """Say whether `day` is Monday to Friday and not red."""
    return day.weekday() < _SATURDAY and not is_red_day(day)


@lru_cache(maxsize=64)
def _named_days(year: int) -> Mapping[date, str]:
    # Imported here: the package costs 90 ms, and most commands never ask for a red day.
    from holidays.constants import DE_FACTO, PUBLIC
    from holidays.countries.sweden import Sweden

    # Every default is spelled out: Sundays came by default in older versions, the eves only by category in newer ones,
    # and `expand` would let a look-up add years to a shared object.
    found = Sweden(years=year, categories=(PUBLIC, DE_FACTO), include_sundays=False, language="sv", expand=False)
    return {day: _running_text(name) for day, name in found.items()}


def _running_text(names: str) -> str:
    """Turn "Första maj; Kristi himmelsfärdsdag" into "första maj och Kristi himmelsfärdsdag"."""
    parts = [name if name.startswith("Kristi") else name[0].lower() + name[1:] for name in names.split("; ")]
    return " och ".join(parts)


def to_local(at: datetime, zone: str = STOCKHOLM) -> datetime:
    """Return `at` as wall time in `zone`. Raises ValueError for a datetime without a zone of its own."""
    if at.tzinfo is None:
        raise ValueError("a moment must carry its zone (UTC); this one has none")
    return at.astimezone(ZoneInfo(zone))


@lru_cache(maxsize=8192)
def to_utc(day: date, clock: time, zone: str = STOCKHOLM) -> datetime:
    """Return the moment (UTC) when the clock on the wall in `zone` shows `clock` on `day`.

    Our choice at the two changes a year: a time that does not exist (spring) is the first minute that does, and a time
    that comes twice (autumn) is the first of the two. So the rule "at 02.30" happens exactly once, every day.
    """
    place = ZoneInfo(zone)
    wall = datetime.combine(day, clock.replace(tzinfo=None, fold=0))
    moment = wall.replace(tzinfo=place).astimezone(UTC)
    while moment.astimezone(place).replace(tzinfo=None) != wall:
        wall = wall.replace(second=0, microsecond=0) + timedelta(minutes=1)
        moment = wall.replace(tzinfo=place).astimezone(UTC)
    return moment


def swedish_day(day: date, today: date) -> str:
    """Return `day` as a Swede would say it on `today`: "i går", "i dag", "i morgon" or "onsdag 25 november".

    The year is added only when it is another one: "onsdag 6 januari 2027".
    """
    near = {-1: "i går", 0: "i dag", 1: "i morgon"}.get((day - today).days)
    if near is not None:
        return near
    return f"{_long_day(day)} {day.year}" if day.year != today.year else _long_day(day)


def _long_day(day: date) -> str:
    return f"{_WEEKDAYS[day.weekday()]} {day.day} {_MONTHS[day.month - 1]}"


def swedish_clock(clock: time) -> str:
    """Return `clock` as text wants it after "kl. ": "8" on the hour, else "13.30" (full stop, no leading zero)."""
    return f"{clock.hour}.{clock.minute:02}" if clock.minute else str(clock.hour)


def swedish_moment(dt_utc: datetime, today: date | None = None, tz: str = STOCKHOLM) -> str:
    """Return a moment as "onsdag 25 november kl. 13.30", in the wall time of `tz`.

    With `today` (the local date) near days are said as "i dag" or "i morgon", and another year is written out; without
    it, neither. Raises ValueError for a datetime without a zone.
    """
    wall = to_local(dt_utc, tz)
    day = _long_day(wall.date()) if today is None else swedish_day(wall.date(), today)
    return f"{day} kl. {swedish_clock(wall.time())}"
