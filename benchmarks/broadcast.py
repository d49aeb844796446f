"""Writing to many: queueing a hundred thousand, sending ten thousand, at a set rate, while people write.

    queue      100,000 invitations, from whom staff chose until every row is committed: the release, its people, their
               invitations, their messages, in transactions of 5,000. Beside it, on a copy of the same database: the
               same rows of the same three tables in one bare bulk insert (executemany on SQLite, COPY on PostgreSQL).
               `sql` is the part of ours that the database works
    send       10,000 invitations, from release until every row is accepted and committed, their words written on the
               way, each with the person's name; beside it the same number by twilio's own asynchronous client, a
               semaphore of 100, nothing kept
    rate       600 at a set rate of 30 a second: the most requests that began within any one second
    answers    people write while those 600 go out: from their message until the provider has ours

The provider is a process of its own on 127.0.0.1 that answers in 50 ms (benchmarks/provider.py). Ours and what stands
beside it take turns over the rounds; medians are told.

    python -m benchmarks.broadcast [--json] [--queue 100000] [--send 10000] [--rate 600] [--rounds 3]
    python -m benchmarks.broadcast --queue 5000 --send 1000 --rate 150 --rounds 1      # a quick look
    python -m benchmarks.broadcast --database postgresql://...     # makes its own beside it, and drops them
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch

import structlog
from sqlalchemy import Table, func, select, text

from benchmarks.bare import Bare, new_database
from benchmarks.send import ACCOUNT, NUMBER, TOKEN, percentile, provider, twilios
from benchmarks.stored_talks import START, UNIT
from bot.actions import sending_many, sending_release
from bot.actions.sending_audience import people_for
from bot.actions.sending_many import Choice
from bot.channels.base import Inbound, Outbound, Receipt
from bot.channels.sms import TwilioSms
from bot.conversation import take_turn
from ingang.clock import lease_now
from ingang.seeding import seed_units
from ingang.settings import Settings
from ingang.tuning import tune
from ingang.wiring import build_house
from scheduler.dispatcher import Dispatcher
from storage import activities, contacts, participants, sendings, units
from storage.activities import NewActivity
from storage.crypto import KeyRing
from storage.db import Store, Tx
from storage.mass import Mass
from storage.tables import outbox
from storage.tables_activities import invitations, sending_people

DAY: Final = timedelta(days=1)
TABLES: Final[tuple[Table, ...]] = (sending_people, invitations, outbox)


def main() -> None:
    """Measure, and print a table or one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--queue", type=int, default=100_000)
    parser.add_argument("--send", type=int, default=10_000)
    parser.add_argument("--rate", type=int, default=600)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--database", help="a PostgreSQL database; those that are filled are made beside it")
    given = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(30))
    tune()
    found: dict[str, Any] = {}
    with tempfile.TemporaryDirectory(dir=".", prefix=".bench-") as folder:
        if given.queue:
            with new_database(given.database, Path(folder), "queue") as url:
                found |= Queueing(url, given.queue, given.rounds).figures()
        if given.send:
            with new_database(given.database, Path(folder), "send") as url, provider() as port:
                found |= asyncio.run(beside(Town(url, port=port), given.send, given.rounds))
        if given.rate:
            with new_database(given.database, Path(folder), "rate") as url, provider() as port:
                found |= asyncio.run(evenly(Town(url, per_second=30, port=port), given.rate))
    print(json.dumps(found) if given.json else "\n".join(f"{name:22} {value}" for name, value in found.items()))


class Town:
    """A unit, an activity with places for all, and people whom nobody has written to."""

    def __init__(self, url: str, per_second: float = 100_000, port: int = 0) -> None:
        self.port, self.people, self.began = port, 0, time.monotonic()
        self.store = Store.open(url, KeyRing.new())
        self.store.upgrade()
        self.channel = TwilioSms(
            ACCOUNT, TOKEN, public_url="https://ingang.example", from_number=NUMBER, per_second=per_second,
            api_base_url=f"http://127.0.0.1:{port}",
        )  # fmt: skip
        with self.store.begin() as tx:
            seed_units(tx, (UNIT,), START)
            self.unit = units.list_units(tx)[0]
            units.set_settings(tx, self.unit.id, many={"second_above": 10**9})
            self.unit = units.get_unit(tx, self.unit.id)
            house = build_house(tx, Settings(), {self.channel.name: self.channel})
        self.house = replace(house, sms_per_day=10**9, budget_per_week=14)

    async def close(self) -> None:
        """Let go of the database and the provider."""
        await self.channel.close()
        self.store.close()

    def now(self) -> datetime:
        """Business time: a Monday morning when the benchmark began."""
        return START + timedelta(seconds=time.monotonic() - self.began)

    def add_people(self, number: int, *, named: bool = False) -> list[int]:
        """People of the unit, who have signed up; give their ids. `named`: each by a first name of a hundred."""
        made = []
        for first in range(0, number, 1_000):
            with self.store.begin() as tx:
                for _ in range(first, min(first + 1_000, number)):
                    self.people += 1
                    who = contacts.create(tx, START, "sms", f"+4670{self.people:07d}", unit_id=self.unit.id)
                    participants.set_status(tx, who.participant_id, "referred")
                    if named:
                        participants.set_profile(tx, who.participant_id, who.key, name=f"Kim {self.people % 100}")
                    made.append(who.participant_id)
        return made

    def activity(self, places: int) -> Choice:
        """Plan one; give the choice to invite everybody to it."""
        now = self.now()
        new = NewActivity(
            self.unit.id, "lagar vi mat hos oss", now + 7 * DAY, now + 7 * DAY + timedelta(hours=2), now + 5 * DAY,
            where="Folkets hus", how="Det går bra att bara sitta med.", places=places,
        )  # fmt: skip
        with self.store.begin() as tx:
            return Choice(activity_id=activities.add(tx, now, new))


