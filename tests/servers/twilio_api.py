"""A Twilio of our own: the REST API on 127.0.0.1, in a thread, doing what a test tells it to.

    with TwilioApi() as api:
        api.does(OK, taken("hang"), refused(400, 21610), too_many(30))     what the next sends come to; then all are ok
        api.reads(refused(500))                                            the same for the next reads

`taken` holds each message that was accepted, in order: whatever a store believes, a person's phone rang once for each
of those. The message list shows them `lag` seconds after that, by the server's own clock, which a test may move.
Payloads have the documented shapes; what Twilio would call is signed by Twilio's own library.
"""

from __future__ import annotations

import asyncio
import json
import socket
import struct
import threading
from base64 import b64encode
from collections import Counter, deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from email.utils import format_datetime
from functools import cached_property
from itertools import count
from typing import Any, Self
from urllib.parse import parse_qsl, urlencode, urlsplit

import aiohttp
from aiohttp import web
from twilio.request_validator import RequestValidator

from ingang.clock import business_clock

ACCOUNT = "ACf0e1d2c3b4a5968778695a4b3c2d1e0f"
TOKEN = "b7c1e0d95a3f48269cd014e8f2a6b35d"
NUMBER = "+46766861004"
SERVICE = "MG0a1b2c3d4e5f60718293a4b5c6d7e8f9"
KIM = "+46701740605"


@dataclass(frozen=True, slots=True)
class Act:
    """What one request comes to: whether the message is taken, and what becomes of the answer.

    `then` is answer, malformed, html, no_sid, hang, reset, drip or cut.
    """

    taken: bool = True
    then: str = "answer"
    status: int = 201
    code: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


OK = Act()


def taken(then: str, status: int = 201) -> Act:
    """The message is accepted; then this happens to the answer (hang, reset, ...), or it is this error (500)."""
    return Act(then=then, status=status)


def lost(then: str) -> Act:
    """The message is not accepted, and this happens to the answer."""
    return Act(taken=False, then=then)


def refused(status: int, code: int | None = None, **headers: str) -> Act:
    """The message is not accepted, with this status and Twilio's own code."""
    return Act(taken=False, status=status, code=code, headers=headers)


def too_many(retry_after: object = None) -> Act:
    """429, with or without a Retry-After."""
    told = {} if retry_after is None else {"Retry-After": str(retry_after)}
    return Act(taken=False, status=429, code=20429, headers=told)


