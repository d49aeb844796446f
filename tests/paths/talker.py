"""A process that holds one talk and is killed again and again; run by test_killed.py.

    python -m tests.paths.talker FOLDER HOW      HOW is JSON: {"finds": true, "kills": [...]}

It warms up once and then lives many lives, each a fork of its own with its own connection to the same database. A life
begins as the program does (what is in doubt first, then what is queued), takes the messages that were not acknowledged
yet, and sends. It ends by SIGKILL at the named point, by a timer at any point at all, or by getting to the end. What
the provider took, and what we acknowledged, is written to files that are synced at once: that is the truth.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from bot import conversation
from bot.channels.base import Inbound, Outbound, Rates, Receipt, SendError, Style
from scheduler.dispatcher import Dispatcher
from storage.crypto import KeyRing
from storage.db import Store
from tests.town import CHANNELS, MONDAY, Town

SCRIPT = (
    "hej", "ja", "kim", "03", "1", "4 o 6", "promenad", "2", "070-174 06 05", "jobbigt m folk",
    "ändra namn till Alex", "ja",
)  # fmt: skip
ADDRESS = "+46701740605"


def append(file: Path, line: str) -> None:
    """Write a line that outlives the process."""
    with file.open("a", encoding="utf-8") as out:
        out.write(line + "\n")
        out.flush()
        os.fsync(out.fileno())


def lines(file: Path) -> list[str]:
    """The whole lines of a file; none when it is not there."""
    return file.read_text(encoding="utf-8").splitlines() if file.exists() else []


@dataclass
class Ledger:
    """A provider whose truth is a file."""

    file: Path
    finds: bool
    at: Callable[[str], None]
    name: str = "sim_sms"
    style: Style = "sms"
    reachable: bool = True
    find_wait: timedelta = timedelta()
    rates: Rates | None = None

    async def send(self, message: Outbound) -> Receipt:
        """Take it, for good."""
        self.at("before_send")
        append(self.file, json.dumps([message.ref, message.text]))
        self.at("after_send")
        return Receipt(message.ref)

    async def find(self, message: Outbound) -> Receipt | None:
        """Look in the file."""
        if not self.finds:
            raise SendError("unknown", "there is no way to look")
        return Receipt(message.ref) if any(json.loads(line)[0] == message.ref for line in lines(self.file)) else None


class Points:
    """Kills the process at the n-th time that it passes a point."""

    def __init__(self, where: str, times: int) -> None:
        self.where, self.left = where, times

    def at(self, where: str) -> None:
        """Pass a point."""
        if where != self.where:
            return
        self.left -= 1
        if self.left <= 0:
            os.kill(os.getpid(), signal.SIGKILL)


def live(folder: Path, keys: KeyRing, number: int, finds: bool, kill: dict[str, Any]) -> None:
    """One life."""
    points = Points(kill.get("at", ""), kill.get("times", 1))
    if "after_ms" in kill:
        signal.setitimer(signal.ITIMER_REAL, kill["after_ms"] / 1000)  # its default is to end the process on the spot
    store = Store.open(f"sqlite:///{folder / 'talk.db'}", keys)
    patch(store, points)
    channel = Ledger(folder / "taken", finds, points.at)
    town = Town(store, channels={**CHANNELS, "sim_sms": channel})
    town.lease += timedelta(minutes=2 * number)
    done = len(lines(folder / "acknowledged"))
    town.now = MONDAY + timedelta(minutes=done)
    town.doubt()
    town.send()
    for place, text in list(enumerate(SCRIPT))[done:]:
        town.now = MONDAY + timedelta(minutes=place + 1)
        conversation.take_turn(store, town.house, Inbound("sim_sms", ADDRESS, f"SM{place}", text), town.now)
        points.at("before_acknowledge")
        append(folder / "acknowledged", text)
        points.at("after_acknowledge")
        town.send()
    store.close()


def patch(store: Store, points: Points) -> None:
    """Let the points that lie inside the program be passed."""
    close, work_off = store.lane.close_write, Dispatcher._work_off

    def close_write(conn: Any, *, commit: bool) -> None:
        points.at("before_commit")
        close(conn, commit=commit)
        points.at("after_commit")

    def works_off(self: Dispatcher, loop: asyncio.AbstractEventLoop, claiming: bool) -> bool:
        settling, ready = bool(self._back), len(self._ready)
        points.at("before_settle" if settling else "before_claim")
        looked = work_off(self, loop, claiming)
        if settling:
            points.at("after_settle")
        if len(self._ready) > ready:
            points.at("after_claim")
        return looked

    store.lane.close_write = close_write  # type: ignore[method-assign]
    Dispatcher._work_off = works_off  # type: ignore[method-assign]


def warm_up(store: Store) -> None:
    """Hold the talk once, so that a life need not read the word lists and the holidays anew: it would die over that."""
    town = Town(store)
    for place, text in enumerate(SCRIPT):
        conversation.take_turn(store, town.house, Inbound("sim_sms", ADDRESS, f"SM{place}", text), MONDAY)


def main() -> None:
    """Live until the script is done; print which deaths were died, and what the store believes."""
    folder, how = Path(sys.argv[1]), json.loads(sys.argv[2])
    keys = KeyRing.new()
    for name in ("warm.db", "talk.db"):
        store = Store.open(f"sqlite:///{folder / name}", keys)
        store.upgrade()
        if name == "warm.db":
            warm_up(store)
        store.close()
    killed: list[dict[str, Any]] = []
    kills = [*how["kills"], {}]
    for number, kill in enumerate(kills, start=1):
        child = os.fork()
        if child == 0:
            live(folder, keys, number, how["finds"], kill)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        if os.WIFSIGNALED(status):
            killed.append(kill)
        elif os.WEXITSTATUS(status) != 0:
            sys.exit(1)
    print(json.dumps({"killed": killed, "rows": told(folder, keys)}))  # noqa: T201


def told(folder: Path, keys: KeyRing) -> list[list[Any]]:
    """What the store believes: reference, state, and whether it may have gone out twice."""
    store = Store.open(f"sqlite:///{folder / 'talk.db'}", keys)
    rows = [[row.ref, row.state, bool(row.possible_duplicate)] for row in Town(store).rows()]
    store.close()
    return rows


if __name__ == "__main__":
    main()
