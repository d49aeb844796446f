"""A Telegram of our own: the Bot API on 127.0.0.1, in a thread, doing what a test tells it to.

    with TelegramApi() as api:
        api.does(OK, taken("hang"), refused(403, BLOCKED), too_many(30))   what the next sends come to; then each is ok
        api.does(lost("reset"), on="getUpdates")                           the same for any other method
        api.writes("hej"); api.presses("Ja")                               what people do; it waits to be fetched

`taken` holds each message that was accepted, in order: whatever a store believes, a person's phone rang once for each
of those. Updates wait until an offset passes them, as at Telegram: of two who fetch, the one that hangs gets 409 when
the other asks. Descriptions are Telegram's own words.
"""

from __future__ import annotations

import asyncio
import json
import socket
import struct
import threading
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count
from typing import Any, Self
from urllib.parse import parse_qsl

from aiohttp import web

TOKEN = "7012345678:AAHcanary-5ecretT0ken_of-the-bot-x9"
SECRET = "canary-webhook-5ecret_of_ours"
KIM = 6_100_200_300
NAME = "ingang_test_bot"
DAY = 1_795_424_400  # Monday 23 November 2026, 10.00 in Sweden

BLOCKED = "Forbidden: bot was blocked by the user"
NO_CHAT = "Bad Request: chat not found"
OTHER_POLLER = "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
WEBHOOK_ACTIVE = "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete it first"


@dataclass(frozen=True, slots=True)
class Act:
    """What one request comes to: whether it is done, and what becomes of the answer.

    `then` is answer, hang, reset, drip, or raw: then `body` is sent as it is.
    """

    done: bool = True
    then: str = "answer"
    status: int = 200
    description: str = ""
    parameters: Mapping[str, Any] = field(default_factory=dict)
    body: bytes = b""


OK = Act()


def taken(then: str, status: int = 200) -> Act:
    """The message is accepted; then this happens to the answer (hang, reset, drip), or it is this error (500)."""
    return Act(then=then, status=status, description="Internal Server Error")


def lost(then: str) -> Act:
    """The message is not accepted, and this happens to the answer."""
    return Act(done=False, then=then)


def refused(status: int, description: str, **parameters: Any) -> Act:
    """The message is not accepted, and Telegram says why."""
    return Act(done=False, status=status, description=description, parameters=parameters)


def too_many(retry_after: object = None) -> Act:
    """429, with or without how long to wait."""
    told = {} if retry_after is None else {"retry_after": retry_after}
    return refused(429, "Too Many Requests: retry later", **told)


def raw(status: int, body: bytes, *, done: bool = False) -> Act:
    """These very bytes."""
    return Act(done, "raw", status, body=body)


