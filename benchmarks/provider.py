"""A provider for benchmarks/send.py and broadcast.py: answers after 50 ms, in a process of its own, and keeps count.

    python -m benchmarks.provider       prints its port; ends with its standard input

As little as an HTTP server can do, so that what is measured is who sends. GET / tells how many messages were taken and
when each number was last written to, by the machine's monotonic clock, which all processes share; GET /times also when
each message came.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from urllib.parse import parse_qs

ANSWERS_AFTER = 0.05
ANSWER = json.dumps(
    {
        "account_sid": "AC" + "0" * 32, "api_version": "2010-04-01", "body": "Hej", "date_created": None,
        "date_sent": None, "date_updated": None, "direction": "outbound-api", "error_code": None,
        "error_message": None, "from": "+46766861004", "messaging_service_sid": None, "num_media": "0",
        "num_segments": "1", "price": None, "price_unit": "USD", "sid": "%s", "status": "queued",
        "subresource_uris": {}, "to": "+46701740605", "uri": "/2010-04-01/Accounts/AC/Messages/SM.json",
    }
)  # fmt: skip


class Provider:
    """What it has taken."""

    def __init__(self) -> None:
        self.count = 0
        self.at: dict[str, float] = {}
        self.times: list[float] = []

    def take(self, form: bytes) -> bytes:
        """Take one message; give the answer."""
        self.count += 1
        self.times.append(time.monotonic())
        if b"To=%2B4672" in form:  # those whose answers are timed
            self.at[parse_qs(form.decode())["To"][0]] = time.monotonic()
        return (ANSWER % f"SM{self.count:032x}").encode()

    def told(self, *, times: bool) -> bytes:
        """The truth so far, as JSON; when each message came, if asked for."""
        return json.dumps({"count": self.count, "at": self.at, "times": self.times if times else []}).encode()


class Wire(asyncio.Protocol):
    """One connection, kept for many requests, one at a time."""

    def __init__(self, provider: Provider) -> None:
        self.provider, self.kept = provider, b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """See asyncio."""
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        """See asyncio."""
        self.kept += data
        head, gap, body = self.kept.partition(b"\r\n\r\n")
        if not gap:
            return
        _, found, after = head.lower().partition(b"content-length:")
        if len(body) < (int(after.split(b"\r\n", 1)[0]) if found else 0):
            return
        self.kept = b""
        if head.startswith(b"GET"):
            self.answer(self.provider.told(times=head.startswith(b"GET /times")))
        else:
            asyncio.get_running_loop().call_later(ANSWERS_AFTER, self.answer, self.provider.take(body))

    def answer(self, body: bytes) -> None:
        """Write an answer."""
        assert isinstance(self.transport, asyncio.Transport)
        if not self.transport.is_closing():
            head = b"HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
            self.transport.write(head % len(body) + body)


async def serve() -> None:
    """Serve until standard input ends."""
    loop, provider, over = asyncio.get_running_loop(), Provider(), asyncio.Event()
    server = await loop.create_server(lambda: Wire(provider), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    loop.add_reader(sys.stdin.fileno(), over.set)
    await over.wait()


if __name__ == "__main__":
    asyncio.run(serve())
