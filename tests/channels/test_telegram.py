"""Telegram over the real library: what goes out, what an error means, and that the token is told to nobody."""

from __future__ import annotations

import asyncio
import atexit
import io
import logging
import socket
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any

import httpx
import pytest
import structlog

from bot.channels import telegram
from bot.channels.base import Outbound, SendError
from bot.channels.telegram import Telegram, Timeouts
from bot.channels.telegram_errors import Conflict
from flows.answers import command, read_reply
from flows.lexicon import Lexicon
from ingang import log
from messages.menu import load_menus, number_key
from tests import wordlists
from tests.servers.telegram_api import (
    BLOCKED,
    KIM,
    NAME,
    NO_CHAT,
    OK,
    SECRET,
    TOKEN,
    Act,
    TelegramApi,
    lost,
    raw,
    refused,
    taken,
    too_many,
)

LOOP = asyncio.Runner()
atexit.register(LOOP.close)
SHORT = Timeouts(connect=1.0, read=0.2, write=1.0, pool=0.05)
REF = "8uWm0Jm1QmW2v0c1bJ1xkA"


@pytest.fixture(scope="module")
def server() -> Iterator[TelegramApi]:
    with TelegramApi() as started:
        yield started


@pytest.fixture
def api(server: TelegramApi) -> TelegramApi:
    """The one server, with nothing left of the test before."""
    server.script.clear()
    for kept in (server.asked, server.taken, server.waiting, server.offsets, server.thanked, server.menus, server.gone):
        kept.clear()
    server.webhook = None
    return server


@contextmanager
def opened(url: str, token: str = TOKEN, timeouts: Timeouts = SHORT) -> Iterator[Telegram]:
    channel = Telegram(token, base_url=url, webhook_secret=SECRET, timeouts=timeouts)
    try:
        yield channel
    finally:
        LOOP.run(channel.close())


@pytest.fixture(scope="module")
def ready(server: TelegramApi) -> Iterator[Telegram]:
    with opened(server.url) as channel:
        yield channel


@pytest.fixture
def channel(api: TelegramApi, ready: Telegram) -> Telegram:
    """The one channel: to make its two pools of connections takes longer than a test."""
    return ready


@contextmanager
def cut_by(channel: Telegram, error: Callable[[httpx.Request], Exception]) -> Iterator[None]:
    """Let httpx raise this, wherever the request goes."""

    def raises(request: httpx.Request) -> httpx.Response:
        raise error(request)

    client = channel._sending._client
    channel._sending._client = httpx.AsyncClient(transport=httpx.MockTransport(raises))
    yield
    LOOP.run(channel._sending._client.aclose())
    channel._sending._client = client


def _message(text: str = "Hej Kim. Vilket år är du född?", **more: Any) -> Outbound:
    return Outbound(f"{KIM}", text, REF, **more)


def _error(channel: Telegram, message: Outbound | None = None) -> SendError:
    with pytest.raises(SendError) as caught:
        LOOP.run(channel.send(message or _message()))
    return caught.value


# --- what goes out ----------------------------------------------------------------------------------------------------


def test_a_text_goes_out_as_it_is(api: TelegramApi, channel: Telegram) -> None:
    receipt = LOOP.run(channel.send(_message("Ses vi *kl. 13.30*?\n\n<b>Anna</b> & Erik_")))
    assert api.texts() == ["Ses vi *kl. 13.30*?\n\n<b>Anna</b> & Erik_"]
    (sent,) = api.taken
    assert "parse_mode" not in sent
    assert sent["link_preview_options"] == {"is_disabled": True}, "Telegram does not fetch our links"
    assert receipt.provider_id.isdecimal(), "the number of the message, and nothing of the chat"


def test_no_buttons_take_old_keys_away(api: TelegramApi, channel: Telegram) -> None:
    LOOP.run(channel.send(_message()))
    assert api.keyboard() == {"remove_keyboard": True}


def test_short_buttons_stand_side_by_side(api: TelegramApi, channel: Telegram) -> None:
    LOOP.run(channel.send(_message(buttons=(("Ja", "77:1:yes"), ("Nej", "77:1:no")))))
    assert api.keyboard()["inline_keyboard"] == [
        [{"text": "Ja", "callback_data": "77:1:yes"}, {"text": "Nej", "callback_data": "77:1:no"}]
    ]


