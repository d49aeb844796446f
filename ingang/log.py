"""Logs: one line for each unit of work, and never what a person wrote, a name, a number or a token.

A line is an event's name and keys: `inbound.handled channel=sms conversation=812 flow=self_referral turn=3 ms=14`. What
may stand in it is listed here and all else is left out, since a filter that looks for secrets always misses one:

- an event is a constant such as `inbound.handled`; anything else becomes `event.unnamed`;
- a key must be in KEYS; how many were left out is told as `dropped`;
- a value is a number, a yes or no, a time, or one word of plain letters, digits and `_.:/#@+-`, and even then it is
  masked where it looks like a phone number, a personnummer, a token or a key;
- of an exception its class and its place in the code are told, never its words: they may quote a person, or an address
  with a token in it;
- of a library's line its first words as they stand in the library's code, without what it fills in, and their place.

Every process calls `configure` before its first line. Modules log with `structlog.get_logger(__name__)`; uvicorn is
started with `log_config=None`.
"""

from __future__ import annotations

import json
import logging
import re
import sys
import threading
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from traceback import walk_tb
from types import TracebackType
from typing import Any, Final, Literal, TextIO

import structlog
from structlog.typing import EventDict, WrappedLogger

Style = Literal["json", "console"]

KEYS: Final = frozenset(
    # what it is about, by internal id
    "activity alarm appointment contact conversation inbound inbox_item outbox participant staff unit".split()
    # what sort it is of
    + "action author channel command component flow format kind meaning method outcome purpose question reason".split()
    + "revision route rule source state status table template trouble version why".split()
    # how it went
    + "accepted attempt count days due error error_at error_from failed head held job lag late line lost marked".split()
    + "lets_down ms oldest position queued retry_in rows segments sent step turn waiting worker written".split()
)
"""The keys that a line may have. None of them ever carries what a person wrote."""

QUIET: Final = ("aiohttp", "apscheduler", "asyncio", "httpcore", "httpx", "telegram", "twilio", "uvicorn.access")
"""Libraries whose everyday lines hold addresses, numbers or tokens: only warnings and worse are taken from them."""

MASK: Final = "***"

_OURS = frozenset({"ingang", "staff", "scheduler", "bot", "flows", "messages", "storage", "rules"})
_EVENT = re.compile(r"[a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)+")
_WORD = re.compile(r"[A-Za-z0-9_.:/#@+-]{0,80}")
_FILLED_IN = re.compile(r"""["']?%(?:\(\w+\))?[-+ #0-9.]*[a-zA-Z]["']?|["']?\{\w*\}["']?""")
_FIRST_WORDS = re.compile(r"[A-Za-z0-9 ,._/-]{0,100}")
_SECRETS = re.compile(
    r"""
      bot\d+:[\w-]+                                          # Telegram's token, as in its addresses
    | (?<!\d)\d{6,12}:[\w-]{20,}                             # and by itself
    | (?:AC|SK|SM|MM|MG)[0-9a-fA-F]{32}                      # Twilio's accounts, keys and messages
    | (?<!\d)(?:\d{2})?\d{6}[-+ ]?\d{4}(?!\d)                # a personnummer
    | (?<!\d)\+?\d(?:[ ()./-]{0,2}\d){6,14}(?!\d)            # a phone number
    | (?<![\w+/=-])(?=[\w+/=-]*\d)(?=[\w+/=-]*[A-Za-z])[\w+/=-]{24,}   # a key: long, of letters and digits
    """,
    re.VERBOSE | re.ASCII,
)
_LIKE_A_PHONE_NUMBER = range(10**8, 10**15)  # counts are smaller and ids are larger


def configure(style: Style = "json", level: str = "info", stream: TextIO | None = None) -> None:
    """Send every line of the process, ours and the libraries', through the filter to `stream` (standard error).

    `level` is the least that is told of our own: debug, info, warning or error.
    """
    handler = logging.StreamHandler(stream if stream is not None else sys.stderr)
    handler.setFormatter(_Formatter(style))
    top = logging.getLogger()
    top.handlers[:] = [handler]
    top.setLevel(level.upper())
    for name in QUIET:
        logging.getLogger(name).setLevel(max(logging.WARNING, top.level))
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):  # they come with handlers of their own
        logging.getLogger(name).handlers.clear()
        logging.getLogger(name).propagate = True
    logging.captureWarnings(capture=True)
    threading.excepthook = _thread_died  # Python's own would print the exception's words
    sys.unraisablehook = _not_raised
    structlog.configure(
        processors=[structlog.contextvars.merge_contextvars, _hand_over],
        wrapper_class=structlog.make_filtering_bound_logger(top.level),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )


