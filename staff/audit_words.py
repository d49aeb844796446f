"""The audit log in Swedish: who, did what, to what, and how it went."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, time
from importlib.resources import files
from typing import Final

from rules.calendar import is_working_day, to_local
from storage.audit_line import THE_BOT

ACTION: Final[Mapping[str, str]] = {
    code: said
    for code, _, said in (
        line.partition(" ")
        for line in (files("staff") / "audit_actions.txt").read_text(encoding="utf-8").splitlines()
        if line and not line.startswith("#")
    )
}
_OUTCOME: Final = {
    "ok": "",
    "ok named reader": "som namngiven läsare",
    "ok hidden": "utan att se vem det gäller",
    "refused: other unit": "nekad: annan enhet",
    "refused: protected": "nekad: skyddade uppgifter",
}
_OBJECT: Final = {
    "inbox": "ärende",
    "appointment": "möte",
    "referral": "anmälan",
    "unit": "enhet",
    "activity": "gruppaktivitet",
    "text": "text",
}
_WHOLE: Final = {"units": "alla enheter", "participants": "alla personer", "audit": "loggen", "database": "databasen"}
_ACTOR: Final = re.compile(r"(?:staff:(?P<staff>\d+))?(?: via )?(?:os:(?P<login>.+))?")
_EVENING: Final = time(20)
_MORNING: Final = time(6)


def staff_id(actor: str) -> int | None:
    """Give the staff member's id in "staff:17" and "staff:17 via os:anna"; None for others."""
    match = _ACTOR.fullmatch(actor)
    return int(match["staff"]) if match and match["staff"] else None


def actor_words(actor: str, names: Mapping[int, str]) -> str:
    """Give who it was: a first name, the bot, or an operator's login."""
    if actor == THE_BOT:
        return "Boten"
    match = _ACTOR.fullmatch(actor)
    if not match or not (match["staff"] or match["login"]):
        return actor
    login = f"drift ({match['login']})" if match["login"] else ""
    if not match["staff"]:
        return login.capitalize()
    name = names.get(int(match["staff"]), f"medarbetare {match['staff']}")
    return f"{name}, genom {login}" if login else name


def action_words(action: str) -> str:
    """Give what was done; an action without words stands as it is."""
    return ACTION.get(action, action)


def object_words(ref: str, names: Mapping[int, str], units: Mapping[int, str]) -> str:
    """Give what it was done to: a person's id as P812, a colleague's name, a unit, or the thing and its number."""
    kind, _, number = ref.partition(":")
    if kind == "participant":
        return f"P{number}"
    if kind == "staff" and number.isdecimal():
        return names.get(int(number), f"medarbetare {number}")
    if kind == "unit" and number.isdecimal():
        return units.get(int(number), f"enhet {number}")
    return f"{_OBJECT[kind]} {number}" if kind in _OBJECT else _WHOLE.get(ref, ref)


def outcome_words(outcome: str) -> str:
    """Give how it went, empty where it went as one would think."""
    known = _OUTCOME.get(outcome)
    if known is not None:
        return known
    told = re.sub(r"^ok (\d+)$", r"\1 rader", outcome) if outcome != "ok 1" else "1 rad"
    told = re.sub(r"unit:(\d+)", r"enhet \1", re.sub(r"participant:(\d+)", r"P\1", told))
    return re.sub(r"^ok ?", "", told)


def at_night(at: datetime) -> bool:
    """Tell whether it was on a day off, or before six or after eight on a working day, in Sweden."""
    local = to_local(at)
    return not is_working_day(local.date()) or not _MORNING <= local.time() < _EVENING