def test_many_buttons_stand_below_each_other(api: TelegramApi, channel: Telegram) -> None:
    buttons = tuple((label, f"77:4:{label}") for label in ("Jobb", "Plugg", "Papper och myndigheter", "Vet inte"))
    LOOP.run(channel.send(_message(buttons=buttons)))
    assert [len(row) for row in api.keyboard()["inline_keyboard"]] == [1, 1, 1, 1]
    assert api.labels() == [label for label, _ in buttons]


def test_the_numbers_of_a_scale_stand_beside_each_other(api: TelegramApi, channel: Telegram) -> None:
    numbers = tuple((str(number), f"7:1:{number}") for number in range(11))
    LOOP.run(channel.send(_message(buttons=(*numbers, ("Hoppa över", "7:1:skip")))))
    rows = [[button["text"] for button in row] for row in api.keyboard()["inline_keyboard"]]
    assert rows == [["0", "1", "2", "3", "4", "5"], ["6", "7", "8", "9", "10"], ["Hoppa över"]]


@pytest.mark.parametrize("size", [64, 65])
def test_a_value_too_long_becomes_a_key(api: TelegramApi, channel: Telegram, size: int) -> None:
    """Telegram carries 64 bytes. A key writes its label instead, and the words are read."""
    value = "7777777777777777777:12:" + "å" * 20
    value += "x" * (size - len(value.encode()))
    LOOP.run(channel.send(_message(buttons=(("Älvsbyn", value), ("Piteå", "1:2:pitea")))))
    if size == 64:
        assert api.labels() == ["Älvsbyn", "Piteå"]
    else:
        assert api.keyboard()["keyboard"] == [[{"text": "Älvsbyn"}], [{"text": "Piteå"}]]
        assert api.keyboard()["one_time_keyboard"] is True


def test_a_question_for_a_number_has_a_key(api: TelegramApi, channel: Telegram) -> None:
    label = number_key("self_referral/phone.again", "sv")
    LOOP.run(channel.send(_message(number_key=label)))
    assert api.keyboard()["keyboard"] == [[{"text": "Dela mitt nummer", "request_contact": True}]]


@pytest.mark.parametrize(
    ("message", "language", "label"),
    [
        ("self_referral/phone", "sv", "Dela mitt nummer"),
        ("for_someone_else/phone", "sv", "Dela mitt nummer"),
        ("self_referral/phone", "en", "Share my number"),
        ("self_referral/phone", "fi", "Dela mitt nummer"),
        ("self_referral/name", "sv", ""),
        (None, "sv", ""),
    ],
)
def test_only_a_question_for_a_number_has_it(message: str | None, language: str, label: str) -> None:
    assert number_key(message, language) == label


@pytest.mark.parametrize(("text", "goes"), [("å" * 4096, True), ("å" * 4097, False), ("\U0001f44d" * 2049, False)])
def test_a_text_is_never_cut(api: TelegramApi, channel: Telegram, text: str, goes: bool) -> None:
    if goes:
        LOOP.run(channel.send(_message(text)))
        assert api.texts() == [text]
    else:
        error = _error(channel, _message(text))
        assert (error.kind, error.code, error.mark) == ("never", "too_long", "")
        assert api.asked == [], "nothing was sent, in part or whole"


def test_an_address_that_is_no_chat_is_refused(api: TelegramApi, channel: Telegram) -> None:
    error = _error(channel, Outbound("@kim", "Hej", REF))
    assert (error.kind, error.mark) == ("never", "")
    assert api.asked == []


def test_telegram_cannot_be_asked_what_it_took(channel: Telegram) -> None:
    assert not channel.finds
    with pytest.raises(SendError) as caught:
        LOOP.run(channel.find(_message()))
    assert caught.value.kind == "unknown"


# --- what an error means ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Means:
    kind: str
    code: str
    mark: str = ""
    whole_channel: bool = False
    retry_after: float | None = None

    @classmethod
    def of(cls, error: SendError) -> Means:
        return cls(error.kind, error.code, error.mark, error.whole_channel, error.retry_after)


