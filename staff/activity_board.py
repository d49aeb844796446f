"""The list of group activities: today's first, then what comes, then what has been; and the year wheel of series.

Read in as many questions for many activities as for few. Nobody is named here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

from bot.actions import meetings
from rules.calendar import day_and_month, month_name, red_day_name, swedish_clock, to_local, to_utc, weekday_name
from staff.people import Actor
from storage import activities, attendance, audit, calendar, invitations, units
from storage.activities import Activity
from storage.db import Store, Tx
from storage.invitations import Tally
from storage.units import Unit

AHEAD: Final = timedelta(days=120)
"""How far ahead the list goes; the year wheel goes on."""
BACK: Final = timedelta(days=60)
MOST: Final = 60
"""Activities of a kind on one page: so many fit under 100 kB."""


@dataclass(frozen=True, slots=True)
class Row:
    """One activity in the list. `todo` is what needs doing, in words."""

    id: int
    title: str
    starts: datetime
    day: date
    clock: str
    where: str
    unit: str
    leader: str
    state: str
    places: int
    tally: Tally
    in_series: bool
    todo: tuple[str, ...]

    @property
    def free(self) -> int:
        """Places that nobody has."""
        return max(0, self.places - self.tally.places)


@dataclass(frozen=True, slots=True)
class Board:
    """The list. `more`: there are more ahead or behind than are shown."""

    today: tuple[Row, ...]
    coming: tuple[Row, ...]
    past: tuple[Row, ...]
    more: bool


def look(store: Store, now: datetime, actor: Actor, unit: Unit | None, zone: str) -> Board:
    """Give the list of a unit's activities, or (None) of all units that one sees; the look is in the audit log."""
    with store.begin() as tx:
        known = {one.id: one for one in units.list_units(tx) if actor.sees(one.id)}
        wanted = [unit.id] if unit else list(known)
        found = activities.list_between(tx, wanted, now - BACK, now + AHEAD)
        scope = f"unit:{unit.id}" if unit else "units"
        audit.write(tx, now, actor.ref, "activity.list", scope, f"ok {len(found)}")
        today = to_local(now, zone).date()
        here = [each for each in found if to_local(each.starts, zone).date() == today]
        ahead = [each for each in found if each.starts > now and each not in here]
        behind = [each for each in reversed(found) if each.starts <= now and each not in here]
        shown = [*here[:MOST], *ahead[:MOST], *behind[:MOST]]
        rows = {row.id: row for row in _rows(tx, shown, known, now, zone)}
    today_rows, coming, past = (tuple(rows[each.id] for each in some[:MOST]) for some in (here, ahead, behind))
    return Board(today_rows, coming, past, max(len(ahead), len(behind), len(here)) > MOST)


def _rows(tx: Tx, found: Sequence[Activity], known: Mapping[int, Unit], now: datetime, zone: str) -> Iterator[Row]:
    ids = [each.id for each in found]
    tallies, noted = invitations.tallies(tx, ids), attendance.noted_among(tx, ids)
    names = calendar.first_names(tx, [each.leader for each in found if each.leader])
    for each in found:
        tally = tallies.get(each.id, Tally())
        local = to_local(each.starts, zone)
        yield Row(
            each.id, each.title, each.starts, local.date(), span_of(each, zone),
            place_of(each, known.get(each.unit_id)),
            known[each.unit_id].municipality if each.unit_id in known else "", names.get(each.leader or 0, ""),
            each.state, each.places, tally, each.series_id is not None,
            tuple(_todo(each, tally, noted.get(each.id, 0), now)),
        )  # fmt: skip


def _todo(each: Activity, tally: Tally, noted: int, now: datetime) -> Iterator[str]:
    if each.state == "cancelled":
        return
    if each.starts <= now:
        left = tally.places - noted
        if left > 0:
            yield f"Närvaro saknas för {left}"
        return
    if each.leader is None:
        yield "Ingen leder"
    if tally.unmet:
        yield f"{tally.unmet} vill bli mött, ingen är vald" if tally.unmet == 1 else f"{tally.unmet} vill bli mötta"
    if not tally.invited:
        yield "Ingen är inbjuden"
    elif each.last_answer <= now and tally.places < each.least:
        yield f"För få: {tally.places} av minst {each.least}"


def span_of(each: Activity, zone: str) -> str:
    """Give its clocks: "13.30-15.30"."""
    return "-".join(swedish_clock(to_local(at, zone).time()) for at in (each.starts, each.ends))


def place_of(each: Activity, unit: Unit | None) -> str:
    """Give where it is, in words."""
    if each.place and unit is not None:
        return next((one.name for one in meetings.places_of(unit) if one.slug == each.place), each.place)
    return each.where or ""


# --- the year wheel ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Turn:
    """One activity in the year: when, what, and why its day is red, if it is."""

    id: int
    day: date
    clock: str
    title: str
    cancelled: bool
    in_series: bool
    red: str | None

    @property
    def words(self) -> str:
        """The day in words: "tisdag 1 december"."""
        return f"{weekday_name(self.day.weekday())} {day_and_month(self.day)}"


@dataclass(frozen=True, slots=True)
class Month:
    """A month of the wheel."""

    name: str
    year: int
    number: int
    turns: tuple[Turn, ...]


def wheel(store: Store, now: datetime, actor: Actor, unit: Unit | None, zone: str) -> list[Month]:
    """Give a unit's activities by month for twelve months from this one on; the look is in the audit log."""
    first = to_local(now, zone).date().replace(day=1)
    starts = [_later(first, ahead) for ahead in range(13)]
    with store.begin() as tx:
        wanted = [unit.id] if unit else [one.id for one in units.list_units(tx) if actor.sees(one.id)]
        found = activities.list_between(tx, wanted, *(to_utc(day, time(0), zone) for day in (starts[0], starts[-1])))
        audit.write(tx, now, actor.ref, "activity.list", f"unit:{unit.id}" if unit else "units", f"ok {len(found)}")
    turns = [_turn(each, zone) for each in found]
    return [
        Month(
            month_name(day.month), day.year, day.month,
            tuple(one for one in turns if (one.day.year, one.day.month) == (day.year, day.month))
        )
        for day in starts[:-1]
    ]  # fmt: skip


def _later(first: date, months: int) -> date:
    years, month = divmod(first.month - 1 + months, 12)
    return date(first.year + years, month + 1, 1)


def _turn(each: Activity, zone: str) -> Turn:
    day = to_local(each.starts, zone).date()
    red, cancelled = red_day_name(day), each.state == "cancelled"
    return Turn(each.id, day, span_of(each, zone), each.title, cancelled, each.series_id is not None, red)
