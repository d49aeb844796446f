"""Workers that are killed: processes that send what is queued, each ended with -9 and started anew; run by the tests.

    python -m tests.faults.workers HOW        HOW is JSON, see `How`

It warms up once, and each worker is a fork with its own connections to the same database. They work until every message
is settled, while they are killed at random moments or at a named point; INGANG_CRASH_AT names the point in the fork's
own environment, and nothing in the program reads it. Lease time, and what is measured in it, runs SPEED times as fast
as the machine's, so that a lease of a minute is over in seconds: deadlines are shortened by as much.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import sys
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy import func, select, text

from bot.actions.house import House
from bot.channels.base import Channel
from bot.channels.sms import TwilioSms
from bot.channels.telegram import USUAL, Telegram, Timeouts
from bot.channels.twilio_http import Limits
from ingang.clock import SystemClock
from ingang.settings import Settings
from ingang.wiring import build_house
from scheduler import flight
from scheduler.dispatcher import Dispatcher
from storage import claims
from storage.claims import LEASE
from storage.crypto import KeyRing
from storage.db import Store
from storage.tables import outbox
from tests.servers import telegram_api, twilio_api

SPEED = 20
CRASH_AT = "INGANG_CRASH_AT"
POINTS = ("before_claim", "after_claim", "before_request", "after_request", "before_settle", "after_settle")
STALL_AT = "INGANG_STALL_AT"
ANYWHERE = "anywhere"
STALLS = ("before_look", "after_look")  # both inside the transaction that looks and lets go
EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
STARTED: set[int] = set()
UNDER_WAY = ("queued", "sending", "uncertain")


@dataclass
class How:
    """What to do: where the store, its keys and the provider are, and who dies of what.

    `kills` random ones in all, shared by `workers`; or, one worker after the other, the points of `crashes`, each a
    name and at which passing; or `stalls` of the first worker for longer than a lease, all ANYWHERE or at points; or
    `cuts` of every connection to PostgreSQL at once.
    """

    url: str
    keys: str
    provider: str
    channel: str = "sms"
    workers: int = 2
    kills: int = 0
    between: tuple[float, float] = (0.05, 0.4)
    crashes: tuple[tuple[str, int], ...] = ()
    stalls: tuple[str, ...] = ()
    cuts: int = 0
    per_second: float = 150  # of lease time
    longest: float = 120.0
    ahead: float = 0.0  # seconds that business time is ahead of the machine's


def lease_now() -> datetime:
    """Lease time, the same for all processes of the machine."""
    return EPOCH + timedelta(seconds=time.monotonic() * SPEED)


def channel(how: How) -> Channel:
    """The real channel to the local provider, with everything as much shorter as lease time is faster."""
    if how.channel == "telegram":
        waits = Timeouts(*(each / SPEED for each in USUAL))
        return Telegram(telegram_api.TOKEN, base_url=how.provider, timeouts=waits)
    limits = replace(Limits(), connect=Limits().connect / SPEED, total=Limits().total / SPEED)
    return TwilioSms(
        twilio_api.ACCOUNT, twilio_api.TOKEN, public_url="https://ingang.example", from_number=twilio_api.NUMBER,
        api_base_url=how.provider, per_second=how.per_second, limits=limits,
    )  # fmt: skip


def without_ceiling(house: House) -> House:
    """The house as it is where a day's SMS have no limit."""
    return replace(house, sms_per_day=10**9)


# --- a worker ---------------------------------------------------------------------------------------------------------


def crash(point: str) -> Callable[[str], None]:
    """Give what ends the process at the n-th passing of a point ("after_claim:2")."""
    where, _, times = point.partition(":")
    left = [int(times or 1)]

    def passes(name: str) -> None:
        if name == where:
            left[0] -= 1
            if left[0] == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    return passes


def stall(points: list[str]) -> Callable[[str], None]:
    """Give what stops the process at each of these points, one after the other, until somebody lets it go on."""

    def passes(name: str) -> None:
        if points and points[0] == name:
            points.pop(0)
            os.kill(os.getpid(), signal.SIGSTOP)

    return passes


def patch_looks(at: Callable[[str], None]) -> None:
    """Let the points around the last look be passed."""
    look = claims.look

    def looks(*given: Any) -> Any:
        at("before_look")
        seen = look(*given)
        at("after_look")
        return seen

    claims.look = looks  # type: ignore[assignment]


def patch(sends: Channel, at: Callable[[str], None]) -> None:
    """Let the named points be passed."""
    work_off, send = Dispatcher._work_off, sends.send

    def works_off(self: Dispatcher, loop: asyncio.AbstractEventLoop, claiming: bool) -> bool:
        settling, ready = bool(self._back), len(self._ready)
        at("before_settle" if settling else "before_claim")
        looked = work_off(self, loop, claiming)
        if settling:
            at("after_settle")
        if len(self._ready) > ready:
            at("after_claim")
        return looked

    async def requests(message: Any) -> Any:
        at("before_request")
        receipt = await send(message)
        at("after_request")
        return receipt

    Dispatcher._work_off = works_off  # type: ignore[method-assign]
    sends.send = requests  # type: ignore[method-assign]