NOT_BEGUN = "Forbidden: bot can't initiate conversation with a user"
LATER_429 = Means("later", "429", whole_channel=True)
ANSWERS: list[tuple[str, Act, Means]] = [
    ("slow down", too_many(30), Means("later", "429", whole_channel=True, retry_after=30.0)),
    ("slow down, a moment", too_many(1), Means("later", "429", whole_channel=True, retry_after=1.0)),
    ("slow down, not how long", too_many(), LATER_429),
    ("slow down, words", too_many("soon"), LATER_429),
    ("slow down, below zero", too_many(-5), LATER_429),
    ("slow down, forever", too_many(10**400), Means("later", "429", whole_channel=True, retry_after=86_400.0)),
    ("dead token", refused(401, "Unauthorized"), Means("later", "401", whole_channel=True)),
    ("no such token", refused(404, "Not Found"), Means("later", "404", whole_channel=True)),
    ("blocked", refused(403, BLOCKED), Means("never", "403", "blocked")),
    ("deactivated", refused(403, "Forbidden: user is deactivated"), Means("never", "403", "blocked")),
    ("not begun", refused(403, NOT_BEGUN), Means("never", "403", "blocked")),
    ("another 403", refused(403, "Forbidden: bots can't send messages to bots"), Means("never", "403", "blocked")),
    ("no chat", refused(400, NO_CHAT), Means("never", "400", "blocked")),
    ("no user", refused(400, "Bad Request: user not found"), Means("never", "400", "blocked")),
    ("invalid peer", refused(400, "Bad Request: PEER_ID_INVALID"), Means("never", "400", "blocked")),
    ("gone user", refused(400, "Bad Request: INPUT_USER_DEACTIVATED"), Means("never", "400", "blocked")),
    ("our own fault", refused(400, "Bad Request: message text is empty"), Means("never", "400")),
    ("moved group", refused(400, "Bad Request: group upgraded", migrate_to_chat_id=-100), Means("never", "400")),
    ("another 4xx", refused(406, "Not Acceptable"), Means("never", "406")),
    ("their fault", refused(500, "Internal Server Error"), Means("unknown", "500")),
    ("their fault, taken", taken("answer", 500), Means("unknown", "500")),
    ("bad gateway", raw(502, b"<html>Bad Gateway</html>"), Means("unknown", "502")),
    ("gateway timeout, taken", raw(504, b"", done=True), Means("unknown", "504")),
    ("no JSON", raw(200, b"<html>Welcome to the guest network</html>"), Means("unknown", "200")),
    ("cut JSON, taken", raw(200, b'{"ok": true, "resu', done=True), Means("unknown", "200")),
    ("no result", raw(200, b'{"ok": true}'), Means("unknown", "200")),
    ("a yes that says no", raw(200, b'{"ok": false, "description": "?"}'), Means("unknown", "200")),
    ("a list", raw(200, b"[1, 2]"), Means("unknown", "200")),
    ("no UTF-8", raw(200, b"\xff\xfe\x00"), Means("unknown", "200")),
    ("too deep", raw(200, b"[" * 10_000), Means("unknown", "200")),
    ("no message", raw(200, b'{"ok": true, "result": true}', done=True), Means("unknown", "AttributeError")),
    ("a yes without an id", raw(200, b'{"ok": true, "result": {}}', done=True), Means("unknown", "KeyError")),
    ("hangs", lost("hang"), Means("unknown", "ReadTimeout")),
    ("hangs, taken", taken("hang"), Means("unknown", "ReadTimeout")),
    ("reset", lost("reset"), Means("unknown", "ReadError")),
    ("reset, taken", taken("reset"), Means("unknown", "ReadError")),
    ("a proxy says no", raw(403, b"<html>Blocked by the firewall</html>"), Means("later", "403", whole_channel=True)),
    ("a proxy wants a password", raw(407, b""), Means("later", "407", whole_channel=True)),
    ("led elsewhere", raw(301, b""), Means("later", "301", whole_channel=True)),
]  # fmt: skip


