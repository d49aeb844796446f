"""Telegram's two doors on the real library and a Bot API of our own: kept before it is acknowledged, and only once."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import func, select

from bot import conversation
from bot.actions import presence
from bot.channels.base import Inbound, Presence
from bot.channels.telegram import Telegram
from bot.conversation import Report
from bot.doors import telegram
from bot.doors.telegram import Poller
from rules.troubles import SECOND_POLLER
from storage.db import Store
from storage.errors import StoreUnavailable
from storage.tables import metadata, referrals
from tests.servers.telegram_api import KIM, SECRET, TOKEN, TelegramApi, lost, raw, refused, too_many
from tests.town import CHANNELS, LOOP, Phone, Town

DEAD, SECOND = "telegram.token", SECOND_POLLER


class Idle(Telegram):
    """Stops whoever polls with it when nothing waits any more."""

    rates = None  # no test waits for a second to pass
    poller: Poller | None = None

    async def fetch(self, offset: int, timeout: float) -> list[dict[str, Any]]:  # noqa: ASYNC109 - as it is called
        updates = await super().fetch(offset, timeout)
        if not updates and self.poller is not None:
            asyncio.get_running_loop().call_soon(self.poller.stop)  # when this has been given
        return updates


class Program:
    """The program as these doors see it; `fails` are raised, one for each message, before it is taken in."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.came: list[Inbound] = []
        self.told: list[Presence] = []
        self.fails: list[Exception] = []
        self.tally = self

    def add(self, *words: str, by: int = 1) -> None:
        self.counts[".".join(words)] += by

    async def receive(self, message: Inbound) -> object:
        if self.fails:
            raise self.fails.pop(0)
        self.came.append(message)
        return None

    async def presence(self, told: Presence) -> None:
        if self.fails:
            raise self.fails.pop(0)
        self.told.append(told)

    @property
    def texts(self) -> list[str]:
        return [message.text for message in self.came]


class Whole(Program):
    """The same with the real turn and the real dispatcher behind it."""

    def __init__(self, town: Town) -> None:
        super().__init__()
        self.town = town

    async def receive(self, message: Inbound) -> Report:
        await super().receive(message)
        town = self.town
        report = await asyncio.to_thread(conversation.take_turn, town.store, town.house, message, town.now)
        await town.dispatcher.drain()
        return report

    async def presence(self, told: Presence) -> None:
        await asyncio.to_thread(presence.take, self.town.store, told, self.town.now)


class Board:
    """What is wrong now, and all that was ever said."""

    def __init__(self) -> None:
        self.now: dict[str, str] = {}
        self.said: list[str] = []

    def bad(self, trouble: str, detail: str = "") -> None:
        self.now[trouble] = detail
        self.said.append(trouble)

    def good(self, trouble: str) -> None:
        self.now.pop(trouble, None)


@pytest.fixture(scope="module")
def server() -> Iterator[TelegramApi]:
    with TelegramApi() as started:
        yield started


@pytest.fixture
def api(server: TelegramApi) -> TelegramApi:
    server.script.clear()
    for kept in (server.asked, server.taken, server.waiting, server.offsets, server.thanked):
        kept.clear()
    server.webhook = None
    return server


@pytest.fixture(scope="module")
def ready(server: TelegramApi) -> Iterator[Idle]:
    channel = Idle(TOKEN, base_url=server.url, webhook_secret=SECRET)
    yield channel
    LOOP.run(channel.close())


@pytest.fixture
def channel(api: TelegramApi, ready: Idle) -> Idle:
    ready.poller = None
    return ready


# --- ways in ----------------------------------------------------------------------------------------------------------


def polls(app: Program, channel: Idle, board: Board | None = None) -> list[float]:
    """Poll until nothing waits; give the pauses that were made."""
    pauses: list[float] = []

    async def pause(seconds: float) -> None:
        pauses.append(seconds)

    async def until_idle() -> None:
        channel.poller = Poller(app, channel, board or Board(), hold=0, pause=pause)
        await channel.poller.run()
        await asyncio.gather(*channel._presses)

    LOOP.run(until_idle())
    return pauses


def posts(app: Program, channel: Telegram, update: Any, secret: str | None = SECRET, **more: Any) -> httpx.Response:
    """Bring one update to the webhook."""
    return LOOP.run(_post(_web(app, channel), update, secret, **more))


def _web(app: Program, channel: Telegram) -> httpx.AsyncClient:
    web = FastAPI()
    web.include_router(telegram.router(app, channel))
    return httpx.AsyncClient(transport=httpx.ASGITransport(web), base_url="http://here")


