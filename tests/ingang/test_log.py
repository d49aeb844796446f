import io
import json
import logging
import sys
import threading
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from ingang import log

CANARIES = [
    "0701740605",
    "070-174 06 05",
    "+46 70 174 06 05",
    "0046701740605",
    "200301011234",
    "030101-1234",
    "20030101-1234",
    "bot123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw",
    "123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw",
    "AC0123456789abcdef0123456789abcdef",
    "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "c2VjcmV0LWtleS1vZi10aGUtaW5zdGFsbGF0aW9uMDE=",
    "jag vill inte leva",
    "Kim bor på Storgatan 27",
    "kim@exempel.se ring mig",
]


@pytest.fixture
def out() -> Iterator[io.StringIO]:
    """What the log writes; the test's own logging is put back afterwards."""
    top = logging.getLogger()
    handlers, level = top.handlers[:], top.level
    hooks = threading.excepthook, sys.unraisablehook
    quiet = {name: logging.getLogger(name).level for name in log.QUIET}
    stream = io.StringIO()
    log.configure("json", "debug", stream)
    yield stream
    logging.captureWarnings(capture=False)
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()
    top.handlers[:] = handlers
    top.setLevel(level)
    threading.excepthook, sys.unraisablehook = hooks
    for name, was in quiet.items():
        logging.getLogger(name).setLevel(was)


def lines(out: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.getvalue().splitlines()]


def test_a_line_is_an_event_and_its_keys(out: io.StringIO) -> None:
    structlog.get_logger("bot.conversation").info(
        "inbound.handled", channel="sms", conversation=812, flow="self_referral", turn=3, ms=14.25
    )
    (line,) = lines(out)
    assert line.pop("at").endswith("+00:00")
    assert line == {
        "level": "info",
        "logger": "bot.conversation",
        "event": "inbound.handled",
        "channel": "sms",
        "conversation": 812,
        "flow": "self_referral",
        "turn": 3,
        "ms": 14.25,
    }


def test_bound_keys_follow_every_line(out: io.StringIO) -> None:
    with structlog.contextvars.bound_contextvars(worker="one"):
        structlog.get_logger("scheduler").info("outbox.claimed", count=2)
    assert lines(out)[0]["worker"] == "one"


@pytest.mark.parametrize("canary", CANARIES)
def test_no_canary_gets_through_in_any_place(out: io.StringIO, canary: str) -> None:
    ours = structlog.get_logger("bot.conversation")
    ours.info(canary)
    ours.info("inbound.handled", text=canary, outcome=canary, why=[canary], route=f"/x/{canary}", **{canary: canary})
    logging.getLogger("storage.outbox").warning(canary)
    logging.getLogger("somelib").warning("sent %s to %s", canary, {"to": canary})
    logging.getLogger("somelib").warning("sent {to}", extra={"to": canary})
    logging.getLogger("uvicorn.error").error(OSError(canary))
    try:
        try:
            raise KeyError(canary)
        except KeyError as error:
            raise RuntimeError(canary) from error
    except RuntimeError:
        ours.exception("turn.failed")
        logging.getLogger("somelib").exception("it broke")
    assert len(lines(out)) == 8
    assert canary not in out.getvalue()
    assert not any(word in out.getvalue() for word in ("Kim", "leva", "0605", "exempel", "1234"))


def test_a_key_that_is_not_listed_is_counted_not_told(out: io.StringIO) -> None:
    structlog.get_logger("bot").info("inbound.handled", text="hej", name="kim", contact=4)
    (line,) = lines(out)
    assert (line["dropped"], line["contact"]) == (2, 4)
    assert "kim" not in out.getvalue()


def test_an_exception_is_its_class_and_place(out: io.StringIO) -> None:
    try:
        log.configure("json", "none of these", out)
    except ValueError:
        structlog.get_logger("ingang").exception("start.failed")
    (line,) = lines(out)
    assert line["error"] == "ValueError"
    assert line["error_at"].startswith("ingang.log:configure:")


def test_causes_are_told_by_class(out: io.StringIO) -> None:
    try:
        try:
            raise KeyError("0701740605")
        except KeyError as error:
            raise RuntimeError("0701740605") from error
    except RuntimeError:
        structlog.get_logger("ingang").exception("start.failed")
    assert lines(out)[0]["error_from"] == ["KeyError"]


def test_a_librarys_line_keeps_its_first_words(out: io.StringIO) -> None:
    logging.getLogger("uvicorn.error").info("Uvicorn running on %s://%s:%d (Press CTRL+C to quit)", "http", "h", 1)
    (line,) = lines(out)
    assert line["event"] == "Uvicorn running on _"
    assert line["source"].startswith("test_log:")


@pytest.mark.parametrize("name", ["httpx", "httpcore.http11", "telegram.ext", "twilio.http_client", "uvicorn.access"])
def test_talkative_libraries_are_heard_from_warnings_on(out: io.StringIO, name: str) -> None:
    logging.getLogger(name).info("GET /bot1:secret")
    assert lines(out) == []
    logging.getLogger(name).warning("slow")
    assert len(lines(out)) == 1


def test_uvicorns_own_handlers_are_taken_away(out: io.StringIO) -> None:
    logging.getLogger("uvicorn").addHandler(logging.StreamHandler())
    log.configure("json", "info", out)
    assert logging.getLogger("uvicorn").handlers == []


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (None, None),
        (True, True),
        (7, 7),
        (184467440737095516, 184467440737095516),  # an id
        (46701740605, "***"),
        (1.23456, 1.235),
        (timedelta(minutes=2), 120.0),
        (datetime(2026, 11, 25, 12, 30, tzinfo=UTC), "2026-11-25T12:30:00+00:00"),
        ("turn:812:3", "turn:812:3"),
        ("turn:184467440737095516:3", "turn:184467440737095516:3"),
        ("", ""),
        (["sms", "kim bor"], ["sms", "***"]),
        ({"a": 1}, "***"),
        (Decimal(1), "***"),
        (uuid.UUID(int=0), "***"),
        (b"hej", "***"),
    ],
)
def test_a_value_is_told_by_its_kind(out: io.StringIO, value: object, told: object) -> None:
    structlog.get_logger("bot").info("thing.done", outcome=value)
    assert lines(out)[0]["outcome"] == told


@given(st.text(min_size=1), st.text(), st.text())
def test_whatever_is_logged_a_sentence_never_gets_out(event: str, value: str, template: str) -> None:
    sentence = f"{value} hej 0701740605 {value}"
    told = [
        log._ours({"event": f"{event} {sentence}", "why": sentence, "outcome": [sentence]}),
        log._theirs(logging.makeLogRecord({"name": "lib", "msg": f"%s {template}", "args": (sentence,)})),
    ]
    assert "0701740605" not in json.dumps(told)


def test_a_thread_that_dies_tells_class_and_place(out: io.StringIO) -> None:
    def fail() -> None:
        raise KeyError("0701740605")

    thread = threading.Thread(target=fail)
    thread.start()
    thread.join()
    (line,) = lines(out)
    assert (line["event"], line["error"]) == ("thread.died", "KeyError")
    assert "0605" not in out.getvalue()


def test_console_lines_are_short_and_plain(out: io.StringIO) -> None:
    stream = io.StringIO()
    log.configure("console", "info", stream)
    structlog.get_logger("bot").info("inbound.handled", channel="sms", turn=3)
    structlog.get_logger("bot").debug("not.told")
    assert stream.getvalue()[9:] == "info    inbound.handled channel=sms turn=3\n"
