"""Puts the program together: settings in, an `App` out. Only the commands, the web and the tests import this."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from functools import cache
from pathlib import Path

from bot import conversation
from bot.actions.house import House
from bot.channels.base import Channel, Inbound
from bot.channels.pickup import SIMULATED_SMS, SIMULATED_TELEGRAM, TERMINAL, WEB_CHAT, WORK_DEVICE
from bot.conversation import Report
from flows.lexicon import Lexicon
from ingang.clock import Clock, MovableClock, business_clock, lease_now
from ingang.errors import UserError
from ingang.seeding import seed_units
from ingang.settings import Settings
from messages.catalog import Catalog
from messages.words import load_words
from rules.calendar import STOCKHOLM, is_working_day, to_local, to_utc
from rules.retention import HALF_DONE, Rule
from rules.sending import Hours
from scheduler import sweeps
from scheduler.dispatcher import Dispatcher
from scheduler.ticker import Ticker
from storage import control, units
from storage.db import Store, Tx
from storage.keys import load as load_keys

CHANNELS: dict[str, Channel] = {each.name: each for each in (WEB_CHAT, TERMINAL)}
SIMULATED: dict[str, Channel] = {each.name: each for each in (SIMULATED_SMS, SIMULATED_TELEGRAM, WORK_DEVICE)}
CLOCK_OFFSET = "demo.clock_offset"  # control: how far the demo's clock has been moved, in seconds
LAST_REPORTS = 60


def retention_rules(settings: Settings, *, demo: bool) -> tuple[Rule, ...]:
    """The rules on what is to be erased. The demo shows what one with a decision looks like."""
    rule = replace(HALF_DONE, after=timedelta(days=settings.retention.half_done_days))
    if not demo:
        return (rule,)
    return (replace(rule, decision="Exempelbeslut 1", decided_on=date(2026, 11, 1), approved_by="Demonämnden"),)


def build_house(tx: Tx, settings: Settings, channels: Mapping[str, Channel]) -> House:
    """The texts, the word lists with the units' municipalities among the choices, the channels, the hours."""
    catalog = _catalog()
    places = tuple((unit.slug, unit.municipality.casefold(), unit.name.casefold()) for unit in units.list_units(tx))
    lexicons = Lexicons(catalog.languages(), places)
    hours = Hours(settings.sending.starts, settings.sending.ends)
    link = f"{settings.web.public_url.rstrip('/')}/d/info"
    return House(
        catalog, lexicons, channels, hours=hours, info_link=link, budget_per_week=settings.sending.budget_per_week
    )


_catalog = cache(Catalog.load)


class Lexicons(Mapping[str, Lexicon]):
    """The word lists by language, each compiled when it is first asked for: that takes half a second."""

    def __init__(self, languages: tuple[str, ...], places: tuple[tuple[str, ...], ...]) -> None:
        self._languages, self._places = languages, places

    def __getitem__(self, language: str) -> Lexicon:
        if language not in self._languages:
            raise KeyError(language)
        return _lexicon(language, self._places)

    def __iter__(self) -> Iterator[str]:
        return iter(self._languages)

    def __len__(self) -> int:
        return len(self._languages)


@cache
def _lexicon(language: str, places: tuple[tuple[str, ...], ...]) -> Lexicon:
    data = load_words(language)
    options = dict(data.get("options", {}))
    options["unit"] = {**{slug: words for slug, *words in places}, **options.get("unit", {})}
    return Lexicon.from_data({**data, "options": options})


