"""A sweep over many meetings, and booking one more: what they cost, and whether that grows with how many there are.

Meetings of the coming month are stored, as many as each size says; a hundred of them are due. In the same run, on the
same file: a bare indexed SQL query for the same hundred rows, and bare writes of as many rows and bytes in one commit.

    python -m benchmarks.reminders [--json] [--sizes 1000 100000] [--rounds 5]

`find` is what a sweep asks the store to know which are due; `sweep` is all of it: each meeting's plan reckoned, its
message sealed and queued. Wanted: find at most 3 times the query, booking at the largest size at most 1.3 times that at
the smallest. `ratio` is the whole sweep, bare writes taken off, against the query.
"""

from __future__ import annotations

import argparse
import json
import sqlite3
import statistics
import tempfile
import time
from datetime import UTC, datetime, timedelta
from datetime import time as clock
from pathlib import Path
from typing import Any, Final

from sqlalchemy import insert, update

from bot.actions import booking
from bot.actions.house import House
from bot.channels.pickup import SIMULATED_SMS
from ingang.seeding import seed_units
from ingang.settings import Settings
from ingang.wiring import build_house
from rules.roster import Shift
from rules.slots import five_minutes
from scheduler import reminders
from storage import appointments as stored
from storage import contacts, participants, roster, staff, units
from storage.crypto import KeyRing
from storage.db import Store
from storage.ids import new_id
from storage.tables_meetings import appointments, busy, plan_done

NOW: Final = datetime(2026, 12, 2, 16, 0, 30, tzinfo=UTC)  # a Wednesday, half a minute past 17 in Sweden
DUE: Final = 100
PEOPLE: Final = 1_000
LENGTH: Final = timedelta(minutes=40)
APART: Final = timedelta(minutes=45)


