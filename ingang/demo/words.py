"""Plain Swedish for what the store calls by a short name, and times as they are said."""

from __future__ import annotations

import tomllib
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Final

import messages
from rules.calendar import swedish_clock, swedish_moment, to_local
from staff.labels import ITEM

STATES: Final = {
    "queued": "i kö",
    "sending": "skickas",
    "uncertain": "osäkert om det kom fram",
    "parked": "väntar på er",
    "accepted": "skickat",
    "sent": "skickat",
    "delivered": "framme",
    "undelivered": "kom inte fram",
    "failed": "gick inte att skicka",
    "expired": "för sent, skickades inte",
    "cancelled": "togs bort, skickades inte",
}
RECEIVED: Final = {
    "handled": "",
    "failed": "boten försöker igen",
    "waiting": "väntar på sin tur",
    "given_up": "boten gav upp, ligger i inkorgen",
}
MEANINGS: Final = {
    "yes": "ett ja",
    "no": "ett nej",
    "rebook": "en annan tid",
    "stop": "STOPP",
    "start": "BÖRJA",
    "help": "en fråga om oss",
    "human": "vill prata med en människa",
    "distress": "akut oro",
    "violence": "våld",
    "not_now": "inte nu",
    "hard": "kan betyda två saker, så boten frågar vilken",
    "button": "en knapp",
    "voice": "ljud, som boten inte lyssnar på",
}
KINDS: Final = {**ITEM, "referral": "Ny anmälan", "other": "Att göra"}
URGENT_UP_TO: Final = 1
"""Items of this urgency or more (0 is the most) are shown as urgent."""

FLOWS: Final = {
    "self_referral": "”anmälan”",
    "already_signed_up": "”redan anmäld”",
    "for_someone_else": "”för någon annan”",
    "hard_how": "”orkar inte: hur då?”",
    "walk_and_talk": "”promenad”",
    "session_feedback": "”frågor om en träff”",
    "what_changed": "”vad vi har gjort”",
    "appointment": "”om en tid”",
    "activity": "”om en grupp”",
}
SOURCES: Final = {
    "self": "anmälde sig själv",
    "relative": "någon nära tipsade",
    "partner": "en annan verksamhet",
    "staff": "vi",
}


def in_words(state: str, *, mine: bool = False) -> str:
    """Say the state of a message that goes out, or (`mine`) of one that came in."""
    return (RECEIVED if mine else STATES).get(state, state)


def rule(text: str) -> str:
    """Say a turn's own note with the talks' Swedish names."""
    for name, swedish in FLOWS.items():
        text = text.replace(name, swedish)
    return text


def moment(at: datetime, now: datetime | None) -> str:
    """Say a moment: "i dag kl. 10.15" seen from `now`, or in full without it."""
    return swedish_moment(at, None if now is None else to_local(now).date())


def clock_of(at: datetime) -> str:
    """Say a moment's clock: "16" or "13.30"."""
    return swedish_clock(to_local(at).time())


def waited(since: datetime, now: datetime) -> str:
    """Say for how long something has waited."""
    gone = now - since
    if gone < timedelta(minutes=1):
        return "kom nyss"
    if gone < timedelta(hours=1):
        return f"har väntat {gone // timedelta(minutes=1)} min"
    if gone < timedelta(days=1):
        return f"har väntat {gone // timedelta(hours=1)} tim"
    days = gone // timedelta(days=1)
    return f"har väntat {days} {'dag' if days == 1 else 'dagar'}"


@cache
def label(option_set: str, key: str) -> str:
    """What people read for an option; the key itself where there is no label."""
    path = Path(next(iter(messages.__path__))) / "sv" / "options.toml"
    options = tomllib.loads(path.read_text(encoding="utf-8"))
    return str(options.get(option_set, {}).get(key, {}).get("label", key))
