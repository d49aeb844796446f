"""What is left for the program in a turn: the turn's own statements, run once more by bare sqlite3, one commit a turn.

The statements of whole turns are noted as they go to the driver, and run again on a copy of the database as it was
before them: the same tables, indexes and settings, and none of our code. Beside it, as in benchmarks/turns.py, rows of
the same number and byte sizes in one plain table.

    python -m benchmarks.turn_floor [--json] [--size 2000] [--turns 600]
"""

from __future__ import annotations

import argparse
import json
import shutil
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

from benchmarks.stored_talks import Stored
from benchmarks.turns import Bare
from bot import conversation
from storage import hot, lanes

Noted = list[tuple[str, Any]]
ACCEPTED = "UPDATE outbox SET state = 'accepted', accepted_at = '2026-11-23 10:00:00.000000' WHERE state = 'queued'"


def main() -> None:
    """Measure, and print a table or one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--size", type=int, default=2_000)
    parser.add_argument("--turns", type=int, default=600)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=".", prefix=".bench-") as folder:
        found = run(Path(folder), given.size, given.turns)
    print(json.dumps(found) if given.json else "\n".join(f"{name:28}{value:>12}" for name, value in found.items()))


def run(folder: Path, size: int, turns: int) -> dict[str, float]:
    """Take turns, run their statements again, and write as many bare rows."""
    file, copy = folder / "talks.db", folder / "copy.db"
    town, bare = Stored.make(file, size), Bare(folder / "bare.db")
    bare.rows = town.row_sizes(60)  # also the warm-up
    with sqlite3.connect(file) as conn:
        conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    shutil.copyfile(file, copy)
    with _noting() as noted:
        ours = town.turns(turns)
    alone = _again(copy, noted)
    rows = statistics.median(bare.turns(turns) for _ in range(3))
    return {
        "statements_a_turn": round(statistics.mean(map(len, noted)), 1),
        "turn_ms": round(statistics.mean(ours) * 1000, 3),
        "statements_ms": round(statistics.mean(alone) * 1000, 3),
        "rows_ms": round(1000 / rows, 3),
        "ratio": round(1 / statistics.mean(ours) / rows, 3),
        "ratio_of_statements": round(1 / statistics.mean(alone) / rows, 3),
    }


@contextmanager
def _noting() -> Iterator[list[Noted]]:
    """Note the statements of every turn that is taken meanwhile, as the driver gets them."""
    noted: list[Noted] = []
    run_on_driver, take_turn = hot.run_on_driver, conversation.take_turn

    def note(tx: Any, text: str, values: Any, **options: Any) -> Any:
        noted[-1].append((text, values.copy()))
        return run_on_driver(tx, text, values, **options)

    def turn(*given: Any) -> Any:
        noted.append([])
        return take_turn(*given)

    with patch("storage.hot.run_on_driver", note), patch("benchmarks.stored_talks.take_turn", turn):
        yield noted


def _again(file: Path, noted: list[Noted]) -> list[float]:
    """Run the statements again, one commit a turn; return the seconds of each. Raises what sqlite3 does."""
    conn = sqlite3.connect(file, isolation_level=None, cached_statements=512)
    for pragma in (*lanes._PRAGMAS, "cache_size = -16000"):  # noqa: SLF001 - as the program opens it
        conn.execute(f"PRAGMA {pragma}")
    spent = []
    for one in noted:
        begun = time.perf_counter()
        conn.execute("BEGIN IMMEDIATE")
        for text, values in one:
            conn.execute(text, values).fetchall()
        conn.execute("COMMIT")
        spent.append(time.perf_counter() - begun)
        conn.execute(ACCEPTED)
    conn.close()
    return spent


if __name__ == "__main__":
    main()