async def _post(client: httpx.AsyncClient, update: Any, secret: str | None = SECRET, **more: Any) -> httpx.Response:
    headers = {} if secret is None else {"X-Telegram-Bot-Api-Secret-Token": secret}
    given = {"content": update} if isinstance(update, bytes) else {"json": update}
    return await client.post("/webhooks/telegram", headers=headers, **given, **more)


def brings(app: Program, channel: Telegram, api: TelegramApi) -> None:
    """Bring everything that waits to the webhook, as Telegram does: again and again until it is taken."""
    while api.waiting:
        if posts(app, channel, api.waiting[0]).status_code == 200:
            api.waiting.pop(0)
    LOOP.run(_all_thanked(channel))


async def _all_thanked(channel: Telegram) -> None:
    await asyncio.gather(*channel._presses)


Way = Callable[[Program, Idle, TelegramApi], None]
WAYS: dict[str, Way] = {"polling": lambda app, channel, _: (polls(app, channel), None)[1], "webhook": brings}


@pytest.fixture(params=sorted(WAYS))
def way(request: pytest.FixtureRequest) -> Way:
    return WAYS[request.param]


# --- the whole road ---------------------------------------------------------------------------------------------------


def _rows(store: Store) -> dict[str, int]:
    with store.read() as tx:
        return {
            table.name: tx.execute(select(func.count()).select_from(table)).scalar_one()
            for table in metadata.sorted_tables
        }


def test_a_whole_sign_up_goes_over_the_wire(store: Store, api: TelegramApi, channel: Idle, way: Way) -> None:
    """From the poster to the promise: buttons, words, and a number that is shared by its key."""
    town = Town(store, channels={**CHANNELS, "telegram": channel})
    app = Whole(town)
    presses = 0

    def does(what: Callable[..., Any], *given: Any, **more: Any) -> str:
        before = len(api.taken)
        what(*given, **more)
        way(app, channel, api)
        assert len(api.taken) > before, "there is an answer to everything"
        return api.texts()[-1]

    does(api.writes, "/start alvsbyn_affisch")
    assert api.labels() == ["Ja", "Nej"]
    for act, value in (
        ("presses", "Ja"), ("writes", "kim"), ("writes", "2003"), ("writes", "4 o 6"), ("presses", "Promenad"),
        ("presses", "Ring mig"),
    ):  # fmt: skip
        does(getattr(api, act), value)
        presses += act == "presses"
    assert api.keyboard()["keyboard"] == [[{"text": "Dela mitt nummer", "request_contact": True}]]
    mine = {"phone_number": "46701740605", "first_name": "Kim", "user_id": KIM}
    does(api.arrives, message=api.message(contact=mine))
    does(api.writes, "nej")
    last = does(api.presses, api.labels()[0])
    presses += 1
    assert "Kim" in last

    with store.read() as tx:
        assert tx.execute(select(func.count()).select_from(referrals)).scalar_one() == 1
    profile = Phone(town, "telegram", f"{KIM}").standing().profile
    assert (profile["name"], profile["birth_year"], profile["phone"]) == ("Kim", 2003, "+46701740605")
    assert len(set(api.thanked)) == presses
    assert town.rows("queued", "sending", "uncertain", "failed") == []
    assert api.waiting == []


def test_one_who_blocked_is_marked_and_left_alone(store: Store, api: TelegramApi, channel: Idle) -> None:
    """Telegram tells it in two ways: in an update, and by refusing what we send."""
    town = Town(store, channels={**CHANNELS, "telegram": channel})
    app = Whole(town)
    phone = Phone(town, "telegram", f"{KIM}")
    api.writes("hej")
    polls(app, channel)
    api.does(refused(403, "Forbidden: bot was blocked by the user"))
    api.writes("ja")
    polls(app, channel)
    assert phone.standing().blocked_at is not None
    before = api.times("sendMessage")
    town.send()
    assert api.times("sendMessage") == before, "one call, and no more"
    who = api.message()["from"]
    member = {"user": {"id": 1, "is_bot": True, "first_name": "I"}, "status": "member"}
    kicked = {**member, "status": "kicked", "until_date": 0}
    room = {"chat": {"id": KIM, "type": "private"}, "from": who, "date": api.date}
    api.arrives(my_chat_member={**room, "old_chat_member": kicked, "new_chat_member": member})
    polls(app, channel)
    assert phone.standing().blocked_at is None