@dataclass
class App:
    """The program, running: what the doors, the staff commands and the demo are given."""

    settings: Settings
    store: Store
    house: House
    clock: Clock
    demo: bool = False
    dispatcher: Dispatcher = field(init=False)
    reports: deque[tuple[datetime, Report]] = field(default_factory=lambda: deque(maxlen=LAST_REPORTS))
    version: int = 0
    _news: asyncio.Condition = field(default_factory=asyncio.Condition)
    _tasks: list[asyncio.Task[None]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.dispatcher = Dispatcher(self.store, self.house, self.clock.now, lease_now, self.touch)
        self.rules = retention_rules(self.settings, demo=self.demo)

    # --- what the doors use ----------------------------------------------------------------------------------------

    async def receive(self, message: Inbound) -> Report:
        """Take a turn. Raises StoreUnavailable when the message could not be kept: then do not acknowledge it."""
        report = await asyncio.to_thread(conversation.take_turn, self.store, self.house, message, self.clock.now())
        self._remember([report])
        await self._raise_alarms(report)
        self.dispatcher.wake()
        return report

    async def say(self, participant_id: int, text: str, actor: str, nonce: str = "") -> int:
        """Send staff's own words; see bot.conversation.say."""
        row = await asyncio.to_thread(
            conversation.say, self.store, self.house, participant_id, text, actor, self.clock.now(), nonce
        )
        self.dispatcher.wake()
        self.touch()
        return row

    async def _raise_alarms(self, report: Report) -> None:
        if report.meaning in ("distress", "violence") or report.flow == "hard_how":
            await asyncio.to_thread(sweeps.send_alarms, self.store, self.house, self.clock.now())

    def lease_now(self) -> datetime:
        """Real time, never moved: what heartbeats and leases go by."""
        return lease_now()

    # --- what changed ----------------------------------------------------------------------------------------------

    def touch(self) -> None:
        """Something that a page shows has changed. Call it on the event loop."""
        self.version += 1
        self._tasks = [task for task in self._tasks if not task.done()]
        self._tasks.append(asyncio.get_running_loop().create_task(self._tell()))

    async def _tell(self) -> None:
        async with self._news:
            self._news.notify_all()

    async def changed_since(self, version: int, timeout: float) -> int:  # noqa: ASYNC109 - a long wait, not a deadline
        """Wait, at most `timeout` seconds, for a change after `version`; return the version then."""
        try:
            async with asyncio.timeout(timeout), self._news:
                await self._news.wait_for(lambda: self.version > version)
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
        now, rules = self.clock.now(), self.rules
        self._remember(await asyncio.to_thread(self._sweep, now))
        await asyncio.to_thread(sweeps.mark_for_erasure, self.store, self.house, rules, now)
        self.dispatcher.wake()

    def _sweep(self, now: datetime) -> list[Report]:
        sweeps.expire_messages(self.store, self.house, now)
        sweeps.send_alarms(self.store, self.house, now)
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

    # --- running ---------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Start the dispatcher and the ticker on the running event loop."""
        self._sending = asyncio.create_task(self.dispatcher.run())
        self._warming = asyncio.create_task(asyncio.to_thread(lambda: list(self.house.lexicons.values())))
        self.ticker = Ticker(lease_now, self._beat)
        self.ticker.every(5, "sweep", self.sweep)
        self.ticker.every(5, "doubt", self.dispatcher.reconcile)
        self.ticker.start()

    async def stop(self) -> None:
        """Stop claiming, let what is on its way come back, and close the store."""
        self.ticker.stop()
        self.dispatcher.stop()
        await self._sending
        self.store.close()

    async def _beat(self, name: str, at: datetime) -> None:
        await asyncio.to_thread(self._write_beat, name, at)

    def _write_beat(self, name: str, at: datetime) -> None:
        with self.store.begin() as tx:
            control.beat(tx, name, at)


def open_app(settings: Settings, *, demo: bool = False, clock: Clock | None = None) -> App:
    """Open the store, see that it fits, and put the program together.

    Raises UserError (keys), StoreError (database) with the way out.
    """
    keys = load_keys(settings.keys.file)
    store = Store.open(settings.database.url, keys)
    if demo:
        store.upgrade()
    store.check_ready()
    now = (clock or business_clock()).now()
    with store.begin() as tx:
        seed_units(tx, settings.units, now)
        made_up = demo or control.find(tx, CLOCK_OFFSET) is not None  # staff commands on the demo's data
        house = build_house(tx, settings, CHANNELS | (SIMULATED if made_up else {}))
        clock = clock or (_demo_clock(tx) if made_up else business_clock())
    return App(settings, store, house, clock, demo)


def _demo_clock(tx: Tx) -> Clock:
    """Where the demo's clock was left; the first time, an hour when somebody is at work."""
    fixed = business_clock()
    if isinstance(fixed, MovableClock):
        return fixed
    kept = control.find(tx, CLOCK_OFFSET)
    if kept is None:
        kept = str((_working_hour(fixed.now()) - fixed.now()).total_seconds())
        control.put(tx, CLOCK_OFFSET, kept)
    return MovableClock(timedelta(seconds=float(kept)))


def _working_hour(now: datetime) -> datetime:
    """This moment when it is between nine and three on a working day, else 10.15 on the next one."""
    local = to_local(now, STOCKHOLM)
    if is_working_day(local.date()) and 9 <= local.hour < 15:
        return now
    day = local.date() if local.hour < 9 else local.date() + timedelta(days=1)
    while not is_working_day(day):
        day += timedelta(days=1)
    return to_utc(day, time(10, 15), STOCKHOLM)


def data_folder(path: Path) -> Path:
    """The folder that the demo keeps its data in, made if need be. Raises UserError when it cannot be."""
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"cannot make the folder: {error.strerror}", str(path), "name another with --data") from None
    return path
