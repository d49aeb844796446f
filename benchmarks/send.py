"""Messages a second to a provider that answers in 50 ms, beside twilio's own asynchronous client in the same run.

    ours       5,000 queued invitations, from release until every row is accepted in the database and committed
    twilio     the same number of messages by its asynchronous client, a semaphore of 100, nothing kept
    answers    people write while 5,000 such rows go out: from their message until the provider has ours. The dispatcher
               is not told, as when the message came to another process

The provider is a process of its own on 127.0.0.1 (benchmarks/provider.py). SQLite is a file, synchronous FULL;
--database names a PostgreSQL database instead, which is emptied first. Ours and twilio's take turns over the rounds.

    python -m benchmarks.send [--json] [--messages 5000] [--rounds 3] [--answers 60] [--database postgresql://...]
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy import create_engine, func, select, text

from benchmarks.stored_talks import START, UNIT
from bot.channels.base import Inbound
from bot.channels.sms import TwilioSms
from bot.conversation import take_turn
from ingang.clock import lease_now
from ingang.seeding import seed_units
from ingang.settings import Settings
from ingang.tuning import tune
from ingang.wiring import build_house
from scheduler.dispatcher import Dispatcher
from storage import contacts, control, outbox
from storage.crypto import KeyRing
from storage.db import Store
from storage.outbox import Body, NewMessage
from storage.tables import metadata
from storage.tables import outbox as rows

ACCOUNT, TOKEN, NUMBER = "AC" + "0" * 32, "secret", "+46766861004"
TEXT = "Hej! På torsdag går vi en promenad vid Skutan kl. 13.30. Svara JA eller NEJ."
AT_ONCE = 100


def main() -> None:
    """Run the comparison and print a table, or one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--messages", type=int, default=5_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--answers", type=int, default=60)
    parser.add_argument("--database", help="a PostgreSQL database to empty and use; else SQLite in a new file")
    given = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(30))
    with tempfile.TemporaryDirectory(dir=".", prefix=".bench-") as folder, provider() as port:
        url = given.database or f"sqlite:///{Path(folder, 'send.db')}"
        found = asyncio.run(run(url, port, given.messages, given.rounds, given.answers))
    print(json.dumps(found) if given.json else "\n".join(f"{name:22} {value}" for name, value in found.items()))


@contextmanager
def provider() -> Iterator[int]:
    """A provider that is running; gives its port."""
    command = [sys.executable, "-m", "benchmarks.provider"]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        yield int(process.stdout.readline())
    finally:
        process.kill()
        process.wait()


async def run(url: str, port: int, messages: int, rounds: int, answers: int) -> dict[str, Any]:
    """Measure; return every figure."""
    theirs, ours, their_work, our_work = [], [], [], []
    town = Town(url, port)
    tune()
    await town.sending(100)  # the warm-up
    await twilios(port, 100)
    for _ in range(rounds):
        took, worked = await twilios(port, messages)
        theirs.append(messages / took)
        their_work.append(worked / messages * 1000)
        took, worked = await town.sending(messages)
        ours.append(messages / took)
        our_work.append(worked / messages * 1000)
    waits = await town.answering(messages, answers) if answers else []
    await town.channel.close()
    town.store.close()
    ratios = [mine / beside for mine, beside in zip(ours, theirs, strict=True)]
    return {
        "messages": messages,
        "ours_per_s": [round(each) for each in ours],
        "twilio_per_s": [round(each) for each in theirs],
        "ratio": round(statistics.median(ratios), 3),
        "ratio_bar": 0.8,
        "ours_cpu_ms": round(statistics.median(our_work), 3),
        "twilio_cpu_ms": round(statistics.median(their_work), 3),
        "answer_p50_ms": round(statistics.median(waits) * 1000) if waits else None,
        "answer_p95_ms": round(percentile(waits, 0.95) * 1000) if waits else None,
        "answer_bar_ms": 1000,
    }


def percentile(values: list[float], share: float) -> float:
    """The value that this share of all lies under."""
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


# --- ours -------------------------------------------------------------------------------------------------------------