def test_what_comes_again_changes_nothing(store: Store, api: TelegramApi, channel: Idle) -> None:
    town = Town(store, channels={**CHANNELS, "telegram": channel})
    app = Whole(town)
    update = api.writes("hej")
    assert posts(app, channel, update).status_code == 200
    rows, sent = _rows(store), len(api.taken)
    client = _web(app, channel)

    async def twenty() -> list[httpx.Response]:
        return list(await asyncio.gather(*(_post(client, update) for _ in range(20))))

    assert {answer.status_code for answer in LOOP.run(twenty())} == {200}
    assert (_rows(store), len(api.taken)) == (rows, sent)


# --- the webhook ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("secret", [None, "", "x", SECRET[:-1], SECRET + "x", SECRET.swapcase()])
def test_a_forged_update_leaves_only_a_count(
    sqlite_store: Store, api: TelegramApi, channel: Idle, secret: str | None
) -> None:
    town = Town(sqlite_store, channels={**CHANNELS, "telegram": channel})
    app, rows = Whole(town), _rows(sqlite_store)
    answer = posts(app, channel, api.writes("hej"), secret)
    assert answer.status_code == 403
    assert app.came == []
    assert app.counts == {"refused.telegram.forged": 1}
    assert _rows(sqlite_store) == rows


def test_a_thousand_forgeries_fill_no_log(api: TelegramApi, channel: Idle, capsys: pytest.CaptureFixture[str]) -> None:
    app, update = Program(), api.writes("hej")
    client = _web(app, channel)

    async def many() -> None:
        for number in range(1000):
            assert (await _post(client, update, f"{SECRET}{number}")).status_code == 403

    LOOP.run(many())
    assert app.counts == {"refused.telegram.forged": 1000}
    assert capsys.readouterr().out.count("webhook.refused") <= 11


def test_it_is_acknowledged_when_it_is_kept(api: TelegramApi, channel: Idle) -> None:
    app, client = Program(), _web(Program(), channel)
    begun, kept = asyncio.Event(), asyncio.Event()

    async def slowly(message: Inbound) -> object:
        begun.set()
        await kept.wait()
        return None

    app.receive = slowly  # type: ignore[method-assign]
    client = _web(app, channel)

    async def asks() -> int:
        answer = asyncio.ensure_future(_post(client, api.writes("hej")))
        await begun.wait()
        assert not answer.done()
        kept.set()
        return (await answer).status_code

    assert LOOP.run(asks()) == 200


def test_what_could_not_be_kept_is_asked_for_again(api: TelegramApi, channel: Idle) -> None:
    app, update = Program(), api.writes("hej")
    app.fails = [StoreUnavailable("locked")]
    assert posts(app, channel, update).status_code == 503
    assert app.came == []
    assert posts(app, channel, update).status_code == 200
    assert app.texts == ["hej"]


@pytest.mark.parametrize("body", [b"", b"hej", b"[1]", b"\xff\xfe", b"[" * 50_000, b'"' + b"x" * 100])
def test_what_is_no_update_is_refused(api: TelegramApi, channel: Idle, body: bytes) -> None:
    app = Program()
    assert posts(app, channel, body).status_code == 422
    assert posts(app, channel, b"x" * 2_000_001).status_code == 413
    assert app.came == []


def test_what_is_not_for_us_is_acknowledged(api: TelegramApi, channel: Idle) -> None:
    app = Program()
    group = {**api.message(text="hej"), "chat": {"id": -100, "type": "supergroup", "title": "x"}}
    odd: list[dict[str, Any]] = [{}, {"message": group}, {"poll": {}}]
    for parts in odd:
        assert posts(app, channel, api.arrives(**parts)).status_code == 200
    assert posts(app, channel, {"hej": 1}).status_code == 200
    assert app.came == []


def test_a_press_is_answered_when_telegram_is_slow(api: TelegramApi, channel: Idle) -> None:
    """The button's spinner is thanked for beside the turn, which does not wait for it."""
    app = Program()
    api.does(lost("hang"), on="answerCallbackQuery")
    assert posts(app, channel, api.arrives(callback_query=api.press("7:1:yes"))).status_code == 200
    assert app.texts == ["7:1:yes"]
    for task in channel._presses:
        LOOP.get_loop().call_soon(task.cancel)
    LOOP.run(_gone(channel))


async def _gone(channel: Telegram) -> None:
    await asyncio.gather(*channel._presses, return_exceptions=True)


# --- the poller -------------------------------------------------------------------------------------------------------


