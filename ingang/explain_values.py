"""How a time, a phone number and an SMS are read, as dictionaries for `ingang explain`: no settings, no database."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from typing import Any, Final
from zoneinfo import ZoneInfo

from flows.phone import read_phone
from flows.when import Unread, When, read_when
from messages.sms import fold, measure
from messages.words import load_words

HOME: Final = ZoneInfo("Europe/Stockholm")


@lru_cache(maxsize=4)
def _words(language: str) -> dict[str, Any]:
    return load_words(language)


def explain_when(text: str, now_local: datetime, language: str = "sv") -> dict[str, Any]:
    """How `text` is read as a time at `now_local` (Swedish local time when it has no zone).

    Out: {"text", "start", "end", "exact", "assumed", "why"} with ISO times and their offset, `start` and `end` None
    when no time is read; "daily" (two hours) for hours on each of several days, "not_on" for days among them
    that were refused, and "also" for other times named.
    """
    now = now_local.replace(tzinfo=HOME) if now_local.tzinfo is None else now_local.astimezone(HOME)
    read = read_when(text, now, _words(language))
    if isinstance(read, Unread):
        return {"text": text, "start": None, "end": None, "exact": False, "assumed": [], "why": read.why}
    said: dict[str, Any] = {"text": text, **_times(read), "why": read.why}
    if read.also:
        said["also"] = [_times(other) for other in read.also]
    return said


def _times(read: When) -> dict[str, Any]:
    times: dict[str, Any] = {
        "start": read.start.isoformat(timespec="minutes"),
        "end": read.end.isoformat(timespec="minutes"),
        "exact": read.exact,
        "assumed": list(read.assumed),
    }
    if read.not_on:
        times["not_on"] = [day.isoformat() for day in read.not_on]
    if read.daily is not None:
        times["daily"] = [clock.isoformat(timespec="minutes") for clock in read.daily]
    return times


def explain_phone(text: str) -> dict[str, Any]:
    """How `text` is read as a phone number: {"input", "e164" or None, "mobile"}."""
    phone = read_phone(text)
    return {"input": text, "e164": phone.e164, "mobile": phone.mobile}


def explain_sms(text: str) -> dict[str, Any]:
    """What `text` costs as it stands and as it would be sent: {"given": {...}, "sent": {...}}."""
    folded = fold(text)
    given, sent = measure(text), measure(folded)
    return {
        "given": {"encoding": given.encoding, "segments": given.segments},
        "sent": {"text": folded, "encoding": sent.encoding, "segments": sent.segments},
    }