class Town:
    """A database with people to write to, and the real channel to the local provider."""

    def __init__(self, url: str, port: int) -> None:
        self.port, self.began, self.people = port, time.monotonic(), 0
        self.store = Store.open(url, KeyRing.new())
        if not url.startswith("sqlite"):
            metadata.drop_all(create_engine(self.store.url))
        self.store.upgrade()
        self.channel = TwilioSms(
            ACCOUNT, TOKEN, public_url="https://ingang.example", from_number=NUMBER, per_second=100_000,
            api_base_url=f"http://127.0.0.1:{port}",
        )  # fmt: skip
        with self.store.begin() as tx:
            seed_units(tx, (UNIT,), START)
            house = build_house(tx, Settings(), {self.channel.name: self.channel})
        self.house = replace(house, sms_per_day=10**9)

    def now(self) -> datetime:
        """Business time: a Monday morning when the benchmark began."""
        return START + timedelta(seconds=time.monotonic() - self.began)

    def taken(self) -> dict[str, Any]:
        """What the provider has taken."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/", timeout=20) as answer:
            told: dict[str, Any] = json.load(answer)
        return told

    def queue(self, messages: int) -> None:
        """Queue an invitation to as many people as nobody has written to yet; nothing goes out before the release."""
        with self.store.begin() as tx:
            control.put(tx, control.SENDING_HOLD, "benchmark")
        for first in range(0, messages, 500):
            with self.store.begin() as tx:
                for _ in range(first, min(first + 500, messages)):
                    self.people += 1
                    who = contacts.create(tx, self.now(), "sms", f"+4670{self.people:07d}")
                    key = f"bench:{self.people}"
                    new = NewMessage(who.contact_id, who.participant_id, "sms", "invitation", key, "Prov.", Body(TEXT))
                    outbox.queue(tx, who.key, self.now(), [new])

    def release(self) -> None:
        """Let it all go."""
        with self.store.begin() as tx:
            control.clear(tx, control.SENDING_HOLD)

    def count(self, *states: str) -> int:
        """How many rows are in these states, for good."""
        with self.store.read() as tx:
            return int(tx.execute(select(func.count()).where(rows.c.state.in_(states))).scalar_one())

    def works(self) -> bool:
        """Is any row not settled yet? Cheap, for it is asked while the rows go out."""
        with self.store.read() as tx:
            live = text("outbox.state in ('queued','sending','uncertain')")
            return tx.execute(select(rows.c.id).where(live).limit(1)).first() is not None

    async def sending(self, messages: int) -> tuple[float, float]:
        """Queue so many; return the seconds from release until each is accepted, and those of this process's work."""
        took = self.taken()["count"]
        self.queue(messages)
        dispatcher = Dispatcher(self.store, self.house, self.now, lease_now)
        running = asyncio.create_task(dispatcher.run())
        began, worked = time.perf_counter(), time.process_time()
        self.release()
        dispatcher.wake()
        while await asyncio.to_thread(self.works):  # noqa: ASYNC110 - it is the database that tells
            await asyncio.sleep(0.02)
        found = time.perf_counter() - began, time.process_time() - worked
        dispatcher.stop()
        await running
        assert self.count("accepted") == self.people, "every row is accepted"
        assert self.taken()["count"] == took + messages, "the provider took each exactly once"
        return found

    async def answering(self, messages: int, answers: int) -> list[float]:
        """Queue so many and let people write meanwhile; return how many seconds each waited for the answer to leave."""
        self.queue(messages)
        dispatcher = Dispatcher(self.store, self.house, self.now, lease_now)
        running = asyncio.create_task(dispatcher.run())
        self.release()
        dispatcher.wake()
        wrote: dict[str, float] = {}
        for number in range(answers):
            address = f"+4672{number:07d}"
            wrote[address] = time.monotonic()
            message = Inbound("sms", address, address, "hej")
            await asyncio.to_thread(take_turn, self.store, self.house, message, self.now())  # and nobody is woken
            await asyncio.sleep(0.04)
        while not wrote.keys() <= (at := (await asyncio.to_thread(self.taken))["at"]).keys():  # noqa: ASYNC110
            await asyncio.sleep(0.05)
        dispatcher.stop()
        await running
        return [at[address] - began for address, began in wrote.items()]


# --- twilio's own -----------------------------------------------------------------------------------------------------


async def twilios(port: int, messages: int) -> tuple[float, float]:
    """Send so many with twilio's asynchronous client; return the seconds, and those of this process's work."""
    from twilio.http.async_http_client import AsyncTwilioHttpClient
    from twilio.rest import Client

    http = AsyncTwilioHttpClient()
    client = Client(ACCOUNT, TOKEN, http_client=http)
    client.api.base_url = f"http://127.0.0.1:{port}"
    places = asyncio.Semaphore(AT_ONCE)

    async def one(number: int) -> None:
        async with places:
            await client.messages.create_async(
                to=f"+4670{number:07d}", from_=NUMBER, body=TEXT,
                status_callback=f"https://ingang.example/webhooks/twilio/status/{number:032x}",
            )  # fmt: skip

    began, worked = time.perf_counter(), time.process_time()
    await asyncio.gather(*(one(number) for number in range(messages)))
    found = time.perf_counter() - began, time.process_time() - worked
    await http.session.close()
    return found


if __name__ == "__main__":
    main()