def test_each_update_is_taken_in_its_order(api: TelegramApi, channel: Idle) -> None:
    for number in range(250):
        api.writes(f"{number}")
    app = Program()
    polls(app, channel)
    assert app.texts == [f"{number}" for number in range(250)]
    assert api.waiting == []


def test_what_could_not_be_kept_stays_with_telegram(api: TelegramApi, channel: Idle) -> None:
    for text in ("one", "two", "three"):
        api.writes(text)
    app = Program()
    app.fails = [StoreUnavailable("locked"), StoreUnavailable("full")]
    pauses = polls(app, channel)
    assert app.texts == ["one", "two", "three"]
    assert pauses == [1.0, 2.0], "it waits longer each time"
    first = api.arrives(message=api.message(text="x"))["update_id"] - 3
    assert api.offsets == [0, 0, 0, first + 3], "nothing was acknowledged before it was kept"


def test_a_block_that_could_not_be_kept_stays_too(api: TelegramApi, channel: Idle) -> None:
    bot = {"user": {"id": 1, "is_bot": True, "first_name": "I"}}
    api.arrives(
        my_chat_member={
            "chat": {"id": KIM, "type": "private"}, "from": api.message()["from"], "date": api.date,
            "old_chat_member": {**bot, "status": "member"},
            "new_chat_member": {**bot, "status": "kicked", "until_date": 0},
        }
    )  # fmt: skip
    app = Program()
    app.fails = [StoreUnavailable("locked")]
    polls(app, channel)
    assert app.told == [Presence("telegram", f"{KIM}", blocked=True)]


def test_one_that_raises_again_and_again_is_passed(api: TelegramApi, channel: Idle) -> None:
    for text in ("poison", "two"):
        api.writes(text)
    app = Program()
    app.fails = [ValueError("?") for _ in range(telegram.MOST_TRIES)]
    pauses = polls(app, channel)
    assert app.texts == ["two"]
    assert len(pauses) == telegram.MOST_TRIES - 1


def test_one_that_raises_a_few_times_is_not_lost(api: TelegramApi, channel: Idle) -> None:
    for text in ("one", "two", "three"):
        api.writes(text)
    app = Program()
    app.fails = [ValueError("?") for _ in range(telegram.MOST_TRIES - 1)]
    polls(app, channel)
    assert app.texts == ["one", "two", "three"]


def test_a_dead_token_is_told_and_nothing_is_hammered(api: TelegramApi, channel: Idle) -> None:
    board = Board()
    api.does(*(refused(401, "Unauthorized") for _ in range(3)), on="getUpdates")
    pauses = polls(Program(), channel, board)
    assert pauses == [30.0, 30.0, 30.0], "two tries a minute"
    assert board.said == [DEAD] * 3
    assert board.now == {}, "it works again"


def test_telegrams_wish_for_a_pause_is_obeyed(api: TelegramApi, channel: Idle) -> None:
    api.does(too_many(90), refused(500, "?"), lost("reset"), raw(200, b"<html>"), on="getUpdates")
    api.writes("hej")
    app = Program()
    pauses = polls(app, channel)
    assert pauses == [90.0, 2.0, 4.0, 8.0]
    assert app.texts == ["hej"]


def test_a_stop_ends_the_waiting_at_once(api: TelegramApi, channel: Idle) -> None:
    async def stops() -> None:
        poller = Poller(Program(), channel, Board())
        running = asyncio.ensure_future(poller.run())
        await asyncio.to_thread(api.wait_until, lambda: api._hanging is not None)
        poller.stop()
        async with asyncio.timeout(5):
            await running

    LOOP.run(stops())


def test_a_stop_lets_the_turn_end_and_no_other_begin(api: TelegramApi, channel: Idle) -> None:
    for text in ("one", "two"):
        api.writes(text)
    app = Program()

    async def stops() -> None:
        poller = Poller(app, channel, Board())
        taking = app.receive

        async def stopped_meanwhile(message: Inbound) -> object:
            poller.stop()
            await asyncio.sleep(0)
            return await taking(message)

        app.receive = stopped_meanwhile  # type: ignore[method-assign]
        await poller.run()

    LOOP.run(stops())
    assert app.texts == ["one"]
    assert len(api.waiting) == 2, "the next life is given both, and knows the first"


def test_a_cancelled_poller_says_so(api: TelegramApi, channel: Idle) -> None:
    async def cancelled() -> None:
        running = asyncio.ensure_future(Poller(Program(), channel, Board()).run())
        await asyncio.to_thread(api.wait_until, lambda: api._hanging is not None)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running

    LOOP.run(cancelled())


