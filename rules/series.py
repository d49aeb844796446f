"""A series of activities: when it comes, by a rule of RFC 5545 (RRULE), and the rule in Swedish words.

The rule is unrolled in local time: what is at 14.00 stays at 14.00 when the clocks change. Nothing is said of a rule
that has no end: a year wheel is planned, and whoever comes should know when it stops.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from typing import TYPE_CHECKING, Final

from rules.bad_input import BadInput
from rules.calendar import (
    STOCKHOLM,
    day_and_month,
    month_name,
    red_day_name,
    swedish_clock,
    to_local,
    to_utc,
    weekday_name,
)

if TYPE_CHECKING:
    from dateutil.rrule import rrule

MOST: Final = 60
"""Occasions of one series. Our choice: every week for a year, and some."""

LONGEST_DAYS: Final = 731
"""From the first to the last: two years, of which one may be a leap year. Our choice."""

RULE: Final = "rule"
"""The field that faults of a rule are told by."""

_DAYS: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_FREQUENCIES: Final = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")
_PARTS: Final = ("FREQ", "INTERVAL", "COUNT", "UNTIL", "BYDAY", "BYMONTHDAY", "BYMONTH", "BYSETPOS", "WKST")
_BYDAY: Final = re.compile(r"([+-]?[1-5])?(MO|TU|WE|TH|FR|SA|SU)")
_UNTIL: Final = re.compile(r"(\d{8})(?:T(\d{6})(Z?))?")
_NUMBER: Final = re.compile(r"[1-9]\d{0,3}")
_EVERY_MONTH_HAS: Final = 28  # days; of a later one some months would be passed over, and words would hide it
_ORDERS: Final = {1: "första", 2: "andra", 3: "tredje", 4: "fjärde", 5: "femte", -1: "sista", -2: "näst sista"}


@dataclass(frozen=True, slots=True)
class Occasion:
    """One of a series: when it starts (UTC), and why that day is red ("juldagen"), or None."""

    starts: datetime
    red: str | None


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule that was read. `until` is the last local moment; one of it and `count` is there, never both."""

    frequency: str
    interval: int
    count: int | None
    until: datetime | None
    by_day: tuple[tuple[int, int], ...]  # (which in the month, 0 for each; weekday, 0 is Monday)
    by_month_day: tuple[int, ...]
    by_month: tuple[int, ...]
    by_position: tuple[int, ...]
    week_starts: int


def read_rule(text: str, zone: str = STOCKHOLM) -> Rule:
    """Read an RRULE, with or without "RRULE:" in front. Raises BadInput, which names what cannot be used.

    Refused: a rule with no end, one with two ends, more than once a day, a part that we do not know, and a number that
    no calendar has. COUNT and UNTIL are as in RFC 5545; an UNTIL that is a date includes that day.
    """
    given = _parts(text)
    frequency = given.get("FREQ", "")
    if frequency not in _FREQUENCIES:
        raise BadInput(RULE, f"FREQ är {frequency or 'inte givet'}. Välj DAILY, WEEKLY, MONTHLY eller YEARLY.")
    if "COUNT" not in given and "UNTIL" not in given:
        raise BadInput(RULE, "Regeln har inget slut. Skriv en sista dag (UNTIL) eller ett antal gånger (COUNT).")
    if "COUNT" in given and "UNTIL" in given:
        raise BadInput(RULE, "Regeln har två slut. Välj sista dag (UNTIL) eller antal gånger (COUNT).")
    rule = Rule(
        frequency=frequency,
        interval=_number("INTERVAL", given.get("INTERVAL", "1")),
        count=_number("COUNT", given["COUNT"]) if "COUNT" in given else None,
        until=_until(given["UNTIL"], zone) if "UNTIL" in given else None,
        by_day=_by_day(given.get("BYDAY", "")),
        by_month_day=_numbers("BYMONTHDAY", given.get("BYMONTHDAY", ""), 31),
        by_month=_numbers("BYMONTH", given.get("BYMONTH", ""), 12, signed=False),
        by_position=_numbers("BYSETPOS", given.get("BYSETPOS", ""), 31),
        week_starts=_week_start(given.get("WKST", "MO")),
    )
    if any(which for which, _ in rule.by_day) and frequency not in {"MONTHLY", "YEARLY"}:
        raise BadInput(RULE, "BYDAY med ett tal, som 1TU, går bara med MONTHLY eller YEARLY.")
    return rule