class TelegramApi:
    """The server. `latency` is seconds before each answer to a send."""

    def __init__(self, *, token: str = TOKEN, latency: float = 0.0) -> None:
        self.token, self.latency = token, latency
        self.script: defaultdict[str, deque[Act]] = defaultdict(deque)
        self.asked: list[tuple[str, dict[str, Any]]] = []
        """Each request that was begun: its method and its parameters."""
        self.taken: list[dict[str, Any]] = []
        self.files: list[dict[str, Any]] = []
        """Each document that was accepted: chat_id, caption, and `document` as (name, media type, text)."""
        self.waiting: list[dict[str, Any]] = []
        self.offsets: list[int] = []
        self.thanked: list[str] = []
        self.webhook: dict[str, Any] | None = None
        self.menus: dict[str, list[dict[str, str]]] = {}
        self.gone: set[int] = set()
        """Chats that do not exist."""
        self.date = DAY
        """The time of what is written from now on, by Telegram's clock: whole seconds since 1970."""
        self._updates, self._messages = count(100_001), count(1)
        self._hanging: asyncio.Future[str] | None = None
        self._ready, self._changed = threading.Event(), threading.Condition()

    # --- what a test says and asks ---------------------------------------------------------------------------------

    def does(self, *acts: Act, on: str = "sendMessage") -> None:
        """Say what the next requests of a method come to."""
        self.script[on].extend(acts)

    def times(self, method: str) -> int:
        """How often a method was begun."""
        return sum(asked == method for asked, _ in self.asked)

    def times_taken(self) -> Counter[tuple[int, str]]:
        """How often each text was accepted for each chat."""
        return Counter((each["chat_id"], each["text"]) for each in self.taken)

    def texts(self, chat: int = KIM) -> list[str]:
        """What this person's phone shows of ours, in the order in which it came."""
        return [each["text"] for each in self.taken if each["chat_id"] == chat]

    def keyboard(self, chat: int = KIM) -> dict[str, Any]:
        """What stands under the last message that this person got."""
        last = [each for each in self.taken if each["chat_id"] == chat][-1]
        shown: dict[str, Any] = last.get("reply_markup", {})
        return shown

    def labels(self, chat: int = KIM) -> list[str]:
        """What the buttons under the last message say."""
        return [button["text"] for row in self.keyboard(chat).get("inline_keyboard", []) for button in row]

    def wait_until(self, is_so: Callable[[], bool], seconds: float = 10.0) -> None:
        """Wait until it is so; asked again after every request. Fails after so many seconds."""
        with self._changed:
            assert self._changed.wait_for(is_so, seconds), f"not within {seconds} s"

    # --- what people do --------------------------------------------------------------------------------------------

    def arrives(self, **parts: Any) -> dict[str, Any]:
        """Let an update wait to be fetched."""
        with self._changed:
            update = {"update_id": next(self._updates), **parts}
            self.waiting.append(update)
        if self._ready.is_set():
            self._loop.call_soon_threadsafe(self._wake)
        return update

    def writes(self, text: str, chat: int = KIM, **more: Any) -> dict[str, Any]:
        """Somebody writes to the bot."""
        return self.arrives(message=self.message(chat, text=text, **more))

    def presses(self, label: str, chat: int = KIM) -> dict[str, Any]:
        """Somebody presses a button under the last message that has one with this label."""
        for sent in reversed(self.taken):
            for row in sent.get("reply_markup", {}).get("inline_keyboard", []):
                for button in row:
                    if sent["chat_id"] == chat and button["text"] == label:
                        return self.arrives(callback_query=self.press(button["callback_data"], chat))
        raise AssertionError(f"no button says {label!r}")

    def message(self, chat: int = KIM, **more: Any) -> dict[str, Any]:
        """A message as Telegram writes it."""
        who = {"id": chat, "is_bot": False, "first_name": "Kim", "language_code": "sv"}
        room = {"id": chat, "first_name": "Kim", "type": "private"}
        return {"message_id": next(self._messages), "from": who, "chat": room, "date": self.date, **more}

    def press(self, value: str, chat: int = KIM) -> dict[str, Any]:
        """A press as Telegram writes it."""
        message = self.message(chat, text="?")
        number = next(self._messages)
        return {
            "id": f"4{number:018}", "from": message["from"], "message": message, "chat_instance": "-51", "data": value,
        }  # fmt: skip

    # --- the thread ------------------------------------------------------------------------------------------------

    @property
    def url(self) -> str:
        """What `telegram.base_url` is set to."""
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        """Start it; it answers when this returns."""
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True)
        self._thread.start()
        self._ready.wait()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop it, whatever hangs."""
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()

    async def _serve(self) -> None:
        self._loop, self._stop, self._news = asyncio.get_running_loop(), asyncio.Event(), asyncio.Event()
        runner = web.ServerRunner(web.Server(self._answer, access_log=None), shutdown_timeout=0)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0, backlog=1_024).start()
        self.port = runner.addresses[0][1]
        self._ready.set()
        await self._stop.wait()
        await runner.cleanup()

    def _wake(self) -> None:
        """Let those who wait for news look again."""
        news, self._news = self._news, asyncio.Event()
        news.set()

    # --- answering -------------------------------------------------------------------------------------------------

    async def _answer(self, request: web.BaseRequest) -> web.StreamResponse:
        try:
            return await self._answered(request)
        except ConnectionError:  # whoever asked has gone
            return web.Response()
        finally:
            with self._changed:
                self._changed.notify_all()

    async def _answered(self, request: web.BaseRequest) -> web.StreamResponse:
        bot, _, method = request.path.removeprefix("/bot").partition("/")
        parameters = await _parameters(request)
        if bot != self.token:
            known = ":" in bot
            return _said(refused(401, "Unauthorized") if known else refused(404, "Not Found"))
        self.asked.append((method, parameters))
        with self._changed:
            self._changed.notify_all()
        script = self.script[method]
        act = script.popleft() if script else self._usual(method, parameters)
        result: Any = True
        if act.done:
            result = await self._do(method, parameters)
            if isinstance(result, Act):
                act, result = result, None
        if self.latency and method == "sendMessage":
            await asyncio.sleep(self.latency)
        return await self._act(request, act, result)

    def _usual(self, method: str, parameters: Mapping[str, Any]) -> Act:
        """What Telegram does when nothing else was said."""
        if method != "sendMessage":
            return OK
        text = parameters.get("text", "")
        if parameters["chat_id"] in self.gone:
            return refused(400, NO_CHAT)
        if not text.strip():
            return refused(400, "Bad Request: message text is empty")
        if len(text.encode("utf-16-le")) // 2 > 4096:
            return refused(400, "Bad Request: message is too long")
        rows = parameters.get("reply_markup", {}).get("inline_keyboard", [])
        values = [button["callback_data"] for row in rows for button in row]
        if any(not 1 <= len(value.encode()) <= 64 for value in values):
            return refused(400, "Bad Request: BUTTON_DATA_INVALID")
        return OK

    async def _do(self, method: str, parameters: dict[str, Any]) -> Any:
        match method:
            case "getMe":
                return {"id": int(self.token.partition(":")[0]), "is_bot": True, "first_name": "I", "username": NAME}
            case "sendMessage":
                self.taken.append(parameters)
                return {**self.message(parameters["chat_id"], text=parameters["text"])}
            case "sendDocument":
                self.files.append(parameters)
                document = {"file_id": "f", "file_unique_id": "u", "file_name": parameters["document"][0]}
                return {**self.message(parameters["chat_id"], caption=parameters["caption"], document=document)}
            case "getUpdates":
                return await self._updates_from(parameters)
            case "setWebhook":
                self.webhook = parameters
                self._push_out("Conflict: terminated by setWebhook request")
            case "deleteWebhook":
                self.webhook = None
            case "setMyCommands":
                self.menus[parameters.get("language_code", "")] = parameters["commands"]
            case "answerCallbackQuery":
                self.thanked.append(parameters["callback_query_id"])
        return True

    async def _act(self, request: web.BaseRequest, act: Act, result: Any) -> web.StreamResponse:
        match act.then:
            case "hang":
                await self._stop.wait()
            case "reset":
                _reset(request)
            case "raw":
                return web.Response(body=act.body, status=act.status)
            case "drip":
                return await self._drip(request, json.dumps({"ok": True, "result": result}))
        return _said(act, result)

    async def _drip(self, request: web.BaseRequest, text: str) -> web.StreamResponse:
        answer = web.StreamResponse()
        with suppress(ConnectionError):  # nobody waits for the end of it
            await answer.prepare(request)
            for sign in text:
                await answer.write(sign.encode())
                await asyncio.wait({asyncio.ensure_future(self._stop.wait())}, timeout=0.02)
        return answer

    # --- updates ---------------------------------------------------------------------------------------------------

    async def _updates_from(self, parameters: Mapping[str, Any]) -> Any:
        """Forget what is below the offset; give what waits, or wait for it. Whoever asked before gets 409."""
        if self.webhook is not None:
            return refused(409, WEBHOOK_ACTIVE)
        self._push_out(OTHER_POLLER)
        offset = parameters.get("offset", 0)
        self.offsets.append(offset)
        with self._changed:
            self.waiting = [each for each in self.waiting if each["update_id"] >= offset]
        mine = self._hanging = self._loop.create_future()
        until = self._loop.time() + parameters.get("timeout", 0)
        while not self.waiting and self._loop.time() < until:
            with self._changed:
                self._changed.notify_all()
            news = asyncio.ensure_future(self._news.wait())
            stop = asyncio.ensure_future(self._stop.wait())
            await asyncio.wait({news, stop, mine}, timeout=until - self._loop.time(), return_when="FIRST_COMPLETED")
            if mine.done():
                return refused(409, mine.result())
            if self._stop.is_set():
                break
        self._hanging = None
        return self.waiting[: parameters.get("limit", 100)]

    def _push_out(self, words: str) -> None:
        if self._hanging is not None and not self._hanging.done():
            self._hanging.set_result(words)
        self._hanging = None


NUMBERS = frozenset({"chat_id", "offset", "timeout", "limit"})
JSON = frozenset({"reply_markup", "commands", "allowed_updates", "link_preview_options"})


async def _parameters(request: web.BaseRequest) -> dict[str, Any]:
    """What was asked for, in a form; a file in it as (name, media type, text)."""
    if request.content_type != "multipart/form-data":
        given = dict(parse_qsl((await request.read()).decode(), keep_blank_values=True))
        return {name: _value(name, value) for name, value in given.items()}
    found: dict[str, Any] = {}
    for name, value in (await request.post()).items():
        if isinstance(value, web.FileField):
            found["document"] = (value.filename, value.content_type, value.file.read().decode())
        else:
            found[name] = _value(name, str(value))
    return found


def _value(name: str, value: str) -> Any:
    if name in NUMBERS:
        return int(value)
    return json.loads(value) if name in JSON else value


def _said(act: Act, result: Any = True) -> web.Response:
    if act.status < 300:
        told: dict[str, Any] = {"ok": True, "result": result}
    else:
        told = {"ok": False, "error_code": act.status, "description": act.description}
        if act.parameters:
            told["parameters"] = dict(act.parameters)
    return web.Response(body=json.dumps(told).encode(), status=act.status, content_type="application/json")


def _reset(request: web.BaseRequest) -> None:
    """Cut the connection with a reset, as a machine does that has lost it."""
    transport = request.transport
    if transport is not None:
        line: socket.socket = transport.get_extra_info("socket")
        line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()
