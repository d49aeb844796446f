"""The table that a funder asks for: a row for each person, unit and month in order of time, with hours and who signed.

The shape follows what Swedish projects with European money send in each month: start and end dates, hours
(SCB's instructions for participant reports, the programme of 2014-2020). Somebody with protected identity is a row of
their own: unit, month, hours.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Final

from rules.attendance import WHY
from rules.calendar import STOCKHOLM, to_local
from staff.attendance_list import decimal_hours
from staff.attendance_months import counting, key_of, next_month, span_of
from staff.export_parts import Column, Export, Places, Row
from staff.labels import HIDDEN
from storage import activities, attendance, exits, participants
from storage.activities import Activity
from storage.attendance import Lock, Noted
from storage.db import Tx
from storage.participants import Listed
from storage.reports import Scope

COLUMNS: Final = (
    Column("month", "Månad", "Månaden, som `2026-11`", 10),
    Column("person", "Deltagare", "Personens id, som `ingang show` tar", 23),
    Column("unit", "Enhet", "Kommunen där aktiviteterna var"),
    Column("name", "Namn", "Namnet som personen vill kallas; `Skyddade uppgifter` för den som har det"),
    Column("birth_year", "Födelseår", "Året, när personen har sagt det", 10),
    Column("started", "Började", "Dagen för den första aktiviteten som personen var på", 12),
    Column("ended", "Slutade", "Dagen då personen avslutades, från och med den månaden; tomt före", 12),
    Column("hours", "Timmar", "Tid på gruppaktiviteter i månaden, i kvartar: `2,25` är två timmar och en kvart", 8),
    Column("quarters", "Kvartar", "Samma tid som ett helt tal", 8),
    Column("times", "Gånger", "Hur många aktiviteter personen var på", 8),
    Column("sent_in", "Inlämnad", "När månaden lämnades in senast; tomt när den är öppen"),
    Column("signed", "Intygad av", "Namnet som står under månaden", 24),
    Column("corrected", "Rättad efter inlämning", "`ja` när personens tid har ändrats sedan dess", 10),
    Column("why", "Varför rättad", "Skälen till det, som de valdes, med semikolon emellan", 24),
)


def rows(tx: Tx, scope: Scope, places: Places) -> Iterator[Row]:
    """Give the rows of a scope, a month at a time. A month is taken whole, though `since` may lie within it."""
    span = attendance.months_of(tx, scope.unit_ids, None)
    if span is None:
        return
    first, last = (to_local(at).date().replace(day=1) for at in span)
    if scope.since is not None:
        first = max(first, to_local(scope.since).date().replace(day=1))
    while first <= last:
        yield from _month(tx, scope, places, first)
        first = next_month(first)


def _month(tx: Tx, scope: Scope, places: Places, first: date) -> Iterator[Row]:
    there = {each.id: each for each in activities.list_between(tx, scope.unit_ids, *span_of(first, STOCKHOLM))}
    notes = attendance.all_of_activities(tx, there)
    locks = {unit: attendance.locks(tx, unit, key_of(first)) for unit in {each.unit_id for each in there.values()}}
    mine: dict[tuple[int, int], list[Noted]] = defaultdict(list)
    for one in counting(notes).values():
        mine[one.participant_id, there[one.activity_id].unit_id].append(one)
    people = participants.list_many(tx, {who for who, _ in mine})
    began, ended = attendance.first_present(tx, people), exits.latest_of(tx, people)
    late = _late(there, notes, locks)
    for who, unit in sorted(mine, key=lambda key: (_first(there, mine[key]), key)):
        if who in people:
            row = _row(first, people[who], mine[who, unit], began, ended)
            lock = locks[unit][-1] if locks[unit] else None
            if row is not None or (who, unit) in late:
                yield _with_lock(row or _nothing(first, people[who]), places.get(unit), lock, late.get((who, unit)))


def _first(there: Mapping[int, Activity], some: Sequence[Noted]) -> datetime:
    return min(there[one.activity_id].starts for one in some)


def _late(
    there: Mapping[int, Activity], notes: Sequence[Noted], locks: Mapping[int, Sequence[Lock]]
) -> dict[tuple[int, int], dict[str, None]]:
    """Who has had their time changed since their month was sent in last, where, and the reasons in order."""
    found: dict[tuple[int, int], dict[str, None]] = defaultdict(dict)
    for one in notes:
        unit = there[one.activity_id].unit_id
        if locks[unit] and one.noted_at > locks[unit][-1].locked_at and (one.present or one.number > 1):
            found[one.participant_id, unit] |= {WHY[one.why]: None} if one.why else {}
    return found


def _nothing(first: date, listed: Listed) -> Row:
    """The row of one whose time was taken away after the month was sent in: a change that must be seen."""
    hidden = listed.person.protected
    return {"month": key_of(first), "name": HIDDEN if hidden else (listed.profile or {}).get("name"),
            "person": None if hidden else f"P{listed.person.id}", "hours": "0", "quarters": 0, "times": 0}  # fmt: skip


def _row(
    first: date, listed: Listed, some: Sequence[Noted], began: Mapping[int, datetime], ended: Mapping[int, datetime]
) -> Row | None:
    there = [one for one in some if one.present]
    if not there:
        return None
    count = sum(one.quarters for one in there)
    told: Row = {"month": key_of(first), "hours": decimal_hours(count), "quarters": count}
    who, profile = listed.person, listed.profile or {}
    if who.protected:
        return {**told, "name": HIDDEN}
    left = ended.get(who.id) if who.status == "exited" else None
    gone = left is not None and to_local(left).date() < next_month(first)
    year = profile.get("birth_year")
    return {
        **told, "person": f"P{who.id}", "name": profile.get("name"),
        "birth_year": year if isinstance(year, int) else None, "times": len(there),
        "started": f"{to_local(began[who.id]):%Y-%m-%d}" if who.id in began else None,
        "ended": f"{to_local(left):%Y-%m-%d}" if left is not None and gone else None,
    }  # fmt: skip


def _with_lock(row: Row, place: str | None, lock: Lock | None, late: Mapping[str, None] | None) -> Row:
    if lock is None:
        return {**row, "unit": place}
    told: Row = {"sent_in": lock.locked_at, "signed": lock.signed, "corrected": late is not None}
    return {**row, **told, "unit": place, "why": "; ".join(late) if late else None}


ATTENDANCE: Final = Export("attendance", "Närvaro", COLUMNS, rows)
