"""What a door is given of the program, and how it reads what strangers send.

Anything may come: too much, not JSON, not UTF-8, a number where words should be. It is answered with a clear error in
Swedish and never with more than that; what is kept goes through `bot.channels.base.keepable`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, Protocol
from urllib.parse import parse_qsl, urlsplit

from fastapi import HTTPException, Request, Response

from bot.actions.house import House
from bot.channels.base import Inbound
from bot.conversation import Report
from storage.db import Store

MOST_BYTES: Final = 2_000_000
"""The largest body that is read. A text of 1 MB fits; what is kept of it is cut at `bot.channels.base.LONGEST_IN`."""


class BusinessClock(Protocol):
    """What tells the business time."""

    def now(self) -> datetime:
        """Give the business time: aware, in UTC."""
        ...


class Inside(Protocol):
    """The program as a door sees it."""

    @property
    def store(self) -> Store:
        """The open database."""
        ...

    @property
    def house(self) -> House:
        """Texts, channels, hours."""
        ...

    @property
    def clock(self) -> BusinessClock:
        """Business time."""
        ...

    @property
    def version(self) -> int:
        """A number that rises when something that a page shows has changed in this process."""
        ...

    @property
    def stopping(self) -> bool:
        """Whether the program is on its way down: then what waits for news should end."""
        ...

    def lease_now(self) -> datetime:
        """Give the time that heartbeats are written in: aware, in UTC, never moved."""
        ...

    async def receive(self, message: Inbound) -> Report:
        """Take a turn; StoreUnavailable when the message could not be kept."""
        ...

    async def raise_alarms(self) -> None:
        """Let the alarms that are due go to work devices now; StoreUnavailable when they have to wait for the tick."""
        ...

    def changed(self) -> None:
        """A page wrote something: let what is due go out, and tell the pages. Call it on the event loop."""
        ...

    async def changed_since(self, version: int, timeout: float) -> int:  # noqa: ASYNC109 - a long wait is what it is for
        """Wait, at most `timeout` seconds, until `version` is passed; give the version then."""
        ...


# --- reading ----------------------------------------------------------------------------------------------------------


async def read_body(request: Request, most: int = MOST_BYTES) -> bytes:
    """Give the body; HTTPException 413 as soon as it is known to be longer than `most` bytes."""
    told = request.headers.get("content-length", "0")
    parts, size = [], int(told) if told.isdigit() and len(told) < 20 else 0
    if size <= most:
        size = 0
        async for part in request.stream():
            size += len(part)
            if size > most:
                break
            parts.append(part)
    if size > most:
        raise HTTPException(413, f"Det är för långt. Högst {most // 1_000_000} MB kan tas emot.")
    return b"".join(parts)


async def read_json(request: Request) -> dict[str, Any]:
    """Give a JSON object; HTTPException 413 or 422 with what is wrong when it is none."""
    raw = await read_body(request)
    try:
        data = json.loads(raw)
    except (ValueError, RecursionError):
        raise HTTPException(422, "Det är inte JSON.") from None
    if not isinstance(data, dict):
        raise HTTPException(422, "Det ska vara ett JSON-objekt.")
    return data


def text_of(data: Mapping[str, Any], name: str, *, longest: int | None = None, default: str | None = None) -> str:
    """Give a text out of a JSON object; HTTPException 422 when it is missing, no text, or too long."""
    value = data.get(name, default)
    if not isinstance(value, str):
        raise HTTPException(422, f"{name} ska vara en text.")
    if longest is not None and len(value) > longest:
        raise HTTPException(422, f"{name} är för långt: högst {longest} tecken.")
    return value


def json_answer(data: Mapping[str, Any], status: int = 200) -> Response:
    """Answer with JSON that is never kept by a browser. A half character pair is shown as a question mark."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    headers = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
    return Response(text.encode("utf-8", "replace"), status, headers, "application/json")


async def read_form(request: Request) -> dict[str, str]:
    """Give the fields of a plain form post (the last of a repeated one); bytes that are not UTF-8 are kept visibly."""
    return dict(await read_pairs(request))


async def read_pairs(request: Request, most: int = 20) -> list[tuple[str, str]]:
    """Give every field of a plain form post, at most `most`, repeated ones too. HTTPException 413, 415 or 422."""
    raw = await read_body(request)
    if not request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        raise HTTPException(415, "Formuläret kom på ett sätt som inte går att läsa.")
    try:
        return parse_qsl(raw.decode("ascii", "replace"), keep_blank_values=True, errors="replace", max_num_fields=most)
    except ValueError:
        raise HTTPException(422, "Formuläret har för många fält.") from None


def same_site(request: Request) -> None:
    """Refuse (403) a post that another site made a browser send."""
    site = request.headers.get("sec-fetch-site")
    if site is not None and site not in ("same-origin", "none"):
        raise HTTPException(403, "Det kom från en annan webbplats.")
    origin = request.headers.get("origin")
    if site is None and origin is not None and urlsplit(origin).netloc != request.headers.get("host"):
        raise HTTPException(403, "Det kom från en annan webbplats.")