@pytest.mark.parametrize(("act", "means"), [pytest.param(act, means, id=name) for name, act, means in ANSWERS])
def test_every_answer_has_its_meaning(api: TelegramApi, channel: Telegram, act: Act, means: Means) -> None:
    api.does(act)
    assert Means.of(_error(channel)) == means
    assert api.times("sendMessage") == 1, "nothing is tried again here"
    assert len(api.taken) == (means.kind == "unknown" and act.done)


RAISED: list[tuple[type[httpx.HTTPError | httpx.InvalidURL], str]] = [
    (httpx.ConnectError, "later"),
    (httpx.ConnectTimeout, "later"),
    (httpx.PoolTimeout, "later"),
    (httpx.ProxyError, "later"),
    (httpx.UnsupportedProtocol, "later"),
    (httpx.InvalidURL, "later"),
    (httpx.ReadTimeout, "unknown"),
    (httpx.WriteTimeout, "unknown"),
    (httpx.ReadError, "unknown"),
    (httpx.WriteError, "unknown"),
    (httpx.CloseError, "unknown"),
    (httpx.RemoteProtocolError, "unknown"),
    (httpx.LocalProtocolError, "unknown"),
    (httpx.DecodingError, "unknown"),
    (httpx.TooManyRedirects, "unknown"),
    (httpx.NetworkError, "unknown"),
    (httpx.TransportError, "unknown"),
]


@pytest.mark.parametrize(("error", "kind"), RAISED, ids=[each.__name__ for each, _ in RAISED])
def test_every_cut_has_its_meaning(channel: Telegram, error: type[Exception], kind: str) -> None:
    with cut_by(channel, lambda request: error(f"at {request.url}")):
        said = _error(channel)
    assert (said.kind, said.code, said.mark) == (kind, error.__name__, "")
    assert said.whole_channel == (kind == "later")


@pytest.mark.parametrize("error", [RuntimeError, ValueError, KeyError, OSError])
def test_what_nobody_foresaw_may_have_gone_out(channel: Telegram, error: type[Exception]) -> None:
    with cut_by(channel, lambda _: error("?")):
        assert _error(channel).kind == "unknown"


def test_nobody_there_is_certainly_not_sent(api: TelegramApi) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    for url in (f"http://127.0.0.1:{port}", "http://no-such-host.invalid", api.url.replace("http:", "https:")):
        with opened(url) as channel:
            assert Means.of(_error(channel)) == Means("later", "ConnectError", whole_channel=True)
    assert api.asked == []


def test_no_free_connection_is_certainly_not_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server of its own: a late request of the test before would take the hang that is meant for the first."""
    monkeypatch.setattr(telegram, "CONNECTIONS", 1)

    async def both(api: TelegramApi, channel: Telegram) -> list[Any]:
        first = asyncio.ensure_future(channel.send(_message("one")))
        await asyncio.to_thread(api.wait_until, lambda: bool(api.asked))
        return list(await asyncio.gather(first, channel.send(_message("two")), return_exceptions=True))

    with TelegramApi() as own, opened(own.url) as channel:
        own.does(lost("hang"))
        one, two = LOOP.run(both(own, channel))
        assert (one.kind, two.kind, two.code, two.retry_after) == ("unknown", "later", "PoolTimeout", 1.0)
        assert own.times("sendMessage") == 1


def test_a_slow_drip_ends_at_the_deadline(api: TelegramApi, channel: Telegram) -> None:
    """Each sign comes within the read timeout; only the dispatcher's deadline for the whole ends it."""
    api.does(taken("drip"))

    async def under_a_deadline() -> None:
        async with asyncio.timeout(0.5):
            await channel.send(_message())

    with pytest.raises(TimeoutError):
        LOOP.run(under_a_deadline())
    LOOP.run(channel.send(_message("next")))
    assert api.texts()[-1] == "next", "the channel is free again"


# --- secrets ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    """Everything that the process logs, at its most talkative, as the program would write it."""
    top, before = logging.getLogger(), structlog.get_config()
    handlers, level = top.handlers[:], top.level
    stream = io.StringIO()
    log.configure("json", "debug", stream)
    yield stream
    top.handlers[:] = handlers
    top.setLevel(level)
    logging.captureWarnings(capture=False)
    structlog.configure(**before)