# --- queueing ---------------------------------------------------------------------------------------------------------


class Queueing:
    """So many are invited, by ours and bare, by turns."""

    def __init__(self, url: str, number: int, rounds: int) -> None:
        self._town, self._number, self._url = Town(url), number, url
        self._town.add_people(number)
        self._bare = Bare(url)
        if self._bare.is_sqlite:
            self._bare.run("PRAGMA foreign_keys = ON")
        self._sql = 0.0
        self._times: dict[str, list[float]] = {name: [] for name in ("choose", "ours", "sql", "bare")}
        for _ in range(rounds):
            self._ours()
            self._bares()
        self._bare.close()
        self._town.store.close()

    def _ours(self) -> None:
        town, choice = self._town, self._town.activity(self._number)
        now = town.now()
        with town.store.read() as tx:
            began = time.perf_counter()
            who = people_for(tx, town.house, town.unit, choice, now)
            self._times["choose"].append(time.perf_counter() - began)
        assert len(who.later) == self._number
        with self._timed_sql():
            began = time.perf_counter()
            with town.store.begin() as tx:
                made = sending_release.put_out(
                    tx, town.house, town.unit, choice, who.first(self._number), now, None, str(choice.activity_id)
                )
            queued = sending_release.AT_A_TIME
            while queued:
                with town.store.begin() as tx:
                    queued = sending_many.queue_more(tx, town.house, made.sending_id, now)
            self._times["ours"].append(time.perf_counter() - began)
        self._times["sql"].append(self._sql)
        self._rows = self._taken_out(made.sending_id)
        assert [len(rows) for rows in self._rows] == [self._number] * len(TABLES)

    @contextmanager
    def _timed_sql(self) -> Iterator[None]:
        """Count the seconds that the statements about the rows take."""
        run, self._sql = Mass.run, 0.0

        def timed(tx: Tx, statement: str, values: Sequence[Any]) -> int:
            began = time.perf_counter()
            try:
                return run(tx, statement, values)
            finally:
                self._sql += time.perf_counter() - began

        with patch.object(Mass, "run", staticmethod(timed)):
            yield

    def _taken_out(self, sending_id: int) -> list[list[tuple[Any, ...]]]:
        """Take the rows out again, so that the next ones meet the same tables; give them as the driver does."""
        wheres = [
            f"sending_id = {sending_id}",
            f"sending_id = {sending_id}",
            f"dedupe_key LIKE 'sending:{sending_id}:%'",
        ]
        found = [
            self._bare.run(f"SELECT * FROM {table.name} WHERE {where} ORDER BY id").fetchall()
            for table, where in zip(TABLES, wheres, strict=True)
        ]
        self._empty()
        return found

    def _empty(self) -> None:
        for table in reversed(TABLES):
            self._bare.run(f"DELETE FROM {table.name}")
        self._bare.run("PRAGMA wal_checkpoint(TRUNCATE)" if self._bare.is_sqlite else "VACUUM ANALYZE")

    def _bares(self) -> None:
        began = time.perf_counter()
        self._bare.run("BEGIN IMMEDIATE" if self._bare.is_sqlite else "BEGIN")
        for table, rows in zip(TABLES, self._rows, strict=True):
            self._bare.many(table.name, rows)
        self._bare.run("COMMIT")
        self._times["bare"].append(time.perf_counter() - began)
        self._empty()

    def figures(self) -> dict[str, Any]:
        """Seconds, and how many times the bare insert; medians over the rounds."""
        choose, ours, sql, bare = (statistics.median(each) for each in self._times.values())
        return {
            "queued": self._number,
            "choose_s": round(choose, 2),
            "queue_s": round(ours, 2),
            "queue_sql_s": round(sql, 2),
            "queue_bare_s": round(bare, 2),
            "queue_ratio": round(ours / bare, 2),
            "queue_ratio_bar": 6,
            "queue_sql_ratio": round(sql / bare, 2),
            "queue_sql_ratio_bar": 2,
        }


# --- sending ----------------------------------------------------------------------------------------------------------


