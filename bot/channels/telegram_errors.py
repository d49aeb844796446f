"""Why a request to Telegram came to nothing, told by its cause: what was certainly not sent, and what may have been.

    certainly not sent   no connection (refused, DNS, TLS, time-out, proxy), no free connection of our own,
                         429, a token that is not known, an answer that is not Telegram's own and says no
    never                Telegram says no to this person (blocked, gone) or to this message
    may have gone out    everything else: cut off, timed out, 5xx, or an answer that cannot be read

What is said of an error never holds Telegram's own words, but for a few plain ones: they may quote the message, and the
library's hold the address with the token in it.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

import httpx
from telegram.error import TelegramError
from telegram.request import HTTPXRequest

from bot.channels.base import SendError

NOT_BEGUN: Final = (
    httpx.ConnectError,  # refused, unknown name, TLS
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
    httpx.InvalidURL,
)
"""What httpx raises before a byte of the request has left."""

NOT_REACHED: Final[Mapping[str, str]] = {
    "blocked by the user": "Personen har blockerat boten i Telegram.",
    "user is deactivated": "Kontot i Telegram finns inte längre.",
    "input_user_deactivated": "Kontot i Telegram finns inte längre.",
    "can't initiate conversation": "Personen har inte öppnat chatten med boten.",
    "chat not found": "Chatten finns inte i Telegram.",
    "user not found": "Kontot finns inte i Telegram.",
    "peer_id_invalid": "Chatten finns inte i Telegram.",
}
"""What Telegram says in a 403 or a 400 when nothing reaches this person, and how staff are told. Gathered from the
issues of the libraries: the Bot API documents no list."""

_PLAIN: Final = re.compile(r"[A-Za-z_' ]{3,60}")
_FREE_CONNECTION: Final = 1.0  # seconds: one of ours comes free as soon as another request ends


class Conflict(Exception):
    """Another one asks for this bot's updates too, or a webhook gets them (`webhook`)."""

    def __init__(self, *, webhook: bool) -> None:
        super().__init__("webhook" if webhook else "another poller")
        self.webhook = webhook


class Answered(TelegramError):
    """The answer was no plain yes: its HTTP status, and what Telegram said when it was Telegram that answered."""

    __slots__ = ("said", "status")

    def __init__(self, status: int, said: Mapping[str, Any] | None) -> None:
        super().__init__(f"answered {status}")
        self.status, self.said = status, said

    @property
    def words(self) -> str:
        """Telegram's description, without its first words; "" when there is none."""
        said = str((self.said or {}).get("description", ""))
        return said.removeprefix("Bad Request: ").removeprefix("Forbidden: ")


class Wire(HTTPXRequest):
    """The library's own requests, which keep the status of an answer and read it before the library does.

    The library would log an answer that it cannot read, whole.
    """

    async def do_request(self, *args: Any, **kwargs: Any) -> tuple[int, bytes]:
        """See telegram.request.BaseRequest. Raises Answered for everything but a readable yes."""
        status, payload = await super().do_request(*args, **kwargs)
        said = _read(payload)
        if not (200 <= status < 300 and said is not None and said.get("ok") is True and "result" in said):
            raise Answered(status, said if said is not None and said.get("ok") is False else None)
        return status, payload


def _read(payload: bytes) -> dict[str, Any] | None:
    try:
        said = json.loads(payload)
    except (ValueError, RecursionError):
        return None
    return said if isinstance(said, dict) else None


@contextmanager
def told_as_send_error() -> Iterator[None]:
    """Let whatever the library raises come out as SendError or Conflict, without the words that it came with."""
    try:
        yield
    except Exception as error:  # noqa: BLE001 - the cause is told by the error that is raised instead
        if isinstance(error, Answered) and error.status == 409 and error.said is not None:
            raise Conflict(webhook="webhook" in error.words.casefold()) from None
        raise not_sent(error) from None  # its own words may hold the address with the token in it


def not_sent(error: Exception) -> SendError:
    """Say what an exception out of the library means."""
    if isinstance(error, Answered):
        return _said_no(error) if error.said is not None else _no_answer_of_telegrams(error.status)
    cause = error.__cause__ if isinstance(error, TelegramError) else error
    name = type(cause or error).__name__
    if isinstance(cause, httpx.PoolTimeout):
        why = "Alla anslutningar till Telegram var upptagna."
        return SendError("later", why, code=name, retry_after=_FREE_CONNECTION, whole_channel=True)
    if isinstance(cause, NOT_BEGUN):
        return SendError("later", "Telegram gick inte att nå.", code=name, whole_channel=True)
    return SendError("unknown", "Förbindelsen med Telegram bröts.", code=name)


def _no_answer_of_telegrams(status: int) -> SendError:
    """Something on the way answered, or Telegram in pieces. What says no did not hand the request on."""
    if 300 <= status < 500:
        return SendError("later", "Något på vägen till Telegram säger nej.", code=f"{status}", whole_channel=True)
    return SendError("unknown", "Svaret från Telegram gick inte att läsa.", code=f"{status}")


def _said_no(error: Answered) -> SendError:
    status, code = error.status, f"{error.status}"
    match status:
        case 429 | 420:
            seconds = _seconds(error.said)
            return SendError("later", "Telegram bad oss vänta.", code=code, retry_after=seconds, whole_channel=True)
        case 401 | 404:  # a token that was never right gets 404
            return SendError("later", "Telegram känner inte igen botens nyckel.", code=code, whole_channel=True)
        case _ if not 400 <= status < 500:
            return SendError("unknown", "Telegram hade ett fel.", code=code)
    words = error.words.casefold()
    for phrase, why in NOT_REACHED.items():
        if phrase in words:
            return SendError("never", why, code=code, mark="blocked")
    plain = f": {words}" if _PLAIN.fullmatch(words) else ""
    if status == 403:
        return SendError("never", f"Telegram släpper inte fram oss till personen{plain}.", code=code, mark="blocked")
    return SendError("never", f"Telegram tar inte emot meddelandet{plain}.", code=code)


def _seconds(said: Mapping[str, Any] | None) -> float | None:
    """How long Telegram asks us to wait, if it says so in a way that can be meant."""
    parameters = (said or {}).get("parameters")
    wanted = parameters.get("retry_after") if isinstance(parameters, dict) else None
    if isinstance(wanted, bool) or not isinstance(wanted, int | float) or not 0 < wanted < math.inf:
        return None
    return float(min(wanted, 86_400))