SAID = "Jag vill inte leva längre"
QUOTING = refused(400, f'Bad Request: can\'t parse entities in "{SAID}" of bot{TOKEN}')


def test_the_token_stands_in_no_error(api: TelegramApi, logged: io.StringIO) -> None:
    told = ""
    with opened(api.url) as channel:
        for act in (*(act for _, act, _ in ANSWERS), QUOTING):
            api.does(act)
            told += _whole(_error(channel, _message(SAID)))
        for act in (refused(500, f"bot{TOKEN}"), raw(200, f'{{"x": "{TOKEN} {SAID}"'.encode())):
            api.does(act, on="getUpdates")
            with pytest.raises(SendError) as caught:
                LOOP.run(channel.fetch(0, 0))
            told += _whole(caught.value)
        channel.parse({"update_id": 7, "message": {"text": SAID, "date": "never"}})
    for url in ("http://127.0.0.1:9", "nonsense", "http://no-such-host.invalid", "http://[half"):
        with opened(url) as elsewhere:
            told += _whole(_error(elsewhere, _message(SAID)))
    told += logged.getvalue()
    for canary in (TOKEN, TOKEN.partition(":")[2], "canary", SAID, "leva", f"{KIM}"):
        assert canary not in told, canary


def _whole(error: SendError) -> str:
    return f"{error!r} {error} {error.why} {error.code} " + "".join(traceback.format_exception(error))


def test_the_token_stands_in_no_log(api: TelegramApi, channel: Telegram, logged: io.StringIO) -> None:
    LOOP.run(channel.send(_message(SAID)))
    LOOP.run(channel.examine())
    LOOP.run(channel.set_webhook(f"https://ingang.example/{'webhooks/telegram'}"))
    LOOP.run(channel.delete_webhook())
    api.writes(SAID)
    (update,) = LOOP.run(channel.fetch(0, 0))
    channel.parse(update)
    logging.getLogger("ingang").warning("the log is on")
    told = logged.getvalue()
    assert told
    for canary in (TOKEN, TOKEN.partition(":")[2], SECRET, "canary", SAID, "leva", f"{KIM}"):
        assert canary not in told, canary


def test_what_telegram_says_is_kept_where_it_is_plain(api: TelegramApi, channel: Telegram) -> None:
    api.does(refused(400, "Bad Request: message text is empty"), QUOTING)
    assert _error(channel).why == "Telegram tar inte emot meddelandet: message text is empty."
    assert _error(channel).why == "Telegram tar inte emot meddelandet."


# --- the bot itself ---------------------------------------------------------------------------------------------------


def test_the_bot_says_who_it_is(channel: Telegram) -> None:
    assert LOOP.run(channel.examine()) == NAME


@pytest.mark.parametrize(("token", "code"), [("7012345678:another-one-altogether", "401"), ("nonsense", "404")])
def test_a_dead_token_is_told_as_such(api: TelegramApi, token: str, code: str) -> None:
    with opened(api.url, token) as channel:
        with pytest.raises(SendError) as caught:
            LOOP.run(channel.examine())
        assert Means.of(caught.value) == Means("later", code, whole_channel=True)
        assert Means.of(_error(channel)) == Means("later", code, whole_channel=True)


@pytest.mark.parametrize("ending", ["", "/", "/bot"])
def test_the_address_is_taken_as_people_write_it(api: TelegramApi, ending: str) -> None:
    with opened(api.url + ending) as channel:
        assert LOOP.run(channel.examine()) == NAME


def test_without_an_address_it_is_telegrams_own() -> None:
    with opened("") as channel:
        assert channel._bot.base_url == f"https://api.telegram.org/bot{TOKEN}"


def test_a_closed_channel_can_be_opened_again(api: TelegramApi, channel: Telegram) -> None:
    LOOP.run(channel.send(_message("before")))
    LOOP.run(channel.close())
    LOOP.run(channel.open())
    LOOP.run(channel.send(_message("after")))
    assert api.texts() == ["before", "after"]


