"""The calendar: a week or a day of one's own meetings or a unit's, each with how it stands, and what days differ.

Read in as many questions as there are units, however many meetings there are.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Final, NamedTuple

from bot.actions import meetings
from bot.actions.house import House
from rules.calendar import red_day_name, swedish_clock, to_local, to_utc
from rules.roster import Absence
from staff.labels import HIDDEN, NOBODY
from staff.meeting_ask import YEARS
from staff.meetings import FORM
from staff.people import Actor
from storage import appointments, audit, calendar, feeds, named_readers, roster, units
from storage.appointments import Appointment
from storage.calendar import Who
from storage.crypto import PersonKey
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
    """One meeting on a page of the calendar, or (id 0) a time that is held for somebody who is choosing."""

    id: int
    starts: datetime
    day: date
    clock: str
    standing: str
    form: str
    name: str
    person: int
    member: str
    unit: str
    place: str
    own: bool
    past: bool

    @property
    def words(self) -> str:
        """How it stands, in Swedish."""
        return STANDING[self.standing]

    @property
    def look(self) -> str:
        """How it is drawn: by how it stands, and whether it is over."""
        return f"is-{self.standing} past" if self.past else f"is-{self.standing}"

    def what(self, *, unit_wide: bool) -> str:
        """What it is and where, and with whom where it may be anybody's."""
        if not self.id:
            return self.member if unit_wide else ""
        where = f" · {self.place}" if self.place else ""
        return f"{self.form}{where} · med {self.member or 'någon som har slutat'}" if unit_wide else self.form + where


@dataclass(frozen=True, slots=True)
class Day:
    """One local day: its meetings in order, why it is red, and what else differs (closed, away)."""

    day: date
    today: bool
    red: str | None
    closed: bool
    notes: tuple[str, ...]
    meetings: tuple[Shown, ...]
    now_before: int | None = None  # today: the number of meetings that have begun


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
    keys: dict[int, PersonKey] = {}
    with store.read() as tx:  # no turn waits while a page is put together
        known = {one.id: one for one in units.list_units(tx) if actor.sees(one.id)}
        shown = [unit] if unit is not None else list(known.values())
        if own and actor.staff_id is None:
            found: list[Appointment] = []
        else:
            found = appointments.list_between(
                tx, starts, ends, unit_ids=[one.id for one in shown], staff_id=actor.staff_id if own else None,
                keys=keys,
            )  # fmt: skip
        rows = _rows(tx, now, actor, known, found, zone, keys)
        rows += _held(tx, now, actor, shown, (starts, ends), own=own, zone=zone)
        weeks = roster.load_many(tx, [one.id for one in shown], since=first)
        differs = {unit_id: week.exceptions for unit_id, week in weeks.items()}
        names = calendar.first_names(tx, _away_ids(differs.values(), first, days))
        feed = None if actor.staff_id is None else feeds.find(tx, actor.staff_id)
    scope = "staff" if own else "units" if unit is None else f"unit:{unit.id}"
    with store.begin() as tx:
        audit.write(tx, now, actor.ref, "calendar.show", scope, f"ok {len(found)}")
    rows.sort(key=lambda each: (each.starts, each.member, each.id))
    today, theirs = to_local(now, zone).date(), [first + timedelta(days=ahead) for ahead in range(days)]
    by_day: dict[date, list[Shown]] = {day: [] for day in theirs}
    for row in rows:
        by_day[row.day].append(row)
    made = tuple(_day(day, today, now, by_day[day], shown, differs, names) for day in theirs)
    return Week(made, dict(Counter(row.standing for row in rows)), tuple(known.values()), feed)


def _rows(
    tx: Tx, now: datetime, actor: Actor, known: dict[int, Unit], found: Sequence[Appointment], zone: str,
    keys: dict[int, PersonKey],
) -> list[Shown]:  # fmt: skip
    readable = named_readers.people_of(tx, actor.staff_id)
    people = calendar.people(tx, [each.participant_id for each in found], readable, keys)
    names = calendar.first_names(tx, [each.staff_id for each in found])
    places = {one.id: {place.slug: place.name for place in meetings.places_of(one)} for one in known.values()}
    rows = []
    for each in found:
        who = people.get(each.participant_id, Who("", hidden=True, read_by_others=True))
        where = places[each.unit_id].get(each.place or "") or str(each.details.get("where", ""))
        rows.append(Shown(
            each.id, each.starts, *_local(each.starts, each.ends, zone), standing_code(each, now),
            FORM[each.form], HIDDEN if who.hidden else who.name or NOBODY, each.participant_id,
            names.get(each.staff_id, ""), known[each.unit_id].municipality, "" if who.hidden else where,
            each.staff_id == actor.staff_id, each.ends <= now,
        ))  # fmt: skip
    return rows


def _held(
    tx: Tx, now: datetime, actor: Actor, shown: Sequence[Unit], span: tuple[datetime, datetime], *, own: bool, zone: str
) -> list[Shown]:
    if span[1] <= now:
        return []
    if not own:
        held = calendar.list_holds_in(tx, *span, [one.id for one in shown], now)
    else:
        held = calendar.list_holds(tx, *span, [actor.staff_id], now) if actor.staff_id else []
    who = calendar.first_names(tx, [each.staff_id for each in held])
    return [
        Shown(0, each.starts, *_local(each.starts, each.ends, zone), "held", "", "", 0,
              who.get(each.staff_id, ""), "", "", each.staff_id == actor.staff_id, False)
        for each in held
    ]  # fmt: skip


def standing_code(each: Appointment, now: datetime) -> str:
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
    differs: dict[int, tuple[Absence, ...]], names: dict[int, str],
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
    begun = sum(row.starts <= now for row in mine) if day == today else None
    shut = bool(shown) and closed >= len(shown)
    return Day(day, day == today, red_day_name(day), shut, tuple(dict.fromkeys(notes)), tuple(mine), begun)


def _away_ids(differs: Iterable[tuple[Absence, ...]], first: date, days: int) -> set[int]:
    last = first + timedelta(days=days)
    every = [each for some in differs for each in some]
    return {each.staff for each in every if each.staff is not None and first <= each.day < last}


def _local(starts: datetime, ends: datetime, zone: str) -> tuple[date, str]:
    """Give the local day of a meeting, and its clocks."""
    first, last = to_local(starts, zone), to_local(ends, zone)
    return first.date(), f"{first.hour:02}.{first.minute:02}-{last.hour:02}.{last.minute:02}"
