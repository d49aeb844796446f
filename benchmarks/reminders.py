"""A sweep over many meetings, and booking one more: what they cost, and whether that grows with how many there are.

Meetings of the coming month are stored, as many as each size says, by teams of eight in as many units as that takes,
with sealed words on each; a hundred of them are due. In the same run, on the same database: a bare indexed SQL query
for the same hundred rows on a kept connection, and bare writes of as many rows and bytes in one commit. The sizes take
turns, and medians are told.

    python -m benchmarks.reminders [--json] [--sizes 1000 100000] [--rounds 5]
    python -m benchmarks.reminders --database postgresql://...     # a database a size is made beside it, and dropped

`find` is what a sweep asks the store to know which are due, with all that their plans read; `sweep` is all of it: each
meeting's plan reckoned, its message sealed and queued. Wanted: find at most 3 times the query, booking at the largest
size at most 1.3 times that at the smallest. `ratio` is the whole sweep, bare writes taken off, against the query.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from datetime import time as clock
from pathlib import Path
from typing import Final

from sqlalchemy import insert, update

from benchmarks.bare import Bare, new_database
from bot.actions import booking
from bot.actions.house import House
from bot.channels.pickup import SIMULATED_SMS
from ingang.settings import Settings
from ingang.wiring import build_house
from rules.roster import Shift
from rules.slots import five_minutes
from scheduler import reminders
from storage import contacts, due_meetings, participants, roster, staff, units
from storage.crypto import KeyRing, PersonKey
from storage.db import Store, Tx
from storage.ids import new_id
from storage.tables_meetings import appointments, busy, plan_done
from storage.units import UnitSeed

NOW: Final = datetime(2026, 12, 2, 16, 0, 30, tzinfo=UTC)  # a Wednesday, half a minute past 17 in Sweden
DUE: Final = 100
PEOPLE: Final = 1_000
TEAM: Final = 8
EACH: Final = 800  # meetings of one staff member in the month
LENGTH: Final = timedelta(minutes=40)
APART: Final = timedelta(minutes=45)
DETAILS: Final = '{"note": "Ring på vid porten, inte på dörren.", "plan_b": "inne", "pace": "lugnt"}'
BOOKINGS: Final = 30  # a round
LOOKS: Final = 7  # at what is due, a round
_DUE: Final = "SELECT * FROM appointments WHERE look_at IS NOT NULL AND look_at <= ? ORDER BY look_at, id LIMIT 200"


def main() -> None:
    """Measure, and print a table or one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--sizes", type=int, nargs="+", default=[1_000, 100_000])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--database", help="a PostgreSQL database; those that are filled are made beside it")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=".", prefix=".bench-") as folder, ExitStack() as opened:
        towns = {}
        for size in given.sizes:
            url = opened.enter_context(new_database(given.database, Path(folder), f"of_{size}"))
            towns[size] = Month(url, size, given.rounds)
            opened.callback(towns[size].close)
        for number in range(given.rounds + 1):  # the first is the warm-up
            for town in towns.values():
                town.sweeps(number)
            for booked in range(BOOKINGS):
                for town in towns.values():
                    town.book(number * BOOKINGS + booked)
        found = {str(size): town.figures() for size, town in towns.items()}
    print(json.dumps(found) if given.json else table(found))


