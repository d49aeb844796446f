"""Months of attendance: hours by person, sent in by somebody who signs, and what was changed after that, in the open.

Who reports to a funder sends a month in within four weeks. When an old month is corrected it is sent in again, and so
is every later one that had been sent in (SCB's instructions for participant reports, the programme of 2014-2020).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Final

from rules.attendance import WHY
from rules.calendar import month_name, to_local, to_utc
from staff.attendance_list import hours, what
from staff.faces import NONE, Face, faces
from staff.people import Actor, DeskFault
from storage import activities, attendance, audit, calendar, once, units
from storage.activities import Activity
from storage.attendance import Lock, Noted
from storage.db import Store, Tx
from storage.units import Unit

_MONTH: Final = re.compile(r"(\d{4})-(0[1-9]|1[0-2])")
YEARS: Final = range(2020, 2101)
LONGEST_SIGN: Final = 80
SHOWN: Final = 24
"""Months in the list."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How one month stands. `again`: it was sent in, and must be sent in again."""

    month: str
    words: str
    locks: tuple[Lock, ...]
    changed: bool
    again: bool

    @property
    def last(self) -> Lock | None:
        """When it was sent in last."""
        return self.locks[-1] if self.locks else None


@dataclass(frozen=True, slots=True)
class PersonMonth:
    """One person's month."""

    face: Face
    quarters: int
    times: int
    days: tuple[str, ...]

    @property
    def hours(self) -> str:
        """The time, in words."""
        return hours(self.quarters)


@dataclass(frozen=True, slots=True)
class Correction:
    """A note that came in the place of another, or after the month had been sent in."""

    face: Face
    title: str
    day: date
    before: str
    after: str
    by: str
    at: datetime
    after_lock: int  # for which time the month had been sent in by then, 0: not at all
    why: str = ""


@dataclass(frozen=True, slots=True)
class MonthPage:
    """A month of a unit. `later` are the months that must be sent in again because of this one."""

    unit: Unit
    standing: Standing
    people: tuple[PersonMonth, ...]
    corrections: tuple[Correction, ...]
    later: tuple[Standing, ...]
    names: Mapping[int, str]
    over: bool

    @property
    def quarters(self) -> int:
        """The whole month's time."""
        return sum(each.quarters for each in self.people)

    @property
    def hours(self) -> str:
        """The whole month's time, in words."""
        return hours(self.quarters)


# --- which months -----------------------------------------------------------------------------------------------------


def read_month(text: str) -> date | None:
    """Give the first day of a month written as "2026-11"; None for anything else."""
    found = _MONTH.fullmatch(text)
    return date(int(found[1]), int(found[2]), 1) if found and int(found[1]) in YEARS else None


def key_of(day: date) -> str:
    """Give a day's month as it is kept: "2026-11"."""
    return f"{day:%Y-%m}"


def words_of(month: str) -> str:
    """Give a month as it is said: "november 2026"."""
    year, number = month.split("-")
    return f"{month_name(int(number))} {int(year)}"