def test_the_menu_is_set_for_everybody(api: TelegramApi, channel: Telegram) -> None:
    LOOP.run(channel.set_menu(load_menus()))
    assert [each["command"] for each in api.menus[""]] == [
        "hjalp",
        "prata",
        "paus",
        "koppla",
        "min_kurva",
        "mina_uppgifter",
        "stopp",
    ]
    assert [each["command"] for each in api.menus["en"]] == [
        "help",
        "talk",
        "later",
        "connect",
        "my_curve",
        "my_data",
        "stop",
    ]
    assert all(1 <= len(each["description"]) <= 256 for menu in api.menus.values() for each in menu)


MENU = {
    "hjalp": "help", "help": "help", "prata": "human", "talk": "human", "paus": "later", "later": "later",
    "koppla": "join", "connect": "join", "mina_uppgifter": "my_data", "my_data": "my_data", "stopp": "stop",
    "stop": "stop", "min_kurva": "curve", "my_curve": "curve",
}  # fmt: skip


@cache
def _lexicon(language: str) -> Lexicon:
    return wordlists.lexicon(language)


@pytest.mark.parametrize("language", ["sv", "en"])
@pytest.mark.parametrize("question", [None, "yesno", "name", "free", "choice", "phone"])
def test_the_bot_reads_every_command_of_the_menu(language: str, question: str | None) -> None:
    lexicon = _lexicon(language)
    for menu in load_menus().values():
        for each in menu:
            said = f"/{each}"
            read = command(said, lexicon) or read_reply(said, question, lexicon).meaning
            assert read == MENU[each], (said, question)


def test_the_webhook_is_set_with_its_secret(api: TelegramApi, channel: Telegram) -> None:
    LOOP.run(channel.set_webhook("https://ingang.example/webhooks/telegram"))
    assert api.webhook == {
        "url": "https://ingang.example/webhooks/telegram", "secret_token": SECRET,
        "allowed_updates": ["message", "edited_message", "callback_query", "my_chat_member", "message_reaction"],
    }  # fmt: skip
    LOOP.run(channel.delete_webhook())
    assert not api.webhook
    assert "drop_pending_updates" not in api.asked[-1][1], "nothing that waits is lost"


@pytest.mark.parametrize(
    ("shown", "known"),
    [
        (SECRET, True), (None, False), ("", False), (SECRET[:-1], False), (SECRET + "x", False),
        (SECRET.upper(), False), (f" {SECRET}", False), ("å" * 20, False), ("\udcff", False),
    ],
)  # fmt: skip
def test_only_telegram_knows_the_secret(channel: Telegram, shown: str | None, known: bool) -> None:
    assert channel.verify(shown) is known


def test_without_a_secret_nobody_is_telegram() -> None:
    channel = Telegram(TOKEN, base_url="http://127.0.0.1:9")
    assert not channel.verify("")
    assert not channel.verify(None)
    LOOP.run(channel.close())


# --- fetching ---------------------------------------------------------------------------------------------------------


def test_what_waits_stays_until_the_offset_passes(api: TelegramApi, channel: Telegram) -> None:
    first, second = api.writes("one"), api.writes("two")
    assert LOOP.run(channel.fetch(0, 0)) == [first, second]
    assert LOOP.run(channel.fetch(0, 0)) == [first, second]
    assert LOOP.run(channel.fetch(second["update_id"], 0)) == [second]
    assert LOOP.run(channel.fetch(second["update_id"] + 1, 0)) == []
    asked = dict(api.asked[0][1])
    assert asked.pop("allowed_updates") == [
        "message", "edited_message", "callback_query", "my_chat_member", "message_reaction",
    ]  # fmt: skip


def test_news_end_the_waiting(api: TelegramApi, channel: Telegram) -> None:
    async def waits() -> list[dict[str, Any]]:
        asking = asyncio.ensure_future(channel.fetch(0, 20))
        await asyncio.to_thread(api.wait_until, lambda: api._hanging is not None)
        api.writes("hej")
        return await asking

    (update,) = LOOP.run(waits())
    assert update["message"]["text"] == "hej"