async def work(how: How) -> None:
    """Send until told to stop."""
    sends = channel(how)
    if CRASH_AT in os.environ:
        patch(sends, crash(os.environ[CRASH_AT]))
    patch_looks(stall(os.environ.get(STALL_AT, "").split()))
    store = Store.open(how.url, KeyRing.load(how.keys))
    with store.read() as tx:  # a sleeper may have the only place of those that write
        house = without_ceiling(build_house(tx, Settings(), {sends.name: sends}))
    clock, ahead = SystemClock(), timedelta(seconds=how.ahead)
    dispatcher = Dispatcher(store, house, lambda: clock.now() + ahead, lease_now)
    stopping = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopping.set)
    running = asyncio.create_task(dispatcher.run())

    async def doubts() -> None:
        while True:
            try:
                await dispatcher.reconcile()
            except Exception:  # noqa: BLE001 - as the ticker does
                structlog.get_logger().exception("doubt.failed")
            await asyncio.sleep(5 / SPEED)

    doubting = asyncio.create_task(doubts())
    await stopping.wait()
    doubting.cancel()
    dispatcher.stop()
    await running
    await sends.close()  # type: ignore[attr-defined]
    store.close()


def start(how: How, crash_at: str = "", stall_at: str = "") -> int:
    """Start a worker; give its number."""
    child = os.fork()
    if child == 0:
        if crash_at:
            os.environ[CRASH_AT] = crash_at
        os.environ[STALL_AT] = stall_at
        code = 1
        try:
            asyncio.run(work(how))
            code = 0
        except Exception:  # noqa: BLE001 - it is told, and the code says so
            traceback.print_exc()
        finally:
            os._exit(code)
    STARTED.add(child)
    return child


# --- who kills them ---------------------------------------------------------------------------------------------------


def left(store: Store) -> int:
    """How many messages are not settled."""
    with store.read() as tx:
        return int(tx.execute(select(func.count()).where(outbox.c.state.in_(UNDER_WAY))).scalar_one())


def cut_all(store: Store) -> None:
    """Cut every connection to the database but ours, which is made anew for it."""
    store.close()
    others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
    with store.begin() as tx:
        tx.execute(text(f"{others} AND pid <> pg_backend_pid()"))


def let_sleep(child: int, point: str, store: Store) -> None:
    """Let a worker stand still for longer than a lease: now, or at the point where it stops by itself."""
    if point == ANYWHERE:
        os.kill(child, signal.SIGSTOP)
    while os.waitpid(child, os.WUNTRACED | os.WNOHANG) == (0, 0):
        if left(store) == 0:
            sys.exit(f"a worker never came to {point}")
        time.sleep(0.02)
    time.sleep(LEASE.total_seconds() / SPEED + 1)
    os.kill(child, signal.SIGCONT)


def run(how: How) -> dict[str, Any]:
    """Let them work and die; give what was seen."""
    store, dice = Store.open(how.url, KeyRing.load(how.keys)), random.Random()
    end, killed, stalled, cut, crashed = time.monotonic() + how.longest, 0, 0, 0, list[str]()
    for point, times in how.crashes:
        child = start(how, f"{point}:{times}")
        while os.waitpid(child, os.WNOHANG) == (0, 0):
            if left(store) == 0 or time.monotonic() > end:
                os.kill(child, signal.SIGKILL)
                os.waitpid(child, 0)
                break
            time.sleep(0.02)
        else:
            crashed.append(f"{point}:{times}")
    stalls, named = how.stalls, [each for each in how.stalls if each != ANYWHERE]
    alive = [start(how, stall_at=" ".join(named if place == 0 else ())) for place in range(how.workers)]
    while left(store) and time.monotonic() < end:
        time.sleep(dice.uniform(*how.between))
        if stalled < len(stalls):
            let_sleep(alive[0], stalls[stalled], store)
            stalled += 1
        if cut < how.cuts:
            cut += 1
            cut_all(store)
        if any(os.waitpid(child, os.WNOHANG) != (0, 0) for child in alive):
            sys.exit("a worker ended by itself")
        if killed < how.kills:
            place = dice.randrange(len(alive))
            os.kill(alive[place], signal.SIGKILL)
            os.waitpid(alive[place], 0)
            alive[place], killed = start(how), killed + 1
    began = time.monotonic()
    for child in alive:
        os.kill(child, signal.SIGTERM)
    codes = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in alive]
    told = {"killed": killed, "stalled": stalled, "cut": cut, "crashed": crashed, "codes": codes, "left": left(store)}
    store.close()
    return told | {"stopped_in": time.monotonic() - began}


def main() -> None:
    """Do what was asked; print what was seen."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    how = How(**json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")))
    flight.REQUEST_DEADLINE /= SPEED
    warm = Store.open(how.url, KeyRing.load(how.keys))
    with warm.begin() as tx:
        build_house(tx, Settings(), {})
    warm.close()
    try:
        print(json.dumps(run(how)), flush=True)  # noqa: T201
    finally:
        for child in STARTED:
            with suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)


if __name__ == "__main__":
    main()
