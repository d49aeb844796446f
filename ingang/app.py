"""The program as the doors, the staff commands and the demo are given it. What runs by itself is in ingang/life.py."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property

from bot import conversation
from bot.actions import presence
from bot.actions.house import House
from bot.channels.base import Inbound, Presence, Status
from bot.conversation import Report
from ingang.clock import Clock, MovableClock
from ingang.clock import lease_now as machine_lease_now
from ingang.providers import Providers
from ingang.settings import Settings
from ingang.tally import Tally
from rules.retention import Rule
from scheduler import activities, auditing, forgetting, many, promises, receipts, reminders, sweeps
from scheduler.dispatcher import Dispatcher
from scheduler.watch import Board
from staff.outside import Outside
from storage import control, figures
from storage.db import Store

DEMO_NUMBER = "+46701740699"  # the last of the numbers that PTS keeps for books and films: nobody has it
CLOCK_OFFSET = "demo.clock_offset"  # control: how far the demo's clock has been moved, in seconds
LAST_REPORTS = 60
LOOK_AGAIN = 1.0
"""Seconds after which a page that waits for news looks for itself: in `ingang web` another process sends."""


@dataclass
class App:
    """The program, put together."""

    settings: Settings
    store: Store
    house: House
    clock: Clock
    rules: tuple[Rule, ...] = ()
    demo: bool = False
    providers: Providers = field(default_factory=Providers)
    tally: Tally = field(default_factory=Tally)
    board: Board = field(default_factory=Board)
    lease: Callable[[], datetime] = machine_lease_now
    dispatcher: Dispatcher = field(init=False)
    reports: deque[tuple[datetime, Report]] = field(default_factory=lambda: deque(maxlen=LAST_REPORTS))
    version: int = 0
    stopping: bool = False
    sends_here: bool = True
    _news: asyncio.Condition = field(default_factory=asyncio.Condition)
    _tasks: list[asyncio.Task[None]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.dispatcher = Dispatcher(self.store, self.house, self.clock.now, self.lease, self.touch)

    # --- what the doors use ----------------------------------------------------------------------------------------

    async def receive(self, message: Inbound) -> Report:
        """Take a turn. Raises StoreUnavailable when the message could not be kept: then do not acknowledge it."""
        report = await asyncio.to_thread(conversation.take_turn, self.store, self.house, message, self.clock.now())
        self.tally.add("turn", message.channel, report.state)
        self._remember([report])
        if report.meaning in ("distress", "violence") or report.flow == "hard_how":
            await self.raise_alarms()
        self.dispatcher.wake()
        return report

    async def status(self, status: Status) -> None:
        """Take a provider's word about a message that it has. Raises StoreUnavailable when it could not be kept."""
        await asyncio.to_thread(receipts.take, self.store, self.house, status, self.clock.now())
        self.tally.add("receipt", status.state)
        if status.code:
            self.tally.add("error", "sms", status.code)
        self.dispatcher.wake()  # the next message to the same person may have waited for this word
        self.touch()

    async def presence(self, told: Presence) -> None:
        """Take in that somebody has blocked us, or let us in again. Raises StoreUnavailable."""
        await asyncio.to_thread(presence.take, self.store, told, self.clock.now())
        self.touch()

    async def say(self, participant_id: int, text: str, actor: str, nonce: str = "") -> int:
        """Send staff's own words; see bot.conversation.say."""
        row = await asyncio.to_thread(
            conversation.say, self.store, self.house, participant_id, text, actor, self.clock.now(), nonce
        )
        self.dispatcher.wake()
        self.touch()
        return row

    async def raise_alarms(self) -> None:
        """Queue the alarms to work devices that are due, before the next tick. Raises StoreUnavailable."""
        await asyncio.to_thread(sweeps.send_alarms, self.store, self.house, self.clock.now())

    @property
    def telegram_bot(self) -> str:
        """The bot's name, as Telegram said it to the process that asked last; "" while none has, or it is off."""
        if not self.settings.telegram.on:
            return ""
        with self.store.read() as tx:
            return control.find(tx, control.TELEGRAM_BOT) or ""

    def lease_now(self) -> datetime:
        """Real time, never moved: what heartbeats and leases go by."""
        return self.lease()

    # --- what changed ----------------------------------------------------------------------------------------------

    def touch(self) -> None:
        """Something that a page shows has changed. Call it on the event loop."""
        self.version += 1
        self._tasks = [task for task in self._tasks if not task.done()]
        self._tasks.append(asyncio.get_running_loop().create_task(self._tell()))

    def changed(self) -> None:
        """A page wrote something: let what is due go out, and tell the pages. Call it on the event loop."""
        self.dispatcher.wake()
        self.touch()

    @property
    def public_url(self) -> str:
        """The address that people reach the program by, without a slash at its end."""
        return self.settings.web.public_url.rstrip("/")

    @property
    def sms_number(self) -> str:
        """The number that people write SMS to; empty when there is none, or it is one of a service's."""
        return self.settings.sms.from_number if self.settings.sms.on else DEMO_NUMBER if self.demo else ""

    @cached_property
    def outside(self) -> Outside | None:
        """The municipality's own log-in to the staff pages, where there is one."""
        oidc = self.settings.oidc
        if not oidc.on:
            return None
        back = f"{self.public_url}/personal/logga-in/kommun/svar"
        return Outside(oidc.issuer, oidc.client_id, oidc.client_secret, oidc.name, back, tuple(oidc.acr.split()))

    @property
    def is_private(self) -> bool:
        """Whether pages are reached by https."""
        return self.settings.web.is_private

    async def _tell(self) -> None:
        async with self._news:
            self._news.notify_all()

    async def changed_since(self, version: int, timeout: float) -> int:  # noqa: ASYNC109 - a long wait, not a deadline
        """Wait, at most `timeout` seconds, for a change after `version`; return the version then."""
        wait = timeout if self.sends_here else min(timeout, LOOK_AGAIN)
        try:
            async with asyncio.timeout(wait), self._news:
                await self._news.wait_for(lambda: self.version > version or self.stopping)
        except TimeoutError:
            return self.version
        return self.version

    def _remember(self, reports: list[Report]) -> None:
        for report in reports:
            if report.happened:
                self.reports.append((self.clock.now(), report))
        if reports:
            self.touch()

    # --- time ------------------------------------------------------------------------------------------------------

    async def sweep(self) -> None:
        """Ask every sweep what is due at this moment, then let the dispatcher send."""
        now = self.clock.now()
        reports = await asyncio.to_thread(self._sweep, now)
        for report in reports:
            self.tally.add("turn", "again", report.state)
        self._remember(reports)
        await asyncio.to_thread(sweeps.mark_for_erasure, self.store, self.house, self.rules, now)
        await asyncio.to_thread(auditing.sweep, self.store, now)
        self.dispatcher.wake()

    def _sweep(self, now: datetime) -> list[Report]:
        sweeps.expire_messages(self.store, self.house, now)
        sweeps.send_alarms(self.store, self.house, now)
        receipts.match_kept(self.store, self.house, now)
        forgetting.forget_codes(self.store, self.house, now)
        forgetting.forget_logins(self.store, self.lease_now())
        reminders.sweep(self.store, self.house, now)
        activities.sweep(self.store, self.house, now)
        promises.sweep(self.store, self.house, now)
        many.sweep(self.store, self.house, now)
        reminders.tidy(self.store, now)
        reminders.end_ratings(self.store, self.house, now)
        reminders.offer_times(self.store, self.house, now)
        return sweeps.retry_turns(self.store, self.house, now) + sweeps.wake_talks(self.store, self.house, now)

    async def move_clock(self, delta: timedelta) -> datetime:
        """Move the demo's clock forward, let everything that is due by then happen, and remember where the clock is.

        Raises ValueError for a step back, or where the clock cannot be moved.
        """
        if not isinstance(self.clock, MovableClock):
            raise ValueError("only the demo's clock can be moved")
        now = self.clock.move(delta)
        await asyncio.to_thread(self._keep_offset, self.clock.offset)
        await self.sweep()
        await self.dispatcher.drain()
        self.touch()
        return now

    def _keep_offset(self, offset: timedelta) -> None:
        with self.store.begin() as tx:
            control.put(tx, CLOCK_OFFSET, str(offset.total_seconds()))

    def keep_counts(self) -> None:
        """Add this process's counts to the store's. Raises StoreUnavailable, and loses none of them."""
        counts = self.tally.take()
        if not counts:
            return
        try:
            with self.store.begin() as tx:
                figures.add(tx, self.clock.now(), counts)
        except BaseException:
            self.tally.give_back(counts)
            raise
