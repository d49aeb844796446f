"""A unit's year of ratings, summed up: what that costs beside a bare SQL aggregate over the same rows.

So many ratings of one unit and year are stored, sealed as ever, of a tenth as many people, on four scales, in all modes
and states. By turns, in the same run and on the same database: the summary as the room Skattningar asks for it, with
what has to be hidden hidden; and one bare statement on the driver's own connection, by the same index, that counts and
takes the mean of totals by scale, version, state and mode. Medians are told.

    python -m benchmarks.ratings [--json] [--ratings 50000] [--rounds 9]
    python -m benchmarks.ratings --database postgresql://...     # a database is made beside it, and dropped

Wanted: the summary at most 3 times the bare statement. Ends with exit code 1 when it is more.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from sqlalchemy import insert

from benchmarks.bare import Bare, new_database
from messages.scales import load_scales
from rules.ratings import Marks, form_of, score
from staff import rating_summary
from storage import contacts, units
from storage.crypto import KeyRing, PersonKey
from storage.db import Store
from storage.ids import new_id
from storage.tables_ratings import ratings
from storage.units import UnitSeed

NOW: Final = datetime(2026, 12, 31, 12, 0, tzinfo=UTC)
SINCE: Final = datetime(2025, 12, 31, 23, 0, tzinfo=UTC)
UNTIL: Final = datetime(2026, 12, 31, 23, 0, tzinfo=UTC)
BAR: Final = 3.0
MODES: Final = ("page", "staff_page", "paper", "sms", "telegram", "chat")
STATES: Final = {"answered": 70, "partly": 5, "declined": 8, "expired": 15, "asked": 2}
COMMENT: Final = "Det var bra att vi gick ut i stället för att sitta inne."
_BARE: Final = (
    "SELECT scale, version, state, mode, count(*), avg(total) FROM ratings"
    " WHERE unit_id = ? AND asked_at >= ? AND asked_at < ? GROUP BY scale, version, state, mode"
)


def main() -> None:
    """Measure, and print a table or one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--ratings", type=int, default=50_000)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--database", help="a PostgreSQL database; the one that is filled is made beside it")
    given = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(dir=".", prefix=".bench-") as folder,
        new_database(given.database, Path(folder), "ratings") as url,
    ):
        year = Year(url, given.ratings)
        try:
            found = year.measured(given.rounds)
        finally:
            year.close()
    print(json.dumps(found) if given.json else table(found))
    sys.exit(found["ratio"] > BAR)


class Year:
    """A database with a unit's year of ratings."""

    def __init__(self, url: str, size: int) -> None:
        self._store = Store.open(url, KeyRing.new())
        self._store.upgrade()
        self._bare = Bare(url)
        self._size = size
        with self._store.begin() as tx:
            units.sync(tx, [UnitSeed("orten", "Orten", "Orten", {})], SINCE)
            self._unit = units.get_unit(tx, "orten")
            found = [contacts.create(tx, SINCE, "sms", f"+4670{number:07}") for number in range(max(size // 10, 1))]
        self._people = [(each.participant_id, each.key) for each in found]
        self._first: dict[tuple[int, str, str], float] = {}
        chance = random.Random(7)
        for first in range(0, size, 5_000):
            rows = [self._row(chance, number) for number in range(first, min(size, first + 5_000))]
            with self._store.begin() as tx:
                tx.execute(insert(ratings), rows)
        self._bare.run("PRAGMA wal_checkpoint(TRUNCATE)" if self._bare.is_sqlite else "VACUUM ANALYZE")

    def close(self) -> None:
        """Let go of the database."""
        self._bare.close()
        self._store.close()

    def _row(self, chance: random.Random, number: int) -> dict[str, Any]:
        """One rating; they come in the order of the year, as they do."""
        at = SINCE + (UNTIL - SINCE) * (number / self._size)
        scale = chance.choice(list(load_scales().values()))
        person, key = chance.choice(self._people)
        mode, made = chance.choice(MODES), new_id(at)
        [state] = chance.choices(list(STATES), list(STATES.values()))
        row = {
            "id": made, "participant_id": person, "unit_id": self._unit.id, "episode": 0, "role": scale.role,
            "scale": scale.slug, "version": "1", "instrument": scale.instrument, "state": state, "asked_at": at,
            "expires_at": at + timedelta(days=7), "marks": Marks().as_dict(), "mode": None, "form": None,
            "answered_at": None, "answers_enc": None, "total": None, "first_total": None, "mark": None, "outcome": None,
            "straight": False, "low": 0,
        }  # fmt: skip
        return row | (self._answered(chance, row, key, mode) if state == "answered" else {})

    def _answered(self, chance: random.Random, row: dict[str, Any], key: PersonKey, mode: str) -> dict[str, Any]:
        items = [chance.randrange(101) / 10 for _ in range(4)]
        whose = row["participant_id"], row["scale"], form_of(mode)
        first = self._first.get(whose)
        scored = score(row["instrument"], items, age=20, first_total=first)
        self._first.setdefault(whose, scored.total or 0)
        told = json.dumps({"items": dict(zip("abcd", items, strict=True)), "comment": COMMENT})
        return {
            "mode": mode, "form": form_of(mode), "answered_at": row["asked_at"],
            "answers_enc": key.seal("ratings", "answers_enc", row["id"], told),
            "total": round((scored.total or 0) * 10),
            "first_total": None if first is None else round(first * 10),
            "mark": None if scored.mark is None else round(scored.mark * 10), "outcome": scored.outcome,
            "straight": scored.straight, "low": len(scored.low_items),
        }  # fmt: skip

    # --- what is measured ------------------------------------------------------------------------------------------

    def measured(self, rounds: int) -> dict[str, Any]:
        """Time both by turns; the first turn is the warm-up."""
        bare: list[float] = []
        summed: list[float] = []
        for number in range(rounds + 1):
            for times, run in ((bare, self._query), (summed, self._summary)):
                took = self._timed(run)
                if number:
                    times.append(took * 1000)
        found = {"bare_ms": statistics.median(bare), "summary_ms": statistics.median(summed)}
        told = {name: round(value, 1) for name, value in found.items()}
        return {"ratings": self._size, **told, "ratio": round(found["summary_ms"] / found["bare_ms"], 2)}

    @staticmethod
    def _timed(run: Callable[[], int]) -> float:
        began = time.perf_counter()
        rows = run()
        took = time.perf_counter() - began
        assert rows, "nothing was found"
        return took

    def _query(self) -> int:
        where = (self._unit.id, self._bare.moment(SINCE), self._bare.moment(UNTIL))
        return len(self._bare.run(_BARE, where).fetchall())

    def _summary(self) -> int:
        with self._store.read() as tx:
            found = rating_summary.summary(tx, self._unit, 2026, load_scales())
        assert sum(row.total.count or 0 for row in found.asked) == self._size
        return len(found.moved)


def table(found: dict[str, Any]) -> str:
    """The figures for a person to read."""
    return "\n".join(
        [
            f"a unit's year of {found['ratings']:,} ratings",
            f"  the summary         {found['summary_ms']:8.1f} ms",
            f"  a bare aggregate    {found['bare_ms']:8.1f} ms",
            f"  times the bare one  {found['ratio']:8.2f}      at most {BAR:g}",
        ]
    )


if __name__ == "__main__":
    main()
