"""The calendar: a week or a day of one's own meetings or a unit's, each with how it stands, and what days differ.

Read in as many questions as there are units, however many meetings there are.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Final, NamedTuple

from bot.actions import meetings
from bot.actions.house import House
from rules.calendar import red_day_name, swedish_clock, to_local, to_utc
from rules.roster import Absence
from staff.labels import HIDDEN, NOBODY
from staff.meeting_ask import YEARS
from staff.meetings import FORM
from staff.people import Actor
from storage import audit, calendar, feeds, roster, units
from storage.appointments import Appointment
from storage.calendar import Booked, Hold
from storage.db import Store, Tx
from storage.feeds import Feed
from storage.units import Unit

_WEEK: Final = re.compile(r"(\d{4})-?[VWvw](\d{1,2})")

STANDING: Final = {
    "confirmed": "bekräftad",
    "unanswered": "inte svarat",
    "no": "tackat nej",
    "move": "vill ha en annan tid",
    "cancelled_by_us": "avbokad av oss",
    "cancelled_by_person": "avbokad av personen",
    "unmarked": "inte ifylld än",
    "attended": "kom",
    "missed": "kom inte",
    "we_failed": "vi kom inte",
    "not_held": "blev inte av",
    "held": "hålls för någon",
}
"""How a meeting stands, in words; each has a shape of its own on the page as well."""


class Shown(NamedTuple):
    """One meeting on a page of the calendar, or (id 0) a time that is held for somebody who is choosing.

    `what` it is and where, and with whom (`member`) where it may be anybody's.
    """

    id: int
    starts: datetime
    day: date
    clock: str
    standing: str
    name: str
    what: str
    member: str
    past: bool

    @property
    def words(self) -> str:
        """How it stands, in Swedish."""
        return STANDING[self.standing]

    @property
    def look(self) -> str:
        """How it is drawn: by how it stands, and whether it is over."""
        return f"is-{self.standing} past" if self.past else f"is-{self.standing}"


@dataclass(frozen=True, slots=True)
class Day:
    """One local day: its meetings in order, why it is red, and what else differs (closed, away)."""

    day: date
    today: bool
    red: str | None
    closed: bool
    notes: tuple[str, ...]
    begun: tuple[Shown, ...]
    coming: tuple[Shown, ...]

    @property
    def meetings(self) -> tuple[Shown, ...]:
        """Those that have begun, and those to come."""
        return self.begun + self.coming


@dataclass(frozen=True, slots=True)
class Week:
    """Some days beside each other. `units` are those that the one who looks sees, `feed` the link to their own."""

    days: tuple[Day, ...]
    counts: dict[str, int] = field(default_factory=dict)  # how many stand how
    units: tuple[Unit, ...] = ()
    feed: Feed | None = None


# --- which days -------------------------------------------------------------------------------------------------------


def read_week(text: str, today: date) -> date:
    """Give the Monday of a week written as "2026-V48"; that of this week for anything else."""
    match = _WEEK.fullmatch(text.strip())
    if match is not None and int(match[1]) in YEARS:
        try:
            return date.fromisocalendar(int(match[1]), int(match[2]), 1)
        except ValueError:
            pass
    return today - timedelta(days=today.weekday())


def read_day(text: str) -> date | None:
    """Give a day written as "2026-11-25"; None for anything else."""
    try:
        day = date.fromisoformat(text.strip())
    except ValueError:
        return None
    return day if day.year in YEARS else None


def write_week(day: date) -> str:
    """Give the week that a day is in, as addresses have it: "2026-V48"."""
    year, week, _ = day.isocalendar()
    return f"{year}-V{week:02}"


# --- what is in them --------------------------------------------------------------------------------------------------


def look(
    store: Store, house: House, now: datetime, actor: Actor, first: date, days: int = 7, *,
    unit: Unit | None = None, own: bool = True,
) -> Week:  # fmt: skip
    """Give `days` local days from `first` on: one's own meetings, or those of a unit (None: of all that one sees)."""
    zone = house.hours.zone
    starts, ends = to_utc(first, time(0), zone), to_utc(first + timedelta(days=days), time(0), zone)
    with store.read() as tx:  # no turn waits while a page is put together
        known = {one.id: one for one in units.list_units(tx) if actor.sees(one.id)}
        shown = [unit] if unit is not None else list(known.values())
        ids, me = [one.id for one in shown], actor.staff_id
        found: list[Booked] = []
        if not own or me is not None:
            found = calendar.list_booked(tx, starts, ends, ids, of=me if own else None, reader=me)
        held = _held(tx, now, actor, ids, (starts, ends), own=own)
        differs = roster.list_exceptions(tx, ids, first, first + timedelta(days=days))
        away = {each.staff for some in differs.values() for each in some if each.staff is not None}
        busy = {each.staff_id for each in found} | {each.staff_id for each in held}
        names = calendar.first_names(tx, away | busy)
        feed = None if me is None else feeds.find(tx, me)
    scope = "staff" if own else "units" if unit is None else f"unit:{unit.id}"
    with store.begin() as tx:
        audit.write(tx, now, actor.ref, "calendar.show", scope, f"ok {len(found)}")
    rows = _rows(now, found, known, names, zone, own=own) + _rows_held(held, names, zone, own=own)
    rows.sort(key=lambda each: (each.starts, each.member, each.id))
    today, theirs = to_local(now, zone).date(), [first + timedelta(days=ahead) for ahead in range(days)]
    by_day: dict[date, list[Shown]] = {day: [] for day in theirs}
    for row in rows:
        by_day[row.day].append(row)
    made = tuple(_day(day, today, now, by_day[day], shown, differs, names) for day in theirs)
    return Week(made, dict(Counter(row.standing for row in rows)), tuple(known.values()), feed)