@dataclass
class Message:
    """A message as Twilio keeps it."""

    sid: str
    from_: str
    to: str
    body: str
    created: datetime
    direction: str = "outbound-api"
    status: str = "queued"
    service: str | None = None
    callback: str = ""
    validity: str = ""
    media: int = 0
    code: int | None = None

    @property
    def ref(self) -> str:
        """Our own reference, out of the address that was given for its status."""
        return urlsplit(self.callback).path.rpartition("/")[2]

    def dump(self) -> dict[str, Any]:
        """As the REST API shows it."""
        at = format_datetime(self.created)
        uri = f"/2010-04-01/Accounts/{ACCOUNT}/Messages/{self.sid}"
        return {
            "account_sid": ACCOUNT, "api_version": "2010-04-01", "body": self.body, "date_created": at,
            "date_sent": at if self.status != "queued" else None, "date_updated": at, "direction": self.direction,
            "error_code": self.code, "error_message": None, "from": self.from_ or None,
            "messaging_service_sid": self.service, "num_media": str(self.media),
            "num_segments": "0" if self.service else "1", "price": None, "price_unit": "USD", "sid": self.sid,
            "status": self.status, "subresource_uris": {"media": f"{uri}/Media.json"}, "to": self.to,
            "uri": f"{uri}.json",
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Webhook:
    """A request that Twilio makes of us: where to, with what, and its signature."""

    url: str
    pairs: tuple[tuple[str, str], ...]
    signature: str

    @property
    def path(self) -> str:
        """Path and query."""
        parts = urlsplit(self.url)
        return parts.path + (f"?{parts.query}" if parts.query else "")

    @property
    def body(self) -> bytes:
        """The form as it goes over the wire."""
        return urlencode(self.pairs).encode()

    @property
    def headers(self) -> dict[str, str]:
        """The headers that go with it."""
        return {
            "Content-Type": "application/x-www-form-urlencoded; charset=UTF-8",
            "X-Twilio-Signature": self.signature,
            "User-Agent": "TwilioProxy/1.1",
            "I-Twilio-Idempotency-Token": "4f0c1d5e-9a7b-4c1d-8e2f-0a1b2c3d4e5f",
        }


class _Many(dict[str, list[str]]):
    """A form whose fields may come twice, as the validator wants it."""

    def getall(self, name: str) -> list[str]:
        """Every value of a field."""
        return self[name]


def signed(url: str, pairs: Iterable[tuple[str, str]], token: str = TOKEN) -> Webhook:
    """Give the request that Twilio would make of this address with these fields."""
    pairs = tuple(pairs)
    fields = _Many()
    for name, value in pairs:
        fields.setdefault(name, []).append(value)
    return Webhook(url, pairs, RequestValidator(token).compute_signature(url, fields))


class TwilioApi:
    """The server. `latency` is seconds before each answer to a send, `lag` seconds until the list shows a message."""

    def __init__(
        self, *, latency: float = 0.0, lag: float = 0.0, clock: Callable[[], datetime] | None = None, port: int = 0
    ) -> None:
        self.latency, self.lag, self.port = latency, timedelta(seconds=lag), port
        self.clock = clock or business_clock().now
        self.script: deque[Act] = deque()
        self.read_script: deque[Act] = deque()
        self.messages: list[Message] = []
        self.sends: list[dict[str, str]] = []
        """The form of each send that was begun."""
        self.reads_of: list[str] = []
        """The address, with its query, of each read."""
        self.redacted: list[str] = []
        self.account_status, self.account_type = "active", "Full"
        self.balance: str | None = "123.45"
        self.numbers = [NUMBER]
        self.page_size = 1_000
        self.webhook = ""
        """Where the number's incoming messages go, as it is set at Twilio."""
        self.callbacks: tuple[str, ...] = ()
        """Statuses that are called back by themselves after each message that is taken."""
        self.called_back: list[tuple[str, int]] = []
        self._ids = count(1)
        self._ready = threading.Event()

    # --- what a test says and asks ---------------------------------------------------------------------------------

    def does(self, *acts: Act) -> None:
        """Say what the next sends come to."""
        self.script.extend(acts)

    def reads(self, *acts: Act) -> None:
        """Say what the next reads come to: the list, the account, the balance."""
        self.read_script.extend(acts)

    @property
    def taken(self) -> list[Message]:
        """What was accepted, in order."""
        return [each for each in self.messages if each.direction == "outbound-api"]

    def times_taken(self) -> Counter[str]:
        """How often each of our references was accepted."""
        return Counter(each.ref for each in self.taken)

    def texts(self, to: str = KIM) -> list[str]:
        """What this phone shows, in the order in which it came."""
        return [each.body for each in self.taken if each.to == to]

    def writes(self, body: str, from_: str = KIM, *, to: str = NUMBER, media: int = 0) -> Message:
        """Somebody writes to our number: it stands in the list from now on (and after the lag)."""
        message = Message(
            self._sid(), from_, to, body, self.clock(), "inbound", "received", media=media,
            service=SERVICE if to != NUMBER else None,
        )  # fmt: skip
        self.messages.append(message)
        return message

    def incoming(self, message: Message, public_url: str, **more: str) -> Webhook:
        """The request that Twilio makes of us for an incoming message."""
        pairs = [*received(message), *more.items()]
        return signed(f"{public_url}/webhooks/twilio/message", pairs)

    def status(self, message: Message, status: str, code: int | None = None, **more: str) -> Webhook:
        """The request that Twilio makes of us when a message of ours has got somewhere."""
        pairs = {
            "SmsSid": message.sid, "SmsStatus": status, "MessageStatus": status, "To": message.to,
            "MessageSid": message.sid, "AccountSid": ACCOUNT, "From": message.from_, "ApiVersion": "2010-04-01",
        }  # fmt: skip
        if code is not None:
            pairs["ErrorCode"] = str(code)
        if status == "delivered":
            pairs["RawDlrDoneDate"] = "2611231004"
        return signed(message.callback, (pairs | more).items())

    # --- the thread ------------------------------------------------------------------------------------------------

    @property
    def url(self) -> str:
        """What `sms.api_base_url` is set to."""
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
        self._loop, self._stop, self._calling = asyncio.get_running_loop(), asyncio.Event(), set[asyncio.Task[None]]()
        runner = web.ServerRunner(web.Server(self._answer, access_log=None), shutdown_timeout=0)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", self.port, backlog=1_024)
        await site.start()
        self.port = runner.addresses[0][1]
        self._ready.set()
        await self._stop.wait()
        await asyncio.gather(*self._calling)
        await runner.cleanup()

    # --- answering -------------------------------------------------------------------------------------------------

    async def _answer(self, request: web.BaseRequest) -> web.StreamResponse:
        if request.headers.get("Authorization") != self._credentials:
            return _error(401, 20003, "Authenticate")
        if request.method == "POST" and request.path == f"{self._root}/Messages.json":
            return await self._create(request)
        if request.method == "POST":
            return await self._redact(request)
        self.reads_of.append(request.path_qs)
        act = self.read_script.popleft() if self.read_script else Act(status=200)
        shown = self._shown(request)
        if shown is None:
            return _error(404, 20404, "The requested resource was not found")
        return await self._act(request, act, shown)

    async def _create(self, request: web.BaseRequest) -> web.StreamResponse:
        form = dict(parse_qsl((await request.read()).decode(), keep_blank_values=True))
        self.sends.append(form)
        act = self.script.popleft() if self.script else self._usual(form)
        shown: dict[str, Any] = {}
        if act.taken:
            status = "accepted" if "MessagingServiceSid" in form else "queued"
            message = Message(
                self._sid(), form.get("From", ""), form["To"], form.get("Body", ""), self.clock(),
                service=form.get("MessagingServiceSid"), callback=form.get("StatusCallback", ""),
                validity=form.get("ValidityPeriod", ""), status=status,
            )  # fmt: skip
            self.messages.append(message)
            shown = message.dump()
            self._call_back(message)
        if self.latency:
            await asyncio.sleep(self.latency)
        return await self._act(request, act, shown)

    @staticmethod
    def _usual(form: Mapping[str, str]) -> Act:
        """What Twilio does when nothing else was said."""
        if not form.get("Body"):
            return refused(400, 21602)
        return refused(400, 21617) if len(form["Body"]) > 1_600 else OK

    async def _redact(self, request: web.BaseRequest) -> web.StreamResponse:
        form = dict(parse_qsl((await request.read()).decode(), keep_blank_values=True))
        act = self.read_script.popleft() if self.read_script else Act(status=200)
        sid = request.path.rpartition("/")[2].removesuffix(".json")
        found = next((each for each in self.messages if each.sid == sid), None)
        if found is None:
            return _error(404, 20404, "The requested resource was not found")
        if form.get("Body") == "" and act.status < 400:
            found.body = ""
            self.redacted.append(sid)
        return await self._act(request, act, found.dump())

    async def _act(self, request: web.BaseRequest, act: Act, shown: dict[str, Any]) -> web.StreamResponse:
        status = act.status
        match act.then:
            case "hang":
                await self._stop.wait()
            case "reset":
                _reset(request)
            case "drip":
                return await self._drip(request, json.dumps(shown))
            case "cut":
                return web.Response(body=b'{"sid": "SM', status=status, content_type="application/json")
            case "html":
                return web.Response(text="<html>Bad gateway</html>", status=status, content_type="text/html")
            case "no_sid":
                shown = {name: value for name, value in shown.items() if name != "sid"}
        if status >= 400:
            return _error(status, act.code, "Twilio quotes the number here: +46701740605", act.headers)
        return web.Response(body=json.dumps(shown).encode(), status=status, content_type="application/json")

    async def _drip(self, request: web.BaseRequest, text: str) -> web.StreamResponse:
        answer = web.StreamResponse(status=201)
        await answer.prepare(request)
        for sign in text:
            await answer.write(sign.encode())
            await asyncio.wait({asyncio.ensure_future(self._stop.wait())}, timeout=0.02)
        return answer

    # --- reading ---------------------------------------------------------------------------------------------------

    def _shown(self, request: web.BaseRequest) -> dict[str, Any] | None:
        match request.path.removeprefix(self._root):
            case "/Messages.json":
                return self._list(request.query)
            case "/Balance.json":
                told = {"account_sid": ACCOUNT, "balance": self.balance, "currency": "USD"}
                return told if self.balance is not None else None
            case ".json":
                return {
                    "sid": ACCOUNT,
                    "status": self.account_status,
                    "type": self.account_type,
                    "friendly_name": "Ingång",
                }
            case "/IncomingPhoneNumbers.json":
                asked = request.query.get("PhoneNumber")
                found = [number for number in self.numbers if asked in (None, number)]
                return {"incoming_phone_numbers": [self._number(each) for each in found], "next_page_uri": None}
        if request.path == f"/v1/Services/{SERVICE}/PhoneNumbers":
            meta = {"key": "phone_numbers", "page": 0, "page_size": 50, "next_page_url": None, "url": request.path}
            return {"phone_numbers": [{"phone_number": each} for each in self.numbers], "meta": meta}
        if request.path == f"/v1/Services/{SERVICE}":
            return {"sid": SERVICE, "inbound_request_url": self.webhook, "use_inbound_webhook_on_number": False}
        return None

    def _number(self, number: str) -> dict[str, Any]:
        can = {"voice": False, "sms": True, "mms": False}
        return {"phone_number": number, "sms_url": self.webhook, "sms_method": "POST", "capabilities": can}

    def _list(self, query: Mapping[str, str]) -> dict[str, Any]:
        """The newest first, a page at a time; the mark of a page is the last one that it showed."""
        now = self.clock()
        found = [each for each in self.messages if each.created + self.lag <= now and _asked_for(each, query)]
        found.sort(key=lambda each: (each.created, each.sid), reverse=True)
        size = min(int(query.get("PageSize", 50)), self.page_size)
        mark = query.get("PageToken", "").removeprefix("PA")
        start = next((place for place, each in enumerate(found) if each.sid == mark), -1) + 1
        shown, page = found[start : start + size], int(query.get("Page", 0))
        following = None
        if start + size < len(found):
            again = {**query, "Page": str(page + 1), "PageToken": f"PA{shown[-1].sid}"}
            following = f"{self._root}/Messages.json?{urlencode(again)}"
        return {
            "messages": [each.dump() for each in shown], "next_page_uri": following, "page": page, "page_size": size,
            "start": start, "end": start + len(shown) - 1, "uri": f"{self._root}/Messages.json",
        }  # fmt: skip

    # --- calling back ----------------------------------------------------------------------------------------------

    def _call_back(self, message: Message) -> None:
        if self.callbacks:
            task = self._loop.create_task(self._post_statuses(message))
            self._calling.add(task)
            task.add_done_callback(self._calling.discard)

    async def _post_statuses(self, message: Message) -> None:
        async with aiohttp.ClientSession() as session:
            for status in self.callbacks:
                call = self.status(message, status)
                message.status = status
                try:
                    async with session.post(call.url, data=call.body, headers=call.headers) as answer:
                        self.called_back.append((status, answer.status))
                except aiohttp.ClientError:
                    self.called_back.append((status, 0))

    # --- small -----------------------------------------------------------------------------------------------------

    @cached_property
    def _root(self) -> str:
        return f"/2010-04-01/Accounts/{ACCOUNT}"

    @cached_property
    def _credentials(self) -> str:
        return "Basic " + b64encode(f"{ACCOUNT}:{TOKEN}".encode()).decode()

    def _sid(self) -> str:
        return f"SM{next(self._ids):032x}"


def received(message: Message) -> list[tuple[str, str]]:
    """The fields of an incoming message, as documented, in the order in which they were seen to come."""
    return [
        ("ToCountry", "SE"), ("ToState", ""), ("SmsMessageSid", message.sid), ("NumMedia", str(message.media)),
        ("ToCity", ""), ("FromZip", ""), ("SmsSid", message.sid), ("FromState", ""), ("SmsStatus", "received"),
        ("FromCity", ""), ("Body", message.body), ("FromCountry", "SE"), ("To", message.to), ("ToZip", ""),
        ("NumSegments", "1"), ("MessageSid", message.sid), ("AccountSid", ACCOUNT), ("From", message.from_),
        ("ApiVersion", "2010-04-01"),
    ]  # fmt: skip


def _asked_for(message: Message, query: Mapping[str, str]) -> bool:
    day = message.created.date()
    return (
        query.get("To") in (None, message.to)
        and query.get("From") in (None, message.from_)
        and day >= date.fromisoformat(query.get("DateSent>", "0001-01-01")[:10])
        and day <= date.fromisoformat(query.get("DateSent<", "9999-12-31")[:10])
        and query.get("DateSent", day.isoformat())[:10] == day.isoformat()
    )


def _error(status: int, code: int | None, words: str, headers: Mapping[str, str] | None = None) -> web.Response:
    told = {"code": code, "message": words, "more_info": f"https://www.twilio.com/docs/errors/{code}", "status": status}
    body = json.dumps(told) if code is not None else "<html>Sorry</html>"
    kind = "application/json" if code is not None else "text/html"
    return web.Response(text=body, status=status, content_type=kind, headers=headers)


def _reset(request: web.BaseRequest) -> None:
    """Cut the connection so that the other side gets a reset, not an end."""
    transport = request.transport
    assert transport is not None
    transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()