class Month:
    """A database with so many meetings in the coming month."""

    def __init__(self, url: str, size: int, rounds: int) -> None:
        self._store = Store.open(url, KeyRing.new())
        self._store.upgrade()
        self._bare = Bare(url)
        self._sweeps: list[float] = []
        self._queries: list[float] = []
        self._finds: list[float] = []
        self._writes: list[float] = []
        self._books: list[float] = []
        self._ids: list[int] = []
        self._fill(max(size, (rounds + 1) * DUE))

    def close(self) -> None:
        """Let go of the database."""
        self._bare.close()
        self._store.close()

    # --- what is stored ---------------------------------------------------------------------------------------------

    def _fill(self, size: int) -> None:
        teams = size // EACH // TEAM + 1
        with self._store.begin() as tx:
            self._team = [self._add_unit(tx, number) for number in range(teams)]
            self._house: House = build_house(tx, Settings(), {"sim_sms": SIMULATED_SMS})
            self._people = [_person(tx, number, self._team[number % teams][0]) for number in range(PEOPLE)]
        at_work = [(unit, who) for unit, members in self._team for who in members]
        self._mine = at_work.pop()  # has few: the one whom more is booked with
        for first in range(0, size, 5_000):
            self._store_some(at_work, first, min(size, first + 5_000))
        self._bare.run("CREATE TABLE bare (id INTEGER PRIMARY KEY, a " + self._word("BLOB", "BYTEA") + ", b INTEGER)")
        self._bare.run("CREATE TABLE bare_done (id INTEGER PRIMARY KEY, b INTEGER)")
        self._bare.run(self._word("PRAGMA wal_checkpoint(TRUNCATE)", "VACUUM ANALYZE"))
        self._rows = 0

    def _word(self, sqlite: str, postgres: str) -> str:
        return sqlite if self._bare.is_sqlite else postgres

    @staticmethod
    def _add_unit(tx: Tx, number: int) -> tuple[int, list[int]]:
        long_ago = NOW - timedelta(days=30)
        places = [{"slug": "skutan", "name": "Skutan", "find": "Vid bryggan", "travel": 10}]
        units.sync(tx, [UnitSeed(f"ort-{number}", f"Ort {number}", "Orten", {"places": places})], long_ago)
        unit = units.get_unit(tx, f"ort-{number}").id
        members = [staff.add(tx, long_ago, f"S{number}-{one}", [unit]) for one in range(TEAM)]
        roster.set_shifts(tx, unit, [Shift(who, day, clock(8), clock(16)) for who in members for day in range(5)])
        return unit, members

    def _store_some(self, at_work: list[tuple[int, int]], first: int, last: int) -> None:
        ids, meetings, taken = [], [], []
        for number in range(first, last):
            (unit, who), place = at_work[number % len(at_work)], number // len(at_work)
            starts = NOW.replace(minute=0, second=0) + timedelta(hours=17) + place * APART
            meeting, (person, key) = new_id(NOW), self._people[number % PEOPLE]
            ids.append(meeting)
            meetings.append(
                {
                    "id": meeting, "participant_id": person, "unit_id": unit, "staff_id": who,
                    "form": "walk_and_talk", "starts": starts, "ends": starts + LENGTH, "place": "skutan",
                    "details_enc": key.seal("appointments", "details_enc", meeting, DETAILS),
                    "booked_by": "staff", "booked_at": NOW - timedelta(days=10),
                    "look_at": NOW + timedelta(days=1, seconds=number), "version": 1, "state": "booked", "told": False,
                }
            )  # fmt: skip
            taken += [
                {"staff_id": who, "five_minutes": each, "appointment_id": meeting}
                for each in five_minutes(starts, starts + LENGTH)
            ]
        said = [
            {"appointment_id": each, "version": 1, "kind": kind, "outcome": "queued", "at": NOW}
            for each in ids
            for kind in ("confirmation", "three_days")
        ]
        with self._store.begin() as tx:
            tx.execute(insert(appointments), meetings)
            tx.execute(insert(busy), taken)
            tx.execute(insert(plan_done), said)
        self._ids += ids

    # --- what is measured ------------------------------------------------------------------------------------------

    def sweeps(self, number: int) -> None:
        """A hundred become due: find them, by turns as the sweep does and bare; sweep; write as much bare."""
        starts = NOW + timedelta(hours=19)
        with self._store.begin() as tx:
            mine = appointments.c.id.in_(self._ids[number * DUE : (number + 1) * DUE])
            change = {"look_at": NOW - timedelta(seconds=30), "starts": starts, "ends": starts + LENGTH}
            tx.execute(update(appointments).where(mine).values({**change, "answer": "yes"}))
        for _ in range(LOOKS):
            self._query(number)
            self._find(number)
        began = time.perf_counter()
        said = reminders.sweep(self._store, self._house, NOW)
        self._keep(self._sweeps, began, number)
        assert said == DUE, said
        self._bare_writes(number)

    @staticmethod
    def _keep(figures: list[float], began: float, number: int) -> None:
        took = time.perf_counter() - began
        if number:
            figures.append(took)

    def _find(self, number: int) -> None:
        """What a sweep asks the store to know which are due, and the meetings themselves; as it does, to write."""
        with self._store.begin() as tx:
            began = time.perf_counter()
            found = due_meetings.take(tx, NOW)
            self._keep(self._finds, began, number)
        assert len(found) == DUE

    def _query(self, number: int) -> None:
        self._bare.run("BEGIN")
        began = time.perf_counter()
        rows = self._bare.run(_DUE, (self._bare.moment(NOW),)).fetchall()
        self._keep(self._queries, began, number)
        self._bare.run("ROLLBACK")
        assert len(rows) == DUE

    def _bare_writes(self, number: int) -> None:
        """As many rows and bytes as a sweep writes: a message, a note that it is done, the next look."""
        body = bytes(700)
        began = time.perf_counter()
        self._bare.run(self._word("BEGIN IMMEDIATE", "BEGIN"))
        for _ in range(DUE):
            self._rows += 1
            self._bare.run("INSERT INTO bare (id, a, b) VALUES (?, ?, 0)", (self._rows, body))
            self._bare.run("INSERT INTO bare_done (id, b) VALUES (?, ?)", (self._rows, self._rows))
            self._bare.run("UPDATE bare SET b = 1 WHERE id = ?", (self._rows,))
        self._bare.run("COMMIT")
        self._keep(self._writes, began, number)

    def book(self, number: int) -> None:
        """Book one more meeting, with its confirmation, and commit it."""
        unit, who = self._mine
        starts = datetime(2027, 1, 4, 8, 0, tzinfo=UTC) + number * APART
        want = booking.Wanted(self._people[number % PEOPLE][0], unit, who, "phone", starts, 40)
        began = time.perf_counter()
        with self._store.begin() as tx:
            booking.book(tx, self._house, want, NOW, by="staff")
        self._keep(self._books, began, number // BOOKINGS)

    def figures(self) -> dict[str, float]:
        """Medians over the rounds, in milliseconds."""
        sweep, query, find, writes, book = (
            statistics.median(each) * 1000
            for each in (self._sweeps, self._queries, self._finds, self._writes, self._books)
        )
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


def _person(tx: Tx, number: int, unit: int) -> tuple[int, PersonKey]:
    who = contacts.create(tx, NOW - timedelta(days=30), "sim_sms", f"+4670{number:07}", unit_id=unit)
    contacts.heard_from(tx, who.contact_id, NOW - timedelta(days=12))
    participants.set_status(tx, who.participant_id, "active")
    return who.participant_id, tx.vault.key_for(tx, who.participant_id)


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