def _rows(
    now: datetime, found: Sequence[Booked], known: dict[int, Unit], names: dict[int, str], zone: str, *, own: bool
) -> list[Shown]:
    places = {one.id: {place.slug: place.name for place in meetings.places_of(one)} for one in known.values()}
    rows = []
    for each in found:
        member, what = names.get(each.staff_id, ""), FORM[each.form]
        where = "" if each.hidden else places[each.unit_id].get(each.place or "") or each.where
        if where:
            what = f"{what} · {where}"
        if not own:
            what = f"{what} · med {member or 'någon som har slutat'}"
        rows.append(Shown(
            each.id, each.starts, *_local(each.starts, each.ends, zone), standing_code(each, now),
            HIDDEN if each.hidden else each.name or NOBODY, what, member, each.ends <= now,
        ))  # fmt: skip
    return rows


def _held(
    tx: Tx, now: datetime, actor: Actor, unit_ids: Sequence[int], span: tuple[datetime, datetime], *, own: bool
) -> list[Hold]:
    if span[1] <= now:
        return []
    if not own:
        return calendar.list_holds_in(tx, *span, unit_ids, now)
    return calendar.list_holds(tx, *span, [actor.staff_id], now) if actor.staff_id else []


def _rows_held(held: Sequence[Hold], names: dict[int, str], zone: str, *, own: bool) -> list[Shown]:
    rows = []
    for each in held:
        member = names.get(each.staff_id, "")
        what = "" if own else member
        rows.append(Shown(0, each.starts, *_local(each.starts, each.ends, zone), "held", "", what, member, False))
    return rows


def standing_code(each: Appointment | Booked, now: datetime) -> str:
    """Give how a meeting stands, as a key of STANDING."""
    if each.state == "cancelled":
        return "cancelled_by_us" if each.cancelled_by == "staff" else "cancelled_by_person"
    if each.outcome is not None:
        return "not_held" if each.outcome == "cancelled" else each.outcome
    if each.ends <= now:
        return "unmarked"
    return {"yes": "confirmed", "no": "no", "move": "move"}.get(each.answer or "", "unanswered")


def _day(
    day: date, today: date, now: datetime, mine: Sequence[Shown], shown: Sequence[Unit],
    differs: dict[int, list[Absence]], names: dict[int, str],
) -> Day:  # fmt: skip
    notes, closed = [], 0
    for unit in shown:
        where = f" i {unit.municipality}" if len(shown) > 1 else ""
        for each in differs[unit.id]:
            if each.day != day:
                continue
            who = "Enheten" if each.staff is None else names.get(each.staff, "Någon")
            if each.starts is None or each.ends is None:
                closed += each.staff is None
                notes.append(f"Stängt{where}" if each.staff is None else f"{who} är borta")
            else:
                hours = f"{swedish_clock(each.starts)}-{swedish_clock(each.ends)}"
                notes.append(f"{who}{where if each.staff is None else ''}: kl. {hours}")
    begun = tuple(row for row in mine if row.starts <= now)
    shut = bool(shown) and closed >= len(shown)
    coming = tuple(mine[len(begun) :])
    return Day(day, day == today, red_day_name(day), shut, tuple(dict.fromkeys(notes)), begun, coming)


@lru_cache(maxsize=1024)  # in one week many begin and end at the same times
def _local(starts: datetime, ends: datetime, zone: str) -> tuple[date, str]:
    """Give the local day of a meeting, and its clocks."""
    first, last = to_local(starts, zone), to_local(ends, zone)
    return first.date(), f"{first.hour:02}.{first.minute:02}-{last.hour:02}.{last.minute:02}"
