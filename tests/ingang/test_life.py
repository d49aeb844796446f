"""What runs by itself: who works and who serves, what the operator is told, and what a silent part comes to."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.channels.base import Inbound
from ingang import life as living
from ingang.app import App
from ingang.clock import MovableClock
from ingang.life import Life, Role
from ingang.settings import load_settings
from ingang.wiring import open_app
from storage import contacts, control, figures, inbox, troubles
from storage.crypto import KeyRing
from storage.db import Store
from storage.tables import outbox
from tests.paths.installation import Installation
from tests.servers import telegram_api, twilio_api
from tests.servers.telegram_api import TelegramApi
from tests.servers.twilio_api import TwilioApi
from tests.town import MONDAY


@dataclass
class House:
    """An installation whose processes live in this one."""

    installation: Installation
    telegram: TelegramApi
    twilio: TwilioApi

    def open(self) -> App:
        """Put the program together, as another process would."""
        settings = load_settings({}, file=self.installation.folder / "config.toml")
        return open_app(settings, clock=MovableClock.starting_at(MONDAY))

    @asynccontextmanager
    async def alive(self, role: Role = "all") -> AsyncIterator[Life]:
        """A process's life, from its start to its clean stop."""
        life = Life(self.open(), role)
        await life.start()
        try:
            yield life
        finally:
            await life.stop()