def next_month(first: date) -> date:
    """Give the first day of the month after."""
    return date(first.year + first.month // 12, first.month % 12 + 1, 1)


def span_of(first: date, zone: str) -> tuple[datetime, datetime]:
    """Give when a local month begins and when the next one does (UTC)."""
    return to_utc(first, time(0), zone), to_utc(next_month(first), time(0), zone)


def standings(tx: Tx, unit_id: int, now: datetime, zone: str) -> list[Standing]:
    """Give a unit's months, the latest first: those with attendance, those that were sent in, and this one."""
    locks: dict[str, list[Lock]] = defaultdict(list)
    for lock in attendance.locks(tx, unit_id):
        locks[lock.month].append(lock)
    noted: dict[str, datetime] = {}
    for starts, at in attendance.last_changes(tx, unit_id):
        month = key_of(to_local(starts, zone))
        noted[month] = max(at, noted.get(month, at))
    known = sorted({*locks, *noted, key_of(to_local(now, zone))})
    found, latest = [], None  # the latest correction of a month that had been sent in, so far
    for month in known:
        mine = locks.get(month, [])
        changed = bool(mine) and month in noted and noted[month] > mine[-1].locked_at
        corrected = bool(mine) and month in noted and noted[month] > mine[0].locked_at
        if corrected and (latest is None or noted[month] > latest):
            latest = noted[month]
        again = bool(mine) and latest is not None and latest > mine[-1].locked_at
        found.append(Standing(month, words_of(month), tuple(mine), changed, again))
    return found[::-1]


@dataclass(frozen=True, slots=True)
class Months:
    """A unit's months."""

    unit: Unit
    months: tuple[Standing, ...]
    names: Mapping[int, str]


def look(store: Store, now: datetime, actor: Actor, unit: Unit, zone: str) -> Months:
    """Give a unit's months; nobody is named."""
    with store.begin() as tx:
        found = standings(tx, unit.id, now, zone)[:SHOWN]
        audit.write(tx, now, actor.ref, "month.list", f"unit:{unit.id}", f"ok {len(found)}")
        who = {lock.locked_by for one in found for lock in one.locks if lock.locked_by}
        return Months(unit, tuple(found), calendar.first_names(tx, who))


# --- one month --------------------------------------------------------------------------------------------------------


def look_at(store: Store, now: datetime, actor: Actor, unit: Unit, first: date, zone: str) -> MonthPage:
    """Give a month of a unit, with the hours of each person; the look is in the audit log."""
    with store.begin() as tx:
        every = standings(tx, unit.id, now, zone)
        month = key_of(first)
        mine = next((one for one in every if one.month == month), Standing(month, words_of(month), (), False, False))
        there = {each.id: each for each in activities.list_between(tx, [unit.id], *span_of(first, zone))}
        notes = attendance.all_of_activities(tx, there)
        known = faces(tx, actor, {one.participant_id for one in notes})
        staff_ids = {one.noted_by for one in notes} | {lock.locked_by for lock in mine.locks}
        names = calendar.first_names(tx, {each for each in staff_ids if each})
        audit.write(tx, now, actor.ref, "month.show", f"unit:{unit.id}", f"ok {len(known)}")
    later = tuple(one for one in reversed(every) if mine.changed and one.month > month and one.again)
    return MonthPage(
        unit, mine, tuple(people_of(there, notes, known, zone)), tuple(_corrections(there, notes, known, names, mine)),
        later, names, over=span_of(first, zone)[1] <= now,
    )  # fmt: skip


def counting(notes: Sequence[Noted]) -> dict[tuple[int, int], Noted]:
    """Give what counts of notes in order, by activity and person: the latest."""
    return {(one.activity_id, one.participant_id): one for one in notes}


def people_of(
    there: Mapping[int, Activity], notes: Sequence[Noted], known: Mapping[int, Face], zone: str
) -> Iterator[PersonMonth]:
    """Give each person's month, in the order in which they first were there."""
    mine: dict[int, list[Noted]] = defaultdict(list)
    for one in counting(notes).values():
        if one.present:
            mine[one.participant_id].append(one)
    for some in mine.values():
        some.sort(key=lambda one: there[one.activity_id].starts)
    for who, some in sorted(mine.items(), key=lambda each: (there[each[1][0].activity_id].starts, each[0])):
        days = (to_local(there[one.activity_id].starts, zone) for one in some)
        yield PersonMonth(
            known.get(who, NONE), sum(one.quarters for one in some), len(some),
            tuple(f"{day.day}/{day.month}" for day in days),
        )  # fmt: skip


def _corrections(
    there: Mapping[int, Activity], notes: Sequence[Noted], known: Mapping[int, Face], names: Mapping[int, str],
    mine: Standing,
) -> Iterator[Correction]:  # fmt: skip
    before: dict[tuple[int, int], Noted] = {}
    for one in notes:
        key = (one.activity_id, one.participant_id)
        was, before[key] = before.get(key), one
        lock = max((lock.number for lock in mine.locks if lock.locked_at < one.noted_at), default=0)
        if was is None and (not lock or not one.present):
            continue
        each = there[one.activity_id]
        by = "personen själv" if one.how == "self" else names.get(one.noted_by or 0, "driften")
        yield Correction(
            known.get(one.participant_id, NONE), each.title, to_local(each.starts).date(), what(was), what(one), by,
            one.noted_at, lock, WHY.get(one.why or "", ""),
        )  # fmt: skip


# --- sending in -------------------------------------------------------------------------------------------------------


def send_in(
    store: Store, now: datetime, actor: Actor, unit: Unit, first: date, signed: str, nonce: str, zone: str
) -> int:
    """Lock a month; give for which time. DeskFault before it is over, without a name, or when nothing has changed."""
    if not signed or len(signed) > LONGEST_SIGN:
        raise DeskFault(f"skriv vem som intygar, på högst {LONGEST_SIGN} tecken", "signed", "förnamn och efternamn")
    if span_of(first, zone)[1] > now:
        raise DeskFault("månaden är inte slut", "signed", "lämna in den när den är det")
    month = key_of(first)
    with store.begin() as tx:
        units.get_to_change(tx, unit.id)  # one at a time
        found = attendance.locks(tx, unit.id, month)
        if not once.first_time(tx, now, actor.ref, nonce):
            return len(found)
        standing = next((one for one in standings(tx, unit.id, now, zone) if one.month == month), None)
        if found and standing is not None and not standing.again:
            raise DeskFault("månaden är redan inlämnad, och inget är ändrat sedan dess", "signed", "inget mer behövs")
        number = attendance.lock(tx, now, unit.id, month, actor.staff_id, signed)
        audit.write(tx, now, actor.ref, "month.lock", f"unit:{unit.id}", f"ok {month} {number}")
    return number