def occasions(text: str, first: date, clock: time, zone: str = STOCKHOLM) -> tuple[Occasion, ...]:
    """Give every occasion of a rule from the local day `first` on, all at `clock`, in order.

    The first is the first that the rule gives on that day or after it. A red day is marked and kept: staff choose.
    Raises BadInput for a rule that cannot be used, that gives none, more than MOST, or more than LONGEST_DAYS.
    """
    rule = read_rule(text, zone)
    begins = datetime.combine(first, clock.replace(tzinfo=None, fold=0))
    end = begins + timedelta(days=LONGEST_DAYS)
    if rule.until is not None and rule.until > end:
        raise BadInput(
            RULE, f"Serien slutar mer än två år bort. Senast {day_and_month(end.date())} {end.year} går bra."
        )
    if rule.count is not None and rule.count > MOST:
        raise BadInput(RULE, f"Serien har {rule.count} gånger. Högst {MOST} går bra.")
    found = list(islice(_unrolled(rule, begins, min(end, rule.until or end)), (rule.count or MOST) + (not rule.count)))
    if not found:
        raise BadInput(RULE, "Regeln ger ingen gång alls.")
    if len(found) > MOST:
        raise BadInput(RULE, f"Serien har mer än {MOST} gånger. Sluta tidigare, eller gör två serier.")
    if rule.count is not None and len(found) < rule.count:
        raise BadInput(RULE, f"Serien är längre än två år: bara {len(found)} av {rule.count} gånger ryms.")
    return tuple(Occasion(to_utc(at.date(), at.time(), zone), red_day_name(at.date())) for at in found)


def in_words(text: str, first: date, clock: time, zone: str = STOCKHOLM) -> str:
    """Say a rule as a colleague would: "varje tisdag kl. 14, till 15 december".

    A rule with no short way to say it is counted instead: "12 gånger kl. 14, från 8 december till 3 mars 2027". Years
    are said when they are another than that of `first`. Raises BadInput as `occasions` does.
    """
    rule, all_of_them = read_rule(text, zone), occasions(text, first, clock, zone)
    days = [to_local(each.starts, zone).date() for each in all_of_them]
    at, last = f"kl. {swedish_clock(clock)}", _dated(days[-1], first)
    said = _how_often(rule, first)
    if said is None or len(days) == 1:
        return (
            f"{len(days)} gånger {at}, från {_dated(days[0], first)} till {last}" if len(days) > 1 else f"{last} {at}"
        )
    if rule.until is not None:
        return f"{said} {at}, till {_dated(rule.until.date(), first)}"
    return f"{said} {at}, {len(days)} gånger, till {last}"


def _unrolled(rule: Rule, begins: datetime, end: datetime) -> "rrule":
    from dateutil import rrule as rules

    days = (rules.MO, rules.TU, rules.WE, rules.TH, rules.FR, rules.SA, rules.SU)
    return rules.rrule(
        getattr(rules, rule.frequency),
        dtstart=begins,
        interval=rule.interval,
        until=end,  # COUNT is counted by us, so that a rule that hardly ever comes does not run to the year 9999
        byweekday=[days[day](which) if which else days[day] for which, day in rule.by_day] or None,
        bymonthday=rule.by_month_day or None,
        bymonth=rule.by_month or None,
        bysetpos=rule.by_position or None,
        wkst=days[rule.week_starts],
    )


# --- reading ------------------------------------------------------------------------------------------------------


def _parts(text: str) -> Mapping[str, str]:
    line = text.strip().removeprefix("RRULE:").upper()
    found: dict[str, str] = {}
    for part in filter(None, line.split(";")):
        name, equals, value = part.partition("=")
        if not (equals and value) or name not in _PARTS:
            raise BadInput(RULE, f"{name[:40]!r} går inte att använda. Det som går: {', '.join(_PARTS)}.")
        if name in found:
            raise BadInput(RULE, f"{name} står två gånger.")
        found[name] = value
    return found


def _number(name: str, value: str) -> int:
    if not _NUMBER.fullmatch(value):
        raise BadInput(RULE, f"{name} är {value[:40]!r}. Skriv ett helt tal från 1.")
    return int(value)


def _numbers(name: str, value: str, most: int, *, signed: bool = True) -> tuple[int, ...]:
    found = []
    for each in filter(None, value.split(",")):
        number = int(each) if re.fullmatch(r"[+-]?\d{1,2}", each) else 0
        if not 1 <= (abs(number) if signed else number) <= most:
            raise BadInput(RULE, f"{name} är {each[:40]!r}. Skriv tal från 1 till {most}.")
        found.append(number)
    return tuple(found)


def _by_day(value: str) -> tuple[tuple[int, int], ...]:
    found = []
    for each in filter(None, value.split(",")):
        match = _BYDAY.fullmatch(each)
        if match is None:
            raise BadInput(RULE, f"BYDAY är {each[:40]!r}. Skriv MO, TU, WE, TH, FR, SA eller SU.")
        found.append((int(match[1] or 0), _DAYS.index(match[2])))
    return tuple(found)


def _week_start(value: str) -> int:
    if value not in _DAYS:
        raise BadInput(RULE, f"WKST är {value[:40]!r}. Skriv MO, TU, WE, TH, FR, SA eller SU.")
    return _DAYS.index(value)


def _until(value: str, zone: str) -> datetime:
    """The last local moment; a date alone is to its end, and a moment in UTC (Z) becomes one of ours."""
    wrong = BadInput(RULE, f"UNTIL är {value[:40]!r}. Skriv en dag så här: 20261215.")
    match = _UNTIL.fullmatch(value)
    if match is None:
        raise wrong
    try:
        day = date.fromisoformat(match[1])
        clock = time.fromisoformat(match[2]) if match[2] else time.max
        if match[3]:
            return to_local(datetime.combine(day, clock, tzinfo=UTC), zone).replace(tzinfo=None)
        return datetime.combine(day, clock)
    except (ValueError, OverflowError):
        raise wrong from None