@pytest.fixture
def house(tmp_path: Path, sqlite_store: Store, key_ring: KeyRing, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    monkeypatch.setattr(living, "LOOK_EVERY", 0.1)
    monkeypatch.setattr(living, "EXAMINE_EVERY", 0.1)
    with TelegramApi() as telegram, TwilioApi() as twilio:
        sections: dict[str, dict[str, Any]] = {
            "web": {"public_url": "https://ingang.example"},
            "telegram": {"token": telegram_api.TOKEN, "base_url": telegram.url},
            "sms": {
                "account_sid": twilio_api.ACCOUNT, "auth_token": twilio_api.TOKEN, "from_number": twilio_api.NUMBER,
                "api_base_url": twilio.url,
            },
        }  # fmt: skip
        url = f"sqlite:///{sqlite_store.url.database}"
        yield House(Installation(tmp_path, url, key_ring, sections), telegram, twilio)


async def until(is_so: Callable[[], Any], seconds: float = 20.0) -> None:
    """Wait for it."""
    for _ in range(int(seconds / 0.02)):
        if await asyncio.to_thread(is_so):
            return
        await asyncio.sleep(0.02)
    raise AssertionError(f"not within {seconds} s")


def known(app: App) -> set[str]:
    with app.store.read() as tx:
        return {each.name for each in troubles.list_all(tx)}


def outages(app: App) -> int:
    with app.store.read() as tx:
        return sum(item.kind == "outage" for item in inbox.list_open(tx))


def states(app: App) -> list[str]:
    with app.store.read() as tx:
        return [row.state for row in tx.execute(outbox.select().order_by(outbox.c.id))]


def beats(app: App) -> set[str]:
    with app.store.read() as tx:
        return set(control.beats(tx))


def lives(work: Callable[[], Awaitable[None]]) -> None:
    """Run it on a loop of its own."""
    asyncio.run(work())  # type: ignore[arg-type]


# --- roles ---------------------------------------------------------------------------------------------------------


def test_doors_neither_send_nor_ask(house: House) -> None:
    async def work() -> None:
        async with house.alive("web") as life:
            await life.app.receive(Inbound("telegram", "7", "m1", "hej"))
            await until(lambda: "doors" in beats(life.app))
            assert await life.app.changed_since(life.app.version, 5) == life.app.version, "it looks for itself again"
            assert states(life.app) == ["queued", "queued"]
        assert not house.telegram.asked
        assert not house.twilio.reads_of

    lives(work)


def test_a_worker_sends_what_the_doors_took(house: House) -> None:
    async def work() -> None:
        async with house.alive("worker") as worker, house.alive("web") as doors:
            await doors.app.receive(Inbound("telegram", "7", "m1", "hej"))
            await until(lambda: len(house.telegram.texts(7)) == 2, 5)
            await until(lambda: states(doors.app) == ["accepted", "accepted"])
            await until(lambda: beats(doors.app) >= living.expected(worker.app.settings).keys())

    lives(work)


def test_one_worker_polls_and_the_next_takes_over(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingang.connecting.HOLD_EVERY", 0.05)

    async def work() -> None:
        async with house.alive("worker"):
            await until(lambda: house.telegram.times("getUpdates") == 1)
            async with house.alive("worker") as second:
                await until(lambda: "watch" in beats(second.app))
                assert house.telegram.times("getUpdates") == 1, "it leaves the asking to the first"
        async with house.alive("worker"):
            await until(lambda: house.telegram.times("getUpdates") == 2)

    lives(work)


# --- what the operator is told -------------------------------------------------------------------------------------


def test_a_dead_telegram_token_holds_the_messages_and_is_told(house: House) -> None:
    async def work() -> None:
        async with house.alive() as life:
            app = life.app
            await until(lambda: house.telegram.times("getUpdates") >= 1)
            house.telegram.token = "7012345678:AA-another-one-since-today"
            await app.receive(Inbound("telegram", "7", "m1", "hej"))
            await until(lambda: "telegram.token" in known(app))
            assert states(app) == ["queued", "queued"], "no row fails because of our key"
            assert outages(app) == 1
            house.telegram.token = telegram_api.TOKEN
            await until(lambda: "telegram.token" not in known(app))
            assert outages(app) == 0

    lives(work)


def test_a_wrong_twilio_token_is_told(house: House) -> None:
    async def work() -> None:
        async with house.alive() as life:
            await until(lambda: house.twilio.reads_of)
            house.twilio.reads(*[twilio_api.refused(401, 20003)] * 50)
            await until(lambda: "sms.token" in known(life.app))
            house.twilio.read_script.clear()
            await until(lambda: "sms.token" not in known(life.app))

    lives(work)


def test_low_money_and_none_are_told(house: House) -> None:
    async def work() -> None:
        async with house.alive() as life:
            house.twilio.balance = "12.00"
            await until(lambda: known(life.app) == {"sms.credit"})
            assert outages(life.app) == 0
            house.twilio.balance = "0.00"
            await until(lambda: known(life.app) == {"sms.empty"})
            assert outages(life.app) == 1
            house.twilio.balance = "500.00"
            await until(lambda: known(life.app) == set())
            house.twilio.account_status = "suspended"
            await until(lambda: known(life.app) == {"sms.closed"})

    lives(work)


def test_a_second_poller_makes_ours_give_way(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    from bot.doors import telegram as door

    async def at_once(poller: door.Poller, seconds: float) -> None:
        await asyncio.sleep(0)

    monkeypatch.setattr(door.Poller, "_wait", at_once)
    house.telegram.does(*[telegram_api.refused(409, telegram_api.OTHER_POLLER)] * door.MOST_CONFLICTS, on="getUpdates")

    async def work() -> None:
        async with house.alive() as life:
            await until(lambda: "telegram.second_poller" in known(life.app))
            assert house.telegram.times("getUpdates") == door.MOST_CONFLICTS
            assert not life.died.is_set(), "the rest goes on"
            assert outages(life.app) == 1

    lives(work)


def test_the_webhook_is_tried_until_it_is_set(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    config = house.installation.folder / "config.toml"
    text = config.read_text(encoding="utf-8").replace(
        "[telegram]\n", '[telegram]\nmode = "webhook"\nwebhook_secret = "0123456789abcdef"\n'
    )
    config.write_text(text, encoding="utf-8")
    monkeypatch.setattr("ingang.connecting.FIRST_PAUSE", 0.3)
    house.telegram.does(telegram_api.refused(400, "Bad Request: bad webhook"), on="setWebhook")

    async def work() -> None:
        async with house.alive("web") as life:
            await until(lambda: known(life.app) == {"telegram.webhook"})
            await until(lambda: house.telegram.webhook is not None)
            await until(lambda: known(life.app) == set())

    lives(work)


def test_the_staff_pages_know_the_bots_name_from_the_worker_beside_them(house: House) -> None:
    async def work() -> None:
        pages = house.open()
        assert pages.telegram_bot == ""
        async with house.alive("worker"):
            await until(lambda: pages.telegram_bot != "")
        assert pages.telegram_bot == telegram_api.NAME
        pages.store.close()

    lives(work)


def test_what_was_done_is_counted(house: House) -> None:
    async def work() -> None:
        async with house.alive() as life:
            for _ in range(2):
                await life.app.receive(Inbound("telegram", "7", "m1", "hej"))
            await until(lambda: states(life.app) == ["accepted", "accepted"])
        app = house.open()
        with app.store.read() as tx:
            told = figures.totals(tx)
        app.store.close()
        assert (told["turn.telegram.handled"], told["turn.telegram.duplicate"]) == (1, 1)
        assert told["send.telegram.accepted"] == 2

    lives(work)


# --- parts that die or hang ----------------------------------------------------------------------------------------


def test_a_vital_part_that_dies_ends_the_process(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    async def dies() -> None:
        raise RuntimeError("it should not")

    async def work() -> None:
        app = house.open()
        monkeypatch.setattr(app.dispatcher, "run", dies)
        life = Life(app)
        await life.start()
        async with asyncio.timeout(10):
            await life.died.wait()
        assert life.failed
        await life.stop()

    lives(work)


def test_a_tick_that_hangs_is_seen_by_the_watchdog(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(living, "STUCK_AFTER", timedelta(seconds=0.5))
    monkeypatch.setattr("scheduler.ticker.LONGEST_TICK", 30.0)

    async def work() -> None:
        app = house.open()
        hung = asyncio.Event()

        async def hangs() -> None:
            await hung.wait()

        monkeypatch.setattr(app, "sweep", hangs)
        life = Life(app)
        monkeypatch.setattr(life, "_note_alive", living._nothing)
        await life.start()
        await until(lambda: "sweep" in life.stuck())
        hung.set()
        await life.stop()

    lives(work)


def test_a_scheduler_that_died_is_seen_by_the_watchdog(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(living, "STUCK_AFTER", timedelta(seconds=0.5))

    async def work() -> None:
        async with house.alive() as life:
            life.ticker.stop()  # as when its thread or timer is gone: it says nothing of it
            await until(lambda: {"sweep", "doubt", "watch", "doors"} <= set(life.stuck()))
            life.ticker.stop = lambda: None  # type: ignore[method-assign]

    lives(work)


def test_no_sms_leaves_before_the_list_is_read(house: House) -> None:
    """The list is unreadable at first: Telegram goes on, SMS waits."""
    house.twilio.reads(*[twilio_api.refused(500)] * 3)

    async def work() -> None:
        async with house.alive() as life:
            await life.app.receive(Inbound("telegram", "7", "m1", "hej"))
            await life.app.receive(Inbound("sms", twilio_api.KIM, "m2", "hej"))
            await until(lambda: len(house.telegram.texts(7)) == 2)
            assert house.twilio.sends == []
            await life.connecting.read_list()
            life.app.dispatcher.open("sms")
            await until(lambda: len(house.twilio.texts()) == 2)

    lives(work)


def test_a_block_reaches_the_contact(house: House) -> None:
    from bot.channels.base import Presence

    async def work() -> None:
        async with house.alive("web") as life:
            await life.app.receive(Inbound("telegram", "7", "m1", "hej"))
            await life.app.presence(Presence("telegram", "7", blocked=True))
            with life.app.store.read() as tx:
                who = contacts.find(tx, "telegram", "7")
            assert who is not None
            assert who.blocked_at is not None

    lives(work)


def test_a_stop_in_the_middle_of_a_tick_is_no_fault(house: House, caplog: pytest.LogCaptureFixture) -> None:
    """The tick's work is waited for, and the ticker's letting go of it is told to nobody."""

    async def work() -> None:
        begun, goes_on, ended = asyncio.Event(), asyncio.Event(), asyncio.Event()

        async def tick() -> None:
            begun.set()
            await goes_on.wait()
            ended.set()

        life = Life(house.open(), "worker")
        await life.start()
        life._tick(60, "long", tick)
        await asyncio.wait_for(begun.wait(), 20)
        stopping = asyncio.ensure_future(life.stop())
        await asyncio.sleep(0)
        assert not ended.is_set()
        goes_on.set()
        await stopping
        assert ended.is_set()

    lives(work)
    assert [each.getMessage() for each in caplog.records if each.levelname == "ERROR"] == []
