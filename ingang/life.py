"""What runs by itself in one process, from its start to its clean stop.

    all      everything: `ingang run`
    web      the doors, and an eye on the rest: `ingang web`
    worker   the dispatcher, the sweeps, Telegram's messages, the list of incoming SMS: `ingang worker`

Any number of web and worker processes share one database; each may die at any instant. On SIGTERM nothing more is
claimed, what is on its way to a provider comes back, and all ends within 25 seconds.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from datetime import datetime, timedelta
from importlib import import_module
from typing import Any, Final, Literal, TypeVar

import structlog

from ingang import systemd
from ingang.app import App
from ingang.clock import lease_now as machine_lease_now
from ingang.connecting import Connecting
from ingang.settings import Settings
from ingang.tuning import tune
from rules import troubles
from scheduler.ticker import Ticker
from scheduler.watch import Watch
from storage import control

log = structlog.get_logger(__name__)

Role = Literal["all", "web", "worker"]
Given = TypeVar("Given")

MOST_WRITTEN: Final = "sv"
"""The language whose words are there before the first message is taken."""
LOOK_EVERY: Final = 15.0
EXAMINE_EVERY: Final = 600.0
READ_LIST_EVERY: Final = 300.0
FIRST_LIST: Final = timedelta(seconds=60)
"""How long SMS wait, at the start, for the list of what came in while we were away. Longer, and people wait in vain for
an answer where only the list is down."""
WAKE_EVERY: Final = 0.2
"""A worker beside other processes is told of nothing by them: so often does it look for what they have queued."""
STUCK_AFTER: Final = timedelta(seconds=40)
"""A tick that has not begun for so long is stuck: they come every 15 seconds at most, and may take 30."""
LAST_WAIT: Final = 3.0
"""Seconds that what is left gets at the very end of a stop."""


def expected(settings: Settings) -> dict[str, timedelta]:
    """Give the components that must be alive somewhere, each with how old its heartbeat may be."""
    minute = timedelta(seconds=60)
    wanted = dict.fromkeys(("doors", "dispatcher", "sweep", "doubt"), minute)
    if settings.telegram.on and settings.telegram.mode == "polling":
        wanted["telegram"] = timedelta(minutes=5)  # that it has answered: it may be away for a moment
    if settings.sms.on:
        wanted[troubles.SMS_LIST] = troubles.LIST_LATE
    return wanted


class Life:
    """Starts, watches and ends the parts of one process."""

    def __init__(self, app: App, role: Role = "all") -> None:
        self.app, self.role = app, role
        self.works, self.serves = role in ("all", "worker"), role in ("all", "web")
        self.died = asyncio.Event()
        self.failed = False
        self.connecting = Connecting(app, self.in_thread)
        self.watch = Watch(app.store, app.clock.now, app.lease_now, app.board, expected(app.settings))
        self.ticked: dict[str, datetime] = {}
        self._parts: list[asyncio.Task[None]] = []
        self._under_way: dict[str, asyncio.Task[Any]] = {}

    # --- start -----------------------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Start this process's parts on the running event loop."""
        app = self.app
        app.sends_here = self.works
        await self.in_thread("warming", app.house.lexicon, MOST_WRITTEN)
        await app.providers.open()
        self.ticker = Ticker(machine_lease_now, self._ticked)
        self._tick(LOOK_EVERY, "watch", self._look)
        if self.works:
            self._tick(5, "alive", self._note_alive)
            self._tick(5, "sweep", app.sweep)
            self._tick(5, "doubt", app.dispatcher.reconcile)
            self._start_working()
        if self.serves:
            self._tick(5, "doors", _nothing)
            if app.providers.telegram is not None and app.settings.telegram.mode == "webhook":
                self._run("telegram_webhook", self.connecting.set_webhook(), vital=False)
        self.ticker.start()
        self._run("watchdog", self._watchdog(), vital=False)
        self._run("warming", self._warm(), vital=False)

    def _start_working(self) -> None:
        app = self.app
        if app.providers.sms is not None:
            app.dispatcher.shut(app.providers.sms.name, app.lease_now() + FIRST_LIST)
            self._tick(READ_LIST_EVERY, troubles.SMS_LIST, self._read_list)
        self._sending = self._run("dispatcher", app.dispatcher.run())
        if self.role == "worker":
            self._run("waking", self._wake())
        self._run("first_alive", self._note_first(), vital=False)
        if app.providers.telegram is not None:
            if app.settings.telegram.mode == "polling":
                self._run("telegram", self.connecting.poll())
            self._run("telegram_menu", self.connecting.set_menu(), vital=False)
        if app.providers.telegram is not None or app.providers.sms is not None:
            self._tick(EXAMINE_EVERY, "examine", self.connecting.examine)

    def _run(self, name: str, work: Coroutine[Any, Any, None], *, vital: bool = True) -> asyncio.Task[None]:
        """Run a part until it ends. Where a vital one dies the process does, to be started anew by whoever watches."""
        task = asyncio.create_task(work, name=name)

        def ended(task: asyncio.Task[None]) -> None:
            if task.cancelled():
                return
            error = task.exception()
            if error is not None:
                log.error("part.died", component=name, error=type(error).__name__, exc_info=error)
            if vital and error is not None and not self.app.stopping:
                self.failed = True
                self.quiet()

        task.add_done_callback(ended)
        self._parts.append(task)
        return task

    async def _warm(self) -> None:
        """Make what takes long and is not needed at once: other languages' words take half a second, a library a third.

        Who needs it before that makes it.
        """
        words = self.app.house.lexicon
        works: list[tuple[Callable[[str], object], str]] = [(words, each) for each in self.app.house.lexicons]
        if self.app.providers.sms is not None:
            works.append((import_module, "twilio.rest"))
        for work, name in works:
            if not self.app.stopping:
                await self.in_thread("warming", work, name)
        await self.in_thread("warming", tune)

    # --- the parts -------------------------------------------------------------------------------------------------

    async def _read_list(self) -> None:
        """Read what came in while nobody listened; the first time no SMS leaves before that: a STOPP may be in it."""
        if not self.app.stopping:
            await self.connecting.read_list()
            self.app.dispatcher.open("sms")

    async def _wake(self) -> None:
        while not self.app.stopping:
            self.app.dispatcher.wake()
            await asyncio.sleep(WAKE_EVERY)

    async def _note_alive(self) -> None:
        """Write down when those were last alive that do not tick."""
        for name, at in self._last_alive().items():
            await self._beat(name, at)

    async def _note_first(self) -> None:
        """Write down at once when those are first alive, so that whoever waits for us to be ready need not longer."""
        noted, wanted = set[str](), {"dispatcher", "telegram"} & expected(self.app.settings).keys()
        while not self.app.stopping and not noted >= wanted:
            for name, at in self._last_alive().items():
                if name not in noted:
                    await self._beat(name, at)
                    noted.add(name)
            await asyncio.sleep(0.05 if not noted else 0.5)

    def _last_alive(self) -> dict[str, datetime]:
        last_beats = {"dispatcher": self.app.dispatcher.last_beat, "telegram": self.connecting.heard_at}
        return {name: at for name, at in last_beats.items() if at is not None}

    async def _look(self) -> None:
        """Keep the counts, and look for trouble."""
        app = self.app
        await self.in_thread("counts", app.keep_counts)
        await self.in_thread("look", self.watch.look)

    async def _ticked(self, name: str, _: datetime) -> None:
        await self._beat(name, self.app.lease_now())  # not the machine's own: others compare it

    async def _beat(self, name: str, at: datetime) -> None:
        await self.in_thread(f"beat_{name}", self._write_beat, name, at)

    def _write_beat(self, name: str, at: datetime) -> None:
        with self.app.store.begin() as tx:
            control.beat(tx, name, at)

    async def _watchdog(self) -> None:
        """Tell systemd that we are alive as long as every tick of ours comes."""
        longest = systemd.watchdog_seconds()
        while longest is not None and not self.app.stopping:
            if not self.stuck():
                systemd.notify(systemd.ALIVE)
            await asyncio.sleep(min(longest / 3, 5.0))

    def stuck(self) -> list[str]:
        """Give the ticks of this process that ought to have come and have not."""
        now = machine_lease_now()
        often = {name: at for name, at in self.ticked.items() if name not in (troubles.SMS_LIST, "examine")}
        return [name for name, at in often.items() if now - at > STUCK_AFTER]

    def _tick(self, seconds: float, name: str, work: Callable[[], Awaitable[None]]) -> None:
        """Tick, so that a tick under way when the process stops can end, and one that hangs is not begun twice."""
        self.ticked[name] = machine_lease_now()
        hangs: list[asyncio.Future[None]] = []

        async def tick() -> None:
            if hangs and not hangs[0].done():
                raise TimeoutError(name)  # it is begun once more when it has ended
            self.ticked[name] = machine_lease_now()
            hangs[:] = [asyncio.ensure_future(work())]
            await self._tracked(name, hangs[0])

        self.ticker.every(seconds, name, tick)

    async def in_thread(self, name: str, work: Callable[..., Given], *given: Any) -> Given:
        """Do blocking work in a thread, and wait for it at the stop even where the one who asked has gone."""
        return await self._tracked(name, asyncio.to_thread(work, *given))

    async def _tracked(self, name: str, work: Awaitable[Given]) -> Given:
        task = asyncio.ensure_future(work)
        self._under_way[f"{name}#{id(task)}"] = task

        def ended(done: asyncio.Future[Given]) -> None:
            self._under_way.pop(f"{name}#{id(task)}", None)
            if not done.cancelled():
                done.exception()  # whoever waited has been told; where none waits any more it is nobody's fault

        task.add_done_callback(ended)
        return await asyncio.shield(task)

    # --- stop ------------------------------------------------------------------------------------------------------

    def quiet(self) -> None:
        """Begin to stop: claim nothing more, ask for nothing more. May be called again; returns at once."""
        if not self.app.stopping:
            self.app.stopping = True
            systemd.notify(systemd.STOPPING)
            log.info("process.stopping", command=self.role)
            self.connecting.stop()
            self.app.dispatcher.stop()
            self.app.touch()
        self.died.set()

    async def stop(self) -> None:
        """Stop claiming, let what is on its way come back, and close everything."""
        self.quiet()
        self.ticker.stop()
        if self.works:
            await asyncio.wait([self._sending])
        rest = [task for task in (*self._parts, *self._under_way.values()) if not task.done()]
        if rest:
            _, late = await asyncio.wait(rest, timeout=LAST_WAIT)
            for task in late:
                log.warning("part.cut_off", component=task.get_name())
                task.cancel()
        with suppress(Exception):
            await asyncio.to_thread(self.app.keep_counts)  # what cannot be kept now is only a count
        await self.app.providers.close()
        self.app.store.close()
        log.info("process.stopped", command=self.role)


async def _nothing() -> None:
    """Being here is all."""