# --- saying -------------------------------------------------------------------------------------------------------


def _how_often(rule: Rule, first: date) -> str | None:
    """The rule without its clock and its end; None when there is no short way to say it."""
    if rule.by_position and not (rule.frequency == "MONTHLY" and rule.by_day and len(rule.by_position) == 1):
        return None
    said = _SAYERS[rule.frequency](rule, first)
    if said is not None and rule.by_month and rule.frequency != "YEARLY":
        if rule.frequency == "MONTHLY" or rule.interval > 1:
            return None
        said = f"{said} i {_and([month_name(month) for month in sorted(set(rule.by_month))])}"
    return said


def _daily(rule: Rule, _: date) -> str | None:
    if rule.by_month_day:
        return None
    if rule.by_day:
        return _weekdays(rule, "varje") if rule.interval == 1 else None
    return _every(rule.interval, "dag")


def _weekly(rule: Rule, first: date) -> str | None:
    if rule.by_month_day:
        return None
    given = rule if rule.by_day else _on(rule, first)
    if rule.interval == 1:
        return _weekdays(given, "varje")
    if rule.interval == 2 and len(given.by_day) == 1:
        return _weekdays(given, "varannan")
    return f"{_every(rule.interval, 'vecka')}, {_weekdays(given, '')}"


def _monthly(rule: Rule, first: date) -> str | None:
    month = _every(rule.interval, "månad")
    if rule.by_day and rule.by_month_day:
        return None
    if not rule.by_day:
        days = rule.by_month_day or (first.day,)
        if days == (-1,):
            return f"sista dagen {month}"
        if not all(0 < day <= _EVERY_MONTH_HAS for day in days):
            return None
        return f"den {_and([str(day) for day in sorted(set(days))])} {month}"
    which = {which for which, _ in rule.by_day}
    if rule.by_position:
        only = rule.by_position[0]
        return f"{_ORDERS[only]} {_the(rule.by_day[0][1])} {month}" if _is_one(rule, only, which) else None
    if which - set(_ORDERS):
        return None
    return f"{_and([f'{_ORDERS[order]} {_the(day)}' for order, day in dict.fromkeys(rule.by_day)])} {month}"


def _yearly(rule: Rule, first: date) -> str | None:
    if rule.by_day or len(rule.by_month) > 1 or len(rule.by_month_day) > 1 or min((*rule.by_month_day, 1)) < 1:
        return None
    month = rule.by_month[0] if rule.by_month else first.month
    if bool(rule.by_month_day) and not rule.by_month:
        return None  # that day of every month, by the standard: rare enough to be counted
    day = rule.by_month_day[0] if rule.by_month_day else first.day
    if day > _EVERY_MONTH_HAS:
        return None
    return f"den {day} {month_name(month)} {_every(rule.interval, 'år')}"


_SAYERS: Final[Mapping[str, Callable[[Rule, date], str | None]]] = {
    "DAILY": _daily,
    "WEEKLY": _weekly,
    "MONTHLY": _monthly,
    "YEARLY": _yearly,
}


def _is_one(rule: Rule, position: int, which: set[int]) -> bool:
    """Whether BYSETPOS picks by one weekday: the third of all Tuesdays is the third Tuesday."""
    return len(rule.by_day) == 1 and which == {0} and position in _ORDERS


def _on(rule: Rule, first: date) -> Rule:
    return replace(rule, by_day=((0, first.weekday()),))


def _weekdays(rule: Rule, every: str) -> str:
    days = sorted({day for _, day in rule.by_day})
    if days == list(range(7)):
        return f"{every} dag".strip()
    if len(days) > 2 and days == list(range(days[0], days[-1] + 1)):
        span = f"{weekday_name(days[0])} till {weekday_name(days[-1])}"
        return f"{every} vecka, {span}" if every else span
    return f"{every} {_and([weekday_name(day) for day in days])}".strip()


def _every(interval: int, what: str) -> str:
    """Say an interval: "varje månad", "varannan månad" ("vartannat år"), "var 3:e månad" ("vart 3:e år")."""
    neuter = what == "år"
    if interval == 1:
        return f"varje {what}"
    if interval == 2:
        return f"{'vartannat' if neuter else 'varannan'} {what}"
    ending = "e" if interval % 100 in {11, 12} or interval % 10 not in {1, 2} else "a"
    return f"{'vart' if neuter else 'var'} {interval}:{ending} {what}"


def _the(weekday: int) -> str:
    return f"{weekday_name(weekday)}en"


def _and(words: Sequence[str]) -> str:
    return " och ".join(filter(None, [", ".join(words[:-1]), words[-1]]))


def _dated(day: date, first: date) -> str:
    return day_and_month(day) if day.year == first.year else f"{day_and_month(day)} {day.year}"
