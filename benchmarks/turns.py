"""Whole turns a second: `take_turn` from one thread, inbound to committed reply.

SQLite on disk, synchronous FULL, encryption on, texts rendered, people interleaved in the middle of their sign-up, with
2,000 and 200,000 conversations stored. Each size has a process of its own, so that its memory is its own; they take
turns over the rounds, one at a time, so that a machine whose speed drifts treats both alike. In the same run:

    sqlite    rows of the same number and byte sizes, written with bare sqlite3 in one commit a turn
    telegram  python-telegram-bot's ConversationHandler with PicklePersistence, flushed every turn, at 2,000

    python -m benchmarks.turns [--json] [--sizes 2000 200000] [--rounds 5] [--turns 300]
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import resource
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.stored_talks import Stored

TELEGRAM_SIZE = 2_000


def main() -> None:
    """Run the comparison and print a table, or one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--sizes", type=int, nargs="+", default=[2_000, 200_000])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--turns", type=int, default=300, help="turns a round and size")
    parser.add_argument("--no-telegram", action="store_true")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=".", prefix=".bench-") as folder:
        found = run(Path(folder), given.sizes, given.rounds, given.turns, telegram=not given.no_telegram)
    print(json.dumps(found) if given.json else table(found))


def run(folder: Path, sizes: list[int], rounds: int, turns: int, *, telegram: bool) -> dict[str, Any]:
    """Measure; return every figure by size."""
    towns = {size: Apart(folder, size) for size in sizes}
    ours: dict[int, list[list[float]]] = {size: [] for size in sizes}
    theirs: dict[int, list[float]] = {size: [] for size in sizes}
    for _ in range(rounds):
        for size in sizes:
            mine, beside = towns[size].turns(turns)
            ours[size].append(mine)
            theirs[size].append(beside)
    rss = {size: towns[size].end() for size in sizes}
    other = _telegram(min(turns, 200)) if telegram else None
    found: dict[str, Any] = {"turns_per_s": {}, "sqlite_per_s": {}, "telegram_per_s": {}}
    found |= {"ratio_sqlite": {}, "ratio_telegram": {}, "p50_ms": {}, "p99_ms": {}, "rss_mb": {}}
    for size in sizes:
        _figures(found, str(size), ours[size], theirs[size], other, rss[size])
    return found


class Apart:
    """A process with one size: it makes its database when it is made, and takes turns when it is told to."""

    def __init__(self, folder: Path, size: int) -> None:
        ctx = multiprocessing.get_context("spawn")
        self._line, theirs = ctx.Pipe()
        self._process = ctx.Process(target=_live, args=(theirs, folder, size), daemon=True)
        self._process.start()
        assert self._line.recv() == "ready"

    def turns(self, count: int) -> tuple[list[float], float]:
        """Take turns, then as many by bare sqlite3; return the seconds of each turn, and bare turns a second."""
        self._line.send(count)
        found: tuple[list[float], float] = self._line.recv()
        return found

    def end(self) -> float:
        """Let the process end; return the most memory that it had, in MB."""
        self._line.send(0)
        rss: float = self._line.recv()
        self._process.join()
        return rss


def _live(line: Any, folder: Path, size: int) -> None:
    town, bare = Stored.make(folder / f"{size}.db", size), Bare(folder / f"bare-{size}.db")
    bare.rows = town.row_sizes(60)  # also the warm-up
    bare.turns(60)
    line.send("ready")
    while count := line.recv():
        line.send((town.turns(count), bare.turns(count)))
    line.send(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def _figures(
    found: dict[str, Any], size: str, ours: list[list[float]], theirs: list[float], other: float | None, rss: float
) -> None:
    rate = statistics.median(len(each) / sum(each) for each in ours)
    bare = statistics.median(theirs)
    found["turns_per_s"][size] = round(rate, 1)
    found["sqlite_per_s"][size] = round(bare, 1)
    ratios = [len(mine) / sum(mine) / beside for mine, beside in zip(ours, theirs, strict=True)]
    found["ratio_sqlite"][size] = round(statistics.median(ratios), 3)
    found["p50_ms"][size] = round(statistics.median(statistics.median(each) for each in ours) * 1000, 3)
    found["p99_ms"][size] = round(statistics.median(_percentile(each, 0.99) for each in ours) * 1000, 3)
    found["rss_mb"][size] = round(rss, 1)
    found["telegram_per_s"][size] = None if other is None else round(other, 1)
    found["ratio_telegram"][size] = None if other is None else round(rate / other, 1)


def _percentile(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


class Bare:
    """The reference: the same rows, by bare sqlite3, one FULL commit a turn."""

    def __init__(self, path: Path) -> None:
        self.conn = sqlite3.connect(path, isolation_level=None)
        self.conn.execute("PRAGMA journal_mode=WAL")
        self.conn.execute("PRAGMA synchronous=FULL")
        self.conn.execute("CREATE TABLE rows (id INTEGER PRIMARY KEY, data BLOB)")
        self.rows: list[list[int]] = []

    def turns(self, count: int) -> float:
        """Write so many turns; return turns a second."""
        blobs = {size: b"x" * size for sizes in self.rows for size in sizes}
        begun = time.perf_counter()
        for number in range(count):
            self.conn.execute("BEGIN IMMEDIATE")
            for size in self.rows[number % len(self.rows)]:
                self.conn.execute("INSERT INTO rows (data) VALUES (?)", (blobs[size],))
            self.conn.execute("COMMIT")
        return count / (time.perf_counter() - begun)


def _telegram(turns: int) -> float:
    command = [sys.executable, "-m", "benchmarks.telegram_reference", str(TELEGRAM_SIZE), str(turns)]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def table(found: dict[str, Any]) -> str:
    """The figures as a table, one size a column."""
    sizes = list(found["turns_per_s"])
    lines = [f"{'stored conversations':24}" + "".join(f"{int(size):>14,}" for size in sizes)]
    for name, values in found.items():
        shown = ("-" if values[size] is None else f"{values[size]:,}" for size in sizes)
        lines.append(f"{name:24}" + "".join(f"{value:>14}" for value in shown))
    return "\n".join(lines)


if __name__ == "__main__":
    main()
