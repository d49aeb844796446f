"""A process that reads Telegram's updates and is killed again and again; run by test_reader_killed.py.

    python -m tests.paths.reader FOLDER HOW      HOW is JSON: {"url": "http://127.0.0.1:...", "kills": [...]}

It warms up once and then lives many lives, each a fork of its own with its own connection to the same database. A life
begins as the program does (what is in doubt first, then what is queued), fetches from the start, takes in what waits,
answers, and ends when nothing waits any more; or before that, by SIGKILL at the named point or by a timer at any point
at all. What was taken is in the database, what was acknowledged is known to the server: that is the truth.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

from bot import conversation
from bot.actions import presence
from bot.channels import telegram
from bot.channels.base import Inbound, Presence
from bot.channels.pickup import Pickup
from bot.channels.telegram import Telegram
from bot.conversation import Report
from bot.doors.telegram import Poller
from storage.crypto import KeyRing
from storage.db import Store
from tests.paths.talker import Points, warm_up
from tests.servers.telegram_api import TOKEN
from tests.town import CHANNELS, Town


class Reading:
    """The program as far as the poller looks at it: the real turn on a real store. It is its own board, and deaf."""

    def __init__(self, town: Town, channel: Telegram, points: Points) -> None:
        self.town, self.channel, self.points = town, channel, points
        self.tally = self
        self.poller = Poller(self, self, self, hold=0)  # type: ignore[arg-type]  # the channel, with points in it

    name = "telegram"

    async def receive(self, message: Inbound) -> Report:
        """Take a turn, and let the answer go: a question that has not gone out cannot be answered."""
        town = self.town
        report = await asyncio.to_thread(conversation.take_turn, town.store, town.house, message, town.now)
        await town.dispatcher.drain()
        return report

    async def presence(self, told: Presence) -> None:
        """Note who has blocked us."""
        await asyncio.to_thread(presence.take, self.town.store, told, self.town.now)

    async def fetch(self, offset: int, timeout: float) -> list[dict[str, Any]]:  # noqa: ASYNC109 - as the channel's
        """Fetch, and stop when nothing waits."""
        self.points.at("before_fetch")
        updates = await self.channel.fetch(offset, timeout)
        self.points.at("after_fetch")
        if not updates:
            asyncio.get_running_loop().call_soon(self.poller.stop)  # when this has been given
        return updates

    def parse(self, update: dict[str, Any]) -> Inbound | Presence | None:
        """As the channel."""
        return self.channel.parse(update)

    def thank_for_press(self, message: Inbound) -> None:
        """The turn is taken, and the offset has not moved."""
        self.points.at("after_turn")

    def add(self, *words: str, by: int = 1) -> None:
        """Count nothing."""

    def bad(self, trouble: str, detail: str = "") -> None:
        """Nothing of the kind is to happen here."""
        os._exit(2)

    def good(self, trouble: str) -> None:
        """All is well."""


def live(folder: Path, keys: KeyRing, channel: Telegram, number: int, kill: dict[str, Any]) -> None:
    """One life."""
    points = Points(kill.get("at", ""), kill.get("times", 1))
    if "after_ms" in kill:
        signal.setitimer(signal.ITIMER_REAL, kill["after_ms"] / 1000)  # its default is to end the process on the spot
    store = Store.open(f"sqlite:///{folder / 'talk.db'}", keys)
    close = store.lane.close_write

    def close_write(conn: Any, *, commit: bool) -> None:
        points.at("before_commit")
        close(conn, commit=commit)
        points.at("after_commit")

    town = Town(store, channels={**CHANNELS, "telegram": Pickup("telegram", "chat")})
    town.lease += timedelta(minutes=2 * number)
    town.now += timedelta(minutes=number)  # ids go by the time, and forks are alike in all else
    town.doubt()
    town.send()
    store.lane.close_write = close_write  # type: ignore[method-assign]
    asyncio.run(Reading(town, channel, points).poller.run())
    store.close()


def main() -> None:
    """Live until nothing waits; print which deaths were died."""
    folder, how = Path(sys.argv[1]), json.loads(sys.argv[2])
    keys = KeyRing.new()
    for name in ("warm.db", "talk.db"):
        store = Store.open(f"sqlite:///{folder / name}", keys)
        store.upgrade()
        if name == "warm.db":
            warm_up(store)
        store.close()
    telegram.MOST_UPDATES = 7  # type: ignore[misc]  # so that much is acknowledged before the next death
    channel = Telegram(TOKEN, base_url=how["url"])  # made once: it has no connection before its first request
    killed: list[dict[str, Any]] = []
    for number, kill in enumerate([*how["kills"], {}], start=1):
        child = os.fork()
        if child == 0:
            live(folder, keys, channel, number, kill)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        if os.WIFSIGNALED(status):
            killed.append(kill)
        elif os.WEXITSTATUS(status) != 0:
            sys.exit(1)
    print(json.dumps({"killed": killed}))  # noqa: T201


if __name__ == "__main__":
    main()