# --- two on one bot ---------------------------------------------------------------------------------------------------


class Rival:
    """A poller of another process, with a clock of its own."""

    def __init__(self, api: TelegramApi, *, alone_for: float) -> None:
        self.channel = Telegram(TOKEN, base_url=api.url)
        self.app, self.board = Program(), Board()
        self.seconds = 0.0
        self.poller = Poller(
            self.app, self.channel, self.board, hold=5, pause=self._pause, ticking=lambda: self.seconds
        )
        self._alone_for = alone_for

    async def _pause(self, seconds: float) -> None:
        await asyncio.sleep(seconds / 20)

    def start(self) -> asyncio.Future[None]:
        running = asyncio.ensure_future(self.poller.run())
        asyncio.get_running_loop().call_soon(self._grow_old)
        return running

    def _grow_old(self) -> None:
        self.seconds += self._alone_for


async def _fight(api: TelegramApi, first: Rival, second: Rival) -> tuple[bool, bool]:
    """Let the second come while the first waits for news; tell which of them gave way."""
    running = [first.start()]
    await asyncio.to_thread(api.wait_until, lambda: api._hanging is not None)
    running.append(second.start())
    async with asyncio.timeout(20):
        await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
    gave_way = (running[0].done(), running[1].done())
    api.writes("to whoever is left")
    left = first if gave_way[1] else second
    await _until(lambda: left.app.texts == ["to whoever is left"])
    for rival in (first, second):
        rival.poller.stop()
    await asyncio.gather(*running)
    await asyncio.gather(first.channel.close(), second.channel.close())
    return gave_way


async def _until(is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not is_so():  # noqa: ASYNC110 - what it waits for tells nobody
            await asyncio.sleep(0.01)


def test_a_newcomer_gives_way_with_an_alarm(api: TelegramApi) -> None:
    at_home, newcomer = Rival(api, alone_for=telegram.SETTLED), Rival(api, alone_for=0)
    assert LOOP.run(_fight(api, at_home, newcomer)) == (False, True)
    assert newcomer.board.said == [SECOND]
    assert at_home.board.said == [], "the other gave way"


def test_of_two_newcomers_one_is_left(api: TelegramApi) -> None:
    one, other = Rival(api, alone_for=0), Rival(api, alone_for=0)
    gave_way = LOOP.run(_fight(api, one, other))
    assert sorted(gave_way) == [False, True]
    assert one.board.said + other.board.said == [SECOND]


def test_a_foreign_poller_that_stays_is_told_of(api: TelegramApi, channel: Idle) -> None:
    """One at home goes on for as long as it takes, and says so once the other has had its three."""
    seconds = [0.0]
    board, app, pauses = Board(), Program(), list[float]()

    async def pause(given: float) -> None:
        pauses.append(given)

    conflict = refused(409, "Conflict: terminated by other getUpdates request")

    async def goes_on() -> None:
        channel.poller = poller = Poller(app, channel, board, hold=0, pause=pause, ticking=lambda: seconds[0])
        api.does(*(conflict for _ in range(6)), on="getUpdates")
        api.writes("hej")
        running = asyncio.ensure_future(poller.run())
        await asyncio.sleep(0)  # it has begun
        seconds[0] = telegram.SETTLED
        await running

    LOOP.run(goes_on())
    assert app.texts == ["hej"]
    assert board.said == [SECOND] * 3
    assert pauses == [1.0] * 6


def test_a_webhook_elsewhere_makes_a_newcomer_give_way(api: TelegramApi, channel: Idle) -> None:
    LOOP.run(channel.set_webhook("https://elsewhere.example/hook"))
    board = Board()
    pauses = polls(Program(), channel, board)
    assert board.now == {SECOND: "webhook"}
    assert len(pauses) == telegram.MOST_CONFLICTS - 1


def test_alone_for_a_minute_all_is_well_again(api: TelegramApi, channel: Idle) -> None:
    board = Board()
    board.bad(SECOND)  # from the life before
    seconds = [0.0]

    async def later() -> None:
        channel.poller = Poller(Program(), channel, board, hold=0, ticking=lambda: seconds[0])
        running = asyncio.ensure_future(channel.poller.run())
        await asyncio.sleep(0)  # it has begun
        seconds[0] = telegram.SETTLED
        await running

    LOOP.run(later())
    assert board.now == {}
