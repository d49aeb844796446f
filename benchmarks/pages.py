"""The staff pages over many people: how long each takes beside the least that a page of the same program can.

    reference  a page of the same application and session: one indexed query, one audit row committed, 20 kB of text
    inbox      the inbox with what waits, a page of it with what was written opened
    search     people found by the beginning of a name; the index of names is warm
    week       the week of all units in the calendar
    person     a person's page: the talk, meetings, what they will get in the next thirty days

The pages take turns, one at a time, over HTTP from this machine on one kept connection: what is told is 95 of 100
within, and how many times the reference's that is. Wanted: inbox, search and week at most 3 times, a person's page
5 times.

    python -m benchmarks.pages [--json] [--people 20000] [--messages 500000] [--rounds 100]
    python -m benchmarks.pages --database postgresql://...     # a database is made beside it, and dropped
"""

from __future__ import annotations

import argparse
import gc
import http.client
import json
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote_plus

import structlog
import uvicorn
from fastapi import APIRouter, FastAPI
from fastapi.responses import HTMLResponse, Response
from sqlalchemy import select

from benchmarks.bare import Bare, new_database
from benchmarks.stored_town import FIRST, LAST, StoredTown
from bot.actions.house import House
from bot.channels.pickup import SIMULATED_SMS
from ingang.running import listen
from ingang.settings import Settings
from ingang.tuning import tune
from ingang.wiring import build_house
from staff.outside import Outside
from staff.pages import site
from staff.pages.door import Door
from staff.pages.visit import Visit
from staff.people_index import index_of
from staff.roles import Need
from storage import audit
from storage.crypto import KeyRing
from storage.db import Store
from storage.tables import participants

NOW: Final = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
TOKEN: Final = "a-session-of-the-benchmark"
FILLER: Final = "<!doctype html><title>20 kB</title>" + "<p>Ingen text här säger något.</p>" * 580
BARS: Final[Mapping[str, float]] = {"inbox": 3, "search": 3, "week": 3, "person": 5}


@dataclass
class Measured:
    """The program as the pages see it."""

    store: Store
    house: House
    demo: bool = False
    is_private: bool = False
    public_url: str = "http://127.0.0.1"
    sms_number: str = ""
    telegram_bot: str = ""
    outside: Outside | None = None
    version: int = 0
    stopping: bool = False
    sends_here: bool = True
    clock: Any = field(init=False)

    def __post_init__(self) -> None:
        self.clock = self

    def now(self) -> datetime:
        """Business time: it stands still."""
        return NOW

    def lease_now(self) -> datetime:
        """Real time: it stands still too."""
        return NOW

    def changed(self) -> None:
        """Nobody waits for news."""

    async def changed_since(self, version: int, timeout: float) -> int:  # noqa: ASYNC109 - see staff.pages.program
        """Nothing ever changes."""
        return version