def main() -> None:
    """Measure, and print a table or one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--sizes", type=int, nargs="+", default=[1_000, 100_000])
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=".", prefix=".bench-") as folder:
        towns = {size: Month(Path(folder, f"{size}.db"), size, given.rounds) for size in given.sizes}
        for number in range(given.rounds):
            for town in towns.values():
                town.round(number)
        found = {str(size): town.figures() for size, town in towns.items()}
    print(json.dumps(found) if given.json else table(found))


class Month:
    """A database with so many meetings in the coming month."""

    def __init__(self, path: Path, size: int, rounds: int) -> None:
        self._path = path
        self._store = Store.open(f"sqlite:///{path}", KeyRing.new())
        self._store.upgrade()
        self._sweeps: list[float] = []
        self._queries: list[float] = []
        self._finds: list[float] = []
        self._writes: list[float] = []
        self._books: list[float] = []
        self._fill(max(size, (rounds + 1) * DUE))

    def _fill(self, size: int) -> None:
        from ingang.demo.units import UNITS

        with self._store.begin() as tx:
            seed_units(tx, UNITS, NOW - timedelta(days=30))
            self._house: House = build_house(tx, Settings(), {"sim_sms": SIMULATED_SMS})
            self._unit = units.list_units(tx)[0].id
            self._people = [_person(tx, number, self._unit) for number in range(PEOPLE)]
            several = range(max(1, size // 800 + 1))
            self._staff = [staff.add(tx, NOW - timedelta(days=30), f"S{n}", [self._unit]) for n in several]
            week = [Shift(who, day, clock(8), clock(16)) for who in self._staff for day in range(5)]
            roster.set_shifts(tx, self._unit, week)
        for first in range(0, size, 5_000):
            self._store_some(first, min(size, first + 5_000))
        self._mine = self._staff.pop()  # has few: the one whom more is booked with

    def _store_some(self, first: int, last: int) -> None:
        meetings, taken = [], []
        for number in range(first, last):
            who, place = self._staff[number % (len(self._staff) - 1 or 1)], number // (len(self._staff) - 1 or 1)
            starts = NOW.replace(minute=0, second=0) + timedelta(hours=17) + place * APART
            meeting = new_id(NOW)
            meetings.append(
                {
                    "id": meeting, "participant_id": self._people[number % PEOPLE], "unit_id": self._unit,
                    "staff_id": who, "form": "walk_and_talk", "starts": starts, "ends": starts + LENGTH,
                    "place": "skutan", "booked_by": "staff", "booked_at": NOW - timedelta(days=10),
                    "look_at": NOW + timedelta(days=1, seconds=number), "version": 1, "state": "booked", "told": False,
                }
            )  # fmt: skip
            taken += [
                {"staff_id": who, "five_minutes": each, "appointment_id": meeting}
                for each in five_minutes(starts, starts + LENGTH)
            ]
        said = [
            {"appointment_id": each["id"], "version": 1, "kind": kind, "outcome": "queued", "at": NOW}
            for each in meetings
            for kind in ("confirmation", "three_days")
        ]
        with self._store.begin() as tx:
            tx.execute(insert(appointments), meetings)
            tx.execute(insert(busy), taken)
            tx.execute(insert(plan_done), said)
        self._ids = [*getattr(self, "_ids", []), *(each["id"] for each in meetings)]

    def round(self, number: int) -> None:
        """A hundred become due; sweep them. Then the same by bare SQL, and some bookings."""
        ids = self._ids[number * DUE : (number + 1) * DUE]
        starts = NOW + timedelta(hours=19)
        with self._store.begin() as tx:
            mine = appointments.c.id.in_(ids)
            change = {
                "look_at": NOW - timedelta(seconds=30),
                "starts": starts,
                "ends": starts + LENGTH,
                "answer": "yes",
            }
            tx.execute(update(appointments).where(mine).values(change))
        self._queries.append(self._query())
        self._finds.append(self._find())
        began = time.perf_counter()
        said = reminders.sweep(self._store, self._house, NOW)
        self._sweeps.append(time.perf_counter() - began)
        assert said == DUE, said
        self._writes.append(self._bare_writes())
        for place in range(20):
            self._book(number * 20 + place)

    def _find(self) -> float:
        """What a sweep asks the store to know which are due, and the meetings themselves."""
        began = time.perf_counter()
        with self._store.read() as tx:
            found = stored.list_for_plans(tx, stored.list_due(tx, NOW))
        took = time.perf_counter() - began
        assert len(found) == DUE
        return took

    def _query(self) -> float:
        bare = sqlite3.connect(self._path)
        at = NOW.replace(tzinfo=None).isoformat(" ", "microseconds")
        began = time.perf_counter()
        rows = bare.execute(
            "SELECT * FROM appointments WHERE look_at IS NOT NULL AND look_at <= ? ORDER BY look_at, id LIMIT 200",
            (at,),
        ).fetchall()
        took = time.perf_counter() - began
        bare.close()
        assert len(rows) == DUE
        return took

    def _bare_writes(self) -> float:
        """As many rows and bytes as a sweep writes: a message, a note that it is done, the next look."""
        bare = sqlite3.connect(self._path, isolation_level=None)
        bare.execute("PRAGMA synchronous = FULL")
        bare.execute("CREATE TABLE IF NOT EXISTS bare (id INTEGER PRIMARY KEY, a BLOB, b INTEGER)")
        bare.execute("CREATE TABLE IF NOT EXISTS bare_done (id INTEGER PRIMARY KEY, b INTEGER)")
        body = bytes(700)
        began = time.perf_counter()
        bare.execute("BEGIN IMMEDIATE")
        for _ in range(DUE):
            row = bare.execute("INSERT INTO bare (a, b) VALUES (?, 0)", (body,)).lastrowid
            bare.execute("INSERT INTO bare_done (b) VALUES (?)", (row,))
            bare.execute("UPDATE bare SET b = 1 WHERE id = ?", (row,))
        bare.execute("COMMIT")
        took = time.perf_counter() - began
        bare.close()
        return took

    def _book(self, number: int) -> None:
        starts = datetime(2027, 1, 4, 8, 0, tzinfo=UTC) + number * APART
        want = booking.Wanted(self._people[number % PEOPLE], self._unit, self._mine, "phone", starts, 40)
        began = time.perf_counter()
        with self._store.begin() as tx:
            booking.book(tx, self._house, want, NOW, by="staff")
        self._books.append(time.perf_counter() - began)

    def figures(self) -> dict[str, float]:
        """Medians over the rounds, in milliseconds."""
        sweep, query, find, writes, book = (
            statistics.median(each) * 1000
            for each in (self._sweeps, self._queries, self._finds, self._writes, self._books)
        )
        self._store.close()
        ratio = max(0.0, sweep - writes) / query
        return {
            "sweep_ms": round(sweep, 2),
            "query_ms": round(query, 3),
            "find_ms": round(find, 3),
            "find_ratio": round(find / query, 2),
            "writes_ms": round(writes, 2),
            "ratio": round(ratio, 2),
            "book_ms": round(book, 3),
        }


def _person(tx: Any, number: int, unit: int) -> int:
    who = contacts.create(tx, NOW - timedelta(days=30), "sim_sms", f"+4670{number:07}", unit_id=unit)
    contacts.heard_from(tx, who.contact_id, NOW - timedelta(days=12))
    participants.set_status(tx, who.participant_id, "active")
    return who.participant_id


def table(found: dict[str, dict[str, float]]) -> str:
    """The figures, a row a size, and how booking grows."""
    names = list(next(iter(found.values())))
    lines = ["meetings".rjust(9) + "".join(name.rjust(12) for name in names)]
    lines += [size.rjust(9) + "".join(f"{row[name]:12}" for name in names) for size, row in found.items()]
    books = [row["book_ms"] for row in found.values()]
    lines.append(f"booking at the last size is {books[-1] / books[0]:.2f} times that at the first")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