def test_of_two_pollers_the_one_that_waits_is_told(api: TelegramApi, channel: Telegram) -> None:
    async def both(other: Telegram) -> list[Any]:
        asking = asyncio.ensure_future(channel.fetch(0, 20))
        await asyncio.to_thread(api.wait_until, lambda: api._hanging is not None)
        return list(await asyncio.gather(asking, other.fetch(0, 0), return_exceptions=True))

    with opened(api.url) as other:
        pushed_out, got = LOOP.run(both(other))
    assert isinstance(pushed_out, Conflict)
    assert not pushed_out.webhook
    assert got == []


def test_a_webhook_is_a_conflict_too(api: TelegramApi, channel: Telegram) -> None:
    LOOP.run(channel.set_webhook("https://elsewhere.example/hook"))
    with pytest.raises(Conflict) as caught:
        LOOP.run(channel.fetch(0, 0))
    assert caught.value.webhook


FETCHED: list[tuple[str, Act, Means]] = [
    ("slow down", too_many(7), Means("later", "429", whole_channel=True, retry_after=7.0)),
    ("dead token", refused(401, "Unauthorized"), Means("later", "401", whole_channel=True)),
    ("their fault", refused(500, "Internal Server Error"), Means("unknown", "500")),
    ("no JSON", raw(200, b"<html>"), Means("unknown", "200")),
    ("reset", lost("reset"), Means("unknown", "ReadError")),
    ("a proxy with a conflict", raw(409, b"<html>"), Means("later", "409", whole_channel=True)),
]


@pytest.mark.parametrize(("act", "means"), [pytest.param(act, means, id=name) for name, act, means in FETCHED])
def test_what_cannot_be_fetched_is_told(api: TelegramApi, channel: Telegram, act: Act, means: Means) -> None:
    api.does(act, on="getUpdates")
    with pytest.raises(SendError) as caught:
        LOOP.run(channel.fetch(0, 0))
    assert Means.of(caught.value) == means


@pytest.mark.parametrize(
    "result", ['"hej"', "true", "17", "{}", '["hej", null, 7, {"update_id": "x"}, {"message": {}}]']
)
def test_what_is_no_update_is_left_out(api: TelegramApi, channel: Telegram, result: str) -> None:
    api.does(raw(200, f'{{"ok": true, "result": {result}}}'.encode()), on="getUpdates")
    assert LOOP.run(channel.fetch(0, 0)) == []


# --- presses ----------------------------------------------------------------------------------------------------------


def test_a_press_is_thanked_beside_the_turn(api: TelegramApi, channel: Telegram) -> None:
    update = api.arrives(callback_query=api.press("77:1:yes"))
    came: Any = channel.parse(update)

    async def thanks() -> None:
        channel.thank_for_press(came)
        await asyncio.gather(*channel._presses)

    LOOP.run(thanks())
    assert api.thanked == [update["callback_query"]["id"]]


@pytest.mark.parametrize(
    "act", [refused(400, "Bad Request: query is too old and response timeout expired"), lost("hang"), lost("reset")]
)
def test_a_press_that_cannot_be_thanked_does_no_harm(api: TelegramApi, channel: Telegram, act: Act) -> None:
    api.does(act, OK, on="answerCallbackQuery")
    came: Any = channel.parse(api.arrives(callback_query=api.press("77:1:yes")))

    async def thanks() -> None:
        channel.thank_for_press(came)
        assert api.times("answerCallbackQuery") == 0, "nothing has waited for it"
        await asyncio.gather(*channel._presses)

    LOOP.run(thanks())
    assert api.times("answerCallbackQuery") == 1
    assert not channel._presses


def test_closing_waits_for_no_press(api: TelegramApi) -> None:
    api.does(lost("hang"), on="answerCallbackQuery")

    async def closes(channel: Telegram) -> None:
        came: Any = channel.parse(api.arrives(callback_query=api.press("77:1:yes")))
        channel.thank_for_press(came)
        await asyncio.to_thread(api.wait_until, lambda: api.times("answerCallbackQuery") == 1)
        await channel.close()

    with opened(api.url, timeouts=Timeouts()) as channel:
        LOOP.run(closes(channel))
        assert not channel._presses