def main() -> None:
    """Measure, and print a table or one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--people", type=int, default=20_000)
    parser.add_argument("--messages", type=int, default=500_000)
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--database", help="a PostgreSQL database; the one that is filled is made beside it")
    given = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(30))
    with (
        tempfile.TemporaryDirectory(dir=".", prefix=".bench-") as folder,
        new_database(given.database, Path(folder), "pages") as url,
    ):
        found = measure(url, given.people, given.messages, given.rounds)
    print(json.dumps(found) if given.json else table(found))


def measure(url: str, people: int, messages: int, rounds: int) -> dict[str, Any]:
    """Fill a database and visit its pages; give every figure."""
    store = Store.open(url, KeyRing.new())
    store.upgrade()
    began = time.perf_counter()
    town = StoredTown(store, NOW, people, messages)
    town.fill()
    town.let_in(TOKEN, NOW)
    settle(url)
    filled = time.perf_counter() - began
    with store.begin() as tx:
        house = build_house(tx, Settings(), {SIMULATED_SMS.name: SIMULATED_SMS})
    program = Measured(store, house)
    began = time.perf_counter()
    indexed = index_of(store).build(store)
    built = time.perf_counter() - began
    tune()
    gc.collect()
    with served(application(program, town)) as address:
        spent, sizes = visits(address, town, rounds)
    store.close()
    p95 = {name: percentile(times, 0.95) for name, times in spent.items()}
    return {
        "people": people, "messages": messages, "fill_s": round(filled, 1),
        "index_people": indexed, "index_s": round(built, 2),
        "p50_ms": {name: round(percentile(times, 0.5) * 1000, 2) for name, times in spent.items()},
        "p95_ms": {name: round(value * 1000, 2) for name, value in p95.items()},
        "ratio": {name: round(p95[name] / p95["reference"], 2) for name in BARS},
        "bar": dict(BARS),
        "kb": {name: round(size / 1000, 1) for name, size in sizes.items()},
    }  # fmt: skip


def settle(url: str) -> None:
    """Let the database be as it is in daily use: what a server does by itself in the night."""
    bare = Bare(url)
    bare.run("PRAGMA wal_checkpoint(TRUNCATE)" if bare.is_sqlite else "VACUUM ANALYZE")
    bare.close()


def application(program: Measured, town: StoredTown) -> FastAPI:
    """The staff pages, and one more: the reference."""
    web, routes = FastAPI(openapi_url=None), APIRouter()

    def reference(visit: Visit) -> Response:
        person = visit.number("person")
        with visit.store.begin() as tx:
            found = tx.execute(
                select(participants.c.id, participants.c.status).where(participants.c.id == person)
            ).one()
            audit.write(tx, visit.now, visit.actor.ref, "participant.show", f"participant:{found.id}", "ok")
        return HTMLResponse(FILLER, 200, visit.headers)

    Door(program, routes).get("/matt/{person}", reference, needs=Need.SEE)
    web.include_router(routes)
    web.include_router(site.router(program))
    return web


def visits(address: tuple[str, int], town: StoredTown, rounds: int) -> tuple[dict[str, list[float]], dict[str, int]]:
    """Visit each page in turn, so many rounds; give the seconds of each visit, and the bytes of the largest page."""
    spent: dict[str, list[float]] = {"reference": [], **{name: [] for name in BARS}}
    sizes: dict[str, int] = {}
    browser = http.client.HTTPConnection(*address, timeout=30)
    for number in range(-5, rounds):
        person = town.people[(number + 5) * 97 % len(town.people)]
        name = f"{FIRST[number % len(FIRST)]} {LAST[number % len(LAST)][:3]}"
        for page, path in (
            ("reference", f"/personal/matt/{person}"),
            ("inbox", "/personal/inkorg"),
            ("search", f"/personal/deltagare?q={quote_plus(name)}"),
            ("week", "/personal/kalender?vems=enhet"),
            ("person", f"/personal/deltagare/{person}"),
        ):
            began = time.perf_counter()
            browser.request("GET", path, headers={"Cookie": f"ingang={TOKEN}"})
            answer = browser.getresponse()
            size = len(answer.read())
            if number >= 0:  # the first are the warm-up
                spent[page].append(time.perf_counter() - began)
            assert answer.status == 200, (path, answer.status)
            sizes[page] = max(size, sizes.get(page, 0))
    browser.close()
    return spent, sizes


@contextmanager
def served(web: FastAPI) -> Iterator[tuple[str, int]]:
    """Serve the application on a port of this machine, as `ingang web` does; give where."""
    listening = listen("127.0.0.1", 0)
    server = uvicorn.Server(uvicorn.Config(web, log_config=None, access_log=False, lifespan="off"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    try:
        while not server.started:
            time.sleep(0.01)
        yield listening.getsockname()
    finally:
        server.should_exit = True
        thread.join()
        listening.close()


def percentile(values: list[float], share: float) -> float:
    """The value that this share of all lies under."""
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def table(found: dict[str, Any]) -> str:
    """The figures, a row a page."""
    lines = [f"{found['people']} people, {found['messages']} messages; the index of names: {found['index_s']} s"]
    lines.append("page".ljust(11) + "".join(name.rjust(10) for name in ("p50_ms", "p95_ms", "ratio", "bar", "kB")))
    for name in found["p95_ms"]:
        row = [found["p50_ms"][name], found["p95_ms"][name], found["ratio"].get(name, ""), found["bar"].get(name, "")]
        lines.append(name.ljust(11) + "".join(f"{each:>10}" for each in [*row, found["kb"][name]]))
    return "\n".join(lines)


if __name__ == "__main__":
    main()
