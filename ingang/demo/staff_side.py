"""What staff see in the demo: the inbox, the sign-ups, and one person's page."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bot.channels.base import BUTTON, TEXT
from ingang.demo import meetings_side, phones
from ingang.demo.words import KINDS, SOURCES, URGENT_UP_TO, in_words, label, moment, waited
from messages.page_words import page_words
from storage import contacts, participants, staff, timeline, units
from storage import inbox as inbox_items
from storage import referrals as sign_ups
from storage.contacts import Standing
from storage.db import Tx
from storage.participants import Participant
from storage.referrals import Referral
from storage.timeline import Line

NEW, HIDDEN, NOBODY = "Ny person", "Person med skyddade uppgifter", "Ingen person"


def name_of(tx: Tx, participant_id: int | None) -> str:
    """What staff call a person; one who has not signed up yet is new, one who is protected has no name in lists."""
    who = participants.find(tx, participant_id) if participant_id is not None else None
    if who is None:
        return NOBODY
    if who.protected:
        return HIDDEN
    name = participants.profile(tx, who.id).get("name")
    ways = [] if name else contacts.list_of(tx, who.id)
    return str(name) if name else ", ".join([NEW, *(phones.TITLES.get(way.channel, way.channel) for way in ways[:1])])


def inbox(tx: Tx, now: datetime) -> list[dict[str, Any]]:
    """What a human must look at, the most urgent on top."""
    return [_item(tx, item, now) for item in inbox_items.list_open(tx)]


def _item(tx: Tx, item: inbox_items.Item, now: datetime) -> dict[str, Any]:
    protected, at_once = item.kind == "protected", item.urgency == 0
    taken = staff.find_by_id(tx, item.taken_by) if item.taken_by else None
    return {
        "id": str(item.id),
        "kind": item.kind,
        "title": KINDS.get(item.kind, item.kind),
        "urgent": item.urgency <= URGENT_UP_TO,
        "person": str(item.participant_id) if item.participant_id else "",
        "name": name_of(tx, item.participant_id),
        "note": "" if protected else _note(item.note),
        "waited": waited(item.opened_at, now),
        "promise": "läs nu" if at_once else _promise(item.due_at, now),
        "late": not at_once and bool(item.due_at and item.due_at < now),
        "state": item.state,
        "taken": (f"{taken.first_name} tog det" if taken else "Någon tog det") if item.state == "taken" else "",
    }


def _note(note: str | None) -> str:
    """An item's note; a bare kind in brackets is said in words."""
    if note is None:
        return ""
    kinds = page_words().under("chat.kind")
    lines = [kinds.get(line[1:-1], line) if line.startswith("[") else line for line in note.split("\n")]
    return "\n".join(lines)


def _promise(due: datetime | None, now: datetime) -> str:
    if due is None:
        return ""
    return f"skulle ha fått svar {moment(due, now)}" if due < now else f"ska ha svar senast {moment(due, now)}"


def referrals(tx: Tx, now: datetime) -> list[dict[str, Any]]:
    """The sign-ups, newest first, answered ones too."""
    places = {unit.id: unit.municipality for unit in units.list_units(tx)}
    return [_referral(tx, each, places, now) for each in sign_ups.list_all(tx)[:30]]


def _referral(tx: Tx, each: Referral, places: Mapping[int, str], now: datetime) -> dict[str, Any]:
    answered = each.answered_at is not None
    return {
        "id": str(each.id),
        "person": str(each.participant_id),
        "name": name_of(tx, each.participant_id),
        "place": places.get(each.unit_id or 0, ""),
        "source": SOURCES.get(each.source, each.source),
        "channel": phones.TITLES.get(each.channel, each.channel),
        "at": moment(each.created_at, now),
        "complete": each.complete,
        "answered": answered,
        "promise": f"fick svar {moment(each.answered_at, now)}" if each.answered_at else _promise(each.promise_by, now),
        "late": not answered and bool(each.promise_by and each.promise_by < now),
    }


# --- one person -------------------------------------------------------------------------------------------------------


def person(tx: Tx, participant_id: int, now: datetime) -> dict[str, Any] | None:
    """A person's page: what they told, how things stand, and the talk. None when there is no such person."""
    who = participants.find(tx, participant_id)
    if who is None:
        return None
    ways = contacts.list_of(tx, participant_id)
    talk = [] if who.protected else timeline.of_participant(tx, participant_id, 120)
    return {
        "id": str(who.id),
        "name": name_of(tx, who.id),
        "facts": [] if who.protected else _facts(tx, who, ways),
        "flags": _flags(who, ways),
        "meetings": [] if who.protected else meetings_side.of_person(tx, who.id, now),
        "staff": list(staff.names(tx, who.unit_id).values()) if who.unit_id else [],
        "resting": who.resting_since is not None,
        "lines": _lines(talk, now),
        "items": [_item(tx, item, now) for item in inbox_items.list_for(tx, who.id) if item.state != "closed"],
    }


def _facts(tx: Tx, who: Participant, ways: list[Standing]) -> list[tuple[str, str]]:
    told, unit = participants.profile(tx, who.id), units.find_by_id(tx, who.unit_id) if who.unit_id else None
    sign_up = sign_ups.open_for(tx, who.id)
    details = (sign_up.details or {}) if sign_up else {}
    facts = [
        ("Född", str(told.get("birth_year") or "")),
        ("Kommun", unit.municipality if unit else ""),
        ("Vill ha hjälp med", _picked("help", details.get("help"))),
        ("Första träffen", _picked("meet", details.get("meet"))),
        ("Gör det lättare", str(details.get("easier") or "")),
        ("Kontakt", label("reach", details["reach"]) if details.get("reach") else ""),
        ("Telefon", str(told.get("phone") or "")),
        ("Skriver från", ", ".join(phones.TITLES.get(way.channel, way.channel) for way in ways)),
    ]
    return [(name, value) for name, value in facts if value]


def _picked(option_set: str, told: Any) -> str:
    if not isinstance(told, Mapping):
        return ""
    chosen = [label(option_set, str(key)) for key in told.get("chosen", ())]
    words = str(told.get("words") or "")
    return ", ".join([*chosen, *([f"”{words}”"] if words else [])])


def _flags(who: Participant, ways: list[Standing]) -> list[str]:
    flags = {
        "Har skrivit STOPP. Inget går ut.": any(way.opted_out_at for way in ways),
        "Boten vilar efter ett larm, tills en av er släpper den.": who.resting_since is not None,
        "Skyddade personuppgifter. Samtalet är dolt.": who.protected,
    }
    return [text for text, holds in flags.items() if holds]


def _lines(talk: list[Line], now: datetime) -> list[dict[str, Any]]:
    labels = {value: text for line in talk for text, value in line.buttons}
    return [
        {
            "id": str(line.id),
            "who": line.who,
            "text": _text(line, labels),
            "at": moment(line.at, now),
            "channel": phones.TITLES.get(line.channel, line.channel),
            "state": in_words(line.state, mine=line.who == "person"),
            "gone": line.who != "person" and line.state in ("cancelled", "expired", "failed", "undelivered"),
            "why": line.outcome or line.why or "",
        }
        for line in talk
    ]


def _text(line: Line, labels: Mapping[str, str]) -> str:
    if line.text is None:
        return "[raderat]"
    if line.kind == BUTTON:
        return f"Tryckte på ”{labels.get(line.text, 'en knapp')}”"
    if line.who == "person" and line.kind != TEXT:
        return f"[{page_words().under('chat.kind').get(line.kind, 'något annat än text')}]"
    return "Öppnade chatten" if line.who == "person" and line.text.startswith("/start") else line.text