async def beside(town: Town, messages: int, rounds: int) -> dict[str, Any]:
    """Send so many, ours and twilio's by turns; give how many a second."""
    await goes_out(town, 100)  # the warm-up
    await twilios(town.port, 100)
    ours, theirs = [], []
    for _ in range(rounds):
        took, _ = await twilios(town.port, messages)
        theirs.append(messages / took)
        ours.append(messages / await goes_out(town, messages))
    await town.close()
    return {
        "sent": messages,
        "ours_per_s": [round(each) for each in ours],
        "twilio_per_s": [round(each) for each in theirs],
        "send_ratio": round(statistics.median(mine / each for mine, each in zip(ours, theirs, strict=True)), 3),
        "send_ratio_bar": 0.8,
    }


def told(port: int) -> dict[str, Any]:
    """What the provider has taken, and when."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/times", timeout=20) as answer:
        known: dict[str, Any] = json.load(answer)
    return known


def release(town: Town, messages: int) -> int:
    """Queue an invitation to so many who have had none; their two minutes pass at once. Give the release."""
    people, now = town.add_people(messages, named=True), town.now()
    choice = replace(town.activity(messages), people=tuple(people))
    with town.store.begin() as tx:
        made = sending_many.release(tx, town.house, town.unit, choice, now, by=None, nonce=f"bench-{now}")
    queued = 1
    while queued:
        with town.store.begin() as tx:
            queued = sending_many.queue_more(tx, town.house, made.sending_id, now)
    assert made.count == messages
    town.began -= sending_many.UNDO.total_seconds()
    return made.sending_id


def is_live(town: Town) -> bool:
    """Is any row not settled yet? Cheap, for it is asked while the rows go out."""
    with town.store.read() as tx:
        live = text("outbox.state in ('queued','sending','uncertain')")
        return tx.execute(select(outbox.c.id).where(live).limit(1)).first() is not None


async def goes_out(town: Town, messages: int) -> float:
    """Give the seconds from release until each row is accepted."""
    before = told(town.port)["count"]
    sending_id = await asyncio.to_thread(release, town, messages)
    dispatcher = Dispatcher(town.store, town.house, town.now, lease_now)
    began = time.perf_counter()
    running = asyncio.create_task(dispatcher.run())
    dispatcher.wake()
    while await asyncio.to_thread(is_live, town):  # noqa: ASYNC110 - it is the database that tells
        await asyncio.sleep(0.02)
    took = time.perf_counter() - began
    dispatcher.stop()
    await running
    with town.store.read() as tx:
        assert sendings.states(tx, sending_id) == {"accepted": messages}, "every row is accepted"
        kept = select(func.count()).where(outbox.c.body_enc.is_(None))
        assert tx.execute(kept).scalar_one() == 0, "and so are its words"
    assert told(town.port)["count"] == before + messages, "the provider took each exactly once"
    return took


async def evenly(town: Town, messages: int) -> dict[str, Any]:
    """Send so many at a set rate while people write; give the fullest second, and how long an answer took."""
    await asyncio.to_thread(release, town, messages)
    write(town, "+46731234567")  # the warm-up: the word lists are compiled when somebody writes for the first time
    began, send = list[float](), town.channel.send

    async def noted(message: Outbound) -> Receipt:
        began.append(time.monotonic())
        return await send(message)

    town.channel.send = noted  # type: ignore[method-assign]
    dispatcher = Dispatcher(town.store, town.house, town.now, lease_now)
    running = asyncio.create_task(dispatcher.run())
    dispatcher.wake()
    wrote: dict[str, float] = {}
    for number in range(max(5, messages // 15)):
        address = f"+4672{number:07d}"
        wrote[address] = time.monotonic()
        await asyncio.to_thread(write, town, address)  # and nobody is woken
        await asyncio.sleep(0.4)
    while await asyncio.to_thread(is_live, town):  # noqa: ASYNC110
        await asyncio.sleep(0.05)
    dispatcher.stop()
    await running
    known = told(town.port)
    await town.close()
    waits = [known["at"][address] - at for address, at in wrote.items()]
    return {
        "at_rate": len(began),
        "fullest_second": fullest(began),
        "fullest_second_bar": 30,
        "fullest_at_provider": fullest(known["times"]),
        "a_second": round((len(began) - 1) / (began[-1] - began[0]), 1),
        "answer_p50_ms": round(percentile(waits, 0.5) * 1000),
        "answer_p95_ms": round(percentile(waits, 0.95) * 1000),
        "answer_bar_ms": 1000,
    }


def write(town: Town, address: str) -> None:
    """Somebody writes, for the first time."""
    take_turn(town.store, town.house, Inbound("sms", address, address, "hej"), town.now())


def fullest(times: list[float]) -> int:
    """The most moments within any one second."""
    most = first = 0
    for last, at in enumerate(times):
        while at - times[first] >= 1:
            first += 1
        most = max(most, last - first + 1)
    return most


if __name__ == "__main__":
    main()
