"""The wire to Twilio: one pool of connections, a limit on every wait, nothing tried twice, and no word in any log.

twilio's own HTTP clients were measured and left: the synchronous one waits for ever, the asynchronous one has no limit
on time, and one told to retry sent a message three times that had been accepted and answered 500. This one stands under
twilio's `Client` in their place. It is built on aiohttp, which twilio brings with it: with 100 requests in flight httpx
takes 8 to 9 ms of processor time a request and aiohttp 0.3 ms.

Whether a request can have reached Twilio is decided here, by where it broke.
"""

from __future__ import annotations

import asyncio
import json
import logging
import math
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlencode, urlsplit
from urllib.request import getproxies, proxy_bypass

import aiohttp
from twilio.http import AsyncHttpClient
from twilio.http.response import Response

from bot.channels.base import SendError
from bot.channels.twilio_codes import MEANINGS, UNKNOWN

NOT_SENT = (
    aiohttp.ClientConnectorError,  # refused, no such name, TLS: before the first byte of the request
    aiohttp.ConnectionTimeoutError,  # no connection in time, or none free in the pool
    aiohttp.ClientHttpProxyError,  # the proxy between us said no
    aiohttp.InvalidURL,
    aiohttp.NonHttpUrlClientError,
)


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds for a connection (the wait for a free one included) and for the whole request; and how many at once."""

    connect: float = 5.0
    total: float = 18.0
    connections: int = 110  # the dispatcher has a hundred requests under way, and some places for answers


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    body: bytes
    headers: Mapping[str, str]

    def told(self) -> dict[str, Any]:
        """Give the JSON object in it; an empty one when there is none."""
        try:
            told = json.loads(self.body)
        except (ValueError, RecursionError):
            return {}
        return told if isinstance(told, dict) else {}


class TwilioHttp(AsyncHttpClient):  # type: ignore[misc]  # twilio has no types
    """Sends requests to Twilio. It belongs to the event loop on which it is first used, and must be closed there."""

    def __init__(self, bases: tuple[str, ...], limits: Limits | None = None) -> None:
        super().__init__(logging.getLogger("twilio"), is_async=True)
        self._bases, self._limits = bases, limits or Limits()
        self._session: aiohttp.ClientSession | None = None
        self._closed = False

    def open(self) -> aiohttp.ClientSession:
        """Make ready, on the running event loop. Raises SendError after `close`."""
        if self._closed:
            raise SendError("later", "Kanalen är stängd.", code="closed")
        if self._session is None:
            limits = self._limits
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=limits.connections),
                timeout=aiohttp.ClientTimeout(total=None, connect=limits.connect),  # the whole: see `exchange`
                cookie_jar=aiohttp.DummyCookieJar(),
                skip_auto_headers=("Accept-Encoding",),  # an answer is a kilobyte
                proxy=proxy_for(self._bases[0]),
            )
        return self._session

    async def close(self) -> None:
        """Close every connection. What is sent after that is certainly not sent."""
        self._closed = True
        if self._session is not None:
            await self._session.close()

    async def exchange(
        self, method: str, url: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Make one request. Raises SendError: `later` if it cannot have reached Twilio, `unknown` if it may have."""
        try:
            async with (
                asyncio.timeout(self._limits.total),
                self.open().request(method, url, data=body, headers=headers, allow_redirects=False) as response,
            ):
                return Answer(response.status, await response.read(), response.headers)
        except NOT_SENT as error:
            raise SendError("later", "Twilio gick inte att nå.", code=_name(error)) from None
        except (aiohttp.ClientError, OSError) as error:  # TimeoutError is one of the latter
            raise SendError("unknown", "Förbindelsen till Twilio bröts.", code=_name(error)) from None

    async def request(  # twilio calls it by these names
        self,
        method: str,
        uri: str,
        params: Mapping[str, object] | None = None,
        data: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,  # noqa: ASYNC109 - twilio's name; the limits are ours
        allow_redirects: bool = False,
    ) -> Response:
        """Do what twilio's `Client` asks for. Raises SendError, as `exchange` does, and also for a refusal."""
        if not uri.startswith(tuple(f"{base}/" for base in self._bases)):
            raise SendError("later", "Twilios svar pekade någon annanstans.", code="elsewhere")
        told = dict(headers or {}) | ({"Authorization": basic(*auth)} if auth else {})
        query = urlencode({name: value for name, value in (params or {}).items() if isinstance(value, str | int)})
        body = urlencode(data).encode() if data is not None else None
        answer = await self.exchange(method, f"{uri}?{query}" if query else uri, body, told)
        if not 200 <= answer.status < 300:
            raise refusal(answer)
        return Response(answer.status, answer.body.decode("utf-8", "replace"), answer.headers)


def basic(user: str, password: str) -> str:
    """Give the Authorization header of a user and a password."""
    return "Basic " + b64encode(f"{user}:{password}".encode()).decode()


def proxy_for(base: str) -> str | None:
    """Give the proxy that the environment names for an address (HTTPS_PROXY, NO_PROXY), if any; none for ourselves."""
    parts = urlsplit(base)
    host = parts.hostname or ""
    if host in ("localhost", "::1") or host.startswith("127.") or proxy_bypass(host):
        return None
    return getproxies().get(parts.scheme)


def refusal(answer: Answer) -> SendError:
    """Give what an answer that is no success means for the message that was to be sent.

    Only what Twilio itself says no to is `never`. A 5xx says nothing: a message answered 500 has been seen to be
    accepted, and 503 is no surer, since we cannot tell whether it came before Twilio had read the message.
    """
    code, status = code_of(answer.told()), answer.status
    said, wait = code or str(status), retry_after(answer.headers)
    meaning = MEANINGS.get(code, UNKNOWN)
    if status >= 500 or status == 408:
        return SendError("unknown", "Twilio svarade med ett fel hos sig.", code=said)
    if status == 429:
        return SendError("later", MEANINGS["20429"].why, code=said, retry_after=wait, whole_channel=True)
    if meaning is not UNKNOWN:
        return SendError(
            meaning.kind, meaning.why, code=said, mark=meaning.mark, whole_channel=meaning.whole_channel,
            retry_after=meaning.retry_after if wait is None else wait,
        )  # fmt: skip
    if status in (401, 403, 404) and (not code or code.startswith("20")):
        return SendError("later", MEANINGS["20003"].why, code=said, whole_channel=True)
    if not code or status < 400:  # it is not Twilio that speaks, but something between us
        return SendError("later", "Något mellan oss och Twilio sade nej.", code=said)
    return SendError("never", UNKNOWN.why, code=said)


def code_of(told: Mapping[str, Any], name: str = "code") -> str:
    """Give Twilio's own code out of what it told: digits, or nothing."""
    code = told.get(name)
    said = str(code) if isinstance(code, int | str) else ""
    return said if said.isascii() and said.isdigit() and len(said) <= 8 else ""


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Give the seconds of a Retry-After, which may be a number or a date; None when there is none that can be read."""
    said = headers.get("Retry-After", "")
    try:
        seconds = float(said)
    except ValueError:
        try:
            seconds = (parsedate_to_datetime(said) - parsedate_to_datetime(headers.get("Date", ""))).total_seconds()
        except (ValueError, TypeError):
            return None
    return seconds if math.isfinite(seconds) else None


def _name(error: BaseException) -> str:
    return type(error).__name__
