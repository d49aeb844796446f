"""The dispatcher: the only caller of a channel's `send`.

It is one pipe that never stands still. Requests are out while the next rows are claimed. Each beat is one transaction,
in a thread:

    take off   what was claimed in a beat before is looked at once more, and its requests begin (scheduler/flight.py)
    settle     what has come back is written down (scheduler/settle.py)
    claim      as many rows as there is room for are taken next (scheduler/claim.py, pace.py)

After each of the other two, what has been waiting for a place takes off into those that got free meanwhile.

A beat is taken when something came back, when somebody woke it, and else a few times a second, for the message may have
been queued by another process. Who dies leaves leases that run out; such rows are looked for at the provider before
anything is sent again (scheduler/doubt.py).
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime

import structlog

from bot.actions import spending
from bot.actions.house import House
from scheduler.claim import Claimed, claim
from scheduler.doubt import Doubt
from scheduler.flight import Departure, Ended, Flight, outcome
from scheduler.pace import Pacing
from scheduler.receipts import match_kept
from scheduler.settle import settle
from storage import claims
from storage.db import Store, Tx
from storage.errors import StoreUnavailable

log = structlog.get_logger(__name__)

LOOK_EVERY = 0.25
"""Seconds between looks for what another process has queued. An answer may take a second."""

A_MOMENT = 0.01
"""Seconds until a contact that is being written down is looked at once more."""

AFTER_A_FAULT = 1.0
"""Seconds of rest when the database could not be used."""

CLEAN_STOP = 21.0
"""Seconds that requests under way get to come back when the program stops: their deadline, and a little."""

LAST_WORDS = 2.0
"""Seconds that there are after that to write down what they came to."""


class Dispatcher:
    """Sends what is due. `now` is business time, `lease_now` real time; both are asked for at each beat."""

    def __init__(
        self,
        store: Store,
        house: House,
        now: Callable[[], datetime],
        lease_now: Callable[[], datetime],
        changed: Callable[[], None] = lambda: None,
    ) -> None:
        self._store, self._house = store, house
        self._now, self._lease_now, self._changed = now, lease_now, changed
        self._work = asyncio.Event()
        self._beating = asyncio.Lock()
        self._stopping = False
        self._shut: dict[str, datetime] = {}  # channels that may not be used before then, in lease time
        self._flight = Flight(house.channels, now, lease_now, self._work.set)
        self._pacing, self._spent = Pacing(house.channels), spending.Spent()
        self._doubt = Doubt(store, house, now, lease_now)
        self._back: list[Ended] = []  # came back, and is not written down yet
        self._ready: list[Claimed] = []  # ours, and has not taken off yet
        self.last_beat: datetime | None = None  # lease time: when a beat last ended well

    # --- what others ask of it ----------------------------------------------------------------------------------------

    def wake(self) -> None:
        """There is something to send: do not wait for the next look."""
        self._work.set()

    def stop(self) -> None:
        """Claim nothing more; `run` returns when what is on its way has come back, or has had its time."""
        self._stopping = True
        self._work.set()

    def shut(self, channel: str, until: datetime) -> None:
        """Begin nothing on a channel before then (lease time), unless it is opened earlier."""
        self._shut[channel] = until

    def open(self, channel: str) -> None:
        """Let a channel that was shut be used."""
        self._shut.pop(channel, None)
        self._work.set()

    async def run(self) -> None:
        """Send until stopped. A beat that raises is logged, and the next one is taken after a pause."""
        while not self._stopping:
            self._work.clear()
            try:
                if not await self._beat() and not self._back:
                    await self._wait(self._pause())
            except Exception as error:
                # A locked or unreachable database must not end the dispatcher; what is queued stays queued.
                log.exception("dispatcher.round_failed", error=type(error).__name__)
                await self._wait(AFTER_A_FAULT)
        await self._land()

    async def drain(self, most_rounds: int = 50) -> None:
        """Send all that is due at this moment."""
        for _ in range(most_rounds):
            if not await self.round():
                return

    async def round(self) -> bool:
        """Claim, send and settle once; False when nothing was due."""
        looked = await self._beat()
        while self._has_work():
            await (asyncio.wait(self._flight.out) if self._flight.out else asyncio.sleep(0))
            await self._beat(claiming=False)
        return looked

    async def reconcile(self) -> None:
        """Look for rows that may have gone out: found, sent once more, or parked for staff."""
        await asyncio.to_thread(match_kept, self._store, self._house, self._now())
        await self._doubt.resolve()
        self._work.set()

    def _has_work(self) -> bool:
        return bool(self._back or self._ready) or not self._flight.empty

    # --- the beat -----------------------------------------------------------------------------------------------------

    async def _beat(self, *, claiming: bool = True) -> bool:
        """One beat; False when there was nothing to claim."""
        async with self._beating:
            self._back += self._flight.collect()
            told = len(self._back)
            work = asyncio.ensure_future(asyncio.to_thread(self._work_off, asyncio.get_running_loop(), claiming))
            try:
                looked = await asyncio.shield(work)
            except asyncio.CancelledError:
                await asyncio.wait([work])  # a thread cannot be cancelled, and two beats must never meet
                raise
            finally:
                if told > len(self._back):
                    self._changed()
            self.last_beat = self._lease_now()
            return looked

    def _work_off(self, loop: asyncio.AbstractEventLoop, claiming: bool) -> bool:
        """The beat itself, in a thread: one transaction. What it could not write down stays for the next one.

        Savepoints are for what breaks, and cost a tenth of a beat on PostgreSQL: one that breaks without them is rolled
        back, and taken once more with them.
        """
        now, lease_now = self._now(), self._lease_now()
        if not (self._ready or self._back or (claiming and (self._flight.out or self._anything_due(now)))):
            self._pacing.opens_at = None
            return False
        try:
            return self._transact(loop, now, lease_now, claiming, careful=False)
        except StoreUnavailable:
            raise
        except Exception as error:
            log.exception("dispatcher.taken_again", error=type(error).__name__)
            return self._transact(loop, now, lease_now, claiming, careful=True)

    def _transact(
        self, loop: asyncio.AbstractEventLoop, now: datetime, lease_now: datetime, claiming: bool, *, careful: bool
    ) -> bool:
        under_way = self._flight.counts() + Counter(each.row.channel for each in self._ready)
        departures: list[Departure] = []
        try:
            with self._store.begin() as tx:
                try:
                    self._depart(tx, loop, departures)
                    if self._back:
                        settle(tx, self._pacing, now, lease_now, self._back, careful)
                        self._depart(tx, loop, departures)  # for the places that got free meanwhile
                    claimed, looked = self._claim(tx, now, lease_now, under_way, careful) if claiming else ([], False)
                    self._depart(tx, loop, departures)
                finally:
                    for each in departures:
                        each.wait()
            self._back = []
            self._ready += claimed
        finally:
            for each in departures:
                self._ready += each.later
                self._back += each.barred
        return looked

    def _depart(self, tx: Tx, loop: asyncio.AbstractEventLoop, departures: list[Departure]) -> None:
        """Look at what there is a place for once more, and let it begin. Only what was claimed before this beat."""
        leaving = [row for each in departures for row in each.leaving]
        go, self._ready = self._flight.choose(self._ready, leaving)
        if go:
            departures.append(Departure(self._flight, go))
            departures[-1].look(tx, loop)

    def _anything_due(self, now: datetime) -> bool:
        with self._store.read() as tx:
            return not claims.held(tx) and claims.any_due(tx, now)

    def _claim(
        self, tx: Tx, now: datetime, lease_now: datetime, under_way: Mapping[str, int], careful: bool = True
    ) -> tuple[list[Claimed], bool]:
        """Claim what there is room for; give it, and whether there was anything to look at."""
        if claims.held(tx):
            return [], False
        if not careful:
            return self._claim_each(tx, now, lease_now, under_way)
        try:
            with tx.savepoint():
                return self._claim_each(tx, now, lease_now, under_way)
        except StoreUnavailable:
            raise
        except Exception as error:
            # What came back is written down all the same.
            log.exception("dispatcher.not_claimed", error=type(error).__name__)
            return [], False

    def _claim_each(
        self, tx: Tx, now: datetime, lease_now: datetime, under_way: Mapping[str, int]
    ) -> tuple[list[Claimed], bool]:
        shut = {name for name, until in self._shut.items() if until > lease_now}
        claimed, looked = list[Claimed](), 0
        for lane in self._pacing.lanes(tx, lease_now, under_way, shut):
            ours, seen = claim(tx, self._house, lane, self._spent, now, lease_now)
            self._pacing.spend(tx, lane, len(ours), lease_now)
            claimed += ours
            looked += seen
        return claimed, looked > 0

    # --- waiting and stopping -----------------------------------------------------------------------------------------

    def _pause(self) -> float:
        """How many seconds until there may be something to do, unless somebody says so before."""
        if self._ready:
            return A_MOMENT
        opens_at = self._pacing.opens_at
        until_open = LOOK_EVERY if opens_at is None else (opens_at - self._lease_now()).total_seconds()
        return min(max(until_open, 0.001), LOOK_EVERY)

    async def _wait(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._work.wait()
        except TimeoutError:
            return

    async def _land(self) -> None:
        """Let what is on its way come back, and write it down: a clean stop leaves nothing in doubt."""
        loop = asyncio.get_running_loop()
        last_call = loop.time() + CLEAN_STOP
        while self._has_work():
            self._back += [Ended(each, outcome(each, "queued", why="Programmet stannade.")) for each in self._ready]
            self._ready = []
            try:
                await self._beat(claiming=False)
            except Exception as error:
                log.exception("dispatcher.round_failed", error=type(error).__name__)
                await asyncio.sleep(A_MOMENT)
            left = last_call - loop.time()
            if left <= -LAST_WORDS:
                return  # the database cannot be used: the leases run out, and then it is looked for
            for task in self._flight.out if left <= 0 else ():
                task.cancel()
            if self._flight.out:
                await asyncio.wait(self._flight.out, timeout=max(left, 0.1), return_when=asyncio.FIRST_COMPLETED)