def mask(text: str) -> str:
    """Give `text` with anything like a phone number, a personnummer, a token or a key replaced by `***`."""
    return _SECRETS.sub(MASK, text)


def _hand_over(_logger: WrappedLogger, _method: str, event: EventDict) -> tuple[tuple[EventDict], dict[str, Any]]:
    """Give the keys to the standard library's logger, so that the one formatter below sees every line."""
    given = event.pop("exc_info", None)
    return (event,), {"exc_info": given} if given else {}


def _thread_died(what: threading.ExceptHookArgs) -> None:
    logging.getLogger("ingang").error("thread.died", exc_info=what.exc_value)


def _not_raised(what: sys.UnraisableHookArgs) -> None:
    logging.getLogger("ingang").error("error.not_raised", exc_info=what.exc_value)


class _Formatter(logging.Formatter):
    """Builds each line anew from what may be told."""

    def __init__(self, style: Style) -> None:
        super().__init__()
        self._render = _as_json if style == "json" else _as_text

    def format(self, record: logging.LogRecord) -> str:
        told: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
        }
        told |= _ours(record.msg) if isinstance(record.msg, Mapping) else _theirs(record)
        if record.exc_info and record.exc_info[1]:
            told |= exception_told(record.exc_info[1])
        return self._render(told)


def _ours(given: Mapping[str, Any]) -> dict[str, Any]:
    told: dict[str, Any] = {"event": _event(given.get("event"))}
    told |= {key: _value(value) for key, value in given.items() if key in KEYS}
    if dropped := sum(key not in KEYS and key != "event" for key in given):
        told["dropped"] = dropped
    return told


def _theirs(record: logging.LogRecord) -> dict[str, Any]:
    """A line that came by the standard library's logging: from a library, or from us in the wrong way."""
    if record.name.partition(".")[0] in _OURS:
        return {"event": _event(record.msg)}
    words = record.msg.partition("\n")[0] if isinstance(record.msg, str) else type(record.msg).__name__
    first = _FIRST_WORDS.match(_FILLED_IN.sub("_", words))
    return {"event": mask(first[0] if first else "").strip(), "source": f"{record.module}:{record.lineno}"}


def _event(given: object) -> str:
    return given if isinstance(given, str) and _EVENT.fullmatch(given) else "event.unnamed"


def _value(value: object) -> object:
    """Give what may be told of a value."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        return MASK if abs(value) in _LIKE_A_PHONE_NUMBER else int(value)
    if isinstance(value, float):
        return round(value, 3)
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, str):
        return mask(value) if _WORD.fullmatch(value) else MASK
    if isinstance(value, list | tuple | set | frozenset) and len(value) <= 20:
        return [_value(item) for item in value]
    return MASK


def exception_told(error: BaseException) -> dict[str, Any]:
    """Give what may be told of an exception: its class, its place in our code, the classes of what it came from."""
    told: dict[str, Any] = {"error": type(error).__name__, "error_at": _place(error.__traceback__)}
    if earlier := [type(cause).__name__ for cause in _causes(error)]:
        told["error_from"] = earlier
    return told


def _place(traceback: TracebackType | None) -> str:
    """The innermost place in our own code, or the innermost of all: module, function and line."""
    places = [
        (str(frame.f_globals.get("__name__", "?")), frame.f_code.co_name, line) for frame, line in walk_tb(traceback)
    ]
    ours = [place for place in places if place[0].partition(".")[0] in _OURS]
    module, function, line = (ours or places or [("?", "?", 0)])[-1]
    return f"{module}:{function}:{line}"


def _causes(error: BaseException) -> Iterator[BaseException]:
    seen = {id(error)}
    cause = error.__cause__ or error.__context__
    while cause is not None and id(cause) not in seen:
        yield cause
        seen.add(id(cause))
        cause = cause.__cause__ or cause.__context__


def _as_json(told: Mapping[str, Any]) -> str:
    return json.dumps(told, ensure_ascii=True)


def _as_text(told: Mapping[str, Any]) -> str:
    start = f"{told['at'][11:19]} {told['level']:<7} {told['event']}"
    rest = (
        f"{key}={json.dumps(value)}" for key, value in told.items() if key not in {"at", "level", "event", "logger"}
    )
    return " ".join([start, *rest]).replace('"', "")
